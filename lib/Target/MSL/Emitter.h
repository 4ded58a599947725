// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The translation of one kernel's body.

#ifndef ENIGMA_LIB_TARGET_MSL_EMITTER_H
#define ENIGMA_LIB_TARGET_MSL_EMITTER_H

#include "Interval.h"
#include "Literals.h"
#include "Names.h"
#include "Signs.h"
#include "Text.h"
#include "Variables.h"

#include "enigma/IR/EnigmaOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSet.h"

namespace enigma::msl {

using mlir::FailureOr;
using mlir::LogicalResult;

/// The text of an expression, with what its surroundings have to know.
struct Expression {
  std::string text;
  Precedence precedence = Precedence::Primary;

  /// The type that C++ gives to the text. For integers it may differ from the
  /// type of the value:
  /// - narrower: C++ extends it to the value by its signedness when it meets a
  ///   wider operand (casts to `index` vanish in subscripts this way);
  /// - wider, after integer promotion: `interval` says what the bits above
  /// those
  ///   of the value may be.
  /// A scalar may stand for a vector with equal lanes.
  MSLType type;

  /// The numbers that the text of an integer may be; nothing where those of its
  /// type are all that is known.
  std::optional<Interval> interval;

  /// Whether the text is a number.
  bool isLiteral = false;

  /// For a binary operator: where its left operand ends and its right one
  /// begins, so that `x = x + y` can become `x += y`. Zero otherwise.
  unsigned leftEnd = 0, rightBegin = 0;
  /// Of a product: whether it divides outside of parentheses.
  bool divides = false;

  /// For a condition whose opposite needs no `!`: that opposite.
  std::string opposite = {};
  Precedence oppositePrecedence = Precedence::Primary;

  /// What the text reads that statements may change: memory and variables.
  llvm::SmallVector<unsigned, 2> reads;
};

/// The type that C++ computes in for operands of \p type.
MSLType getPromoted(MSLType type);

/// Whether \p text is a name, a member of one, or a number.
bool isAtom(llvm::StringRef text);

/// How an operation reads its integer operands.
enum class Reading : uint8_t { Bits, Signed, Unsigned };

class Emitter {
public:
  Emitter(KernelOp kernel, NameScopes &names, std::vector<Statement> &body);

  /// Names a parameter or a namespace-scope constant whose text is \p name.
  void bindFixed(mlir::Value value, llvm::StringRef name, MSLType type);
  void bindBuffer(mlir::Value buffer, llvm::StringRef name);
  /// Names the parameter of a thread query, with the Python variable that it
  /// is; \p isVector if it has components.
  void bindQuery(llvm::StringRef attribute, llvm::StringRef name,
                 llvm::StringRef sourceName, bool isVector);

  LogicalResult emitBody();

  /// The functions of `Prelude.h` that the text calls.
  const llvm::StringSet<> &getOwnFunctions() const { return ownFunctions; }

private:
  friend struct Rules;
  using Handler = FailureOr<Expression> (Emitter::*)(mlir::Operation *);

  /// How an operation becomes an expression. One table holds them all.
  struct Rule {
    Handler handler = nullptr;
    llvm::StringRef spelling = {};
    Precedence precedence = Precedence::Primary;
    Reading reading = Reading::Bits;
  };
  static const Rule *findRule(mlir::Operation *op);

  /// A value that the text can name or compute.
  struct Slot {
    Expression expression;
    /// Uses whose text is still to come.
    unsigned remaining = 0;
    /// Whether the text stays valid: a name, not an expression to be placed.
    bool isHome = false;
  };

  // Errors.
  mlir::InFlightDiagnostic refuse(mlir::Operation *op);
  FailureOr<MSLType> getType(mlir::Operation *op, mlir::Type type,
                             bool isSigned);
  LogicalResult checkTypes(mlir::Operation *op);

  // Operands.
  Expression take(mlir::Value value);
  Expression literal(mlir::Attribute constant, MSLType type, LiteralForm form);
  static mlir::Attribute getConstant(mlir::Value value);
  Expression takeTyped(mlir::Value value, MSLType type,
                       LiteralForm form = LiteralForm::Typed);
  Expression takeReading(mlir::Value value, bool isSigned);
  Expression takeAssigned(mlir::Value value, MSLType type);
  Expression takeBits(mlir::Value value, bool isSigned);
  Expression takeIndex(mlir::Value value);
  Expression takeRepeated(mlir::Value value, Expression expression);
  MSLType typeOf(mlir::Value value, bool isSigned);

  // Combinators.
  static Expression castTo(Expression expression, MSLType type);
  static Expression convert(Expression expression, MSLType type);
  static std::string operand(const Expression &expression,
                             Precedence precedence, bool isRight);
  static Expression binary(Expression left, llvm::StringRef op,
                           Precedence precedence, Expression right,
                           MSLType type);
  static Expression call(llvm::StringRef function,
                         llvm::ArrayRef<Expression> arguments, MSLType type);
  static Expression negate(Expression condition);
  static Expression combine(Expression left, Expression right, bool isAnd);
  static void setOpposite(Expression &comparison);
  static Expression unary(llvm::StringRef op, Expression expression,
                          MSLType type);
  static Expression integer(Expression left, llvm::StringRef op,
                            Precedence precedence, Expression right,
                            MSLType type, bool isExact);
  static Expression negateInteger(Expression expression, MSLType type,
                                  bool isExact);
  static Expression conditional(Expression condition, Expression left,
                                Expression right, MSLType type);
  static Expression member(Expression vector, llvm::StringRef lanes,
                           MSLType type);

  // Handlers of operations, by family.
  FailureOr<Expression> integerBinary(mlir::Operation *op);
  FailureOr<Expression> logical(mlir::Operation *op);
  FailureOr<Expression> integerCall(mlir::Operation *op);
  FailureOr<Expression> floatBinary(mlir::Operation *op);
  FailureOr<Expression> floatCall(mlir::Operation *op);
  FailureOr<Expression> floatNegate(mlir::Operation *op);
  FailureOr<Expression> singleCall(mlir::Operation *op);
  FailureOr<Expression> compareIntegers(mlir::Operation *op);
  FailureOr<Expression> compareFloats(mlir::Operation *op);
  FailureOr<Expression> selectValue(mlir::Operation *op);
  FailureOr<Expression> castIndex(mlir::Operation *op);
  FailureOr<Expression> extendInteger(mlir::Operation *op);
  FailureOr<Expression> truncateInteger(mlir::Operation *op);
  FailureOr<Expression> convertFloat(mlir::Operation *op);
  FailureOr<Expression> castSign(mlir::Operation *op);
  FailureOr<Expression> integerToFloat(mlir::Operation *op);
  FailureOr<Expression> floatToInteger(mlir::Operation *op);
  FailureOr<Expression> bitcast(mlir::Operation *op);
  FailureOr<Expression> loadElement(mlir::Operation *op);
  FailureOr<Expression> loadVector(mlir::Operation *op);
  FailureOr<Expression> makeVector(mlir::Operation *op);
  FailureOr<Expression> extractLane(mlir::Operation *op);
  FailureOr<Expression> insertLane(mlir::Operation *op);
  FailureOr<Expression> broadcast(mlir::Operation *op);
  FailureOr<Expression> shuffle(mlir::Operation *op);
  FailureOr<Expression> reduce(mlir::Operation *op);
  FailureOr<Expression> metalCall(mlir::Operation *op);
  FailureOr<Expression> conditionalIf(mlir::scf::IfOp op);
  Expression choose(Expression condition, mlir::Value a, mlir::Value b,
                    MSLType type);

  // Memory.
  struct Place {
    std::string text;
    std::string base;
    AddressSpace space = AddressSpace::Device;
    Expression index;
    bool isPacked = false;
    MSLType element;
    /// The thing that `Expression::reads` names; nothing for memory that does
    /// not change.
    std::optional<unsigned> memory;
    llvm::SmallVector<unsigned, 2> reads;
  };
  FailureOr<Place> getElement(mlir::Operation *op, mlir::Value memory,
                              mlir::ValueRange indices);
  FailureOr<Place> getVectorPlace(mlir::Operation *op, mlir::Value memory,
                                  mlir::ValueRange indices,
                                  mlir::VectorType type,
                                  std::optional<uint64_t> alignment,
                                  bool isRead);
  Expression loadFrom(Place place, MSLType type);

  // Atomic accesses.
  struct AtomicPlace {
    Expression pointer;
    MSLType type;
    unsigned memory = 0;
  };
  FailureOr<AtomicPlace> getAtomicPlace(mlir::Operation *op, mlir::Value memory,
                                        mlir::Value index);
  void emitAtomicCall(mlir::Value result, const AtomicPlace &place,
                      llvm::StringRef function,
                      llvm::ArrayRef<Expression> arguments, MSLType type);
  LogicalResult emitAtomic(AtomicLoadOp op);
  LogicalResult emitAtomic(AtomicStoreOp op);
  LogicalResult emitAtomic(AtomicRMWOp op);
  LogicalResult emitAtomic(AtomicCompareExchangeOp op);

  // Statements.
  LogicalResult emitBlock(mlir::Block &block);
  LogicalResult emitOperation(mlir::Operation &op);
  LogicalResult emitExpression(mlir::Operation *op);
  LogicalResult emitStore(mlir::Operation *op, Place place, mlir::Value value,
                          MSLType type);
  LogicalResult emitAlloc(AllocOp op);
  LogicalResult emitIf(mlir::scf::IfOp op);
  LogicalResult emitFor(mlir::scf::ForOp op);
  LogicalResult emitWhile(mlir::scf::WhileOp op);
  LogicalResult emitRegion(mlir::Block &block, std::vector<Statement> &into,
                           llvm::function_ref<LogicalResult()> finish);
  LogicalResult enterRegion(mlir::Operation *op);
  LogicalResult addScope(mlir::Operation *op, Statement statement);

  void line(std::string text);
  void define(mlir::Value value, Expression expression);
  void defineInPlace(mlir::Value value, Expression expression);
  void defineNow(mlir::Value value, Expression expression);
  void makeHome(mlir::Value value, std::string name, MSLType type,
                std::optional<unsigned> variable);
  std::string declareLocal(llvm::StringRef name, const Expression &expression,
                           MSLType type);
  std::string getGeneratedName(mlir::Value value);
  bool isPlacedLater(mlir::Value value, const Expression &expression);
  void flush(unsigned thing);
  void flushAll();
  void settle(mlir::Value value);
  Expression materialize(Expression expression, mlir::Value value,
                         llvm::StringRef name);

  // Variables.
  struct VariableState {
    std::string name;
    MSLType type;
    bool isDeclared = false;
  };
  struct Move {
    unsigned variable;
    mlir::Value source;
  };
  void bindVariable(mlir::Value value);
  void prepareVariable(unsigned variable, mlir::Value value);
  void declareVariable(unsigned variable, mlir::Value value);
  void assignVariable(unsigned variable, const Expression &expression);
  void assignAll(llvm::ArrayRef<Move> moves);
  static std::string assignment(llvm::StringRef target,
                                const Expression &expression);

  void emitQuery(mlir::Operation *op);

  /// Numbers for what expressions read: memory first, then variables.
  unsigned getMemoryNumber(mlir::Value memory);

  KernelOp kernel;
  NameScopes &names;
  Variables variables;
  Signs signs;
  std::vector<Statement> *out;
  std::vector<VariableState> variableStates;
  llvm::DenseMap<mlir::Value, Slot> slots;
  /// Values whose text is placed later and reads the thing of that number.
  std::vector<llvm::SmallVector<mlir::Value, 2>> readers;
  /// All such values, in order, of the blocks being emitted.
  std::vector<mlir::Value> pending;
  llvm::DenseMap<mlir::Value, unsigned> memoryNumbers;
  llvm::SmallVector<unsigned, 2> threadgroupMemory;
  struct QueryName {
    std::string name;
    llvm::StringRef sourceName;
    bool isVector;
  };
  llvm::StringMap<QueryName> queries;
  unsigned depth = 0, loopDepth = 0;
  /// Not zero within an expression, where no statement may appear.
  unsigned expressionDepth = 0;
  llvm::StringSet<> ownFunctions;
  /// Whether a value had no text where it was used.
  bool isLost = false;
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_EMITTER_H
