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

#define ENIGMA_ENUM_WORD(Enum)                                                 \
  inline mlir::ParseResult parse##Enum(mlir::OpAsmParser &parser,              \
                                       Enum##Attr &attr) {                     \
    return parseWord<Enum##Attr, Enum>(parser, attr);                          \
  }                                                                            \
  inline void print##Enum(mlir::OpAsmPrinter &printer, mlir::Operation *,      \
                          Enum##Attr attr) {                                   \
    printer << stringify##Enum(attr.getValue());                               \
  }

ENIGMA_ENUM_WORD(AtomicKind)
ENIGMA_ENUM_WORD(Dimension)
ENIGMA_ENUM_WORD(MemoryOrder)
ENIGMA_ENUM_WORD(ThreadScope)
#undef ENIGMA_ENUM_WORD

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
