// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The translation of kernels in flat form to LLVM IR, for a CPU.

#ifndef ENIGMA_TARGET_CPU_TRANSLATETOLLVMIR_H
#define ENIGMA_TARGET_CPU_TRANSLATETOLLVMIR_H

#include "mlir/IR/Operation.h"

#include <array>
#include <cstdint>
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace enigma {

/// What a launch tells the function of a kernel.
struct CPULaunch {
  /// The address of each argument: of the first element of a buffer, or of the
  /// value of a scalar.
  void *const *arguments;
  /// Threads, and threadgroups, of the grid.
  uint32_t threads[3];
  uint32_t threadgroups[3];
};

/// Runs the threadgroups from `first` to before `last`, counted in x, then in y
/// and z. `memory` is aligned by 64 bytes, for the threadgroup arrays.
using CPUEntry = void (*)(const CPULaunch *launch, uint64_t first,
                          uint64_t last, void *memory);

struct CPUOptions {
  /// Threads of a threadgroup.
  std::array<int64_t, 3> block = {32, 1, 1};
  /// Whether threadgroups at the end of the grid may have fewer threads.
  bool isRagged = false;
};

/// A kernel in LLVM IR: a module with the one function `name`, a `CPUEntry`.
struct CPUKernel {
  std::unique_ptr<llvm::Module> module;
  std::string name;
  /// The bytes that threadgroup arrays take.
  uint64_t threadgroupBytes = 0;
};

/// Translates a kernel in flat form. Emits an error on the operation that has
/// no translation.
///
/// A SIMD group is 32 lanes. What differs between them is a vector of that
/// many, and what does not a scalar; of a number that grows from lane to lane
/// only the first is kept. Branches that lanes do not take together are run one
/// after the other, under masks. Barriers split a kernel into loops over SIMD
/// groups; values that live across them are kept in arrays.
llvm::FailureOr<CPUKernel> translateToLLVMIR(mlir::Operation *kernel,
                                             llvm::LLVMContext &context,
                                             const CPUOptions &options);

} // namespace enigma

#endif // ENIGMA_TARGET_CPU_TRANSLATETOLLVMIR_H
