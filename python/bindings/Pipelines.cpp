// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Pipelines.h"

#include "mlir-c/Pass.h"
#include "mlir/Bindings/Python/IRCore.h"

#include <string>
#include <string_view>

namespace nb = nanobind;
using namespace mlir::python::MLIR_BINDINGS_PYTHON_DOMAIN;

/// Appends a part of a text to a std::string.
static void append(MlirStringRef part, void *text) {
  static_cast<std::string *>(text)->append(part.data, part.length);
}

namespace {
/// Passes that run one after another, on as many modules as there are.
class Pipeline {
public:
  Pipeline(std::string_view text, DefaultingPyMlirContext context, bool verify)
      : context(context->getRef()),
        manager(mlirPassManagerCreate(context->get())) {
    std::string error;
    if (mlirLogicalResultIsFailure(mlirParsePassPipeline(
            mlirPassManagerGetAsOpPassManager(manager),
            mlirStringRefCreate(text.data(), text.size()), append, &error))) {
      mlirPassManagerDestroy(manager);
      throw nb::value_error(error.c_str());
    }
    mlirPassManagerEnableVerifier(manager, verify);
  }
  Pipeline(const Pipeline &) = delete;
  Pipeline &operator=(const Pipeline &) = delete;
  ~Pipeline() { mlirPassManagerDestroy(manager); }

  void run(PyOperationBase &operation) {
    PyMlirContext::ErrorCapture errors(context);
    if (mlirLogicalResultIsFailure(
            mlirPassManagerRunOnOp(manager, operation.getOperation())))
      throw MLIRError("Failure while executing pass pipeline", errors.take());
  }

  std::string print() {
    std::string text;
    mlirPrintPassPipeline(mlirPassManagerGetAsOpPassManager(manager), append,
                          &text);
    return text;
  }

private:
  PyMlirContextRef context;
  MlirPassManager manager;
};
} // namespace

void enigma::python::registerPipelines(nb::module_ &m) {
  nb::class_<Pipeline>(m, "Pipeline",
                       "Passes that are parsed once, and run on many modules.")
      .def(nb::init<std::string_view, DefaultingPyMlirContext, bool>(),
           nb::arg("text"), nb::arg("context") = nb::none(),
           nb::arg("verify") = true,
           nb::sig("def __init__(self, text: str, "
                   "context: enigma._mlir.ir.Context | None = None, "
                   "verify: bool = True) -> None"),
           "The text names the passes, as in `builtin.module(cse)`; what it "
           "does not name rightly raises ValueError. The IR is verified after "
           "each pass if `verify` says so.")
      .def("run", &Pipeline::run, nb::arg("operation"),
           nb::sig("def run(self, operation: "
                   "enigma._mlir.ir._OperationBase) -> None"),
           "Runs the passes on an operation; raises MLIRError if one fails.")
      .def("__str__", &Pipeline::print,
           "The text, with all pipelines and options in it written out.");
}
