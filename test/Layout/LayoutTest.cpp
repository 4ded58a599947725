// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layout algebra against its definitions.
//
// Tabulates each operation's definition on random layouts: hierarchical,
// padded, broadcast, row-major, backwards, ragged. Exits with 1 and says what
// differs when a property fails.

#include "enigma/Layout/Operations.h"
#include "enigma/Layout/Swizzle.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Harness
//===----------------------------------------------------------------------===//

static unsigned failures = 0;

static void report(int line, const llvm::Twine &what) {
  llvm::errs() << "LayoutTest.cpp:" << line << ": " << what << '\n';
  if (++failures == 20) {
    llvm::errs() << "too many failures\n";
    std::exit(1);
  }
}

#define CHECK(condition, what)                                                 \
  do {                                                                         \
    if (!(condition))                                                          \
      report(__LINE__, llvm::Twine(#condition ": ") + (what));                 \
  } while (false)

static Layout L(llvm::StringRef text) {
  Result<Layout> layout = Layout::parse(text);
  if (!layout) {
    report(__LINE__, text + ": " + layout.message());
    return Layout();
  }
  return *layout;
}

static IntTuple T(llvm::StringRef text) {
  Result<IntTuple> tuple = IntTuple::parse(text);
  if (!tuple) {
    report(__LINE__, text + ": " + tuple.message());
    return IntTuple();
  }
  return *tuple;
}

static void expectLayout(int line, Result<Layout> actual,
                         llvm::StringRef expected) {
  std::string text = actual ? actual->str() : "error: " + actual.message();
  if (text != expected)
    report(line, "expected " + expected + ", got " + text);
}

template <typename T>
static void expectError(int line, const Result<T> &actual,
                        llvm::StringRef part) {
  if (actual)
    report(line, "expected an error with '" + part + "', got a value");
  else if (!llvm::StringRef(actual.message()).contains(part))
    report(line, "expected '" + part + "' in: " + actual.message());
}

#define EXPECT_LAYOUT(actual, expected) expectLayout(__LINE__, actual, expected)
#define EXPECT_ERROR(actual, part) expectError(__LINE__, actual, part)

//===----------------------------------------------------------------------===//
// Random layouts
//===----------------------------------------------------------------------===//

namespace {
class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  int64_t in(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine);
  }
  bool oneIn(int64_t n) { return in(1, n) == 1; }

  /// A tuple tree over as many leaves as given.
  Profile profile(unsigned leaves) {
    if (leaves == 1 && !oneIn(6))
      return Profile();
    llvm::SmallVector<Profile::Node, 12> nodes = {0};
    while (leaves) {
      unsigned part = in(1, leaves);
      Profile mode = part == 1 || oneIn(2) ? nestedLeaves(part) : profile(part);
      ++nodes[0];
      llvm::append_range(nodes, mode.preorder());
      leaves -= part;
    }
    return Profile::fromNodes(nodes);
  }

  /// A layout of at most `maxSize` elements of some interesting kind.
  Layout layout(int64_t maxSize, bool injective = false) {
    unsigned leaves = in(1, 4);
    llvm::SmallVector<Int, 4> shape, stride(leaves, Int(0));
    int64_t size = 1;
    for (unsigned i = 0; i < leaves; ++i) {
      int64_t extent = std::min<int64_t>(in(1, 6), maxSize / size);
      shape.push_back(extent);
      size *= extent;
    }
    int64_t kind = in(0, injective ? 2 : 5);
    llvm::SmallVector<unsigned, 4> order(leaves);
    for (unsigned i = 0; i < leaves; ++i)
      order[i] = i;
    if (kind == 1) // row-major
      std::reverse(order.begin(), order.end());
    if (kind >= 2)
      std::shuffle(order.begin(), order.end(), engine);
    int64_t next = 1;
    if (injective && oneIn(3))
      next = in(1, 3);
    for (unsigned leaf : order) {
      stride[leaf] = next;
      next *= shape[leaf].value();
      if (kind >= 2 && oneIn(3))
        next *= in(1, 3); // gaps in whole blocks
      else if (!injective && oneIn(5))
        next += in(1, 5); // padding
    }
    if (kind >= 3)
      for (Int &step : stride)
        if (oneIn(4))
          step = kind == 3 ? 0 : kind == 4 ? -step.value() : in(-12, 12);
    return Layout::unchecked(profile(leaves), shape, stride);
  }

private:
  Profile nestedLeaves(unsigned leaves) {
    return leaves == 1 ? Profile() : Profile::flat(leaves);
  }
  std::mt19937 engine;
};
} // namespace

static int64_t at(const Layout &layout, int64_t index) {
  return layout(index).value();
}

static std::vector<int64_t> table(const Layout &layout) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < layout.size().value(); ++i)
    values.push_back(at(layout, i));
  return values;
}

/// The different offsets.
static std::set<int64_t> imageOf(const Layout &layout) {
  std::vector<int64_t> values = table(layout);
  return std::set<int64_t>(values.begin(), values.end());
}

static bool isInjective(const Layout &layout) {
  return int64_t(imageOf(layout).size()) == layout.size().value();
}

//===----------------------------------------------------------------------===//
// Composition by definition
//===----------------------------------------------------------------------===//

/// Is f(0), ..., f(s-1) the table of a layout? Tries every factorization.
static bool isLayoutTable(llvm::ArrayRef<int64_t> f) {
  int64_t size = f.size();
  if (size == 1)
    return f[0] == 0;
  for (int64_t first = 2; first <= size; ++first) {
    if (size % first)
      continue;
    std::vector<int64_t> rest;
    bool fits = true;
    for (int64_t c = 0; c < size && fits; ++c) {
      fits = f[c] == (c % first) * f[1] + f[c - c % first];
      if (c % first == 0)
        rest.push_back(f[c]);
    }
    if (fits && (first == size || isLayoutTable(rest)))
      return true;
  }
  return false;
}

/// Does a layout equal a o b? It is the sum of its leaves' functions.
static bool compositionExists(const Layout &a, const Layout &b) {
  llvm::SmallVector<std::vector<int64_t>, 4> along;
  for (auto [extent, stride] : llvm::zip(b.shapes(), b.strides())) {
    std::vector<int64_t> f;
    for (int64_t c = 0; c < extent.value(); ++c)
      f.push_back(at(a, c * stride.value()));
    if (!isLayoutTable(f))
      return false;
    along.push_back(std::move(f));
  }
  for (int64_t i = 0; i < b.size().value(); ++i) {
    int64_t sum = 0, rest = i;
    for (auto [leaf, f] : llvm::enumerate(along)) {
      sum += f[rest % f.size()];
      rest /= f.size();
    }
    if (sum != at(a, at(b, i)))
      return false;
  }
  return true;
}

/// Does `fine` have the profile of `coarse`, with leaves split?
static bool refines(const Layout &fine, const Layout &coarse) {
  if (coarse.isLeaf())
    return fine.size() == coarse.size();
  if (fine.isLeaf() || fine.rank() != coarse.rank())
    return false;
  for (unsigned i = 0; i < fine.rank(); ++i)
    if (!refines(fine.mode(i), coarse.mode(i)))
      return false;
  return true;
}

static void testComposition(Random &random, unsigned rounds) {
  unsigned solved = 0, cancelled = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(60), b = random.layout(60);
    // Right operands that select from A are the likeliest to compose.
    if (random.oneIn(2)) {
      llvm::SmallVector<Int, 4> strides;
      for (unsigned i = 0; i < b.numLeaves(); ++i)
        strides.push_back(random.in(-3, 14));
      b = Layout::unchecked(b.profile(), b.shapes(), strides);
    }
    // Bends that cancel are rare; aim at them.
    if (random.oneIn(4)) {
      int64_t p = random.in(2, 4), q = random.in(2, 4);
      int64_t e = random.in(-3, 3), g = random.in(-3, 3);
      int64_t e1 = p * e + g, e2 = q * e1 - g;
      a = *Layout::make(
          T("(" + std::to_string(p) + "," + std::to_string(q) + ",3)"),
          IntTuple(Profile::flat(3), {e, e1, e2}));
    }
    Result<Layout> r = composition(a, b);
    std::string what = a.str() + " o " + b.str();
    bool exists = compositionExists(a, b);
    CHECK(bool(r) == exists,
          what + (r ? " gave " + r->str() : " raised: " + r.message()));
    if (!r)
      continue;
    ++solved;
    cancelled += !isInjective(a);
    CHECK(refines(*r, b), what + " = " + r->str());
    for (int64_t i = 0; i < b.size().value(); ++i)
      if (at(*r, i) != at(a, at(b, i))) {
        CHECK(false, what + " = " + r->str() + " at " + std::to_string(i));
        break;
      }
  }
  CHECK(solved > rounds / 8, "too few compositions had a solution");
  CHECK(solved < rounds, "no composition lacked a solution");
}

//===----------------------------------------------------------------------===//
// The other operations by definition
//===----------------------------------------------------------------------===//

/// The fewest modes that a layout with this table can have.
static unsigned fewestModes(llvm::ArrayRef<int64_t> f) {
  int64_t size = f.size();
  if (size == 1)
    return 1;
  unsigned best = 99;
  for (int64_t first = 2; first <= size; ++first) {
    if (size % first)
      continue;
    std::vector<int64_t> rest;
    bool fits = true;
    for (int64_t c = 0; c < size && fits; ++c) {
      fits = f[c] == (c % first) * f[1] + f[c - c % first];
      if (c % first == 0)
        rest.push_back(f[c]);
    }
    if (fits)
      best = std::min(best, first == size ? 1 : 1 + fewestModes(rest));
  }
  return best;
}

static void testCoalesce(Random &random, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(120), c = coalesce(a);
    std::string what = a.str() + " -> " + c.str();
    CHECK(table(a) == table(c), what);
    CHECK(c.depth() <= 1 && c.rank() == fewestModes(table(a)), what);
    Layout f = filter(a);
    CHECK(llvm::none_of(f.strides(), [](const Int &x) { return x.isZero(); }) ||
              f == Layout(),
          a.str() + " -> " + f.str());
    std::vector<int64_t> x = table(a), y = table(f);
    CHECK(std::set<int64_t>(x.begin(), x.end()) ==
              std::set<int64_t>(y.begin(), y.end()),
          a.str() + " -> " + f.str());
  }
}

static void testComplement(Random &random, unsigned rounds) {
  unsigned solved = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(60, random.oneIn(2));
    int64_t n = random.in(1, 200);
    Result<Layout> r = complement(a, n);
    if (!r)
      continue;
    ++solved;
    std::string what = "complement of " + a.str() + " in " + std::to_string(n) +
                       " = " + r->str();
    // Coordinates of modes of stride 0 find no offsets of their own.
    int64_t numOffsets = 1;
    for (auto [extent, stride] : llvm::zip_equal(a.shapes(), a.strides()))
      numOffsets *= stride.isZero() ? 1 : extent.value();
    std::set<int64_t> image = imageOf(a);
    std::vector<int64_t> rest = table(*r);
    CHECK(int64_t(image.size()) == numOffsets, what);
    CHECK(llvm::is_sorted(rest) && isInjective(*r), what);
    std::set<int64_t> sums;
    for (int64_t x : image)
      for (int64_t y : rest) {
        CHECK(sums.insert(x + y).second, what);
        if (y)
          CHECK(!image.count(y), what);
      }
    for (int64_t i = 0; i < n; ++i)
      CHECK(sums.count(i), what);
    CHECK(*sums.rbegin() - *sums.begin() + 1 == int64_t(sums.size()), what);
  }
  CHECK(solved > rounds / 6, "too few complements");
}

/// The size of the longest right inverse, by trying all.
static int64_t longestInverse(llvm::ArrayRef<int64_t> values,
                              std::vector<int64_t> inverse) {
  int64_t covered = inverse.size(), best = covered;
  for (int64_t step = 1; step < int64_t(values.size()); ++step) {
    if (values[step] != covered)
      continue;
    std::vector<int64_t> longer = inverse;
    for (int64_t copy = 1;; ++copy) {
      bool fits = true;
      for (int64_t i = 0; i < covered && fits; ++i) {
        int64_t index = inverse[i] + copy * step;
        fits = index < int64_t(values.size()) &&
               values[index] == int64_t(longer.size());
        if (fits)
          longer.push_back(index);
      }
      if (!fits)
        break;
      best = std::max(best, longestInverse(values, longer));
    }
  }
  return best;
}

static void testInverses(Random &random, unsigned rounds) {
  unsigned lefts = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(48, random.oneIn(2));
    Result<Layout> r = rightInverse(a);
    CHECK(bool(r), "right_inverse of " + a.str());
    std::string what = "right_inverse of " + a.str() + " = " + r->str();
    std::vector<int64_t> values = table(a);
    for (auto [i, index] : llvm::enumerate(table(*r)))
      CHECK(index >= 0 && index < a.size().value() &&
                values[index] == int64_t(i),
            what);
    CHECK(r->size().value() == longestInverse(values, {0}), what);

    Result<Layout> l = leftInverse(a);
    if (!l)
      continue;
    ++lefts;
    what = "left_inverse of " + a.str() + " = " + l->str();
    bool broadcast = false;
    for (auto [extent, stride] : llvm::zip(a.shapes(), a.strides()))
      broadcast |= extent.value() > 1 && stride.isZero();
    CHECK(broadcast || isInjective(a), what);
    for (int64_t i = 0; i < a.size().value(); ++i) {
      int64_t back = at(*l, values[i]);
      CHECK(broadcast ? at(a, back) == values[i] : back == i, what);
    }
  }
  CHECK(lefts > rounds / 4, "too few left inverses");
}

static void testDivides(Random &random, unsigned rounds) {
  unsigned solved = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    // By mode, with tiles that need not divide their mode.
    Layout a = *Layout::make(
        IntTuple(Profile::flat(2), {random.in(1, 12), random.in(1, 12)}),
        IntTuple(Profile::flat(2), {random.in(-5, 20), random.in(-5, 20)}));
    std::vector<Tiler> tiles;
    llvm::SmallVector<int64_t, 2> extents;
    for (const Int &extent : a.shapes()) {
      extents.push_back(random.in(1, extent.value()));
      tiles.push_back(Int(extents.back()));
    }
    Tiler tiler = Tiler::tuple(tiles);
    Result<Layout> z = zippedDivide(a, tiler), t = tiledDivide(a, tiler),
                   f = flatDivide(a, tiler), l = logicalDivide(a, tiler);
    std::string what = a.str() + " / " + tiler.str();
    CHECK(z && t && f && l, what + ": " + (z ? "" : z.message()));
    if (!z || !t || !f || !l)
      continue;
    ++solved;
    for (int64_t i = 0; i < extents[0]; ++i)
      for (int64_t j = 0; j < extents[1]; ++j)
        for (int64_t p = 0; p * extents[0] + i < a.shapes()[0].value(); ++p)
          for (int64_t q = 0; q * extents[1] + j < a.shapes()[1].value(); ++q) {
            auto whole = IntTuple(Profile::flat(2),
                                  {p * extents[0] + i, q * extents[1] + j});
            IntTuple tile(Profile::flat(2), {i, j}),
                rest(Profile::flat(2), {p, q});
            Result<IntTuple> expected = crd2idx(whole, a);
            IntTuple first(Profile::flat(2), {i, p}),
                second(Profile::flat(2), {j, q});
            CHECK(
                *crd2idx(IntTuple::tuple({tile, rest}), *z) == *expected &&
                    *crd2idx(IntTuple::tuple({tile, p, q}), *t) == *expected &&
                    *crd2idx(IntTuple::tuple({i, j, p, q}), *f) == *expected &&
                    *crd2idx(IntTuple::tuple({first, second}), *l) == *expected,
                what);
          }
  }
  CHECK(solved == rounds, "not all tilings were found");
}

static void testProducts(Random &random, unsigned rounds) {
  unsigned solved = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(16, true), b = random.layout(16);
    Result<Layout> r = logicalProduct(a, b);
    if (!r)
      continue;
    std::string what = a.str() + " x " + b.str() + " = " + r->str();
    ++solved;
    CHECK(r->mode(0) == a, what);
    Result<Layout> rest = complement(a, mul(a.size(), b.cosize()));
    std::vector<int64_t> copies = table(r->mode(1));
    for (auto [i, offset] : llvm::enumerate(copies))
      CHECK(offset == at(*rest, at(b, i)), what);
    Result<Layout> blocked = blockedProduct(a, b), raked = rakedProduct(a, b);
    CHECK(bool(blocked) && bool(raked), what);
    if (!blocked || !raked)
      continue;
    unsigned rank = std::max(a.rank(), b.rank());
    for (unsigned i = 0; i < rank; ++i) {
      CHECK(blocked->mode(i).mode(0) == (i < a.rank() ? a.mode(i) : Layout()),
            what);
      CHECK(blocked->mode(i).mode(0) == raked->mode(i).mode(1) &&
                blocked->mode(i).mode(1) == raked->mode(i).mode(0),
            what);
    }
  }
  CHECK(solved > rounds / 4, "too few products");
}

/// The bits that elements of a layout occupy, each as often as it occurs.
static std::map<int64_t, int> bitsOf(const Layout &layout, int64_t width) {
  std::map<int64_t, int> bits;
  for (int64_t offset : table(layout))
    for (int64_t bit = 0; bit < width; ++bit)
      ++bits[offset * width + bit];
  return bits;
}

static void testRecast(Random &random, unsigned rounds) {
  unsigned solved = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(48);
    int64_t oldBits = random.in(1, 8), newBits = random.in(1, 8);
    Result<Layout> r = recastLayout(newBits, oldBits, a);
    if (!r)
      continue;
    ++solved;
    CHECK(bitsOf(a, oldBits) == bitsOf(*r, newBits),
          a.str() + " from " + std::to_string(oldBits) + " to " +
              std::to_string(newBits) + " bits = " + r->str());
  }
  CHECK(solved > rounds / 6, "too few recasts");
}

static void testCoordinates(Random &random, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(60);
    int64_t index = random.in(0, 2 * a.size().value());
    IntTuple coord = idx2crd(index, a.shape());
    CHECK(coord.profile() == a.profile(), a.str());
    CHECK(crd2idx(coord, a)->leaf(0).value() == at(a, index) &&
              crd2idx(IntTuple(index), a)->leaf(0).value() == at(a, index),
          a.str());
    Result<Layout> identity = makeIdentityLayout(a.shape());
    CHECK(bool(identity) == (a.depth() <= Int::maxBasisDepth), a.str());
    if (!identity)
      continue;
    Result<IntTuple> same = crd2idx(IntTuple(index), *identity);
    CHECK(*same == coord, identity->str() + " at " + std::to_string(index) +
                              " = " + same->str());
    Result<Layout> again = Layout::parse(a.str());
    CHECK(again && *again == a && hash_value(*again) == hash_value(a), a.str());
    again = Layout::parse(identity->str());
    CHECK(again && *again == *identity, identity->str());
  }
}

static void testPartitions(Random &random, unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    int64_t m = random.in(1, 4), n = random.in(1, 4);
    Layout threads =
        *makeOrderedLayout(IntTuple(Profile::flat(2), {m, n}),
                           random.oneIn(2) ? T("(0,1)") : T("(1,0)"));
    Layout data = *Layout::make(
        IntTuple(Profile::flat(2), {m * random.in(1, 3), n * random.in(1, 3)}),
        T("(1,100)"));
    std::map<int64_t, int> seen;
    for (int64_t t = 0; t < m * n; ++t) {
      auto part = localPartition(data, threads, t);
      CHECK(bool(part), part ? "" : part.message());
      if (!part)
        return;
      int64_t offset = part->second.leaf(0).value();
      // The thread's first element is at its own place in the first tile.
      CHECK(at(threads, (offset % 100) + m * (offset / 100)) == t,
            threads.str());
      for (int64_t x : table(part->first))
        ++seen[offset + x];
    }
    for (int64_t x : table(data))
      CHECK(seen[x] == 1, data.str() + " by " + threads.str());
    CHECK(int64_t(seen.size()) == data.size().value(), data.str());
  }
}

/// Any text is either refused with a column or printed back to the same value.
static void testParser(Random &random, unsigned rounds) {
  const llvm::StringRef pieces[] = {"(",
                                    ")",
                                    ",",
                                    ":",
                                    "?",
                                    "{div=4}",
                                    "{",
                                    "}",
                                    "1",
                                    "23",
                                    "-4",
                                    "0",
                                    "None",
                                    "@0",
                                    ".1",
                                    " ",
                                    "div",
                                    "\xff",
                                    "99999999999999999999",
                                    "4611686018427387905"};
  for (unsigned round = 0; round < rounds; ++round) {
    std::string text;
    if (random.oneIn(2)) {
      text = random.layout(100).str();
      for (int64_t edits = random.in(0, 2); edits && !text.empty(); --edits)
        text.replace(random.in(0, text.size() - 1), random.in(0, 2),
                     pieces[random.in(0, std::size(pieces) - 1)].str());
    } else {
      for (int64_t left = random.in(0, 12); left; --left)
        text += pieces[random.in(0, std::size(pieces) - 1)];
    }
    Result<Layout> layout = Layout::parse(text);
    if (layout) {
      Result<Layout> again = Layout::parse(layout->str());
      CHECK(again && *again == *layout, text);
    } else {
      CHECK(llvm::StringRef(layout.message()).starts_with("column "), text);
    }
    Result<IntTuple> tuple = IntTuple::parse(text);
    if (tuple)
      CHECK(*IntTuple::parse(tuple->str()) == *tuple, text);
  }
  std::string deep(100000, '(');
  EXPECT_ERROR(Layout::parse(deep), "nested more than 64 deep");
}

//===----------------------------------------------------------------------===//
// Dynamic leaves
//===----------------------------------------------------------------------===//

/// Makes some leaves dynamic, with a true divisor.
static Layout forgetSome(const Layout &layout, Random &random) {
  auto forget = [&](llvm::ArrayRef<Int> leaves) {
    llvm::SmallVector<Int, 8> result;
    for (const Int &leaf : leaves)
      result.push_back(!leaf.isZero() && random.oneIn(2)
                           ? Int::dynamic(random.oneIn(2) ? leaf.divisor() : 1)
                           : leaf);
    return result;
  };
  auto shape = forget(layout.shapes());
  return Layout::unchecked(layout.profile(), shape, forget(layout.strides()));
}

/// The value of symbols that withSymbols made of the leaves of `exact`.
static std::map<std::string, int64_t> valuesOf(const Layout &dynamic,
                                               const Layout &exact) {
  std::map<std::string, int64_t> values;
  auto add = [&](llvm::ArrayRef<Int> from, llvm::ArrayRef<Int> to) {
    for (auto [leaf, value] : llvm::zip(from, to))
      if (leaf.isDynamic())
        values[leaf.expr()->name().str()] = value.value();
  };
  add(dynamic.shapes(), exact.shapes());
  add(dynamic.strides(), exact.strides());
  return values;
}

static std::optional<Layout>
substitute(const Layout &layout, const std::map<std::string, int64_t> &values) {
  bool known = true;
  auto value = [&](const Int &leaf) -> Int {
    std::optional<int64_t> number =
        evaluate(leaf, [&](const Expr &symbol) -> std::optional<int64_t> {
          return values.at(symbol.name().str());
        });
    known &= number.has_value();
    // What is claimed to divide a leaf must divide it.
    if (number && leaf.isDynamic() && *number % leaf.divisor() != 0)
      known = false;
    return number.value_or(1);
  };
  auto shape = llvm::map_to_vector(layout.shapes(), value);
  auto stride = llvm::map_to_vector(layout.strides(), value);
  if (!known)
    return std::nullopt;
  return Layout::unchecked(layout.profile(), shape, stride);
}

static void testDynamic(Random &random, unsigned rounds) {
  unsigned solved = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    Layout a = random.layout(60, random.oneIn(2)),
           b = random.layout(24, random.oneIn(2));
    ExprPool pool;
    Layout da = withSymbols(forgetSome(a, random), pool, "a");
    Layout db =
        random.oneIn(2) ? b : withSymbols(forgetSome(b, random), pool, "b");
    std::map<std::string, int64_t> values = valuesOf(da, a);
    values.merge(valuesOf(db, b));

    // The function of an instance and that of the static result agree, by
    // `agree` of the two.
    auto compareBy = [&](const Result<Layout> &dynamic,
                         const Result<Layout> &exact, llvm::StringRef name,
                         auto agree) {
      if (!dynamic)
        return;
      std::string what = (name + ": " + da.str() + ", " + db.str() + " -> " +
                          dynamic->str() + " for " + a.str() + ", " + b.str())
                             .str();
      CHECK(withoutSymbols(*dynamic).str() == dynamic->str(), what);
      std::optional<Layout> instance = substitute(*dynamic, values);
      CHECK(instance.has_value(), what);
      if (!instance)
        return;
      what += " = " + instance->str();
      CHECK(bool(exact), what + (exact ? "" : ": " + exact.message()));
      if (exact)
        CHECK(agree(*instance, *exact), what + " not " + exact->str());
      ++solved;
    };
    auto compare = [&](const Result<Layout> &dynamic,
                       const Result<Layout> &exact, llvm::StringRef name) {
      compareBy(dynamic, exact, name, [](const Layout &x, const Layout &y) {
        return table(x) == table(y);
      });
    };
    // An extent that turns out to be 1 may change the order of bits.
    auto sameBits = [](const Layout &x, const Layout &y) {
      return bitsOf(x, 1) == bitsOf(y, 1);
    };
    // An extent that turns out to be 1 may leave a longer block to fill.
    auto covers = [&](const Layout &x, const Layout &) {
      std::set<int64_t> sums;
      for (int64_t inside : imageOf(a))
        for (int64_t outside : table(x))
          if (!sums.insert(inside + outside).second)
            return false;
      for (int64_t i = 0; i < 100; ++i)
        if (!sums.count(i))
          return false;
      return true;
    };
    auto sameOnImage = [&](const Layout &x, const Layout &y) {
      return llvm::all_of(table(a), [&](int64_t offset) {
        return at(x, offset) == at(y, offset);
      });
    };
    compare(coalesce(da), coalesce(a), "coalesce");
    compare(composition(da, db), composition(a, b), "composition");
    compareBy(complement(da, 100), complement(a, 100), "complement", covers);
    compareBy(leftInverse(da), leftInverse(a), "left_inverse", sameOnImage);
    compareBy(recastLayout(4, 2, da), recastLayout(4, 2, a), "recast_layout",
              sameBits);
    compareBy(recastLayout(1, 2, da), recastLayout(1, 2, a), "recast_layout",
              sameBits);
    if (b.size().value() <= a.size().value()) {
      compare(logicalDivide(da, b), logicalDivide(a, b), "logical_divide");
      compare(logicalProduct(da, b), logicalProduct(a, b), "logical_product");
    }
  }
  CHECK(solved > rounds, "too few dynamic results");
}

static void testDynamicSpellings() {
  EXPECT_LAYOUT(logicalDivide(L("?{div=8}:?"), Int(4)),
                "(4,?{div=2}):(?,?{div=4})");
  EXPECT_LAYOUT(zippedDivide(L("(?,?{div=128}):(?{div=4},1)"),
                             Tiler::tuple({Int(16), Int(128)})),
                "((16,128),(?,?)):((?{div=4},1),(?{div=64},128))");
  EXPECT_LAYOUT(composition(L("(8,?):(1,?)"), L("(4,2):(2,8)")), "(4,2):(2,?)");
  EXPECT_LAYOUT(composition(L("(?{div=4},8):(1,?)"), L("4:1")), "4:1");
  EXPECT_ERROR(composition(L("(?,8):(1,?)"), L("4:1")), "needs static leaves");
  EXPECT_LAYOUT(coalesce(L("(4,?):(1,4)")), "?{div=4}:1");
  EXPECT_LAYOUT(complement(L("(4,?):(1,4)"), Int::dynamic(16)), "?:?{div=4}");
  EXPECT_ERROR(complement(L("(4,4):(?,?)"), 16), "needs static strides");
  EXPECT_ERROR(leftInverse(L("4:?")), "needs static strides");
  EXPECT_ERROR(recastLayout(32, 8, L("(4,8):(1,?)")), "dynamic stride");
  EXPECT_LAYOUT(recastLayout(32, 8, L("(4,8):(1,?{div=16})")),
                "(1,8):(1,?{div=4})");
  ExprPool pool;
  Int n = pool.symbol("n", 4);
  CHECK(mul(floorDiv(n, 4), 4) == n, "(n // 4) * 4");
  CHECK(add(add(n, 1), 2) == add(n, 3), "(n + 1) + 2");
  CHECK(floorMod(n, 2) == Int(0), "n % 2");
  CHECK(sameValue(mul(n, 3), mul(3, n)), "3 * n");
}

/// A pool has what leaves refer to, and nothing else.
static void testLifetimes(Random &random) {
  ExprPool pool(ExprPool::Keeps::Used);
  {
    Int x = pool.symbol("x"), y = pool.symbol("y", 4);
    CHECK(pool.size() == 2, "two symbols");
    Int product = mul(x, y), copy = product;
    const Expr *node = product.expr();
    CHECK(pool.size() == 3 && mul(y, x) == product, "one product");
    x = y = 0;
    CHECK(pool.size() == 3, "operands stay");
    product = add(product, 1);
    CHECK(pool.size() == 4 && product.expr()->lhs().expr() == node, "a sum");
    product = copy;
    CHECK(pool.size() == 3 && copy.expr() == node, "a sum less");
    product = std::move(copy);
    copy = product;
    product = Int();
    CHECK(pool.size() == 3 && copy.expr() == node, "moved");
    CHECK(mul(pool.symbol("y", 4), pool.symbol("x")) == copy, "found again");
    Layout layout = Layout::unchecked(Profile::flat(2), {copy, 8}, {8, copy});
    llvm::SmallVector<Layout, 1> copies(20, layout);
    copies.erase(copies.begin(), copies.begin() + 7);
    copies.insert(copies.begin() + 3, layout);
    copy = Int();
    layout = Layout();
    CHECK(pool.size() == 3, "layouts refer to it");
    copies.clear();
    CHECK(pool.size() == 0, "nobody does");
  }
  {
    Int deep = pool.symbol("x"), y = pool.symbol("y");
    for (unsigned i = 1; i < Expr::maxDepth / 2; ++i)
      deep = floorMod(mul(deep, 3), y);
    CHECK(deep.expr()->depth() == Expr::maxDepth - 1, "a deep one");
    CHECK(mul(deep, 3).isDynamic(), "the deepest one");
    CHECK(floorMod(mul(deep, 3), y).isInvalid(), "one too deep");
    std::optional<int64_t> value =
        evaluate(deep, [](const Expr &symbol) { return 5; });
    CHECK(value == 0, "walked");
    CHECK(pool.size() == Expr::maxDepth, "a deep one, and y");
  }
  CHECK(pool.size() == 0, "none of it");
  for (unsigned round = 0; round < 500; ++round) {
    Layout a =
        withSymbols(forgetSome(random.layout(60, true), random), pool, "a");
    Layout b = withSymbols(forgetSome(random.layout(24), random), pool, "b");
    (void)composition(a, b);
    (void)logicalDivide(a, b);
    (void)logicalProduct(a, b);
  }
  CHECK(pool.size() == 0, "nor of what operations compute, and refuse");

  // Threads make the same expressions, find them, and drop them.
  std::vector<std::thread> threads;
  std::atomic<unsigned> wrong = 0;
  for (unsigned thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (unsigned i = 0; i < 20000; ++i) {
        Int x = pool.symbol("x"), sum = add(mul(x, 2), pool.symbol("y"));
        Int again = add(mul(pool.symbol("x"), 2), pool.symbol("y"));
        std::optional<int64_t> value = evaluate(
            again, [](const Expr &symbol) { return symbol.name() == "x"; });
        wrong += sum != again || value != 2;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(wrong == 0 && pool.size() == 0, "threads");
}

/// A layout forgets where it starts: what that is computed from does not stay
/// with the symbols of the coordinate.
static void testPartsOfLayouts() {
  ExprPool pool(ExprPool::Keeps::Used);
  Int x = pool.symbol("x"), y = pool.symbol("y");
  Profile pair = Profile::flat(2);
  Value plain(L("(96,40):(40,1)")), nested(L("((8,12),40):((1,8),96)"));
  struct {
    llvm::StringRef name;
    llvm::SmallVector<Value, 3> operands;
    llvm::StringRef part;
  } cases[] = {
      {"slice", {plain, IntTuple(pair, {Int::none(), y})}, "(96):(40)"},
      {"slice", {nested, IntTuple(pair, {x, Int::none()})}, "(40):(96)"},
      {"local_tile",
       {plain, T("(16,8)"), IntTuple(pair, {x, y})},
       "(16,8):(40,1)"},
      {"local_partition", {plain, L("(4,8):(8,1)"), x}, "(24,5):(160,8)"},
  };
  for (const auto &each : cases) {
    Result<Values> found = getOperation(each.name).compute(each.operands, {});
    CHECK(found && found->front().layout.layout().str() == each.part,
          each.name);
  }
  CHECK(pool.symbol("z").expr()->id() == y.expr()->id() + 1,
        "an expression stays");
  // A swizzle needs it.
  Value tile(
      *ComposedLayout::make(*Swizzle::make(3, 0, 3), 0, L("(32,2):(1,32)")));
  Result<Values> half = getOperation("slice").compute(
      {tile, IntTuple(pair, {Int::none(), x})}, {});
  CHECK(half && half->front().layout.offset() == mul(x, 32), "a swizzled part");
}

//===----------------------------------------------------------------------===//
// Spellings and errors
//===----------------------------------------------------------------------===//

static void testWorkedValues() {
  EXPECT_LAYOUT(composition(L("(6,2):(8,2)"), L("(4,3):(3,1)")),
                "((2,2),3):((24,2),8)");
  EXPECT_LAYOUT(composition(L("8:2"), L("4:1")), "4:2");
  EXPECT_LAYOUT(coalesce(L("(4,8):(8,1)")), "(4,8):(8,1)");
  EXPECT_LAYOUT(coalesce(L("(2,(1,6)):(1,(6,2))")), "12:1");
  EXPECT_LAYOUT(coalesce(L("(2,(1,6)):(1,(6,2))"), T("(1,1)").profile()),
                "(2,6):(1,2)");
  EXPECT_LAYOUT(blockedProduct(L("(2,5):(5,1)"), L("(3,4):(1,3)")),
                "((2,3),(5,4)):((5,10),(1,30))");
  EXPECT_LAYOUT(rakedProduct(L("(2,5):(5,1)"), L("(3,4):(1,3)")),
                "((3,2),(4,5)):((10,5),(30,1))");
  EXPECT_LAYOUT(rightInverse(L("(2,4):(4,1)")), "(4,2):(2,1)");
  EXPECT_LAYOUT(logicalDivide(L("10:1"), Int(4)), "(4,3):(1,4)");
  EXPECT_LAYOUT(complement(L("4:2"), 24), "(2,3):(1,8)");
  EXPECT_LAYOUT(complement(L("(2,2):(1,6)"), 24), "(3,2):(2,12)");
  EXPECT_LAYOUT(complement(L("(2,4,1,2):(1,0,5,6)"), 24), "(3,2):(2,12)");
  EXPECT_LAYOUT(complement(L("4:0"), 8), "8:1");
  EXPECT_LAYOUT(leftInverse(L("(4,3):(1,5)")), "(5,3):(1,4)");
  EXPECT_LAYOUT(leftInverse(L("4:-1")), "4:-1");
  EXPECT_LAYOUT(makeOrderedLayout(T("(4,32)"), T("(1,0)")), "(4,32):(32,1)");
  EXPECT_LAYOUT(makeOrderedLayout(T("((2,4),8)"), T("((2,0),1)")),
                "((2,4),8):((32,1),4)");
  EXPECT_LAYOUT(makeIdentityLayout(T("((2,3),4)")),
                "((2,3),4):((1@0.0,1@0.1),1@1)");
  EXPECT_LAYOUT(zippedDivide(*makeIdentityLayout(T("(8,16)")),
                             Tiler::tuple({Int(4), Int(4)})),
                "((4,4),(2,4)):((1@0,1@1),(4@0,4@1))");
  EXPECT_LAYOUT(tileToShape(L("(2,4):(4,1)"), T("(4,8)"), T("(1,0)")),
                "((2,2),(4,2)):((4,16),(1,8))");
  auto tv = makeLayoutTV(L("(4,32):(32,1)"), L("(4,4):(4,1)"));
  CHECK(tv && tv->first.str() == "(16,128)" &&
            tv->second.str() == "((32,4),(4,4)):((64,4),(16,1))",
        tv ? tv->second.str() : tv.message());
  EXPECT_LAYOUT(recastLayout(32, 16, L("(8,4):(1,8)")), "(4,4):(1,4)");
  EXPECT_LAYOUT(recastLayout(16, 32, L("(8,4):(4,1)")), "(8,8):(8,1)");
  CHECK(*maxCommonVector(L("(4,8):(1,4)"), L("(4,8):(1,8)")) == 4, "");
  CHECK(*maxCommonVector(L("(4,8):(1,4)"), L("(4,8):(8,1)")) == 1, "");
  CHECK(*maxCommonVector(L("(4,?{div=2}):(1,?)"), L("(?{div=8}):(1)")) == 4,
        "");
  CHECK(*maxCommonVector(L("(4,3):(1,5)"), L("(6,2):(1,7)")) == 4, "");
  EXPECT_LAYOUT(slice(T("((None,None),3)"), L("((4,2),8):((1,4),8)")),
                "(4,2):(1,4)");
  EXPECT_LAYOUT(dice(T("(None,3)"), L("(4,8):(1,4)")), "(8):(4)");
  CHECK(L("(4,8):(1,16)").cosize().is(116) &&
            L("(4,8):(-1,16)").cosize().is(116),
        "cosize");
}

static void testSwizzles() {
  auto swizzle = [](int64_t bits, int64_t base, int64_t shift) {
    return *Swizzle::make(bits, base, shift);
  };
  for (int64_t bits = 0; bits < 4; ++bits)
    for (int64_t base = 0; base < 3; ++base)
      for (int64_t shift = -4; shift < 5; ++shift) {
        Result<Swizzle> s = Swizzle::make(bits, base, shift);
        CHECK(bool(s) == (std::abs(shift) >= bits), "valid swizzles");
        if (!s)
          continue;
        std::set<int64_t> image;
        for (int64_t y = 0; y < 1024; ++y) {
          int64_t mask = (int64_t(1) << bits) - 1;
          int64_t source = y & (mask << (base + std::max<int64_t>(shift, 0)));
          int64_t moved = shift < 0 ? source << -shift : source >> shift;
          CHECK((*s)(y) == (y ^ moved), "definition");
          image.insert((*s)(y));
        }
        CHECK(image.size() == 1024 && *image.rbegin() == 1023, "bijection");
        ExprPool pool;
        for (int64_t div : {1, 4, 12}) {
          Int swizzled = (*s)(pool.symbol("y", div));
          for (int64_t y = -96; y < 96; y += div) {
            std::optional<int64_t> value =
                evaluate(swizzled, [&](const Expr &) { return y; });
            CHECK(value == (*s)(y) && *value % swizzled.divisor() == 0,
                  "at run time");
          }
        }
      }
  auto text = L("(8,8):(8,1)");
  ComposedLayout tile = *ComposedLayout::make(swizzle(3, 0, 3), 0, text);
  CHECK(tile.str() == "Sw<3,0,3> o 0 o (8,8):(8,1)", tile.str());
  Result<ComposedLayout> again = ComposedLayout::parse(tile.str());
  CHECK(again && *again == tile, tile.str());
  CHECK(crd2idx(T("(2,3)"), tile)->leaf(0).is((16 + 3) ^ 2), "offset");
  EXPECT_ERROR(ComposedLayout::parse("Sw<3,0,3> o 0 o (8,8):(8,x)"),
               "column 26: expected an integer");
  EXPECT_ERROR(ComposedLayout::parse("Sw<3,0,2> o 0 o 8"), "at least bits");
  EXPECT_ERROR(ComposedLayout::parse("Sw<3,0,3> o 0"), "and a layout");
  CHECK(crd2idx(IntTuple(Int::dynamic()), tile)->leaf(0) == Int::dynamic(),
        "an offset at run time");
  EXPECT_ERROR(composition(L("(8,8):(8,1)"), tile), "that are swizzled");
  auto half = recastLayout(8, 16, tile), wide = recastLayout(32, 16, tile);
  CHECK(half && half->str() == "Sw<3,1,3> o 0 o (8,16):(16,1)", "recast");
  EXPECT_ERROR(wide, "parts of the wider elements");
  ComposedLayout blocks =
      *ComposedLayout::make(swizzle(2, 2, 3), 0, L("(16,8):(1,16)"));
  CHECK(*maxCommonVector(blocks, *ComposedLayout::make(
                                     Swizzle(), 0, L("(16,8):(1,16)"))) == 4,
        "a swizzle keeps 2^base elements");
}

static void testRemedies() {
  std::set<std::string> remedies;
  for (unsigned kind = 0; kind < numErrorKinds; ++kind) {
    std::string remedy = getRemedy(ErrorKind(kind)).str(),
                what = "remedy of kind " + std::to_string(kind);
    CHECK(remedy.size() > 10 && remedy.back() != '.', what);
    CHECK(remedies.insert(remedy).second, what + " is that of another");
    CHECK(Error(ErrorKind(kind), "x").remedy() == remedy, what);
    CHECK(Error(ErrorKind(kind), "x", "y").in("z").remedy() == "y", what);
  }
}

static void testErrors() {
  EXPECT_ERROR(composition(L("(5,3):(1,10)"), L("6:2")),
               "no layout equals (5,3):(1,10) o 6:2: mode 0 (6:2)");
  EXPECT_ERROR(composition(L("(4,4):(1,8)"), L("(3,3):(1,1)")),
               "carry into each other");
  EXPECT_ERROR(composition(*makeIdentityLayout(T("(4,4)")), L("2:5")),
               "several coordinates");
  EXPECT_ERROR(composition(L("4:1000000000000000000"), L("1000:1")), "2^62");
  EXPECT_ERROR(complement(L("(2,2):(1,1)"), 8), "not injective");
  EXPECT_ERROR(complement(L("(2,2,3):(1,1,0)"), 8), "not injective");
  EXPECT_ERROR(complement(L("(4,3):(1,5)"), 15), "no layout fills the gaps");
  EXPECT_ERROR(leftInverse(L("(2,2):(1,1)")), "not injective");
  EXPECT_ERROR(zippedDivide(L("(8,8):(8,1)"), Tiler::tuple({Int(4), Int(16)})),
               "tiler exceeds tensor in mode 1: the tile 16:1 has 16 "
               "elements, the layout 8:1 has 8");
  EXPECT_ERROR(logicalDivide(L("8:1"), Int(9)), "tiler exceeds tensor");
  EXPECT_ERROR(logicalDivide(L("8:1"), Tiler::tuple({Int(2), Int(2)})),
               "2 modes");
  EXPECT_ERROR(recastLayout(32, 8, L("8:3")), "neither a multiple");
  EXPECT_ERROR(recastLayout(32, 8, L("2:1")), "holds 2 of the 4");
  EXPECT_ERROR(recastLayout(32, 8, L("6:1")), "no multiple");
  EXPECT_ERROR(Layout::make(T("(4,8)"), T("(1,(2,3))")), "not congruent");
  EXPECT_ERROR(Layout::make(T("(4,0)")), "is not positive");
  EXPECT_ERROR(Layout::make(T("(4,-2)")), "is not positive");
  EXPECT_ERROR(Layout::make(T("(4,None)")), "None is no extent");
  EXPECT_ERROR(Layout::make(T("(4294967296,4294967296)")), "2^62");
  EXPECT_ERROR(crd2idx(T("(1,2)"), L("8:1")), "does not fit");
  EXPECT_ERROR(crd2idx(T("(1,2,3)"), L("(4,8):(1,4)")), "does not fit");
  EXPECT_ERROR(makeLayoutTV(L("4:2"), L("1:1")), "numbered from 0");
  EXPECT_ERROR(makeLayoutTV(L("(2,4):(8,1)"), L("4:1")), "only 4 of 8 threads");
  EXPECT_ERROR(makeLayoutTV(L("4:1"), L("(2,2):(4,1)")), "only 2 of 4 values");
  EXPECT_ERROR(tileToShape(L("4:1"), T("10"), std::nullopt), "is no multiple");
  EXPECT_ERROR(get(L("(4,8):(1,4)"), {2}), "has no mode 2");
  EXPECT_ERROR(take(L("(4,8):(1,4)"), 1, 3), "no range");
  EXPECT_ERROR(Layout::parse("(4,8):(1,"), "column 10");
  EXPECT_ERROR(Layout::parse("(4,x)"), "column 4: expected an integer");
  EXPECT_ERROR(Layout::parse("4:1 5"), "unexpected text");
  EXPECT_ERROR(Layout::parse("?{div=0}:1"), "positive");
  EXPECT_ERROR(Layout::parse("()"), "at least one mode");
}

int main() {
  testWorkedValues();
  testRemedies();
  testErrors();
  testSwizzles();
  testDynamicSpellings();
  testPartsOfLayouts();
  Random random(20240817);
  testLifetimes(random);
  testComposition(random, 40000);
  testCoalesce(random, 4000);
  testComplement(random, 4000);
  testInverses(random, 6000);
  testDivides(random, 1000);
  testProducts(random, 4000);
  testRecast(random, 6000);
  testCoordinates(random, 4000);
  testPartitions(random, 300);
  testParser(random, 20000);
  testDynamic(random, 6000);
  if (failures) {
    llvm::errs() << failures << " failures\n";
    return 1;
  }
  llvm::outs() << "all layout tests passed\n";
  return 0;
}
