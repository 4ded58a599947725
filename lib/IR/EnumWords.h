// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Enumerations by their words alone: a parser of the attribute would follow the
// error of a wrong word with another.

#ifndef ENIGMA_LIB_IR_ENUMWORDS_H
#define ENIGMA_LIB_IR_ENUMWORDS_H

#include "enigma/IR/EnigmaDialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"

namespace enigma {

template <typename EnumAttr, typename Enum>
mlir::ParseResult parseWord(mlir::OpAsmParser &parser, EnumAttr &attr) {
  mlir::FailureOr<Enum> value = mlir::FieldParser<Enum>::parse(parser);
  if (mlir::failed(value))
    return mlir::failure();
  attr = EnumAttr::get(parser.getContext(), *value);
  return mlir::success();
}

inline mlir::ParseResult parseDimension(mlir::OpAsmParser &parser,
                                        DimensionAttr &attr) {
  return parseWord<DimensionAttr, Dimension>(parser, attr);
}

inline void printDimension(mlir::OpAsmPrinter &printer, mlir::Operation *,
                           DimensionAttr attr) {
  printer << stringifyDimension(attr.getValue());
}

inline mlir::ParseResult parseAtomicKind(mlir::OpAsmParser &parser,
                                         AtomicKindAttr &attr) {
  return parseWord<AtomicKindAttr, AtomicKind>(parser, attr);
}

inline void printAtomicKind(mlir::OpAsmPrinter &printer, mlir::Operation *,
                            AtomicKindAttr attr) {
  printer << stringifyAtomicKind(attr.getValue());
}

inline mlir::ParseResult parseMemoryOrder(mlir::OpAsmParser &parser,
                                          MemoryOrderAttr &attr) {
  return parseWord<MemoryOrderAttr, MemoryOrder>(parser, attr);
}

inline void printMemoryOrder(mlir::OpAsmPrinter &printer, mlir::Operation *,
                             MemoryOrderAttr attr) {
  printer << stringifyMemoryOrder(attr.getValue());
}

inline mlir::ParseResult parseThreadScope(mlir::OpAsmParser &parser,
                                          ThreadScopeAttr &attr) {
  return parseWord<ThreadScopeAttr, ThreadScope>(parser, attr);
}

inline void printThreadScope(mlir::OpAsmPrinter &printer, mlir::Operation *,
                             ThreadScopeAttr attr) {
  printer << stringifyThreadScope(attr.getValue());
}

inline mlir::ParseResult parseMemFlags(mlir::OpAsmParser &parser,
                                       MemFlagsAttr &attr) {
  MemFlags flags = MemFlags::None;
  do {
    mlir::FailureOr<MemFlags> flag = mlir::FieldParser<MemFlags>::parse(parser);
    if (mlir::failed(flag))
      return mlir::failure();
    flags = flags | *flag;
  } while (mlir::succeeded(parser.parseOptionalVerticalBar()));
  attr = MemFlagsAttr::get(parser.getContext(), flags);
  return mlir::success();
}

inline void printMemFlags(mlir::OpAsmPrinter &printer, mlir::Operation *,
                          MemFlagsAttr attr) {
  printer << stringifyMemFlags(attr.getValue());
}

} // namespace enigma

#endif // ENIGMA_LIB_IR_ENUMWORDS_H
