// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What compilations are known again by: the arguments that they were made for,
// and that all is as it was that functions refer to.

#include "Memory.h"

using namespace enigma::python;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {
/// Says what values are by their classes, and by values that are equal where
/// they are the same.
class Description {
public:
  Description(nb::handle exact, nb::handle attributes, nb::handle standIn,
              size_t mostParts, size_t mostDepth)
      : exact(exact), attributes(attributes), standIn(standIn),
        mostParts(mostParts), mostDepth(mostDepth) {}

  /// Whether the value has not more parts than may be, and none that may
  /// change unseen.
  bool add(nb::handle value, size_t depth = 0) {
    nb::handle kind = value.type();
    classes.append(kind);
    int isExact = PySet_Contains(exact.ptr(), kind.ptr());
    if (isExact < 0)
      throw nb::python_error();
    if (isExact) {
      values.append(value);
      return true;
    }
    if (PyTuple_CheckExact(value.ptr()))
      return addParts(value, depth + 1);
    PyObject *names = PyDict_GetItemWithError(attributes.ptr(), kind.ptr());
    if (names) {
      addAttributes(value, names);
      return true;
    }
    if (PyErr_Occurred())
      throw nb::python_error();
    nb::object other = standIn(value);
    if (PyTuple_CheckExact(other.ptr()))
      return addParts(other, depth + 1);
    if (other.is_none())
      return false;
    values.append(other);
    return true;
  }

  nb::tuple get() const {
    return nb::make_tuple(nb::tuple(classes), nb::tuple(values));
  }

private:
  /// A tuple is its length, and its parts.
  bool addParts(nb::handle parts, size_t depth) {
    size_t size = PyTuple_Size(parts.ptr());
    // A tuple may hold another one twice, and so have far more parts than
    // objects.
    if (depth > mostDepth || nb::len(classes) + size > mostParts)
      return false;
    values.append(nb::int_(size));
    for (size_t i = 0; i < size; ++i)
      if (!add(PyTuple_GetItem(parts.ptr(), i), depth))
        return false;
    return true;
  }

  void addAttributes(nb::handle value, nb::handle names) {
    size_t size = PyTuple_Size(names.ptr());
    for (size_t i = 0; i < size; ++i) {
      nb::object part = nb::steal(
          PyObject_GetAttr(value.ptr(), PyTuple_GetItem(names.ptr(), i)));
      if (!part.is_valid())
        throw nb::python_error();
      if (i == 0)
        classes.append(part.type());
      values.append(part);
    }
  }

  nb::handle exact, attributes, standIn;
  size_t mostParts, mostDepth;
  nb::list classes, values;
};
} // namespace

static nb::object describe(nb::handle value, nb::frozenset exact,
                           nb::dict attributes, nb::callable standIn,
                           size_t mostParts, size_t mostDepth) {
  Description description(exact, attributes, standIn, mostParts, mostDepth);
  if (!description.add(value))
    return nb::none();
  return description.get();
}

//===----------------------------------------------------------------------===//
// What functions refer to
//===----------------------------------------------------------------------===//

/// Whether what `find` gives for every owner and name, or `missing` where it
/// gives nothing, is the very value.
template <typename Find>
static bool areFound(const nb::list &owners, const nb::list &names,
                     const nb::list &values, nb::handle missing, Find find) {
  size_t size = nb::len(owners);
  if (nb::len(names) != size || nb::len(values) != size)
    throw nb::value_error("as many owners as names and values");
  for (size_t i = 0; i < size; ++i) {
    nb::handle owner = owners[i], name = names[i], value = values[i];
    nb::object found = find(owner, name);
    if ((found.is_valid() ? found : missing).ptr() != value.ptr())
      return false;
  }
  return true;
}

static bool areNamed(nb::list dicts, nb::list names, nb::list values,
                     nb::handle missing) {
  return areFound(
      dicts, names, values, missing, [](nb::handle dict, nb::handle name) {
        PyObject *found = PyDict_GetItemWithError(dict.ptr(), name.ptr());
        if (!found && PyErr_Occurred())
          throw nb::python_error();
        return nb::borrow(found);
      });
}

static bool areAttributes(nb::list owners, nb::list names, nb::list values,
                          nb::handle missing) {
  return areFound(owners, names, values, missing,
                  [](nb::handle owner, nb::handle name) {
                    PyObject *found = PyObject_GetAttr(owner.ptr(), name.ptr());
                    if (!found) {
                      // Of a variable of a closure that has no value.
                      if (!PyErr_ExceptionMatches(PyExc_ValueError))
                        throw nb::python_error();
                      PyErr_Clear();
                    }
                    return nb::steal(found);
                  });
}

void enigma::python::registerCompilations(nb::module_ &m) {
  m.def("describe_value", &describe, nb::arg("value").none(), nb::arg("exact"),
        nb::arg("attributes"), nb::arg("stand_in"), nb::arg("most_parts"),
        nb::arg("most_depth"),
        nb::sig("def describe_value(value: object, "
                "exact: frozenset[type], "
                "attributes: dict[type, tuple[str, ...]], "
                "stand_in: typing.Callable[[object], object], "
                "most_parts: int, most_depth: int) -> "
                "tuple[tuple[type, ...], tuple[typing.Hashable, ...]] | None"),
        "The classes of all parts of a value, and what the parts are: those of "
        "the classes `exact` themselves, others their `attributes`, of which "
        "the first one's class counts, and else what `stand_in` gives, which "
        "may be a tuple of parts, or None. None where that is given, or where "
        "there are too many parts, or too deep ones.");
  m.def("are_named", &areNamed, nb::arg("dicts"), nb::arg("names"),
        nb::arg("values"), nb::arg("missing"),
        nb::sig("def are_named(dicts: list[dict[str, typing.Any]], "
                "names: list[str], values: list[typing.Any], "
                "missing: object) -> bool"),
        "Whether dicts have the very values by names, as what functions refer "
        "to mostly still is; `missing` stands for none.");
  m.def("are_attributes", &areAttributes, nb::arg("owners"), nb::arg("names"),
        nb::arg("values"), nb::arg("missing"),
        nb::sig("def are_attributes(owners: list[typing.Any], "
                "names: list[str], values: list[typing.Any], "
                "missing: object) -> bool"),
        "Whether objects have the very values as attributes; `missing` stands "
        "for what the empty cell of a closure has.");
}
