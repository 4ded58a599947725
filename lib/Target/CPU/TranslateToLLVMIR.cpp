// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Target/CPU/TranslateToLLVMIR.h"

#include "Checks.h"
#include "DebugLines.h"

#include "enigma/Analysis/FlatForm.h"
#include "llvm/IR/Verifier.h"

using namespace mlir;
using namespace enigma;

FailureOr<CPUKernel> enigma::translateToLLVMIR(Operation *op,
                                               llvm::LLVMContext &context,
                                               const CPUOptions &options) {
  auto kernel = dyn_cast<KernelOp>(op);
  if (!kernel)
    return op->emitError() << "is no kernel";
  if (failed(checkFlatForm(kernel, "has no translation for a CPU: ")))
    return failure();
  CPUKernel result;
  result.name = kernel.getSymName().str();
  result.module = std::make_unique<llvm::Module>(result.name, context);
  cpu::Lowering lowering(kernel, *result.module, options);
  if (failed(lowering.run(result.name)))
    return failure();
  lowering.describe(result);
  if (lowering.lines)
    result.files = lowering.lines->takeFiles();
  if (lowering.checks)
    lowering.checks->describe(result);
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(*result.module, &stream))
    return op->emitError() << "is translated to LLVM IR that is not valid: "
                           << problem;
  return result;
}
