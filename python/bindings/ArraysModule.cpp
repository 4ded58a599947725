// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_arrays`: the memory of arrays, found by the protocols
// that they have, whatever framework they are of. Nothing is copied, and no
// framework is imported.

#include "Memory.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <cstring>

using namespace enigma::python;

static std::string describe(char kind, int64_t bits) {
  switch (kind) {
  case 'b':
    return bits == 8 ? "b1" : "b" + std::to_string(bits);
  case 'i':
  case 'u':
  case 'f':
    return kind + std::to_string(bits);
  default:
    return std::string(1, kind) + std::to_string(bits);
  }
}

/// Lets go of what a protocol raised, which is then taken for one that the
/// object does not have; what is no error, as Ctrl-C, goes on.
static void clearError() {
  if (!PyErr_ExceptionMatches(PyExc_Exception))
    throw nb::python_error();
  PyErr_Clear();
}

//===----------------------------------------------------------------------===//
// The buffer protocol
//===----------------------------------------------------------------------===//

/// The dtype of a format of Python's module `struct`.
static std::string parseFormat(const char *format, int64_t itemBytes) {
  std::string text = format ? format : "B";
  if (!text.empty() && std::strchr("@=<>!", text[0])) {
    if ((text[0] == '>' || text[0] == '!') && itemBytes > 1)
      return "big-endian " + parseFormat(text.c_str() + 1, itemBytes);
    text.erase(0, 1);
  }
  if (text.size() == 1) {
    if (text[0] == '?')
      return "b1";
    if (std::strchr("bhilqn", text[0]))
      return describe('i', itemBytes * 8);
    if (std::strchr("BHILQN", text[0]))
      return describe('u', itemBytes * 8);
    if (std::strchr("efdg", text[0]))
      return describe('f', itemBytes * 8);
  }
  if (text == "bfloat16")
    return "bf16";
  return text == "O" ? "object" : "\"" + text + "\"";
}

static bool readBuffer(nb::handle object, Memory &memory) {
  if (!PyObject_CheckBuffer(object.ptr()))
    return false;
  Py_buffer view;
  if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_STRIDES | PyBUF_FORMAT)) {
    // NumPy's bfloat16 and float8 have no format; other protocols know them.
    clearError();
    return false;
  }
  memory.view = view;
  memory.address = reinterpret_cast<uintptr_t>(view.buf);
  memory.itemBytes = view.itemsize;
  memory.isReadOnly = view.readonly;
  memory.shape.assign(view.shape, view.shape + view.ndim);
  memory.dtype = parseFormat(view.format, view.itemsize);
  if (!view.strides) {
    // As ctypes leaves it.
    memory.strides = memory.getDenseStrides();
    return true;
  }
  std::vector<int64_t> bytes(view.strides, view.strides + view.ndim);
  memory.setByteStrides(bytes.data());
  return true;
}

//===----------------------------------------------------------------------===//
// Array interfaces
//===----------------------------------------------------------------------===//

/// `__array_interface__` of NumPy, and `__cuda_array_interface__`, which says
/// the same of a GPU.
static bool readInterface(nb::handle object, const char *name,
                          const char *device, Memory &memory) {
  // An array may have the attribute for the devices of others alone.
  nb::object interface = nb::steal(PyObject_GetAttrString(object.ptr(), name));
  if (!interface.is_valid())
    clearError();
  if (!interface.is_valid() || !nb::isinstance<nb::dict>(interface))
    return false;
  nb::dict known = nb::borrow<nb::dict>(interface);
  auto get = [&](const char *key) -> nb::object {
    if (!known.contains(key))
      throw Unusable(std::string("its ") + name + " has no '" + key + "'");
    return known[key];
  };
  std::string type = nb::cast<std::string>(get("typestr"));
  if (type.size() < 3)
    throw Unusable("its typestr is " + type);
  memory.itemBytes = std::strtoll(type.c_str() + 2, nullptr, 10);
  memory.dtype =
      type[1] == 'O' ? "object" : describe(type[1], memory.itemBytes * 8);
  // The frameworks' bfloat16 are void to NumPy.
  if (type[1] == 'V' && nb::hasattr(object, "dtype"))
    memory.dtype = nb::cast<std::string>(nb::str(object.attr("dtype")));
  if (memory.dtype == "bfloat16")
    memory.dtype = "bf16";
  if (type[0] == '>' && memory.itemBytes > 1)
    memory.dtype = "big-endian " + memory.dtype;
  for (nb::handle extent : nb::cast<nb::tuple>(get("shape")))
    memory.shape.push_back(nb::cast<int64_t>(extent));
  nb::tuple data = nb::cast<nb::tuple>(get("data"));
  if (data.size() != 2)
    throw Unusable("its data is not an address and a flag");
  memory.address = nb::cast<uintptr_t>(data[0]);
  memory.isReadOnly = nb::cast<bool>(data[1]);
  memory.device = device;
  nb::object strides = known.attr("get")("strides");
  if (strides.is_none()) {
    memory.strides = memory.getDenseStrides();
  } else {
    std::vector<int64_t> bytes;
    for (nb::handle stride : nb::cast<nb::tuple>(strides))
      bytes.push_back(nb::cast<int64_t>(stride));
    if (bytes.size() != memory.shape.size())
      throw Unusable("it has other strides than extents");
    memory.setByteStrides(bytes.data());
  }
  memory.owner = nb::borrow(object);
  return true;
}

//===----------------------------------------------------------------------===//
// DLPack
//===----------------------------------------------------------------------===//

namespace {
// The structures of DLPack 1, which are the same in all frameworks.
struct DLDevice {
  int32_t type, id;
};
struct DLTensor {
  void *data;
  DLDevice device;
  int32_t rank;
  uint8_t code, bits;
  uint16_t lanes;
  int64_t *shape, *strides;
  uint64_t byteOffset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void *context;
  void (*destroy)(DLManagedTensor *);
};
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void *context;
  void (*destroy)(DLManagedTensorVersioned *);
  uint64_t flags;
  DLTensor tensor;
};
} // namespace

static constexpr uint64_t kReadOnlyFlag = 1;

static const char *getDeviceName(int32_t type) {
  switch (type) {
  case 1: // CPU
  case 3: // memory of the host that a CUDA device sees
    return "cpu";
  case 2:
  case 13: // managed by CUDA
    return "cuda";
  case 8:
    return "metal";
  default:
    return "other";
  }
}

static std::string describe(const DLTensor &tensor) {
  if (tensor.lanes != 1)
    return "vectors of " + std::to_string(tensor.lanes);
  switch (tensor.code) {
  case 0:
    return describe('i', tensor.bits);
  case 1:
    return describe('u', tensor.bits);
  case 2:
    return describe('f', tensor.bits);
  case 4:
    return "bf16";
  case 5:
    return describe('c', tensor.bits);
  case 6:
    return "b1";
  default:
    return "DLPack's type " + std::to_string(tensor.code);
  }
}

static void readTensor(const DLTensor &tensor, Memory &memory) {
  memory.address = reinterpret_cast<uintptr_t>(tensor.data) + tensor.byteOffset;
  memory.shape.assign(tensor.shape, tensor.shape + tensor.rank);
  memory.itemBytes = (tensor.bits * tensor.lanes + 7) / 8;
  memory.dtype = describe(tensor);
  memory.device = getDeviceName(tensor.device.type);
  if (tensor.strides)
    memory.strides.assign(tensor.strides, tensor.strides + tensor.rank);
  else
    memory.strides = memory.getDenseStrides();
}

/// Takes the tensor out of a capsule; what it shares is given back when the
/// owner goes.
template <typename Managed>
static Managed *take(nb::handle capsule, const char *name, const char *used,
                     Memory &memory) {
  auto *managed =
      static_cast<Managed *>(PyCapsule_GetPointer(capsule.ptr(), name));
  if (!managed)
    throw nb::python_error();
  PyCapsule_SetName(capsule.ptr(), used);
  memory.owner = nb::capsule(managed, [](void *pointer) noexcept {
    auto *managed = static_cast<Managed *>(pointer);
    // When the interpreter goes, what a framework gives back may be gone.
    if (managed->destroy && nb::is_alive())
      managed->destroy(managed);
  });
  return managed;
}

static bool readDLPack(nb::handle object, Memory &memory) {
  if (!nb::hasattr(object.type(), "__dlpack__"))
    return false;
  nb::object capsule;
  try {
    nb::object version = nb::make_tuple(1, 0);
    capsule = object.attr("__dlpack__")(nb::arg("max_version") = version);
  } catch (nb::python_error &error) {
    // From before DLPack 1: without versions and flags.
    if (!error.matches(PyExc_TypeError))
      throw;
    capsule = object.attr("__dlpack__")();
  }
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned")) {
    auto *managed = take<DLManagedTensorVersioned>(
        capsule, "dltensor_versioned", "used_dltensor_versioned", memory);
    if (managed->major != 1)
      throw Unusable("it exports version " + std::to_string(managed->major) +
                     " of DLPack");
    memory.isReadOnly = managed->flags & kReadOnlyFlag;
    readTensor(managed->tensor, memory);
    return true;
  }
  if (!PyCapsule_IsValid(capsule.ptr(), "dltensor"))
    throw Unusable("its __dlpack__ gives no tensor");
  readTensor(take<DLManagedTensor>(capsule, "dltensor", "used_dltensor", memory)
                 ->tensor,
             memory);
  return true;
}

std::optional<Memory> enigma::python::readMemory(nb::handle object) {
  Memory memory;
  auto hasInterface = [&](const char *name, const char *device) {
    try {
      return readInterface(object, name, device, memory);
    } catch (nb::cast_error &) {
      throw Unusable(std::string("its ") + name +
                     " has a value of another type than it should");
    }
  };
  if (!(readBuffer(object, memory) ||
        hasInterface("__cuda_array_interface__", "cuda") ||
        readDLPack(object, memory) ||
        hasInterface("__array_interface__", "cpu")))
    return std::nullopt;
  if (memory.itemBytes < 1)
    throw Unusable("its elements take no bytes");
  for (int64_t extent : memory.shape)
    if (extent < 0)
      throw Unusable("it has a negative extent");
  return memory;
}

/// The memory of a GPU, as its framework describes it.
static Memory describeMemory(nb::object owner, uintptr_t address,
                             nb::tuple shape, nb::tuple strides,
                             std::string dtype, int64_t itemBytes) {
  Memory memory;
  memory.address = address;
  for (nb::handle extent : shape)
    memory.shape.push_back(nb::cast<int64_t>(extent));
  for (nb::handle stride : strides)
    memory.strides.push_back(nb::cast<int64_t>(stride));
  if (memory.shape.size() != memory.strides.size())
    throw Unusable("it has other strides than extents");
  memory.dtype = std::move(dtype);
  memory.itemBytes = itemBytes;
  memory.device = "mps";
  memory.owner = std::move(owner);
  return memory;
}

static nb::tuple toTuple(const std::vector<int64_t> &numbers) {
  nb::list list;
  for (int64_t number : numbers)
    list.append(number);
  return nb::tuple(list);
}

NB_MODULE(_arrays, m) {
  m.doc() = "The memory of arrays, by protocol";
  nb::exception<Unusable>(m, "UnusableArray", PyExc_TypeError);
  nb::class_<Memory>(m, "Memory")
      .def_ro("address", &Memory::address)
      .def_prop_ro(
          "shape", [](const Memory &memory) { return toTuple(memory.shape); },
          nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro(
          "strides",
          [](const Memory &memory) { return toTuple(memory.strides); },
          nb::sig("def strides(self) -> tuple[int, ...]"), "In elements.")
      .def_ro("dtype", &Memory::dtype,
              "The name of a dtype of Enigma's, or of what it is else.")
      .def_ro("item_bytes", &Memory::itemBytes)
      .def_prop_ro("elements", &Memory::getElements)
      .def_prop_ro("span_bytes", &Memory::getSpanBytes,
                   "From the first element to the last; steps backwards do not "
                   "count.")
      .def_ro("is_read_only", &Memory::isReadOnly)
      .def_prop_ro("is_dense", &Memory::isDense,
                   "Whether elements lie one behind the other, the last mode "
                   "the fastest.")
      .def_prop_ro("overlaps_itself", &Memory::overlapsItself)
      .def("fits", &Memory::fits, nb::arg("dtype"), nb::arg("device"),
           nb::arg("is_written"),
           "Whether it is dense memory of a dtype on a device, which may be "
           "written if it has to be.")
      .def_prop_ro(
          "device", [](const Memory &memory) { return memory.device; },
          "\"cpu\", \"cuda\", \"metal\", \"mps\" or \"other\".")
      .def_prop_ro(
          "owner",
          [](const Memory &memory) {
            return memory.owner.is_valid() ? memory.owner
                                           : nb::object(nb::none());
          },
          nb::sig("def owner(self) -> object"),
          "What keeps the memory, if it is no buffer: of what was described "
          "the array.");
  m.def("describe", &describeMemory, nb::arg("owner"), nb::arg("address"),
        nb::arg("shape"), nb::arg("strides"), nb::arg("dtype"),
        nb::arg("item_bytes"),
        nb::sig("def describe(owner: object, address: int, "
                "shape: tuple[int, ...], strides: tuple[int, ...], dtype: str, "
                "item_bytes: int) -> Memory"),
        "The memory of a tensor of torch on a Mac's GPU; strides count "
        "elements. Raises UnusableArray.");
  m.def("read", &readMemory, nb::arg("object").none(),
        nb::sig("def read(object: object) -> Memory | None"),
        "The memory of an array; None for what is none. Raises UnusableArray, "
        "or what the array's own protocol raises.");
  registerCompilations(m);
  registerRecentLaunches(m);
}
