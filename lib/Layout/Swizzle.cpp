// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Swizzles, and layouts whose offsets are swizzled.

#include "enigma/Layout/Swizzle.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Swizzle
//===----------------------------------------------------------------------===//

Result<Swizzle> Swizzle::make(int64_t bits, int64_t base, int64_t shift) {
  auto fail = [&](const llvm::Twine &reason) {
    return Error(ErrorKind::Swizzle, "Swizzle(" + llvm::Twine(bits) + ", " +
                                         llvm::Twine(base) + ", " +
                                         llvm::Twine(shift) + "): " + reason);
  };
  constexpr int64_t width = 62;
  if (bits < 0 || base < 0)
    return fail("bits and base are not negative");
  if (bits > width || base > width || shift > width || shift < -width ||
      bits + base + std::abs(shift) > width)
    return fail("it reaches beyond 62 bits");
  if (std::abs(shift) < bits)
    return fail("abs(shift) is at least bits, so that no bit flips itself");
  Swizzle result;
  result.numBits = bits;
  result.lowest = base;
  result.distance = shift;
  return result;
}

int64_t Swizzle::sourceMask() const {
  return ((int64_t(1) << numBits) - 1)
         << (lowest + std::max<int64_t>(distance, 0));
}

int64_t Swizzle::targetMask() const {
  return ((int64_t(1) << numBits) - 1)
         << (lowest + std::max<int64_t>(-distance, 0));
}

int64_t Swizzle::operator()(int64_t offset) const {
  int64_t source = offset & sourceMask();
  return offset ^ (distance >= 0 ? source >> distance : source << -distance);
}

Int Swizzle::operator()(const Int &offset) const {
  if (offset.isStatic() && !offset.basis())
    return Int((*this)(offset.value()));
  int64_t step = int64_t(1) << std::abs(distance);
  Int bits = distance >= 0 ? bitAnd(floorDiv(offset, step), targetMask())
                           : mul(bitAnd(offset, sourceMask()), step);
  return bitXor(offset, bits);
}

void Swizzle::print(llvm::raw_ostream &os) const {
  os << "Sw<" << numBits << ',' << lowest << ',' << distance << '>';
}

//===----------------------------------------------------------------------===//
// ComposedLayout
//===----------------------------------------------------------------------===//

Result<ComposedLayout> ComposedLayout::make(Swizzle swizzle, Int offset,
                                            Layout layout) {
  if (layout.hasBasis() || offset.basis())
    return Error(ErrorKind::Basis,
                 "swizzle: the offsets of " + layout.str() +
                     " are coordinates, which have no bits to flip");
  if (!offset.isStatic() && !offset.isDynamic())
    return Error(ErrorKind::Placeholder,
                 "swizzle: the offset is an integer, not " + offset.str());
  ComposedLayout result;
  // Swizzles that move no bits are one, as they are in the text of a type.
  if (!swizzle.isIdentity())
    result.outer = swizzle;
  result.start = offset;
  result.inner = std::move(layout);
  return result;
}

ComposedLayout ComposedLayout::with(Layout layout) const {
  ComposedLayout result(std::move(layout));
  result.outer = outer;
  result.start = start;
  return result;
}

ComposedLayout ComposedLayout::with(Layout layout, const Int &offset) const {
  ComposedLayout result = with(std::move(layout));
  result.start = add(start, offset);
  return result;
}

void ComposedLayout::print(llvm::raw_ostream &os) const {
  outer.print(os);
  os << " o ";
  start.print(os);
  os << " o ";
  inner.print(os);
}

std::string ComposedLayout::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

Result<ComposedLayout> ComposedLayout::parse(llvm::StringRef text) {
  llvm::StringRef rest = text;
  auto fail = [&](const llvm::Twine &what) {
    return Error(ErrorKind::Syntax,
                 "column " + llvm::Twine(rest.data() - text.data() + 1) + ": " +
                     what,
                 "a swizzled layout is written Sw<bits,base,shift> o offset o "
                 "shape:stride");
  };
  // A part's own message counts columns from where the part begins.
  auto shifted = [&](llvm::StringRef part, const Error &error) {
    llvm::StringRef message = error.message();
    size_t column = 0;
    message.consume_front("column ");
    message.consumeInteger(10, column);
    rest = part.drop_front(std::min(column ? column - 1 : 0, part.size()));
    message.consume_front(": ");
    return error.withMessage(fail(message).message());
  };
  rest = rest.ltrim();
  if (!rest.consume_front("Sw<"))
    return fail("expected 'Sw<bits,base,shift>'");
  int64_t numbers[3];
  for (auto [i, number] : llvm::enumerate(numbers)) {
    rest = rest.ltrim();
    if (rest.consumeInteger(10, number))
      return fail("expected an integer in 'Sw<bits,base,shift>'");
    rest = rest.ltrim();
    if (!rest.consume_front(i < 2 ? "," : ">"))
      return fail(i < 2 ? "expected ',' in a swizzle"
                        : "expected '>' after a swizzle");
  }
  Result<Swizzle> swizzle = Swizzle::make(numbers[0], numbers[1], numbers[2]);
  if (!swizzle)
    return swizzle.error().withMessage(fail(swizzle.message()).message());
  rest = rest.ltrim();
  if (!rest.consume_front("o "))
    return fail("expected ' o ' and an offset after the swizzle");
  auto [offsetText, layoutText] = rest.split(" o ");
  Result<IntTuple> offset = IntTuple::parse(offsetText);
  if (!offset)
    return shifted(offsetText, offset.error());
  if (!offset->isLeaf())
    return fail("an offset is one integer");
  if (layoutText.data() == nullptr || layoutText.empty())
    return fail("expected ' o ' and a layout after the offset");
  Result<Layout> layout = Layout::parse(layoutText);
  if (!layout)
    return shifted(layoutText, layout.error());
  Result<ComposedLayout> result = make(*swizzle, offset->leaf(0), *layout);
  if (!result)
    return result.error().withMessage(fail(result.message()).message());
  return result;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

Result<IntTuple> enigma::layout::crd2idx(const IntTuple &coord,
                                         const ComposedLayout &layout) {
  Result<IntTuple> offset = crd2idx(coord, layout.layout());
  if (!offset || layout.layout().hasBasis())
    return offset;
  Int sum = add(layout.offset(), offset->leaf(0));
  if (sum.isInvalid())
    return Error(ErrorKind::Range, "crd2idx: the offset of " + coord.str() +
                                       " in " + layout.str() +
                                       " leaves the range of 64-bit integers");
  return IntTuple(layout.swizzle()(sum));
}

/// Does `a` map each offset of `b` to itself?
static bool isIdentityWithin(const Layout &a, const ComposedLayout &b) {
  // The last leaf is unbounded, whatever its extent: a mode of extent 1 may
  // change what lies beyond the others.
  Int next = 1;
  for (auto [extent, stride] :
       llvm::drop_end(llvm::zip_equal(a.shapes(), a.strides()))) {
    if (!extent.is(1) && !sameValue(stride, next))
      return false;
    next = mul(next, extent);
  }
  if (sameValue(a.strides().back(), next))
    return true;
  const Layout &inner = b.layout();
  constexpr int64_t maxPoints = int64_t(1) << 16;
  if (!next.isStatic() || !inner.isStatic() || !b.offset().isStatic() ||
      inner.size().value() > maxPoints)
    return false;
  for (int64_t i = 0; i < inner.size().value(); ++i) {
    Int offset = add(b.offset(), inner(i));
    if (!offset.isStatic())
      return false;
    int64_t swizzled = b.swizzle()(offset.value());
    if (swizzled < 0 || swizzled >= next.value())
      return false;
  }
  return true;
}

Result<ComposedLayout> enigma::layout::composition(const Layout &a,
                                                   const ComposedLayout &b) {
  if (b.swizzle().isIdentity() && b.offset().isZero()) {
    Result<Layout> composed = composition(a, b.layout());
    if (!composed)
      return composed.error();
    return b.with(*composed);
  }
  if (isIdentityWithin(a, b))
    return b;
  return Error(ErrorKind::Composition,
               "composition: no layout equals " + a.str() + " o " + b.str() +
                   ": the left operand rearranges offsets that are swizzled");
}

Result<ComposedLayout>
enigma::layout::recastLayout(int64_t newBits, int64_t oldBits,
                             const ComposedLayout &layout) {
  Result<Layout> inner = recastLayout(newBits, oldBits, layout.layout());
  if (!inner)
    return inner.error();
  auto in = [&](const Error &error) {
    return error.in("recast_layout of " + layout.str() + " from " +
                    llvm::Twine(oldBits) + " to " + llvm::Twine(newBits) +
                    " bits");
  };
  auto fail = [&](const llvm::Twine &reason) {
    return in(Error(ErrorKind::Width, reason));
  };
  int64_t common = std::gcd(newBits, oldBits);
  int64_t wider = newBits / common, narrower = oldBits / common;
  if (wider > 1 && !divides(wider, mul(layout.offset(), narrower)))
    return fail("the offset is no multiple of the wider element");
  Int offset = floorDiv(mul(layout.offset(), narrower), wider);
  if (layout.swizzle().isIdentity())
    return ComposedLayout::make(layout.swizzle(), offset, *inner);
  if (!llvm::isPowerOf2_64(wider) || !llvm::isPowerOf2_64(narrower))
    return fail("the swizzle needs widths whose ratio is a power of two");
  int64_t base =
      layout.swizzle().base() + llvm::Log2_64(narrower) - llvm::Log2_64(wider);
  if (base < 0)
    return fail("the swizzle moves parts of the wider elements");
  Result<Swizzle> swizzle =
      Swizzle::make(layout.swizzle().bits(), base, layout.swizzle().shift());
  if (!swizzle)
    return in(swizzle.error());
  return ComposedLayout::make(*swizzle, offset, *inner);
}

Result<int64_t> enigma::layout::maxCommonVector(const ComposedLayout &a,
                                                const ComposedLayout &b) {
  Result<int64_t> run = maxCommonVector(a.layout(), b.layout());
  if (!run)
    return run;
  int64_t longest = *run;
  for (const ComposedLayout *layout : {&a, &b}) {
    if (layout->swizzle().isIdentity())
      continue;
    int64_t kept = int64_t(1) << layout->swizzle().base();
    longest = std::min(longest, std::gcd(kept, layout->offset().divisor()));
  }
  return longest;
}
