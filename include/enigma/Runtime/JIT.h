// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels as machine code of this CPU.

#ifndef ENIGMA_RUNTIME_JIT_H
#define ENIGMA_RUNTIME_JIT_H

#include "enigma/Runtime/Checker.h"
#include "enigma/Target/CPU/TranslateToLLVMIR.h"
#include "llvm/ADT/StringRef.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace enigma {

/// Machine code of a kernel for one size of threadgroups.
struct CPUCode : CPUInterface {
  CPUEntry entry = nullptr;
  /// What keeps it in memory.
  std::shared_ptr<void> loaded;
};

/// What a thread told while it ran.
struct CPUMessage {
  CPUSite site;
  /// The index of the threadgroup, and that of the thread in it.
  uint64_t threadgroup;
  uint32_t thread;
  /// The bits of the values.
  std::vector<uint64_t> values;
};

/// A line of the text of code, counted from 1, and the line of Python that it
/// comes from.
struct CPULine {
  unsigned line;
  std::string file;
  unsigned fileLine, fileColumn;
};

/// A kernel in flat form, with the code that it was compiled to for sizes of
/// threadgroups. Threads may share it.
class CPUProgram {
public:
  using Extents = std::array<int64_t, 3>;
  using Constants = std::map<uint32_t, std::string>;

  /// `text` is the kernel in a module, or its bytecode; `constants` are those
  /// of `CPUOptions`.
  explicit CPUProgram(std::string text, Constants constants = {})
      : text(std::move(text)), constants(std::move(constants)) {}

  /// What a launch needs and is not loaded: the code for full threadgroups
  /// (false), and that for smaller ones at the end of the grid (true).
  std::vector<bool> findMissing(const Extents &threads, const Extents &block);

  /// Gives the code for a size of threadgroups to `output`, as bytes that any
  /// process may load on a CPU of this kind. Returns what is wrong with the
  /// kernel; empty if nothing.
  std::string compile(const Extents &block, bool isRagged, std::string &output);

  /// Loads what `compile` gave; returns what is wrong with it.
  std::string load(const Extents &block, bool isRagged, llvm::StringRef code);

  /// Runs the threads of a grid, each threadgroup on one thread of the pool;
  /// nothing may be missing. Threadgroups at the end have fewer threads than
  /// `block` where that does not divide the grid. Gives what threads told, in
  /// the order of the threads. Returns whether there was memory for all
  /// threadgroups.
  bool launch(void *const *arguments, const Extents &threads,
              const Extents &block, std::vector<CPUMessage> &messages);

  /// Runs them with checks, one threadgroup after the other, on this thread, up
  /// to the first fault, which is given to `fault`. The arguments have so many
  /// bytes. Returns why it cannot.
  std::string check(void *const *arguments, const uint64_t *bytes,
                    const Extents &threads, const Extents &block,
                    std::optional<CPUFault> &fault,
                    std::vector<CPUMessage> &messages);

  enum class Form { UnoptimizedIR, IR, Assembly };
  /// Gives a form of the code to `output`, and to `lines` where its lines come
  /// from; returns what is wrong.
  std::string print(const Extents &block, bool isRagged, Form form,
                    std::string &output, std::vector<CPULine> &lines);

private:
  CPUOptions getOptions(const Extents &block, bool isRagged,
                        bool isChecked = false) const {
    return {block, isRagged, constants, isChecked};
  }
  std::shared_ptr<const CPUCode> find(const Extents &block, bool isRagged,
                                      bool isChecked = false);
  /// Loads code, and keeps it; returns what is wrong with it.
  std::string load(const Extents &block, bool isRagged, bool isChecked,
                   CPUInterface &&interface, llvm::StringRef object);

  std::string text;
  Constants constants;
  std::mutex mutex;
  /// By the size of threadgroups, whether they may be smaller, and whether the
  /// code is checked.
  std::map<std::tuple<Extents, bool, bool>, std::shared_ptr<const CPUCode>>
      codes;
};

/// The CPU that code is made for: its name and features.
std::string getHostCPU();

} // namespace enigma

#endif // ENIGMA_RUNTIME_JIT_H
