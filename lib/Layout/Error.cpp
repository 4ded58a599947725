// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What to do about errors of the algebra.

#include "enigma/Layout/Error.h"

#include "llvm/Support/ErrorHandling.h"

using namespace enigma::layout;

llvm::StringRef enigma::layout::getRemedy(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::Syntax:
    return "a tuple is written ((2,2),3), a layout shape:stride, as in "
           "((2,2),3):((24,2),8)";
  case ErrorKind::Operand:
    return "shapes, strides, tilers and coordinates consist of Python ints, of "
           "enigma.dyn and, in a kernel, of traced integers";
  case ErrorKind::Empty:
    return "write a number, or a tuple of at least one";
  case ErrorKind::Nesting:
    return "write the shape with fewer tuples in one another, and fewer modes";
  case ErrorKind::Congruence:
    return "give each extent one stride, in tuples that nest in the same way";
  case ErrorKind::Extent:
    return "an extent is at least 1";
  case ErrorKind::Divisor:
    return "divide by a number of at least 1";
  case ErrorKind::Placeholder:
    return "write a number, or enigma.dyn(name) for one that is known at run "
           "time only";
  case ErrorKind::Range:
    return "sizes and strides are less than 2^62";
  case ErrorKind::Coordinate:
    return "give one coordinate for each mode, nested as the shape is";
  case ErrorKind::Mode:
    return "modes count from 0";
  case ErrorKind::Leaf:
    return "leaves count from 0, in the order of the text";
  case ErrorKind::Order:
    return "give one number for each mode, nested as the shape is; the least "
           "one runs fastest";
  case ErrorKind::Profile:
    return "give the profile at most as many modes as the layout has, nested "
           "as they are";
  case ErrorKind::Tiler:
    return "give at most one tile for each mode; None keeps a mode as it is";
  case ErrorKind::TileSize:
    return "make the tile at most as large as the tensor in each mode; the "
           "last tile may overhang";
  case ErrorKind::Fill:
    return "give the shape one multiple of the block's extent for each of its "
           "modes";
  case ErrorKind::Composition:
    return "let the extents and strides of the right operand divide those of "
           "the left one, or compose mode by mode with a tuple";
  case ErrorKind::Dynamic:
    return "write that leaf as a number, or say what divides it: "
           "enigma.dyn(name, div=...)";
  case ErrorKind::Injectivity:
    return "give each element an offset of its own";
  case ErrorKind::Gaps:
    return "let each stride be a multiple of what the modes of smaller strides "
           "span";
  case ErrorKind::Backwards:
    return "write the layout with that stride positive, and count its "
           "coordinate from the other end";
  case ErrorKind::Basis:
    return "take a layout of plain strides; one that "
           "enigma.make_identity_layout "
           "makes tells where elements stand";
  case ErrorKind::Numbering:
    return "number them compactly, as enigma.make_ordered_layout does";
  case ErrorKind::Thread:
    return "threads count from 0";
  case ErrorKind::Width:
    return "choose widths, or extents and strides, that divide one another";
  case ErrorKind::Swizzle:
    return "write Swizzle(bits, base, shift) with 0 <= bits <= abs(shift) and "
           "bits + base + abs(shift) at most 62";
  case ErrorKind::Swizzled:
    return "work on its layout first, and swizzle the result: that of a "
           "swizzled layout S is S.layout";
  case ErrorKind::Value:
    return "give a number for each symbolic integer";
  case ErrorKind::Access:
    return "cut it into tiles of a known shape, as with enigma.local_tile, and "
           "share their elements among threads";
  }
  llvm_unreachable("unknown kind of error");
}
