// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages of a kernel, and text of Metal's own in it.

#include "enigma/IR/EnigmaOps.h"
#include "enigma/IR/TextFields.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace enigma;

/// Whether \p dtype states the type of values, or of the elements of vectors
/// and memory, of \p type.
static bool isDtypeOf(Type dtype, Type type) {
  if (auto buffer = dyn_cast<BufferType>(type))
    return dtype == buffer.getElementType();
  return BufferType::isValidElementType(dtype) &&
         BufferType::getValueType(dtype) == getElementTypeOrSelf(type);
}

static LogicalResult verifyDtypes(Operation *op, ArrayAttr dtypes,
                                  ValueRange values) {
  if (dtypes.size() != values.size())
    return op->emitOpError("has ")
           << dtypes.size() << " 'dtypes' for " << values.size() << " values";
  for (auto [i, dtype, value] :
       llvm::enumerate(dtypes.getAsValueRange<TypeAttr>(), values))
    if (!isDtypeOf(dtype, value.getType()))
      return op->emitOpError("'dtypes' states ")
             << dtype << " for value #" << i << " of type " << value.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

template <typename MessageOp> static LogicalResult verifyMessage(MessageOp op) {
  auto emitError = [&] { return op.emitOpError("the format "); };
  FailureOr<SmallVector<TextPiece>> pieces =
      parseFields(op.getFormat(), emitError);
  if (failed(pieces))
    return failure();
  if (op.getFormat().contains('\0'))
    return op.emitOpError("the format has a character NUL, which ends a text "
                          "in Metal");
  size_t fields = pieces->size() - 1;
  if (fields != op.getValues().size())
    return op.emitOpError("the format has ")
           << fields << " fields for " << op.getValues().size() << " values";
  if (failed(verifyDtypes(op, op.getDtypes(), op.getValues())))
    return failure();
  for (auto [piece, dtype] : llvm::zip(
           *pieces, op.getDtypes().template getAsValueRange<TypeAttr>())) {
    StringRef spec = *piece.field;
    if (!spec.empty() && !spec.consume_front(":"))
      return op.emitOpError("the format has the field '{")
             << spec << "}'; a field has nothing but a format behind a colon";
    if (failed(parseFormatSpec(spec, dtype, emitError)))
      return failure();
  }
  return success();
}

LogicalResult PrintOp::verify() { return verifyMessage(*this); }
LogicalResult AssertOp::verify() { return verifyMessage(*this); }

//===----------------------------------------------------------------------===//
// InlineMSLOp
//===----------------------------------------------------------------------===//

static bool isMemory(Type type) { return isa<BufferType, MemRefType>(type); }

LogicalResult InlineMSLOp::verify() {
  FailureOr<SmallVector<TextPiece>> pieces =
      parseFields(getText(), [&] { return emitOpError("the text "); });
  if (failed(pieces))
    return failure();
  llvm::SmallBitVector used(getInputs().size());
  for (const TextPiece &piece : llvm::ArrayRef(*pieces).drop_back()) {
    unsigned number;
    if (piece.field->getAsInteger(10, number) || number >= used.size())
      return emitOpError("the text has the field '{")
             << *piece.field << "}', which is the number of no operand";
    used.set(number);
  }
  if (int unused = used.find_first_unset(); unused >= 0)
    return emitOpError("the text has no field for operand #") << unused;
  if (failed(verifyDtypes(*this, getDtypes(), getInputs())))
    return failure();
  if (getResultDtype().has_value() != static_cast<bool>(getResult()))
    return emitOpError("has a 'result_dtype' and a result, or neither");
  if (getResult() && !isDtypeOf(*getResultDtype(), getResult().getType()))
    return emitOpError("'result_dtype' ")
           << *getResultDtype() << " is not that of " << getResult().getType();
  if (!getPure())
    return success();
  if (!getResult())
    return emitOpError("is pure, and has no result");
  for (Type type : getInputs().getTypes())
    if (isMemory(type))
      return emitOpError("is pure, and has the memory ") << type;
  return success();
}

void InlineMSLOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (getPure())
    return;
  effects.emplace_back(MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get());
}

Speculation::Speculatability InlineMSLOp::getSpeculatability() {
  return getPure() ? Speculation::Speculatable : Speculation::NotSpeculatable;
}
