// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the operations of a kernel to the tree of its text.
//
// A family of operations (integers, memory, control flow, ...) is a file of
// functions that make expressions and statements, one for an operation or for
// some of a kind. One table knows them all. What they share is here: where the
// text of a value is, and where it is placed.

#ifndef ENIGMA_LIB_TARGET_MSL_LOWERING_H
#define ENIGMA_LIB_TARGET_MSL_LOWERING_H

#include "Expressions.h"
#include "Names.h"
#include "Signs.h"
#include "Variables.h"

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringSet.h"

namespace enigma::msl {

using mlir::FailureOr;
using mlir::LogicalResult;

class Lowering;

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

/// How an operation reads its integer operands.
enum class Reading : uint8_t { Bits, Signed, Unsigned };

/// How an operation is lowered: to an expression, or to statements.
struct Rule {
  using MakeExpression = FailureOr<Expression> (*)(Lowering &,
                                                   mlir::Operation *,
                                                   const Rule &);
  using MakeStatements = LogicalResult (*)(Lowering &, mlir::Operation *);

  MakeExpression makeExpression = nullptr;
  /// The operator of C++ or the function of MSL, where one stands for the
  /// operation.
  Operator op = {};
  llvm::StringRef function = {};
  Reading reading = Reading::Bits;
  MakeStatements makeStatements = nullptr;
  /// The function that `metal::fast` and `metal::precise` have for it.
  llvm::StringRef variants = {};
};

class Rules {
public:
  static const Rule *find(mlir::Operation *op);

  /// Rules of operations that become expressions.
  template <typename Op>
  void add(Rule::MakeExpression make, Reading reading = Reading::Bits) {
    rules[mlir::TypeID::get<Op>()] = {make, {}, {}, reading};
  }
  template <typename Op>
  void add(Rule::MakeExpression make, Operator op,
           Reading reading = Reading::Bits) {
    rules[mlir::TypeID::get<Op>()] = {make, op, {}, reading};
  }
  template <typename Op>
  void add(Rule::MakeExpression make, llvm::StringRef function,
           Reading reading = Reading::Bits) {
    rules[mlir::TypeID::get<Op>()] = {make, {}, function, reading};
  }
  /// That a rule has variants of its function.
  template <typename Op> void addVariants(llvm::StringRef function) {
    rules[mlir::TypeID::get<Op>()].variants = function;
  }
  /// The rule of operations that become statements.
  template <typename Op> void addStatement(Rule::MakeStatements make) {
    Rule rule;
    rule.makeStatements = make;
    rules[mlir::TypeID::get<Op>()] = rule;
  }

private:
  Rules();

  llvm::DenseMap<mlir::TypeID, Rule> rules;
};

// The families.
void addAtomicRules(Rules &rules);
void addCallRules(Rules &rules);
void addCastRules(Rules &rules);
void addControlFlowRules(Rules &rules);
void addCooperativeTensorRules(Rules &rules);
void addDebugRules(Rules &rules);
void addFloatRules(Rules &rules);
void addIntegerRules(Rules &rules);
void addLinearAlgebraRules(Rules &rules);
void addMatrixRules(Rules &rules);
void addMemoryRules(Rules &rules);
void addThreadRules(Rules &rules);
void addVectorRules(Rules &rules);

/// Calls the variant of a function, "fast" or "precise", that an operation asks
/// for.
FailureOr<Expression> callVariant(Lowering &lowering, mlir::Operation *op,
                                  const Rule &rule, llvm::StringRef variant);

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

/// What expressions read: device memory, and the control flow that operations
/// across threads depend on; then variables and arrays.
enum : unsigned { kDeviceMemory, kConvergence, kFirstVariable };

/// The lowering of one kernel.
class Lowering {
public:
  Lowering(KernelOp kernel, NameScopes &names, Tree &tree);

  /// Names a parameter or a constant at namespace scope.
  void bindFixed(mlir::Value value, llvm::StringRef name, MSLType type);
  void bindBuffer(mlir::Value buffer, llvm::StringRef name);
  /// Names the parameter of a thread query, with the Python variable that it
  /// is; \p isVector if it has components.
  void bindQuery(llvm::StringRef attribute, llvm::StringRef name,
                 llvm::StringRef sourceName, bool isVector);

  FailureOr<Statements> lowerBody();

  // Errors.
  mlir::InFlightDiagnostic refuse(mlir::Operation *op);
  FailureOr<MSLType> getType(mlir::Operation *op, mlir::Type type,
                             bool isSigned);
  LogicalResult checkTypes(mlir::Operation *op);

  // Types.
  static MSLType typeOf(mlir::Value value, bool isSigned);
  /// The type that the text has a value in.
  MSLType typeOf(mlir::Value value) const {
    return typeOf(value, signs.isSigned(value));
  }

  // The texts of operands. Each use of a value takes it once.
  Expression take(mlir::Value value);
  Expression literal(mlir::Attribute constant, MSLType type, LiteralForm form);
  static mlir::Attribute getConstant(mlir::Value value);
  /// In exactly the type.
  Expression takeTyped(mlir::Value value, MSLType type,
                       LiteralForm form = LiteralForm::Typed);
  /// Of an integer type of which C++ reads the number as `isSigned` says.
  Expression takeReading(mlir::Value value, bool isSigned);
  /// Where C++ converts it to \p type.
  Expression takeAssigned(mlir::Value value, MSLType type);
  /// Of an integer type whose lower bits are those of the value.
  Expression takeBits(mlir::Value value, bool isSigned);
  Expression takeIndex(mlir::Value value);
  /// `condition ? a : b`
  Expression choose(Expression condition, mlir::Value a, mlir::Value b,
                    MSLType type);
  /// A side of a choice; a constant takes the type of the other side.
  Expression takeChoice(mlir::Value value, MSLType type);
  /// For a text that repeats it.
  Expression takeRepeated(mlir::Value value, Expression expression);

  // The texts of results.
  /// Gives a value its text: a variable, or where it is used.
  void define(mlir::Value value, Expression expression);
  /// The same, for what threads do together: it is not moved into what only
  /// some of them evaluate.
  void defineInPlace(mlir::Value value, Expression expression);
  /// The same, for what has an effect: it stays where it is.
  void defineNow(mlir::Value value, Expression expression);
  void makeHome(mlir::Value value, const Expr *name, MSLType type,
                std::optional<unsigned> variable = std::nullopt);
  bool hasText(mlir::Value value) const { return slots.contains(value); }
  const Expr *getHome(mlir::Value value) const {
    return slots.lookup(value).expression.node;
  }
  /// Whether the text is a name that nothing changes.
  bool isFixedName(mlir::Value value) const;
  bool isHome(mlir::Value value) const;

  // Statements.
  void add(Stmt stmt) { out->push_back(std::move(stmt)); }
  /// The same, for one that is filled in where it is.
  Stmt &add(StmtKind kind) {
    return out->emplace_back(Stmt{kind, tree.getLocation()});
  }
  /// Adds a statement with scopes of its own, unless they nest too deep.
  LogicalResult addScope(mlir::Operation *op, Stmt stmt);
  void addAssignment(const Expr *target, const Expr *value);
  /// Metal does not say that a cooperative tensor can be assigned.
  void copyCooperative(const Expr *target, const Expression &value);
  void addCall(llvm::StringRef function, llvm::ArrayRef<Expression> arguments);
  /// Adds that a function of Metal writes a result into the variable that is
  /// given; it is declared if need be.
  Expression makeDestination(mlir::Value result);
  Stmt makeStmt(StmtKind kind) const { return {kind, tree.getLocation()}; }
  /// The line that a statement for \p value comes from: what computes it is on
  /// one; what has a name already, or is a constant, is on that of the place.
  mlir::Location getOrigin(mlir::Value value) const;
  const Expr *declareLocal(llvm::StringRef name, const Expression &expression,
                           MSLType type);
  Expression materialize(Expression expression, mlir::Value value,
                         llvm::StringRef name);
  /// What a local for \p value is called: as in Python, or by what it is.
  std::string getGeneratedName(mlir::Value value) const;

  /// Computes now what reads the thing of that number.
  void flush(unsigned thing);
  void flushAll();
  /// Whether a value that reads the thing waits after \p value.
  bool isReadLater(unsigned thing, mlir::Value value) const;
  /// Numbers for what expressions read.
  unsigned getMemoryNumber(mlir::Value memory);
  llvm::ArrayRef<unsigned> getThreadgroupMemory() const {
    return threadgroupMemory;
  }

  // Variables.
  struct VariableState {
    const Expr *name = nullptr;
    MSLType type;
  };
  struct Move {
    unsigned variable;
    mlir::Value source;
  };
  const VariableState &prepareVariable(unsigned variable, mlir::Value value);
  void bindVariable(mlir::Value value);
  void declareVariable(unsigned variable, mlir::Value value);
  void assignVariable(unsigned variable, const Expression &expression);
  /// Assigns all at once, as if no assignment changed what another reads.
  void assignAll(llvm::ArrayRef<Move> moves);

  // Control flow.
  LogicalResult lowerOperation(mlir::Operation &op);
  LogicalResult lowerOperations(mlir::Block::iterator begin,
                                mlir::Block::iterator end);
  /// Lowers into \p into what lies between `enterRegion` and `leaveRegion`.
  struct RegionState {
    Statements *outer;
    size_t pending;
  };
  LogicalResult checkRegions(mlir::Operation *op);
  RegionState enterRegion(Statements &into);
  void leaveRegion(const RegionState &state);
  LogicalResult lowerRegion(mlir::Block &block, Statements &into,
                            llvm::function_ref<LogicalResult()> finish);

  KernelOp kernel;
  NameScopes &names;
  Tree &tree;
  ExpressionBuilder build;
  Variables variables;
  Signs signs;
  /// Not zero within an expression, where no statement may appear.
  unsigned expressionDepth = 0;
  /// How many loops the place is in.
  unsigned loopDepth = 0;
  /// The functions of `float` that the text calls; the prelude defines some.
  llvm::StringSet<> singleFunctions;
  /// Whether it writes messages.
  bool hasMessages = false;

  struct QueryName {
    std::string name;
    llvm::StringRef sourceName;
    bool isVector;
  };
  const QueryName &getQuery(llvm::StringRef attribute) {
    return queries[attribute];
  }

private:
  /// A value that the text can name or compute.
  struct Slot {
    Expression expression;
    /// Uses whose text is still to come.
    unsigned remaining = 0;
    /// Whether the text stays valid: a name, not an expression to be placed.
    bool isHome = false;
  };

  LogicalResult lowerExpression(mlir::Operation *op, const Rule &rule);
  /// The text of what is no constant.
  Expression takeComputed(mlir::Value value);
  Expression scalarLiteral(mlir::Attribute number, MSLType type,
                           LiteralForm form);
  std::string getDescription(mlir::Value value) const;
  void defineLocal(mlir::Value value, Expression expression,
                   llvm::StringRef name);
  bool isPlacedLater(mlir::Value value, const Expression &expression) const;
  void settle(mlir::Value value);

  Statements *out = nullptr;
  /// The rules of the operations met.
  llvm::DenseMap<mlir::OperationName, const Rule *> rules;
  /// Those that the text has types for, whatever works on them.
  llvm::SmallPtrSet<const void *, 8> knownTypes;
  /// The numbers written so far, by their attributes, types and forms.
  llvm::DenseMap<std::pair<mlir::Attribute, unsigned>, Expression> literals;
  std::vector<VariableState> variableStates;
  llvm::DenseMap<mlir::Value, Slot> slots;
  /// Values whose text is placed later and reads the thing of that number.
  std::vector<llvm::SmallVector<mlir::Value, 2>> readers;
  /// All such values, in order, of the blocks being lowered.
  std::vector<mlir::Value> pending;
  llvm::DenseMap<mlir::Value, unsigned> memoryNumbers;
  llvm::SmallVector<unsigned, 2> threadgroupMemory;
  llvm::StringMap<QueryName> queries;
  /// How many regions the place is in.
  unsigned depth = 0;
  /// Whether a value had no text where it was used.
  bool isLost = false;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_LOWERING_H
