// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_THREAD_OPS
#define ENIGMA_THREAD_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// A query whose value Metal passes as a kernel parameter of this mnemonic.
class Enigma_ThreadQueryOp<string mnemonic, string what>
    : Enigma_Op<mnemonic, [Pure, Enigma_ThreadQueryOpInterface]> {
  let summary = what;
  let results = (outs I32:$result);
  string getMSLAttributeDecl =
    "static ::llvm::StringRef getMSLAttribute() { return \"" # mnemonic # "\"; }\n";
}

/// A query with three components.
class Enigma_PositionOp<string mnemonic, string what>
    : Enigma_ThreadQueryOp<mnemonic, what> {
  let description = "One component of " # what # [{, an unsigned number.

    Example:

    ```mlir
    %0 = enigma.}] # mnemonic # [{ x : i32
    ```
  }];
  let arguments = (ins Enigma_DimensionAttr:$dimension);
  let assemblyFormat = "$dimension attr-dict `:` type($result)";
  let extraClassDeclaration = getMSLAttributeDecl # [{
    ::std::optional<::enigma::Dimension> getQueriedDimension() {
      return getDimension();
    }
  }];
}

/// A query with a scalar value.
class Enigma_ThreadIndexOp<string mnemonic, string what>
    : Enigma_ThreadQueryOp<mnemonic, what> {
  let description = "Gives " # what # [{, an unsigned number.

    Example:

    ```mlir
    %0 = enigma.}] # mnemonic # [{ : i32
    ```
  }];
  let assemblyFormat = "attr-dict `:` type($result)";
  let extraClassDeclaration = getMSLAttributeDecl # [{
    ::std::optional<::enigma::Dimension> getQueriedDimension() { return {}; }
  }];
}

def Enigma_ThreadPositionInGridOp : Enigma_PositionOp<"thread_position_in_grid",
    "the position of the thread in the grid">;
def Enigma_ThreadPositionInThreadgroupOp : Enigma_PositionOp<"thread_position_in_threadgroup",
    "the position of the thread in its threadgroup">;
def Enigma_ThreadgroupPositionInGridOp : Enigma_PositionOp<"threadgroup_position_in_grid",
    "the position of the threadgroup in the grid">;
def Enigma_ThreadsPerThreadgroupOp : Enigma_PositionOp<"threads_per_threadgroup",
    "the extent of a threadgroup in threads">;
def Enigma_ThreadsPerGridOp : Enigma_PositionOp<"threads_per_grid",
    "the extent of the grid in threads">;
def Enigma_ThreadgroupsPerGridOp : Enigma_PositionOp<"threadgroups_per_grid",
    "the extent of the grid in threadgroups">;

def Enigma_ThreadIndexInThreadgroupOp : Enigma_ThreadIndexOp<"thread_index_in_threadgroup",
    "the linear index of the thread in its threadgroup">;
def Enigma_ThreadIndexInSimdgroupOp : Enigma_ThreadIndexOp<"thread_index_in_simdgroup",
    "the lane of the thread in its SIMD group">;
def Enigma_SimdgroupIndexInThreadgroupOp : Enigma_ThreadIndexOp<"simdgroup_index_in_threadgroup",
    "the index of the SIMD group in its threadgroup">;
def Enigma_ThreadsPerSimdgroupOp : Enigma_ThreadIndexOp<"threads_per_simdgroup",
    "the number of threads in a SIMD group">;
def Enigma_SimdgroupsPerThreadgroupOp : Enigma_ThreadIndexOp<"simdgroups_per_threadgroup",
    "the number of SIMD groups in a threadgroup">;
def Enigma_ThreadIndexInQuadgroupOp : Enigma_ThreadIndexOp<"thread_index_in_quadgroup",
    "the lane of the thread in its quad group">;
def Enigma_QuadgroupIndexInThreadgroupOp : Enigma_ThreadIndexOp<"quadgroup_index_in_threadgroup",
    "the index of the quad group in its threadgroup">;

#endif // ENIGMA_THREAD_OPS
