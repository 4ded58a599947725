// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_INTEGER_OPS
#define ENIGMA_INTEGER_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Integer functions of the Metal standard library for which `math` and `arith`
// have no operation that agrees. `math.ctpop`, `math.ctlz` and `math.cttz` are
// Metal's popcount, clz and ctz (of zero, both give the number of bits).
//
// Values are signless. Where the sign matters an operation reads its operands as
// signed, or as unsigned with the keyword `unsigned`, as `scf.for` does.

/// A function of integers that Metal's standard library has under this mnemonic,
/// and Python under `name`.
class Enigma_IntegerOp<string mnemonic, string name, string gives,
                       list<Trait> traits = []>
    : Enigma_Op<mnemonic, [Pure, Enigma_MSLCallOpInterface] # traits>,
      Enigma_Function<name, "integer", mnemonic> {
  let what = gives;
  let summary = what;
  string functionDecl =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n";
  let results = (outs Enigma_Integer:$result);
  let hasFolder = 1;
}

/// One that acts on each lane alone. The semantics name the operands as `names`
/// does. If the sign of integers matters, they are signed, or `unsigned`.
class Enigma_LanewiseOp<string mnemonic, string name, list<string> names,
                        string gives, string semantics, bit isSignRead = 0>
    : Enigma_IntegerOp<mnemonic, name, gives,
                       [SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let details = "Elementwise: " # semantics # ".";
  string operands = !interleave(!foreach(operand, names, "%" # operand), ", ");
  let description = [{
    Elementwise: }] # semantics # "." #
    !if(isSignRead, " Operands are signed, or `unsigned`.", "") # [{

    Constraints:
    1. Operands are integers of 8, 16, 32 or 64 bits, or vectors of one
       dimension of one.
    2. Operands and result have one type.

    Example:

    ```mlir
    enigma.kernel @example(}] #
    !interleave(!foreach(i, !range(!size(names)),
                         "%" # names[i] # ": i32 {enigma.index = " #
                         !cast<string>(i) # " : i32, enigma.dtype = ui32}"),
                ",\n                           ") # [{) {
      %0 = enigma.}] # mnemonic # " " # operands # " : i32" #
    !if(isSignRead, "\n      %1 = enigma." # mnemonic # " unsigned " # operands #
                    " : i32", "") # [{
      enigma.return
    }
    ```
  }];
  let arguments = !con(!dag(ins, !foreach(operand, names, Enigma_Integer), names),
                       !if(isSignRead, (ins UnitAttr:$is_unsigned), (ins)));
  let assemblyFormat = !if(isSignRead, "(`unsigned` $is_unsigned^)? ", "") #
    !interleave(!foreach(operand, names, "$" # operand), " `,` ") #
    " attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # !if(isSignRead, [{
    ::std::optional<bool> getOperandIsSigned(unsigned) {
      return !getIsUnsigned();
    }
  }], "") # !if(!eq(resultDtype, "unsigned"), [{
    ::std::optional<bool> getResultIsSigned() { return false; }
  }], "");
}

def Enigma_ReverseBitsOp : Enigma_LanewiseOp<"reverse_bits", "reverse_bits", ["x"],
    "the bits of x in reverse order", "bit i of the result is bit w - 1 - i of x, "
    "where w is the width"> {
  let mslVersion = "2.1";
}
def Enigma_RotateOp : Enigma_LanewiseOp<"rotate", "rotate", ["x", "y"],
    "x rotated left by y bits", "x rotated left by y modulo the width of x"> {
  let following = ["y"];
}

def Enigma_AbsDiffOp : Enigma_LanewiseOp<"absdiff", "abs_diff", ["x", "y"],
    "the distance between x and y", "|x - y|, an unsigned number that always fits",
    1> {
  let resultDtype = "unsigned";
}
def Enigma_AddSatOp : Enigma_LanewiseOp<"addsat", "add_sat", ["x", "y"],
    "a sum that saturates", "x + y, or the nearest number that fits", 1>;
def Enigma_SubSatOp : Enigma_LanewiseOp<"subsat", "sub_sat", ["x", "y"],
    "a difference that saturates", "x - y, or the nearest number that fits", 1>;
def Enigma_HaddOp : Enigma_LanewiseOp<"hadd", "hadd", ["x", "y"],
    "half of a sum, rounded down", "(x + y) >> 1 of a sum that never overflows", 1>;
def Enigma_RhaddOp : Enigma_LanewiseOp<"rhadd", "rhadd", ["x", "y"],
    "half of a sum, rounded up", "(x + y + 1) >> 1 of a sum that never overflows", 1>;
def Enigma_MulHiOp : Enigma_LanewiseOp<"mulhi", "mul_hi", ["x", "y"],
    "the high half of a product",
    "the upper w bits of the product of x and y in 2 w bits, where w is the width", 1>;

def Enigma_MadHiOp : Enigma_LanewiseOp<"madhi", "mad_hi", ["x", "y", "z"],
    "the high half of a product, plus z", "mulhi(x, y) + z, which wraps", 1>;
def Enigma_MadSatOp : Enigma_LanewiseOp<"madsat", "mad_sat", ["x", "y", "z"],
    "a product and sum that saturate", "x y + z, or the nearest number that fits", 1>;

def Enigma_ExtractBitsOp : Enigma_IntegerOp<"extract_bits", "extract_bits",
    "a field of x", [AllTypesMatch<["x", "result"]>]> {
  let mslVersion = "1.2";
  let check = "check_field";
  let details = "The `count` bits of x from bit `offset` on, extended to the width "
    "of x by zeros, or by their highest bit if x is signed. No bits are zero.";
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

def Enigma_InsertBitsOp : Enigma_IntegerOp<"insert_bits", "insert_bits",
    "x with another field", [AllTypesMatch<["x", "field", "result"]>]> {
  let mslVersion = "1.2";
  let check = "check_field";
  let details = "x, with its `count` bits from bit `offset` on replaced by the lowest "
    "`count` bits of `field`. No bits leave x as it is.";
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
