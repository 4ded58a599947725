// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma-c/Enigma.h"

#include "enigma/IR/LayoutValue.h"
#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Target/MSL/TranslateToMSL.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/CAPI/Utils.h"

void enigmaRegisterDialects(MlirDialectRegistry registry) {
  enigma::registerDialects(*unwrap(registry));
}

void enigmaRegisterPassesAndPipelines() {
  enigma::registerPassesAndPipelines();
}

MlirLogicalResult enigmaTranslateToMSL(MlirOperation operation,
                                       MlirStringCallback callback,
                                       void *userData) {
  mlir::detail::CallbackOstream stream(callback, userData);
  return wrap(enigma::translateToMSL(unwrap(operation), stream));
}

void enigmaTypeGetLayout(MlirType type, MlirStringCallback callback,
                         void *userData) {
  auto value = enigma::LayoutValue::get(
      unwrap(type), [](const enigma::layout::Int &leaf) { return leaf; });
  if (!value.hasLayout())
    return;
  mlir::detail::CallbackOstream stream(callback, userData);
  stream << (value.isSwizzled() ? value.layout.str()
                                : value.layout.layout().str());
}
