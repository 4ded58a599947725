// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Makes a kernel that shows a fault as small as it can be.

#include "../Version.h"
#include "enigma/Pipelines/Pipelines.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  enigma::nameVersion();
  llvm::cl::extrahelp help(
      "\nMakes an Enigma kernel as small as a script still finds interesting,\n"
      "which it says by exit status 1:\n"
      "  enigma-reduce kernel.mlir --pass-pipeline='builtin.module("
      "enigma.kernel(reduction-tree{traversal-mode=0 test=script.sh}))'\n");
  enigma::registerPassesAndPipelines();
  mlir::DialectRegistry registry;
  enigma::registerDialects(registry);
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
