// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last launches of a function: what they were given, and what they were
// found to be. A launch that is given the like needs no check of its own.

#include "Memory.h"

#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

using namespace enigma::python;

/// Launches of one function that are known.
static constexpr size_t kCapacity = 8;
/// How deep tuples are compared.
static constexpr int kMostDepth = 30;

/// Whether two values tell their bytes, and have the same ones.
static bool haveSameBytes(PyObject *known, PyObject *given) {
  Py_buffer views[2];
  int numRead = 0;
  for (PyObject *each : {known, given}) {
    if (PyObject_GetBuffer(each, &views[numRead], PyBUF_SIMPLE)) {
      PyErr_Clear();
      break;
    }
    ++numRead;
  }
  bool areSame = numRead == 2 && views[0].len == views[1].len &&
                 !std::memcmp(views[0].buf, views[1].buf, views[0].len);
  while (numRead)
    PyBuffer_Release(&views[--numRead]);
  return areSame;
}

/// Whether two values that do not change are the same: of one type, and equal.
/// Zeros of two signs are not.
static bool isSame(PyObject *known, PyObject *given, int depth = 0) {
  if (known == given)
    return true;
  PyTypeObject *type = Py_TYPE(known);
  if (type != Py_TYPE(given) || depth > kMostDepth)
    return false;
  if (type == &PyFloat_Type) {
    double values[] = {PyFloat_AsDouble(known), PyFloat_AsDouble(given)};
    return std::memcmp(&values[0], &values[1], sizeof(double)) == 0;
  }
  if (type == &PyTuple_Type) {
    Py_ssize_t size = PyTuple_Size(known);
    if (size != PyTuple_Size(given))
      return false;
    for (Py_ssize_t i = 0; i < size; ++i)
      if (!isSame(PyTuple_GetItem(known, i), PyTuple_GetItem(given, i),
                  depth + 1))
        return false;
    return true;
  }
  if (type == &PyRange_Type || type == &PySlice_Type) {
    auto isSamePart = [&](const char *name) {
      nb::object parts[] = {nb::getattr(known, name), nb::getattr(given, name)};
      return isSame(parts[0].ptr(), parts[1].ptr(), depth + 1);
    };
    return isSamePart("start") && isSamePart("stop") && isSamePart("step");
  }
  // Numbers of NumPy, and bytes: nothing else that has any does not change.
  if (PyObject_CheckBuffer(known))
    return haveSameBytes(known, given);
  if (type != &PyLong_Type && type != &PyUnicode_Type)
    return false;
  int result = PyObject_RichCompareBool(known, given, Py_EQ);
  if (result < 0)
    throw nb::python_error();
  return result == 1;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

namespace {
/// A number that a kernel is given by value.
struct Number {
  /// Of integers the bits, below 0 where they have a sign; 32 of floats; 0
  /// where the converter packs every one.
  int bits = 0;
  bool isFloat = false;
  nb::callable convert;
};
} // namespace

static Number makeNumber(const std::string &dtype, nb::callable convert) {
  Number number;
  number.convert = std::move(convert);
  if (dtype == "f32") {
    number.isFloat = true;
    number.bits = 32;
  } else if (dtype[0] == 'i' || dtype[0] == 'u') {
    int bits = std::atoi(dtype.c_str() + 1);
    if (dtype == (dtype[0] == 'i' ? "i" : "u") + std::to_string(bits))
      number.bits = dtype[0] == 'i' ? -bits : bits;
  }
  return number;
}

/// The bytes of a number, packed as the converter packs it.
static nb::object pack(const Number &number, nb::handle value,
                       nb::handle device) {
  if (number.isFloat && PyFloat_CheckExact(value.ptr())) {
    double given = PyFloat_AsDouble(value.ptr());
    if (std::abs(given) <= FLT_MAX) {
      float packed = static_cast<float>(given);
      return nb::bytes(reinterpret_cast<const char *>(&packed), sizeof(packed));
    }
  } else if (number.bits && !number.isFloat && PyLong_CheckExact(value.ptr())) {
    int overflow = 0;
    long long given = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    int bits = std::abs(number.bits);
    bool hasSign = number.bits < 0;
    // What does not fit into 64 bits with a sign is left to the converter.
    int room = hasSign ? bits - 1 : std::min(bits, 63);
    long long most = std::numeric_limits<long long>::max() >> (63 - room);
    if (!overflow && given <= most && given >= (hasSign ? -most - 1 : 0)) {
      char packed[sizeof(given)];
      // Both ends of a number are where x86 and Arm have them.
      std::memcpy(packed, &given, sizeof(given));
      return nb::bytes(packed, bits / 8);
    }
  }
  return number.convert(value, device);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

namespace {
/// What a launch was given for one argument: an array, whose memory this is, a
/// value that the result depends on, or what it does not depend on.
struct Given {
  std::optional<Memory> memory;
  /// What the kernels that get the memory need its address to be a multiple of.
  uint64_t alignment = 1;
  nb::object value;
};

/// What a kernel gets in one place: always the same, or what is made of an
/// argument.
struct Place {
  nb::object fixed;
  size_t argument = 0;
  std::optional<Number> number;
};

struct Known {
  std::vector<Given> given;
  /// The arguments that may change, and the key of all of them.
  std::vector<size_t> changing;
  nb::object key;
  nb::object asked, result;
  std::vector<std::vector<Place>> launches;

  template <typename Visit> int visit(Visit visit) const {
    for (const Given &argument : given)
      if (int stop = visit(argument.value))
        return stop;
    if (int stop = visit(key))
      return stop;
    for (const std::vector<Place> &places : launches)
      for (const Place &place : places) {
        if (int stop = visit(place.fixed))
          return stop;
        if (place.number)
          if (int stop = visit(place.number->convert))
            return stop;
      }
    if (int stop = visit(asked))
      return stop;
    return visit(result);
  }
};

/// What an argument has as memory, read once for all launches that are known.
class Arguments {
public:
  explicit Arguments(nb::tuple given)
      : given(std::move(given)), memories(this->given.size()),
        isRead(this->given.size()) {}

  size_t size() const { return memories.size(); }
  nb::handle operator[](size_t i) const {
    return PyTuple_GetItem(given.ptr(), i);
  }

  /// The memory; none where it cannot be used, which a check will say.
  std::optional<Memory> &getMemory(size_t i) {
    if (isRead[i])
      return memories[i];
    isRead[i] = true;
    try {
      std::optional<Memory> memory = readMemory((*this)[i]);
      if (memory)
        memories[i].emplace(std::move(*memory));
    } catch (Unusable &) {
    } catch (nb::python_error &error) {
      if (!error.matches(PyExc_Exception))
        throw;
    }
    return memories[i];
  }

private:
  nb::tuple given;
  std::vector<std::optional<Memory>> memories;
  std::vector<char> isRead;
};

class RecentLaunches {
public:
  explicit RecentLaunches(nb::callable keyOf) : keyOf(std::move(keyOf)) {}

  nb::object find(nb::tuple given, nb::tuple asked, nb::handle device) {
    Arguments arguments(std::move(given));
    // What reads an array or packs a number may be Python, and launch.
    std::vector<std::shared_ptr<Known>> tried = known;
    for (size_t i = 0; i < tried.size(); ++i) {
      nb::object key;
      if (!matches(*tried[i], arguments, asked, key))
        continue;
      if (i && known == tried)
        std::rotate(known.begin(), known.begin() + i, known.begin() + i + 1);
      return nb::make_tuple(tried[i]->result, key,
                            fill(*tried[i], arguments, device));
    }
    return nb::none();
  }

  void keep(nb::tuple arguments, nb::list kinds, nb::tuple asked,
            nb::object result, nb::list launches) {
    auto made = std::make_shared<Known>();
    Arguments read(arguments);
    for (size_t i = 0; i < read.size(); ++i) {
      Given given;
      std::string kind = nb::cast<std::string>(kinds[i]);
      if (kind == "value") {
        given.value = nb::borrow(read[i]);
      } else if (kind == "changing") {
        made->changing.push_back(i);
      } else if (kind == "array") {
        std::optional<Memory> &memory = read.getMemory(i);
        if (!memory)
          return;
        given.memory.emplace(std::move(*memory));
        // Who gave it may let it go.
        given.memory->release();
      }
      made->given.push_back(std::move(given));
    }
    if (!made->changing.empty()) {
      made->key = findKey(*made, read);
      if (made->key.is_none())
        return;
    }
    made->asked = std::move(asked);
    made->result = std::move(result);
    for (nb::handle described : launches) {
      std::vector<Place> places;
      for (nb::handle each : described) {
        Place place;
        nb::tuple parts = nb::cast<nb::tuple>(each);
        if (parts.size() == 1) {
          place.fixed = parts[0];
        } else {
          place.argument = nb::cast<size_t>(parts[0]);
          if (parts.size() == 2) {
            uint64_t &alignment = made->given[place.argument].alignment;
            alignment = std::max(alignment, nb::cast<uint64_t>(parts[1]));
          } else {
            place.number = makeNumber(nb::cast<std::string>(parts[1]),
                                      nb::cast<nb::callable>(parts[2]));
          }
        }
        places.push_back(std::move(place));
      }
      made->launches.push_back(std::move(places));
    }
    known.insert(known.begin(), std::move(made));
    if (known.size() > kCapacity)
      known.pop_back();
  }

  template <typename Visit> int visit(Visit visit) const {
    for (const std::shared_ptr<Known> &one : known)
      if (int stop = one->visit(visit))
        return stop;
    return visit(keyOf);
  }

  void clear() {
    // Python may be called as they go.
    std::vector<std::shared_ptr<Known>> gone = std::move(known);
    known.clear();
  }

private:
  /// `key` becomes that of the arguments that may change.
  bool matches(const Known &one, Arguments &arguments, const nb::tuple &asked,
               nb::object &key) const {
    if (one.given.size() != arguments.size() ||
        !isSame(one.asked.ptr(), asked.ptr()))
      return false;
    for (size_t i = 0; i < arguments.size(); ++i)
      if (one.given[i].value.is_valid() &&
          !isSame(one.given[i].value.ptr(), arguments[i].ptr()))
        return false;
    key = nb::none();
    if (one.key.is_valid()) {
      key = findKey(one, arguments);
      if (!areAlike(one.key, key))
        return false;
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (!one.given[i].memory)
        continue;
      std::optional<Memory> &memory = arguments.getMemory(i);
      if (!memory || !memory->isLike(*one.given[i].memory) ||
          memory->address % one.given[i].alignment)
        return false;
    }
    return true;
  }

  /// What stands for the arguments that may change.
  nb::object findKey(const Known &one, const Arguments &arguments) const {
    nb::list values;
    for (size_t i : one.changing)
      values.append(arguments[i]);
    return keyOf(nb::tuple(values));
  }

  /// Whether two keys are of the same: what is behind the first item says all.
  static bool areAlike(const nb::object &known, const nb::object &given) {
    if (given.is_none())
      return false;
    for (size_t part : {1, 2}) {
      int result =
          PyObject_RichCompareBool(PyTuple_GetItem(known.ptr(), part),
                                   PyTuple_GetItem(given.ptr(), part), Py_EQ);
      if (result < 0)
        throw nb::python_error();
      if (!result)
        return false;
    }
    return true;
  }

  /// The arguments of each launch.
  static nb::list fill(const Known &one, Arguments &arguments,
                       nb::handle device) {
    std::vector<nb::object> memories(arguments.size());
    nb::list launches;
    for (const std::vector<Place> &places : one.launches) {
      nb::list values;
      for (const Place &place : places) {
        if (place.fixed.is_valid()) {
          values.append(place.fixed);
        } else if (place.number) {
          values.append(pack(*place.number, arguments[place.argument], device));
        } else {
          nb::object &memory = memories[place.argument];
          if (!memory.is_valid())
            memory = nb::cast(std::move(*arguments.getMemory(place.argument)));
          values.append(memory);
        }
      }
      launches.append(values);
    }
    return launches;
  }

  nb::callable keyOf;
  std::vector<std::shared_ptr<Known>> known;
};
} // namespace

static int traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self))
    return 0;
  return nb::inst_ptr<RecentLaunches>(self)->visit(
      [&](const nb::object &object) -> int {
        Py_VISIT(object.ptr());
        return 0;
      });
}

static int clear(PyObject *self) {
  if (nb::inst_ready(self))
    nb::inst_ptr<RecentLaunches>(self)->clear();
  return 0;
}

static PyType_Slot slots[] = {
    {Py_tp_traverse, reinterpret_cast<void *>(&traverse)},
    {Py_tp_clear, reinterpret_cast<void *>(&clear)},
    {0, nullptr}};

void enigma::python::registerRecentLaunches(nb::module_ &m) {
  nb::class_<RecentLaunches>(
      m, "RecentLaunches", nb::type_slots(slots),
      "The last launches of a function: what they were given, and what they "
      "were found to be.")
      .def(nb::init<nb::callable>(), nb::arg("key_of"),
           nb::sig("def __init__(self, key_of: typing.Callable[[object], "
                   "tuple[typing.Any, ...] | None]) -> None"),
           "What stands for a value that may change is given by `key_of`: a "
           "tuple, whose second and third item say what the value is now; or "
           "None.")
      .def("find", &RecentLaunches::find, nb::arg("arguments"),
           nb::arg("asked"), nb::arg("device"),
           nb::sig("def find(self, arguments: tuple[object, ...], asked: "
                   "tuple[object, ...], device: object) -> tuple[object, "
                   "tuple[typing.Any, ...] | None, list[list[object]]] | None"),
           "What a launch was found to be that was asked for the same with "
           "the like arguments; what stands for those of them that may change, "
           "if there are any; and what each of its kernels gets now on a "
           "device.")
      .def("keep", &RecentLaunches::keep, nb::arg("arguments"),
           nb::arg("kinds"), nb::arg("asked"), nb::arg("result"),
           nb::arg("launches"),
           nb::sig("def keep(self, arguments: tuple[object, ...], kinds: "
                   "list[str], asked: tuple[object, ...], result: object, "
                   "launches: list[list[tuple[object, ...]]]) -> None"),
           "Keeps a launch. The kind of an argument is \"array\"; \"value\" "
           "where the result depends on it, which must not change; "
           "\"changing\" where it depends on what that is each time; or "
           "\"number\". What a kernel gets in a place is (value,) where it is "
           "always the same, (argument, alignment) the memory of an argument, "
           "whose address is a multiple of that, or (argument, dtype, "
           "converter) a number.");
}
