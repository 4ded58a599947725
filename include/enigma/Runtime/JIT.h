// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels as machine code of this CPU.

#ifndef ENIGMA_RUNTIME_JIT_H
#define ENIGMA_RUNTIME_JIT_H

#include "enigma/Target/CPU/TranslateToLLVMIR.h"

#include <map>
#include <mutex>
#include <string>

namespace enigma {

/// Machine code of a kernel for one size of threadgroups.
struct CPUCode {
  CPUEntry entry = nullptr;
  uint64_t threadgroupBytes = 0;
};

/// A kernel in flat form, which is compiled for a size of threadgroups when it
/// is first launched with it. Threads may share it.
class CPUProgram {
public:
  using Extents = std::array<int64_t, 3>;

  /// `text` is the kernel in a module, or its bytecode.
  explicit CPUProgram(std::string text) : text(std::move(text)) {}

  /// Runs the threads of a grid, each threadgroup on one thread of the pool.
  /// Threadgroups at the end have fewer threads than `block` where that does
  /// not divide the grid. Returns what is wrong with the kernel; empty if
  /// nothing.
  std::string launch(void *const *arguments, const Extents &threads,
                     const Extents &block);

  enum class Form { UnoptimizedIR, IR, Assembly };
  /// Gives a form of the code to `output`; returns what is wrong.
  std::string print(const CPUOptions &options, Form form, std::string &output);

private:
  std::string find(const CPUOptions &options, CPUCode &code);

  std::string text;
  std::mutex mutex;
  std::map<std::pair<Extents, bool>, CPUCode> codes;
};

} // namespace enigma

#endif // ENIGMA_RUNTIME_JIT_H
