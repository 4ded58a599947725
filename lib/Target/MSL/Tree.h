// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source of MSL as a tree. What is decided here is what the text means; how
// it is laid out on the page is the printer's.

#ifndef ENIGMA_LIB_TARGET_MSL_TREE_H
#define ENIGMA_LIB_TARGET_MSL_TREE_H

#include "Literals.h"
#include "Operators.h"
#include "Types.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Allocator.h"
#include "llvm/Support/StringSaver.h"
#include <vector>

namespace enigma::msl {

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

enum class ExprKind : uint8_t {
  /// A variable, a parameter, an array, a constant of the library.
  Name,
  Literal,
  /// `-x`, `!x`, `*x`, `&x`
  Unary,
  /// `x + y`
  Binary,
  /// `c ? x : y`
  Conditional,
  /// `max(x, y)`, and conversions: `float4(x)`
  Call,
  /// `v.xy`
  Member,
  /// `p[i]`
  Subscript,
  /// `(device float4*)p`
  PointerCast,
  /// A text that nobody looks into, but for its operands.
  Verbatim,
};

/// Where an operand of a text stands.
inline constexpr char kOperandMark = '\x01';

/// An expression. A `Tree` makes it; it never changes, and several expressions
/// may share it.
struct Expr {
  ExprKind kind;
  Precedence precedence;
  /// Of a unary or binary expression.
  Operator op;
  /// Of a binary operator: whether `a op (b op c)` may be written without the
  /// parentheses.
  bool mayRegroup;
  /// Of a product: whether it divides outside of parentheses.
  bool divides;
  /// Whether `Tree::negate` needs no `!`.
  bool hasOpposite;
  /// Whether it is a name, a member of one, or a number without a sign.
  bool isAtom;
  /// The columns that it takes on one line.
  unsigned width;
  /// The name, the number, the function, the lanes or the type; of a text, with
  /// a `kOperandMark` for each operand.
  llvm::StringRef text;
  llvm::ArrayRef<const Expr *> operands;

  bool isName() const { return kind == ExprKind::Name; }
  bool isLiteral() const { return kind == ExprKind::Literal; }
  bool isUnary(Operator which) const {
    return kind == ExprKind::Unary && op == which;
  }
  bool isBinary(Operator which) const {
    return kind == ExprKind::Binary && op == which;
  }
  /// Whether it is what a pointer points to.
  bool isInMemory() const {
    return kind == ExprKind::Subscript || isUnary(Operator::Dereference);
  }
};

/// Whether operand \p index of \p parent stands in parentheses: C++ needs them,
/// or readers (and compilers' warnings) would like to see them.
bool isParenthesized(const Expr &parent, unsigned index);

/// Whether two expressions are written the same.
bool isSame(const Expr *a, const Expr *b);

/// The line of a file that \p location is, or the innermost that it is made
/// from; null where there is none.
mlir::FileLineColLoc getFileLine(mlir::Location location);

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

struct Stmt;
using Statements = std::vector<Stmt>;

enum class StmtKind : uint8_t {
  /// `float x = 0.0f;`, and `threadgroup float tile[256];`
  Declare,
  /// `x = y;`, and `x += y;`
  Assign,
  /// `threadgroup_barrier(...);`
  Evaluate,
  Break,
  /// A line as it is.
  Verbatim,
  /// `{ ... }`
  Block,
  If,
  For,
  While,
};

/// One arm of a chain of `else if`.
struct Branch {
  mlir::Location location;
  const Expr *condition;
  Statements body;
};

struct Stmt {
  StmtKind kind;
  mlir::Location location;
  /// Of what is declared, or of a loop's counter.
  DeclaredType type = {};
  /// The name that is declared or assigned to.
  const Expr *target = nullptr;
  /// The operator of `x += y`; none for `x = y`.
  std::optional<Operator> op = {};
  /// What is assigned, evaluated or written as it is, or a loop's condition;
  /// none for a variable without a value and for an endless loop.
  const Expr *value = nullptr;
  /// The elements of an array.
  int64_t elements = 0;
  /// The bounds of a `for`; no step is a step of 1.
  const Expr *lower = nullptr, *upper = nullptr, *step = nullptr;
  /// The arms of a chain, the last one first: a chain grows from its end.
  std::vector<Branch> branches = {};
  /// The body of a loop or a block, or what follows the last `else`.
  Statements body = {};
  /// How deep scopes nest in it, its own included; a chain of `else if` is one.
  unsigned scopes = 0;

  /// Counts the scope of a block of it.
  void enclose(const Statements &block);
};

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// A parameter of a kernel: its type, name and attribute.
struct Parameter {
  DeclaredType type;
  std::string name;
  std::string attribute;
};

struct Kernel {
  mlir::Location location;
  std::string name;
  std::vector<Parameter> parameters;
  Statements body;
};

/// Makes expressions, and owns them.
class Tree {
public:
  explicit Tree(mlir::MLIRContext *context);

  /// Where the statements come from that are made from now on.
  void setLocation(mlir::Location loc) { location = loc; }
  mlir::Location getLocation() const { return location; }

  const Expr *name(llvm::StringRef text);
  const Expr *literal(const Literal &literal);
  const Expr *unary(Operator op, const Expr *operand);
  /// \p mayRegroup: whether the operator groups either way.
  const Expr *binary(const Expr *left, Operator op, const Expr *right,
                     bool mayRegroup = false);
  /// A comparison whose opposite is the opposite comparison.
  const Expr *comparison(const Expr *left, Operator op, const Expr *right);
  /// `&&` or `||`
  const Expr *logical(const Expr *left, Operator op, const Expr *right);
  const Expr *conditional(const Expr *condition, const Expr *left,
                          const Expr *right);
  const Expr *call(llvm::StringRef function,
                   llvm::ArrayRef<const Expr *> arguments);
  const Expr *member(const Expr *vector, llvm::StringRef lanes);
  const Expr *subscript(const Expr *base, const Expr *index);
  const Expr *pointerCast(const DeclaredType &type, const Expr *pointer);
  const Expr *verbatim(llvm::StringRef text,
                       llvm::ArrayRef<const Expr *> operands);

  /// The opposite of a condition, without `!` where it has one.
  const Expr *negate(const Expr *condition);

  /// Numbers as they are, for as long as there is the tree.
  llvm::ArrayRef<unsigned> keep(llvm::ArrayRef<unsigned> numbers) {
    return numbers.copy(allocator);
  }
  /// The numbers in either list, those of \p left first. The tree keeps them,
  /// as it does the lists.
  llvm::ArrayRef<unsigned> unite(llvm::ArrayRef<unsigned> left,
                                 llvm::ArrayRef<unsigned> right);

private:
  const Expr *make(ExprKind kind, Precedence precedence, llvm::StringRef text,
                   llvm::ArrayRef<const Expr *> operands);
  Expr *create(ExprKind kind, Operator op,
               llvm::ArrayRef<const Expr *> operands);
  Expr *create(ExprKind kind, Precedence precedence, llvm::StringRef text,
               llvm::ArrayRef<const Expr *> operands);

  mlir::Location location;
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver strings{allocator};
};

} // namespace enigma::msl

#endif // ENIGMA_LIB_TARGET_MSL_TREE_H
