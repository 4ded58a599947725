// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CooperativeTensors.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace enigma;

StringRef enigma::msl::getTileElement(Type element) {
  if (element.isF16())
    return "half";
  if (element.isBF16())
    return "bfloat";
  if (element.isF32())
    return "float";
  return element.isInteger(8) ? "int8_t" : "int32_t";
}

/// What tells a product from others, as the end of a name.
static std::string getSignature(CooperativeTensorType type) {
  std::string name;
  llvm::raw_string_ostream os(name);
  os << type.getM() << "x" << type.getN() << "x" << type.getK() << "_"
     << msl::getTileElement(type.getLeft()) << "_"
     << msl::getTileElement(type.getRight()) << "_"
     << (type.getTransposeLeft() ? "t" : "n")
     << (type.getTransposeRight() ? "t" : "n");
  if (type.getRelaxedPrecision())
    os << "_relaxed";
  if (type.getSimdgroups() > 1)
    os << "_by" << type.getSimdgroups();
  return name;
}

std::string enigma::msl::getProductName(CooperativeTensorType type) {
  return "enigma_" + getSignature(type);
}

std::string enigma::msl::getCooperativeName(CooperativeTensorType type) {
  return getProductName(type) + "_" + getTileElement(type.getElement()).str();
}

void enigma::msl::printCooperativeIncludes(
    raw_ostream &os, ArrayRef<CooperativeTensorType> types) {
  if (!types.empty())
    os << "#include <metal_tensor>\n#include "
          "<MetalPerformancePrimitives/MetalPerformancePrimitives.h>\n";
}

// A product takes tiles that are no `const`, and variables of them.
static constexpr char kFunctions[] = R"(
// Tiles in memory whose rows are contiguous.
template <typename T> using enigma_tile = tensor<T, dextents<int32_t, 2>, tensor_inline>;
template <typename T, typename S>
enigma_tile<device T> enigma_tile_of(device const S* p, int columns, int rows, int stride) {
    return enigma_tile<device T>((device T*)p, dextents<int32_t, 2>(columns, rows),
                                 array<int32_t, 2>{1, stride});
}
template <typename T, typename S>
enigma_tile<threadgroup T> enigma_tile_of(threadgroup const S* p, int columns, int rows,
                                          int stride) {
    return enigma_tile<threadgroup T>((threadgroup T*)p, dextents<int32_t, 2>(columns, rows),
                                      array<int32_t, 2>{1, stride});
}

// Sums of products of tiles, which SIMD groups hold together.
template <typename Product, typename A, typename B, typename C>
void enigma_matmul2d(A a, B b, thread C& sums) {
    Product product;
    product.run(a, b, sums);
}
template <typename C, typename T> void enigma_load(thread C& sums, T tile) {
    sums.load(tile);
}
template <typename C, typename T> void enigma_store(thread C& sums, T tile) {
    sums.store(tile);
}
template <typename C, typename T> void enigma_fill(thread C& sums, T value) {
#pragma clang loop unroll(full)
    for (ushort i = 0; i < sums.get_capacity(); ++i) {
        if (sums.is_valid_element(i)) {
            sums[i] = value;
        }
    }
}
template <typename C> void enigma_copy(thread C& copy, thread C& sums) {
#pragma clang loop unroll(full)
    for (ushort i = 0; i < sums.get_capacity(); ++i) {
        if (sums.is_valid_element(i)) {
            copy[i] = sums[i];
        }
    }
}
)";

void enigma::msl::printCooperativeTypes(raw_ostream &os,
                                        ArrayRef<CooperativeTensorType> types) {
  if (types.empty())
    return;
  os << kFunctions;
  llvm::StringSet<> known;
  auto word = [](bool value) { return value ? "true" : "false"; };
  for (CooperativeTensorType type : types) {
    std::string product = getProductName(type);
    if (known.insert(product).second)
      os << "\nusing " << product
         << " =\n    mpp::tensor_ops::matmul2d<\n        "
            "mpp::tensor_ops::matmul2d_descriptor(\n            "
         << type.getM() << ", " << type.getN() << ", " << type.getK() << ", "
         << word(type.getTransposeLeft()) << ", "
         << word(type.getTransposeRight()) << ", "
         << word(type.getRelaxedPrecision())
         << ",\n            mpp::tensor_ops::matmul2d_descriptor::mode::"
            "multiply_accumulate),\n        execution_simdgroups<"
         << type.getSimdgroups() << ">>;\n";
    os << "using " << getCooperativeName(type) << " =\n    " << product
       << "::cooperative_tensor_destination_t<\n        enigma_tile<device "
       << getTileElement(type.getLeft()) << ">, enigma_tile<device "
       << getTileElement(type.getRight()) << ">, "
       << getTileElement(type.getElement()) << ", int>;\n";
  }
}
