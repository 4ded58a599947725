// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "DebugLines.h"

#include "enigma/Utils/Locations.h"

#include "llvm/BinaryFormat/Dwarf.h"

using namespace enigma;
using namespace enigma::cpu;

DebugLines::DebugLines(llvm::Function &function)
    : builder(*function.getParent()) {
  llvm::DIFile *file = builder.createFile("kernel", "");
  builder.createCompileUnit(llvm::dwarf::DW_LANG_Python, file, "Enigma",
                            /*isOptimized=*/true,
                            /*Flags=*/"", /*RV=*/0, /*SplitName=*/"",
                            // Directives in assembly are all that is asked for.
                            llvm::DICompileUnit::DebugDirectivesOnly);
  subprogram = builder.createFunction(
      file, function.getName(), function.getName(), file, /*LineNo=*/0,
      builder.createSubroutineType(builder.getOrCreateTypeArray({})),
      /*ScopeLine=*/0, llvm::DINode::FlagZero,
      llvm::DISubprogram::SPFlagDefinition |
          llvm::DISubprogram::SPFlagOptimized);
  function.setSubprogram(subprogram);
}

llvm::DebugLoc DebugLines::getNowhere() {
  return llvm::DILocation::get(subprogram->getContext(), 0, 0, subprogram);
}

llvm::DebugLoc DebugLines::find(mlir::Location loc) {
  mlir::FileLineColLoc place = getFileLine(loc);
  if (!place)
    return {};
  llvm::DIScope *&scope = scopes[place.getFilename()];
  if (!scope) {
    scope = builder.createLexicalBlockFile(
        subprogram, builder.createFile(std::to_string(files.size()), ""));
    files.push_back(place.getFilename().str());
  }
  return llvm::DILocation::get(subprogram->getContext(), place.getLine(),
                               place.getColumn(), scope);
}
