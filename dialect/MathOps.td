// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_MATH_OPS
#define ENIGMA_MATH_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Float functions of the Metal standard library for which `math` and `arith`
// have no operation that agrees. Where one agrees (`math.sin`, `arith.maxnumf`,
// ...) it is used instead: its folds, and its conversions to other targets, come
// with it.

/// A function that Metal's standard library has under this mnemonic. The semantics
/// name the operands as `names` does.
class Enigma_MathOp<string mnemonic, list<string> names, string gives,
                    string semantics, Type resultType = Enigma_Float,
                    list<Trait> traits = [SameOperandsAndResultType]>
    : Enigma_Op<mnemonic, [Pure, Enigma_MSLCallOpInterface] # traits #
                          ElementwiseMappable.traits>,
      Enigma_Function<mnemonic, "math", mnemonic> {
  let what = gives;
  let details = "Elementwise: " # semantics # ".";
  let resultDtype = !if(!eq(resultType, Enigma_Float), "", "b1");
  let summary = what;
  let description = [{
    Elementwise: }] # semantics # [{.

    Constraints:
    1. Operands are `f16`, `bf16` or `f32`, or vectors of one dimension of one.
    2. }] # !if(!eq(resultType, Enigma_Float),
                "Operands and result have one type.",
                "The result is `i1`, with the shape of the operand.") # [{

    Example:

    ```mlir
    enigma.kernel @example(}] #
    !interleave(!foreach(i, !range(!size(names)),
                         "%" # names[i] # ": f32 {enigma.index = " #
                         !cast<string>(i) # " : i32}"),
                ",\n                           ") # [{) {
      %0 = enigma.}] # mnemonic # " " #
    !interleave(!foreach(name, names, "%" # name), ", ") # [{ : f32
      enigma.return
    }
    ```
  }];
  let arguments = !dag(ins, !foreach(name, names, Enigma_Float), names);
  let results = (outs resultType:$result);
  let assemblyFormat =
    !interleave(!foreach(name, names, "$" # name), " `,` ") # " attr-dict `:` type(" #
    !if(!eq(resultType, Enigma_Float), "$result", "$" # !head(names)) # ")";
  let extraClassDeclaration =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n";
  let hasFolder = 1;
}

let hasVariants = 1 in {
def Enigma_Exp10Op : Enigma_MathOp<"exp10", ["x"], "10 to the power of x", "10^x">;
def Enigma_SinPiOp : Enigma_MathOp<"sinpi", ["x"], "the sine of pi times x",
    "sin(pi x)">;
def Enigma_CosPiOp : Enigma_MathOp<"cospi", ["x"], "the cosine of pi times x",
    "cos(pi x)">;
def Enigma_TanPiOp : Enigma_MathOp<"tanpi", ["x"], "the tangent of pi times x",
    "tan(pi x)">;
def Enigma_SaturateOp : Enigma_MathOp<"saturate", ["x"], "x clamped to [0, 1]",
    "x > 0 ? min(x, 1) : 0, so 0 for NaN">;
}
def Enigma_SignOp : Enigma_MathOp<"sign", ["x"], "the sign of x",
    "1 for x > 0, -1 for x < 0, x itself for a zero, 0 for NaN">;
let hasVariants = 1 in {
def Enigma_FractOp : Enigma_MathOp<"fract", ["x"], "the fractional part of x",
    "x - floor(x), kept below 1 but for bf16, where it may round to 1; "
    "undefined for an infinity">;

def Enigma_PowROp : Enigma_MathOp<"powr", ["x", "y"],
    "x to the power of y, for x >= 0", "x^y; undefined for a negative x"> {
  let mslFunction = "precise::powr";
}
def Enigma_FdimOp : Enigma_MathOp<"fdim", ["x", "y"],
    "the positive difference of x and y", "x - y for x > y, else 0; NaN if either is NaN">;
}
def Enigma_StepOp : Enigma_MathOp<"step", ["edge", "x"],
    "0 below an edge, 1 from it", "0 if x < edge, else 1">;

def Enigma_MixOp : Enigma_MathOp<"mix", ["x", "y", "a"],
    "linear interpolation between x and y",
    "x + (y - x) * a; undefined unless 0 <= a <= 1">;
def Enigma_SmoothstepOp : Enigma_MathOp<"smoothstep", ["edge0", "edge1", "x"],
    "Hermite interpolation between two edges",
    "t * t * (3 - 2 t) for t = saturate((x - edge0) / (edge1 - edge0)); "
    "undefined unless edge0 < edge1, and for NaN">;

let mslVersion = "2.1", hasVariants = 1 in {
def Enigma_Fmax3Op : Enigma_MathOp<"fmax3", ["x", "y", "z"],
    "the largest of three floats", "fmax(x, fmax(y, z))">;
def Enigma_Fmin3Op : Enigma_MathOp<"fmin3", ["x", "y", "z"],
    "the smallest of three floats", "fmin(x, fmin(y, z))">;
def Enigma_Fmedian3Op : Enigma_MathOp<"fmedian3", ["x", "y", "z"],
    "the middle one of three floats",
    "the one that is neither the largest nor the smallest; undefined if one is NaN">;
}

def Enigma_SignbitOp : Enigma_MathOp<"signbit", ["x"],
    "whether the sign bit of x is set",
    "true for negative numbers, -0.0 and NaNs with a sign", Enigma_Bool,
    [TypesMatchWith<"result is i1, with the shape of the operand", "x", "result",
                    "::enigma::getI1Like($_self)">]>;

// Python's `%`: upstream has the truncating remainder only.
def Enigma_FloormodOp : Enigma_Op<"floormod",
    [Pure, SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let skipDefaultBuilders = 0;
  let summary = "the remainder of a floored division of signed numbers";
  let description = [{
    The remainder r = a - b * floor(a / b) of signed integers or floats, as
    Python's `%`: it has the sign of the divisor. Undefined for an integer b = 0;
    NaN for a float b = 0. Of the smallest integer and -1 it is 0. Floats of 16
    bits are computed in `f32` and rounded once, as NumPy does.

    Constraints:
    1. Operands are integers of 8, 16, 32 or 64 bits, `index`, `f16`, `bf16` or
       `f32`, or vectors of one dimension of one.
    2. Operands and result have one type.

    Example:

    ```mlir
    enigma.kernel @example(%a: i32 {enigma.index = 0 : i32, enigma.dtype = si32},
                           %b: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
      %0 = enigma.floormod %a, %b : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Number:$a, Enigma_Number:$b);
  let results = (outs Enigma_Number:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($result)";
  let hasFolder = 1;
}

// Python's `//` of floats: for integers there is `arith.floordivsi`.
def Enigma_FloordivOp : Enigma_Op<"floordiv",
    [Pure, SameOperandsAndResultType] # ElementwiseMappable.traits> {
  let summary = "the quotient of a floored division of floats";
  let description = [{
    The whole number q that belongs to `enigma.floormod`: a is close to b * q + r.
    It is what NumPy's `//` gives, (a - fmod(a, b)) / b made whole, and not the
    floor of a rounded quotient: 1.0 // 0.1 is 9. For b = 0 it is a / b, and a zero
    has the sign of a / b. Floats of 16 bits are computed in `f32` and rounded once.

    Constraints:
    1. Operands are `f16`, `bf16` or `f32`, or vectors of one dimension of one.
    2. Operands and result have one type.

    Example:

    ```mlir
    enigma.kernel @example(%a: f32 {enigma.index = 0 : i32},
                           %b: f32 {enigma.index = 1 : i32}) {
      %0 = enigma.floordiv %a, %b : f32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Float:$a, Enigma_Float:$b);
  let results = (outs Enigma_Float:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($result)";
  let hasFolder = 1;
}

// `math.fpowi` reads its exponent as signed.
def Enigma_PowiOp : Enigma_Op<"powi",
    [Pure, AllTypesMatch<["x", "result"]>, SameOperandsAndResultShape]
    # ElementwiseMappable.traits> {
  let summary = "x multiplied by itself n times";
  let description = [{
    The product of n factors x, and 1 for n = 0, by repeated squaring. The
    exponent is unsigned. Floats of 16 bits are multiplied in `f32` and rounded
    once.

    Constraints:
    1. x is `f16`, `bf16` or `f32`, or a vector of one dimension of one.
    2. n is an integer of 8, 16, 32 or 64 bits, or a vector of the shape of x of
       one.
    3. The result has the type of x.

    Example:

    ```mlir
    enigma.kernel @example(%x: f32 {enigma.index = 0 : i32},
                           %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      %0 = enigma.powi %x, %n : f32, i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Float:$x, Enigma_Integer:$n);
  let results = (outs Enigma_Float:$result);
  let assemblyFormat = "$x `,` $n attr-dict `:` type($x) `,` type($n)";
}

#endif // ENIGMA_MATH_OPS
