// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of a kernel's launch, and what it says of thread queries.

#ifndef ENIGMA_IR_KNOWNLAUNCH_H
#define ENIGMA_IR_KNOWNLAUNCH_H

#include "enigma/IR/EnigmaEnums.h"
#include "enigma/IR/Limits.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

namespace enigma {

/// The unsigned numbers from `min` to `max`, both included.
struct QueryBounds {
  uint32_t min = 0;
  uint32_t max = std::numeric_limits<uint32_t>::max();

  bool operator==(const QueryBounds &other) const {
    return min == other.min && max == other.max;
  }

  /// Of an extent: the bounds of an index into it.
  QueryBounds getIndices() const { return {0, max - 1}; }

  mlir::ConstantIntRanges toConstantIntRanges() const;
  /// The one value that there is, as an i32; null if there are more.
  mlir::Attribute toAttribute(mlir::MLIRContext *context) const;
};

/// Bounds of the extents of a launch. They are exact for a kernel that states
/// its `grid` and `block`; `grid_limit` and the target's limits bound others.
class KnownLaunch {
public:
  /// The launch of the kernel that `op` is in.
  explicit KnownLaunch(mlir::Operation *op);

  /// Threadgroups of the grid, along one dimension.
  QueryBounds getGrid(Dimension dimension) const;
  /// Threads of a threadgroup, along one dimension.
  QueryBounds getBlock(Dimension dimension) const;
  /// Threads of the grid, along one dimension.
  QueryBounds getThreads(Dimension dimension) const;
  /// Threads of a threadgroup.
  QueryBounds getBlockSize() const;
  /// Threads of a SIMD group. Metal leaves the width to the GPU.
  QueryBounds getSimdgroupSize() const;
  /// SIMD groups of a threadgroup.
  QueryBounds getSimdgroups() const;
  /// Threads of a quad group.
  QueryBounds getQuadgroupSize() const;
  /// Quad groups of a threadgroup.
  QueryBounds getQuadgroups() const;

private:
  using Extents = std::array<int64_t, 3>;

  uint32_t getMaxThreads() const {
    return static_cast<uint32_t>(limits.threads);
  }

  Limits limits;
  std::optional<Extents> grid, block, gridLimit;
};

} // namespace enigma

#endif // ENIGMA_IR_KNOWNLAUNCH_H
