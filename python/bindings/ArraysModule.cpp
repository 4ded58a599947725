// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_arrays`: the memory of arrays of other libraries.

#include "nanobind/nanobind.h"
#include "nanobind/stl/string.h"

#include <stdexcept>
#include <string>

namespace nb = nanobind;

namespace {
/// The memory of an object with the buffer protocol, which stays while this is
/// there.
class View {
public:
  View(nb::handle object, bool isWritten) {
    if (PyObject_GetBuffer(object.ptr(), &buffer,
                           isWritten ? PyBUF_FULL : PyBUF_FULL_RO) != 0)
      throw nb::python_error();
  }
  View(const View &) = delete;
  View &operator=(const View &) = delete;
  ~View() { PyBuffer_Release(&buffer); }

  nb::tuple getExtents(const Py_ssize_t *extents) const {
    nb::list list;
    for (int i = 0; extents && i < buffer.ndim; ++i)
      list.append(static_cast<Py_ssize_t>(extents[i]));
    return nb::tuple(list);
  }

  Py_buffer buffer = {};
};
} // namespace

NB_MODULE(_arrays, m) {
  m.doc() = "The memory of arrays of other libraries.";
  nb::class_<View>(m, "View",
                   "The memory of an object with the buffer protocol; "
                   "BufferError if it is read-only and has to be written.")
      .def(nb::init<nb::handle, bool>(), nb::arg("object"),
           nb::arg("is_written") = false)
      .def_prop_ro("address",
                   [](const View &view) {
                     return reinterpret_cast<uintptr_t>(view.buffer.buf);
                   },
                   "Of the first element.")
      .def_prop_ro("nbytes",
                   [](const View &view) { return view.buffer.len; },
                   "Bytes of all elements.")
      .def_prop_ro("itemsize",
                   [](const View &view) { return view.buffer.itemsize; },
                   "Bytes of an element.")
      .def_prop_ro("format",
                   [](const View &view) {
                     return std::string(view.buffer.format ? view.buffer.format
                                                           : "B");
                   },
                   "What an element is, as `struct` writes it.")
      .def_prop_ro("shape",
                   [](const View &view) {
                     return view.getExtents(view.buffer.shape);
                   },
                   "Elements along each dimension.")
      .def_prop_ro("strides",
                   [](const View &view) {
                     return view.getExtents(view.buffer.strides);
                   },
                   "Bytes from an element to the next along each dimension.")
      .def_prop_ro("is_contiguous",
                   [](const View &view) {
                     return PyBuffer_IsContiguous(&view.buffer, 'C') == 1;
                   },
                   "Whether elements follow one another, the last dimension "
                   "fastest.");
}
