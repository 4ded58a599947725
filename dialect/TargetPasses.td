// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that say what kernels are compiled for.

#ifndef ENIGMA_TARGET_PASSES
#define ENIGMA_TARGET_PASSES

include "PassBase.td"

def EnigmaAttachTarget : Enigma_Pass<"enigma-attach-target", "::mlir::ModuleOp"> {
  let summary = "State what the kernels of a module are compiled for";
  let description = [{
    Sets `enigma.target` of the module, in the place of one that it may have.
    Verifiers and passes behind this one ask it for the limits; a kernel that
    exceeds them is an error.

    Before:

    ```mlir
    module {
      enigma.kernel @nothing() attributes {block = array<i64: 512, 1, 1>} {
        enigma.return
      }
    }
    ```

    After (with `target={metal, threads = 512}`):

    ```mlir
    module attributes {enigma.target = #enigma.target<metal, threads = 512>} {
      enigma.kernel @nothing() attributes {block = array<i64: 512, 1, 1>} {
        enigma.return
      }
    }
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"metal\"",
           "The name of the target and limits in the place of its own, as "
           "`#enigma.target` has them: `{metal, threads = 512}`">
  ];
}

#endif // ENIGMA_TARGET_PASSES
