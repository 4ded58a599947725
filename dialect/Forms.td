// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_FORMS
#define ENIGMA_FORMS

include "EnigmaOps.td"
include "mlir/Dialect/Arith/IR/ArithOps.td"
include "mlir/Dialect/Math/IR/MathOps.td"
include "mlir/Dialect/SCF/IR/SCFOps.td"
include "mlir/Dialect/Vector/IR/VectorOps.td"

// What a kernel may say that is no function of a record: rows of docs/features.md.
// The version of MSL is that of the operations.

/// What is written in Python, with a `|` between several; what it does; the dtypes;
/// what it is in MSL; and the operations.
class Enigma_Form<string inPython, string does, string types, string inMSL,
                  list<Op> ops> {
  string python = inPython;
  string what = does;
  string dtypes = types;
  string msl = inMSL;
  list<Op> operations = ops;
}

defvar AllTypes = "all";
defvar Floats = "`f32` `f16` `bf16`";
defvar Integers = "`i8` to `i64`, `u8` to `u64`";
defvar Numbers = !strconcat(Floats, ", ", Integers);

// Kernels.
def : Enigma_Form<"@enigma.kernel", "a compute kernel", AllTypes, "kernel void",
    [Enigma_KernelOp, Enigma_ReturnOp]>;
def : Enigma_Form<"enigma.function_constant(dtype, index)",
    "a value that is fixed when the pipeline state is created", AllTypes,
    "[[function_constant(i)]]", [Enigma_FunctionConstantOp]>;

// Operators.
def : Enigma_Form<"x + y | x - y | x * y", "arithmetic", Numbers, "+ - *",
    [Arith_AddFOp, Arith_AddIOp, Arith_SubFOp, Arith_SubIOp, Arith_MulFOp,
     Arith_MulIOp]>;
def : Enigma_Form<"x / y", "a quotient of floats", Floats, "/", [Arith_DivFOp]>;
def : Enigma_Form<"x // y | x % y | divmod(x, y)",
    "a quotient rounded down, and what remains", Numbers, "comparisons and / or fmod",
    [Enigma_FloordivOp, Enigma_FloormodOp, Arith_FloorDivSIOp, Arith_DivUIOp,
     Arith_RemUIOp]>;
def : Enigma_Form<"x ** y", "a power", Numbers, "products, a loop or precise::pow",
    [Math_PowFOp, Enigma_PowiOp]>;
def : Enigma_Form<"x & y | x \\| y | x ^ y | ~x", "operations on bits",
    !strconcat("`b1`, ", Integers),
    "& \\| ^ ~", [Arith_AndIOp, Arith_OrIOp, Arith_XOrIOp]>;
def : Enigma_Form<"x << y | x >> y", "shifts", Integers, "<< >>",
    [Arith_ShLIOp, Arith_ShRSIOp, Arith_ShRUIOp]>;
def : Enigma_Form<"x < y | x == y", "comparisons", AllTypes, "< <= > >= == !=",
    [Arith_CmpFOp, Arith_CmpIOp]>;
def : Enigma_Form<"a if c else b", "a choice", AllTypes, "?: or select",
    [SelectOp]>;
def : Enigma_Form<"x.to(dtype) | enigma.f32(x)", "a conversion", AllTypes, "T(x)",
    [Enigma_SignCastOp, Arith_ExtFOp, Arith_TruncFOp, Arith_ExtSIOp, Arith_ExtUIOp,
     Arith_TruncIOp, Arith_SIToFPOp, Arith_UIToFPOp, Arith_FPToSIOp,
     Arith_FPToUIOp]>;
def : Enigma_Form<"x.to(dtype, saturate=True)", "a conversion that saturates", AllTypes,
    "comparisons and T(x)", [SelectOp, Arith_MaxSIOp, Arith_MinSIOp]>;
def : Enigma_Form<"v.x | v.zyx | v[0]", "lanes of a vector", AllTypes, "v.x",
    [Vector_ExtractOp, Vector_ShuffleOp]>;

def : Enigma_Form<"m[c]", "a column of a matrix", "`f32` `f16`", "m[c]",
    [Enigma_MatrixColumnOp]>;

// Control flow.
def : Enigma_Form<"if | else | early return", "branches", AllTypes, "if else", [IfOp]>;
def : Enigma_Form<"for i in enigma.range(n)", "a loop that counts", Integers, "for",
    [ForOp]>;
def : Enigma_Form<"while | break | continue", "a loop", AllTypes, "while", [WhileOp]>;

// Memory.
def : Enigma_Form<"A[i] | A[i] = x", "elements of buffers and arrays", AllTypes, "A[i]",
    [Enigma_LoadOp, Enigma_StoreOp]>;
def : Enigma_Form<"A[i].zw = v", "lanes of an element that is a vector", Numbers,
    "((device float*)(A + i))[2] = x", [Enigma_StoreLaneOp]>;
def : Enigma_Form<"enigma.threadgroup_alloc(dtype, n) | enigma.register_tensor(shape, dtype)",
    "memory of a threadgroup, or of a thread", AllTypes, "threadgroup T a[n]",
    [Enigma_AllocOp]>;
def : Enigma_Form<"enigma.barrier(flags)", "waits for the threads of a threadgroup", "",
    "threadgroup_barrier", [Enigma_ThreadgroupBarrierOp]>;
def : Enigma_Form<"enigma.simd_barrier(flags)", "waits for the threads of a SIMD group", "",
    "simdgroup_barrier", [Enigma_SimdgroupBarrierOp]>;

// Tensors.
def : Enigma_Form<"enigma.make_tensor(memory, layout)", "memory through a layout", AllTypes,
    "index arithmetic", [Enigma_MakeTensorOp, Enigma_GetLayoutOp]>;
def : Enigma_Form<"enigma.recast_tensor(t, dtype)",
    "the same bytes as elements of another type", Numbers, "((device T*)A)[i]",
    [Enigma_RecastTensorOp, Enigma_RecastOp]>;
def : Enigma_Form<"t[i, j] | t[i, j] = x", "elements of tensors", AllTypes, "A[i]",
    [Enigma_LoadElementOp, Enigma_StoreElementOp, Enigma_ElementOffsetOp,
     Enigma_ElementCoordOp, Enigma_ElementExistsOp]>;
def : Enigma_Form<"t.load() | t.store(f)", "all elements of a tensor, as a fragment",
    AllTypes, "vector accesses where they fit",
    [Enigma_LoadFragmentOp, Enigma_StoreFragmentOp, Enigma_SplitAccessOp,
     Enigma_JoinAccessOp]>;
def : Enigma_Form<"enigma.copy(src, dst, ...)", "copies between memories", AllTypes,
    "vector accesses, loops and guards", [Enigma_CopyOp, Enigma_CopyElementsOp,
    Enigma_YieldOp]>;
def : Enigma_Form<"t.fill(x)", "one value in all elements", AllTypes, "A[i] = x",
    [Enigma_FillOp]>;
def : Enigma_Form<"enigma.in_bounds(coordinate, shape)", "whether a coordinate lies in a shape",
    "`b1`", "comparisons", [Enigma_InBoundsOp]>;

// Matrices of SIMD groups.
def : Enigma_Form<"enigma.simdgroup_matrix_load(buf, elements_per_row, ...)",
    "a matrix from memory", Floats, "simdgroup_load", [Enigma_SimdgroupMatrixLoadOp]>;
def : Enigma_Form<"enigma.simdgroup_matrix_store(matrix, buf, elements_per_row, ...)",
    "a matrix to memory", Floats, "simdgroup_store", [Enigma_SimdgroupMatrixStoreOp]>;
def : Enigma_Form<"enigma.make_filled_simdgroup_matrix(value)",
    "a matrix of one value, or with one on its diagonal", Floats,
    "make_filled_simdgroup_matrix",
    [Enigma_SimdgroupMatrixFillOp, Enigma_SimdgroupMatrixDiagonalOp]>;
def : Enigma_Form<"enigma.simdgroup_multiply_accumulate(a, b, c)",
    "a product of matrices, added to one", Floats, "simdgroup_multiply_accumulate",
    [Enigma_SimdgroupMatrixMultiplyAccumulateOp]>;
def : Enigma_Form<"matrix.map(function)", "the elements that a thread holds", Floats,
    "thread_elements()",
    [Enigma_SimdgroupMatrixElementsOp, Enigma_SimdgroupMatrixFromElementsOp]>;

// Products of tiles by Metal Performance Primitives.
def : Enigma_Form<"enigma.matmul2d_mma(shape, dtype, ...)",
    "a product of tiles, as an atom of enigma.make_tiled_mma",
    "factors `f32` `f16` `bf16` `i8`", "mpp::tensor_ops::matmul2d",
    [Enigma_Matmul2dOp, Enigma_CooperativeTensorMakeOp, Enigma_CooperativeTensorLoadOp,
     Enigma_CooperativeTensorStoreOp]>;
def : Enigma_Form<"sums.map(function)", "the elements of such sums that a thread holds",
    "`f32` `f16` `bf16` `i32`", "cooperative_tensor",
    [Enigma_CooperativeTensorCapacityOp, Enigma_CooperativeTensorHasElementOp,
     Enigma_CooperativeTensorExtractOp, Enigma_CooperativeTensorInsertOp]>;

// Messages, and text of Metal's own.
def : Enigma_Form<"enigma.print(*values)", "a message in the log of the device", AllTypes,
    "os_log_default.log_info", [Enigma_PrintOp]>;
def : Enigma_Form<"enigma.assert_(condition, message)",
    "a message in the log where a condition does not hold", "`b1`",
    "os_log_default.log_fault", [Enigma_AssertOp]>;
def : Enigma_Form<"enigma.inline_msl(text, result=dtype, ...)", "text of MSL, as it is",
    AllTypes, "the text", [Enigma_InlineMSLOp]>;

#endif // ENIGMA_FORMS
