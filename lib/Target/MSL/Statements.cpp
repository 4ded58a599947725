// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Statements: what is placed where, and the variables that control flow
// assigns to.

#include "Emitter.h"

#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// A longer text gets a local of its own when an expression uses it.
static constexpr unsigned kMaxInlineLength = 72;
/// Compilers give up at 256 nested brackets.
static constexpr unsigned kMaxDepth = 240;
/// Arms of a chain of `else if` nest in the IR, though not in the text; each
/// takes some of the stack.
static constexpr unsigned kMaxRegions = 1000;

/// What expressions read: device memory, and the control flow that operations
/// across threads depend on; then variables and arrays.
static constexpr unsigned kDeviceMemory = 0;
static constexpr unsigned kConvergence = 1;
static constexpr unsigned kFirstVariable = 2;

Emitter::Emitter(KernelOp kernel, NameScopes &names,
                 std::vector<Statement> &body)
    : kernel(kernel), names(names), variables(kernel), signs(kernel, variables),
      out(&body), variableStates(variables.size()),
      readers(kFirstVariable + variables.size()) {}

void Emitter::makeHome(Value value, std::string name, MSLType type,
                       std::optional<unsigned> variable) {
  Slot &slot = slots[value];
  slot.isHome = true;
  slot.expression = Expression();
  slot.expression.text = std::move(name);
  slot.expression.type = type;
  if (variable)
    slot.expression.reads.push_back(kFirstVariable + *variable);
}

void Emitter::bindFixed(Value value, StringRef name, MSLType type) {
  makeHome(value, name.str(), type, std::nullopt);
}

void Emitter::bindBuffer(Value buffer, StringRef name) {
  // The signedness of the elements is looked up where they are accessed.
  makeHome(buffer, name.str(), MSLType(), std::nullopt);
}

void Emitter::bindQuery(StringRef attribute, StringRef name,
                        StringRef sourceName, bool isVector) {
  queries[attribute] = {name.str(), sourceName, isVector};
}

void Emitter::emitQuery(Operation *op) {
  auto query = cast<ThreadQueryOpInterface>(op);
  const QueryName &parameter = queries[query.getMSLAttribute()];
  Value value = op->getResult(0);
  MSLType type{Kind::Integer, 32, false, 1};
  std::optional<Dimension> dimension = query.getQueriedDimension();
  if (value.use_empty())
    return;
  Expression text;
  text.text = parameter.name;
  text.type = type;
  if (parameter.isVector && dimension) {
    text.text += "." + stringifyDimension(*dimension).str();
    text.precedence = Precedence::Postfix;
  }
  // The Python variable is the parameter, or a local that is one of its
  // components or reads it as signed.
  StringRef name = getSourceName(value);
  if (name.empty() || name == parameter.sourceName || isCarriedAtOnce(value))
    return makeHome(value, text.text, type, std::nullopt);
  define(value, std::move(text));
}

unsigned Emitter::getMemoryNumber(Value memory) {
  if (isa<BlockArgument>(memory))
    return kDeviceMemory;
  auto [entry, isNew] = memoryNumbers.try_emplace(memory, readers.size());
  if (isNew) {
    auto alloc = memory.getDefiningOp<AllocOp>();
    if (alloc && alloc.getAddressSpace() == AddressSpace::Threadgroup)
      threadgroupMemory.push_back(entry->second);
    readers.emplace_back();
  }
  return entry->second;
}

void Emitter::line(std::string text) {
  out->push_back({Statement::Form::Line, std::move(text)});
}

//===----------------------------------------------------------------------===//
// Locals
//===----------------------------------------------------------------------===//

static bool isName(StringRef text) {
  return llvm::all_of(text,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; }) &&
         !llvm::isDigit(text.front());
}

std::string Emitter::getGeneratedName(Value value) {
  if (StringRef name = getLocalName(value); !name.empty())
    return name.str();
  if (value.hasOneUse()) {
    // It will be the next value of a variable that is still read.
    OpOperand &use = *value.getUses().begin();
    if (isa<scf::YieldOp>(use.getOwner())) {
      StringRef name = getCarriedName(use.getOwner(), use.getOperandNumber());
      if (!name.empty())
        return "next_" + name.str();
    }
  }
  if (value.getType().isInteger(1))
    return "cond";
  Value memory;
  if (auto load = value.getDefiningOp<memref::LoadOp>())
    memory = load.getMemRef();
  else if (auto load = value.getDefiningOp<vector::LoadOp>())
    memory = load.getBase();
  if (memory) {
    std::string name = slots.lookup(memory).expression.text;
    std::string lower = StringRef(name).lower();
    return lower != name ? lower : name + "_value";
  }
  for (Operation *user : value.getUsers())
    if (isa<memref::LoadOp, memref::StoreOp, vector::LoadOp, vector::StoreOp,
            arith::IndexCastOp, arith::IndexCastUIOp>(user) &&
        value.getType().isIntOrIndex() && user->getOperand(0) != value)
      return "index";
  return "t";
}

std::string Emitter::declareLocal(StringRef name, const Expression &expression,
                                  MSLType type) {
  std::string unique = names.declare(name);
  line(type.str() + " " + unique + " = " + expression.text + ";");
  return unique;
}

Expression Emitter::materialize(Expression expression, Value value,
                                StringRef name) {
  MSLType type = typeOf(value, signs.isSigned(value));
  if (type.isVector())
    expression = convert(std::move(expression), type);
  // A subscript stays as wide as it was computed.
  if (value.getType().isIndex() && expression.type.bits < 64)
    type = getPromoted(expression.type);
  Expression local;
  local.text = declareLocal(name, expression, type);
  local.type = type;
  return local;
}

bool Emitter::isPlacedLater(Value value, const Expression &expression) {
  bool isPure = expression.reads.empty();
  if (isPure && isAtom(expression.text))
    return true;
  bool isShort = expression.text.size() <= kMaxInlineLength;
  if (!value.hasOneUse())
    return false;
  Operation *user = *value.getUsers().begin();
  if (!isShort && !isa<memref::StoreOp, vector::StoreOp, scf::YieldOp>(user))
    return false;
  // Text is not repeated by a loop that its value is not computed in, and what
  // it reads may differ in another block.
  for (Operation *op = user; op->getBlock() != value.getParentBlock();) {
    op = op->getParentOp();
    if (auto branch = dyn_cast<scf::IfOp>(op);
        branch && (isPure || variables.isExpression(branch)))
      continue;
    return false;
  }
  return true;
}

/// Whether a subscript is a name and a number, such as `i + 4`. That costs an
/// access no more than the name does, so it stands wherever it is used.
static bool isDisplacement(Value value, const Expression &expression) {
  StringRef text = expression.text;
  if (expression.rightBegin == 0 || !expression.reads.empty() ||
      !value.getType().isIntOrIndex())
    return false;
  StringRef op = text.slice(expression.leftEnd + 1, expression.rightBegin - 1);
  return (op == "+" || op == "-") &&
         isAtom(text.take_front(expression.leftEnd)) &&
         llvm::all_of(text.drop_front(expression.rightBegin), llvm::isDigit) &&
         llvm::all_of(value.getUsers(), [](Operation *user) {
           return isa<memref::LoadOp, memref::StoreOp, vector::LoadOp,
                      vector::StoreOp, arith::IndexCastOp, arith::IndexCastUIOp,
                      arith::CmpIOp>(user);
         });
}

void Emitter::define(Value value, Expression expression) {
  if (std::optional<unsigned> variable = variables.find(value)) {
    prepareVariable(*variable, value);
    assignVariable(*variable, expression);
    bindVariable(value);
    return;
  }
  unsigned uses = std::distance(value.use_begin(), value.use_end());
  bool isAlias =
      isName(expression.text) &&
      isa<arith::IndexCastOp, arith::IndexCastUIOp>(value.getDefiningOp());
  StringRef name = getLocalName(value);
  if (expressionDepth != 0 || isAlias ||
      (name.empty() && (isPlacedLater(value, expression) ||
                        isDisplacement(value, expression)))) {
    for (unsigned thing : expression.reads)
      if (!isAlias)
        readers[thing].push_back(value);
    if (!expression.reads.empty() && !isAlias)
      pending.push_back(value);
    slots[value] = {std::move(expression), uses, isAlias};
    return;
  }
  Expression local =
      materialize(std::move(expression), value, getGeneratedName(value));
  makeHome(value, std::move(local.text), local.type, std::nullopt);
}

void Emitter::defineInPlace(Value value, Expression expression) {
  // What threads do together is not moved into what only some of them evaluate:
  // the right side of `&&`, or a side of a choice.
  Operation *user = value.hasOneUse() ? *value.getUsers().begin() : nullptr;
  bool isWhole = isa_and_nonnull<memref::StoreOp, vector::StoreOp, scf::YieldOp,
                                 scf::ConditionOp>(user) &&
                 user->getBlock() == value.getParentBlock();
  expression.reads.push_back(kConvergence);
  if (isWhole)
    define(value, std::move(expression));
  else
    defineNow(value, std::move(expression));
}

void Emitter::settle(Value value) {
  auto found = slots.find(value);
  if (found == slots.end() || found->second.isHome)
    return;
  Expression expression = std::move(found->second.expression);
  Expression local =
      materialize(std::move(expression), value, getGeneratedName(value));
  makeHome(value, std::move(local.text), local.type, std::nullopt);
}

void Emitter::flush(unsigned thing) {
  SmallVector<Value, 2> values = std::move(readers[thing]);
  readers[thing].clear();
  for (Value value : values)
    settle(value);
}

void Emitter::flushAll() {
  for (Value value : pending)
    settle(value);
  pending.clear();
  // The blocks being emitted have nothing pending now; neither have readers.
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

void Emitter::prepareVariable(unsigned variable, Value value) {
  VariableState &state = variableStates[variable];
  if (state.isDeclared)
    return;
  state.type = typeOf(value, signs.isVariableSigned(variable));
}

void Emitter::bindVariable(Value value) {
  unsigned variable = *variables.find(value);
  const VariableState &state = variableStates[variable];
  makeHome(value, state.name, state.type, variable);
}

std::string Emitter::assignment(StringRef target,
                                const Expression &expression) {
  StringRef text = expression.text;
  if (expression.rightBegin != 0) {
    StringRef left = text.take_front(expression.leftEnd);
    StringRef right = text.drop_front(expression.rightBegin);
    StringRef op =
        text.slice(expression.leftEnd + 1, expression.rightBegin - 1);
    bool isCommutative =
        op == "+" || op == "*" || op == "&" || op == "|" || op == "^";
    bool isCompound = isCommutative || op == "-" || op == "/" || op == "%" ||
                      op == "<<" || op == ">>";
    if (isCompound && left == target) {
      // An assignment needs no parentheses around its right side.
      if (right.starts_with("(")) {
        unsigned open = 0;
        size_t i = 0;
        for (; i < right.size(); ++i) {
          open += right[i] == '(';
          open -= right[i] == ')';
          if (open == 0)
            break;
        }
        if (i + 1 == right.size())
          right = right.drop_front().drop_back();
      }
      return (target + " " + op + "= " + right + ";").str();
    }
    if (isCommutative && right == target)
      return (target + " " + op + "= " + left + ";").str();
  }
  return (target + " = " + text + ";").str();
}

void Emitter::declareVariable(unsigned variable, Value value) {
  prepareVariable(variable, value);
  VariableState &state = variableStates[variable];
  if (state.isDeclared)
    return;
  StringRef name = variables.getName(variable);
  state.name = names.declare(name.empty() ? "t" : name);
  state.isDeclared = true;
  line(state.type.str() + " " + state.name + ";");
}

void Emitter::assignVariable(unsigned variable, const Expression &expression) {
  flush(kFirstVariable + variable);
  VariableState &state = variableStates[variable];
  Expression converted =
      state.type.isVector() ? convert(expression, state.type) : expression;
  if (state.isDeclared) {
    line(assignment(state.name, converted));
    return;
  }
  StringRef name = variables.getName(variable);
  state.name = declareLocal(name.empty() ? "t" : name, converted, state.type);
  state.isDeclared = true;
}

void Emitter::assignAll(ArrayRef<Move> moves) {
  struct Pending {
    unsigned variable;
    Expression source;
    Value value;
    bool isDone = false;
  };
  SmallVector<Pending, 4> work;
  // How many sources still read a variable that is about to change.
  llvm::DenseMap<unsigned, unsigned> readersOf;
  for (const Move &move : moves) {
    if (variables.find(move.source) == move.variable)
      continue;
    prepareVariable(move.variable, move.source);
    MSLType type = variableStates[move.variable].type;
    work.push_back(
        {move.variable, takeAssigned(move.source, type), move.source});
    for (unsigned thing : work.back().source.reads)
      ++readersOf[thing];
  }
  auto isFree = [&](const Pending &item) {
    unsigned self = kFirstVariable + item.variable;
    unsigned others = readersOf.lookup(self);
    if (llvm::is_contained(item.source.reads, self))
      --others;
    return others == 0;
  };
  llvm::DenseMap<unsigned, unsigned> itemOf;
  for (auto [i, item] : llvm::enumerate(work))
    itemOf[kFirstVariable + item.variable] = i;
  SmallVector<unsigned, 4> ready;
  auto release = [&](Pending &item) {
    for (unsigned thing : item.source.reads) {
      --readersOf[thing];
      auto waiting = itemOf.find(thing);
      if (waiting == itemOf.end())
        continue;
      Pending &other = work[waiting->second];
      if (!other.isDone && &other != &item && isFree(other))
        ready.push_back(waiting->second);
    }
    item.source.reads.clear();
  };
  auto perform = [&](Pending &item) {
    if (item.isDone)
      return;
    item.isDone = true;
    assignVariable(item.variable, item.source);
    release(item);
  };
  for (unsigned i = 0; i < work.size(); ++i) {
    // In order where possible; what became free meanwhile comes first.
    while (!ready.empty())
      perform(work[ready.pop_back_val()]);
    if (!work[i].isDone && isFree(work[i]))
      perform(work[i]);
  }
  while (!ready.empty())
    perform(work[ready.pop_back_val()]);
  // What is left are cycles, such as a swap: one value of each steps aside.
  for (Pending &item : work) {
    if (item.isDone)
      continue;
    std::string name = variableStates[item.variable].name;
    Expression aside = materialize(item.source, item.value, "next_" + name);
    release(item);
    item.source = std::move(aside);
    // Its own assignment has to wait for those that read the old value.
    while (!ready.empty()) {
      Pending &next = work[ready.pop_back_val()];
      if (isFree(next))
        perform(next);
    }
    if (!item.isDone && isFree(item))
      perform(item);
    while (!ready.empty())
      perform(work[ready.pop_back_val()]);
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

FailureOr<Emitter::Place> Emitter::getElement(Operation *op, Value memory,
                                              ValueRange indices) {
  auto type = cast<MemRefType>(memory.getType());
  auto slot = slots.find(memory);
  if (slot == slots.end())
    return refuse(op) << "an access to memory that is no argument or array of "
                         "the kernel";
  if (type.getRank() != 1 || !type.getLayout().isIdentity())
    return refuse(op) << "an access to " << type
                      << "; the flat form has one dimension";
  Place place;
  AddressSpace space;
  Type dtype;
  if (auto alloc = memory.getDefiningOp<AllocOp>()) {
    space = alloc.getAddressSpace();
    dtype = alloc.getElementDtype();
  } else {
    unsigned number = cast<BlockArgument>(memory).getArgNumber();
    space = kernel.getArgAddressSpace(number).value_or(AddressSpace::Device);
    dtype = kernel.getArgDtype(number);
  }
  FailureOr<MSLType> element =
      getType(op, type.getElementType(), !dtype.isUnsignedInteger());
  if (failed(element))
    return failure();
  place.element = *element;
  if (space != AddressSpace::Constant)
    place.memory = getMemoryNumber(memory);
  Expression index = takeIndex(indices.front());
  place.reads = std::move(index.reads);
  place.base = slot->second.expression.text;
  place.space = space;
  place.index = std::move(index);
  place.text = place.base + "[" + place.index.text + "]";
  return place;
}

/// Whether the parts of a sum can be added to a pointer one by one: no sum of
/// some of them leaves the numbers that it is computed in.
static bool isExactSum(Value value) {
  while (isa_and_nonnull<arith::IndexCastOp, arith::IndexCastUIOp>(
      value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  auto sum = value.getDefiningOp<arith::AddIOp>();
  if (!sum)
    return !value.getDefiningOp<arith::SubIOp>();
  bool isExact = value.getType().isIndex() ||
                 bitEnumContainsAll(sum.getOverflowFlags(),
                                    arith::IntegerOverflowFlags::nuw);
  return isExact && isExactSum(sum.getLhs());
}

FailureOr<Emitter::Place>
Emitter::getVectorPlace(Operation *op, Value memory, ValueRange indices,
                        VectorType type, std::optional<uint64_t> alignment,
                        bool isRead) {
  FailureOr<MSLType> vector = getType(op, type, true);
  if (failed(vector))
    return failure();
  if (vector->lanes == 3)
    return refuse(op) << "an access to 3 lanes, which take the room of 4";
  FailureOr<Place> place = getElement(op, memory, indices);
  if (failed(place))
    return failure();
  MSLType pointee = place->element.withLanes(vector->lanes);
  unsigned bytes = std::max(pointee.bits / 8, 1) * pointee.lanes;
  std::string pointer = stringifyAddressSpace(place->space).str() + " ";
  bool isConst = isRead && place->space == AddressSpace::Device;
  if (auto argument = dyn_cast<BlockArgument>(memory); argument && isConst) {
    auto access = kernel.getArgAttrOfType<AccessAttr>(
        argument.getArgNumber(), EnigmaDialect::kAccessAttr);
    isConst = access && access.getValue() == Access::Read;
  }
  if (isConst)
    pointer += "const ";
  // A packed vector is aligned like its element.
  place->isPacked = alignment.value_or(1) < bytes;
  if (place->isPacked)
    pointer += "packed_";
  pointer += pointee.str() + "*";
  std::string address = place->base;
  if (place->index.text != "0")
    address = "(" + place->base + " + " +
              operand(place->index, Precedence::Additive,
                      /*isRight=*/!isExactSum(indices.front())) +
              ")";
  place->text = "*(" + pointer + ")" + address;
  return place;
}

Expression Emitter::loadFrom(Place place, MSLType type) {
  Expression result;
  result.text = std::move(place.text);
  result.precedence = StringRef(result.text).starts_with("*")
                          ? Precedence::Unary
                          : Precedence::Postfix;
  result.type = type;
  result.reads = std::move(place.reads);
  if (place.memory && !llvm::is_contained(result.reads, *place.memory))
    result.reads.push_back(*place.memory);
  return result;
}

FailureOr<Expression> Emitter::loadElement(Operation *op) {
  auto load = cast<memref::LoadOp>(op);
  FailureOr<Place> place = getElement(op, load.getMemRef(), load.getIndices());
  if (failed(place))
    return failure();
  MSLType type = place->element;
  return loadFrom(std::move(*place), type);
}

FailureOr<Expression> Emitter::loadVector(Operation *op) {
  auto load = cast<vector::LoadOp>(op);
  FailureOr<Place> place =
      getVectorPlace(op, load.getBase(), load.getIndices(),
                     load.getVectorType(), load.getAlignment(),
                     /*isRead=*/true);
  if (failed(place))
    return failure();
  MSLType type =
      place->element.withLanes(load.getVectorType().getNumElements());
  bool isPacked = place->isPacked;
  Expression result = loadFrom(std::move(*place), type);
  // A packed vector has no lanes of its own, and no arithmetic.
  return isPacked ? castTo(std::move(result), type) : std::move(result);
}

LogicalResult Emitter::emitStore(Operation *op, Place place, Value value,
                                 MSLType type) {
  if (!place.memory)
    return refuse(op) << "a store to constant memory";
  // Memory is read in the order of the kernel: where the store comes before
  // something that was read later, both are read before.
  ArrayRef<Value> waiting = readers[*place.memory];
  const Value *own = llvm::find(waiting, value);
  if (own != waiting.end() &&
      llvm::any_of(waiting.drop_front(own - waiting.begin() + 1),
                   [&](Value later) {
                     auto slot = slots.find(later);
                     return slot != slots.end() && !slot->second.isHome;
                   }))
    flush(*place.memory);
  Expression source = takeAssigned(value, type);
  flush(*place.memory);
  line(assignment(place.text, source));
  return success();
}

LogicalResult Emitter::emitAlloc(AllocOp op) {
  auto type = dyn_cast<MemRefType>(op.getType());
  if (!type)
    return refuse(op) << "a buffer that is not in flat form; run "
                         "'--enigma-to-flat' first";
  if (type.getRank() != 1 || !type.getLayout().isIdentity())
    return refuse(op) << "an array of " << type
                      << "; the flat form has one dimension";
  FailureOr<MSLType> element = getType(
      op, type.getElementType(), !op.getElementDtype().isUnsignedInteger());
  if (failed(element))
    return failure();
  bool isThreadgroup = op.getAddressSpace() == AddressSpace::Threadgroup;
  StringRef source = getSourceName(op.getResult());
  std::string name = names.declare(!source.empty() ? source
                                   : isThreadgroup ? StringRef("tile")
                                                   : StringRef("values"));
  std::string alignment;
  if (std::optional<int64_t> bytes = op.getAlignment();
      bytes && *bytes > std::max(element->bits / 8, 1))
    alignment = "alignas(" + std::to_string(*bytes) + ") ";
  line(alignment + (isThreadgroup ? "threadgroup " : "") + element->str() +
       " " + name + "[" + std::to_string(op.getNumElements()) + "];");
  makeHome(op.getResult(), std::move(name), *element, std::nullopt);
  return success();
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

LogicalResult Emitter::enterRegion(Operation *op) {
  if (depth >= kMaxRegions)
    return refuse(op) << "more than " << kMaxRegions
                      << " regions, one inside of the other";
  return success();
}

LogicalResult Emitter::addScope(Operation *op, Statement statement) {
  auto deepest = [](const std::vector<Statement> &statements) {
    unsigned depth = 0;
    for (const Statement &nested : statements)
      depth = std::max(depth, nested.depth);
    return depth;
  };
  statement.depth =
      std::max(deepest(statement.body) + 1,
               deepest(statement.otherwise) + (statement.isChain() ? 0 : 1));
  if (statement.depth > kMaxDepth)
    return refuse(op) << "more than " << kMaxDepth << " nested scopes";
  out->push_back(std::move(statement));
  return success();
}

LogicalResult Emitter::emitRegion(Block &block, std::vector<Statement> &into,
                                  llvm::function_ref<LogicalResult()> finish) {
  std::vector<Statement> *outer = out;
  out = &into;
  ++depth;
  size_t pendingBefore = pending.size();
  LogicalResult result = emitBlock(block);
  if (succeeded(result))
    result = finish();
  // What is still pending here has no user that appears in the text.
  for (size_t i = pendingBefore; i < pending.size(); ++i)
    if (auto slot = slots.find(pending[i]);
        slot != slots.end() && !slot->second.isHome)
      slots.erase(slot);
  pending.resize(std::min(pendingBefore, pending.size()));
  --depth;
  out = outer;
  return result;
}

LogicalResult Emitter::emitIf(scf::IfOp op) {
  if (failed(enterRegion(op)))
    return failure();
  Expression condition =
      takeTyped(op.getCondition(), MSLType{Kind::Bool, 1, false, 1});
  flushAll();

  SmallVector<unsigned, 4> targets;
  std::vector<bool> isInitialized(op.getNumResults(), false);
  Region &otherwise = op.getElseRegion();
  bool hasPlainElse =
      !otherwise.empty() && llvm::hasSingleElement(otherwise.front());
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    unsigned variable = *variables.find(result);
    targets.push_back(variable);
    prepareVariable(variable, result);
    if (variableStates[variable].isDeclared)
      continue;
    // `x = 0; if (c) x = ...;` rather than two assignments.
    Value other = hasPlainElse
                      ? otherwise.front().getTerminator()->getOperand(i)
                      : Value();
    auto slot = other ? slots.find(other) : slots.end();
    bool isPlain = other && (getConstant(other) ||
                             (slot != slots.end() && slot->second.isHome &&
                              slot->second.expression.reads.empty()));
    if (isPlain && variables.find(other) != variable) {
      isInitialized[i] = true;
      assignVariable(variable,
                     takeAssigned(other, variableStates[variable].type));
    } else {
      declareVariable(variable, result);
    }
  }
  Statement statement{Statement::Form::If, ""};
  auto emitArm = [&](Region &region, std::vector<Statement> &into,
                     bool isElse) -> LogicalResult {
    if (region.empty())
      return success();
    names.push();
    LogicalResult result = emitRegion(region.front(), into, [&] {
      SmallVector<Move, 4> moves;
      for (auto [i, value] :
           llvm::enumerate(region.front().getTerminator()->getOperands()))
        if (!(isElse && isInitialized[i]))
          moves.push_back({targets[i], value});
      assignAll(moves);
      return success();
    });
    names.pop();
    return result;
  };
  if (failed(emitArm(op.getThenRegion(), statement.body, /*isElse=*/false)) ||
      failed(emitArm(otherwise, statement.otherwise, /*isElse=*/true)))
    return failure();
  if (statement.body.empty() && !statement.otherwise.empty()) {
    condition = negate(std::move(condition));
    std::swap(statement.body, statement.otherwise);
  }
  statement.text = "if (" + condition.text + ")";
  if (!statement.body.empty() && failed(addScope(op, std::move(statement))))
    return failure();
  for (Value result : op.getResults())
    bindVariable(result);
  return success();
}

LogicalResult Emitter::emitFor(scf::ForOp op) {
  if (failed(enterRegion(op)))
    return failure();
  bool isSigned = !op.getUnsignedCmp();
  Value counter = op.getInductionVar();
  FailureOr<MSLType> type = getType(op, counter.getType(), isSigned);
  if (failed(type))
    return failure();

  // What the loop reads anew each time around has to stay what it is.
  auto takeBound = [&](Value value, StringRef name, bool isRepeated) {
    auto slot = slots.find(value);
    bool isHome = slot != slots.end() && slot->second.isHome;
    Expression bound = takeReading(value, isSigned);
    bool mayChange = !bound.reads.empty() && !isHome;
    if (mayChange && (isRepeated || op.getNumResults() != 0))
      return materialize(std::move(bound), value, name);
    return bound;
  };
  Expression lower = takeBound(op.getLowerBound(), "first", false);
  Expression upper = takeBound(op.getUpperBound(), "last", true);
  Expression step = takeBound(op.getStep(), "step", true);

  SmallVector<Move, 4> inits;
  for (auto [argument, init] :
       llvm::zip_equal(op.getRegionIterArgs(), op.getInitArgs())) {
    unsigned variable = *variables.find(argument);
    prepareVariable(variable, argument);
    inits.push_back({variable, init});
  }
  assignAll(inits);
  for (Value argument : op.getRegionIterArgs())
    bindVariable(argument);
  flushAll();

  names.push();
  StringRef name = getSourceName(counter);
  if (name.empty()) {
    constexpr StringLiteral counters[] = {"i", "j", "k", "l"};
    name = counters[std::min<size_t>(loopDepth, 3)];
  }
  std::string i = names.declare(name);
  makeHome(counter, i, *type, std::nullopt);
  bool isUnitStep = matchPattern(op.getStep(), m_One());
  Statement statement{
      Statement::Form::Loop,
      "for (" + type->str() + " " + i + " = " + lower.text + "; " + i + " < " +
          operand(upper, Precedence::Relational, /*isRight=*/true) + "; " +
          (isUnitStep ? "++" + i : i + " += " + step.text) + ")"};
  ++loopDepth;
  LogicalResult result = emitRegion(*op.getBody(), statement.body, [&] {
    SmallVector<Move, 4> moves;
    for (auto [argument, next] :
         llvm::zip_equal(op.getRegionIterArgs(),
                         op.getBody()->getTerminator()->getOperands()))
      moves.push_back({*variables.find(argument), next});
    assignAll(moves);
    return success();
  });
  --loopDepth;
  names.pop();
  if (failed(result) || failed(addScope(op, std::move(statement))))
    return failure();
  for (Value value : op.getResults())
    bindVariable(value);
  return success();
}

LogicalResult Emitter::emitWhile(scf::WhileOp op) {
  if (failed(enterRegion(op)))
    return failure();
  SmallVector<Move, 4> inits;
  for (auto [argument, init] :
       llvm::zip_equal(op.getBeforeArguments(), op.getInits())) {
    unsigned variable = *variables.find(argument);
    prepareVariable(variable, argument);
    inits.push_back({variable, init});
  }
  assignAll(inits);
  for (Value argument : op.getBeforeArguments())
    bindVariable(argument);
  for (Value argument : op.getAfterArguments())
    declareVariable(*variables.find(argument), argument);
  for (Value argument : op.getAfterArguments())
    bindVariable(argument);
  flushAll();

  Statement statement{Statement::Form::Loop, ""};
  names.push();
  scf::ConditionOp condition = op.getConditionOp();
  LogicalResult result = emitRegion(*op.getBeforeBody(), statement.body, [&] {
    SmallVector<Move, 4> moves;
    for (auto [argument, forwarded] :
         llvm::zip_equal(op.getAfterArguments(), condition.getArgs()))
      moves.push_back({*variables.find(argument), forwarded});
    assignAll(moves);
    Expression goOn =
        takeTyped(condition.getCondition(), MSLType{Kind::Bool, 1, false, 1});
    if (statement.body.empty() || goOn.text == "true") {
      statement.text = "while (" + goOn.text + ")";
      return success();
    }
    statement.text = "while (true)";
    Statement leave{Statement::Form::If,
                    "if (" + negate(std::move(goOn)).text + ")"};
    leave.body.push_back({Statement::Form::Line, "break;"});
    return addScope(op, std::move(leave));
  });
  if (succeeded(result))
    result = emitRegion(*op.getAfterBody(), statement.body, [&] {
      SmallVector<Move, 4> moves;
      for (auto [argument, next] : llvm::zip_equal(
               op.getBeforeArguments(), op.getYieldOp().getResults()))
        moves.push_back({*variables.find(argument), next});
      assignAll(moves);
      return success();
    });
  names.pop();
  if (failed(result) || failed(addScope(op, std::move(statement))))
    return failure();
  for (Value value : op.getResults())
    bindVariable(value);
  return success();
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

LogicalResult Emitter::emitBody() {
  Block &body = kernel.getBody().front();
  // Threadgroup arrays are declared first, as part of the kernel's interface.
  for (auto alloc : body.getOps<AllocOp>())
    if (alloc.getAddressSpace() == AddressSpace::Threadgroup &&
        failed(emitAlloc(alloc)))
      return failure();
  return emitBlock(body);
}

LogicalResult Emitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(emitOperation(op)))
      return failure();
  return success();
}

LogicalResult Emitter::emitExpression(Operation *op) {
  const Rule *rule = findRule(op);
  if (!rule)
    return refuse(op) << "the translation does not know this operation";
  if (failed(checkTypes(op)))
    return failure();
  if (isOpTriviallyDead(op))
    return success();
  FailureOr<Expression> expression = (this->*rule->handler)(op);
  if (failed(expression))
    return failure();
  if (!isa<memref::LoadOp, vector::LoadOp>(op) && !isMemoryEffectFree(op))
    defineInPlace(op->getResult(0), std::move(*expression));
  else
    define(op->getResult(0), std::move(*expression));
  return success();
}

static std::string getBarrier(StringRef function, MemFlags flags) {
  std::string text = function.str() + "(";
  if (flags == MemFlags::None)
    text += "mem_flags::mem_none";
  SmallVector<StringRef, 3> names;
  std::string list = stringifyMemFlags(flags);
  if (flags != MemFlags::None) {
    StringRef(list).split(names, '|');
    text += llvm::join(
        llvm::map_range(
            names, [](StringRef name) { return "mem_flags::" + name.str(); }),
        " | ");
  }
  return text + ");";
}

LogicalResult Emitter::emitOperation(Operation &op) {
  auto emitBarrier = [&](StringRef function, MemFlags flags) {
    // Other threads may write what was read before.
    flush(kDeviceMemory);
    flush(kConvergence);
    for (unsigned number : threadgroupMemory)
      flush(number);
    line(getBarrier(function, flags));
    return success();
  };
  LogicalResult result =
      llvm::TypeSwitch<Operation *, LogicalResult>(&op)
          .Case<arith::ConstantOp, ub::PoisonOp>(
              [&](Operation *op) -> LogicalResult {
                if (op->use_empty())
                  return success();
                if (failed(checkTypes(op)))
                  return failure();
                if (!isa<IntegerAttr, FloatAttr, DenseIntOrFPElementsAttr>(
                        getConstant(op->getResult(0))))
                  return refuse(op) << "a constant whose value is not here";
                return success();
              })
          .Case([&](scf::IfOp op) {
            if (failed(checkTypes(op)))
              return failure();
            if (!variables.isExpression(op))
              return emitIf(op);
            FailureOr<Expression> expression = conditionalIf(op);
            if (failed(expression))
              return failure();
            define(op.getResult(0), std::move(*expression));
            return success();
          })
          .Case([&](scf::ForOp op) {
            return failed(checkTypes(op)) ? failure() : emitFor(op);
          })
          .Case([&](scf::WhileOp op) {
            if (failed(checkTypes(op)))
              return failure();
            for (Type type : ValueRange(op.getBeforeArguments()).getTypes())
              if (failed(getType(op, type, true)))
                return failure();
            return emitWhile(op);
          })
          .Case([&](memref::StoreOp op) {
            FailureOr<Place> place =
                getElement(op, op.getMemRef(), op.getIndices());
            if (failed(place))
              return failure();
            MSLType type = place->element;
            return emitStore(op, std::move(*place), op.getValueToStore(), type);
          })
          .Case([&](vector::StoreOp op) {
            FailureOr<Place> place = getVectorPlace(
                op, op.getBase(), op.getIndices(), op.getVectorType(),
                op.getAlignment(), /*isRead=*/false);
            if (failed(place))
              return failure();
            MSLType type =
                place->element.withLanes(op.getVectorType().getNumElements());
            return emitStore(op, std::move(*place), op.getValueToStore(), type);
          })
          .Case([&](AllocOp op) {
            if (op.getAddressSpace() == AddressSpace::Threadgroup)
              return success();
            return emitAlloc(op);
          })
          .Case<AtomicLoadOp, AtomicStoreOp, AtomicRMWOp,
                AtomicCompareExchangeOp>(
              [&](auto op) { return emitAtomic(op); })
          .Case([&](ThreadgroupBarrierOp op) {
            return emitBarrier("threadgroup_barrier", op.getFlags());
          })
          .Case([&](SimdgroupBarrierOp op) {
            return emitBarrier("simdgroup_barrier", op.getFlags());
          })
          .Case([&](FunctionConstantOp) { return success(); })
          .Case([&](ThreadQueryOpInterface) {
            emitQuery(&op);
            return success();
          })
          .Case([&](vector::ToElementsOp op) {
            if (failed(checkTypes(op)))
              return failure();
            Value source = op.getSource();
            MSLType type = typeOf(source, signs.isSigned(source));
            Expression vector = takeTyped(source, type);
            if (op.getNumResults() > 1)
              vector = takeRepeated(source, std::move(vector));
            for (auto [i, element] : llvm::enumerate(op.getElements()))
              if (!element.use_empty())
                define(element, member(vector, StringRef("xyzw").substr(i, 1),
                                       type.element()));
            return success();
          })
          .Default([&](Operation *op) { return emitExpression(op); });
  if (succeeded(result) && isLost)
    return refuse(&op) << "an operand has no value here";
  return result;
}
