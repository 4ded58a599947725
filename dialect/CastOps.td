// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_CAST_OPS
#define ENIGMA_CAST_OPS

include "EnigmaDialect.td"
include "mlir/Interfaces/InferIntRangeInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Enigma_SignCastOp : Enigma_Op<"sign_cast",
    [Pure, SameOperandsAndResultType,
     DeclareOpInterfaceMethods<InferIntRangeInterface, ["inferResultRanges"]>]
    # ElementwiseMappable.traits> {
  let summary = "states how an integer is read from here on";
  let description = [{
    The bits stay as they are: values are signless, and each operation says how it
    reads its operands. This one keeps what the author of the kernel wrote, so
    that the translation gives the variable that type (`int`, or `uint` with
    `unsigned`) and computes on it as such.

    Example:

    ```mlir
    enigma.kernel @example(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
      %tid = enigma.thread_position_in_grid x : i32
      %i = enigma.sign_cast %tid : i32
      %u = enigma.sign_cast unsigned %n : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins SignlessIntegerLike:$value, UnitAttr:$is_unsigned);
  let results = (outs SignlessIntegerLike:$result);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $value attr-dict `:` type($result)";
  let hasFolder = 1;
}

#endif // ENIGMA_CAST_OPS
