// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_MATRIX_OPS
#define ENIGMA_MATRIX_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Matrices of 8 rows and 8 columns that the threads of a SIMD group hold
// together. Which of the elements a thread holds differs between GPUs.
// All threads of the SIMD group have to run an operation on them together.

class Enigma_MatrixOp<string name, list<Trait> traits = []>
    : Enigma_Op<"simdgroup_matrix_" # name, traits> {
  let mslVersion = "2.3";
  string example = [{

    Example:

    ```mlir
    enigma.kernel @example(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
                           %C: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant 0.0 : f32
}];
  string exampleEnd = [{
      enigma.return
    }
    ```
  }];
}

/// The part of a matrix in memory.
class Enigma_MatrixAccessOp<string name>
    : Enigma_MatrixOp<name, [MemoryEffects<[MemRead<Enigma_ConvergenceResource>]>]> {
  string accessSemantics = [{
    Element (r, c) of the matrix is that at `index + r * stride + c`, or with
    `transpose` at `index + c * stride + r`. All threads of the SIMD group give
    the same places.

    Constraints:
    1. The elements of the buffer have the type of those of the matrix.
    2. The buffer is in the address space `device` or `threadgroup`.}];
  let hasVerifier = 1;
}

def Enigma_SimdgroupMatrixLoadOp : Enigma_MatrixAccessOp<"load"> {
  let summary = "reads a matrix of a SIMD group from memory";
  let description = accessSemantics # example # [{
      %0 = enigma.simdgroup_matrix_load %A[%c0], %c64 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>
      %1 = enigma.simdgroup_matrix_load %A[%c0], %c64 transpose : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>}]
     # exampleEnd;
  let arguments = (ins Arg<Enigma_AnyBuffer, "", [MemRead]>:$buffer,
                       Index:$index, Index:$stride, UnitAttr:$transpose);
  let results = (outs Enigma_SimdgroupMatrixType:$result);
  let assemblyFormat = [{
    $buffer `[` $index `]` `,` $stride (`transpose` $transpose^)? attr-dict `:`
    qualified(type($buffer)) `->` qualified(type($result))
  }];
}

def Enigma_SimdgroupMatrixStoreOp : Enigma_MatrixAccessOp<"store"> {
  let summary = "writes a matrix of a SIMD group to memory";
  let description = accessSemantics # example # [{
      %0 = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
      enigma.simdgroup_matrix_store %0, %C[%c0], %c64 : !enigma.simdgroup_matrix<f32>, !enigma.buffer<f32, device>}]
     # exampleEnd;
  let arguments = (ins Enigma_SimdgroupMatrixType:$matrix,
                       Arg<Enigma_AnyBuffer, "", [MemWrite]>:$buffer,
                       Index:$index, Index:$stride, UnitAttr:$transpose);
  let assemblyFormat = [{
    $matrix `,` $buffer `[` $index `]` `,` $stride (`transpose` $transpose^)?
    attr-dict `:` qualified(type($matrix)) `,` qualified(type($buffer))
  }];
}

class Enigma_MatrixMakeOp<string name, string semantics>
    : Enigma_MatrixOp<name, [TypesMatchWith<
        "the value has the type of an element", "result", "value",
        "::llvm::cast<::enigma::SimdgroupMatrixType>($_self).getElementType()">]> {
  let description = semantics # [{

    Constraints:
    1. The value has the type of the elements.
}] # example # [{
      %0 = enigma.simdgroup_matrix_}] # name # [{ %zero : f32 -> !enigma.simdgroup_matrix<f32>}]
     # exampleEnd;
  let arguments = (ins Enigma_MatrixElement:$value);
  // Each is a matrix of its own, to be added to in place.
  let results = (outs Res<Enigma_SimdgroupMatrixType, "", [MemAlloc]>:$result);
  let assemblyFormat = "$value attr-dict `:` type($value) `->` qualified(type($result))";
}

def Enigma_SimdgroupMatrixFillOp : Enigma_MatrixMakeOp<"fill", [{
    Every element is the value.}]> {
  let summary = "a matrix of a SIMD group whose elements are one value";
}

def Enigma_SimdgroupMatrixDiagonalOp : Enigma_MatrixMakeOp<"diagonal", [{
    The elements on the diagonal are the value, and the others are 0.}]> {
  let summary = "a matrix of a SIMD group with one value on its diagonal";
}

def Enigma_SimdgroupMatrixMultiplyAccumulateOp
    : Enigma_MatrixOp<"multiply_accumulate",
        [MemoryEffects<[MemRead<Enigma_ConvergenceResource>]>,
         AllTypesMatch<["a", "b"]>, AllTypesMatch<["c", "result"]>]> {
  let summary = "a product of matrices of a SIMD group, added to one";
  let description = [{
    `a * b + c`, as matrices.

    Constraints:
    1. The elements of `a` and `b` have one type.
    2. Those of `c` and of the result have that type, too, or `f32`.
}] # example # [{
      %a = enigma.simdgroup_matrix_load %A[%c0], %c64 : !enigma.buffer<f16, device> -> !enigma.simdgroup_matrix<f16>
      %c = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
      %0 = enigma.simdgroup_matrix_multiply_accumulate %a, %a, %c : !enigma.simdgroup_matrix<f16>, !enigma.simdgroup_matrix<f32>}]
     # exampleEnd;
  let arguments = (ins Enigma_SimdgroupMatrixType:$a,
                       Enigma_SimdgroupMatrixType:$b,
                       Enigma_SimdgroupMatrixType:$c);
  let results = (outs Enigma_SimdgroupMatrixType:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $c attr-dict `:` qualified(type($a)) `,` qualified(type($c))
  }];
  let hasVerifier = 1;
}

def Enigma_SimdgroupMatrixElementsOp
    : Enigma_MatrixOp<"elements", [Pure, TypesMatchWith<
        "the result is two elements", "matrix", "result",
        "::enigma::getMatrixElementsType($_self)">]> {
  let summary = "the two elements of a matrix that a thread holds";
  let description = [{
    Which two they are differs between GPUs; it is the same for all matrices
    whose elements have one size.

    Constraints:
    1. The result is a vector of 2 of the type of an element.
}] # example # [{
      %c = enigma.simdgroup_matrix_fill %zero : f32 -> !enigma.simdgroup_matrix<f32>
      %0 = enigma.simdgroup_matrix_elements %c : !enigma.simdgroup_matrix<f32>}]
     # exampleEnd;
  let arguments = (ins Enigma_SimdgroupMatrixType:$matrix);
  let results = (outs Enigma_MatrixElements:$result);
  let assemblyFormat = "$matrix attr-dict `:` qualified(type($matrix))";
}

def Enigma_SimdgroupMatrixFromElementsOp
    : Enigma_MatrixOp<"from_elements", [Pure, TypesMatchWith<
        "the operand is two elements", "result", "elements",
        "::enigma::getMatrixElementsType($_self)">]> {
  let summary = "the matrix whose elements the threads hold";
  let description = [{
    The opposite of `enigma.simdgroup_matrix_elements`: each thread gives the two
    elements that it holds.

    Constraints:
    1. The operand is a vector of 2 of the type of an element.
}] # example # [{
      %pair = arith.constant dense<1.0> : vector<2xf32>
      %0 = enigma.simdgroup_matrix_from_elements %pair : !enigma.simdgroup_matrix<f32>}]
     # exampleEnd;
  let arguments = (ins Enigma_MatrixElements:$elements);
  let results = (outs Enigma_SimdgroupMatrixType:$result);
  let assemblyFormat = "$elements attr-dict `:` qualified(type($result))";
  let hasFolder = 1;
}

#endif // ENIGMA_MATRIX_OPS
