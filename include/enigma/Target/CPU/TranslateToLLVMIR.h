// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The translation of kernels in flat form to LLVM IR, for a CPU.

#ifndef ENIGMA_TARGET_CPU_TRANSLATETOLLVMIR_H
#define ENIGMA_TARGET_CPU_TRANSLATETOLLVMIR_H

#include "enigma/Target/CPU/Checks.h"
#include "llvm/Support/LogicalResult.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace mlir {
class Operation;
} // namespace mlir

namespace enigma {

/// What a launch tells the function of a kernel.
struct CPULaunch {
  /// The address of each argument: of the first element of a buffer, or of the
  /// value of a scalar. Of a threadgroup array its bytes.
  void *const *arguments;
  /// Threads, and threadgroups, of the grid.
  uint32_t threads[3];
  uint32_t threadgroups[3];
  /// Takes what a thread tells the host: the index of the site, that of its
  /// threadgroup, its own in there, and the bits of the values of the site.
  void (*report)(void *log, uint32_t site, uint64_t threadgroup,
                 uint32_t thread, const uint64_t *values);
  void *log;
  /// Of a checked kernel: what its checks call, and, of each memory that it
  /// accesses, the elements, and whether it is followed who accesses them.
  void *checker = nullptr;
  const uint64_t *elements = nullptr;
  const uint8_t *isTracked = nullptr;
};

/// A place in a kernel that tells the host something.
struct CPUSite {
  /// "info" of a message, "fault" of what should not be.
  std::string level;
  /// As Python's `str.format` has it, with a field for each value.
  std::string format;
  /// Of each value, as "u32".
  std::vector<std::string> dtypes;
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
  /// The values of function constants, by index: their bytes as they are in
  /// memory. The others have their defaults.
  std::map<uint32_t, std::string> constants = {};
  /// Whether everything that may fault is checked before it is done.
  bool isChecked = false;
  /// Whether instructions know the lines of Python that they come from.
  bool hasLines = false;
};

/// What a launch has to know of the code of a kernel.
struct CPUInterface {
  /// The function, a `CPUEntry`.
  std::string name;
  /// The bytes that threadgroup arrays take whose length the kernel knows, and
  /// what a threadgroup keeps for its threads.
  uint64_t threadgroupBytes = 0;
  /// The arguments that are threadgroup arrays whose length the launch chooses.
  /// They are put behind those others, each at a multiple of
  /// `kThreadgroupAlignment`.
  std::vector<uint32_t> threadgroupArguments;
  std::vector<CPUSite> sites;
  /// What the checks of a checked kernel are about.
  std::vector<CPUCheckedMemory> checkedMemories;
  std::vector<CPUCheckSite> checkSites;
};

/// A kernel in LLVM IR: a module with the one function.
struct CPUKernel : CPUInterface {
  std::unique_ptr<llvm::Module> module;
  /// With `CPUOptions::hasLines`, the files that instructions come from: debug
  /// information calls a file by its number here.
  std::vector<std::string> files;
};

/// The alignment of threadgroup arrays, in bytes: that of a vector of 32
/// numbers of 64 bits, as which values are kept across barriers.
inline constexpr uint64_t kThreadgroupAlignment = 256;

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
