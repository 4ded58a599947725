// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nested tuples of integers.

#ifndef ENIGMA_LAYOUT_INTTUPLE_H
#define ENIGMA_LAYOUT_INTTUPLE_H

#include "enigma/Layout/Int.h"
#include "enigma/Layout/Result.h"

namespace enigma::layout {

/// How leaves are nested: the tree in pre-order, a leaf as -1 and a tuple as
/// the number of its modes. A tuple has at least one mode.
class Profile {
public:
  using Node = int32_t;
  static constexpr Node leafNode = -1;
  /// Deeper nesting is refused where tuples are made from outside.
  static constexpr unsigned maxDepth = 64;

  /// The profile of a single leaf.
  Profile() = default;
  /// The profile of `leaves` leaves in one tuple.
  static Profile flat(unsigned leaves);
  /// The nodes of a valid pre-order walk.
  static Profile fromNodes(llvm::ArrayRef<Node> nodes);
  /// A tuple of modes of these profiles; \p Mode is something that has one.
  template <typename Mode> static Profile tuple(llvm::ArrayRef<Mode> modes) {
    Profile result;
    result.nodes.push_back(modes.size());
    for (const Mode &mode : modes) {
      llvm::ArrayRef<Node> inner = mode.profile().preorder();
      result.nodes.append(inner.begin(), inner.end());
    }
    return result;
  }

  bool isLeaf() const { return nodes.empty(); }
  /// Number of modes; a leaf has one, itself.
  unsigned rank() const { return isLeaf() ? 1 : nodes[0]; }
  unsigned depth() const;
  unsigned numLeaves() const;
  llvm::ArrayRef<Node> preorder() const {
    return isLeaf() ? llvm::ArrayRef<Node>(leafNode)
                    : llvm::ArrayRef<Node>(nodes);
  }

  /// Where a mode's nodes and leaves are.
  struct Extent {
    unsigned node, numNodes, leaf, numLeaves;
  };
  Extent extent(unsigned mode) const;
  llvm::SmallVector<Extent, 4> extents() const;
  Profile mode(unsigned index) const;

  friend bool operator==(const Profile &a, const Profile &b) {
    return a.nodes == b.nodes;
  }
  friend bool operator!=(const Profile &a, const Profile &b) {
    return !(a == b);
  }
  friend llvm::hash_code hash_value(const Profile &a) {
    return llvm::hash_combine_range(a.nodes.begin(), a.nodes.end());
  }

private:
  /// None for a leaf, as most profiles are: then there is nothing to copy.
  llvm::SmallVector<Node, 12> nodes;
};

/// A nested tuple of integers: a shape, a stride, a coordinate.
class IntTuple {
public:
  IntTuple() : leafList{Int(0)} {}
  IntTuple(Int leaf) : leafList{leaf} {}
  IntTuple(int64_t leaf) : leafList{Int(leaf)} {}
  IntTuple(Profile profile, llvm::ArrayRef<Int> leaves)
      : nesting(std::move(profile)), leafList(leaves.begin(), leaves.end()) {
    assert(nesting.numLeaves() == leaves.size() && "leaves do not fill it");
  }
  static IntTuple tuple(llvm::ArrayRef<IntTuple> modes);

  const Profile &profile() const { return nesting; }
  llvm::ArrayRef<Int> leaves() const { return leafList; }
  const Int &leaf(unsigned index) const { return leafList[index]; }

  bool isLeaf() const { return nesting.isLeaf(); }
  unsigned rank() const { return nesting.rank(); }
  unsigned depth() const { return nesting.depth(); }
  unsigned numLeaves() const { return leafList.size(); }
  IntTuple mode(unsigned index) const;
  bool isStatic() const;

  /// Puts in the place of each leaf what `change` gives for it.
  void changeLeaves(llvm::function_ref<Int(const Int &)> change) {
    for (Int &leaf : leafList)
      leaf = change(leaf);
  }

  /// The product of all leaves.
  Int product() const;

  friend bool operator==(const IntTuple &a, const IntTuple &b) {
    return a.nesting == b.nesting && a.leafList == b.leafList;
  }
  friend bool operator!=(const IntTuple &a, const IntTuple &b) {
    return !(a == b);
  }
  friend llvm::hash_code hash_value(const IntTuple &a) {
    return llvm::hash_combine(
        a.nesting,
        llvm::hash_combine_range(a.leafList.begin(), a.leafList.end()));
  }

  void print(llvm::raw_ostream &os) const;
  std::string str() const;

  /// Reads `(2,(?{div=4},None))`. The message of a failure begins with the
  /// column, counted from 1.
  static Result<IntTuple> parse(llvm::StringRef text);

private:
  Profile nesting;
  llvm::SmallVector<Int, 8> leafList;
};

/// The tuple whose modes are the products of the modes of `tuple`; a leaf stays
/// as it is.
IntTuple productEach(const IntTuple &tuple);

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_INTTUPLE_H
