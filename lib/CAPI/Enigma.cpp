// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma-c/Enigma.h"

#include "enigma/Pipelines/Pipelines.h"
#include "mlir/CAPI/IR.h"

void enigmaRegisterDialects(MlirDialectRegistry registry) {
  enigma::registerDialects(*unwrap(registry));
}

void enigmaRegisterPassesAndPipelines() {
  enigma::registerPassesAndPipelines();
}
