// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_enigma`: dialects, passes and the translation.

#include "enigma-c/Enigma.h"
#include "mlir/Bindings/Python/NanobindAdaptors.h"

namespace nb = nanobind;

NB_MODULE(_enigma, m) {
  m.doc() = "Enigma's dialects, passes and translation";
  enigmaRegisterPassesAndPipelines();

  m.def(
      "register_dialects",
      [](MlirDialectRegistry registry) { enigmaRegisterDialects(registry); },
      nb::arg("registry"), "Registers the dialects that a kernel may contain.");
}
