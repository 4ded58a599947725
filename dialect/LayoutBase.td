// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LAYOUT_BASE
#define ENIGMA_LAYOUT_BASE

// What operations on values of the layout types have in common.

include "EnigmaInterfaces.td"
include "LayoutTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Enigma_AnyView : AnyTypeOf<[Enigma_ViewType, Enigma_CoordViewType]>;
def Enigma_LayoutLike
    : AnyTypeOf<[Enigma_LayoutType, Enigma_ViewType, Enigma_CoordViewType],
                "a layout or a tensor">;
def Enigma_TilerLike
    : AnyTypeOf<[Enigma_TilerType, Enigma_LayoutType, Enigma_IntTupleType],
                "a tiler, a layout, or a tuple of extents">;
/// An integer, whatever is known of it.
def Enigma_IntLike
    : AnyTypeOf<[Enigma_IntTupleType, Index], "an integer (a tuple of one leaf)">;

/// `index`, for the results of operations that have inference of their own.
def Enigma_InferredIndex : Type<CPred<"::llvm::isa<::mlir::IndexType>($_self)">,
                           "index", "::mlir::IndexType">;

/// A layout, a tensor, or a tuple.
def Enigma_LayoutOrTuple
    : AnyTypeOf<[Enigma_LayoutType, Enigma_ViewType, Enigma_CoordViewType,
                 Enigma_IntTupleType], "a layout, a tensor or a tuple">;

/// An operation on values of the layout types. Its result types follow from its
/// operands; a result that is known is folded to `enigma.static`, or to a
/// constant.
///
/// One in the algebra is an entry of the table of lib/Layout, of this name, with
/// these operands and attributes: `evaluate...` there computes it, for the
/// dialect and for Python alike. With a `python` text it is a function of Python,
/// too, whose signature is the first paragraph of the text, and whose docstring
/// is the rest: dialect/generate.py writes it. A first parameter of type `V` may
/// be a tensor.
///
/// Python builds those that view tensors, and what makes their operands. The
/// others it computes while a kernel is traced, by the table; as operations they
/// are for IR that is written by hand or by other compilers.
class Enigma_LayoutBaseOp<string mnemonic, bit isInTable, string foldDefinition>
    : Enigma_Op<mnemonic, [Pure, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<Enigma_LayoutOpInterface>]> {
  bit isInAlgebra = isInTable;
  string python = "";
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The results for these operands.
    static ::enigma::layout::Result<::enigma::LayoutValues>
    compute(Adaptor adaptor, ::llvm::ArrayRef<::enigma::LayoutValue> operands);
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *context, std::optional<::mlir::Location> location,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &inferred) {
      return inferAlgebraTypes<$cppClass>(context, location, adaptor, inferred);
    }
    ::enigma::layout::Result<::enigma::LayoutValues>
    $cppClass::evaluate(::llvm::ArrayRef<::enigma::LayoutValue> operands) {
      return compute(Adaptor(getOperation()->getOperands(), *this), operands);
    }
  }] # !if(isInTable, [{
    ::enigma::layout::Result<::enigma::LayoutValues> $cppClass::compute(
        Adaptor adaptor, ::llvm::ArrayRef<::enigma::LayoutValue> operands) {
      return computeByTable<$cppClass>(adaptor, operands);
    }
  }], "") # foldDefinition;
}

/// One with one result, of a layout type.
class Enigma_LayoutOp<string mnemonic, bit isInTable = 1>
    : Enigma_LayoutBaseOp<mnemonic, isInTable, [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return foldToStatic(getOperation());
    }
  }]> {
  let results = (outs AnyType:$result);
}

/// One whose result is a number.
class Enigma_MeasureOp<string mnemonic, bit isInTable = 1>
    : Enigma_LayoutBaseOp<mnemonic, isInTable, [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return foldToNumber(getOperation());
    }
  }]> {
  let results = (outs Enigma_InferredIndex:$result);
}

/// One with two results.
class Enigma_PairOp<string mnemonic> : Enigma_LayoutBaseOp<mnemonic, 1, [{
    ::llvm::LogicalResult $cppClass::fold(FoldAdaptor adaptor,
        ::llvm::SmallVectorImpl<::mlir::OpFoldResult> &results) {
      return foldAllToStatic(getOperation(), results);
    }
  }]>;

/// One whose result is a part of its first operand, which begins elsewhere.
class Enigma_PartOp<string mnemonic> : Enigma_LayoutOp<mnemonic> {
  bit isPart = 1;
}

#endif // ENIGMA_LAYOUT_BASE
