// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MachineCode.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/AssemblyAnnotationWriter.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FormattedStream.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace enigma;

//===----------------------------------------------------------------------===//
// Machine code
//===----------------------------------------------------------------------===//

void enigma::initializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

/// The features of this CPU that code may use, in one order.
static std::string getFeatures(const llvm::Triple &triple) {
  llvm::SmallVector<std::string> features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  llvm::sort(features);
  // Their conversions to bfloat flush subnormal numbers.
  if (triple.isX86())
    features.append({"-avx512bf16", "-avxneconvert"});
  return llvm::join(features, ",");
}

std::string enigma::getHostCPU() {
  llvm::Triple triple(llvm::sys::getProcessTriple());
  return triple.str() + " " + llvm::sys::getHostCPUName().str() + " " +
         getFeatures(triple);
}

static std::unique_ptr<llvm::TargetMachine>
makeTargetMachine(std::string &error) {
  initializeTarget();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, llvm::sys::getHostCPUName(), getFeatures(triple),
      llvm::TargetOptions(), llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default,
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

static void prepare(llvm::Module &module, llvm::TargetMachine &machine) {
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

std::string enigma::generateObject(CPUKernel &kernel,
                                   llvm::SmallVectorImpl<char> &object) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(error);
  if (!machine)
    return error;
  prepare(*kernel.module, *machine);
  return emit(*kernel.module, *machine, llvm::CodeGenFileType::ObjectFile,
              object);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

namespace {
/// Notes on which lines of the text instructions stand.
class Annotator final : public llvm::AssemblyAnnotationWriter {
public:
  using Places = llvm::DenseMap<const llvm::Instruction *, CPULine>;

  Annotator(Places places, std::vector<CPULine> &lines)
      : places(std::move(places)), lines(lines) {}

  void emitInstructionAnnot(const llvm::Instruction *instruction,
                            llvm::formatted_raw_ostream &os) final {
    auto found = places.find(instruction);
    if (found == places.end())
      return;
    // The stream counts from 0.
    found->second.line = os.getLine() + 1;
    lines.push_back(found->second);
  }

private:
  Places places;
  std::vector<CPULine> &lines;
};
} // namespace

/// The text of a module without its debug information, which is given to
/// `lines`.
static std::string printIR(const CPUKernel &kernel,
                           std::vector<CPULine> &lines) {
  Annotator::Places places;
  for (llvm::Function &function : *kernel.module)
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      const llvm::DebugLoc &loc = instruction.getDebugLoc();
      unsigned file;
      if (loc && loc.getLine() != 0 &&
          !loc->getFilename().getAsInteger(10, file))
        places[&instruction] = {0, kernel.files[file], loc.getLine(),
                                loc.getCol()};
    }
  llvm::StripDebugInfo(*kernel.module);
  Annotator annotator(std::move(places), lines);
  std::string text;
  llvm::raw_string_ostream stream(text);
  kernel.module->print(stream, &annotator);
  return text;
}

/// Takes what is there for debuggers out of assembly, and gives lines to
/// `lines`.
static std::string takeLines(llvm::StringRef assembly,
                             llvm::ArrayRef<std::string> files,
                             std::vector<CPULine> &lines) {
  const llvm::Regex isFile("^\t\\.file\t([0-9]+) (.*\"([0-9]+)\")?"),
      isPlace("^\t\\.loc\t([0-9]+) ([0-9]+) ([0-9]+)"),
      // What debuggers know places and frames by.
      isForDebuggers("^\\.?L(tmp|func_begin)[0-9]+:|^\t\\.cfi_");
  std::map<std::string, std::string> names;
  CPULine place = {0, "", 0, 0};
  std::string text;
  unsigned count = 0;
  for (llvm::StringRef line, rest = assembly; !rest.empty();) {
    std::tie(line, rest) = rest.split('\n');
    llvm::SmallVector<llvm::StringRef> parts;
    if (isFile.match(line, &parts)) {
      unsigned file;
      if (!parts[3].getAsInteger(10, file))
        names[parts[1].str()] = files[file];
    } else if (isPlace.match(line, &parts)) {
      place.file = names[parts[1].str()];
      (void)parts[2].getAsInteger(10, place.fileLine);
      (void)parts[3].getAsInteger(10, place.fileColumn);
    } else if (!isForDebuggers.match(line)) {
      text.append(line.str()).push_back('\n');
      place.line = ++count;
      bool isInstruction = line.starts_with("\t") && !line.starts_with("\t.");
      if (isInstruction && place.fileLine != 0)
        lines.push_back(place);
    }
  }
  return text;
}

std::string enigma::printCode(CPUKernel &kernel, CPUProgram::Form form,
                              std::string &output,
                              std::vector<CPULine> &lines) {
  if (form != CPUProgram::Form::UnoptimizedIR) {
    std::string error;
    std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(error);
    if (!machine)
      return error;
    prepare(*kernel.module, *machine);
    if (form == CPUProgram::Form::Assembly) {
      llvm::SmallString<0> assembly;
      error = emit(*kernel.module, *machine,
                   llvm::CodeGenFileType::AssemblyFile, assembly);
      output = takeLines(assembly, kernel.files, lines);
      return error;
    }
  }
  output = printIR(kernel, lines);
  return {};
}
