// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_metal`: launching on a GPU of Apple's.

#include "WithoutGIL.h"

#include "enigma/Runtime/Metal.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

namespace nb = nanobind;
using namespace enigma::metal;
using enigma::python::WithoutGIL;

using Triple = std::tuple<unsigned long, unsigned long, unsigned long>;

static Extent toExtent(const Triple &triple) {
  auto [x, y, z] = triple;
  return {x, y, z};
}

/// Gives an argument for what Python has: a buffer, the bytes of a scalar, or
/// the length of an array in threadgroup memory.
static Argument toArgument(nb::handle pair) {
  nb::tuple known = nb::cast<nb::tuple>(pair);
  Argument argument{Argument::Kind::Buffer, nb::cast<unsigned long>(known[0])};
  if (nb::bytes bytes; nb::try_cast(known[1], bytes)) {
    argument.kind = Argument::Kind::Bytes;
    argument.bytes = bytes.data();
    argument.length = bytes.size();
  } else if (nb::isinstance<Buffer>(known[1])) {
    argument.buffer = nb::cast<Buffer *>(known[1]);
  } else {
    argument.kind = Argument::Kind::Threadgroup;
    argument.length = nb::cast<size_t>(known[1]);
  }
  return argument;
}

static const char *getName(Error::Kind kind) {
  switch (kind) {
  case Error::Kind::NoDevice:
    return "device";
  case Error::Kind::Compilation:
    return "compilation";
  case Error::Kind::Pipeline:
    return "pipeline";
  case Error::Kind::Memory:
    return "memory";
  case Error::Kind::Execution:
    return "execution";
  }
  return "";
}

NB_MODULE(_metal, m) {
  m.doc() = "Metal, through the Objective-C runtime";

  // Raised with the kind of the error and what Metal says.
  static PyObject *errorClass = nb::exception<Error>(m, "MetalError").ptr();
  nb::register_exception_translator([](const std::exception_ptr &raised,
                                       void *) {
    try {
      std::rethrow_exception(raised);
    } catch (const Error &error) {
      PyErr_SetObject(errorClass,
                      nb::make_tuple(getName(error.kind), error.what()).ptr());
    }
  });

  nb::class_<Buffer>(m, "Buffer")
      .def_prop_ro("address",
                   [](const Buffer &buffer) {
                     return reinterpret_cast<uintptr_t>(buffer.contents());
                   })
      .def_ro("bytes", &Buffer::bytes);

  nb::class_<Pipeline>(m, "Pipeline")
      .def_ro("name", &Pipeline::name)
      .def_prop_ro("max_threads", &Pipeline::maxThreads)
      .def_prop_ro("simd_width", &Pipeline::simdWidth)
      .def_prop_ro("threadgroup_bytes", &Pipeline::threadgroupBytes);

  nb::class_<Library>(m, "Library")
      .def(
          "pipeline",
          [](const Library &library, const std::string &name,
             const std::vector<std::tuple<std::string, unsigned long,
                                          nb::bytes>> &constants) {
            std::vector<FunctionConstant> values;
            for (const auto &[type, index, bytes] : constants)
              values.push_back(
                  {type, index, {bytes.c_str(), bytes.c_str() + bytes.size()}});
            WithoutGIL released;
            return library.pipeline(name, values);
          },
          nb::arg("name"),
          nb::arg("constants") =
              std::vector<std::tuple<std::string, unsigned long, nb::bytes>>(),
          "The kernel of a name, with values of its function constants: for "
          "each one Metal's name of its type, its index and its bytes.");

  nb::class_<Device>(m, "Device")
      .def_prop_ro("name", &Device::name)
      .def_prop_ro("max_threadgroup_bytes", &Device::maxThreadgroupBytes)
      .def_prop_ro("max_buffer_bytes", &Device::maxBufferBytes)
      .def_prop_ro("seconds", &Device::seconds,
                   "What the GPU spent on all that was waited for.")
      .def("compile", &Device::compile, nb::arg("source"), nb::arg("fast_math"),
           nb::arg("language_version"), nb::call_guard<WithoutGIL>())
      .def(
          "load",
          [](const Device &device, nb::bytes metallib) {
            return device.load(metallib.data(), metallib.size());
          },
          nb::arg("metallib"))
      .def("allocate", &Device::allocate, nb::arg("bytes"))
      .def(
          "wrap",
          [](const Device &device, uintptr_t address,
             size_t bytes) -> nb::object {
            Buffer buffer =
                device.wrap(reinterpret_cast<void *>(address), bytes);
            return buffer.buffer ? nb::cast(std::move(buffer)) : nb::none();
          },
          nb::arg("address"), nb::arg("bytes"),
          nb::sig("def wrap(self, address: int, bytes: int) -> Buffer | None"),
          "Memory of the host as a buffer, without a copy; None where Metal "
          "does not take it. It has to live until the launches are done.")
      .def(
          "launch",
          [](Device &device, const Pipeline &pipeline, nb::list arguments,
             const Triple &grid, const Triple &block, bool threads) {
            std::vector<Argument> converted;
            converted.reserve(arguments.size());
            for (nb::handle argument : arguments)
              converted.push_back(toArgument(argument));
            // The list keeps what the arguments point to.
            WithoutGIL released;
            device.launch(pipeline, converted, toExtent(grid), toExtent(block),
                          threads);
          },
          nb::arg("pipeline"), nb::arg("arguments"), nb::arg("grid"),
          nb::arg("block"), nb::arg("threads"),
          nb::sig("def launch(self, pipeline: Pipeline, "
                  "arguments: list[tuple[int, Buffer | bytes | int]], "
                  "grid: tuple[int, int, int], block: tuple[int, int, int], "
                  "threads: bool) -> None"),
          "Launches a kernel. An argument is its index with a buffer, the "
          "bytes "
          "of a scalar, or the length of an array in threadgroup memory.")
      .def(
          "synchronize",
          [](Device &device) {
            bool isDone;
            {
              WithoutGIL released;
              isDone = device.synchronize([] {
                nb::gil_scoped_acquire acquire;
                return PyErr_CheckSignals() != 0;
              });
            }
            if (!isDone)
              throw nb::python_error();
          },
          "Wait for all launches. What handlers of signals raise ends the "
          "wait; what was launched goes on.")
      .def("start_capture", &Device::startCapture, nb::arg("path"),
           nb::call_guard<WithoutGIL>())
      .def("stop_capture", &Device::stopCapture, nb::call_guard<WithoutGIL>());

  m.def("open_device", &Device::open, nb::arg("objective_c"), nb::arg("metal"),
        "The default device, from the libraries of these paths.");
}
