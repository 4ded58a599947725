// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/JIT.h"

#include "enigma/IR/EnigmaOps.h"
#include "enigma/Pipelines/Pipelines.h"
#include "enigma/Runtime/ThreadPool.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

#include <atomic>

using namespace enigma;

//===----------------------------------------------------------------------===//
// From a kernel to machine code
//===----------------------------------------------------------------------===//

static void initializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

static std::unique_ptr<llvm::TargetMachine>
makeTargetMachine(std::string &error) {
  initializeTarget();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  std::string features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features += (feature.second ? "+" : "-") + feature.first().str() + ",";
  // Their conversions to bfloat flush subnormal numbers.
  if (triple.isX86())
    features += "-avx512bf16,-avxneconvert,";
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, llvm::sys::getHostCPUName(), features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Default,
      /*JIT=*/true));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  // Kernels are vectors of lanes already.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.LoopInterleaving = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

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

static void prepare(Translated &code, llvm::TargetMachine &machine) {
  llvm::Module &module = *code.kernel.module;
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
  }
  optimize(module, machine);
}

static std::string emit(llvm::Module &module, llvm::TargetMachine &machine,
                        llvm::CodeGenFileType type,
                        llvm::SmallVectorImpl<char> &output) {
  llvm::raw_svector_ostream stream(output);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return "this CPU has no code generator";
  passes.run(module);
  return {};
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

/// Where machine code is loaded, and stays until the process ends.
static llvm::orc::LLJIT *getJIT(std::string &error) {
  static std::mutex mutex;
  static llvm::orc::LLJIT *jit = nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  if (jit)
    return jit;
  initializeTarget();
  auto made = llvm::orc::LLJITBuilder().create();
  if (!made) {
    error = llvm::toString(made.takeError());
    return nullptr;
  }
  return jit = made->release();
}

static std::string load(std::unique_ptr<llvm::MemoryBuffer> object,
                        llvm::StringRef name, CPUEntry &entry) {
  static std::atomic<uint64_t> count{0};
  std::string error;
  llvm::orc::LLJIT *jit = getJIT(error);
  if (!jit)
    return error;
  // Kernels of one name have a library each.
  auto library = jit->createJITDylib("kernel" + std::to_string(count++));
  if (!library)
    return llvm::toString(library.takeError());
  if (auto failed = jit->addObjectFile(*library, std::move(object)))
    return llvm::toString(std::move(failed));
  auto address = jit->lookup(*library, name);
  if (!address)
    return llvm::toString(address.takeError());
  entry = address->toPtr<CPUEntry>();
  return {};
}

std::string CPUProgram::find(const CPUOptions &options, CPUCode &code) {
  std::lock_guard<std::mutex> lock(mutex);
  auto key = std::pair(options.block, options.isRagged);
  auto it = codes.find(key);
  if (it != codes.end()) {
    code = it->second;
    return {};
  }
  Translated translated;
  std::string error = translate(text, options, translated);
  if (!error.empty())
    return error;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(error);
  if (!machine)
    return error;
  prepare(translated, *machine);
  llvm::SmallVector<char, 0> object;
  error = emit(*translated.kernel.module, *machine,
               llvm::CodeGenFileType::ObjectFile, object);
  if (!error.empty())
    return error;
  code.threadgroupBytes = translated.kernel.threadgroupBytes;
  error = load(std::make_unique<llvm::SmallVectorMemoryBuffer>(
                   std::move(object), /*RequiresNullTerminator=*/false),
               translated.kernel.name, code.entry);
  if (error.empty())
    codes[key] = code;
  return error;
}

std::string CPUProgram::print(const CPUOptions &options, Form form,
                              std::string &output) {
  Translated translated;
  std::string error = translate(text, options, translated);
  if (!error.empty())
    return error;
  llvm::raw_string_ostream stream(output);
  if (form != Form::UnoptimizedIR) {
    std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(error);
    if (!machine)
      return error;
    prepare(translated, *machine);
    if (form == Form::Assembly) {
      llvm::SmallVector<char, 0> assembly;
      error = emit(*translated.kernel.module, *machine,
                   llvm::CodeGenFileType::AssemblyFile, assembly);
      stream << llvm::StringRef(assembly.data(), assembly.size());
      return error;
    }
  }
  translated.kernel.module->print(stream, nullptr);
  return {};
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

/// The memory of a threadgroup, which a thread of the pool keeps.
static void *getThreadgroupMemory(uint64_t bytes) {
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  thread_local std::unique_ptr<void, Free> memory;
  thread_local uint64_t size = 0;
  if (size < bytes) {
    memory.reset(std::aligned_alloc(64, llvm::alignTo(bytes, 64)));
    size = bytes;
  }
  return memory.get();
}

std::string CPUProgram::launch(void *const *arguments, const Extents &threads,
                               const Extents &block) {
  CPULaunch launch = {arguments, {}, {}};
  Extents groups, full;
  for (unsigned i : {0, 1, 2}) {
    groups[i] = llvm::divideCeil(threads[i], block[i]);
    full[i] = threads[i] / block[i];
    launch.threads[i] = static_cast<uint32_t>(threads[i]);
    launch.threadgroups[i] = static_cast<uint32_t>(groups[i]);
  }
  bool isRagged = full != groups,
       hasFull = full[0] != 0 && full[1] != 0 && full[2] != 0;
  CPUCode fullCode, raggedCode;
  std::string error;
  if (hasFull)
    error = find({block, false}, fullCode);
  if (error.empty() && isRagged)
    error = find({block, true}, raggedCode);
  if (!error.empty())
    return error;

  auto run = [&](const CPUCode &code, uint64_t first, uint64_t last) {
    if (first < last)
      code.entry(&launch, first, last,
                 getThreadgroupMemory(code.threadgroupBytes));
  };
  auto row = static_cast<uint64_t>(groups[0]);
  runInParallel(row * groups[1] * groups[2], [&](uint64_t first,
                                                 uint64_t last) {
    if (!isRagged)
      return run(fullCode, first, last);
    // The full threadgroups of a row come first.
    while (first < last) {
      uint64_t start = first / row * row, end = std::min(start + row, last);
      uint64_t y = first / row % groups[1], z = first / row / groups[1];
      bool isFull = y < static_cast<uint64_t>(full[1]) &&
                    z < static_cast<uint64_t>(full[2]);
      uint64_t middle = std::clamp(start + (isFull ? full[0] : 0), first, end);
      run(fullCode, first, middle);
      run(raggedCode, middle, end);
      first = end;
    }
  });
  return {};
}
