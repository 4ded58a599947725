// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/IR/KnownLaunch.h"

#include "enigma/IR/EnigmaOps.h"
#include "mlir/IR/Builders.h"

#include <algorithm>

using namespace mlir;
using namespace enigma;

static constexpr uint32_t kMax = std::numeric_limits<uint32_t>::max();
static constexpr uint32_t kQuadgroup = 4;

ConstantIntRanges QueryBounds::toConstantIntRanges() const {
  return ConstantIntRanges::fromUnsigned(APInt(32, min), APInt(32, max));
}

Attribute QueryBounds::toAttribute(MLIRContext *context) const {
  if (min != max)
    return {};
  return IntegerAttr::get(IntegerType::get(context, 32), APInt(32, min));
}

/// Extents that are sure to be valid: a fold may see a kernel before its
/// verifier does.
static std::optional<std::array<int64_t, 3>>
toExtents(std::optional<ArrayRef<int64_t>> extents, int64_t limit) {
  if (!extents || extents->size() != 3 ||
      llvm::any_of(*extents, [limit](int64_t extent) {
        return extent <= 0 || extent > limit;
      }))
    return std::nullopt;
  return std::array<int64_t, 3>{(*extents)[0], (*extents)[1], (*extents)[2]};
}

KnownLaunch::KnownLaunch(Operation *op)
    : limits(TargetAttr::lookup(op).getLimits()) {
  auto kernel = op->getParentOfType<KernelOp>();
  // A kernel whose threads own several elements is launched with fewer threads
  // than its extents say.
  if (!kernel || kernel.getElementsPerThread().value_or(1) != 1)
    return;
  grid = toExtents(kernel.getGrid(), limits.threadgroups);
  block = toExtents(kernel.getBlock(), limits.threads);
  gridLimit = toExtents(kernel.getGridLimit(), limits.threadgroups);
}

QueryBounds KnownLaunch::getGrid(Dimension dimension) const {
  unsigned i = static_cast<unsigned>(dimension);
  if (grid) {
    uint32_t extent = (*grid)[i];
    return {extent, extent};
  }
  // The positions of all threads fit 32 bits.
  int64_t limit =
      std::min<int64_t>(limits.threadgroups, block ? kMax / (*block)[i] : kMax);
  if (gridLimit)
    limit = std::min(limit, (*gridLimit)[i]);
  return {1, static_cast<uint32_t>(limit)};
}

QueryBounds KnownLaunch::getBlock(Dimension dimension) const {
  if (!block)
    return {1, getMaxThreads()};
  uint32_t extent = (*block)[static_cast<unsigned>(dimension)];
  return {extent, extent};
}

QueryBounds KnownLaunch::getThreads(Dimension dimension) const {
  QueryBounds groups = getGrid(dimension), threads = getBlock(dimension);
  uint64_t min = uint64_t(groups.min) * threads.min;
  uint64_t max = uint64_t(groups.max) * threads.max;
  // Positions are 32 bits wide; a grid that exceeds them has no known extent.
  if (min > kMax)
    return {1, kMax};
  return {static_cast<uint32_t>(min),
          static_cast<uint32_t>(std::min<uint64_t>(max, kMax))};
}

QueryBounds KnownLaunch::getBlockSize() const {
  if (!block)
    return {1, getMaxThreads()};
  // Each product is below 2^64, and one above the limit is no block.
  uint64_t plane = uint64_t((*block)[0]) * (*block)[1];
  uint64_t size = plane > getMaxThreads() ? plane : plane * (*block)[2];
  if (size > getMaxThreads())
    return {1, getMaxThreads()};
  return {static_cast<uint32_t>(size), static_cast<uint32_t>(size)};
}

QueryBounds KnownLaunch::getSimdgroupSize() const {
  return {1, static_cast<uint32_t>(limits.simdgroupThreads)};
}

QueryBounds KnownLaunch::getSimdgroups() const {
  return {1, getBlockSize().max};
}

QueryBounds KnownLaunch::getQuadgroupSize() const {
  return {kQuadgroup, kQuadgroup};
}

QueryBounds KnownLaunch::getQuadgroups() const {
  QueryBounds threads = getBlockSize();
  return {llvm::divideCeil(threads.min, kQuadgroup),
          llvm::divideCeil(threads.max, kQuadgroup)};
}
