// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Modules.h"

#include "enigma-c/Enigma.h"
#include "mlir/Bindings/Python/IRCore.h"

namespace nb = nanobind;
using namespace mlir::python::MLIR_BINDINGS_PYTHON_DOMAIN;

namespace {
/// A module, emptied before it goes unless others need it.
class HeldModule {
public:
  explicit HeldModule(PyModule &module) : module(module.getRef()) {}
  HeldModule(const HeldModule &) = delete;
  HeldModule &operator=(const HeldModule &) = delete;
  ~HeldModule() {
    // Python's operations that were built in it refer to it too.
    if (module.getRefCount() == 1)
      enigmaModuleEmpty(module->get());
  }

  nb::object get() { return module.getObject(); }

private:
  PyModuleRef module;
};
} // namespace

void enigma::python::registerModules(nb::module_ &m) {
  nb::class_<HeldModule>(
      m, "HeldModule",
      "Holds a module, of which nothing is left in Python but what needs it.")
      .def(nb::init<PyModule &>(), nb::arg("module"),
           nb::sig("def __init__(self, module: enigma._mlir.ir.Module) -> "
                   "None"))
      .def_prop_ro("module", &HeldModule::get,
                   nb::sig("def module(self) -> enigma._mlir.ir.Module"),
                   "The module.");
}
