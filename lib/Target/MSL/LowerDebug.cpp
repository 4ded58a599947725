// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages, and text of Metal's own.

#include "Lowering.h"

#include "enigma/IR/TextFields.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

/// \p text within a literal of C++ that is a format.
static void appendEscaped(std::string &out, StringRef text) {
  for (unsigned char c : text) {
    // `??=` would be another character.
    bool isTrigraph = c == '?' && StringRef(out).ends_with("?");
    if (c == '%')
      out += "%%";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' || c == '\\' || isTrigraph)
      out += {'\\', static_cast<char>(c)};
    else if (llvm::isPrint(c))
      out += c;
    else // Three digits, so that what follows is none.
      out += {'\\', static_cast<char>('0' + (c >> 6)),
              static_cast<char>('0' + ((c >> 3) & 7)),
              static_cast<char>('0' + (c & 7))};
  }
}

/// How C has it.
static std::string getConversion(const FormatSpec &spec, MSLType type) {
  std::string text;
  unsigned width = spec.width;
  // C's `#` writes no prefix before a 0.
  if (spec.hasPrefix) {
    text += {'0', spec.type};
    width -= std::min(width, 2u);
  }
  StringRef sign = spec.hasPlus ? "+" : spec.hasSpace ? " " : "";
  // Nor has it a sign for numbers without one.
  if (type.isInteger() && !type.isSigned) {
    text += sign;
    width -= std::min<unsigned>(width, sign.size());
    sign = "";
  }
  text += '%';
  if (spec.isLeft)
    text += '-';
  text += sign;
  if (spec.hasZeros)
    text += '0';
  if (width)
    text += std::to_string(width);
  if (spec.precision)
    text += "." + std::to_string(*spec.precision);
  if (type.isFloat())
    return text + (spec.type ? spec.type : 'g');
  if (type.bits == 64)
    text += 'l';
  if (spec.type && spec.type != 'd')
    return text + spec.type;
  return text + (type.isSigned ? 'd' : 'u');
}

/// A call that writes a line.
static FailureOr<const Expr *> makeMessage(Lowering &lowering, Operation *op,
                                           StringRef function, StringRef format,
                                           ArrayAttr dtypes,
                                           OperandRange values) {
  auto emitError = [&] { return op->emitOpError("the format "); };
  FailureOr<SmallVector<TextPiece>> pieces = parseFields(format, emitError);
  if (failed(pieces))
    return failure();
  std::string text = "\"";
  SmallVector<const Expr *> arguments = {nullptr};
  for (auto [piece, dtype, value] :
       llvm::zip(*pieces, dtypes.getAsValueRange<TypeAttr>(), values)) {
    appendEscaped(text, piece.text);
    FailureOr<FormatSpec> spec = parseFormatSpec(
        piece.field->drop_while([](char c) { return c == ':'; }), dtype,
        emitError);
    FailureOr<MSLType> type =
        lowering.getType(op, value.getType(), !dtype.isUnsignedInteger());
    if (failed(spec) || failed(type))
      return failure();
    // An octal or hexadecimal number shows the bits that there are.
    bool showsBits = type->isInteger() && spec->type && spec->type != 'd';
    if (showsBits)
      type->isSigned = false;
    Expression argument = lowering.takeTyped(value, *type);
    // What functions with any number of arguments take.
    bool hasSign = spec->hasPlus || spec->hasSpace;
    if (type->isFloat())
      *type = kFloat;
    else if (type->bits < 32)
      *type = type->isBool() || type->isSigned || hasSign ? kInt : kUInt;
    else if (type->bits == 32 && !type->isSigned && hasSign)
      *type = {Kind::Integer, 64, true, 1};
    text += getConversion(*spec, *type);
    arguments.push_back(
        lowering.build.convert(std::move(argument), *type).node);
  }
  appendEscaped(text, pieces->back().text);
  arguments.front() = lowering.tree.name(text + "\"");
  lowering.hasMessages = true;
  return lowering.tree.call(function, arguments);
}

static LogicalResult lowerPrint(Lowering &lowering, Operation *op) {
  auto print = cast<PrintOp>(op);
  FailureOr<const Expr *> message =
      makeMessage(lowering, op, "os_log_default.log_info", print.getFormat(),
                  print.getDtypes(), print.getValues());
  if (failed(message))
    return failure();
  Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
  stmt.value = *message;
  lowering.add(std::move(stmt));
  return success();
}

static LogicalResult lowerAssert(Lowering &lowering, Operation *op) {
  auto assertion = cast<AssertOp>(op);
  if (matchPattern(assertion.getCondition(), m_One()))
    return success();
  Expression condition = lowering.takeTyped(assertion.getCondition(), kBool);
  // What threads do together is not done by those alone that fail.
  lowering.flush(kConvergence);
  FailureOr<const Expr *> message = makeMessage(
      lowering, op, "os_log_default.log_fault", assertion.getFormat(),
      assertion.getDtypes(), assertion.getValues());
  if (failed(message))
    return failure();
  Stmt call = lowering.makeStmt(StmtKind::Evaluate);
  call.value = *message;
  Stmt stmt = lowering.makeStmt(StmtKind::If);
  stmt.branches.push_back({stmt.location,
                           lowering.build.negate(std::move(condition)).node,
                           {std::move(call)}});
  stmt.enclose(stmt.branches.front().body);
  return lowering.addScope(op, std::move(stmt));
}

//===----------------------------------------------------------------------===//
// Text of Metal's own
//===----------------------------------------------------------------------===//

/// An operand of a text, which stands there once, or \p isRepeated.
static FailureOr<Expression> takeInput(Lowering &lowering, Operation *op,
                                       Value value, Type dtype,
                                       bool isRepeated) {
  if (isa<MemRefType>(value.getType())) {
    if (!lowering.hasText(value))
      return lowering.refuse(op)
             << "memory that is no argument or array of the kernel";
    Expression pointer;
    pointer.node = lowering.getHome(value);
    return pointer;
  }
  FailureOr<MSLType> type =
      lowering.getType(op, value.getType(), !dtype.isUnsignedInteger());
  if (failed(type))
    return failure();
  Expression expression = lowering.takeTyped(value, *type);
  if (isRepeated)
    return lowering.takeRepeated(value, std::move(expression));
  return expression;
}

/// The lines of a text, with its operands in the places of its fields.
static FailureOr<SmallVector<Expression, 1>> makeLines(Lowering &lowering,
                                                       InlineMSLOp op) {
  FailureOr<SmallVector<TextPiece>> pieces =
      parseFields(op.getText(), [&] { return op.emitOpError("the text "); });
  if (failed(pieces))
    return failure();
  auto getNumber = [](const TextPiece &piece) {
    unsigned number = 0;
    piece.field->getAsInteger(10, number);
    return number;
  };
  SmallVector<unsigned> counts(op.getInputs().size());
  for (const TextPiece &piece : ArrayRef(*pieces).drop_back())
    ++counts[getNumber(piece)];
  SmallVector<Expression> inputs;
  for (auto [value, dtype, count] :
       llvm::zip(op.getInputs(), op.getDtypes().getAsValueRange<TypeAttr>(),
                 counts)) {
    FailureOr<Expression> input =
        takeInput(lowering, op, value, dtype, count > 1);
    if (failed(input))
      return failure();
    inputs.push_back(std::move(*input));
  }
  SmallVector<Expression, 1> lines(1);
  std::string line;
  SmallVector<const Expr *> operands;
  auto finish = [&] {
    lines.back().node = lowering.tree.verbatim(line, operands);
    line.clear();
    operands.clear();
  };
  for (const TextPiece &piece : *pieces) {
    StringRef rest = piece.text;
    for (size_t end; (end = rest.find('\n')) != StringRef::npos;) {
      line += rest.take_front(end);
      finish();
      lines.emplace_back();
      rest = rest.drop_front(end + 1);
    }
    line += rest;
    if (!piece.field)
      continue;
    line += kOperandMark;
    const Expression &input = inputs[getNumber(piece)];
    operands.push_back(input.node);
    lowering.build.addReads(lines.back(), input.reads);
  }
  finish();
  return lines;
}

static LogicalResult lowerInlineMSL(Lowering &lowering, Operation *op) {
  auto inlined = cast<InlineMSLOp>(op);
  Value result = inlined.getResult();
  if (inlined.getPure() && result.use_empty())
    return success();
  // It may write what was read before it.
  if (!inlined.getPure())
    lowering.flushAll();
  FailureOr<SmallVector<Expression, 1>> lines = makeLines(lowering, inlined);
  if (failed(lines))
    return failure();
  if (!result) {
    // Its names are its own.
    Stmt stmt = lowering.makeStmt(StmtKind::Block);
    for (const Expression &line : *lines) {
      stmt.body.push_back(lowering.makeStmt(StmtKind::Verbatim));
      stmt.body.back().value = line.node;
    }
    stmt.enclose(stmt.body);
    return lowering.addScope(op, std::move(stmt));
  }
  if (lines->size() != 1)
    return lowering.refuse(op) << "an expression of more than one line";
  Expression expression = std::move(lines->front());
  FailureOr<MSLType> type = lowering.getType(
      op, result.getType(), !inlined.getResultDtype()->isUnsignedInteger());
  if (failed(type))
    return failure();
  expression.type = *type;
  if (inlined.getPure()) {
    lowering.define(result,
                    lowering.build.castTo(std::move(expression), *type));
  } else if (result.use_empty()) {
    Stmt stmt = lowering.makeStmt(StmtKind::Evaluate);
    stmt.value = expression.node;
    lowering.add(std::move(stmt));
  } else {
    lowering.defineNow(result, std::move(expression));
  }
  return success();
}

void enigma::msl::addDebugRules(Rules &rules) {
  rules.addStatement<PrintOp>(lowerPrint);
  rules.addStatement<AssertOp>(lowerAssert);
  rules.addStatement<InlineMSLOp>(lowerInlineMSL);
}
