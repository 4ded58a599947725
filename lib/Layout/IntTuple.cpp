// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nested tuples of integers.

#include "enigma/Layout/IntTuple.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Profile
//===----------------------------------------------------------------------===//

Profile Profile::flat(unsigned leaves) {
  Profile result;
  result.nodes[0] = leaves;
  result.nodes.append(leaves, leafNode);
  return result;
}

Profile Profile::fromNodes(llvm::ArrayRef<Node> nodes) {
  Profile result;
  result.nodes.assign(nodes.begin(), nodes.end());
  return result;
}

Profile Profile::tuple(llvm::ArrayRef<Profile> modes) {
  Profile result;
  result.nodes[0] = modes.size();
  for (const Profile &mode : modes)
    result.nodes.append(mode.nodes.begin(), mode.nodes.end());
  return result;
}

unsigned Profile::depth() const {
  // `open` holds how many children each tuple around the current node lacks.
  llvm::SmallVector<Node, 8> open;
  unsigned depth = 0;
  for (Node node : nodes) {
    if (node != leafNode) {
      open.push_back(node);
      depth = std::max<unsigned>(depth, open.size());
      continue;
    }
    while (!open.empty() && --open.back() == 0)
      open.pop_back();
  }
  return depth;
}

unsigned Profile::numLeaves() const { return llvm::count(nodes, leafNode); }

/// The number of nodes of the subtree that begins at `begin`.
static unsigned subtreeSize(llvm::ArrayRef<Profile::Node> nodes,
                            unsigned begin) {
  int64_t missing = 1;
  unsigned end = begin;
  while (missing) {
    Profile::Node node = nodes[end++];
    missing += node == Profile::leafNode ? -1 : node - 1;
  }
  return end - begin;
}

llvm::SmallVector<Profile::Extent, 4> Profile::extents() const {
  llvm::SmallVector<Extent, 4> result;
  if (isLeaf()) {
    result.push_back({0, 1, 0, 1});
    return result;
  }
  unsigned node = 1, leaf = 0;
  for (Node mode = 0; mode < nodes[0]; ++mode) {
    unsigned numNodes = subtreeSize(nodes, node);
    unsigned numLeaves = llvm::count(
        llvm::ArrayRef<Node>(nodes).slice(node, numNodes), leafNode);
    result.push_back({node, numNodes, leaf, numLeaves});
    node += numNodes;
    leaf += numLeaves;
  }
  return result;
}

Profile::Extent Profile::extent(unsigned mode) const {
  assert(mode < rank() && "no such mode");
  return extents()[mode];
}

Profile Profile::mode(unsigned index) const {
  Extent at = extent(index);
  return fromNodes(llvm::ArrayRef<Node>(nodes).slice(at.node, at.numNodes));
}

//===----------------------------------------------------------------------===//
// IntTuple
//===----------------------------------------------------------------------===//

IntTuple IntTuple::tuple(llvm::ArrayRef<IntTuple> modes) {
  llvm::SmallVector<Profile, 4> profiles;
  llvm::SmallVector<Int, 8> leaves;
  for (const IntTuple &mode : modes) {
    profiles.push_back(mode.nesting);
    leaves.append(mode.leafList.begin(), mode.leafList.end());
  }
  return IntTuple(Profile::tuple(profiles), leaves);
}

IntTuple IntTuple::mode(unsigned index) const {
  Profile::Extent at = nesting.extent(index);
  return IntTuple(
      Profile::fromNodes(nesting.preorder().slice(at.node, at.numNodes)),
      leaves().slice(at.leaf, at.numLeaves));
}

bool IntTuple::isStatic() const {
  return llvm::all_of(leafList, [](const Int &x) { return x.isStatic(); });
}

static Int productOf(llvm::ArrayRef<Int> leaves) {
  Int result = 1;
  for (const Int &leaf : leaves)
    result = mul(result, leaf);
  return result;
}

Int IntTuple::product() const { return productOf(leafList); }

void IntTuple::print(llvm::raw_ostream &os) const {
  llvm::SmallVector<Profile::Node, 8> open;
  unsigned leaf = 0;
  bool first = true;
  for (Profile::Node node : nesting.preorder()) {
    if (!first)
      os << ',';
    if (node != Profile::leafNode) {
      os << '(';
      open.push_back(node);
      first = true;
      continue;
    }
    leafList[leaf++].print(os);
    first = false;
    while (!open.empty() && --open.back() == 0) {
      os << ')';
      open.pop_back();
    }
  }
}

std::string IntTuple::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return text;
}

IntTuple enigma::layout::productEach(const IntTuple &tuple) {
  if (tuple.isLeaf())
    return tuple;
  llvm::SmallVector<Int, 4> products;
  for (const Profile::Extent &at : tuple.profile().extents())
    products.push_back(productOf(tuple.leaves().slice(at.leaf, at.numLeaves)));
  return IntTuple(Profile::flat(products.size()), products);
}
