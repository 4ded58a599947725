// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LINEAR_ALGEBRA_OPS
#define ENIGMA_LINEAR_ALGEBRA_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Matrices of 2 to 4 columns and rows, each of one thread. What is done element
// by element is done to the columns.

/// What a function of Python that is about such matrices says; it is written in
/// enigma.language.linear_algebra.
class Enigma_MatrixFunction<string name, string spelling>
    : Enigma_Function<name, "matrix", spelling> {
  let writtenIn = "linear_algebra";
  list<string> parameters = [];
  list<string> dtypes = ["`f32` `f16`"];
}

class Enigma_LinearAlgebraOp<string mnemonic, list<Trait> traits = []>
    : Enigma_Op<mnemonic, [Pure] # traits> {
  string example = [{

    Example:

    ```mlir
    enigma.kernel @example(%x: f32 {enigma.index = 0 : i32}) {
      %i = arith.constant 1 : index
      %v = vector.broadcast %x : f32 to vector<3xf32>
      %m = enigma.matrix_from_columns %v, %v : !enigma.matrix<2x3xf32>
}];
  string exampleEnd = [{
      enigma.return
    }
    ```
  }];
}

def Enigma_MatrixFromColumnsOp : Enigma_LinearAlgebraOp<"matrix_from_columns",
    [TypesMatchWith<"the operands are the columns", "result", "columns",
        "::llvm::SmallVector<::mlir::Type>("
        "::llvm::cast<::enigma::MatrixType>($_self).getColumns(), "
        "::llvm::cast<::enigma::MatrixType>($_self).getColumnType())">]>,
    Enigma_MatrixFunction<"make_matrix", "floatCxR(columns)"> {
  let what = "the matrix of columns";
  let parameters = ["*columns", "dtype=None"];
  let resultDtype = "a matrix";
  let summary = what;
  let description = [{
    Its columns are the operands, in order.

    Constraints:
    1. There are as many operands as columns, each of the type of a column.
}] # example # exampleEnd;
  let arguments = (ins Variadic<Enigma_ColumnOfMatrix>:$columns);
  let results = (outs Enigma_MatrixType:$result);
  let assemblyFormat = "$columns attr-dict `:` qualified(type($result))";
  let hasFolder = 1;
}

def Enigma_MatrixColumnOp : Enigma_LinearAlgebraOp<"matrix_column",
    [TypesMatchWith<"the result is a column", "matrix", "result",
        "::llvm::cast<::enigma::MatrixType>($_self).getColumnType()">]> {
  let summary = "a column of a matrix";
  let description = [{
    Columns count from 0. There is no such column, and the result is undefined,
    where the subscript is no number of one.

    Constraints:
    1. The result is a vector of the elements of a column.
}] # example # [{
      %0 = enigma.matrix_column %m[%i] : !enigma.matrix<2x3xf32>}] # exampleEnd;
  let arguments = (ins Enigma_MatrixType:$matrix, Index:$index);
  let results = (outs Enigma_ColumnOfMatrix:$result);
  let assemblyFormat = "$matrix `[` $index `]` attr-dict `:` qualified(type($matrix))";
  let hasFolder = 1;
}

def Enigma_MatmulOp : Enigma_LinearAlgebraOp<"matmul",
    [DeclareOpInterfaceMethods<InferTypeOpInterface>]>,
    Enigma_MatrixFunction<"matmul", "*"> {
  let what = "the product of two matrices, or of a matrix and a vector";
  let resultDtype = "a matrix or a vector";
  let summary = what;
  let description = [{
    A vector to the right is a column, one to the left is a row.

    Constraints:
    1. An operand is a matrix, and the other one is a matrix or a vector of
       elements of its type.
    2. The left operand has as many columns as the right one has rows.
}] # example # [{
      %w = vector.broadcast %x : f32 to vector<2xf32>
      %n = enigma.matrix_from_columns %w, %w, %w, %w : !enigma.matrix<4x2xf32>
      // A matrix of 4 columns and 3 rows.
      %0 = enigma.matmul %m, %n : !enigma.matrix<2x3xf32>, !enigma.matrix<4x2xf32>
      // A vector of 3 elements, and one of 2.
      %1 = enigma.matmul %m, %w : !enigma.matrix<2x3xf32>, vector<2xf32>
      %2 = enigma.matmul %v, %m : vector<3xf32>, !enigma.matrix<2x3xf32>}]
     # exampleEnd;
  let arguments = (ins Enigma_MatrixOrVector:$a, Enigma_MatrixOrVector:$b);
  let results = (outs Enigma_MatrixOrVector:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` qualified(type($a)) `,` qualified(type($b))";
}

def Enigma_MatrixTransposeOp : Enigma_LinearAlgebraOp<"matrix_transpose",
    [Enigma_MSLCallOpInterface,
     TypesMatchWith<"the result has columns for rows", "matrix", "result",
        "::llvm::cast<::enigma::MatrixType>($_self).getTransposed()">]>,
    Enigma_MatrixFunction<"transpose", "transpose"> {
  let what = "the matrix whose columns are the rows of a matrix";
  let resultDtype = "a matrix";
  let summary = what;
  let description = [{
    The element of column `c` and row `r` is that of column `r` and row `c`.

    Constraints:
    1. The result has as many columns as the operand has rows, and as many rows
       as it has columns.
}] # example # [{
      // A matrix of 3 columns and 2 rows.
      %0 = enigma.matrix_transpose %m : !enigma.matrix<2x3xf32>}] # exampleEnd;
  let arguments = (ins Enigma_MatrixType:$matrix);
  let results = (outs Enigma_MatrixType:$result);
  let assemblyFormat = "$matrix attr-dict `:` qualified(type($matrix))";
  let extraClassDeclaration =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n";
  let hasFolder = 1;
}

def Enigma_MatrixDeterminantOp : Enigma_LinearAlgebraOp<"matrix_determinant",
    [Enigma_MSLCallOpInterface,
     TypesMatchWith<"the result is an element", "matrix", "result",
        "::llvm::cast<::enigma::MatrixType>($_self).getElementType()">]>,
    Enigma_MatrixFunction<"determinant", "determinant"> {
  let what = "the determinant of a square matrix";
  let resultDtype = "a scalar";
  let summary = what;
  let description = [{
    A scalar.

    Constraints:
    1. The matrix has as many rows as columns.
    2. The result has the type of an element.
}] # example # [{
      %w = vector.broadcast %x : f32 to vector<2xf32>
      %s = enigma.matrix_from_columns %w, %w : !enigma.matrix<2x2xf32>
      %0 = enigma.matrix_determinant %s : !enigma.matrix<2x2xf32>}] # exampleEnd;
  let arguments = (ins Enigma_SquareMatrixType:$matrix);
  let results = (outs Enigma_ElementOfMatrix:$result);
  let assemblyFormat = "$matrix attr-dict `:` qualified(type($matrix))";
  let extraClassDeclaration =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n";
}

#endif // ENIGMA_LINEAR_ALGEBRA_OPS
