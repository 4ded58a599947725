// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `enigma._layout`: layouts as Python values. Tuples of
// integers are Python tuples; everything else is a value of lib/Layout.
//
// The only place where the algebra's errors become exceptions.

#include "Expressions.h"
#include "enigma/IR/Limits.h"
#include "enigma/Layout/Overhang.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

#include <unordered_map>
#include <unordered_set>

namespace nb = nanobind;
using namespace enigma::layout;

//===----------------------------------------------------------------------===//
// What stands above
//===----------------------------------------------------------------------===//

/// What the package installs for this module to call, by name: it imports
/// nothing of the package itself.
static nb::dict &hooks() {
  // Alive at exit, when Python may be gone.
  static nb::dict *instance = new nb::dict();
  return *instance;
}

static nb::object hook(const char *name) { return hooks()[name]; }

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

namespace {
/// An error of the algebra on its way to Python.
struct Failure : std::exception {
  explicit Failure(Error error) : error(std::move(error)) {}
  const char *what() const noexcept override { return error.message().c_str(); }
  Error error;
};
} // namespace

/// Raises an error of Enigma. It is made here and now, since it looks for the
/// line of the user, who may have gone on when Python would make it.
static void raiseError(const Error &error) {
  // An argument of the wrong type is a TypeError, too.
  const char *type =
      error.kind() == ErrorKind::Operand ? "operand_error" : "error";
  nb::object raised = hook(type)(error.message(), error.remedy());
  PyErr_SetObject(raised.type().ptr(), raised.ptr());
}

[[noreturn]] static void fail(ErrorKind kind, const llvm::Twine &message) {
  throw Failure(Error(kind, message));
}

/// Complains about an argument of another type than the one that `role` has.
[[noreturn]] static void failOperand(const llvm::Twine &role,
                                     const llvm::Twine &expected,
                                     const std::string &found,
                                     const llvm::Twine &remedy) {
  throw Failure(Error(ErrorKind::Operand,
                      role + ": expected " + expected + ", got " + found,
                      remedy));
}

/// Says what does not fit where a function of this module is called with
/// arguments that it does not take; nanobind knows neither the line of the user
/// nor a remedy. It is the last overload of the function, `parameters` those of
/// the first, as in Python.
[[noreturn]] static void failCall(const char *name, const char *parameters,
                                  const nb::args &args,
                                  const nb::kwargs &kwargs) {
  hook("refuse_call")(name, parameters, args, kwargs);
  nb::raise("the arguments of %s do not fit", name);
}

template <typename T>
static void refuseOtherCalls(nb::class_<T> &type, const char *method,
                             const char *name, const char *parameters) {
  type.def(method, [=](nb::handle, nb::args args, nb::kwargs kwargs) {
    failCall(name, parameters, args, kwargs);
  });
}

/// The same of the constructor.
template <typename T>
static void refuseOtherCalls(nb::class_<T> &type, const char *name,
                             const char *parameters) {
  type.def("__init__", [=](T *, nb::args args, nb::kwargs kwargs) {
    failCall(name, parameters, args, kwargs);
  });
}

/// And of what makes one from a text.
template <typename T>
static void refuseOtherTexts(nb::class_<T> &type, const char *name) {
  type.def_static("parse", [=](nb::args args, nb::kwargs kwargs) {
    failCall(name, "text", args, kwargs);
  });
}

/// How objects of this module look up attributes: Python's own way, and where
/// there is none an error with the line of the user. Names with an underscore
/// are asked for by Python and by tools, which expect that there may be none.
static PyObject *getAttribute(PyObject *self, PyObject *name) {
  PyObject *found = PyObject_GenericGetAttr(self, name);
  if (found || !PyErr_ExceptionMatches(PyExc_AttributeError) ||
      PyUnicode_READ_CHAR(name, 0) == '_')
    return found;
  PyErr_Clear();
  try {
    hook("refuse_attribute")(nb::handle(self), nb::handle(name));
  } catch (nb::python_error &error) {
    error.restore();
  }
  return nullptr;
}

template <typename T> static T unwrap(Result<T> result) {
  if (!result)
    throw Failure(result.error());
  return std::move(*result);
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

namespace {
/// An integer that is known only at run time, as Python sees it.
struct Dyn {
  Int value;
};

/// A step along one coordinate: a stride of an identity layout.
struct Basis {
  Int value;
};
} // namespace

/// Owner of all expressions that Python makes; equal ones are one node. Each
/// kernel has symbols of its own: what is made of them goes with the last
/// layout or integer that has it. Nothing here keeps an expression but in one.
static ExprPool &pool() {
  // Alive at exit, when there may be layouts.
  static ExprPool *instance = new ExprPool(ExprPool::Keeps::Used);
  return *instance;
}

static bool isTuple(nb::handle object) {
  return PyTuple_Check(object.ptr()) || PyList_Check(object.ptr());
}

/// What an object is, for messages.
static std::string described(nb::handle object) {
  return nb::cast<std::string>(hook("describe")(object));
}

/// The text of a value for messages; a number of too many digits has none.
static std::string spelled(nb::handle object) {
  return nb::cast<std::string>(hook("spelled")(object));
}

static bool isTraced(nb::handle object) {
  // Most are numbers, which are known without asking for what they are not.
  if (PyLong_CheckExact(object.ptr()))
    return false;
  static PyObject *name = PyUnicode_InternFromString("traced");
  PyObject *traced = PyDict_GetItemWithError(hooks().ptr(), name);
  return traced && PyObject_TypeCheck(object.ptr(),
                                      reinterpret_cast<PyTypeObject *>(traced));
}

/// What may stand for an integer of the algebra.
static bool isInteger(nb::handle object) {
  return nb::isinstance<Dyn>(object) || nb::isinstance<Basis>(object) ||
         isTraced(object) ||
         (PyIndex_Check(object.ptr()) && !PyBool_Check(object.ptr()));
}

static Int toInt(nb::handle object, const llvm::Twine &role) {
  if (PyLong_CheckExact(object.ptr())) {
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
    if (overflow)
      fail(ErrorKind::Range,
           role + ": " + spelled(object) + " does not fit 64 bits");
    return Int(static_cast<int64_t>(value));
  }
  if (object.is_none())
    return Int::none();
  if (nb::isinstance<Dyn>(object))
    return nb::cast<Dyn &>(object).value;
  if (nb::isinstance<Basis>(object))
    return nb::cast<Basis &>(object).value;
  if (isTraced(object))
    return toInt(object.attr("_enigma_dyn")(), role);
  if (!PyBool_Check(object.ptr()) && PyIndex_Check(object.ptr())) {
    nb::object index = nb::steal(PyNumber_Index(object.ptr()));
    if (index.is_valid())
      return toInt(index, role);
    // An array, or a traced value that is no integer.
    PyErr_Clear();
  }
  failOperand(role,
              isTuple(object) ? "an integer"
                              : "an integer or a tuple of integers",
              described(object), getRemedy(ErrorKind::Operand));
}

/// A number that is known while Python runs.
static int64_t toNumber(nb::handle object, const llvm::Twine &role) {
  Int value = toInt(object, role);
  if (value.isStatic() && !value.basis())
    return value.value();
  failOperand(role, "an int", described(object), "write a Python int");
}

static std::vector<int64_t> toNumbers(nb::handle object,
                                      const llvm::Twine &role) {
  if (!isTuple(object))
    failOperand(role, "a tuple of ints", described(object),
                "write Python ints");
  std::vector<int64_t> numbers;
  for (nb::handle item : object)
    numbers.push_back(toNumber(item, role));
  return numbers;
}

static std::string toText(nb::handle object, const llvm::Twine &role) {
  if (!PyUnicode_Check(object.ptr()))
    failOperand(role, "a str", described(object), "write a Python str");
  // Half of a surrogate pair is no character, and has no UTF-8.
  nb::object utf8 = nb::steal(
      PyUnicode_AsEncodedString(object.ptr(), "utf-8", "backslashreplace"));
  if (!utf8.is_valid())
    throw nb::python_error();
  return std::string(PyBytes_AS_STRING(utf8.ptr()),
                     PyBytes_GET_SIZE(utf8.ptr()));
}

static nb::object fromInt(const Int &leaf) {
  if (leaf.isInvalid())
    fail(ErrorKind::Range,
         "the result is no integer of 64 bits: it is too large, or computed in "
         "thousands of steps, or an operand is None or a step along a "
         "coordinate");
  if (leaf.basis())
    return nb::cast(Basis{leaf});
  if (leaf.isNone())
    return nb::none();
  if (leaf.isDynamic())
    return nb::cast(Dyn{leaf});
  return nb::int_(leaf.value());
}

/// Walks nested tuples and lists in pre-order. One that holds itself is nested
/// too deeply; one that holds another twice, level by level, has too many
/// leaves.
class TreeWalk {
public:
  explicit TreeWalk(const llvm::Twine &role) : role(role) {}

  template <typename OnTuple, typename OnLeaf>
  void run(nb::handle object, OnTuple onTuple, OnLeaf onLeaf) {
    if (!isTuple(object)) {
      if (++numLeaves > maxLeaves)
        ::fail(ErrorKind::Nesting, role + ": tuples have more than " +
                                       llvm::Twine(maxLeaves) + " leaves");
      return onLeaf(object);
    }
    if (depth == Profile::maxDepth)
      ::fail(ErrorKind::Nesting, role + ": tuples are nested more than " +
                                     llvm::Twine(Profile::maxDepth) + " deep");
    onTuple(nb::len(object));
    ++depth;
    for (nb::handle item : object)
      run(item, onTuple, onLeaf);
    --depth;
  }

private:
  static constexpr unsigned maxLeaves = 1 << 16;
  const llvm::Twine &role;
  unsigned depth = 0, numLeaves = 0;
};

static IntTuple toTuple(nb::handle object, const llvm::Twine &role) {
  llvm::SmallVector<Profile::Node, 16> nodes;
  llvm::SmallVector<Int, 8> leaves;
  TreeWalk(role).run(
      object,
      [&](size_t size) {
        if (size == 0)
          fail(ErrorKind::Empty, role + ": a tuple has at least one mode");
        nodes.push_back(size);
      },
      [&](nb::handle leaf) {
        nodes.push_back(Profile::leafNode);
        leaves.push_back(toInt(leaf, role));
      });
  return IntTuple(Profile::fromNodes(nodes), leaves);
}

static nb::object fromNodes(llvm::ArrayRef<Profile::Node> nodes, unsigned &node,
                            llvm::ArrayRef<Int> leaves, unsigned &leaf) {
  Profile::Node size = nodes[node++];
  if (size == Profile::leafNode)
    return fromInt(leaves[leaf++]);
  nb::object tuple = nb::steal(PyTuple_New(size));
  for (Profile::Node i = 0; i < size; ++i)
    PyTuple_SET_ITEM(tuple.ptr(), i,
                     fromNodes(nodes, node, leaves, leaf).release().ptr());
  return tuple;
}

static nb::object fromTuple(const Profile &profile,
                            llvm::ArrayRef<Int> leaves) {
  unsigned node = 0, leaf = 0;
  return fromNodes(profile.preorder(), node, leaves, leaf);
}

static nb::object fromTuple(const IntTuple &tuple) {
  return fromTuple(tuple.profile(), tuple.leaves());
}

/// Refuses nested tuples that no function of the algebra takes.
static void checkNesting(nb::handle object, const llvm::Twine &role) {
  TreeWalk(role).run(object, [](size_t) {}, [](nb::handle) {});
}

namespace {
/// A nested tuple as the IR has it: what its type spells, `?` for a leaf that
/// is known only at run time, and those leaves.
struct Spelling {
  std::string pattern;
  nb::list leaves;

  void add(nb::handle tree) {
    if (!isTuple(tree))
      return addLeaf(tree);
    pattern += '(';
    for (nb::handle mode : tree) {
      if (pattern.back() != '(')
        pattern += ',';
      add(mode);
    }
    pattern += ')';
  }

private:
  void addLeaf(nb::handle object) {
    Int leaf = toInt(object, "a nested tuple");
    pattern += leaf.str();
    if (Int number = leaf.withoutBasis(); number.isDynamic())
      leaves.append(fromInt(number));
  }
};
} // namespace

/// Whether an object is the leaf of a coordinate as it stands: an integer of
/// 64 bits, None, or one that is known only at run time.
static bool isCoordinateLeaf(nb::handle object) {
  if (!PyLong_CheckExact(object.ptr()))
    return object.is_none() || nb::isinstance<Dyn>(object);
  int overflow = 0;
  PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  return !overflow;
}

/// Gives nested tuples and lists as tuples, with what `convert` makes of leaves
/// that are not what they have to be.
static nb::object convertLeaves(nb::handle tree, bool (*isLeaf)(nb::handle),
                                nb::handle convert, const std::string &role) {
  if (!isTuple(tree))
    return isLeaf(tree) ? nb::borrow(tree) : convert(tree, role);
  nb::list modes;
  for (nb::handle mode : tree)
    modes.append(convertLeaves(mode, isLeaf, convert, role));
  return nb::tuple(modes);
}

/// Whether a coordinate keeps a mode.
static bool selects(nb::handle tree) {
  if (!isTuple(tree))
    return tree.is_none();
  for (nb::handle mode : tree)
    if (selects(mode))
      return true;
  return false;
}

/// Whether a coordinate nests no deeper than a shape, as far as both are
/// known, and its integers lie in it. Moves on to the node and leaf behind.
static bool isInside(nb::handle coord, llvm::ArrayRef<Profile::Node> nodes,
                     unsigned &node, llvm::ArrayRef<Int> leaves,
                     unsigned &leaf) {
  if (isTuple(coord)) {
    if (nodes[node++] != static_cast<Profile::Node>(nb::len(coord)))
      return false;
    for (nb::handle mode : coord)
      if (!isInside(mode, nodes, node, leaves, leaf))
        return false;
    return true;
  }
  // The whole of this mode.
  Int extent(1);
  for (unsigned missing = 1; missing; --missing) {
    Profile::Node size = nodes[node++];
    if (size == Profile::leafNode)
      extent = mul(extent, leaves[leaf++]);
    else
      missing += size;
  }
  if (extent.isInvalid())
    return false;
  if (!PyLong_Check(coord.ptr()))
    return true;
  int64_t place = nb::cast<int64_t>(coord);
  return place >= 0 && (!extent.isStatic() || place < extent.value());
}

static Tiler asTiler(nb::handle object) {
  if (object.is_none())
    return Tiler::none();
  if (nb::isinstance<Layout>(object))
    return nb::cast<Layout &>(object);
  if (!isTuple(object))
    return unwrap(Layout::make(IntTuple(toInt(object, "tiler"))));
  if (nb::len(object) == 0)
    throw Failure(Error(ErrorKind::Empty,
                        "tiler: a tuple has at least one mode",
                        "write an extent, a layout or None for each mode"));
  std::vector<Tiler> modes;
  for (nb::handle item : object)
    modes.push_back(asTiler(item));
  return Tiler::tuple(std::move(modes));
}

static Tiler toTiler(nb::handle object) {
  checkNesting(object, "tiler");
  return asTiler(object);
}

//===----------------------------------------------------------------------===//
// Spelling
//===----------------------------------------------------------------------===//

static std::string reprOfTuple(const IntTuple &tuple) {
  return nb::cast<std::string>(nb::repr(fromTuple(tuple)));
}

static std::string reprOfLayout(const Layout &layout) {
  return "Layout(" + reprOfTuple(layout.shape()) + ", " +
         reprOfTuple(layout.stride()) + ")";
}

static std::string reprOfSwizzle(const Swizzle &swizzle) {
  return "Swizzle(" + std::to_string(swizzle.bits()) + ", " +
         std::to_string(swizzle.base()) + ", " +
         std::to_string(swizzle.shift()) + ")";
}

/// Python text for a dynamic leaf, with symbols as calls of `dyn`.
static std::string reprOfInt(const Int &leaf) {
  if (leaf.isStatic())
    return std::to_string(leaf.value());
  const Expr *expr = leaf.expr();
  if (!expr || expr->kind() == Expr::Kind::Symbol) {
    std::string name =
        expr ? nb::cast<std::string>(
                   nb::repr(nb::str(expr->name().data(), expr->name().size())))
             : "None";
    std::string div =
        leaf.divisor() == 1 ? "" : ", div=" + std::to_string(leaf.divisor());
    return "dyn(" + name + div + ")";
  }
  std::string lhs = reprOfInt(expr->lhs());
  std::string rhs = reprOfInt(expr->rhs());
  switch (expr->kind()) {
  case Expr::Kind::Symbol:
    break;
  case Expr::Kind::Add:
    return "(" + lhs + " + " + rhs + ")";
  case Expr::Kind::Mul:
    return "(" + lhs + " * " + rhs + ")";
  case Expr::Kind::FloorDiv:
    return "(" + lhs + " // " + rhs + ")";
  case Expr::Kind::CeilDiv:
    return "(-(-" + lhs + " // " + rhs + "))";
  case Expr::Kind::FloorMod:
    return "(" + lhs + " % " + rhs + ")";
  case Expr::Kind::Abs:
    return "abs(" + lhs + ")";
  case Expr::Kind::And:
    return "(" + lhs + " & " + rhs + ")";
  case Expr::Kind::Xor:
    return "(" + lhs + " ^ " + rhs + ")";
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// Computes `leaf` by the operators of the Python values that symbols stand
/// for, each expression once.
static nb::object
evaluateWith(const Int &leaf, nb::handle values,
             std::unordered_map<const Expr *, nb::object> &known) {
  if (leaf.isStatic())
    return nb::int_(leaf.value());
  const Expr *expr = leaf.expr();
  if (!expr)
    throw Failure(Error(ErrorKind::Value,
                        "evaluate: an anonymous dynamic leaf has no value",
                        "give it a name, as in enigma.dyn(\"n\")"));
  auto found = known.find(expr);
  if (found != known.end())
    return found->second;
  nb::object result;
  if (expr->kind() == Expr::Kind::Symbol) {
    nb::str name(expr->name().data(), expr->name().size());
    if (!PyMapping_HasKey(values.ptr(), name.ptr()))
      fail(ErrorKind::Value, "evaluate: no value for " + expr->name());
    result = values[name];
  } else {
    nb::object lhs = evaluateWith(expr->lhs(), values, known);
    nb::object rhs = evaluateWith(expr->rhs(), values, known);
    switch (expr->kind()) {
    case Expr::Kind::Symbol:
      break;
    case Expr::Kind::Add:
      result = lhs + rhs;
      break;
    case Expr::Kind::Mul:
      result = lhs * rhs;
      break;
    case Expr::Kind::FloorDiv:
      result = nb::steal(PyNumber_FloorDivide(lhs.ptr(), rhs.ptr()));
      break;
    case Expr::Kind::CeilDiv: {
      nb::object above = lhs + (rhs - nb::int_(1));
      result = nb::steal(PyNumber_FloorDivide(above.ptr(), rhs.ptr()));
      break;
    }
    case Expr::Kind::FloorMod:
      result = nb::steal(PyNumber_Remainder(lhs.ptr(), rhs.ptr()));
      break;
    case Expr::Kind::Abs:
      result = nb::steal(PyNumber_Absolute(lhs.ptr()));
      break;
    case Expr::Kind::And:
      result = nb::steal(PyNumber_And(lhs.ptr(), rhs.ptr()));
      break;
    case Expr::Kind::Xor:
      result = nb::steal(PyNumber_Xor(lhs.ptr(), rhs.ptr()));
      break;
    }
    if (!result.is_valid())
      throw nb::python_error();
  }
  known.emplace(expr, result);
  return result;
}

/// A leaf with other integers in place of some symbols.
static Int substitute(const Int &leaf, const llvm::StringMap<Int> &values) {
  const Expr *expr = leaf.isStatic() ? nullptr : leaf.expr();
  if (!expr)
    return leaf;
  if (expr->kind() == Expr::Kind::Symbol) {
    auto found = values.find(expr->name());
    return found == values.end() ? leaf : found->second;
  }
  Int lhs = substitute(expr->lhs(), values);
  if (expr->kind() == Expr::Kind::Abs)
    return abs(lhs);
  Int rhs = substitute(expr->rhs(), values);
  switch (expr->kind()) {
  case Expr::Kind::Symbol:
  case Expr::Kind::Abs:
    break;
  case Expr::Kind::Add:
    return add(lhs, rhs);
  case Expr::Kind::Mul:
    return mul(lhs, rhs);
  case Expr::Kind::FloorDiv:
    return floorDiv(lhs, rhs);
  case Expr::Kind::CeilDiv:
    return ceilDiv(lhs, rhs);
  case Expr::Kind::FloorMod:
    return floorMod(lhs, rhs);
  case Expr::Kind::And:
    return bitAnd(lhs, rhs);
  case Expr::Kind::Xor:
    return bitXor(lhs, rhs);
  }
  llvm_unreachable("unknown kind of expression");
}

static void collectSymbols(const Int &value,
                           std::unordered_set<const Expr *> &seen,
                           nb::list &found) {
  const Expr *expr = value.isStatic() ? nullptr : value.expr();
  if (!expr || !seen.insert(expr).second)
    return;
  if (expr->kind() == Expr::Kind::Symbol) {
    found.append(Dyn{value});
    return;
  }
  collectSymbols(expr->lhs(), seen, found);
  collectSymbols(expr->rhs(), seen, found);
}

static nb::object evaluateTuple(const IntTuple &tuple, nb::handle values) {
  std::unordered_map<const Expr *, nb::object> known;
  llvm::SmallVector<Int, 8> leaves;
  for (const Int &leaf : tuple.leaves()) {
    nb::object value = evaluateWith(leaf.withoutBasis(), values, known);
    leaves.push_back(toInt(value, "evaluate").withBasis(leaf.basis()));
  }
  return fromTuple(tuple.profile(), leaves);
}

//===----------------------------------------------------------------------===//
// Plain and swizzled layouts alike
//===----------------------------------------------------------------------===//

static bool isSwizzled(nb::handle object) {
  return nb::isinstance<ComposedLayout>(object);
}

static const Layout &plain(nb::handle object, const char *operation) {
  if (nb::isinstance<Layout>(object))
    return nb::cast<Layout &>(object);
  failOperand(operation, "a Layout", described(object),
              "make one with enigma.Layout(shape, stride); that of a tensor A "
              "is A.layout");
}

/// The part of a layout that coordinates and modes are about.
static const Layout &innerOf(nb::handle object, const char *operation) {
  if (isSwizzled(object))
    return nb::cast<ComposedLayout &>(object).layout();
  return plain(object, operation);
}

/// `result` under the swizzle and offset of `object`, if it has any.
static nb::object rewrap(nb::handle object, Layout result) {
  if (isSwizzled(object))
    return nb::cast(nb::cast<ComposedLayout &>(object).with(std::move(result)));
  return nb::cast(std::move(result));
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// An argument as the operand of an operation.
static Value toValue(nb::handle object, const Operation &operation,
                     const Operand &operand) {
  auto layout = [&]() -> Value {
    if (isSwizzled(object))
      return nb::cast<ComposedLayout &>(object);
    return plain(object, operation.name.data());
  };
  switch (operand.kind) {
  case OperandKind::Layout:
  case OperandKind::LayoutLike:
    return layout();
  case OperandKind::LayoutOrTuple:
    if (isTuple(object) || isInteger(object))
      return toTuple(object, operation.name + ": " + operand.name);
    return layout();
  case OperandKind::Tiler:
    if (isSwizzled(object) || nb::isinstance<Layout>(object))
      return layout();
    return toTiler(object);
  case OperandKind::Tuple:
    return toTuple(object, operation.name + ": " + operand.name);
  case OperandKind::Int:
    return toInt(object, operation.name + ": " + operand.name);
  }
  llvm_unreachable("unknown kind of operand");
}

/// A result as Python has it: a layout is of the class of the first argument.
static nb::object fromValue(const Value &value, nb::handle first) {
  if (value.isTuple())
    return fromTuple(value.tuple);
  if (isSwizzled(first) || value.isSwizzled())
    return nb::cast(value.layout);
  return nb::cast(value.layout.layout());
}

/// What an operation is given: its operands, then its attributes.
struct Given {
  llvm::SmallVector<Value, 4> operands;
  llvm::SmallVector<Numbers, 4> attributes;
};

static Given toGiven(const Operation &operation, nb::handle arguments) {
  unsigned numArguments = nb::len(arguments),
           numOperands = operation.operands.size(),
           most = numOperands + operation.attributes.size();
  if (numArguments > most)
    fail(ErrorKind::Operand, operation.name + ": expected at most " +
                                 llvm::Twine(most) + " arguments, got " +
                                 llvm::Twine(numArguments));
  Given given;
  given.attributes.resize(operation.attributes.size());
  for (unsigned i = 0; i < numArguments; ++i) {
    nb::handle argument = arguments[i];
    if (i < numOperands) {
      const Operand &operand = operation.operands[i];
      if (!operand.isOptional || !argument.is_none())
        given.operands.push_back(toValue(argument, operation, operand));
      continue;
    }
    const Attribute &attribute = operation.attributes[i - numOperands];
    if (attribute.isOptional && argument.is_none())
      continue;
    Numbers &found = given.attributes[i - numOperands];
    if (attribute.isList) {
      std::vector<int64_t> numbers =
          toNumbers(argument, operation.name + ": " + attribute.name);
      found.emplace(numbers.begin(), numbers.end());
    } else {
      found.emplace(
          {toNumber(argument, operation.name + ": " + attribute.name)});
    }
  }
  return given;
}

/// The results of an operation; `withOffset` where a part is to tell where it
/// begins.
static nb::object applyOperation(const Operation &operation,
                                 nb::handle arguments, bool withOffset) {
  auto [operands, attributes] = toGiven(operation, arguments);
  if (withOffset && !operands.empty())
    operands[0] = placed(operands[0]);
  Values results = unwrap(operation.compute(operands, attributes));
  nb::handle first = arguments[0];
  if (withOffset) {
    Value &part = results[0];
    // Under a swizzle, which does not distribute over sums, the offset stays
    // inside.
    if (isSwizzled(first) && !part.isSwizzled()) {
      part.layout = part.layout.with(part.layout.layout(), part.tuple.leaf(0));
      part.tuple = IntTuple(0);
    }
    nb::object offset = fromTuple(part.tuple);
    return nb::make_tuple(fromValue(part, first), offset);
  }
  if (results.size() == 1)
    return fromValue(results[0], first);
  return nb::make_tuple(fromValue(results[0], first),
                        fromValue(results[1], first));
}

static nb::object call(nb::handle self, nb::args args) {
  if (args.size() == 0)
    throw Failure(Error(ErrorKind::Operand,
                        "a layout is called with a coordinate",
                        "write L(i), L((i, j)) or L(i, j)"));
  // As the operation `crd2idx`, without its detours: this is called in loops.
  IntTuple coord = toTuple(args.size() == 1 ? args[0] : args, "coordinate");
  if (std::optional<Error> error = checkComplete(coord))
    throw Failure(*error);
  return fromTuple(unwrap(isSwizzled(self)
                              ? crd2idx(coord, nb::cast<ComposedLayout &>(self))
                              : crd2idx(coord, nb::cast<Layout &>(self))));
}

//===----------------------------------------------------------------------===//
// Hashing
//===----------------------------------------------------------------------===//

namespace {
/// A hash that is the same in every process.
class Hash {
public:
  Hash &add(uint64_t word) {
    state = (state ^ word) * 0x9E3779B97F4A7C15u;
    state ^= state >> 32;
    return *this;
  }

  Hash &add(const Int &leaf) {
    add(static_cast<uint64_t>(leaf.kind()));
    add(leaf.isStatic() ? leaf.value() : leaf.divisor()).add(leaf.basis());
    return leaf.isDynamic() && leaf.expr() ? add(of(*leaf.expr())) : *this;
  }

  Hash &add(const Layout &layout) {
    for (Profile::Node node : layout.profile().preorder())
      add(static_cast<uint64_t>(node));
    for (const Int &leaf : layout.shapes())
      add(leaf);
    for (const Int &leaf : layout.strides())
      add(leaf);
    return *this;
  }

  Hash &add(const Swizzle &swizzle) {
    return add(swizzle.bits()).add(swizzle.base()).add(swizzle.shift());
  }

  Hash &add(const ComposedLayout &layout) {
    return add(layout.swizzle()).add(layout.offset()).add(layout.layout());
  }

  Hash &add(const Dyn &leaf) { return add(leaf.value); }

  int64_t get() const { return static_cast<int64_t>(state); }

private:
  /// That of an expression, whose parts may be those of others, too.
  static uint64_t of(const Expr &expr) {
    if (uint64_t kept = expr.keptHash())
      return kept;
    Hash hash;
    hash.add(static_cast<uint64_t>(expr.kind()));
    if (expr.kind() == Expr::Kind::Symbol)
      hash.add(llvm::xxh3_64bits(expr.name()));
    else
      hash.add(expr.lhs()).add(expr.rhs());
    expr.keepHash(hash.state);
    return hash.state;
  }

  uint64_t state = 0x243F6A8885A308D3u;
};
} // namespace

//===----------------------------------------------------------------------===//
// Slots
//===----------------------------------------------------------------------===//

// What is kept from compilation to compilation is found by layouts and integers
// of the algebra, so Python hashes and compares these without a call of a
// method.

template <typename T> static Py_hash_t hashOf(PyObject *self) {
  if (!nb::inst_ready(self)) {
    PyErr_SetString(PyExc_TypeError, "an object that was not made");
    return -1;
  }
  auto hash = static_cast<Py_hash_t>(Hash().add(*nb::inst_ptr<T>(self)).get());
  return hash == -1 ? -2 : hash;
}

static bool isEqual(const Dyn &a, const Dyn &b) { return a.value == b.value; }
template <typename T> static bool isEqual(const T &a, const T &b) {
  return a == b;
}

/// Whether both are of a class, and equal.
template <typename T> static bool areEqual(PyObject *a, PyObject *b) {
  return (Py_TYPE(a) == Py_TYPE(b) || nb::isinstance<T>(b)) &&
         nb::inst_ready(a) && nb::inst_ready(b) &&
         isEqual(*nb::inst_ptr<T>(a), *nb::inst_ptr<T>(b));
}

template <typename T>
static PyObject *compare(PyObject *self, PyObject *other, int operation) {
  if (operation != Py_EQ && operation != Py_NE)
    return Py_NewRef(Py_NotImplemented);
  bool equal = areEqual<T>(self, other);
  return Py_NewRef(equal == (operation == Py_EQ) ? Py_True : Py_False);
}

/// Of two symbols that differ, and of a symbol and a number, it is not known on
/// the host.
static PyObject *compareDyn(PyObject *self, PyObject *other, int operation) {
  bool forEquality = operation == Py_EQ || operation == Py_NE;
  if (forEquality && areEqual<Dyn>(self, other))
    return Py_NewRef(operation == Py_EQ ? Py_True : Py_False);
  static constexpr const char *symbols[] = {"<", "<=", "==", "!=", ">", ">="};
  try {
    if (!nb::isinstance<Dyn>(other) &&
        (isTraced(other) ||
         (forEquality && !PyIndex_Check(other) && !PyFloat_Check(other))))
      return Py_NewRef(Py_NotImplemented);
    nb::handle left(self), right(other);
    nb::object result =
        forEquality ? hook("dyn_equality")(left, right, operation == Py_EQ)
                    : hook("dyn_operator")(symbols[operation], left, right);
    return result.release().ptr();
  } catch (nb::python_error &error) {
    error.restore();
  }
  return nullptr;
}

template <typename T, richcmpfunc compared = compare<T>>
static PyType_Slot slotsOf[] = {
    {Py_tp_getattro, reinterpret_cast<void *>(getAttribute)},
    {Py_tp_hash, reinterpret_cast<void *>(hashOf<T>)},
    {Py_tp_richcompare, reinterpret_cast<void *>(compared)},
    {0, nullptr}};

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

using Arithmetic = Int (*)(const Int &, const Int &);

/// The algebra divides by positive numbers only.
template <Arithmetic operation>
static Int quotient(const Int &a, const Int &b) {
  if (b.isStatic() && b.value() <= 0)
    fail(ErrorKind::Divisor, "a divisor is positive, not " + b.str());
  return operation(a, b);
}

/// An operator of a Dyn: of the algebra where both operands are integers and it
/// has that operator; else that of the traced value which the Dyn stands for.
/// With a traced operand that one has the operator.
static auto arithmetic(const char *symbol, Arithmetic operation,
                       bool reflected = false) {
  return [=](nb::handle self, nb::handle other) -> nb::object {
    if (isTraced(other))
      throw nb::next_overload();
    nb::handle lhs = reflected ? other : self, rhs = reflected ? self : other;
    if (operation && isInteger(other))
      return fromInt(operation(toInt(lhs, symbol), toInt(rhs, symbol)));
    return hook("dyn_operator")(symbol, lhs, rhs);
  };
}

/// For a parameter that is checked here, None included: the errors of nanobind
/// know neither the line of the user nor a remedy.
static const auto anything = nb::arg().none();

static void bindLeaves(nb::module_ &m) {
  auto unknown = [](const char *use) {
    return [use](nb::handle self) { return hook("dyn_number")(self, use); };
  };
  nb::class_<Dyn> dyn(m, "Dyn", nb::type_slots(slotsOf<Dyn, compareDyn>),
                      "An integer that is known only at run time.\n\n"
                      "Made by `dyn`, and by arithmetic on such integers.");
  dyn.def("__init__",
          [](Dyn *, nb::args, nb::kwargs) {
            throw Failure(
                Error(ErrorKind::Operand,
                      "Dyn: an integer known at run time only is made "
                      "by its name",
                      "write enigma.dyn(\"n\")"));
          })
      .def_prop_ro(
          "div", [](const Dyn &x) { return x.value.divisor(); },
          "A positive number that divides the value.")
      .def_prop_ro(
          "name",
          [](const Dyn &x) -> std::optional<std::string> {
            const Expr *expr = x.value.expr();
            if (!expr || expr->kind() != Expr::Kind::Symbol)
              return std::nullopt;
            return expr->name().str();
          },
          "The name of a symbol; None for an expression.")
      .def(
          "evaluate",
          [](const Dyn &x, nb::handle values) {
            std::unordered_map<const Expr *, nb::object> known;
            return evaluateWith(x.value, values, known);
          },
          nb::arg("values").none(),
          "Compute the value from a mapping of names, with their operators.")
      .def_prop_ro(
          "symbols",
          [](const Dyn &x) {
            nb::list found;
            std::unordered_set<const Expr *> seen;
            collectSymbols(x.value, seen, found);
            return found;
          },
          "The symbols that the value depends on: a list of `Dyn`.")
      .def(
          "to",
          [](nb::handle a, nb::handle dtype) {
            return hook("dyn_to")(a, dtype);
          },
          nb::arg("dtype").none(),
          "Convert to a dtype: in a kernel it is a traced integer.")
      .def("__neg__",
           [](const Dyn &a) { return fromInt(mul(a.value, Int(-1))); })
      .def("__abs__", [](const Dyn &a) { return fromInt(abs(a.value)); })
      .def("__pos__", [](nb::handle a) { return nb::borrow(a); })
      .def("__invert__",
           [](nb::handle a) {
             return hook("dyn_operator")("^", a, nb::int_(-1));
           })
      .def("__bool__", unknown("a truth value"))
      .def("__index__", unknown("a Python index or range()"))
      .def("__int__", unknown("int()"))
      .def("__float__", unknown("float()"))
      .def("__round__", unknown("round()"))
      .def("__str__",
           [](const Dyn &a) {
             if (!a.value.expr())
               return a.value.str();
             std::string text;
             llvm::raw_string_ostream os(text);
             a.value.expr()->print(os);
             return text;
           })
      .def("__repr__", [](const Dyn &a) { return reprOfInt(a.value); });
  // NumPy then leaves operators to this class.
  dyn.attr("__array_ufunc__") = nb::none();
  dyn.def("__getstate__",
          [](nb::handle self) {
            hook("check_picklable")(self);
            return toNodes(nb::cast<Dyn &>(self).value);
          })
      .def("__setstate__",
           [](Dyn &self, nb::handle nodes) {
             new (&self) Dyn{fromNodes(pool(), nodes)};
           })
      .def("__copy__", [](nb::handle self) { return nb::borrow(self); })
      .def("__deepcopy__",
           [](nb::handle self, nb::handle) { return nb::borrow(self); });
  auto bind = [&](const char *symbol, const char *name, Arithmetic operation) {
    dyn.def((std::string("__") + name + "__").c_str(),
            arithmetic(symbol, operation), anything, nb::is_operator());
    dyn.def((std::string("__r") + name + "__").c_str(),
            arithmetic(symbol, operation, /*reflected=*/true), anything,
            nb::is_operator());
  };
  bind("+", "add", add);
  bind("-", "sub", sub);
  bind("*", "mul", mul);
  bind("//", "floordiv", quotient<floorDiv>);
  bind("%", "mod", quotient<floorMod>);
  bind("/", "truediv", nullptr);
  bind("**", "pow", nullptr);
  bind("&", "and", nullptr);
  bind("|", "or", nullptr);
  bind("^", "xor", nullptr);
  bind("<<", "lshift", nullptr);
  bind(">>", "rshift", nullptr);
  refuseOtherCalls(dyn, "evaluate", "Dyn.evaluate", "values");
  refuseOtherCalls(dyn, "to", "Dyn.to", "dtype");

  nb::class_<Basis>(m, "Basis",
                    "A step of a stride along one coordinate, `value@path`.")
      .def(
          "__init__",
          [](Basis *self, nb::handle value, nb::handle modes) {
            std::vector<int64_t> path = toNumbers(modes, "Basis");
            if (path.empty() || path.size() > Int::maxBasisDepth)
              fail(ErrorKind::Nesting, "Basis: a path has 1 to " +
                                           llvm::Twine(Int::maxBasisDepth) +
                                           " indices");
            llvm::SmallVector<unsigned, Int::maxBasisDepth> indices;
            for (int64_t index : path) {
              if (index < 0 || index > Int::maxBasisIndex)
                fail(ErrorKind::Mode, "Basis: no mode " + llvm::Twine(index));
              indices.push_back(index);
            }
            Int step = toInt(value, "Basis");
            if (!step.isStatic() && !step.isDynamic())
              fail(ErrorKind::Placeholder, "Basis: the value is an integer");
            new (self) Basis{step.along(indices)};
          },
          nb::arg("value").none(), nb::arg("path").none())
      .def_prop_ro(
          "value",
          [](const Basis &b) { return fromInt(b.value.withoutBasis()); })
      .def_prop_ro("path",
                   [](const Basis &b) {
                     nb::list path;
                     for (unsigned index : b.value.path())
                       path.append(index);
                     return nb::tuple(path);
                   })
      .def(
          "__eq__",
          [](const Basis &a, nb::handle b) {
            return nb::isinstance<Basis>(b) &&
                   a.value == nb::cast<Basis &>(b).value;
          },
          nb::is_operator())
      .def("__hash__", [](const Basis &a) { return Hash().add(a.value).get(); })
      .def("__reduce__",
           [](nb::handle self) {
             return nb::make_tuple(
                 self.type(),
                 nb::make_tuple(self.attr("value"), self.attr("path")));
           })
      .def("__str__", [](const Basis &a) { return a.value.str(); })
      .def("__repr__", [](const Basis &a) {
        std::string text =
            "Basis(" +
            nb::cast<std::string>(nb::repr(fromInt(a.value.withoutBasis()))) +
            ", (";
        for (unsigned index : a.value.path())
          text += std::to_string(index) + ", ";
        text.pop_back();
        if (a.value.path().size() > 1)
          text.pop_back();
        return text + "))";
      });

  m.def(
      "dyn",
      [](nb::handle name, nb::handle divisor) {
        int64_t div = toNumber(divisor, "dyn: div");
        if (div < 1)
          fail(ErrorKind::Divisor,
               "dyn: a divisor is positive, not " + llvm::Twine(div));
        if (name.is_none())
          return Dyn{Int::dynamic(div)};
        return Dyn{pool().symbol(toText(name, "dyn: name"), div)};
      },
      nb::arg("name").none(), nb::arg("div").none());
}

/// What a notebook shows, and keeps in its file: no more rows and columns than
/// a small file holds. None, for which it shows the repr, of what has no
/// picture.
static nb::object notebookPicture(nb::handle self, const char *function) {
  if (!innerOf(self, function).isStatic())
    return nb::none();
  return hook("draw")(function, self, nb::arg("limit") = 32);
}

/// What plain and swizzled layouts have in common.
template <typename T> static void bindCommon(nb::class_<T> &type) {
  type.def(
          "show",
          [](nb::handle self, nb::args args, nb::kwargs options) {
            return hook("draw")("show", self, *args, **options);
          },
          "Print a table; see enigma.pictures.show.")
      .def(
          "svg",
          [](nb::handle self, nb::args args, nb::kwargs options) {
            return hook("draw")("svg", self, *args, **options);
          },
          "Draw as SVG; see enigma.pictures.svg.")
      .def("_repr_svg_",
           [](nb::handle self) { return notebookPicture(self, "svg"); })
      .def("_repr_html_",
           [](nb::handle self) { return notebookPicture(self, "html"); })
      .def_prop_ro(
          "shape",
          [](nb::handle self) {
            const Layout &layout = innerOf(self, "shape");
            return fromTuple(layout.profile(), layout.shapes());
          },
          "The extents, as nested as the modes are.")
      .def_prop_ro(
          "stride",
          [](nb::handle self) {
            const Layout &layout = innerOf(self, "stride");
            return fromTuple(layout.profile(), layout.strides());
          },
          "The strides, congruent to the shape.")
      .def_prop_ro(
          "rank", [](nb::handle self) { return innerOf(self, "rank").rank(); },
          "The number of modes.")
      .def_prop_ro(
          "depth",
          [](nb::handle self) { return innerOf(self, "depth").depth(); },
          "How deep the modes nest; 0 for a single leaf.")
      .def_prop_ro(
          "is_static",
          [](nb::handle self) {
            return innerOf(self, "is_static").isStatic() &&
                   (!isSwizzled(self) ||
                    nb::cast<ComposedLayout &>(self).offset().isStatic());
          },
          "Whether all extents and strides are known.")
      .def("__call__", &call,
           "Map a coordinate to its offset: `L(i)`, `L((i, j))` or `L(i, j)`.")
      .def("__len__",
           [](nb::handle self) { return innerOf(self, "len").rank(); })
      .def("__iter__",
           [](nb::handle self) {
             nb::list modes;
             for (const Layout &mode : innerOf(self, "iter").modes())
               modes.append(rewrap(self, mode));
             return nb::iter(modes);
           })
      .def(
          "__getitem__",
          [](nb::handle self, nb::handle key) {
            IntTuple indices = toTuple(key, "mode");
            llvm::SmallVector<int64_t, 4> path;
            for (const Int &index : indices.leaves()) {
              if (!index.isStatic() || indices.depth() > 1)
                throw Failure(Error(ErrorKind::Operand,
                                    "a mode is named by an integer, or by a "
                                    "tuple of them",
                                    "write L[1], or L[1, 0] for mode 0 of it"));
              path.push_back(index.value());
            }
            return rewrap(self, unwrap(get(innerOf(self, "getitem"), path)));
          },
          anything);
  refuseOtherCalls(type, "__call__", "a layout", "*coord");
}

static void bindLayouts(nb::module_ &m) {
  nb::class_<Layout> layout(
      m, "Layout", nb::type_slots(slotsOf<Layout>),
      "A function from coordinates to offsets, `shape:stride`.\n\n"
      "Parameters\n----------\n"
      "shape : int or nested tuple of int\n"
      "    Positive extents; `dyn` where they are known at run time only.\n"
      "stride : congruent to `shape`, optional\n"
      "    Steps in elements, of any sign; by default compact, with the first "
      "mode fastest.\n\n"
      "Raises\n------\n"
      "EnigmaError\n"
      "    If the two are not congruent, an extent is not positive, or the "
      "layout spans more than 2^62 elements.");
  layout.def(
      "__init__",
      [](Layout *self, nb::handle shape, nb::handle stride) {
        IntTuple extents = toTuple(shape, "shape");
        new (self) Layout(
            unwrap(stride.is_none()
                       ? Layout::make(extents)
                       : Layout::make(extents, toTuple(stride, "stride"))));
      },
      nb::arg("shape").none(), nb::arg("stride") = nb::none());
  bindCommon(layout);
  layout
      .def_static(
          "parse",
          [](nb::handle text) {
            return unwrap(Layout::parse(toText(text, "Layout.parse")));
          },
          nb::arg("text").none(), "Read `((2,2),3):((24,2),8)`.")
      .def(
          "evaluate",
          [](const Layout &self, nb::handle values) {
            nb::object shape = evaluateTuple(self.shape(), values);
            nb::object stride = evaluateTuple(self.stride(), values);
            return unwrap(Layout::make(toTuple(shape, "shape"),
                                       toTuple(stride, "stride")));
          },
          nb::arg("values").none(),
          "The layout with values in place of dynamic leaves, by name.")
      .def("__str__", &Layout::str)
      .def("__repr__", &reprOfLayout)
      .def("__reduce__", [](nb::handle self) {
        return nb::make_tuple(self.type(), nb::make_tuple(self.attr("shape"),
                                                          self.attr("stride")));
      });

  refuseOtherCalls(layout, "enigma.Layout", "shape, stride=None");
  refuseOtherCalls(layout, "evaluate", "Layout.evaluate", "values");
  refuseOtherTexts(layout, "Layout.parse");

  nb::class_<Swizzle> swizzle(
      m, "Swizzle", nb::type_slots(slotsOf<Swizzle>),
      "The bijection `y ^ ((y & (mask << (base + max(shift, 0)))) >> "
      "shift)`.\n\n"
      "Parameters\n----------\n"
      "bits : int\n    Width of the mask, `mask = 2**bits - 1`.\n"
      "base : int\n    Number of low bits that stay as they are.\n"
      "shift : int\n"
      "    Distance from the deciding to the flipped bits; at least `bits` in "
      "magnitude.\n\n"
      "Raises\n------\nEnigmaError\n    If no such swizzle exists.");
  swizzle
      .def(
          "__init__",
          [](Swizzle *self, nb::handle bits, nb::handle base,
             nb::handle shift) {
            new (self) Swizzle(
                unwrap(Swizzle::make(toNumber(bits, "Swizzle: bits"),
                                     toNumber(base, "Swizzle: base"),
                                     toNumber(shift, "Swizzle: shift"))));
          },
          nb::arg("bits").none(), nb::arg("base").none(),
          nb::arg("shift").none())
      .def_prop_ro("bits", &Swizzle::bits)
      .def_prop_ro("base", &Swizzle::base)
      .def_prop_ro("shift", &Swizzle::shift)
      .def(
          "__call__",
          [](const Swizzle &self, nb::handle offset) {
            return self(toNumber(offset, "Swizzle: the offset"));
          },
          anything)
      .def("__str__",
           [](const Swizzle &a) {
             std::string text;
             llvm::raw_string_ostream os(text);
             a.print(os);
             return text;
           })
      .def("__repr__", &reprOfSwizzle)
      .def("__reduce__", [](nb::handle self) {
        const auto &a = nb::cast<Swizzle &>(self);
        return nb::make_tuple(self.type(),
                              nb::make_tuple(a.bits(), a.base(), a.shift()));
      });

  refuseOtherCalls(swizzle, "enigma.Swizzle", "bits, base, shift");
  refuseOtherCalls(swizzle, "__call__", "a swizzle", "offset, /");

  nb::class_<ComposedLayout> composed(
      m, "SwizzledLayout", nb::type_slots(slotsOf<ComposedLayout>),
      "The function `c -> swizzle(offset + layout(c))`.\n\n"
      "Parameters\n----------\n"
      "swizzle : Swizzle\noffset : int\nlayout : Layout");
  composed.def(
      "__init__",
      [](ComposedLayout *self, nb::handle swizzle, nb::handle offset,
         nb::handle layout) {
        if (!nb::isinstance<Swizzle>(swizzle))
          failOperand("SwizzledLayout", "a Swizzle", described(swizzle),
                      "make one with enigma.Swizzle(bits, base, shift)");
        new (self) ComposedLayout(unwrap(ComposedLayout::make(
            nb::cast<Swizzle &>(swizzle), toInt(offset, "offset"),
            plain(layout, "SwizzledLayout"))));
      },
      nb::arg("swizzle").none(), nb::arg("offset").none(),
      nb::arg("layout").none());
  bindCommon(composed);
  composed.def_prop_ro("swizzle", &ComposedLayout::swizzle)
      .def_prop_ro("offset",
                   [](const ComposedLayout &a) { return fromInt(a.offset()); })
      .def_prop_ro("layout", &ComposedLayout::layout)
      .def_static(
          "parse",
          [](nb::handle text) {
            return unwrap(
                ComposedLayout::parse(toText(text, "SwizzledLayout.parse")));
          },
          nb::arg("text").none(), "Read `Sw<3,4,3> o 0 o (8,8):(8,1)`.")
      .def("__str__", &ComposedLayout::str)
      .def("__repr__",
           [](const ComposedLayout &a) {
             return "SwizzledLayout(" + reprOfSwizzle(a.swizzle()) + ", " +
                    nb::cast<std::string>(nb::repr(fromInt(a.offset()))) +
                    ", " + reprOfLayout(a.layout()) + ")";
           })
      .def("__reduce__", [](nb::handle self) {
        return nb::make_tuple(self.type(), nb::make_tuple(self.attr("swizzle"),
                                                          self.attr("offset"),
                                                          self.attr("layout")));
      });
  refuseOtherCalls(composed, "enigma.SwizzledLayout",
                   "swizzle, offset, layout");
  refuseOtherTexts(composed, "SwizzledLayout.parse");
}

static void bindAlgebra(nb::module_ &m) {
  auto bind = [&](const std::string &name, const Operation &operation,
                  bool withOffset) {
    m.def(name.c_str(), [&operation, withOffset](nb::args arguments) {
      return applyOperation(operation, arguments, withOffset);
    });
  };
  for (const Operation &operation : getOperations()) {
    // What `slice` has beside it knows of swizzled layouts, too.
    if (operation.name != "slice_and_offset" && operation.name != "size")
      bind(operation.name.str(), operation, /*withOffset=*/false);
    if (operation.isPart)
      bind((operation.name + "_and_offset").str(), operation,
           /*withOffset=*/true);
  }
  // The most frequent one, without its detours.
  m.def(
      "size",
      [&size = getOperation("size")](nb::handle object, nb::handle mode) {
        if (mode.is_none() &&
            (isSwizzled(object) || nb::isinstance<Layout>(object)))
          return fromInt(innerOf(object, "size").size());
        return applyOperation(size, nb::make_tuple(object, mode),
                              /*withOffset=*/false);
      },
      nb::arg("input").none(), nb::arg("mode").none() = nb::none());
  m.def(
      "operands",
      [](nb::handle name) {
        nb::list names;
        const Operation &operation =
            getOperation(toText(name, "operands: the operation"));
        for (const Operand &operand : operation.operands)
          names.append(operand.name.str());
        for (const Attribute &attribute : operation.attributes)
          names.append(attribute.name.str());
        return nb::tuple(names);
      },
      nb::arg("operation").none());
  m.def("overhangs", [](const std::string &name, nb::args arguments) {
    const Operation &operation = getOperation(name);
    return overhangs(operation, toGiven(operation, arguments).operands);
  });
  m.def("places",
        [](const std::string &name, nb::handle coord, nb::args arguments) {
          const Operation &operation = getOperation(name);
          auto [operands, attributes] = toGiven(operation, arguments);
          Values results = unwrap(operation.compute(operands, attributes));
          Provenance whole(operands[0].layout.layout());
          auto compute = [&](llvm::ArrayRef<Value> others) {
            return operation.compute(others, attributes);
          };
          Provenance view(whole, operation, operands, compute,
                          results[0].layout.layout());
          IntTuple at = toTuple(coord, "places");
          nb::list found;
          auto add = [&](const Place &place) {
            found.append(nb::make_tuple(fromTuple(place.coordinate),
                                        fromTuple(place.bounds)));
          };
          add(unwrap(view.getPlaceAbove(at)));
          llvm::for_each(unwrap(view.getPlaces(at)), add);
          return found;
        });
  m.def(
      "placed",
      [](const ComposedLayout &layout, nb::dict values) {
        llvm::StringMap<Int> numbers;
        for (auto [name, number] : values)
          numbers[nb::cast<std::string>(name)] = toInt(number, "placed");
        return unwrap(ComposedLayout::make(layout.swizzle(),
                                           substitute(layout.offset(), numbers),
                                           layout.layout()));
      },
      nb::arg("layout"), nb::arg("values"),
      "A swizzled layout with integers in place of symbols in its offset, by "
      "name.");
  m.def(
      "live_expressions", [] { return pool().size(); },
      "How many expressions there are, symbols among them.");
  m.def(
      "same",
      [](nb::handle a, nb::handle b) {
        return toTuple(a, "same") == toTuple(b, "same");
      },
      nb::arg("a").none(), nb::arg("b").none());
  m.def(
      "congruent",
      [](nb::handle a, nb::handle b) {
        return innerOf(a, "congruent").profile() ==
               innerOf(b, "congruent").profile();
      },
      nb::arg("a").none(), nb::arg("b").none(),
      "Whether the modes of two layouts nest in the same way.");
  m.def(
      "check_nesting",
      [](nb::handle tree, const std::string &role) {
        checkNesting(tree, role);
      },
      nb::arg("tree").none(), nb::arg("role"));
  m.def(
      "coordinate",
      [](nb::handle tree, const std::string &role, nb::handle convert) {
        checkNesting(tree, role);
        nb::object coord = convertLeaves(tree, isCoordinateLeaf, convert, role);
        Spelling spelling;
        spelling.add(coord);
        return nb::make_tuple(coord, spelling.pattern,
                              nb::tuple(spelling.leaves), selects(coord));
      },
      nb::arg("tree").none(), nb::arg("role"), nb::arg("convert"),
      "A coordinate as nested tuples, with what `convert` makes of leaves that "
      "are none; how its type spells it; its leaves that are known only at run "
      "time; and whether it keeps a mode.");
  m.def(
      "tiler",
      [](nb::handle tree, const std::string &role, nb::handle convert) {
        checkNesting(tree, role);
        return convertLeaves(
            tree,
            [](nb::handle leaf) {
              return isCoordinateLeaf(leaf) || nb::isinstance<Layout>(leaf) ||
                     isSwizzled(leaf);
            },
            convert, role);
      },
      nb::arg("tree").none(), nb::arg("role"), nb::arg("convert"),
      "A tiler as nested tuples, with what `convert` makes of leaves that are "
      "none.");
  m.def(
      "spelling",
      [](nb::handle tree) {
        Spelling spelling;
        spelling.add(tree);
        return nb::make_tuple(spelling.pattern, nb::tuple(spelling.leaves));
      },
      nb::arg("tree").none(),
      "How the type of a nested tuple spells it, and its leaves that are known "
      "only at run time.");
  m.def(
      "is_inside",
      [](nb::handle coord, nb::handle layout) {
        const Layout &inner = innerOf(layout, "is_inside");
        unsigned node = 0, leaf = 0;
        return isInside(coord, inner.profile().preorder(), node, inner.shapes(),
                        leaf);
      },
      nb::arg("coord").none(), nb::arg("layout").none(),
      "Whether a coordinate fits the modes of a layout, and lies in its shape "
      "as far as that is known.");
  m.def(
      "product",
      [](nb::handle t) { return fromInt(toTuple(t, "product").product()); },
      anything);
  m.def("join", [](nb::args modes) {
    llvm::SmallVector<Layout, 4> layouts;
    for (nb::handle mode : modes)
      layouts.push_back(plain(mode, "make_layout"));
    if (layouts.empty())
      fail(ErrorKind::Empty, "make_layout: a layout has at least one mode");
    return unwrap(checked("make_layout", Layout::tuple(layouts)));
  });
}

static void bindLimits(nb::module_ &m) {
  m.def("limits", [](const std::string &name) {
    const enigma::Target *target = enigma::findTarget(name);
    if (!target)
      throw nb::key_error(name.c_str());
    nb::dict limits;
    for (const enigma::Limit &limit : enigma::kLimits)
      limits[limit.name.data()] = target->limits.*limit.number;
    return limits;
  });
  m.def("versions", [](const std::string &name) {
    const enigma::Target *target = enigma::findTarget(name);
    if (!target)
      throw nb::key_error(name.c_str());
    nb::list versions;
    for (llvm::StringRef version : target->versions)
      versions.append(nb::str(version.data(), version.size()));
    return nb::tuple(versions);
  });
}

NB_MODULE(_layout, m) {
  m.doc() = "Layouts as values, and what targets have; see enigma.layout and "
            "enigma.limits.";
  // A layout in a module that is alive at exit is no leak.
  nb::set_leak_warnings(false);
  nb::register_exception_translator(
      [](const std::exception_ptr &pointer, void *) {
        try {
          std::rethrow_exception(pointer);
        } catch (const Failure &failure) {
          raiseError(failure.error);
        }
      });
  m.def("install", [](nb::kwargs functions) {
    for (auto [name, function] : functions)
      hooks()[name] = function;
  });
  bindLeaves(m);
  bindLayouts(m);
  bindAlgebra(m);
  bindLimits(m);
}
