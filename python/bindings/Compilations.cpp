// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What compilations are known again by: the arguments that they were made for,
// that all is as it was that functions refer to, and the build of Enigma.

#include "Memory.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/Endian.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace enigma::python;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {
/// Says what values are: by objects that are told by where they lie, among them
/// the classes of all parts, and by values that are equal where they are the
/// same.
class Description {
public:
  Description(const nb::tuple &exact, const nb::dict &attributes,
              nb::handle standIn, size_t mostParts, size_t mostDepth)
      : standIn(standIn), mostParts(mostParts), mostDepth(mostDepth) {
    for (nb::handle kind : exact)
      this->exact.push_back(kind.ptr());
    for (auto [kind, names] : attributes)
      this->attributes.emplace_back(kind.ptr(), names.ptr());
  }

  /// Whether the value has not more parts than may be, and none that may
  /// change unseen.
  bool add(nb::handle value, size_t depth = 0) {
    nb::handle kind = value.type();
    addIdentity(kind);
    // A class may compare as its own class says, or not at all.
    if (llvm::is_contained(exact, kind.ptr())) {
      values.append(value);
      return true;
    }
    if (PyFloat_CheckExact(value.ptr())) {
      double number = PyFloat_AsDouble(value.ptr());
      addBytes({number});
      return true;
    }
    if (PyComplex_CheckExact(value.ptr())) {
      addBytes({PyComplex_RealAsDouble(value.ptr()),
                PyComplex_ImagAsDouble(value.ptr())});
      return true;
    }
    if (PyTuple_CheckExact(value.ptr()))
      return addParts(value, depth + 1);
    for (auto [other, names] : attributes)
      if (other == kind.ptr()) {
        addAttributes(value, names);
        return true;
      }
    // Who has an object twice that may change is told from who has two that are
    // alike; and objects may hold themselves.
    auto found = changing.find(value.ptr());
    if (found != changing.end()) {
      values.append(nb::int_(-found->second));
      return true;
    }
    nb::object other = standIn(value);
    if (other.is(value)) {
      addIdentity(value);
      return true;
    }
    if (PyList_CheckExact(other.ptr())) {
      changing.try_emplace(value.ptr(), changing.size() + 1);
      addressesOfChanging.append(addressOf(value));
      return addParts(nb::steal(PyList_AsTuple(other.ptr())), depth + 1);
    }
    if (PyTuple_CheckExact(other.ptr()))
      return addParts(other, depth + 1);
    if (other.is_none())
      return false;
    values.append(other);
    return true;
  }

  nb::tuple get() const {
    return nb::make_tuple(nb::tuple(identities), nb::tuple(addresses),
                          nb::tuple(values), nb::tuple(addressesOfChanging));
  }

private:
  void addIdentity(nb::handle value) {
    identities.append(value);
    addresses.append(addressOf(value));
  }

  static nb::object addressOf(nb::handle value) {
    return nb::steal(PyLong_FromVoidPtr(value.ptr()));
  }

  /// There are two zeros, and what is no number equals nothing.
  void addBytes(std::initializer_list<double> numbers) {
    values.append(nb::bytes(reinterpret_cast<const char *>(numbers.begin()),
                            numbers.size() * sizeof(double)));
  }

  /// A tuple is its length, and its parts.
  bool addParts(nb::handle parts, size_t depth) {
    if (!parts.is_valid())
      throw nb::python_error();
    size_t size = PyTuple_Size(parts.ptr());
    // A tuple may hold another one twice, and so have far more parts than
    // objects.
    if (depth > mostDepth || nb::len(identities) + size > mostParts)
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
        addIdentity(part.type());
      values.append(part);
    }
  }

  llvm::SmallVector<PyObject *, 16> exact;
  /// Objects that may change, by their numbers.
  llvm::SmallDenseMap<PyObject *, int> changing;
  llvm::SmallVector<std::pair<PyObject *, PyObject *>, 2> attributes;
  nb::handle standIn;
  size_t mostParts, mostDepth;
  nb::list identities, addresses, values, addressesOfChanging;
};
} // namespace

static nb::object describe(nb::handle value, nb::tuple exact,
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

/// Whether a dict has the very keys, and then the very values, from `first` on.
static bool hasItems(PyObject *dict, const nb::tuple &contents, size_t first) {
  size_t size = PyDict_Size(dict);
  if (nb::len(contents) != first + 2 * size)
    return false;
  Py_ssize_t place = 0;
  PyObject *key, *value;
  for (size_t i = first; PyDict_Next(dict, &place, &key, &value); ++i)
    if (contents[i].ptr() != key || contents[i + size].ptr() != value)
      return false;
  return true;
}

/// Whether an object holds the very parts that it held: a list its items, a
/// dict its keys and values, and any other object its class and its attributes.
static bool holds(nb::handle owner, const nb::tuple &contents) {
  if (PyList_CheckExact(owner.ptr())) {
    size_t size = PyList_Size(owner.ptr());
    if (nb::len(contents) != size)
      return false;
    for (size_t i = 0; i < size; ++i)
      if (PyList_GetItem(owner.ptr(), i) != contents[i].ptr())
        return false;
    return true;
  }
  if (PyDict_CheckExact(owner.ptr()))
    return hasItems(owner.ptr(), contents, /*first=*/0);
  if (nb::len(contents) == 0 || contents[0].ptr() != owner.type().ptr())
    return false;
  nb::object attributes =
      nb::steal(PyObject_GenericGetDict(owner.ptr(), nullptr));
  if (!attributes.is_valid()) {
    PyErr_Clear();
    return false;
  }
  return hasItems(attributes.ptr(), contents, /*first=*/1);
}

static bool areHeld(nb::list owners, nb::list contents) {
  size_t size = nb::len(owners);
  if (nb::len(contents) != size)
    throw nb::value_error("as many owners as contents");
  for (size_t i = 0; i < size; ++i)
    if (!holds(owners[i], nb::cast<nb::tuple>(contents[i])))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// The build of Enigma
//===----------------------------------------------------------------------===//

static int64_t getNs(const timespec &time) {
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

static int64_t getModifiedNs(const struct stat &status) {
#if defined(__APPLE__)
  return getNs(status.st_mtimespec);
#else
  return getNs(status.st_mtim);
#endif
}

/// When the file came to be what it is, whatever time it says it has.
static int64_t getChangedNs(const struct stat &status) {
#if defined(__APPLE__)
  return getNs(status.st_ctimespec);
#else
  return getNs(status.st_ctim);
#endif
}

[[noreturn]] static void raiseFor(const std::string &path) {
  PyErr_SetFromErrnoWithFilename(PyExc_OSError, path.c_str());
  throw nb::python_error();
}

/// What is in a folder and in those in it: of each file its path, size and
/// time; and when one of them was changed last. Python's own `os.scandir` takes
/// several times as long for that.
static nb::tuple describeFiles(nb::handle top) {
  PyObject *converted = nullptr;
  if (!PyUnicode_FSConverter(top.ptr(), &converted))
    throw nb::python_error();
  nb::bytes name = nb::steal<nb::bytes>(converted);
  std::vector<std::string> folders = {name.c_str()}, files;
  int64_t changed = 0;
  while (!folders.empty()) {
    std::string folder = std::move(folders.back());
    folders.pop_back();
    std::unique_ptr<DIR, int (*)(DIR *)> stream(opendir(folder.c_str()),
                                                closedir);
    if (!stream)
      raiseFor(folder);
    errno = 0;
    while (const dirent *entry = readdir(stream.get())) {
      std::string_view name = entry->d_name;
      if (name == "." || name == "..")
        continue;
      struct stat status;
      // What a link leads to may be gone.
      if (fstatat(dirfd(stream.get()), entry->d_name, &status, /*flags=*/0) ==
          0) {
        std::string path = folder + '/';
        path += name;
        if (S_ISDIR(status.st_mode)) {
          if (name != "__pycache__")
            folders.push_back(std::move(path));
        } else {
          path += '\0' + std::to_string(status.st_size) + ' ' +
                  std::to_string(getModifiedNs(status)) + '\0';
          files.push_back(std::move(path));
          changed = std::max(changed, getChangedNs(status));
        }
      }
      errno = 0;
    }
    if (errno)
      raiseFor(folder);
  }
  std::sort(files.begin(), files.end());
  std::string text;
  for (const std::string &file : files)
    text += file;
  return nb::make_tuple(nb::bytes(text.data(), text.size()), changed);
}

/// The hash of texts and bytes one after another, each after its size. Python's
/// own `hashlib` loads OpenSSL, which takes as long as to compile a kernel.
static nb::bytes hash(nb::args parts) {
  llvm::BLAKE3 hasher;
  for (nb::handle part : parts) {
    char *data;
    Py_ssize_t size;
    if (PyUnicode_Check(part.ptr())) {
      data = const_cast<char *>(PyUnicode_AsUTF8AndSize(part.ptr(), &size));
      if (!data)
        throw nb::python_error();
    } else if (PyBytes_AsStringAndSize(part.ptr(), &data, &size)) {
      throw nb::python_error();
    }
    char length[sizeof(uint64_t)];
    llvm::support::endian::write64le(length, size);
    hasher.update(llvm::StringRef(length, sizeof length));
    hasher.update(llvm::StringRef(data, size));
  }
  auto result = hasher.final();
  return nb::bytes(result.data(), result.size());
}

void enigma::python::registerCompilations(nb::module_ &m) {
  m.def("describe_value", &describe, nb::arg("value").none(), nb::arg("exact"),
        nb::arg("attributes"), nb::arg("stand_in"), nb::arg("most_parts"),
        nb::arg("most_depth"),
        nb::sig("def describe_value(value: object, "
                "exact: tuple[type, ...], "
                "attributes: dict[type, tuple[str, ...]], "
                "stand_in: typing.Callable[[object], object], "
                "most_parts: int, most_depth: int) -> "
                "tuple[tuple[typing.Any, ...], tuple[int, ...], "
                "tuple[typing.Hashable, ...], tuple[int, ...]] | None"),
        "What a value is: the classes of all its parts and what is told by "
        "where it lies, the addresses of these, and what the parts are: those "
        "of the classes `exact` themselves, others their `attributes`, of "
        "which the first one's class counts, and else what `stand_in` gives: "
        "the value itself, which is told by where it lies; a tuple of parts, "
        "or a list of those of what may change; or a text. Last, the addresses "
        "of what may change. None where `stand_in` gives None, or where there "
        "are too many parts, or too deep ones.");
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
  m.def("are_held", &areHeld, nb::arg("owners"), nb::arg("contents"),
        nb::sig("def are_held(owners: list[typing.Any], "
                "contents: list[tuple[typing.Any, ...]]) -> bool"),
        "Whether objects hold the very parts: lists their items, dicts their "
        "keys and then their values, and others their class and then the names "
        "and the values of their attributes.");
  m.def("describe_files", &describeFiles, nb::arg("folder"),
        nb::sig("def describe_files(folder: str) -> tuple[bytes, int]"),
        "The files in a folder and in those in it: the path of each, and its "
        "size and the time that it has, in nanoseconds, in a fixed order with "
        "zeros between; and when one of them was written, replaced or moved "
        "last. Left out are links that lead nowhere and what Python keeps in "
        "`__pycache__`. Raises OSError.");
  m.def("hash_of", &hash, nb::arg("parts"),
        nb::sig("def hash_of(*parts: str | bytes) -> bytes"),
        "A hash of 32 bytes, which tells apart what there are parts of.");
}
