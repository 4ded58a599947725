// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/Locations.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Operation.h"

using namespace mlir;
using namespace enigma;

StringRef enigma::getLocationName(Location loc) {
  while (auto call = dyn_cast<CallSiteLoc>(loc))
    loc = call.getCallee();
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().getValue();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (auto name = dyn_cast<NameLoc>(part))
        return name.getName().getValue();
  return {};
}

FileLineColLoc enigma::getFileLine(Location loc) {
  while (true) {
    if (auto file = dyn_cast<FileLineColLoc>(loc))
      return file;
    if (auto name = dyn_cast<NameLoc>(loc))
      loc = name.getChildLoc();
    else if (auto call = dyn_cast<CallSiteLoc>(loc))
      loc = call.getCallee();
    else if (auto fused = dyn_cast<FusedLoc>(loc))
      loc = fused.getLocations().front();
    else
      return {};
  }
}

void enigma::printWithOrigins(
    Operation *op, raw_ostream &os,
    function_ref<void(unsigned, FileLineColLoc)> tell) {
  AsmState::LocationMap lines;
  AsmState state(op, OpPrintingFlags().printNameLocAsPrefix(), &lines);
  op->print(os, state);
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    auto line = lines.find(inner);
    FileLineColLoc origin = getFileLine(inner->getLoc());
    if (line != lines.end() && origin)
      tell(line->second.first, origin);
  });
}
