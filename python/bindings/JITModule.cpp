// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_jit`: kernels on this CPU.

#include "enigma/Runtime/JIT.h"
#include "enigma/Runtime/ThreadPool.h"
#include "nanobind/nanobind.h"
#include "nanobind/stl/array.h"
#include "nanobind/stl/string.h"

#include <stdexcept>
#include <vector>

namespace nb = nanobind;
using namespace enigma;
using Extents = CPUProgram::Extents;

static void check(const std::string &error) {
  if (!error.empty())
    throw std::runtime_error(error);
}

static std::string print(CPUProgram &program, const Extents &block,
                         bool isRagged, CPUProgram::Form form) {
  std::string output, error;
  {
    nb::gil_scoped_release release;
    error = program.print({block, isRagged}, form, output);
  }
  check(error);
  return output;
}

NB_MODULE(_jit, m) {
  m.doc() = "Kernels as machine code of this CPU.";
  m.def(
      "num_threads", getNumThreads,
      "How many threads run threadgroups: ENIGMA_THREADS, or one for each CPU "
      "of the process.");

  nb::class_<CPUProgram>(m, "Program",
                         "A kernel in flat form, compiled for each size of "
                         "threadgroups when it is first launched with it.")
      .def(
          "__init__",
          [](CPUProgram *self, nb::bytes text) {
            new (self) CPUProgram(std::string(text.c_str(), text.size()));
          },
          nb::arg("text"))
      .def(
          "launch",
          [](CPUProgram &program, nb::sequence arguments,
             const Extents &threads, const Extents &block) {
            std::vector<void *> addresses;
            addresses.reserve(nb::len(arguments));
            for (nb::handle argument : arguments) {
              if (PyBytes_Check(argument.ptr()))
                addresses.push_back(PyBytes_AS_STRING(argument.ptr()));
              else
                addresses.push_back(
                    reinterpret_cast<void *>(nb::cast<uintptr_t>(argument)));
            }
            std::string error;
            {
              nb::gil_scoped_release release;
              error = program.launch(addresses.data(), threads, block);
            }
            check(error);
          },
          nb::arg("arguments"), nb::arg("threads"), nb::arg("block"),
          "Run the threads of a grid. An argument is the address of a buffer, "
          "or "
          "the bytes of a scalar. RuntimeError says what cannot be compiled.")
      .def(
          "llvm_ir",
          [](CPUProgram &program, const Extents &block, bool isRagged,
             bool optimized) {
            return print(program, block, isRagged,
                         optimized ? CPUProgram::Form::IR
                                   : CPUProgram::Form::UnoptimizedIR);
          },
          nb::arg("block"), nb::arg("ragged") = false,
          nb::arg("optimized") = true,
          "The LLVM IR for a size of threadgroups.")
      .def(
          "assembly",
          [](CPUProgram &program, const Extents &block, bool isRagged) {
            return print(program, block, isRagged, CPUProgram::Form::Assembly);
          },
          nb::arg("block"), nb::arg("ragged") = false,
          "The assembly for a size of threadgroups.");
}
