// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which elements of a view are elements of the tensor that it was made of.
//
// The last mode of a layout is unbounded, so tiles need not divide a tensor,
// and what a layout is composed with may reach beyond it. Then a view has
// coordinates outside of the tensor, at which there is no element.

#ifndef ENIGMA_LAYOUT_OVERHANG_H
#define ENIGMA_LAYOUT_OVERHANG_H

#include "enigma/Layout/Operations.h"

#include <functional>

namespace enigma::layout {

/// Whether coordinates of what an operation of the table makes may lie outside
/// of its first operand.
bool overhangs(const Operation &operation, llvm::ArrayRef<Value> operands);

/// Where an element stands in a tensor.
struct Place {
  IntTuple coordinate;
  /// Congruent to the coordinate, each integer of which is less than that of
  /// these if the tensor has the element.
  IntTuple bounds;
};

/// Where the elements of a view stand in a tensor, each by known steps away
/// from the first one.
struct Places {
  IntTuple first;
  /// As of a place.
  IntTuple bounds;
  /// Of each element, a step along each integer of the coordinate.
  llvm::SmallVector<int64_t> steps;
  /// Whether those that the tensor has are at different places in memory.
  bool areDistinct;
};

/// Whether the elements of a layout are certainly at different places.
bool isInjective(const Layout &layout);

/// How a view was made: by one operation after another.
class Provenance {
public:
  using Compute = std::function<Result<Values>(llvm::ArrayRef<Value>)>;

  /// That of a tensor which is no view of another one.
  explicit Provenance(Layout layout) : layout(std::move(layout)) {}
  /// That of the view of this layout which an operation of the table makes of
  /// `whole`, its first operand. `whole` outlives it. The view overhangs if it
  /// `mayOverhang` and is not found to be inside. `compute` gives what the
  /// operation makes of another first operand.
  Provenance(Provenance &whole, const Operation &operation,
             llvm::ArrayRef<Value> operands, Compute compute, Layout layout,
             bool mayOverhang = true);

  /// May elements lie outside of what the view was made of?
  bool overhangs() const { return !cut.empty(); }

  /// The places of the element at a coordinate in all that it may lie outside
  /// of.
  Result<llvm::SmallVector<Place, 1>> getPlaces(const IntTuple &coord);
  /// The places of all elements of a view, whose number is known; none where
  /// steps between them are not.
  std::optional<llvm::SmallVector<Places, 1>> getAllPlaces();
  /// Its place in what the last operation made the view of.
  Result<Place> getPlaceAbove(const IntTuple &coord) const;

private:
  /// The coordinates of the elements in a tensor.
  struct Coordinates {
    Value view;
    IntTuple bounds;
    Result<Place> at(const IntTuple &coord, const IntTuple &shape) const;
  };
  using Found = std::optional<Coordinates>;

  Result<Place> getPlace(const IntTuple &coord, const Provenance &whole);
  std::optional<Places> getAllPlaces(const Provenance &whole);
  const Found &find(const Provenance &whole, bool alongTiles);
  /// The coordinates that one layout has; null if none has them.
  const Coordinates *find(const Provenance &whole);
  Found compute(const Provenance &whole, bool alongTiles);
  /// What the last operation makes of coordinates.
  Result<Value> apply(const Value &coordinates) const;
  /// The coordinates of what the last operation cuts, along the modes of its
  /// tiler.
  Result<Coordinates> getCoordinatesAlongTiles() const;

  Layout layout;
  Provenance *whole = nullptr;
  const Operation *operation = nullptr;
  llvm::SmallVector<Value, 2> operands;
  Compute computeOperation;
  /// What is above, outside of which elements may lie.
  llvm::SmallVector<const Provenance *, 1> cut;
  std::map<std::pair<const Provenance *, bool>, Found> found;
};

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_OVERHANG_H
