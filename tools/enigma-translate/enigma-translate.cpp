// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Translates kernels to other languages.

#include "../Version.h"
#include "enigma/IR/EnigmaOps.h"
#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Target/CPU/TranslateToLLVMIR.h"
#include "enigma/Target/MSL/TranslateToMSL.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/IR/Module.h"

/// Writes the kernels of a module, for threadgroups as they say or the tool is
/// told.
static mlir::LogicalResult printLLVMIR(mlir::Operation *op,
                                       llvm::ArrayRef<int64_t> block,
                                       bool isRagged, bool isChecked,
                                       llvm::raw_ostream &os) {
  if (block.size() > 3 || llvm::any_of(block, [](int64_t n) { return n < 1; }))
    return op->emitError("-block is one to three positive numbers, of the "
                         "threads in x, y and z");
  bool isEmpty = true;
  mlir::WalkResult result = op->walk([&](enigma::KernelOp kernel) {
    isEmpty = false;
    enigma::CPUOptions options;
    options.isRagged = isRagged;
    options.isChecked = isChecked;
    llvm::ArrayRef<int64_t> extents = block;
    if (extents.empty())
      extents = kernel.getBlock().value_or(llvm::ArrayRef<int64_t>());
    for (auto [extent, given] : llvm::zip(options.block, extents))
      extent = given;
    llvm::LLVMContext context;
    auto translated = enigma::translateToLLVMIR(kernel, context, options);
    if (failed(translated))
      return mlir::WalkResult::interrupt();
    translated->module->print(os, nullptr);
    return mlir::WalkResult::advance();
  });
  if (isEmpty)
    return op->emitError("holds no 'enigma.kernel' to translate to LLVM IR");
  return mlir::failure(result.wasInterrupted());
}

int main(int argc, char **argv) {
  enigma::nameVersion();
  mlir::TranslateFromMLIRRegistration toMSL(
      "enigma-to-msl", "Kernels in flat form to the Metal Shading Language",
      [](mlir::Operation *op, llvm::raw_ostream &os) {
        return enigma::translateToMSL(op, os);
      },
      enigma::registerDialects);
  llvm::cl::list<int64_t> block(
      "block", llvm::cl::CommaSeparated,
      llvm::cl::desc("Threads of a threadgroup on a CPU, in x, y and z"));
  llvm::cl::opt<bool> isRagged(
      "ragged", llvm::cl::desc("Let threadgroups at the end of the grid have "
                               "fewer threads"));
  llvm::cl::opt<bool> isChecked(
      "checked", llvm::cl::desc("Check everything that may fault before it is "
                                "done"));
  mlir::TranslateFromMLIRRegistration toLLVMIR(
      "enigma-to-llvmir", "Kernels in flat form to LLVM IR for a CPU",
      [&](mlir::Operation *op, llvm::raw_ostream &os) {
        llvm::SmallVector<int64_t> extents(block.begin(), block.end());
        return printLLVMIR(op, extents, isRagged, isChecked, os);
      },
      enigma::registerDialects);
  return mlir::failed(mlir::mlirTranslateMain(
      argc, argv,
      "Translates Enigma kernels in flat form to other languages\n\n"
      "From a kernel as traced to Metal Shading Language, and to LLVM IR:\n"
      "  enigma-opt --enigma-clean --enigma-to-flat --emit-bytecode "
      "kernel.mlir |\n"
      "  enigma-translate --enigma-to-msl\n"
      "  enigma-opt --enigma-clean --enigma-to-flat kernel.mlir |\n"
      "  enigma-translate --enigma-to-llvmir --block=64,1,1\n"));
}
