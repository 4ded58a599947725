// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Picking and arranging modes.

#include "Detail.h"

#include "llvm/ADT/STLExtras.h"

using namespace enigma::layout;

static Error noSuchMode(llvm::StringRef operation, const Layout &layout,
                        int64_t mode) {
  return Error(ErrorKind::Mode, operation + ": " + layout.str() +
                                    " has no mode " + llvm::Twine(mode) +
                                    "; it has " + llvm::Twine(layout.rank()) +
                                    (layout.rank() == 1 ? " mode" : " modes"));
}

static Error noSuchRange(llvm::StringRef operation, const Layout &layout,
                         int64_t begin, int64_t end) {
  return Error(ErrorKind::Mode,
               operation + ": modes [" + llvm::Twine(begin) + ", " +
                   llvm::Twine(end) + ") are no range of the " +
                   llvm::Twine(layout.rank()) + " modes of " + layout.str(),
               "modes count from 0, and the end is beyond the last one");
}

static bool hasMode(const Layout &layout, int64_t mode) {
  return mode >= 0 && mode < int64_t(layout.rank());
}

static bool hasRange(const Layout &layout, int64_t begin, int64_t end) {
  return begin >= 0 && begin < end && end <= int64_t(layout.rank());
}

Result<Layout> enigma::layout::get(const Layout &layout,
                                   llvm::ArrayRef<int64_t> path) {
  Layout mode = layout;
  for (int64_t index : path) {
    if (!hasMode(mode, index))
      return noSuchMode("get", mode, index);
    mode = mode.mode(index);
  }
  return mode;
}

Result<Layout> enigma::layout::select(const Layout &layout,
                                      llvm::ArrayRef<int64_t> modes) {
  if (modes.empty())
    return Error(ErrorKind::Empty, "select: a layout has at least one mode");
  llvm::SmallVector<Layout, 4> all = layout.modes(), selected;
  for (int64_t mode : modes) {
    if (!hasMode(layout, mode))
      return noSuchMode("select", layout, mode);
    selected.push_back(all[mode]);
  }
  return Layout::tuple(selected);
}

Result<Layout> enigma::layout::take(const Layout &layout, int64_t begin,
                                    int64_t end) {
  if (!hasRange(layout, begin, end))
    return noSuchRange("take", layout, begin, end);
  return Layout::tuple(
      llvm::ArrayRef<Layout>(layout.modes()).slice(begin, end - begin));
}

Result<Layout> enigma::layout::groupModes(const Layout &layout, int64_t begin,
                                          int64_t end) {
  if (!hasRange(layout, begin, end))
    return noSuchRange("group_modes", layout, begin, end);
  llvm::SmallVector<Layout, 4> modes = layout.modes(), grouped;
  llvm::ArrayRef<Layout> all = modes;
  grouped.append(all.begin(), all.begin() + begin);
  grouped.push_back(Layout::tuple(all.slice(begin, end - begin)));
  grouped.append(all.begin() + end, all.end());
  return checked("group_modes", Layout::tuple(grouped));
}

Layout enigma::layout::flatten(const Layout &layout) {
  if (layout.isLeaf())
    return layout;
  return Layout::unchecked(Profile::flat(layout.numLeaves()), layout.shapes(),
                           layout.strides());
}

Layout enigma::layout::append(const Layout &layout, const Layout &mode) {
  llvm::SmallVector<Layout, 4> modes = layout.modes();
  modes.push_back(mode);
  return Layout::tuple(modes);
}

Layout enigma::layout::prepend(const Layout &layout, const Layout &mode) {
  llvm::SmallVector<Layout, 4> modes = layout.modes();
  modes.insert(modes.begin(), mode);
  return Layout::tuple(modes);
}

Result<Layout> enigma::layout::replace(const Layout &layout, int64_t mode,
                                       const Layout &by) {
  if (!hasMode(layout, mode))
    return noSuchMode("replace", layout, mode);
  llvm::SmallVector<Layout, 4> modes = layout.modes();
  modes[mode] = by;
  return checked("replace", layout.isLeaf() ? by : Layout::tuple(modes));
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

/// Collects the modes where `coord` is None or where it is not, in one tuple
/// whatever the nesting of `coord`.
static Result<Layout> pick(llvm::StringRef operation, const IntTuple &coord,
                           const Layout &layout, bool wanted) {
  llvm::ArrayRef<Profile::Node> tree = layout.profile().preorder();
  llvm::SmallVector<Layout, 4> picked;
  unsigned node = 0, leaf = 0, coordLeaf = 0;
  for (Profile::Node coordNode : coord.profile().preorder()) {
    if (coordNode != Profile::leafNode) {
      if (tree[node] != coordNode)
        return detail::coordinateMisfits(operation, coord, coordNode, layout,
                                         node, leaf);
      ++node;
      continue;
    }
    Profile::Extent at = detail::extentAt(tree, node, leaf);
    node += at.numNodes;
    leaf += at.numLeaves;
    if (coord.leaf(coordLeaf++).isNone() == wanted)
      picked.push_back(Layout::unchecked(
          Profile::fromNodes(tree.slice(at.node, at.numNodes)),
          layout.shapes().slice(at.leaf, at.numLeaves),
          layout.strides().slice(at.leaf, at.numLeaves)));
  }
  if (picked.empty())
    return Layout();
  return coord.isLeaf() ? picked.front() : Layout::tuple(picked);
}

Result<Layout> enigma::layout::slice(const IntTuple &coord,
                                     const Layout &layout) {
  return pick("slice", coord, layout, /*wanted=*/true);
}

Result<Layout> enigma::layout::dice(const IntTuple &coord,
                                    const Layout &layout) {
  return pick("dice", coord, layout, /*wanted=*/false);
}

Result<std::pair<Layout, IntTuple>>
enigma::layout::sliceAndOffset(const IntTuple &coord, const Layout &layout) {
  Result<Layout> kept = slice(coord, layout);
  if (!kept)
    return kept.error();
  Result<IntTuple> offset = crd2idx(coord, layout);
  if (!offset)
    return offset.error();
  return std::make_pair(*kept, *offset);
}
