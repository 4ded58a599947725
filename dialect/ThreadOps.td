// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_THREAD_OPS
#define ENIGMA_THREAD_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferIntRangeInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// A query whose value Metal passes as a kernel parameter of this mnemonic.
/// `bounds` are the values that it can have, an expression of the `launch` (and
/// the dimension `d` of a position).
class Enigma_ThreadQueryOp<string mnemonic, string gives, string bounds>
    : Enigma_Op<mnemonic, [Pure, Enigma_ThreadQueryOpInterface,
        DeclareOpInterfaceMethods<InferIntRangeInterface, ["inferResultRanges"]>]>,
      Enigma_Function<mnemonic, "thread", mnemonic> {
  let what = gives;
  let summary = what;
  let results = (outs I32:$result);
  string getMSLAttributeDecl =
    "static ::llvm::StringRef getMSLAttribute() { return \"" # mnemonic # "\"; }\n";
  let hasFolder = 1;
  string getBoundsDef = "return " # bounds # [{;
    }
    void $cppClass::inferResultRanges(
        ::llvm::ArrayRef<::mlir::ConstantIntRanges>,
        ::mlir::SetIntRangeFn setResultRanges) {
      setResultRanges(getResult(), getBounds().toConstantIntRanges());
    }
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) {
      return getBounds().toAttribute(getContext());
    }
  }];
}

/// A query with three components.
class Enigma_PositionOp<string mnemonic, string gives, string bounds>
    : Enigma_ThreadQueryOp<mnemonic, gives, bounds> {
  let description = [{
    One component of }] # what # [{, an unsigned number. It folds
    where the `grid` and `block` of the kernel leave one value.

    Constraints:
    1. The dimension is `x`, `y` or `z`.
    2. The result is an `i32`.

    Example:

    ```mlir
    enigma.kernel @example() {
      %0 = enigma.}] # mnemonic # [{ x : i32
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_DimensionAttr:$dimension);
  let assemblyFormat = "custom<Dimension>($dimension) attr-dict `:` type($result)";
  let extraClassDeclaration = getMSLAttributeDecl # [{
    ::std::optional<::enigma::Dimension> getQueriedDimension() {
      return getDimension();
    }
    ::enigma::QueryBounds getBounds();
  }];
  let extraClassDefinition = [{
    ::enigma::QueryBounds $cppClass::getBounds() {
      ::enigma::KnownLaunch launch(*this);
      ::enigma::Dimension d = getDimension();
  }] # getBoundsDef;
}

/// A query with a scalar value.
class Enigma_ThreadIndexOp<string mnemonic, string gives, string bounds>
    : Enigma_ThreadQueryOp<mnemonic, gives, bounds> {
  let description = [{
    Gives }] # what # [{, an unsigned number. It folds where the
    `block` of the kernel leaves one value.

    Constraints:
    1. The result is an `i32`.

    Example:

    ```mlir
    enigma.kernel @example() {
      %0 = enigma.}] # mnemonic # [{ : i32
      enigma.return
    }
    ```
  }];
  let assemblyFormat = "attr-dict `:` type($result)";
  let extraClassDeclaration = getMSLAttributeDecl # [{
    ::std::optional<::enigma::Dimension> getQueriedDimension() { return {}; }
    ::enigma::QueryBounds getBounds();
  }];
  let extraClassDefinition = [{
    ::enigma::QueryBounds $cppClass::getBounds() {
      ::enigma::KnownLaunch launch(*this);
  }] # getBoundsDef;
}

def Enigma_ThreadPositionInGridOp : Enigma_PositionOp<"thread_position_in_grid",
    "the position of the thread in the grid",
    "launch.getThreads(d).getIndices()">;
def Enigma_ThreadPositionInThreadgroupOp : Enigma_PositionOp<"thread_position_in_threadgroup",
    "the position of the thread in its threadgroup",
    "launch.getBlock(d).getIndices()">;
def Enigma_ThreadgroupPositionInGridOp : Enigma_PositionOp<"threadgroup_position_in_grid",
    "the position of the threadgroup in the grid",
    "launch.getGrid(d).getIndices()">;
def Enigma_ThreadsPerThreadgroupOp : Enigma_PositionOp<"threads_per_threadgroup",
    "the extent of a threadgroup in threads",
    "launch.getBlock(d)">;
def Enigma_ThreadsPerGridOp : Enigma_PositionOp<"threads_per_grid",
    "the extent of the grid in threads",
    "launch.getThreads(d)">;
def Enigma_ThreadgroupsPerGridOp : Enigma_PositionOp<"threadgroups_per_grid",
    "the extent of the grid in threadgroups",
    "launch.getGrid(d)">;

def Enigma_ThreadIndexInThreadgroupOp : Enigma_ThreadIndexOp<"thread_index_in_threadgroup",
    "the linear index of the thread in its threadgroup",
    "launch.getBlockSize().getIndices()">;
let mslVersion = "2.0" in {
def Enigma_ThreadIndexInSimdgroupOp : Enigma_ThreadIndexOp<"thread_index_in_simdgroup",
    "the lane of the thread in its SIMD group",
    "launch.getSimdgroupSize().getIndices()">;
def Enigma_SimdgroupIndexInThreadgroupOp : Enigma_ThreadIndexOp<"simdgroup_index_in_threadgroup",
    "the index of the SIMD group in its threadgroup",
    "launch.getSimdgroups().getIndices()">;
def Enigma_ThreadsPerSimdgroupOp : Enigma_ThreadIndexOp<"threads_per_simdgroup",
    "the number of threads in a SIMD group",
    "launch.getSimdgroupSize()">;
def Enigma_SimdgroupsPerThreadgroupOp : Enigma_ThreadIndexOp<"simdgroups_per_threadgroup",
    "the number of SIMD groups in a threadgroup",
    "launch.getSimdgroups()">;
}
let mslVersion = "2.1" in {
def Enigma_ThreadIndexInQuadgroupOp : Enigma_ThreadIndexOp<"thread_index_in_quadgroup",
    "the lane of the thread in its quad group",
    "launch.getQuadgroupSize().getIndices()">;
def Enigma_QuadgroupIndexInThreadgroupOp : Enigma_ThreadIndexOp<"quadgroup_index_in_threadgroup",
    "the index of the quad group in its threadgroup",
    "launch.getQuadgroups().getIndices()">;
}

#endif // ENIGMA_THREAD_OPS
