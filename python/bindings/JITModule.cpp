// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_jit`: kernels on this CPU.

#include "WithoutGIL.h"

#include "enigma/Runtime/Interruption.h"
#include "enigma/Runtime/JIT.h"
#include "enigma/Runtime/ThreadPool.h"
#include "nanobind/nanobind.h"
#include "nanobind/stl/array.h"
#include "nanobind/stl/optional.h"
#include "nanobind/stl/pair.h"
#include "nanobind/stl/string.h"
#include "nanobind/stl/vector.h"
#include "llvm/ADT/StringRef.h"

#include <stdexcept>
#include <vector>

namespace nb = nanobind;
using namespace enigma;
using enigma::python::WithoutGIL;
using Extents = CPUProgram::Extents;

static void check(const std::string &error) {
  if (!error.empty())
    throw std::runtime_error(error);
}

static nb::bytes toBytes(const std::string &bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

static CPUProgram::Constants
readConstants(const std::vector<std::pair<uint32_t, nb::bytes>> &given) {
  CPUProgram::Constants constants;
  for (const auto &[index, bytes] : given)
    constants[index] = std::string(bytes.c_str(), bytes.size());
  return constants;
}

static std::vector<void *> readArguments(nb::sequence arguments) {
  std::vector<void *> addresses;
  addresses.reserve(nb::len(arguments));
  for (nb::handle argument : arguments) {
    if (PyBytes_Check(argument.ptr()))
      addresses.push_back(PyBytes_AS_STRING(argument.ptr()));
    else
      addresses.push_back(
          reinterpret_cast<void *>(nb::cast<uintptr_t>(argument)));
  }
  return addresses;
}

static std::string print(CPUProgram &program, const Extents &block,
                         bool isRagged, CPUProgram::Form form,
                         std::optional<nb::dict> origins) {
  std::string output, error;
  std::vector<CPULine> lines;
  {
    WithoutGIL released;
    error = program.print(block, isRagged, form, output, lines);
  }
  check(error);
  if (origins)
    for (const CPULine &line : lines)
      (*origins)[nb::int_(line.line)] =
          nb::make_tuple(line.file, line.fileLine, line.fileColumn);
  return output;
}

static const char *getName(CPUFaultKind kind) {
  switch (kind) {
  case CPUFaultKind::OutOfBounds:
    return "out_of_bounds";
  case CPUFaultKind::Uninitialized:
    return "uninitialized";
  case CPUFaultKind::Misaligned:
    return "misaligned";
  case CPUFaultKind::Race:
    return "race";
  case CPUFaultKind::DivergentBarrier:
    return "divergent_barrier";
  case CPUFaultKind::DivisionByZero:
    return "division_by_zero";
  case CPUFaultKind::DivisionOverflow:
    return "division_overflow";
  case CPUFaultKind::ShiftOutOfRange:
    return "shift_out_of_range";
  case CPUFaultKind::Assertion:
    return "assertion";
  }
  return "";
}

static const char *getName(CPUAccess access) {
  switch (access) {
  case CPUAccess::Read:
    return "reads";
  case CPUAccess::Write:
    return "writes";
  case CPUAccess::AtomicRead:
    return "reads (atomically)";
  case CPUAccess::AtomicWrite:
    return "writes (atomically)";
  case CPUAccess::AtomicUpdate:
    return "updates (atomically)";
  }
  return "";
}

static const char *getName(CPUCheckedMemory::Space space) {
  switch (space) {
  case CPUCheckedMemory::Space::Device:
    return "device";
  case CPUCheckedMemory::Space::Constant:
    return "constant";
  case CPUCheckedMemory::Space::Threadgroup:
    return "threadgroup";
  case CPUCheckedMemory::Space::Thread:
    return "thread";
  }
  return "";
}

static nb::dict toDict(const CPUFaultSide &side) {
  nb::dict result;
  result["file"] = side.site.file;
  result["line"] = side.site.line;
  result["column"] = side.site.column;
  bool isAccess = side.site.memory != CPUCheckSite::kNoMemory;
  result["access"] = isAccess ? getName(side.site.access) : "";
  result["thread"] =
      nb::make_tuple(side.thread[0], side.thread[1], side.thread[2]);
  result["threadgroup"] = nb::make_tuple(
      side.threadgroup[0], side.threadgroup[1], side.threadgroup[2]);
  return result;
}

static nb::dict toDict(const CPUFault &fault) {
  nb::dict result = toDict(fault.side);
  result["kind"] = getName(fault.kind);
  result["value"] = fault.value;
  result["count"] = fault.side.site.count;
  result["alignment"] = fault.side.site.alignment;
  result["is_collective"] = fault.side.site.isCollective;
  if (fault.memory) {
    result["variable"] = fault.memory->name;
    result["space"] = getName(fault.memory->space);
    result["size"] = fault.memory->elements;
    result["element_bytes"] = fault.memory->elementBytes;
  }
  if (fault.other)
    result["other"] = toDict(*fault.other);
  return result;
}

/// Runs the handlers of signals; gives whether one of them raised something.
static bool runSignalHandlers() {
  nb::gil_scoped_acquire acquire;
  return PyErr_CheckSignals() != 0;
}

/// Gives a list what threads told, and then raises what stopped the launch, if
/// something did.
static void finish(bool isStopped, std::vector<CPUMessage> &messages,
                   nb::list told) {
  std::optional<nb::python_error> raised;
  if (isStopped)
    raised.emplace();
  for (CPUMessage &message : messages)
    told.append(nb::cast(std::move(message)));
  if (raised)
    throw std::move(*raised);
}

NB_MODULE(_jit, m) {
  m.doc() = "Kernels as machine code of this CPU.";
  m.def(
      "num_threads", getNumThreads,
      "How many threads run threadgroups: ENIGMA_THREADS, or one for each CPU "
      "of the process.");

  m.def("host_cpu", getHostCPU,
        "The CPU that code is made for, and its features.");

  nb::class_<CPUMessage>(m, "Message", "What a thread told while it ran.")
      .def_prop_ro("level",
                   [](const CPUMessage &self) { return self.site.level; })
      .def_prop_ro(
          "format", [](const CPUMessage &self) { return self.site.format; },
          "As `str.format` has it, with a field for each value.")
      .def_prop_ro("dtypes",
                   [](const CPUMessage &self) { return self.site.dtypes; })
      .def_ro("values", &CPUMessage::values, "The bits of the values.")
      .def_ro("threadgroup", &CPUMessage::threadgroup,
              "The index of the threadgroup in the grid.")
      .def_ro("thread", &CPUMessage::thread,
              "The index of the thread in the threadgroup.");

  nb::class_<CPUProgram>(m, "Program",
                         "A kernel in flat form, with the code for sizes of "
                         "threadgroups.")
      .def(
          "__init__",
          [](CPUProgram *self, nb::bytes text,
             const std::vector<std::pair<uint32_t, nb::bytes>> &constants) {
            new (self) CPUProgram(std::string(text.c_str(), text.size()),
                                  readConstants(constants));
          },
          nb::arg("text"), nb::arg("constants"),
          "`constants` are the indices of function constants, and their bytes.")
      .def("missing", &CPUProgram::findMissing, nb::arg("threads"),
           nb::arg("block"),
           "What a launch needs and is not loaded: the code for full "
           "threadgroups (False), and that for smaller ones at the end of the "
           "grid (True).")
      .def(
          "compile",
          [](CPUProgram &program, const Extents &block, bool isRagged) {
            std::string error, code;
            {
              WithoutGIL released;
              error = program.compile(block, isRagged, code);
            }
            check(error);
            return toBytes(code);
          },
          nb::arg("block"), nb::arg("ragged"),
          "The code for a size of threadgroups, which `load` takes in any "
          "process. RuntimeError says what cannot be compiled.")
      .def(
          "load",
          [](CPUProgram &program, const Extents &block, bool isRagged,
             nb::bytes code) {
            check(program.load(block, isRagged,
                               llvm::StringRef(code.c_str(), code.size())));
          },
          nb::arg("block"), nb::arg("ragged"), nb::arg("code"),
          "Load code. RuntimeError says what is wrong with it.")
      .def(
          "launch",
          [](CPUProgram &program, nb::sequence arguments,
             const Extents &threads, const Extents &block, nb::list told) {
            std::vector<void *> addresses = readArguments(arguments);
            std::vector<CPUMessage> messages;
            bool isDone, isStopped;
            {
              WithoutGIL released;
              Interruptible interruptible(runSignalHandlers);
              isDone =
                  program.launch(addresses.data(), threads, block, messages);
              isStopped = interruptible.isStopped();
            }
            finish(isStopped, messages, told);
            if (!isDone)
              throw std::bad_alloc();
          },
          nb::arg("arguments"), nb::arg("threads"), nb::arg("block"),
          nb::arg("told"),
          nb::sig("def launch(self, arguments: "
                  "collections.abc.Sequence[int | bytes], "
                  "threads: tuple[int, int, int], "
                  "block: tuple[int, int, int], told: list[Message]) -> None"),
          "Run the threads of a grid; nothing may be missing. An argument is "
          "the address of a buffer, the bytes of a scalar, or how many bytes a "
          "threadgroup array has. `told` takes what threads told, in their "
          "order. MemoryError says that there is no memory for a threadgroup. "
          "What handlers of signals raise stops the kernel where it is.")
      .def(
          "check",
          [](CPUProgram &program, nb::sequence arguments,
             const std::vector<uint64_t> &bytes, const Extents &threads,
             const Extents &block, nb::list told) {
            std::vector<void *> addresses = readArguments(arguments);
            if (bytes.size() != addresses.size())
              throw nb::value_error("as many sizes as arguments are needed");
            std::optional<CPUFault> fault;
            std::vector<CPUMessage> messages;
            std::string error;
            bool isStopped;
            {
              WithoutGIL released;
              Interruptible interruptible(runSignalHandlers);
              error = program.check(addresses.data(), bytes.data(), threads,
                                    block, fault, messages);
              isStopped = interruptible.isStopped();
            }
            finish(isStopped, messages, told);
            check(error);
            nb::object found = nb::none();
            if (fault)
              found = toDict(*fault);
            return found;
          },
          nb::arg("arguments"), nb::arg("bytes"), nb::arg("threads"),
          nb::arg("block"), nb::arg("told"),
          nb::sig("def check(self, arguments: "
                  "collections.abc.Sequence[int | bytes], "
                  "bytes: collections.abc.Sequence[int], "
                  "threads: tuple[int, int, int], "
                  "block: tuple[int, int, int], told: list[Message]) -> "
                  "dict[str, object] | None"),
          "Run the threads of a grid one threadgroup after the other, with "
          "checks, and give the first fault. `bytes` are those of each "
          "argument; `told` takes what threads told until then.")
      .def(
          "llvm_ir",
          [](CPUProgram &program, const Extents &block, bool isRagged,
             bool optimized, std::optional<nb::dict> origins) {
            return print(program, block, isRagged,
                         optimized ? CPUProgram::Form::IR
                                   : CPUProgram::Form::UnoptimizedIR,
                         std::move(origins));
          },
          nb::arg("block"), nb::arg("ragged") = false,
          nb::arg("optimized") = true, nb::arg("origins").none() = nb::none(),
          nb::sig("def llvm_ir(self, block: tuple[int, int, int], "
                  "ragged: bool = False, optimized: bool = True, "
                  "origins: dict[int, tuple[str, int, int]] | None = None) "
                  "-> str"),
          "The LLVM IR for a size of threadgroups. The dict origins gets the "
          "file, line and column that a line of the text, counted from 1, "
          "comes from.")
      .def(
          "assembly",
          [](CPUProgram &program, const Extents &block, bool isRagged,
             std::optional<nb::dict> origins) {
            return print(program, block, isRagged, CPUProgram::Form::Assembly,
                         std::move(origins));
          },
          nb::arg("block"), nb::arg("ragged") = false,
          nb::arg("origins").none() = nb::none(),
          nb::sig("def assembly(self, block: tuple[int, int, int], "
                  "ragged: bool = False, "
                  "origins: dict[int, tuple[str, int, int]] | None = None) "
                  "-> str"),
          "The assembly for a size of threadgroups; origins are as for "
          "`llvm_ir`.");
}
