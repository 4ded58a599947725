// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Pipelines.h"

#include "IR.h"

#include "mlir-c/Pass.h"

#include <nanobind/stl/string.h>

#include <string>
#include <string_view>

namespace nb = nanobind;
using namespace enigma::python;

namespace {
/// Passes that run one after another, on as many modules as there are.
class Pipeline {
public:
  Pipeline(std::string_view text, const Context &context, bool verify)
      : context(context.ref),
        manager(mlirPassManagerCreate(context.ref->get())) {
    std::string error;
    if (mlirLogicalResultIsFailure(
            mlirParsePassPipeline(mlirPassManagerGetAsOpPassManager(manager),
                                  toRef(text), append, &error))) {
      mlirPassManagerDestroy(manager);
      throw nb::value_error(error.c_str());
    }
    mlirPassManagerEnableVerifier(manager, verify);
  }
  Pipeline(const Pipeline &) = delete;
  Pipeline &operator=(const Pipeline &) = delete;
  ~Pipeline() { mlirPassManagerDestroy(manager); }

  void run(const Operation &operation) {
    ErrorCapture errors(context);
    if (mlirLogicalResultIsFailure(
            mlirPassManagerRunOnOp(manager, operation.operation)))
      throw errors.error("Failure while executing pass pipeline");
  }

  std::string print() {
    std::string text;
    mlirPrintPassPipeline(mlirPassManagerGetAsOpPassManager(manager), append,
                          &text);
    return text;
  }

private:
  ContextRef context;
  MlirPassManager manager;
};
} // namespace

void enigma::python::registerPipelines(nb::module_ &m) {
  nb::class_<Pipeline>(m, "Pipeline",
                       "Passes that are parsed once, and run on many modules.")
      .def(nb::init<std::string_view, const Context &, bool>(), nb::arg("text"),
           nb::arg("context"), nb::arg("verify") = true,
           "The text names the passes, as in `builtin.module(cse)`; what it "
           "does not name rightly raises ValueError. The IR is verified after "
           "each pass if `verify` says so.")
      .def("run", &Pipeline::run, nb::arg("operation"),
           "Runs the passes on an operation; raises MLIRError if one fails.")
      .def("__str__", &Pipeline::print,
           "The text, with all pipelines and options in it written out.");
}
