// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/Names.h"

#include "enigma/IR/EnigmaDialect.h"

using namespace mlir;
using namespace enigma;

Location enigma::withoutName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getChildLoc();
  return loc;
}

Location enigma::withName(StringRef name, Location loc) {
  return NameLoc::get(StringAttr::get(loc.getContext(), name),
                      withoutName(loc));
}

void enigma::passName(Location from, Operation *op) {
  if (auto name = dyn_cast<NameLoc>(from); name && !isa<NameLoc>(op->getLoc()))
    op->setLoc(NameLoc::get(name.getName(), op->getLoc()));
}

Location enigma::getResultLoc(OpResult result) {
  Location loc = result.getOwner()->getLoc();
  StringRef name = EnigmaDialect::getResultName(result);
  return name.empty() ? loc : withName(name, loc);
}

void enigma::copyResultNames(Operation *from, Operation *to,
                             function_ref<size_t(unsigned)> getCount) {
  auto names = from->getAttrOfType<ArrayAttr>(EnigmaDialect::kNamesAttr);
  if (!names || names.size() != from->getNumResults())
    return;
  SmallVector<Attribute> copied;
  for (auto [i, name] : llvm::enumerate(names))
    copied.append(getCount(i), name);
  if (copied.empty())
    to->removeDiscardableAttr(EnigmaDialect::kNamesAttr);
  else
    to->setDiscardableAttr(EnigmaDialect::kNamesAttr,
                           ArrayAttr::get(from->getContext(), copied));
}

void enigma::copyResultNames(ArrayRef<Operation *> from, Operation *to) {
  SmallVector<Attribute> names;
  for (Operation *op : from)
    for (OpResult result : op->getResults())
      names.push_back(StringAttr::get(op->getContext(),
                                      EnigmaDialect::getResultName(result)));
  if (!names.empty())
    to->setDiscardableAttr(EnigmaDialect::kNamesAttr,
                           ArrayAttr::get(to->getContext(), names));
}
