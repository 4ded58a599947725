// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Frames.h"

// Python makes an object of each frame that it is asked for, which takes longer
// than what is to be found out. Its own header says what frames are; they
// differ from version to version, and are read where this was tried.
#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000
#define ENIGMA_READS_FRAMES
#define Py_BUILD_CORE
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE
#endif

namespace nb = nanobind;

#ifdef ENIGMA_READS_FRAMES

void enigma::python::visitFrames(
    llvm::function_ref<bool(PyObject *, int)> visit) {
  for (_PyInterpreterFrame *frame = PyThreadState_Get()->cframe->current_frame;
       frame; frame = frame->previous) {
    if (_PyFrame_IsIncomplete(frame))
      continue;
    int instruction = _PyInterpreterFrame_LASTI(frame) * sizeof(_Py_CODEUNIT);
    if (visit(reinterpret_cast<PyObject *>(frame->f_code), instruction))
      return;
  }
}

#else

void enigma::python::visitFrames(
    llvm::function_ref<bool(PyObject *, int)> visit) {
  auto object = [](auto *borrowed) {
    return nb::steal(reinterpret_cast<PyObject *>(borrowed));
  };
  nb::object current =
      nb::borrow(reinterpret_cast<PyObject *>(PyEval_GetFrame()));
  while (current.is_valid()) {
    auto *frame = reinterpret_cast<PyFrameObject *>(current.ptr());
    nb::object code = object(PyFrame_GetCode(frame));
    if (visit(code.ptr(), nb::cast<int>(current.attr("f_lasti"))))
      return;
    current = object(PyFrame_GetBack(frame));
  }
}

#endif

nb::dict enigma::python::getVariables(nb::handle frame) {
  nb::object variables = frame.attr("f_locals");
  // Since Python 3.13 they are no dict.
  if (!PyDict_CheckExact(variables.ptr()))
    variables = nb::module_::import_("builtins").attr("dict")(variables);
  return nb::borrow<nb::dict>(variables);
}

#if PY_VERSION_HEX >= 0x030C0000

nb::object enigma::python::getVariable(nb::handle frame, nb::handle name) {
  PyObject *value = PyFrame_GetVar(
      reinterpret_cast<PyFrameObject *>(frame.ptr()), name.ptr());
  if (!value) {
    if (!PyErr_ExceptionMatches(PyExc_NameError))
      throw nb::python_error();
    PyErr_Clear();
  }
  return nb::steal(value);
}

#elif defined(ENIGMA_READS_FRAMES)

nb::object enigma::python::getVariable(nb::handle frame, nb::handle name) {
  _PyInterpreterFrame *data =
      reinterpret_cast<PyFrameObject *>(frame.ptr())->f_frame;
  PyCodeObject *code = data->f_code;
  // Names in code are interned, and most that are asked for.
  PyObject *interned = nb::borrow(name).release().ptr();
  PyUnicode_InternInPlace(&interned);
  nb::object wanted = nb::steal(interned);
  for (int i = 0; i < code->co_nlocalsplus; ++i) {
    if (PyTuple_GET_ITEM(code->co_localsplusnames, i) != interned)
      continue;
    PyObject *value = data->localsplus[i];
    auto kind = static_cast<unsigned char>(
        PyBytes_AS_STRING(code->co_localspluskinds)[i]);
    bool isShared = kind & (CO_FAST_CELL | CO_FAST_FREE);
    if (value && isShared && PyCell_Check(value))
      value = PyCell_GET(value);
    return nb::borrow(value);
  }
  return {};
}

#else

nb::object enigma::python::getVariable(nb::handle frame, nb::handle name) {
  PyObject *value =
      PyDict_GetItemWithError(getVariables(frame).ptr(), name.ptr());
  if (!value && PyErr_Occurred())
    throw nb::python_error();
  return nb::borrow(value);
}

#endif
