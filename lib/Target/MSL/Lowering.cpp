// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the families share: the texts of values, and where they are placed.

#include "Lowering.h"

#include "enigma/IR/Accesses.h"
#include "enigma/IR/MatrixOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// A wider expression gets a local of its own where another one uses it.
static constexpr unsigned kMaxInlineWidth = 72;
/// Compilers give up at 256 nested brackets.
static constexpr unsigned kMaxScopes = 240;
/// Arms of a chain of `else if` nest in the IR, though not in the text; what
/// reads the IR takes some of the stack for each.
static constexpr unsigned kMaxRegions = 1000;

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

Rules::Rules() {
  addAtomicRules(*this);
  addCallRules(*this);
  addCastRules(*this);
  addControlFlowRules(*this);
  addCooperativeTensorRules(*this);
  addDebugRules(*this);
  addFloatRules(*this);
  addIntegerRules(*this);
  addLinearAlgebraRules(*this);
  addMatrixRules(*this);
  addMemoryRules(*this);
  addThreadRules(*this);
  addVectorRules(*this);
}

const Rule *Rules::find(Operation *op) {
  static const Rules table;
  auto found = table.rules.find(op->getName().getTypeID());
  return found == table.rules.end() ? nullptr : &found->second;
}

//===----------------------------------------------------------------------===//
// Names of parameters
//===----------------------------------------------------------------------===//

Lowering::Lowering(KernelOp kernel, NameScopes &names, Tree &tree)
    : kernel(kernel), names(names), tree(tree), build(tree), variables(kernel),
      signs(kernel, variables), variableStates(variables.size()),
      readers(kFirstVariable + variables.size()) {
  slots.reserve(variables.getNumOperations());
}

void Lowering::makeHome(Value value, const Expr *name, MSLType type,
                        std::optional<unsigned> variable) {
  Slot &slot = slots[value];
  slot.isHome = true;
  slot.expression = Expression();
  slot.expression.node = name;
  slot.expression.type = type;
  if (variable)
    slot.expression.reads = tree.keep(kFirstVariable + *variable);
}

void Lowering::bindFixed(Value value, StringRef name, MSLType type) {
  makeHome(value, tree.name(name), type);
}

void Lowering::bindBuffer(Value buffer, StringRef name) {
  // The type of the elements is looked up where they are accessed.
  makeHome(buffer, tree.name(name), MSLType());
}

void Lowering::bindQuery(StringRef attribute, StringRef name,
                         StringRef sourceName, bool isVector) {
  queries[attribute] = {name.str(), sourceName, isVector};
}

bool Lowering::isHome(Value value) const {
  auto slot = slots.find(value);
  return slot != slots.end() && slot->second.isHome;
}

bool Lowering::isFixedName(Value value) const {
  return isHome(value) && slots.lookup(value).expression.reads.empty();
}

unsigned Lowering::getMemoryNumber(Value memory) {
  memory = getRootMemory(memory);
  bool isThreadgroup;
  if (auto argument = dyn_cast<BlockArgument>(memory)) {
    // Buffers may be one; threadgroup arrays have memory of their own.
    isThreadgroup = kernel.getArgAddressSpace(argument.getArgNumber()) ==
                    AddressSpace::Threadgroup;
    if (!isThreadgroup)
      return kDeviceMemory;
  } else {
    auto alloc = memory.getDefiningOp<AllocOp>();
    isThreadgroup =
        alloc && alloc.getAddressSpace() == AddressSpace::Threadgroup;
  }
  auto [entry, isNew] = memoryNumbers.try_emplace(memory, readers.size());
  if (isNew) {
    if (isThreadgroup)
      threadgroupMemory.push_back(entry->second);
    readers.emplace_back();
  }
  return entry->second;
}

//===----------------------------------------------------------------------===//
// Errors and types
//===----------------------------------------------------------------------===//

InFlightDiagnostic Lowering::refuse(Operation *op) {
  return op->emitOpError("cannot be expressed in MSL: ");
}

FailureOr<MSLType> Lowering::getType(Operation *op, Type type, bool isSigned) {
  // What one access takes of narrow elements has no arithmetic.
  auto vector = dyn_cast<VectorType>(type);
  bool isRefused =
      vector && getNumWords(vector) &&
      !isa<vector::LoadOp, vector::StoreOp, SplitAccessOp, JoinAccessOp>(op);
  if (std::optional<MSLType> result = getMSLType(type, isSigned);
      result && !isRefused)
    return *result;
  return refuse(op) << "it has no type for " << type;
}

LogicalResult Lowering::checkTypes(Operation *op) {
  auto check = [&](Value value) -> LogicalResult {
    Type type = value.getType();
    if (knownTypes.contains(type.getAsOpaquePointer()))
      return success();
    if (failed(getType(op, type, true)))
      return failure();
    // Whether others are refused depends on the operation.
    if (auto vector = dyn_cast<VectorType>(type);
        !vector || !getNumWords(vector))
      knownTypes.insert(type.getAsOpaquePointer());
    return success();
  };
  // Memory is no value: only an access names it.
  bool isAccess = isa<memref::LoadOp, vector::LoadOp>(op);
  for (Value operand : op->getOperands())
    if (!(isAccess && isa<MemRefType>(operand.getType())) &&
        failed(check(operand)))
      return failure();
  for (Value result : op->getResults())
    if (failed(check(result)))
      return failure();
  return success();
}

MSLType Lowering::typeOf(Value value, bool isSigned) {
  return *getMSLType(value.getType(), isSigned);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Attribute Lowering::getConstant(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  // Without a search for the interface of the value.
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return constant.getProperties().value;
  // What is undefined may be anything; zero is as good as any other value.
  if (isa<ub::PoisonOp>(op))
    return Builder(op->getContext()).getZeroAttr(value.getType());
  return {};
}

Expression Lowering::scalarLiteral(Attribute number, MSLType type,
                                   LiteralForm form) {
  unsigned key = unsigned(type.kind) << 24 | type.bits << 16 |
                 type.isSigned << 8 | unsigned(form);
  auto [known, isNew] = literals.try_emplace({number, key});
  Expression &result = known->second;
  if (!isNew)
    return result;
  auto integer = dyn_cast<IntegerAttr>(number);
  if (!integer)
    return result = build.literal(
               floatLiteral(cast<FloatAttr>(number).getValue(), type));
  const APInt &value = integer.getValue();
  result = build.literal(integerLiteral(value, type, form));
  if (type.isSigned)
    result.interval = Interval{value.getSExtValue(), value.getSExtValue()};
  else if (value.getActiveBits() < 64)
    result.interval =
        Interval{int64_t(value.getZExtValue()), int64_t(value.getZExtValue())};
  return result;
}

Expression Lowering::literal(Attribute constant, MSLType type,
                             LiteralForm form) {
  auto makeScalar = [&](Attribute number) {
    return scalarLiteral(number, type.element(), form);
  };
  auto dense = dyn_cast<DenseElementsAttr>(constant);
  if (!dense)
    return makeScalar(constant);
  bool isVector = form == LiteralForm::Typed || !dense.isSplat();
  if (isVector)
    form = LiteralForm::Plain;
  if (dense.isSplat()) {
    Expression lane = makeScalar(dense.getSplatValue<Attribute>());
    return isVector ? build.castTo(std::move(lane), type) : std::move(lane);
  }
  SmallVector<Expression, 4> lanes;
  for (Attribute lane : dense.getValues<Attribute>())
    lanes.push_back(makeScalar(lane));
  return build.call(type.str(), lanes, type);
}

Expression Lowering::take(Value value) {
  if (Attribute constant = getConstant(value))
    return literal(constant, typeOf(value, /*isSigned=*/true),
                   LiteralForm::Typed);
  return takeComputed(value);
}

Expression Lowering::takeComputed(Value value) {
  auto found = slots.find(value);
  if (found == slots.end()) {
    isLost = true;
    return build.name("", typeOf(value, /*isSigned=*/true));
  }
  Slot &slot = found->second;
  if (slot.isHome)
    return slot.expression;
  if (slot.remaining > 1) {
    --slot.remaining;
    return slot.expression;
  }
  Expression result = std::move(slot.expression);
  slots.erase(found);
  return result;
}

Expression Lowering::takeTyped(Value value, MSLType type, LiteralForm form) {
  if (Attribute constant = getConstant(value))
    return literal(constant, type, form);
  Expression expression = takeComputed(value);
  if (expression.type.lanes != type.lanes)
    expression = build.convert(std::move(expression), type.element());
  return build.convert(std::move(expression), type);
}

Expression Lowering::takeReading(Value value, bool isSigned) {
  MSLType type = typeOf(value, isSigned);
  if (Attribute constant = getConstant(value))
    return literal(constant, type, LiteralForm::Plain);
  if (type.isVector() || !type.isInteger())
    return takeTyped(value, type);
  Expression expression = takeComputed(value);
  unsigned bits = expression.type.bits;
  std::optional<Interval> interval = getInterval(expression);
  // What is not negative reads the same either way, as far as it is extended.
  // But beside an unsigned number of 32 bits, C++ takes a signed one for
  // unsigned.
  bool isNatural = interval && interval->low >= 0;
  bool isRead = bits > type.bits
                    ? interval && interval->fits(type) &&
                          (!isSigned || expression.type.isSigned)
                    : expression.type.isSigned == isSigned ||
                          (isSigned ? bits < type.bits : isNatural);
  return isRead ? expression : build.castTo(std::move(expression), type);
}

Expression Lowering::takeBits(Value value, bool isSigned) {
  if (Attribute constant = getConstant(value))
    return literal(constant, typeOf(value, isSigned), LiteralForm::Plain);
  return takeComputed(value);
}

Expression Lowering::takeAssigned(Value value, MSLType type) {
  if (type.isInteger() && !type.isVector())
    return takeBits(value, type.isSigned);
  return takeTyped(value, type);
}

Expression Lowering::takeIndex(Value value) {
  return takeBits(value, /*isSigned=*/true);
}

Expression Lowering::takeChoice(Value value, MSLType type) {
  bool isPlain = type.isInteger() && !type.isVector() && type.bits <= 32;
  Expression choice =
      takeTyped(value, type, isPlain ? LiteralForm::Plain : LiteralForm::Typed);
  // An argument is a reference to constant memory.
  bool isArgument = isa<BlockArgument>(value) &&
                    value.getParentBlock() == &kernel.getBody().front();
  return type.isVector() && isArgument ? build.castTo(std::move(choice), type)
                                       : choice;
}

Expression Lowering::choose(Expression condition, Value a, Value b,
                            MSLType type) {
  Expression left = takeChoice(a, type), right = takeChoice(b, type);
  return build.conditional(std::move(condition), std::move(left),
                           std::move(right));
}

Expression Lowering::takeRepeated(Value value, Expression expression) {
  if (expression.node->isAtom || expressionDepth != 0 || getConstant(value))
    return expression;
  return materialize(std::move(expression), value, getGeneratedName(value));
}

//===----------------------------------------------------------------------===//
// Locals
//===----------------------------------------------------------------------===//

std::string Lowering::getGeneratedName(Value value) const {
  StringRef name = variables.getLocalName(value);
  return name.empty() ? getDescription(value) : name.str();
}

std::string Lowering::getDescription(Value value) const {
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
  else if (auto load = value.getDefiningOp<SimdgroupMatrixLoadOp>())
    memory = load.getBuffer();
  if (memory) {
    StringRef name = getHome(getRootMemory(memory))->text;
    std::string lower = name.lower();
    return lower != name ? lower : lower + "_value";
  }
  for (Operation *user : value.getUsers())
    if (isa<memref::LoadOp, memref::StoreOp, vector::LoadOp, vector::StoreOp,
            arith::IndexCastOp, arith::IndexCastUIOp>(user) &&
        value.getType().isIntOrIndex() && user->getOperand(0) != value)
      return "index";
  return "t";
}

Location Lowering::getOrigin(Value value) const {
  if (isHome(value) || getConstant(value) || !getFileLine(value.getLoc()))
    return tree.getLocation();
  return value.getLoc();
}

const Expr *Lowering::declareLocal(StringRef name, const Expression &expression,
                                   MSLType type) {
  const Expr *local = tree.name(names.declare(name));
  Stmt &stmt = add(StmtKind::Declare);
  stmt.type = {type};
  stmt.target = local;
  if (!type.cooperative)
    stmt.value = expression.node;
  else
    copyCooperative(local, expression);
  return local;
}

Expression Lowering::materialize(Expression expression, Value value,
                                 StringRef name) {
  MSLType type = typeOf(value);
  if (type.isVector())
    expression = build.convert(std::move(expression), type);
  // A subscript stays as wide as it was computed.
  if (value.getType().isIndex() && expression.type.bits < 64)
    type = getPromoted(expression.type);
  Location place = tree.getLocation();
  tree.setLocation(getOrigin(value));
  Expression local;
  local.node = declareLocal(name, expression, type);
  tree.setLocation(place);
  local.type = type;
  return local;
}

/// Whether \p user goes on with the chain of conditions or choices that \p
/// value is the end of. A chain is one expression, however long.
static bool isLink(Value value, Operation *user) {
  Operation *op = value.getDefiningOp();
  if (isa<VectorType>(value.getType()) || op->getName() != user->getName())
    return false;
  if (auto select = dyn_cast<arith::SelectOp>(user))
    return select.getFalseValue() == value;
  return isa<arith::AndIOp, arith::OrIOp>(op) && value.getType().isInteger(1);
}

bool Lowering::isPlacedLater(Value value, const Expression &expression) const {
  bool isPure = expression.reads.empty();
  if (isPure && expression.node->isAtom)
    return true;
  if (!value.hasOneUse())
    return false;
  Operation *user = *value.getUsers().begin();
  if (expression.node->width > kMaxInlineWidth &&
      !isa<memref::StoreOp, vector::StoreOp, scf::YieldOp>(user) &&
      !isLink(value, user))
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
  const Expr *node = expression.node;
  if (node->kind != ExprKind::Binary || !isSum(node->op) ||
      !expression.reads.empty() || !value.getType().isIntOrIndex())
    return false;
  const Expr *number = node->operands[1];
  return node->operands[0]->isAtom && number->isLiteral() && number->isAtom &&
         llvm::all_of(value.getUsers(), [](Operation *user) {
           return isa<memref::LoadOp, memref::StoreOp, vector::LoadOp,
                      vector::StoreOp, arith::IndexCastOp, arith::IndexCastUIOp,
                      arith::CmpIOp>(user);
         });
}

void Lowering::define(Value value, Expression expression) {
  if (std::optional<unsigned> variable = variables.find(value)) {
    prepareVariable(*variable, value);
    assignVariable(*variable, expression);
    bindVariable(value);
    return;
  }
  unsigned uses = std::distance(value.use_begin(), value.use_end());
  bool isAlias =
      expression.node->isName() &&
      isa<arith::IndexCastOp, arith::IndexCastUIOp>(value.getDefiningOp());
  StringRef name = variables.getLocalName(value);
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
  defineLocal(value, std::move(expression), name);
}

void Lowering::defineInPlace(Value value, Expression expression) {
  // The right side of `&&`, or a side of a choice, is not evaluated by all.
  Operation *user = value.hasOneUse() ? *value.getUsers().begin() : nullptr;
  bool isWhole = isa_and_nonnull<memref::StoreOp, vector::StoreOp, scf::YieldOp,
                                 scf::ConditionOp>(user) &&
                 user->getBlock() == value.getParentBlock();
  build.addReads(expression, tree.keep(unsigned(kConvergence)));
  if (isWhole)
    define(value, std::move(expression));
  else
    defineNow(value, std::move(expression));
}

void Lowering::defineNow(Value value, Expression expression) {
  if (variables.find(value))
    return define(value, std::move(expression));
  defineLocal(value, std::move(expression), variables.getLocalName(value));
}

void Lowering::defineLocal(Value value, Expression expression, StringRef name) {
  Expression local =
      name.empty()
          ? materialize(std::move(expression), value, getDescription(value))
          : materialize(std::move(expression), value, name);
  makeHome(value, local.node, local.type);
}

//===----------------------------------------------------------------------===//
// What waits
//===----------------------------------------------------------------------===//

void Lowering::settle(Value value) {
  auto found = slots.find(value);
  if (found == slots.end() || found->second.isHome)
    return;
  Expression expression = std::move(found->second.expression);
  Expression local =
      materialize(std::move(expression), value, getGeneratedName(value));
  makeHome(value, local.node, local.type);
}

void Lowering::flush(unsigned thing) {
  SmallVector<Value, 2> values = std::move(readers[thing]);
  readers[thing].clear();
  for (Value value : values)
    settle(value);
}

void Lowering::flushAll() {
  for (Value value : pending)
    settle(value);
  pending.clear();
  // The blocks being lowered have nothing pending now; neither have readers.
}

bool Lowering::isReadLater(unsigned thing, Value value) const {
  ArrayRef<Value> waiting = readers[thing];
  const Value *own = llvm::find(waiting, value);
  return own != waiting.end() &&
         llvm::any_of(waiting.drop_front(own - waiting.begin() + 1),
                      [&](Value later) {
                        return slots.contains(later) && !isHome(later);
                      });
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

const Lowering::VariableState &Lowering::prepareVariable(unsigned variable,
                                                         Value value) {
  VariableState &state = variableStates[variable];
  if (!state.name)
    state.type = typeOf(value, signs.isVariableSigned(variable));
  return state;
}

void Lowering::bindVariable(Value value) {
  unsigned variable = *variables.find(value);
  const VariableState &state = variableStates[variable];
  makeHome(value, state.name, state.type, variable);
}

void Lowering::declareVariable(unsigned variable, Value value) {
  prepareVariable(variable, value);
  VariableState &state = variableStates[variable];
  if (state.name)
    return;
  StringRef name = variables.getName(variable);
  Stmt stmt = makeStmt(StmtKind::Declare);
  stmt.type = {state.type};
  stmt.target = tree.name(names.declare(name.empty() ? "t" : name));
  state.name = stmt.target;
  add(std::move(stmt));
}

void Lowering::assignVariable(unsigned variable, const Expression &expression) {
  flush(kFirstVariable + variable);
  VariableState &state = variableStates[variable];
  Expression converted = state.type.isVector()
                             ? build.convert(expression, state.type)
                             : expression;
  if (state.name && state.type.cooperative)
    return copyCooperative(state.name, converted);
  if (state.name)
    return addAssignment(state.name, converted.node);
  StringRef name = variables.getName(variable);
  state.name = declareLocal(name.empty() ? "t" : name, converted, state.type);
}

void Lowering::copyCooperative(const Expr *target, const Expression &value) {
  Expression destination = value;
  destination.node = target;
  addCall("enigma_copy", {destination, value});
}

void Lowering::addCall(StringRef function, ArrayRef<Expression> arguments) {
  Stmt stmt = makeStmt(StmtKind::Evaluate);
  stmt.value = build.call(function, arguments, MSLType()).node;
  add(std::move(stmt));
}

Expression Lowering::makeDestination(Value result) {
  if (std::optional<unsigned> variable = variables.find(result)) {
    flush(kFirstVariable + *variable);
    declareVariable(*variable, result);
    bindVariable(result);
  } else {
    MSLType type = typeOf(result);
    Stmt stmt = makeStmt(StmtKind::Declare);
    stmt.type = {type};
    stmt.target = tree.name(names.declare(getGeneratedName(result)));
    makeHome(result, stmt.target, type);
    add(std::move(stmt));
  }
  Expression destination;
  destination.node = getHome(result);
  destination.type = typeOf(result);
  return destination;
}

void Lowering::addAssignment(const Expr *target, const Expr *value) {
  Stmt &stmt = add(StmtKind::Assign);
  stmt.target = target;
  stmt.value = value;
  if (value->kind == ExprKind::Binary && hasAssignment(value->op)) {
    const Expr *left = value->operands[0], *right = value->operands[1];
    bool isRight = !isSame(left, target) && isCommutative(value->op) &&
                   isSame(right, target);
    if (isRight || isSame(left, target)) {
      stmt.op = value->op;
      stmt.value = isRight ? left : right;
    }
  }
}

void Lowering::assignAll(ArrayRef<Move> moves) {
  struct Pending {
    unsigned variable;
    Expression source;
    Value value;
    Location origin;
    bool isDone = false;
  };
  Location place = tree.getLocation();
  SmallVector<Pending, 4> work;
  // How many sources still read a variable that is about to change.
  llvm::DenseMap<unsigned, unsigned> readersOf;
  for (const Move &move : moves) {
    if (variables.find(move.source) == move.variable)
      continue;
    MSLType type = prepareVariable(move.variable, move.source).type;
    Location origin = getOrigin(move.source);
    work.push_back(
        {move.variable, takeAssigned(move.source, type), move.source, origin});
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
    item.source.reads = {};
  };
  auto perform = [&](Pending &item) {
    if (item.isDone)
      return;
    item.isDone = true;
    tree.setLocation(item.origin);
    assignVariable(item.variable, item.source);
    tree.setLocation(place);
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
    StringRef name = variableStates[item.variable].name->text;
    Expression aside =
        materialize(item.source, item.value, ("next_" + name).str());
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
// Operations
//===----------------------------------------------------------------------===//

LogicalResult Lowering::checkRegions(Operation *op) {
  if (depth < kMaxRegions)
    return success();
  InFlightDiagnostic error = refuse(op) << "more than " << kMaxRegions
                                        << " regions, one inside of the other";
  error.attachNote() << "help: write a long chain of branches as several, or "
                        "look what it chooses up in an enigma.constant_array";
  return error;
}

LogicalResult Lowering::addScope(Operation *op, Stmt stmt) {
  if (stmt.scopes <= kMaxScopes) {
    add(std::move(stmt));
    return success();
  }
  InFlightDiagnostic error = refuse(op)
                             << "more than " << kMaxScopes << " nested scopes";
  error.attachNote() << "help: join conditions of branches that are nested by "
                        "`and`, and count nested loops by one";
  return error;
}

Lowering::RegionState Lowering::enterRegion(Statements &into) {
  RegionState state = {out, pending.size()};
  out = &into;
  ++depth;
  return state;
}

void Lowering::leaveRegion(const RegionState &state) {
  // What is still pending here has no user that appears in the text.
  for (size_t i = state.pending; i < pending.size(); ++i)
    if (auto slot = slots.find(pending[i]);
        slot != slots.end() && !slot->second.isHome)
      slots.erase(slot);
  pending.resize(std::min(state.pending, pending.size()));
  --depth;
  out = state.outer;
}

LogicalResult
Lowering::lowerRegion(mlir::Block &block, Statements &into,
                      llvm::function_ref<LogicalResult()> finish) {
  RegionState state = enterRegion(into);
  LogicalResult result =
      lowerOperations(block.begin(), block.back().getIterator());
  if (succeeded(result))
    result = finish();
  leaveRegion(state);
  return result;
}

LogicalResult Lowering::lowerOperations(mlir::Block::iterator begin,
                                        mlir::Block::iterator end) {
  for (Operation &op : llvm::make_range(begin, end))
    if (failed(lowerOperation(op)))
      return failure();
  return success();
}

LogicalResult Lowering::lowerExpression(Operation *op, const Rule &rule) {
  if (failed(checkTypes(op)))
    return failure();
  if (isOpTriviallyDead(op))
    return success();
  StringAttr variant;
  if (!op->getRawDictionaryAttrs().empty())
    variant = dyn_cast_if_present<StringAttr>(
        op->getDiscardableAttr(EnigmaDialect::kVariantAttr));
  FailureOr<Expression> expression = variant
                                         ? callVariant(*this, op, rule, variant)
                                         : rule.makeExpression(*this, op, rule);
  if (failed(expression))
    return failure();
  // Arithmetic has no effects, nor has what is made of vectors, and to ask each
  // operation is slow.
  if (!isa_and_nonnull<arith::ArithDialect, vector::VectorDialect>(
          op->getDialect()) &&
      !isa<memref::LoadOp>(op) && !isMemoryEffectFree(op))
    defineInPlace(op->getResult(0), std::move(*expression));
  else
    define(op->getResult(0), std::move(*expression));
  return success();
}

LogicalResult Lowering::lowerOperation(Operation &op) {
  auto [known, isNew] = rules.try_emplace(op.getName());
  if (isNew)
    known->second = Rules::find(&op);
  const Rule *rule = known->second;
  if (!rule)
    return refuse(&op) << "the translation does not know this operation";
  tree.setLocation(op.getLoc());
  LogicalResult result = rule->makeStatements ? rule->makeStatements(*this, &op)
                                              : lowerExpression(&op, *rule);
  if (succeeded(result) && isLost)
    return refuse(&op) << "an operand has no value here";
  return result;
}

FailureOr<Statements> Lowering::lowerBody() {
  Statements statements;
  statements.reserve(variables.getNumOperations() / 4);
  out = &statements;
  mlir::Block &body = kernel.getBody().front();
  // Threadgroup arrays are declared first, as part of the kernel's interface.
  for (auto alloc : body.getOps<AllocOp>())
    if (alloc.getAddressSpace() == AddressSpace::Threadgroup &&
        failed(lowerOperation(*alloc)))
      return failure();
  for (Operation &op : body.without_terminator()) {
    auto alloc = dyn_cast<AllocOp>(op);
    if (alloc && alloc.getAddressSpace() == AddressSpace::Threadgroup)
      continue;
    if (failed(lowerOperation(op)))
      return failure();
  }
  return statements;
}
