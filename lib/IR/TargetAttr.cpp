// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel is compiled for.

#include "enigma/IR/EnigmaOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace enigma;

/// Before the version of a target's language.
static constexpr StringLiteral kVersion = "version";

static const Limit *findLimit(StringRef name) {
  return llvm::find_if(kLimits,
                       [&](const Limit &limit) { return limit.name == name; });
}

/// The names of a table, for messages: 'a', 'b'.
template <typename Table> static std::string listNames(const Table &table) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(table, stream, [&](const auto &entry) {
    stream << '\'' << entry.name << '\'';
  });
  return text;
}

static LogicalResult checkVersion(function_ref<InFlightDiagnostic()> emitError,
                                  const Target &target, StringRef version) {
  if (version.empty() || llvm::is_contained(target.versions, version))
    return success();
  InFlightDiagnostic error = emitError() << target.title << " has no version \""
                                         << version << "\"; known: ";
  llvm::interleaveComma(target.versions, error,
                        [&](StringRef each) { error << '"' << each << '"'; });
  return error;
}

static InFlightDiagnostic
emitUnknown(function_ref<InFlightDiagnostic()> emitError, StringRef name) {
  return emitError() << "no target '" << name
                     << "' is known; known: " << listNames(kTargets);
}

LogicalResult TargetAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef name, StringRef version,
                                 Limits limits) {
  const Target *target = findTarget(name);
  if (!target)
    return emitUnknown(emitError, name);
  if (failed(checkVersion(emitError, *target, version)))
    return failure();
  for (const Limit &limit : kLimits) {
    int64_t number = limits.*limit.number;
    if (number < 1 || number > kMaxLimit)
      return emitError() << "'" << limit.name << "' must be from 1 to "
                         << kMaxLimit << ", found " << number;
    if (limit.isPowerOfTwo && !llvm::isPowerOf2_64(number))
      return emitError() << "'" << limit.name
                         << "' must be a power of two, found " << number;
  }
  return success();
}

Attribute TargetAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (parser.parseLess() || parser.parseKeyword(&name))
    return {};
  const Target *target = findTarget(name);
  if (!target) {
    emitUnknown([&] { return parser.emitError(loc); }, name);
    return {};
  }
  Limits limits = target->limits;
  std::string version;
  llvm::SmallSet<StringRef, 4> given;
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc limitLoc = parser.getCurrentLocation();
    StringRef limitName;
    if (parser.parseKeyword(&limitName))
      return {};
    const Limit *limit = findLimit(limitName);
    bool isVersion = limitName == kVersion;
    if (limit == std::end(kLimits) && !isVersion) {
      parser.emitError(limitLoc, "no limit '")
          << limitName << "' is known; known: " << listNames(kLimits);
      return {};
    }
    if (!given.insert(limitName).second) {
      parser.emitError(limitLoc, isVersion ? "the version" : "the limit '")
          << (isVersion ? "" : limitName + "'") << " is given twice";
      return {};
    }
    if (isVersion) {
      if (parser.parseEqual() || parser.parseString(&version))
        return {};
      continue;
    }
    if (parser.parseEqual() || parser.parseInteger(limits.*limit->number))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<TargetAttr>(loc, parser.getContext(), name,
                                       StringRef(version), limits);
}

void TargetAttr::print(AsmPrinter &printer) const {
  const Limits &usual = findTarget(getName())->limits;
  Limits limits = getLimits();
  printer << '<' << getName();
  if (!getVersion().empty())
    printer << ", " << kVersion << " = \"" << getVersion() << '"';
  for (const Limit &limit : kLimits)
    if (limits.*limit.number != usual.*limit.number)
      printer << ", " << limit.name << " = " << limits.*limit.number;
  printer << '>';
}

/// What is written at `op` or around it; `op` may be null.
static TargetAttr lookupFrom(Operation *op, MLIRContext *context) {
  for (; op; op = op->getParentOp())
    if (isa<ModuleOp>(op))
      if (auto target =
              op->getAttrOfType<TargetAttr>(EnigmaDialect::kTargetAttr))
        return target;
  return TargetAttr::get(context, kTargets[0]);
}

TargetAttr TargetAttr::lookup(Operation *op) {
  return lookupFrom(op, op->getContext());
}

TargetAttr TargetAttr::lookup(Value value) {
  // An operation that is being made may stand nowhere yet.
  Operation *op = value.getDefiningOp();
  if (auto argument = dyn_cast<BlockArgument>(value))
    op = argument.getOwner()->getParentOp();
  return lookupFrom(op, value.getContext());
}

StringRef TargetAttr::getTitle() const { return findTarget(getName())->title; }

bool TargetAttr::isWidth(int64_t lanes) const {
  return lanes > 1 && lanes <= getLimits().lanes && llvm::isPowerOf2_64(lanes);
}

std::string TargetAttr::describeWidths() const {
  int64_t most = getLimits().lanes;
  std::string text;
  for (int64_t width = 2; width <= most; width *= 2) {
    if (width > 2)
      text += width == most ? " or " : ", ";
    text += std::to_string(width);
  }
  return text;
}

int64_t TargetAttr::getMaxAccessLanes(Type element) const {
  if (BufferType::getElementVector(element))
    return 1;
  int64_t bytes = BufferType::getElementBytes(element);
  return std::max<int64_t>(
      std::min(getLimits().lanes, getLimits().accessBytes / bytes), 1);
}
