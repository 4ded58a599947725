// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_TYPES
#define ENIGMA_TYPES

include "EnigmaAttributes.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

/// A type of MSL that is there from a version on: what MSL calls it, and C++ that
/// asks a `type` without lanes or rows whether it becomes that.
class Enigma_VersionedType<string name, string version, string cpp> {
  string mslType = name;
  string mslVersion = version;
  string condition = cpp;
}
def Enigma_VersionOfBFloat
    : Enigma_VersionedType<"bfloat", "3.1", "type.isBF16()">;

class Enigma_Type<string name, string typeMnemonic>
    : TypeDef<Enigma_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Enigma_BufferType : Enigma_Type<"Buffer", "buffer"> {
  let summary = "a buffer (a linear array in one address space)";
  let description = [{
    Elements of one type, counted from zero. The element type is `f16`, `bf16`,
    `f32`, `i1` (a bool) or an integer of 8, 16, 32 or 64 bits whose signedness
    is stated (`si32`, `ui8`); or a vector of 2, 3 or 4 of these but bools, which
    is aligned as a whole (3 take the space of 4) unless it is `!enigma.packed`.
    The number of elements is written where it is known, as for threadgroup
    arrays.

    Constraints:
    1. The element type is one of those above.
    2. The size is a positive number.

    Example:

    ```mlir
    !enigma.buffer<f32, device>
    !enigma.buffer<256xui32, threadgroup>
    !enigma.buffer<vector<4xsi32>, device>
    !enigma.buffer<!enigma.packed<vector<3xf32>>, device>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$elementType,
    EnumParameter<Enigma_AddressSpace>:$addressSpace,
    DefaultValuedParameter<"int64_t", "::mlir::ShapedType::kDynamic">:$size);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<
        (ins "::mlir::Type":$elementType,
             "::enigma::AddressSpace":$addressSpace,
             CArg<"int64_t", "::mlir::ShapedType::kDynamic">:$size), [{
      return $_get(elementType.getContext(), elementType, addressSpace, size);
    }]>
  ];
  let extraClassDeclaration = [{
    bool hasStaticSize() const {
      return !::mlir::ShapedType::isDynamic(getSize());
    }
    /// The type that an element has as a value: signless.
    ::mlir::Type getValueType() const;
    /// Whether a buffer may hold elements of this type.
    static bool isValidElementType(::mlir::Type type);
    /// The signless type of values of the given element type.
    static ::mlir::Type getValueType(::mlir::Type elementType);
    /// The vector, of lanes with signedness, that an element is; null for a
    /// scalar.
    static ::mlir::VectorType getElementVector(::mlir::Type elementType);
    /// The type of an element, or of its lanes.
    static ::mlir::Type getScalarType(::mlir::Type elementType);
    /// The bytes from an element to the next one.
    static unsigned getElementBytes(::mlir::Type elementType);
    /// The bytes at whose multiples an element stands.
    static unsigned getElementAlignment(::mlir::Type elementType);
  }];
}

def Enigma_PackedType : Enigma_Type<"Packed", "packed"> {
  let summary = "a vector in memory that takes the space of its lanes";
  let description = [{
    An element of a buffer that is aligned like a lane; 3 lanes take no space for a
    fourth. As a value it is the vector.

    Constraints:
    1. The vector has 2, 3 or 4 lanes of an element type of a buffer that is no
       bool.

    Example:

    ```mlir
    !enigma.packed<vector<3xf32>>
    !enigma.packed<vector<2xui8>>
    ```
  }];
  let parameters = (ins "::mlir::VectorType":$vector);
  let assemblyFormat = "`<` $vector `>`";
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<(ins "::mlir::VectorType":$vector), [{
      return $_get(vector.getContext(), vector);
    }]>
  ];
}

def Enigma_SimdgroupMatrixType
    : Enigma_Type<"SimdgroupMatrix", "simdgroup_matrix"> {
  let summary = "a matrix that the threads of a SIMD group hold together";
  let description = [{
    8 rows of 8 elements; each of 32 threads holds two of them.

    Constraints:
    1. An element is `f16`, `bf16` or `f32`.

    Example:

    ```mlir
    !enigma.simdgroup_matrix<f32>
    ```
  }];
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<(ins "::mlir::Type":$elementType), [{
      return $_get(elementType.getContext(), elementType);
    }]>
  ];
}

def Enigma_MatrixType : Enigma_Type<"Matrix", "matrix"> {
  let summary = "a matrix of 2 to 4 columns and rows";
  let description = [{
    It is of one thread. The columns come first, as in Metal's `float2x3`, which
    has 2 columns of 3 elements.

    Constraints:
    1. There are 2 to 4 columns and 2 to 4 rows.
    2. An element is `f16` or `f32`.

    Example:

    ```mlir
    !enigma.matrix<2x3xf32>
    ```
  }];
  let parameters = (ins "int64_t":$columns, "int64_t":$rows,
                        "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<(ins "int64_t":$columns, "int64_t":$rows,
                                        "::mlir::Type":$elementType), [{
      return $_get(elementType.getContext(), columns, rows, elementType);
    }]>
  ];
  let extraClassDeclaration = [{
    /// The type of a column.
    ::mlir::VectorType getColumnType() const {
      return ::mlir::VectorType::get(getRows(), getElementType());
    }
    /// The type of a matrix with columns for rows.
    MatrixType getTransposed() const {
      return get(getRows(), getColumns(), getElementType());
    }
    bool isSquare() const { return getColumns() == getRows(); }
  }];
}

def Enigma_SquareMatrixType : Type<And<[Enigma_MatrixType.predicate,
    CPred<"::llvm::cast<::enigma::MatrixType>($_self).isSquare()">]>,
    "a matrix with as many rows as columns", "::enigma::MatrixType">;

/// The flat form of a buffer, in which signedness is kept beside the type.
def Enigma_FlatBufferType : Type<CPred<"::enigma::isFlatBuffer($_self)">,
    "a memref of one dimension, without strides, in an Enigma address space",
    "::mlir::MemRefType">;

/// Memory, in either form.
def Enigma_AnyBuffer : AnyTypeOf<[Enigma_BufferType, Enigma_FlatBufferType]>;

/// One of `scalars`, or a vector of 2, 3 or 4 of it, as Metal has them.
class Enigma_ScalarOrVectorOf<list<Type> scalars, string names>
    : Type<And<[
        Or<[Neg<CPred<"::llvm::isa<::mlir::ShapedType>($_self)">>,
            And<[IsFixedVectorOfRankPred<[1]>,
                 IsFixedVectorOfLengthPred<[2, 3, 4]>]>]>,
        SubstLeaves<"$_self", "::mlir::getElementTypeOrSelf($_self)",
                    Or<!foreach(scalar, scalars, scalar.predicate)>>]>,
      names # ", or a vector of 2, 3 or 4 of it">;

/// One of `scalars`, or a vector of one dimension of it. It may be a fragment,
/// which is split into vectors that Metal has before it is translated.
class Enigma_ScalarOrFragmentOf<list<Type> scalars, string names>
    : Type<And<[
        Or<[Neg<CPred<"::llvm::isa<::mlir::ShapedType>($_self)">>,
            IsFixedVectorOfRankPred<[1]>]>,
        SubstLeaves<"$_self", "::mlir::getElementTypeOrSelf($_self)",
                    Or<!foreach(scalar, scalars, scalar.predicate)>>]>,
      names # ", or a vector of one dimension of it">;

def Enigma_Float
    : Enigma_ScalarOrFragmentOf<[F16, BF16, F32], "f16, bf16 or f32">;
def Enigma_Bool : Enigma_ScalarOrFragmentOf<[I1], "i1">;
def Enigma_Integer : Enigma_ScalarOrFragmentOf<[I8, I16, I32, I64],
    "an integer of 8, 16, 32 or 64 bits">;
/// What has a floored remainder.
def Enigma_Number : Enigma_ScalarOrFragmentOf<
    [I8, I16, I32, I64, Index, F16, BF16, F32],
    "an integer of 8, 16, 32 or 64 bits, index, f16, bf16 or f32">;
/// What elements of a buffer are as a value; how many, the target says.
def Enigma_Value : Enigma_ScalarOrFragmentOf<
    [I1, I8, I16, I32, I64, F16, BF16, F32],
    "i1, an integer of 8, 16, 32 or 64 bits, f16, bf16 or f32">;

/// What geometry is about, of lanes and elements that Metal has; and one lane.
def Enigma_FloatScalar : AnyTypeOf<[F16, BF16, F32], "f16, bf16 or f32">;
def Enigma_FloatVector : FixedVectorOfLengthAndType<[2, 3, 4], [F16, BF16, F32]>;
def Enigma_FloatVector3 : FixedVectorOfLengthAndType<[3], [F16, BF16, F32]>;

/// What is packed into an `i32`, and what it is packed into.
foreach lanes = [2, 4] in {
def Enigma_SingleVector # lanes
    : FixedVectorOfLengthAndType<[lanes], [F32]>, BuildableType<
        "::mlir::VectorType::get({" # lanes # "}, $_builder.getF32Type())">;
def Enigma_HalfVector # lanes
    : FixedVectorOfLengthAndType<[lanes], [F16]>, BuildableType<
        "::mlir::VectorType::get({" # lanes # "}, $_builder.getF16Type())">;
}
def Enigma_Packed : TypeAlias<I32, "i32">;

/// What a matrix is multiplied with, and its elements.
def Enigma_MatrixOrVector : AnyTypeOf<[Enigma_MatrixType, Enigma_FloatVector],
    "a matrix, or a vector of 2, 3 or 4 floats">;
def Enigma_ElementOfMatrix : AnyTypeOf<[F16, F32], "f16 or f32">;
def Enigma_ColumnOfMatrix : FixedVectorOfLengthAndType<[2, 3, 4], [F16, F32]>;

/// An element of a matrix of a SIMD group, and those that a thread holds.
def Enigma_MatrixElement : AnyTypeOf<[F16, BF16, F32], "f16, bf16 or f32">;
def Enigma_MatrixElements
    : FixedVectorOfLengthAndType<[2], [F16, BF16, F32]>;

#endif // ENIGMA_TYPES
