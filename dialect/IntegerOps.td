// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_INTEGER_OPS
#define ENIGMA_INTEGER_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Integer functions of the Metal standard library for which `math` and `arith`
// have no operation that agrees. `math.ctpop`, `math.ctlz` and `math.cttz` are
// Metal's popcount, clz and ctz (of zero, both give the number of bits).
//
// Values are signless. Where the sign matters an operation reads its operands as
// signed, or as unsigned with the keyword `unsigned`, as `scf.for` does.

/// A function of integers that Metal's standard library has under this mnemonic.
class Enigma_IntegerOp<string mnemonic, string what, list<Trait> traits = []>
    : Enigma_Op<mnemonic, [Pure, Enigma_MSLCallOpInterface] # traits> {
  let summary = what;
  string functionDecl =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mnemonic # "\"; }\n";
  string signDecl = [{
    ::std::optional<bool> getOperandIsSigned(unsigned) {
      return !getIsUnsigned();
    }
  }];
  string constraints = [{
    Constraints:
    1. Operands are integers of 8, 16, 32 or 64 bits, or vectors of one
       dimension of one.
    2. Operands and result have one type.

    Example:

    ```mlir}];
  let results = (outs Enigma_Integer:$result);
  let hasFolder = 1;
}

class Enigma_SignlessUnaryOp<string mnemonic, string what, string semantics>
    : Enigma_IntegerOp<mnemonic, what,
                       [SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let description = [{
    Elementwise: }] # semantics # [{.
}] # constraints # [{
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
      %0 = enigma.}] # mnemonic # [{ %x : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl;
}

class Enigma_SignlessBinaryOp<string mnemonic, string what, string semantics>
    : Enigma_IntegerOp<mnemonic, what,
                       [SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let description = [{
    Elementwise: }] # semantics # [{.
}] # constraints # [{
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32},
                           %y: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      %0 = enigma.}] # mnemonic # [{ %x, %y : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x, Enigma_Integer:$y);
  let assemblyFormat = "$x `,` $y attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl;
}

class Enigma_SignedBinaryOp<string mnemonic, string what, string semantics,
                            string resultDecl = "">
    : Enigma_IntegerOp<mnemonic, what,
                       [SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let description = [{
    Elementwise: }] # semantics # [{. Operands are signed, or `unsigned`.
}] # constraints # [{
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32},
                           %y: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      %0 = enigma.}] # mnemonic # [{ %x, %y : i32
      %1 = enigma.}] # mnemonic # [{ unsigned %x, %y : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x, Enigma_Integer:$y,
                       UnitAttr:$is_unsigned);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $x `,` $y attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # signDecl # resultDecl;
}

class Enigma_SignedTernaryOp<string mnemonic, string what, string semantics>
    : Enigma_IntegerOp<mnemonic, what,
                       [SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let description = [{
    Elementwise: }] # semantics # [{. Operands are signed, or `unsigned`.
}] # constraints # [{
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32},
                           %y: i32 {enigma.index = 1 : i32, enigma.dtype = ui32},
                           %z: i32 {enigma.index = 2 : i32, enigma.dtype = ui32}) {
      %0 = enigma.}] # mnemonic # [{ %x, %y, %z : i32
      %1 = enigma.}] # mnemonic # [{ unsigned %x, %y, %z : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x, Enigma_Integer:$y, Enigma_Integer:$z,
                       UnitAttr:$is_unsigned);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $x `,` $y `,` $z attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # signDecl;
}

def Enigma_ReverseBitsOp : Enigma_SignlessUnaryOp<"reverse_bits",
    "the bits of x in reverse order", "bit i of the result is bit w - 1 - i of x, "
    "where w is the width">;
def Enigma_RotateOp : Enigma_SignlessBinaryOp<"rotate", "x rotated left by y bits",
    "x rotated left by y modulo the width of x">;

def Enigma_AbsDiffOp : Enigma_SignedBinaryOp<"absdiff",
    "the distance between x and y", "|x - y|, an unsigned number that always fits",
    "::std::optional<bool> getResultIsSigned() { return false; }">;
def Enigma_AddSatOp : Enigma_SignedBinaryOp<"addsat", "a sum that saturates",
    "x + y, or the nearest number that fits">;
def Enigma_SubSatOp : Enigma_SignedBinaryOp<"subsat", "a difference that saturates",
    "x - y, or the nearest number that fits">;
def Enigma_MulHiOp : Enigma_SignedBinaryOp<"mulhi", "the high half of a product",
    "the upper w bits of the product of x and y in 2 w bits, where w is the width">;

def Enigma_MadHiOp : Enigma_SignedTernaryOp<"madhi",
    "the high half of a product, plus z", "mulhi(x, y) + z, which wraps">;
def Enigma_MadSatOp : Enigma_SignedTernaryOp<"madsat",
    "a product and sum that saturate", "x y + z, or the nearest number that fits">;

def Enigma_ExtractBitsOp : Enigma_IntegerOp<"extract_bits", "a field of x",
                                            [AllTypesMatch<["x", "result"]>]> {
  let description = [{
    The `count` bits of x from bit `offset` on, extended to the width of x by their
    highest bit, or by zeros if `unsigned`. No bits are zero. Undefined if the field
    does not lie in x. The field of each lane of a vector is the same.

    Constraints:
    1. x is an integer of 8, 16, 32 or 64 bits, or a vector of one dimension of
       one.
    2. `offset` and `count` are `i32`.
    3. x and result have one type.

    Example:

    ```mlir
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
      %c8 = arith.constant 8 : i32
      %0 = enigma.extract_bits unsigned %x, %c8, %c8 : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x, I32:$offset, I32:$count,
                       UnitAttr:$is_unsigned);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $x `,` $offset `,` $count attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # [{
    ::std::optional<bool> getOperandIsSigned(unsigned operand) {
      return operand == 0 && !getIsUnsigned();
    }
  }];
}

def Enigma_InsertBitsOp : Enigma_IntegerOp<"insert_bits", "x with another field",
                                           [AllTypesMatch<["x", "field", "result"]>]> {
  let description = [{
    x, with its `count` bits from bit `offset` on replaced by the lowest `count` bits
    of `field`. No bits leave x as it is. Undefined if the field does not lie in x.
    The place in each lane of a vector is the same.

    Constraints:
    1. x is an integer of 8, 16, 32 or 64 bits, or a vector of one dimension of
       one.
    2. `offset` and `count` are `i32`.
    3. x, `field` and result have one type.

    Example:

    ```mlir
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32},
                           %y: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      %c8 = arith.constant 8 : i32
      %0 = enigma.insert_bits %x, %y, %c8, %c8 : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Integer:$x, Enigma_Integer:$field, I32:$offset,
                       I32:$count);
  let assemblyFormat = "$x `,` $field `,` $offset `,` $count attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # [{
    ::std::optional<bool> getOperandIsSigned(unsigned operand) {
      if (operand < 2)
        return ::std::nullopt;
      return false;
    }
  }];
}

#endif // ENIGMA_INTEGER_OPS
