// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translates kernels to other languages.

#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Target/MSL/TranslateToMSL.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"

int main(int argc, char **argv) {
  mlir::TranslateFromMLIRRegistration toMSL(
      "enigma-to-msl", "Kernels in flat form to the Metal Shading Language",
      [](mlir::Operation *op, llvm::raw_ostream &os) {
        return enigma::translateToMSL(op, os);
      },
      enigma::registerDialects);
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "Enigma's translation driver"));
}
