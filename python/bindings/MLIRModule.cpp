// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The extension module `_mlir`: MLIR's bindings, as far as Enigma uses them,
// and the module `_enigma`.

#include "EnigmaModule.h"

#include "mlir/Bindings/Python/Globals.h"
#include "mlir/Bindings/Python/IRAttributes.h"
#include "mlir/Bindings/Python/IRCore.h"
#include "mlir/Bindings/Python/IRTypes.h"

namespace nb = nanobind;
using namespace mlir::python::MLIR_BINDINGS_PYTHON_DOMAIN;

/// Gives an attribute of integers the class that its type has. A Boolean is an
/// integer of one bit.
static nb::object castInteger(PyAttribute &attribute) {
  if (PyBoolAttribute::isaFunction(attribute))
    return nb::cast(PyBoolAttribute(attribute));
  return nb::cast(PyIntegerAttribute(attribute));
}

namespace {
/// Integers. Upstream's class tells of their signs, by an enumeration whose
/// making takes longer than that of most classes.
class IntegerType : public PyConcreteType<IntegerType> {
public:
  static constexpr IsAFunctionTy isaFunction = mlirTypeIsAInteger;
  static constexpr GetTypeIDFunctionTy getTypeIdFunction =
      mlirIntegerTypeGetTypeID;
  static constexpr const char *pyClassName = "IntegerType";
  using PyConcreteType::PyConcreteType;

  static void bindDerived(ClassTy &type) {
    type.def_static(
        "get_signless",
        [](unsigned width, DefaultingPyMlirContext context) {
          return IntegerType(context->getRef(),
                             mlirIntegerTypeGet(context->get(), width));
        },
        nb::arg("width"), nb::arg("context") = nb::none(),
        "The type of signless integers.");
  }
};
} // namespace

/// The classes that Enigma and the generated classes of operations know. Types
/// and attributes of other kinds have the classes `Type` and `Attribute`:
/// to make a class takes longer than to make the operations of a kernel.
static void bindTypesAndAttributes(nb::module_ &m) {
  IntegerType::bind(m);
  PyIndexType::bind(m);
  PyShapedType::bind(m);
  PyRankedTensorType::bind(m);
  PyVectorType::bind(m);

  PyArrayAttribute::bind(m);
  PyArrayAttribute::PyArrayAttributeIterator::bind(m);
  PyBoolAttribute::bind(m);
  PyDenseElementsAttribute::bind(m, PyDenseElementsAttribute::slots);
  PyDenseI64ArrayAttribute::bind(m);
  PyDenseI64ArrayAttribute::PyDenseArrayIterator::bind(m);
  PyDictAttribute::bind(m);
  PyFloatAttribute::bind(m);
  PyIntegerAttribute::bind(m);
  PyStringAttribute::bind(m);
  PyTypeAttribute::bind(m);
  PyUnitAttribute::bind(m);
  PyGlobals::get().registerTypeCaster(
      mlirIntegerAttrGetTypeID(),
      nb::cast<nb::callable>(nb::cpp_function(castInteger)));
}

/// Raises MLIRError, which is a class of Python.
static void translateException(const std::exception_ptr &exception, void *) {
  try {
    if (exception)
      std::rethrow_exception(exception);
  } catch (const MLIRError &error) {
    nb::object raised =
        nb::module_::import_(MAKE_MLIR_PYTHON_QUALNAME("ir"))
            .attr("MLIRError")(error.message, error.errorDiagnostics);
    PyErr_SetObject(raised.type().ptr(), raised.ptr());
  }
}

NB_MODULE(_mlir, m) {
  // Objects of a context that is kept are alive when Python ends.
  nb::set_leak_warnings(false);

  m.doc() = "MLIR's bindings, and Enigma's";
  populateRoot(m);
  // Operations, types and attributes need no module of Python for their
  // dialect.
  PyGlobals::get().setDialectSearchPrefixes({});

  nb::module_ ir = m.def_submodule("ir", "MLIR's IR");
  populateIRCore(ir);
  bindTypesAndAttributes(ir);
  nb::register_exception_translator(translateException);

  nb::module_ own =
      m.def_submodule("_enigma", "Enigma's dialects, passes and translation");
  enigma::python::registerEnigma(own);
}
