// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the parts of the algebra share.

#ifndef ENIGMA_LIB_LAYOUT_DETAIL_H
#define ENIGMA_LIB_LAYOUT_DETAIL_H

#include "enigma/Layout/Algebra.h"

namespace enigma::layout::detail {

/// The complaint about a tile with more elements than what it cuts, or none.
/// `where` names the mode, and is empty for the whole layout.
std::optional<Error> tilerExceeds(const Layout &a, const Layout &tile,
                                  llvm::StringRef where);

/// The name of mode `index` within the mode `where`.
std::string modeWithin(llvm::StringRef where, unsigned index);

/// The complaint about a tiler with more modes than `a`.
Error tooManyModes(llvm::StringRef operation, const Layout &a, const Tiler &t);

/// Where the mode is that begins at a node and a leaf.
Profile::Extent extentAt(llvm::ArrayRef<Profile::Node> nodes, unsigned node,
                         unsigned leaf);

/// The complaint about a coordinate that has a tuple of so many modes where the
/// layout has something else, at a node and a leaf.
Error coordinateMisfits(llvm::StringRef operation, const IntTuple &coord,
                        Profile::Node modes, const Layout &layout,
                        unsigned node, unsigned leaf);

} // namespace enigma::layout::detail

#endif // ENIGMA_LIB_LAYOUT_DETAIL_H
