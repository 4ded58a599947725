// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_PASSES
#define ENIGMA_PASSES

include "mlir/Pass/PassBase.td"

def EnigmaInferAccess : Pass<"enigma-infer-access", "::enigma::KernelOp"> {
  let summary = "State which buffers a kernel reads and which it writes";
  let description = [{
    Sets `enigma.access` on every buffer argument from the operations that use
    it. The translation declares a buffer that is only read as `const`.

    Before:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read>, enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.access = #enigma.access<write>, enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_PASSES
