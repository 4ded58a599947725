// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/JIT.h"

#include "MachineCode.h"
#include "ObjectLoader.h"

#include "enigma/IR/EnigmaOps.h"
#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Runtime/Interruption.h"
#include "enigma/Runtime/ThreadPool.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"

#include <atomic>

using namespace enigma;

//===----------------------------------------------------------------------===//
// From a kernel to LLVM IR
//===----------------------------------------------------------------------===//

namespace {
/// LLVM IR of a kernel with what it lives in.
struct Translated {
  llvm::LLVMContext context;
  CPUKernel kernel;
};
} // namespace

/// Parses and translates a kernel; returns what is wrong.
static std::string translate(llvm::StringRef text, const CPUOptions &options,
                             Translated &result) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  std::string error;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error &&
            error.empty())
          error = diagnostic.str();
        return mlir::success();
      });
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    return error.empty() ? "it is no module" : error;
  auto kernels = module->getOps<KernelOp>();
  if (kernels.empty())
    return "it has no kernel";
  auto kernel = translateToLLVMIR(*kernels.begin(), result.context, options);
  if (failed(kernel))
    return error.empty() ? "it cannot be translated" : error;
  result.kernel = std::move(*kernel);
  return {};
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

std::string CPUProgram::load(const Extents &block, bool isRagged,
                             bool isChecked, CPUInterface &&interface,
                             llvm::StringRef object) {
  auto code = std::make_shared<CPUCode>();
  static_cast<CPUInterface &>(*code) = std::move(interface);
  std::string error = loadObject(object, code->name, code->entry, code->loaded);
  if (!error.empty())
    return error;
  std::lock_guard<std::mutex> lock(mutex);
  codes.try_emplace({block, isRagged, isChecked}, std::move(code));
  return {};
}

//===----------------------------------------------------------------------===//
// Code as bytes
//===----------------------------------------------------------------------===//

/// The bytes of what describes the code, before it.
static constexpr size_t kLengthBytes = 8;

static std::string write(const CPUInterface &kernel, llvm::StringRef object) {
  llvm::json::Array sites;
  for (const CPUSite &site : kernel.sites)
    sites.push_back(
        llvm::json::Object{{"level", site.level},
                           {"format", site.format},
                           {"dtypes", llvm::json::Array(site.dtypes)}});
  std::string description;
  llvm::raw_string_ostream(description) << llvm::json::Value(llvm::json::Object{
      {"name", kernel.name},
      {"threadgroup_bytes", kernel.threadgroupBytes},
      {"threadgroup_arguments", llvm::json::Array(kernel.threadgroupArguments)},
      {"sites", std::move(sites)}});
  std::string code(kLengthBytes, 0);
  llvm::support::endian::write64le(code.data(), description.size());
  code += description;
  code += object;
  return code;
}

// Where LLVM looks for it.
namespace enigma {
static bool fromJSON(const llvm::json::Value &value, CPUSite &site,
                     llvm::json::Path path) {
  llvm::json::ObjectMapper map(value, path);
  return map && map.map("level", site.level) &&
         map.map("format", site.format) && map.map("dtypes", site.dtypes);
}
} // namespace enigma

/// Reads what `write` gave; returns what is wrong with it.
static std::string read(llvm::StringRef code, CPUInterface &kernel,
                        llvm::StringRef &object) {
  if (code.size() < kLengthBytes)
    return "the code is cut off";
  uint64_t length = llvm::support::endian::read64le(code.data());
  code = code.drop_front(kLengthBytes);
  if (code.size() < length)
    return "the code is cut off";
  object = code.drop_front(length);
  llvm::Expected<llvm::json::Value> value =
      llvm::json::parse(code.take_front(length));
  if (!value)
    return llvm::toString(value.takeError());
  llvm::json::Path::Root root;
  llvm::json::ObjectMapper map(*value, root);
  if (!map || !map.map("name", kernel.name) ||
      !map.map("threadgroup_bytes", kernel.threadgroupBytes) ||
      !map.map("threadgroup_arguments", kernel.threadgroupArguments) ||
      !map.map("sites", kernel.sites))
    return llvm::toString(root.getError());
  return {};
}

/// Gives an object file of a kernel; returns what is wrong.
static std::string compileObject(llvm::StringRef text,
                                 const CPUOptions &options,
                                 Translated &translated,
                                 llvm::SmallVectorImpl<char> &object) {
  std::string error = translate(text, options, translated);
  return error.empty() ? generateObject(translated.kernel, object) : error;
}

std::string CPUProgram::compile(const Extents &block, bool isRagged,
                                std::string &output) {
  Translated translated;
  llvm::SmallString<0> object;
  std::string error =
      compileObject(text, getOptions(block, isRagged), translated, object);
  if (error.empty())
    output = write(translated.kernel, object);
  return error;
}

std::string CPUProgram::load(const Extents &block, bool isRagged,
                             llvm::StringRef code) {
  CPUInterface interface;
  llvm::StringRef object;
  std::string error = read(code, interface, object);
  if (!error.empty())
    return error;
  return load(block, isRagged, /*isChecked=*/false, std::move(interface),
              object);
}

std::string CPUProgram::print(const Extents &block, bool isRagged, Form form,
                              std::string &output,
                              std::vector<CPULine> &lines) {
  CPUOptions options = getOptions(block, isRagged);
  options.hasLines = true;
  Translated translated;
  std::string error = translate(text, options, translated);
  return error.empty() ? printCode(translated.kernel, form, output, lines)
                       : error;
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

namespace {
/// The memory of a threadgroup. A thread keeps it for the next one, but not
/// while it is used: a handler of signals may launch something out of a kernel.
class ThreadgroupMemory {
public:
  explicit ThreadgroupMemory(uint64_t bytes) : own(std::exchange(kept, {})) {
    if (own.bytes >= bytes)
      return;
    own.data.reset(std::aligned_alloc(
        kThreadgroupAlignment, llvm::alignTo(bytes, kThreadgroupAlignment)));
    own.bytes = own.data ? bytes : 0;
  }
  ~ThreadgroupMemory() { kept = std::move(own); }
  ThreadgroupMemory(const ThreadgroupMemory &) = delete;

  void *get() const { return own.data.get(); }
  uint64_t size() const { return own.bytes; }

private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  struct Block {
    std::unique_ptr<void, Free> data;
    uint64_t bytes = 0;
  };

  static thread_local Block kept;
  Block own;
};
thread_local ThreadgroupMemory::Block ThreadgroupMemory::kept;

/// What comes of a launch besides what kernels write.
struct Outcome {
  std::mutex mutex;
  std::vector<CPUMessage> &messages;
  std::atomic<bool> lacksMemory{false};
};

/// Takes what threads tell while some code runs.
struct Log {
  const std::vector<CPUSite> *sites;
  Outcome *outcome;

  static void report(void *log, uint32_t site, uint64_t threadgroup,
                     uint32_t thread, const uint64_t *values) {
    Callback callback;
    auto &self = *static_cast<Log *>(log);
    const CPUSite &found = (*self.sites)[site];
    std::lock_guard<std::mutex> lock(self.outcome->mutex);
    self.outcome->messages.push_back(
        {found, threadgroup, thread, {values, values + found.dtypes.size()}});
  }
};

/// How the threads of a grid make up threadgroups.
struct Groups {
  Groups(const CPUProgram::Extents &threads, const CPUProgram::Extents &block) {
    for (unsigned i : {0, 1, 2}) {
      all[i] = llvm::divideCeil(threads[i], block[i]);
      full[i] = threads[i] / block[i];
    }
    isRagged = full != all;
    hasFull = full[0] != 0 && full[1] != 0 && full[2] != 0;
  }

  uint64_t size() const {
    return static_cast<uint64_t>(all[0]) * all[1] * all[2];
  }

  /// Threadgroups, and those that have as many threads as they may.
  CPUProgram::Extents all, full;
  bool isRagged, hasFull;
};

CPULaunch describe(void *const *arguments, const CPUProgram::Extents &threads,
                   const Groups &groups) {
  CPULaunch launch = {arguments, {}, {}, nullptr, nullptr};
  for (unsigned i : {0, 1, 2}) {
    launch.threads[i] = static_cast<uint32_t>(threads[i]);
    launch.threadgroups[i] = static_cast<uint32_t>(groups.all[i]);
  }
  return launch;
}

/// Code with what it is called with.
class Call {
public:
  Call(std::shared_ptr<const CPUCode> given, const CPULaunch &forAll,
       Outcome &outcome)
      : code(std::move(given)), launch(forAll), outcome(outcome) {
    if (!code)
      return;
    log = {&code->sites, &outcome};
    launch.report = Log::report;
    launch.log = &log;
    bytes = code->threadgroupBytes;
    for (uint32_t argument : code->threadgroupArguments)
      bytes +=
          llvm::alignTo(reinterpret_cast<uintptr_t>(launch.arguments[argument]),
                        kThreadgroupAlignment);
  }
  Call(const Call &) = delete;

  void run(uint64_t first, uint64_t last) const {
    if (first >= last)
      return;
    ThreadgroupMemory memory(bytes);
    if (memory.size() < bytes) {
      outcome.lacksMemory = true;
      return;
    }
    auto call = [&] { code->entry(&launch, first, last, memory.get()); };
    callKernel(
        [](const void *data) {
          (*static_cast<const decltype(call) *>(data))();
        },
        &call);
  }

private:
  std::shared_ptr<const CPUCode> code;
  CPULaunch launch;
  Outcome &outcome;
  Log log = {};
  uint64_t bytes = 0;
};
} // namespace

std::shared_ptr<const CPUCode> CPUProgram::find(const Extents &block,
                                                bool isRagged, bool isChecked) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = codes.find({block, isRagged, isChecked});
  return it == codes.end() ? nullptr : it->second;
}

std::vector<bool> CPUProgram::findMissing(const Extents &threads,
                                          const Extents &block) {
  Groups groups(threads, block);
  std::vector<bool> missing;
  if (groups.hasFull && !find(block, false))
    missing.push_back(false);
  if (groups.isRagged && !find(block, true))
    missing.push_back(true);
  return missing;
}

bool CPUProgram::launch(void *const *arguments, const Extents &threads,
                        const Extents &block,
                        std::vector<CPUMessage> &messages) {
  Groups groups(threads, block);
  CPULaunch forAll = describe(arguments, threads, groups);
  Outcome outcome{{}, messages};
  Call full(groups.hasFull ? find(block, false) : nullptr, forAll, outcome);
  Call ragged(groups.isRagged ? find(block, true) : nullptr, forAll, outcome);
  auto row = static_cast<uint64_t>(groups.all[0]);
  runInParallel(groups.size(), [&](uint64_t first, uint64_t last) {
    if (!groups.isRagged)
      return full.run(first, last);
    // The full threadgroups of a row come first.
    while (first < last) {
      uint64_t start = first / row * row, end = std::min(start + row, last);
      uint64_t y = first / row % groups.all[1], z = first / row / groups.all[1];
      bool isFull = y < static_cast<uint64_t>(groups.full[1]) &&
                    z < static_cast<uint64_t>(groups.full[2]);
      uint64_t middle =
          std::clamp(start + (isFull ? groups.full[0] : 0), first, end);
      full.run(first, middle);
      ragged.run(middle, end);
      first = end;
    }
  });
  llvm::stable_sort(messages, [](const CPUMessage &a, const CPUMessage &b) {
    return std::tie(a.threadgroup, a.thread) <
           std::tie(b.threadgroup, b.thread);
  });
  return !outcome.lacksMemory;
}

//===----------------------------------------------------------------------===//
// Checked launches
//===----------------------------------------------------------------------===//

std::string CPUProgram::check(void *const *arguments, const uint64_t *bytes,
                              const Extents &threads, const Extents &block,
                              std::optional<CPUFault> &fault,
                              std::vector<CPUMessage> &messages) {
  Groups groups(threads, block);
  // One code for all threadgroups has one table of sites.
  bool isRagged = groups.isRagged;
  std::string error;
  if (!find(block, isRagged, /*isChecked=*/true)) {
    Translated translated;
    llvm::SmallString<0> object;
    error = compileObject(text, getOptions(block, isRagged, /*isChecked=*/true),
                          translated, object);
    if (error.empty())
      error = load(block, isRagged, /*isChecked=*/true,
                   std::move(translated.kernel), object);
    if (!error.empty())
      return error;
  }
  auto code = find(block, isRagged, /*isChecked=*/true);
  Checker checker(code->checkedMemories, code->checkSites, threads, block);
  error = checker.prepare(arguments, bytes);
  if (!error.empty())
    return error;
  CPULaunch launch = describe(arguments, threads, groups);
  launch.checker = &checker;
  launch.elements = checker.getElements();
  launch.isTracked = checker.getTracked();
  Outcome outcome{{}, messages};
  Call call(code, launch, outcome);
  const Interruptible *interruptible = getInterruptible();
  for (uint64_t i = 0, e = groups.size(); i < e && !checker.getFault(); ++i) {
    if (interruptible && interruptible->isStopped())
      break;
    checker.enterThreadgroup(i);
    call.run(i, i + 1);
    checker.leaveThreadgroup();
  }
  if (outcome.lacksMemory)
    return "there is not enough memory for a threadgroup";
  fault = checker.getFault();
  return {};
}
