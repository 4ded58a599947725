// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Contents.h"

#include "Frames.h"

#include "llvm/ADT/DenseMap.h"

#include <stdexcept>
#include <string>
#include <string_view>

namespace nb = nanobind;

/// Whether the class of a value is one of some, which are known by their
/// identity: one of the user need not have a hash.
static bool isOneOf(PyObject *value, nb::dict classes) {
  int found = PyDict_Contains(
      classes.ptr(), nb::steal(PyLong_FromVoidPtr(Py_TYPE(value))).ptr());
  if (found < 0)
    throw nb::python_error();
  return found;
}

bool enigma::python::isLeaf(PyObject *value, nb::dict leaves) {
  if (!PyTuple_CheckExact(value))
    return isOneOf(value, leaves);
  for (Py_ssize_t i = 0, e = PyTuple_GET_SIZE(value); i != e; ++i)
    if (!isOneOf(PyTuple_GET_ITEM(value, i), leaves))
      return false;
  return true;
}

/// The positions of the values that are no leaves.
static nb::list getFollowed(nb::list values, nb::dict leaves) {
  nb::list positions;
  for (size_t i = 0; i < values.size(); ++i)
    if (!enigma::python::isLeaf(PyList_GET_ITEM(values.ptr(), i), leaves))
      positions.append(i);
  return positions;
}

/// What the variables of some names hold in a frame, and other values, but for
/// leaves and objects that are known, which are given by their identity.
static nb::list getFollowedVariables(nb::handle frame, nb::tuple names,
                                     nb::tuple values, nb::dict leaves,
                                     nb::dict known) {
  nb::list found;
  auto add = [&](PyObject *value) {
    if (enigma::python::isLeaf(value, leaves))
      return;
    int isKnown = PyDict_Contains(known.ptr(),
                                  nb::steal(PyLong_FromVoidPtr(value)).ptr());
    if (isKnown < 0)
      throw nb::python_error();
    if (!isKnown)
      found.append(nb::handle(value));
  };
  for (nb::handle value : values)
    add(value.ptr());
  if (names.size() == 0)
    return found;
  nb::object places[] = {frame.attr("f_globals"), frame.attr("f_builtins")};
  for (nb::handle name : names) {
    if (nb::object local = enigma::python::getVariable(frame, name);
        local.is_valid()) {
      add(local.ptr());
      continue;
    }
    for (const nb::object &place : places) {
      PyObject *value = PyDict_GetItemWithError(place.ptr(), name.ptr());
      if (!value && PyErr_Occurred())
        throw nb::python_error();
      if (value) {
        add(value);
        break;
      }
    }
  }
  return found;
}

namespace {
/// How the contents of objects of a kind are compared.
enum class Comparison {
  /// The elements of a list.
  List,
  /// The keys and values of a dict.
  Dict,
  /// Those keys and values whose keys do not start with two underscores.
  OwnAttributes,
  /// Those variables of a module that have some names.
  Variables,
  /// The code of a function and its defaults.
  Function,
  /// The value of a cell.
  Cell,
};

/// Tells which objects have other contents than they had. What holds these is a
/// box of Python, with an object, its kind, and the keys and values that it
/// had. Contents are the same if all values are identical.
class Contents {
public:
  Contents(nb::dict kinds, nb::object missing) : missing(std::move(missing)) {
    for (auto [kind, name] : kinds)
      comparisons[kind.ptr()] =
          getComparison(nb::borrow<nb::str>(name).c_str());
  }

  /// The boxes of objects that have other contents now.
  nb::list changed(nb::dict boxes) {
    nb::list found;
    for (nb::handle box : boxes.values())
      if (!isCurrent(box))
        found.append(box);
    return found;
  }

private:
  static Comparison getComparison(std::string_view name) {
    if (name == "list")
      return Comparison::List;
    if (name == "dict")
      return Comparison::Dict;
    if (name == "own attributes")
      return Comparison::OwnAttributes;
    if (name == "variables")
      return Comparison::Variables;
    if (name == "function")
      return Comparison::Function;
    if (name == "cell")
      return Comparison::Cell;
    throw std::invalid_argument("no comparison of contents: " +
                                std::string(name));
  }

  bool isCurrent(nb::handle box) {
    nb::object kind = box.attr(kindName);
    nb::object thing = box.attr(thingName);
    nb::object keys = box.attr(keysName);
    nb::object values = box.attr(valuesName);
    auto found = comparisons.find(kind.ptr());
    if (found != comparisons.end() &&
        isCurrent(found->second, thing.ptr(), keys.ptr(), values.ptr()))
      return true;
    // What the comparisons do not know may be the same for all that.
    return nb::cast<bool>(kind.attr(holdsName)(thing, keys, values));
  }

  /// Whether an object certainly has the contents that it had.
  bool isCurrent(Comparison comparison, PyObject *thing, PyObject *keys,
                 PyObject *values) {
    if (!PyList_CheckExact(values))
      return false;
    switch (comparison) {
    case Comparison::List:
      return PyList_Check(thing) && hasElements(thing, values);
    case Comparison::Dict:
    case Comparison::OwnAttributes:
      return PyDict_Check(thing) && PyList_CheckExact(keys) &&
             hasItems(thing, keys, values,
                      comparison == Comparison::OwnAttributes);
    case Comparison::Variables:
      return PyTuple_CheckExact(keys) &&
             hasVariables(
                 nb::object(nb::handle(thing).attr(variablesName)).ptr(), keys,
                 values);
    case Comparison::Function:
      return PyFunction_Check(thing) && PyList_GET_SIZE(values) == 3 &&
             isSame(PyFunction_GetCode(thing), values, 0) &&
             isSame(PyFunction_GetDefaults(thing), values, 1) &&
             isSame(PyFunction_GetKwDefaults(thing), values, 2);
    case Comparison::Cell:
      return PyCell_Check(thing) && PyList_GET_SIZE(values) == 1 &&
             PyList_GET_ITEM(values, 0) == orMissing(PyCell_GET(thing));
    }
    return false;
  }

  /// Whether a part of a function, which is null for None, is at a position.
  static bool isSame(PyObject *part, PyObject *values, Py_ssize_t position) {
    return PyList_GET_ITEM(values, position) == (part ? part : Py_None);
  }

  PyObject *orMissing(PyObject *value) { return value ? value : missing.ptr(); }

  static bool hasElements(PyObject *list, PyObject *values) {
    Py_ssize_t size = PyList_GET_SIZE(list);
    if (size != PyList_GET_SIZE(values))
      return false;
    for (Py_ssize_t i = 0; i != size; ++i)
      if (PyList_GET_ITEM(list, i) != PyList_GET_ITEM(values, i))
        return false;
    return true;
  }

  static bool isPrivate(PyObject *key) {
    return PyUnicode_Check(key) && PyUnicode_GetLength(key) >= 2 &&
           PyUnicode_ReadChar(key, 0) == '_' &&
           PyUnicode_ReadChar(key, 1) == '_';
  }

  static bool hasItems(PyObject *dict, PyObject *keys, PyObject *values,
                       bool withoutPrivate) {
    Py_ssize_t size = PyList_GET_SIZE(keys);
    if (size != PyList_GET_SIZE(values))
      return false;
    PyObject *key, *value;
    Py_ssize_t i = 0;
    for (Py_ssize_t next = 0; PyDict_Next(dict, &next, &key, &value);) {
      if (withoutPrivate && isPrivate(key))
        continue;
      if (i == size || key != PyList_GET_ITEM(keys, i) ||
          value != PyList_GET_ITEM(values, i))
        return false;
      ++i;
    }
    return i == size;
  }

  bool hasVariables(PyObject *variables, PyObject *names, PyObject *values) {
    Py_ssize_t size = PyTuple_GET_SIZE(names);
    if (!PyDict_Check(variables) || size != PyList_GET_SIZE(values))
      return false;
    for (Py_ssize_t i = 0; i != size; ++i) {
      PyObject *value =
          PyDict_GetItemWithError(variables, PyTuple_GET_ITEM(names, i));
      if (!value && PyErr_Occurred())
        throw nb::python_error();
      if (PyList_GET_ITEM(values, i) != orMissing(value))
        return false;
    }
    return true;
  }

  static nb::str intern(const char *text) {
    return nb::steal<nb::str>(PyUnicode_InternFromString(text));
  }

  nb::object missing;
  nb::str kindName = intern("kind"), thingName = intern("thing");
  nb::str keysName = intern("keys"), valuesName = intern("values");
  nb::str holdsName = intern("holds"), variablesName = intern("variables");
  llvm::DenseMap<PyObject *, Comparison> comparisons;
};
} // namespace

void enigma::python::registerContents(nb::module_ &m) {
  m.def(
      "followed", getFollowed, nb::arg("values"), nb::arg("leaves"),
      nb::sig("def followed(values: list[object], leaves: dict[int, type]) -> "
              "list[int]"),
      "The positions of the values that are neither of one of the classes "
      "`leaves` nor tuples of such.");

  m.def(
      "variable",
      [](nb::handle frame, nb::str name) {
        nb::object value = getVariable(frame, name);
        return value.is_valid() ? value : nb::none();
      },
      nb::arg("frame"), nb::arg("name"),
      nb::sig("def variable(frame: types.FrameType, name: str) -> "
              "typing.Any"),
      "What a local variable holds in the frame of a function; None if there "
      "is none of that name, or it holds nothing.");

  m.def("followed_variables", getFollowedVariables, nb::arg("frame"),
        nb::arg("names"), nb::arg("values"), nb::arg("leaves"),
        nb::arg("known"),
        nb::sig("def followed_variables(frame: types.FrameType, "
                "names: tuple[str, ...], values: tuple[object, ...], "
                "leaves: dict[int, type], known: dict[int, object]) -> "
                "list[typing.Any]"),
        "What variables hold in a frame, and values besides, but for those of "
        "the classes `leaves`, tuples of such, and objects that are known, by "
        "their identity.");

  nb::class_<Contents>(m, "Contents",
                       "Tells which objects have other contents than they had.")
      .def(nb::init<nb::dict, nb::object>(), nb::arg("kinds"),
           nb::arg("missing"),
           nb::sig("def __init__(self, kinds: dict[type, str], "
                   "missing: object) -> None"),
           "Compare objects of some kinds, which are there for good, as "
           "\"list\", \"dict\", \"own attributes\", \"variables\", "
           "\"function\" or \"cell\"; `missing` is what stands for no "
           "value.")
      .def("changed", &Contents::changed, nb::arg("boxes"),
           nb::sig("def changed(self, boxes: dict[typing.Any, typing.Any]) -> "
                   "list[typing.Any]"),
           "The boxes whose objects have other contents now.");
}
