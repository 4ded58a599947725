// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma-c/Enigma.h"

#include "enigma/IR/EnigmaOps.h"
#include "enigma/IR/LayoutValue.h"
#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Target/MSL/TranslateToMSL.h"
#include "enigma/Utils/Locations.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/CAPI/Utils.h"

void enigmaRegisterEarlyDialects(MlirDialectRegistry registry) {
  enigma::registerEarlyDialects(*unwrap(registry));
}

void enigmaContextLoadLateOperations(MlirContext context) {
  enigma::loadLateOperations(*unwrap(context));
}

/// The name of an operation, which is loaded if the context has it not yet.
static mlir::OperationName getName(llvm::StringRef name,
                                   mlir::MLIRContext *context) {
  mlir::OperationName known(name, context);
  if (known.isRegistered())
    return known;
  // What is registered now takes the place of the name.
  enigma::loadLateOperations(*context);
  return mlir::OperationName(name, context);
}

void enigmaContextLoadOperation(MlirContext context, MlirStringRef name) {
  getName(unwrap(name), unwrap(context));
}

void enigmaRegisterPassesAndPipelines() {
  enigma::registerPassesAndPipelines();
}

/// Erases the operations of a region, each after what may use it.
static void eraseAll(mlir::Region &region) {
  // Several blocks may use each other's values.
  if (!region.hasOneBlock())
    return;
  mlir::Block &block = region.front();
  while (!block.empty()) {
    for (mlir::Region &inner : block.back().getRegions())
      eraseAll(inner);
    block.back().erase();
  }
}

void enigmaOperationEmpty(MlirOperation operation) {
  for (mlir::Region &region : unwrap(operation)->getRegions())
    eraseAll(region);
}

MlirOperation enigmaOperationCreate(
    MlirLocation location, MlirStringRef name, intptr_t numResults,
    const MlirType *results, intptr_t numOperands, const MlirValue *operands,
    intptr_t numAttributes, const MlirNamedAttribute *attributes,
    intptr_t numRegions) {
  llvm::SmallVector<mlir::Type, 4> resultTypes;
  llvm::SmallVector<mlir::Value, 8> operandValues;
  mlir::NamedAttrList named;
  for (intptr_t i = 0; i < numAttributes; ++i)
    named.append(unwrap(attributes[i].name), unwrap(attributes[i].attribute));
  return wrap(mlir::Operation::create(
      unwrap(location), getName(unwrap(name), unwrap(location)->getContext()),
      unwrapList(numResults, results, resultTypes),
      unwrapList(numOperands, operands, operandValues), std::move(named),
      mlir::OpaqueProperties(nullptr), /*successors=*/{}, numRegions));
}

MlirLogicalResult enigmaTranslateToMSL(MlirOperation operation,
                                       MlirStringCallback callback,
                                       EnigmaSourceLineCallback lineCallback,
                                       void *userData) {
  mlir::detail::CallbackOstream stream(callback, userData);
  // A text is written in many small parts.
  stream.SetBufferSize(/*Size=*/4096);
  enigma::SourceMap map;
  mlir::LogicalResult result = enigma::translateToMSL(
      unwrap(operation), stream, lineCallback ? &map : nullptr);
  stream.flush();
  if (failed(result))
    return mlirLogicalResultFailure();
  for (const enigma::SourceLine &line : map)
    lineCallback(line.line, wrap(line.file), line.fileLine, line.fileColumn,
                 userData);
  return mlirLogicalResultSuccess();
}

void enigmaPrintWithOrigins(MlirOperation operation,
                            MlirStringCallback callback,
                            EnigmaSourceLineCallback lineCallback,
                            void *userData) {
  mlir::detail::CallbackOstream stream(callback, userData);
  enigma::printWithOrigins(
      unwrap(operation), stream,
      [&](unsigned line, mlir::FileLineColLoc origin) {
        lineCallback(line, wrap(origin.getFilename().getValue()),
                     origin.getLine(), origin.getColumn(), userData);
      });
}

int64_t enigmaKernelGetThreadgroupBytes(MlirOperation kernel) {
  return llvm::cast<enigma::KernelOp>(unwrap(kernel)).getThreadgroupBytes();
}

MlirStringRef enigmaGetMSLVersion(MlirOperation operation) {
  return wrap(enigma::getMSLVersion(unwrap(operation)));
}

void enigmaWarnOfFastMath(MlirOperation operation) {
  enigma::warnOfFastMath(unwrap(operation));
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
