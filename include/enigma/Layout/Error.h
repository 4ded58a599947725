// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Why an operation of the algebra has no result, and what to do about it.

#ifndef ENIGMA_LAYOUT_ERROR_H
#define ENIGMA_LAYOUT_ERROR_H

#include "llvm/ADT/Twine.h"

#include <string>

namespace enigma::layout {

/// What is wrong.
enum class ErrorKind : uint8_t {
  /// The text of a tuple, layout or tiler is malformed.
  Syntax,
  /// An operand is of a type that it cannot be.
  Operand,
  /// A tuple has no mode.
  Empty,
  /// Tuples are nested too deeply, or have too many leaves.
  Nesting,
  /// Shape and stride are not congruent.
  Congruence,
  /// An extent is not positive.
  Extent,
  /// A divisor is not positive.
  Divisor,
  /// `None` stands where an integer has to.
  Placeholder,
  /// An integer leaves its range.
  Range,
  /// A coordinate does not fit a shape.
  Coordinate,
  /// There is no such mode, or range of modes.
  Mode,
  /// There is no such leaf.
  Leaf,
  /// An order does not fit a shape.
  Order,
  /// A profile does not fit a layout.
  Profile,
  /// A tiler has more modes than what it is for.
  Tiler,
  /// A tile has more elements than what it cuts.
  TileSize,
  /// A block does not fill a shape.
  Fill,
  /// No layout equals a composition.
  Composition,
  /// A decision depends on a leaf that is known at run time only.
  Dynamic,
  /// Two coordinates have one offset.
  Injectivity,
  /// No layout fills the gaps between offsets, or tells them apart.
  Gaps,
  /// A mode runs backwards where it cannot.
  Backwards,
  /// Offsets are coordinates where they have to be numbers.
  Basis,
  /// Threads or values are not numbered from 0 without gaps.
  Numbering,
  /// There is no such thread.
  Thread,
  /// No element of that width can be seen through the layout.
  Width,
  /// There is no such swizzle.
  Swizzle,
  /// A layout is swizzled where it cannot be.
  Swizzled,
  /// A symbolic integer has no value.
  Value,
  /// An access is larger than registers, or of no known size.
  Access,
};

/// The number of kinds, of which `Access` is the last.
inline constexpr unsigned numErrorKinds = unsigned(ErrorKind::Access) + 1;

/// What to do about errors of a kind.
llvm::StringRef getRemedy(ErrorKind kind);

/// Why an operation has no result: a sentence that names the operation, its
/// operands and the offending mode; and what to do about it.
class Error {
public:
  Error(ErrorKind kind, const llvm::Twine &message)
      : Error(kind, message, getRemedy(kind)) {}
  /// With a remedy that says more than that of the kind.
  Error(ErrorKind kind, const llvm::Twine &message, const llvm::Twine &remedy)
      : kindOf(kind), text(message.str()), help(remedy.str()) {}

  ErrorKind kind() const { return kindOf; }
  const std::string &message() const { return text; }
  const std::string &remedy() const { return help; }

  /// The same, saying what it happened in.
  Error in(const llvm::Twine &what) const {
    return Error(kindOf, what + ": " + text, help);
  }
  /// The same, said in other words.
  Error withMessage(const llvm::Twine &message) const {
    return Error(kindOf, message, help);
  }

private:
  ErrorKind kindOf;
  std::string text, help;
};

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_ERROR_H
