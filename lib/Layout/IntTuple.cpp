// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nested tuples of integers.

#include "enigma/Layout/IntTuple.h"

#include "Detail.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// Profile
//===----------------------------------------------------------------------===//

Profile Profile::flat(unsigned leaves) {
  Profile result;
  result.nodes.push_back(leaves);
  result.nodes.append(leaves, leafNode);
  return result;
}

Profile Profile::fromNodes(llvm::ArrayRef<Node> nodes) {
  Profile result;
  if (nodes.front() != leafNode)
    result.nodes.assign(nodes.begin(), nodes.end());
  return result;
}

unsigned Profile::depth() const {
  // `open` holds how many children each tuple around the current node lacks.
  llvm::SmallVector<Node, 8> open;
  unsigned depth = 0;
  for (Node node : preorder()) {
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

unsigned Profile::numLeaves() const {
  return llvm::count(preorder(), leafNode);
}

Profile::Extent
enigma::layout::detail::extentAt(llvm::ArrayRef<Profile::Node> nodes,
                                 unsigned node, unsigned leaf) {
  Profile::Extent at = {node, 0, leaf, 0};
  for (int64_t missing = 1; missing; ++at.numNodes) {
    Profile::Node next = nodes[node + at.numNodes];
    bool isLeaf = next == Profile::leafNode;
    missing += isLeaf ? -1 : next - 1;
    at.numLeaves += isLeaf;
  }
  return at;
}

llvm::SmallVector<Profile::Extent, 4> Profile::extents() const {
  llvm::SmallVector<Extent, 4> result;
  if (isLeaf()) {
    result.push_back({0, 1, 0, 1});
    return result;
  }
  for (unsigned node = 1, leaf = 0; node < nodes.size();) {
    result.push_back(detail::extentAt(nodes, node, leaf));
    node += result.back().numNodes;
    leaf += result.back().numLeaves;
  }
  return result;
}

Profile::Extent Profile::extent(unsigned mode) const {
  assert(mode < rank() && "no such mode");
  if (isLeaf())
    return {0, 1, 0, 1};
  // Where all modes are leaves none has to be looked for.
  if (nodes.size() == 1 + rank())
    return {1 + mode, 1, mode, 1};
  Extent at = detail::extentAt(nodes, 1, 0);
  for (; mode != 0; --mode)
    at = detail::extentAt(nodes, at.node + at.numNodes, at.leaf + at.numLeaves);
  return at;
}

Profile Profile::mode(unsigned index) const {
  Extent at = extent(index);
  return fromNodes(preorder().slice(at.node, at.numNodes));
}

//===----------------------------------------------------------------------===//
// IntTuple
//===----------------------------------------------------------------------===//

IntTuple IntTuple::tuple(llvm::ArrayRef<IntTuple> modes) {
  llvm::SmallVector<Int, 8> leaves;
  for (const IntTuple &mode : modes)
    leaves.append(mode.leafList.begin(), mode.leafList.end());
  return IntTuple(Profile::tuple(modes), leaves);
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
