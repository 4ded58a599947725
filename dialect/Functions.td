// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_FUNCTIONS
#define ENIGMA_FUNCTIONS

include "EnigmaOps.td"
include "Forms.td"
include "FunctionRecords.td"
include "mlir/Dialect/Arith/IR/ArithOps.td"
include "mlir/Dialect/Math/IR/MathOps.td"
include "mlir/Dialect/Vector/IR/VectorOps.td"

// Functions that are no operations of this dialect: what dialects upstream have
// agrees with them. Their folds, and their conversions to other targets, come
// with it.
//
// Under fast math Metal's functions of floats are formulas that are no numbers,
// infinite or without a right digit for some ordinary arguments, where these
// records spell the variant `precise::`. What MSL lacks is one of the functions
// `enigma_...` of lib/Target/MSL/Prelude.cpp. Both are for `float` alone, and
// 16-bit floats are converted.

/// What the translation calls for an operation upstream. `operandKind` is "float"
/// or "integer"; `reading` says how it reads integers: "Signed", "Unsigned" or
/// "Bits" if that makes no difference.
class Enigma_Spelling<Op op, string spelling, string kind, string sign = "Bits"> {
  Op operation = op;
  string mslFunction = spelling;
  string operandKind = kind;
  string reading = sign;
}

/// A function that operations upstream stand for: one, or one for signed and one
/// for unsigned integers.
class Enigma_UpstreamFunction<string name, string familyName, list<Op> ops,
                              dag operands, string gives, string more,
                              string spelling>
    : Enigma_Function<name, familyName, spelling> {
  list<Op> operations = ops;
  dag arguments = operands;
  let what = gives;
  let details = more;
}

class Enigma_FloatFunction<string name, Op op, list<string> names, string gives,
                           string more = "", string spelling = name>
    : Enigma_UpstreamFunction<name, "math", [op],
        !dag(ins, !foreach(operand, names, Enigma_Float), names), gives, more,
        spelling>;

class Enigma_Predicate<string name, Op op, string asks>
    : Enigma_FloatFunction<name, op, ["x"], asks> {
  let resultDtype = "b1";
}

class Enigma_IntegerFunction<string name, list<Op> ops, list<string> names,
                             string gives, string more = "",
                             string spelling = name>
    : Enigma_UpstreamFunction<name, "integer", ops,
        !dag(ins, !foreach(operand, names, Enigma_Integer), names), gives, more,
        spelling>;

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

let hasVariants = 1 in {
def : Enigma_FloatFunction<"sqrt", Math_SqrtOp, ["x"], "the square root">;
def : Enigma_FloatFunction<"rsqrt", Math_RsqrtOp, ["x"],
    "one over the square root">;
def : Enigma_FloatFunction<"ceil", Math_CeilOp, ["x"],
    "x rounded up to a whole number">;
def : Enigma_FloatFunction<"floor", Math_FloorOp, ["x"],
    "x rounded down to a whole number">;
def : Enigma_FloatFunction<"round", Math_RoundOp, ["x"],
    "x rounded to the nearest whole number, halves away from zero">;
def : Enigma_FloatFunction<"rint", Math_RoundEvenOp, ["x"],
    "x rounded to the nearest whole number, halves to even">;
def : Enigma_FloatFunction<"trunc", Math_TruncOp, ["x"],
    "x rounded towards zero to a whole number">;
def : Enigma_FloatFunction<"exp", Math_ExpOp, ["x"], "e to the power of x">;
def : Enigma_FloatFunction<"exp2", Math_Exp2Op, ["x"], "2 to the power of x">;
def : Enigma_FloatFunction<"log", Math_LogOp, ["x"], "the natural logarithm">;
def : Enigma_FloatFunction<"log2", Math_Log2Op, ["x"],
    "the logarithm to base 2">;
def : Enigma_FloatFunction<"log10", Math_Log10Op, ["x"],
    "the logarithm to base 10">;
def : Enigma_FloatFunction<"sin", Math_SinOp, ["x"], "the sine of x radians">;
def : Enigma_FloatFunction<"cos", Math_CosOp, ["x"], "the cosine of x radians">;
def : Enigma_FloatFunction<"tan", Math_TanOp, ["x"], "the tangent of x radians">;
def : Enigma_FloatFunction<"asin", Math_AsinOp, ["x"],
    "the angle in [-pi/2, pi/2] whose sine is x">;
def : Enigma_FloatFunction<"acos", Math_AcosOp, ["x"],
    "the angle in [0, pi] whose cosine is x">;
def : Enigma_FloatFunction<"atan", Math_AtanOp, ["x"],
    "the angle in (-pi/2, pi/2) whose tangent is x">;
def : Enigma_FloatFunction<"sinh", Math_SinhOp, ["x"], "the hyperbolic sine", "",
    "precise::sinh">;
def : Enigma_FloatFunction<"cosh", Math_CoshOp, ["x"], "the hyperbolic cosine",
    "", "precise::cosh">;
def : Enigma_FloatFunction<"tanh", Math_TanhOp, ["x"], "the hyperbolic tangent",
    "", "precise::tanh">;
def : Enigma_FloatFunction<"asinh", Math_AsinhOp, ["x"],
    "the inverse hyperbolic sine", "", "precise::asinh">;
def : Enigma_FloatFunction<"acosh", Math_AcoshOp, ["x"],
    "the inverse hyperbolic cosine", "", "precise::acosh">;
def : Enigma_FloatFunction<"atanh", Math_AtanhOp, ["x"],
    "the inverse hyperbolic tangent", "", "precise::atanh">;
}
def : Enigma_FloatFunction<"erf", Math_ErfOp, ["x"], "the error function", "",
    "enigma_erf">;
def : Enigma_FloatFunction<"erfc", Math_ErfcOp, ["x"],
    "one minus the error function", "", "enigma_erfc">;

let hasVariants = 1 in {
def : Enigma_FloatFunction<"fmin", Arith_MinNumFOp, ["x", "y"],
    "the smaller of two floats; the other one if one is NaN">;
def : Enigma_FloatFunction<"fmax", Arith_MaxNumFOp, ["x", "y"],
    "the larger of two floats; the other one if one is NaN">;
def : Enigma_FloatFunction<"fmod", Arith_RemFOp, ["x", "y"],
    "the remainder of a truncated division, which has the sign of x", "",
    "precise::fmod">;
def : Enigma_FloatFunction<"atan2", Math_Atan2Op, ["y", "x"],
    "the angle of the point (x, y), in [-pi, pi]", "", "precise::atan2">;
def : Enigma_FloatFunction<"clamp", Math_ClampFOp, ["x", "low", "high"],
    "x brought into [low, high]">;
}
def : Enigma_FloatFunction<"copysign", Math_CopySignOp, ["x", "y"],
    "the magnitude of x with the sign of y">;

def : Enigma_FloatFunction<"fma", Math_FmaOp, ["x", "y", "z"],
    "x * y + z, rounded once">;

def : Enigma_Predicate<"isnan", Math_IsNaNOp, "whether x is NaN">;
def : Enigma_Predicate<"isinf", Math_IsInfOp, "whether x is infinite">;
def : Enigma_Predicate<"isfinite", Math_IsFiniteOp,
    "whether x is neither infinite nor NaN">;
def : Enigma_Predicate<"isnormal", Math_IsNormalOp,
    "whether x is normal: no zero, subnormal, infinity or NaN">;

def : Enigma_FloatFunction<"pow", Math_PowFOp, ["x", "y"],
    "x to the power of y", "", "precise::pow"> {
  let hasVariants = 1;
  let writtenIn = "math";
}
def : Enigma_UpstreamFunction<"abs", "math", [],
    (ins Enigma_Number:$x), "the magnitude of a float or an integer", "", "abs"> {
  let writtenIn = "math";
}
def : Enigma_UpstreamFunction<"min", "math", [],
    (ins Enigma_Number:$x, Enigma_Number:$y), "the smaller of two numbers",
    "The other one if one is NaN.", "min"> {
  let writtenIn = "math";
}
def : Enigma_UpstreamFunction<"max", "math", [],
    (ins Enigma_Number:$x, Enigma_Number:$y), "the larger of two numbers",
    "The other one if one is NaN.", "max"> {
  let writtenIn = "math";
}
def : Enigma_UpstreamFunction<"where", "math", [],
    (ins AnyType:$false_value, AnyType:$true_value, I1:$condition),
    "one of two values, by a condition", "", "select"> {
  let writtenIn = "math";
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

def : Enigma_IntegerFunction<"imin", [Arith_MinSIOp, Arith_MinUIOp], ["x", "y"],
    "the smaller of two integers", "", "min">;
def : Enigma_IntegerFunction<"imax", [Arith_MaxSIOp, Arith_MaxUIOp], ["x", "y"],
    "the larger of two integers", "", "max">;
def : Enigma_IntegerFunction<"popcount", [Math_CtPopOp], ["x"],
    "the number of bits that are set">;
def : Enigma_IntegerFunction<"clz", [Math_CountLeadingZerosOp], ["x"],
    "the number of zero bits above the highest set bit", "The width, where x is 0.">;
def : Enigma_IntegerFunction<"ctz", [Math_CountTrailingZerosOp], ["x"],
    "the number of zero bits below the lowest set bit", "The width, where x is 0.">;

let writtenIn = "integer" in {
def : Enigma_IntegerFunction<"iclamp", [], ["x", "low", "high"],
    "an integer brought into [low, high]", "", "min">;
def : Enigma_IntegerFunction<"idiv", [], ["x", "y"],
    "the quotient, truncated towards zero", "", "/">;
def : Enigma_IntegerFunction<"abs_diff_unary", [], ["x"],
    "the magnitude of an integer, unsigned", "", "abs"> {
  let resultDtype = "unsigned";
}
}

/// A comparison that is also an operator; of one that `asUnsigned`, the bits of
/// integers are taken as unsigned numbers.
class Enigma_ComparisonFunction<string name, string operator, bit asUnsigned = 0>
    : Enigma_UpstreamFunction<"cmp_" # !if(asUnsigned, "u", "") # name, "comparison",
        !if(asUnsigned, [Arith_CmpIOp], [Arith_CmpFOp, Arith_CmpIOp]),
        !if(asUnsigned, (ins Enigma_Integer:$x, Enigma_Integer:$y),
                        (ins Enigma_Number:$x, Enigma_Number:$y)),
        "whether x " # operator # " y",
        !if(asUnsigned, "The bits of integers are taken as unsigned numbers.",
                        "Signedness is that of the dtype."), operator> {
  string comparison = name;
  bit isUnsigned = asUnsigned;
  let resultDtype = "b1";
}
def : Enigma_ComparisonFunction<"eq", "==">;
def : Enigma_ComparisonFunction<"ne", "!=">;
def : Enigma_ComparisonFunction<"lt", "<">;
def : Enigma_ComparisonFunction<"le", "<=">;
def : Enigma_ComparisonFunction<"gt", ">">;
def : Enigma_ComparisonFunction<"ge", ">=">;
def : Enigma_ComparisonFunction<"lt", "<", 1>;
def : Enigma_ComparisonFunction<"le", "<=", 1>;
def : Enigma_ComparisonFunction<"gt", ">", 1>;
def : Enigma_ComparisonFunction<"ge", ">=", 1>;

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

/// A function of one element of a buffer.
class Enigma_AtomicFunction<string name, Op op, list<string> names, string does,
                            string spelling>
    : Enigma_UpstreamFunction<name, "atomic", [op], (ins), does, "",
        "atomic_" # spelling # "_explicit"> {
  list<string> parameters = ["buf", "index"] # names # ["order=\"relaxed\""];
  list<string> dtypes = ["`i32` `u32` `f32`"];
}
let writtenIn = "atomics" in {
def : Enigma_AtomicFunction<"atomic_load", Enigma_AtomicLoadOp, [],
    "Read an element, each time anew", "load">;
def : Enigma_AtomicFunction<"atomic_store", Enigma_AtomicStoreOp, ["value"],
    "Write an element", "store"> {
  let resultDtype = "none";
}
def : Enigma_AtomicFunction<"atomic_compare_exchange_weak",
    Enigma_AtomicCompareExchangeOp, ["expected", "desired"],
    "Replace an element if it is what is expected", "compare_exchange_weak">;
}

/// One that changes an element, and gives what it was.
class Enigma_AtomicChange<string name, string kindName, string does>
    : Enigma_AtomicFunction<"atomic_" # name, Enigma_AtomicRMWOp, ["value"], does,
                            name> {
  string atomicKind = kindName;
}
def : Enigma_AtomicChange<"exchange", "exchange", "Replace an element">;
def : Enigma_AtomicChange<"fetch_add", "add", "Add to an element">;
def : Enigma_AtomicChange<"fetch_sub", "sub", "Subtract from an element">;
def : Enigma_AtomicChange<"fetch_min", "min", "Take the smaller number">;
def : Enigma_AtomicChange<"fetch_max", "max", "Take the larger number">;
let dtypes = ["`i32` `u32`"] in {
def : Enigma_AtomicChange<"fetch_and", "and", "Take the bits that both have">;
def : Enigma_AtomicChange<"fetch_or", "or", "Take the bits that one of both has">;
def : Enigma_AtomicChange<"fetch_xor", "xor", "Take the bits that differ">;
}

//===----------------------------------------------------------------------===//
// Conversions and vectors
//===----------------------------------------------------------------------===//

/// A function that has no operation of its own.
class Enigma_VectorFunction<string name, list<string> names, string does,
                            string spelling>
    : Enigma_UpstreamFunction<name, "vector", [], (ins), does, "", spelling> {
  list<string> parameters = names;
  list<string> dtypes = ["all"];
  let writtenIn = "casts";
}
def : Enigma_VectorFunction<"metal_cast", ["x", "dtype"], "Convert a value", "">;
def : Enigma_VectorFunction<"as_type", ["x", "dtype"],
    "Look at the bits of a value as another dtype of the same width", "as_type">;
def : Enigma_VectorFunction<"make_vec", ["*components", "dtype=None"],
    "Make a vector of 2, 3 or 4 lanes", "">;
foreach lanes = [2, 3, 4] in
  def : Enigma_VectorFunction<"make_float" # lanes, ["*components"],
      "Make a `f32` vector of " # lanes # " lanes", "float" # lanes>;
def : Enigma_VectorFunction<"vec_extract", ["vector", "lane"],
    "Give one lane of a vector", "">;
def : Enigma_VectorFunction<"vec_insert", ["vector", "lane", "value"],
    "Give a vector with another value in one lane", "">;

//===----------------------------------------------------------------------===//
// Matrices
//===----------------------------------------------------------------------===//

/// A function that makes a matrix of one shape, of columns or of elements.
class Enigma_MatrixMaker<string name, string of>
    : Enigma_UpstreamFunction<"make_" # name, "matrix", [Enigma_MatrixFromColumnsOp],
        (ins), "the matrix of columns, or of elements in their order", "", name> {
  list<string> parameters = ["*columns"];
  list<string> dtypes = ["`" # of # "`"];
  let resultDtype = "a matrix";
  let writtenIn = "linear_algebra";
}
foreach columns = [2, 3, 4] in
  foreach rows = [2, 3, 4] in {
    def : Enigma_MatrixMaker<"float" # columns # "x" # rows, "f32">;
    def : Enigma_MatrixMaker<"half" # columns # "x" # rows, "f16">;
  }

/// A function of matrices of 8 rows and 8 columns of a SIMD group.
class Enigma_SimdgroupMatrixFunction<string name, Op op, list<string> names,
                                     string gives, string spelling>
    : Enigma_UpstreamFunction<name, "simdgroup_matrix", [op], (ins), gives, "",
        spelling> {
  list<string> parameters = names;
  list<string> dtypes = ["`f32` `f16` `bf16`"];
  let mslVersion = "2.3";
  let resultDtype = "a matrix";
  let writtenIn = "matrices";
}
def : Enigma_SimdgroupMatrixFunction<"simdgroup_matrix_load",
    Enigma_SimdgroupMatrixLoadOp,
    ["buf", "elements_per_row=None", "elem=None", "rows=8", "cols=8", "offset=0",
     "origin=(0, 0)", "transpose=False"],
    "the matrix at a place in memory", "simdgroup_load">;
def : Enigma_SimdgroupMatrixFunction<"simdgroup_matrix_store",
    Enigma_SimdgroupMatrixStoreOp,
    ["matrix", "buf", "elements_per_row=None", "offset=0", "origin=(0, 0)",
     "transpose=False"],
    "Write a matrix to a place in memory", "simdgroup_store"> {
  let resultDtype = "none";
}
def : Enigma_SimdgroupMatrixFunction<"make_filled_simdgroup_matrix",
    Enigma_SimdgroupMatrixFillOp, ["value", "elem=\"float\"", "rows=8", "cols=8"],
    "the matrix whose elements are one value", "make_filled_simdgroup_matrix">;
def : Enigma_SimdgroupMatrixFunction<"make_diagonal_simdgroup_matrix",
    Enigma_SimdgroupMatrixDiagonalOp, ["value", "elem=\"float\"", "rows=8", "cols=8"],
    "the matrix with one value on its diagonal", "make_diagonal_simdgroup_matrix">;
def : Enigma_SimdgroupMatrixFunction<"simdgroup_multiply_accumulate",
    Enigma_SimdgroupMatrixMultiplyAccumulateOp, ["a", "b", "c"],
    "a @ b + c, where c may be `f32`", "simdgroup_multiply_accumulate">;
def : Enigma_SimdgroupMatrixFunction<"simdgroup_multiply",
    Enigma_SimdgroupMatrixMultiplyAccumulateOp, ["a", "b"],
    "a @ b", "simdgroup_multiply_accumulate">;

//===----------------------------------------------------------------------===//
// Packing of integers
//===----------------------------------------------------------------------===//

/// A function of shifts and masks, which MSL has no function for.
class Enigma_PackingFunction<string name, list<string> names, string gives,
                             list<string> which>
    : Enigma_UpstreamFunction<name, "packing", [], (ins), gives, "", ""> {
  list<string> parameters = names;
  list<string> dtypes = which;
  let writtenIn = "packing";
}
def : Enigma_PackingFunction<"pack_uint8x4", ["*components"],
    "four integers of 8 bits as the bits of a `u32`",
    ["`i8` to `i32`, `u8` to `u32`"]> {
  let resultDtype = "u32";
  let resultLanes = 1;
}
def : Enigma_PackingFunction<"unpack_uint8x4", ["x"],
    "the four integers of 8 bits of a `u32`", ["`u32`"]> {
  let resultDtype = "u8";
  let resultLanes = 4;
}
def : Enigma_PackingFunction<"pack_int4x2", ["low", "high"],
    "two integers of 4 bits as the bits of a `u8`",
    ["`i8` to `i32`, `u8` to `u32`"]> {
  let resultDtype = "u8";
  let resultLanes = 1;
}
def : Enigma_PackingFunction<"unpack_int4x2", ["x"],
    "the two integers of 4 bits, from -8 to 7, of a `u8`", ["`u8` `i8`"]> {
  let resultDtype = "i8";
  let resultLanes = 2;
}
def : Enigma_PackingFunction<"dequantize_int8",
    ["x", "scale", "zero_point=0"],
    "the number that a quantized integer stands for, (x - zero_point) * scale",
    ["`i8` `u8`, of a scale `f32` `f16` `bf16`"]> {
  let resultDtype = "the dtype of the scale";
}

//===----------------------------------------------------------------------===//
// Further operations
//===----------------------------------------------------------------------===//

def : Enigma_Spelling<Math_AbsFOp, "fabs", "float">;
def : Enigma_Spelling<Math_AbsIOp, "abs", "integer", "Signed">;
def : Enigma_Spelling<Vector_FMAOp, "fma", "float">;
def : Enigma_Spelling<Enigma_PowiOp, "enigma_powi", "float">;

#endif // ENIGMA_FUNCTIONS
