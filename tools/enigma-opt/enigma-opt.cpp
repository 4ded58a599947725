// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs passes and pipelines on kernels: the tool of FileCheck tests.

#include "../Version.h"
#include "TestPasses.h"
#include "enigma/Pipelines/Pipelines.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  enigma::nameVersion();
  mlir::DialectRegistry registry;
  enigma::registerDialects(registry);
  enigma::registerPassesAndPipelines();
  enigma::registerTestPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv,
      "Runs passes and pipelines on Enigma kernels\n\n"
      "From a kernel as traced to Metal Shading Language:\n"
      "  enigma-opt --enigma-clean --enigma-to-flat=vec-width=4 kernel.mlir |\n"
      "  enigma-translate --enigma-to-msl\n"
      "The same from what `enigma compile --emit reproducer` wrote, with the\n"
      "options and the names that it had:\n"
      "  enigma-opt --run-reproducer --emit-bytecode kernel.mlir |\n"
      "  enigma-translate --enigma-to-msl\n",
      registry));
}
