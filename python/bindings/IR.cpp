// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The classes of MLIR's IR, as far as a trace needs them.

#include "IR.h"

#include "enigma-c/Enigma.h"
#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <optional>

namespace nb = nanobind;
using namespace enigma::python;

static std::atomic<int> liveContexts = 0;

ContextOwner::ContextOwner(bool allowUnregistered) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  enigmaRegisterEarlyDialects(registry);
  // A module has few kernels: threads of its own would cost more than they
  // save.
  context = mlirContextCreateWithRegistry(registry, /*threadingEnabled=*/false);
  mlirDialectRegistryDestroy(registry);
  mlirContextLoadAllAvailableDialects(context);
  mlirContextSetAllowUnregisteredDialects(context, allowUnregistered);
  ++liveContexts;
}

ContextOwner::~ContextOwner() {
  mlirContextDestroy(context);
  --liveContexts;
}

void Root::bury(MlirOperation operation) {
  if (mlirModuleIsNull(graveyard))
    graveyard = mlirModuleCreateEmpty(mlirLocationUnknownGet(context->get()));
  mlirOperationRemoveFromParent(operation);
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(graveyard), operation);
}

void Root::destroyBuried() {
  if (!mlirModuleIsNull(graveyard))
    mlirModuleDestroy(graveyard);
  graveyard.ptr = nullptr;
}

Root::~Root() {
  // What is buried may use what is not.
  destroyBuried();
  if (mlirOperationIsNull(operation))
    return;
  enigmaOperationEmpty(operation);
  mlirOperationDestroy(operation);
}

void enigma::python::append(MlirStringRef part, void *text) {
  static_cast<std::string *>(text)->append(part.data, part.length);
}

MlirRegion enigma::python::getRegion(const Operation &operation,
                                     intptr_t index) {
  if (index < 0 || index >= mlirOperationGetNumRegions(operation.operation))
    throw nb::index_error("the operation has no such region");
  return mlirOperationGetRegion(operation.operation, index);
}

void enigma::python::moveTo(const RootRef &root, MlirBlock block,
                            Operation &operation) {
  if (mlirBlockIsNull(mlirOperationGetBlock(operation.operation)))
    operation.root->release();
  else
    mlirOperationRemoveFromParent(operation.operation);
  mlirBlockAppendOwnedOperation(block, operation.operation);
  operation.root = root;
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

static const char *getSeverity(MlirDiagnosticSeverity severity) {
  switch (severity) {
  case MlirDiagnosticError:
    return "error";
  case MlirDiagnosticWarning:
    return "warning";
  case MlirDiagnosticNote:
    return "note";
  case MlirDiagnosticRemark:
    return "remark";
  }
  return "error";
}

Diagnostic::Diagnostic(const ContextRef &context, MlirDiagnostic diagnostic)
    : severity(getSeverity(mlirDiagnosticGetSeverity(diagnostic))),
      location{context, mlirDiagnosticGetLocation(diagnostic)} {
  mlirDiagnosticPrint(diagnostic, append, &message);
  for (intptr_t index = 0, count = mlirDiagnosticGetNumNotes(diagnostic);
       index < count; ++index)
    notes.emplace_back(context, mlirDiagnosticGetNote(diagnostic, index));
}

/// A message with the errors below it.
static std::string describe(const std::string &message,
                            const std::vector<Diagnostic> &diagnostics) {
  if (diagnostics.empty())
    return message;
  std::string text = message + ":";
  for (const Diagnostic &each : diagnostics) {
    text += "\nerror: ";
    mlirLocationPrint(each.location.location, append, &text);
    text += ": " + each.message;
  }
  return text;
}

MLIRError::MLIRError(const std::string &message,
                     std::vector<Diagnostic> diagnostics)
    : std::runtime_error(describe(message, diagnostics)),
      diagnostics(std::move(diagnostics)) {}

ErrorCapture::ErrorCapture(ContextRef kept) : context(std::move(kept)) {
  auto handle = [](MlirDiagnostic diagnostic, void *self) {
    if (mlirDiagnosticGetSeverity(diagnostic) != MlirDiagnosticError)
      return mlirLogicalResultFailure();
    auto *capture = static_cast<ErrorCapture *>(self);
    capture->errors.emplace_back(capture->context, diagnostic);
    return mlirLogicalResultSuccess();
  };
  id = mlirContextAttachDiagnosticHandler(context->get(), handle, this,
                                          /*deleteUserData=*/nullptr);
}

ErrorCapture::~ErrorCapture() {
  mlirContextDetachDiagnosticHandler(context->get(), id);
}

namespace {
/// A handler of Python's. It belongs to the context, which it must not keep.
struct Listener {
  nb::callable handler;
  std::weak_ptr<ContextOwner> context;

  static MlirLogicalResult handle(MlirDiagnostic diagnostic, void *self) {
    auto *listener = static_cast<Listener *>(self);
    // What raises here would go through code that knows no exceptions.
    try {
      nb::object isHandled =
          listener->handler(Diagnostic(listener->context.lock(), diagnostic));
      if (isHandled.is(nb::handle(Py_True)))
        return mlirLogicalResultSuccess();
    } catch (nb::python_error &error) {
      // Ctrl-C comes once more, where Python goes on.
      if (error.matches(PyExc_KeyboardInterrupt))
        PyErr_SetInterrupt();
      else
        error.discard_as_unraisable(listener->handler);
    }
    return mlirLogicalResultFailure();
  }
};
} // namespace

static void attachHandler(const Context &context, nb::callable handler) {
  mlirContextAttachDiagnosticHandler(
      context.ref->get(), Listener::handle,
      new Listener{std::move(handler), context.ref},
      [](void *listener) { delete static_cast<Listener *>(listener); });
}

//===----------------------------------------------------------------------===//
// Types, attributes and locations
//===----------------------------------------------------------------------===//

static Type parseType(std::string_view text, const Context &context) {
  ErrorCapture errors(context.ref);
  MlirType type = mlirTypeParseGet(context.ref->get(), toRef(text));
  if (mlirTypeIsNull(type))
    throw errors.error("Unable to parse type");
  return {context.ref, type};
}

static Attribute parseAttribute(std::string_view text, const Context &context) {
  ErrorCapture errors(context.ref);
  MlirAttribute attribute =
      mlirAttributeParseGet(context.ref->get(), toRef(text));
  if (mlirAttributeIsNull(attribute))
    throw errors.error("Unable to parse attribute");
  return {context.ref, attribute};
}

static std::vector<MlirAttribute> getAttributes(nb::handle attributes) {
  std::vector<MlirAttribute> all;
  for (nb::handle each : attributes)
    all.push_back(nb::cast<Attribute &>(each).attribute);
  return all;
}

/// What `get` gives for each index.
template <typename Get> static nb::list toList(intptr_t count, Get get) {
  nb::list all;
  for (intptr_t index = 0; index < count; ++index)
    all.append(get(index));
  return all;
}

/// What Python knows an attribute as.
static nb::object getValue(const Attribute &self) {
  const ContextRef &context = self.context;
  MlirAttribute attribute = self.attribute;
  if (mlirAttributeIsAString(attribute)) {
    MlirStringRef text = mlirStringAttrGetValue(attribute);
    return nb::str(text.data, text.length);
  }
  if (mlirAttributeIsABool(attribute))
    return nb::bool_(mlirBoolAttrGetValue(attribute));
  if (mlirAttributeIsAInteger(attribute)) {
    MlirType type = mlirAttributeGetType(attribute);
    if (mlirTypeIsAInteger(type) && mlirIntegerTypeIsUnsigned(type))
      return nb::int_(mlirIntegerAttrGetValueUInt(attribute));
    return nb::int_(mlirTypeIsAInteger(type) && mlirIntegerTypeIsSigned(type)
                        ? mlirIntegerAttrGetValueSInt(attribute)
                        : mlirIntegerAttrGetValueInt(attribute));
  }
  if (mlirAttributeIsAFloat(attribute))
    return nb::float_(mlirFloatAttrGetValueDouble(attribute));
  if (mlirAttributeIsAType(attribute))
    return nb::cast(Type{context, mlirTypeAttrGetValue(attribute)});
  if (mlirAttributeIsAArray(attribute))
    return toList(mlirArrayAttrGetNumElements(attribute), [&](intptr_t index) {
      return Attribute{context, mlirArrayAttrGetElement(attribute, index)};
    });
  if (mlirAttributeIsADictionary(attribute)) {
    nb::dict all;
    for (intptr_t i = 0, e = mlirDictionaryAttrGetNumElements(attribute); i < e;
         ++i) {
      MlirNamedAttribute named = mlirDictionaryAttrGetElement(attribute, i);
      MlirStringRef name = mlirIdentifierStr(named.name);
      all[nb::str(name.data, name.length)] =
          Attribute{context, named.attribute};
    }
    return all;
  }
  throw nb::type_error("the attribute has no value of Python");
}

/// The file, line and column that is behind a location, if one is.
static std::optional<MlirLocation> findFile(MlirLocation location) {
  if (mlirLocationIsAFileLineColRange(location))
    return location;
  if (mlirLocationIsAName(location))
    return findFile(mlirLocationNameGetChildLoc(location));
  if (mlirLocationIsACallSite(location))
    return findFile(mlirLocationCallSiteGetCallee(location));
  if (!mlirLocationIsAFused(location))
    return std::nullopt;
  std::vector<MlirLocation> parts(mlirLocationFusedGetNumLocations(location));
  mlirLocationFusedGetLocations(location, parts.data());
  for (MlirLocation part : parts)
    if (std::optional<MlirLocation> found = findFile(part))
      return found;
  return std::nullopt;
}

static nb::object getSource(const Location &self) {
  std::optional<MlirLocation> found = findFile(self.location);
  if (!found)
    return nb::none();
  MlirStringRef file =
      mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(*found));
  return nb::make_tuple(nb::str(file.data, file.length),
                        mlirLocationFileLineColRangeGetStartLine(*found),
                        mlirLocationFileLineColRangeGetStartColumn(*found));
}

/// The name of a variable that a location has, or one of the locations that it
/// is made of.
static nb::object getVariable(const Location &self) {
  std::vector<MlirLocation> parts = {self.location};
  if (mlirLocationIsAFused(self.location)) {
    parts.resize(mlirLocationFusedGetNumLocations(self.location));
    mlirLocationFusedGetLocations(self.location, parts.data());
  }
  for (MlirLocation part : parts)
    if (mlirLocationIsAName(part)) {
      MlirStringRef name = mlirIdentifierStr(mlirLocationNameGetName(part));
      return nb::str(name.data, name.length);
    }
  return nb::none();
}

//===----------------------------------------------------------------------===//
// Operations, blocks and values
//===----------------------------------------------------------------------===//

static Operation makeRoot(const ContextRef &context, MlirOperation operation) {
  return {std::make_shared<Root>(context, operation), operation};
}

static Operation parseModule(std::string_view text, const Context &context) {
  enigmaContextLoadLateOperations(context.ref->get());
  ErrorCapture errors(context.ref);
  MlirModule module = mlirModuleCreateParse(context.ref->get(), toRef(text));
  if (mlirModuleIsNull(module))
    throw errors.error("Unable to parse module assembly");
  return makeRoot(context.ref, mlirModuleGetOperation(module));
}

static std::string print(const Operation &self, bool names, bool locations,
                         bool generic) {
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  if (names)
    mlirOpPrintingFlagsPrintNameLocAsPrefix(flags);
  if (locations)
    mlirOpPrintingFlagsEnableDebugInfo(flags, /*enable=*/true,
                                       /*prettyForm=*/false);
  if (generic)
    mlirOpPrintingFlagsPrintGenericOpForm(flags);
  std::string text;
  mlirOperationPrintWithFlags(self.operation, flags, append, &text);
  mlirOpPrintingFlagsDestroy(flags);
  return text;
}

static void verify(const Operation &self) {
  ErrorCapture errors(self.root->context);
  if (!mlirOperationVerify(self.operation))
    throw errors.error("Verification failed");
}

static nb::list getBlocks(const RootRef &root, MlirRegion region) {
  nb::list blocks;
  for (MlirBlock block = mlirRegionGetFirstBlock(region);
       !mlirBlockIsNull(block); block = mlirBlockGetNextInRegion(block))
    blocks.append(Block{root, block});
  return blocks;
}

static nb::list getRegions(const Operation &self) {
  return toList(mlirOperationGetNumRegions(self.operation),
                [&](intptr_t index) {
                  return getBlocks(
                      self.root, mlirOperationGetRegion(self.operation, index));
                });
}

static Block getBody(const Operation &self) {
  MlirBlock block = mlirRegionGetFirstBlock(getRegion(self, /*index=*/0));
  if (mlirBlockIsNull(block))
    throw nb::index_error("the operation has no block");
  return {self.root, block};
}

static nb::list getResults(const Operation &self) {
  return toList(
      mlirOperationGetNumResults(self.operation), [&](intptr_t index) {
        return Value{self.root, mlirOperationGetResult(self.operation, index)};
      });
}

static Value getResult(const Operation &self) {
  if (mlirOperationGetNumResults(self.operation) != 1)
    throw nb::value_error("the operation has not one result");
  return {self.root, mlirOperationGetResult(self.operation, /*pos=*/0)};
}

static nb::list getOperands(const Operation &self) {
  return toList(
      mlirOperationGetNumOperands(self.operation), [&](intptr_t index) {
        return Value{self.root, mlirOperationGetOperand(self.operation, index)};
      });
}

static nb::object orNone(const RootRef &root, MlirOperation operation) {
  if (mlirOperationIsNull(operation))
    return nb::none();
  return nb::cast(Operation{root, operation});
}

static void takeRegions(const Operation &self, const Operation &source) {
  intptr_t count = mlirOperationGetNumRegions(self.operation);
  if (count != mlirOperationGetNumRegions(source.operation))
    throw nb::value_error("the operations have not as many regions");
  for (intptr_t index = 0; index < count; ++index)
    mlirRegionTakeBody(mlirOperationGetRegion(self.operation, index),
                       mlirOperationGetRegion(source.operation, index));
}

static nb::list getOperations(const Block &self) {
  nb::list operations;
  for (MlirOperation each = mlirBlockGetFirstOperation(self.block);
       !mlirOperationIsNull(each); each = mlirOperationGetNextInBlock(each))
    operations.append(Operation{self.root, each});
  return operations;
}

nb::list enigma::python::getArguments(const Block &block) {
  return toList(mlirBlockGetNumArguments(block.block), [&](intptr_t index) {
    return Value{block.root, mlirBlockGetArgument(block.block, index)};
  });
}

static void eraseArgument(const Block &self, intptr_t index) {
  if (index < 0 || index >= mlirBlockGetNumArguments(self.block))
    throw nb::index_error("the block has no such argument");
  if (!mlirOpOperandIsNull(
          mlirValueGetFirstUse(mlirBlockGetArgument(self.block, index))))
    throw nb::value_error("the argument has uses");
  mlirBlockEraseArgument(self.block, index);
}

static std::string getName(const Value &self) {
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsPrintNameLocAsPrefix(flags);
  MlirAsmState state = mlirAsmStateCreateForValue(self.value, flags);
  std::string text;
  mlirValuePrintAsOperand(self.value, state, append, &text);
  mlirAsmStateDestroy(state);
  mlirOpPrintingFlagsDestroy(flags);
  return text;
}

static InsertionPoint beforeOperation(const Operation &operation) {
  MlirBlock block = mlirOperationGetBlock(operation.operation);
  if (mlirBlockIsNull(block))
    throw nb::value_error("the operation stands in no block");
  return {operation.root, block, operation.operation};
}

static InsertionPoint afterOperation(const Operation &operation) {
  InsertionPoint point = beforeOperation(operation);
  point.before = mlirOperationGetNextInBlock(operation.operation);
  return point;
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

/// Makes a class comparable by what `get` gives: things of MLIR are the same if
/// their addresses are.
template <typename T, typename Get>
static nb::class_<T> withIdentity(nb::class_<T> bound, Get get) {
  bound
      .def(
          "__eq__",
          [get](const T &self, nb::handle other) {
            return nb::isinstance<T>(other) &&
                   get(self) == get(nb::cast<const T &>(other));
          },
          nb::arg("other").none(),
          nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [get](const T &self) {
        return std::hash<const void *>()(get(self));
      });
  return bound;
}

/// The exception `MLIRError` of this module, which lives as long as the
/// process.
static nb::handle errorClass;

static void raiseMLIRError(const std::exception_ptr &exception, void *) {
  try {
    std::rethrow_exception(exception);
  } catch (const MLIRError &error) {
    nb::object raised = errorClass(error.what());
    raised.attr("error_diagnostics") = nb::cast(error.diagnostics);
    PyErr_SetObject(errorClass.ptr(), raised.ptr());
  }
}

static void registerErrors(nb::module_ &m) {
  errorClass = nb::object(nb::exception<MLIRError>(m, "MLIRError")).release();
  errorClass.attr("__doc__") =
      "What MLIR reports when it fails; `error_diagnostics` are the errors.";
  nb::register_exception_translator(raiseMLIRError);

  nb::class_<Diagnostic>(m, "Diagnostic", "What MLIR reports.")
      .def_prop_ro(
          "severity", [](const Diagnostic &self) { return self.severity; },
          "\"error\", \"warning\", \"note\" or \"remark\".")
      .def_ro("message", &Diagnostic::message, "The text.")
      .def_ro("location", &Diagnostic::location, "What it is about.")
      .def_ro("notes", &Diagnostic::notes, "The notes below it.");
}

static void registerContexts(nb::module_ &m) {
  nb::class_<Context>(m, "Context",
                      "What types, attributes and operations live in, with "
                      "Enigma's dialects.")
      .def(
          "__init__",
          [](Context *self, bool allowUnregistered) {
            new (self)
                Context{std::make_shared<ContextOwner>(allowUnregistered)};
          },
          nb::arg("allow_unregistered") = false,
          "Operations and types of other dialects are allowed if that is said.")
      .def("attach_diagnostic_handler", attachHandler, nb::arg("handler"),
           nb::sig("def attach_diagnostic_handler(self, handler: "
                   "collections.abc.Callable[[Diagnostic], bool]) -> None"),
           "Have a function told what is reported, for as long as the context "
           "lives; those before it learn of what it gives False for.")
      .def_static(
          "live_count", [] { return liveContexts.load(); },
          "How many contexts there are.");

  withIdentity(nb::class_<Type>(m, "Type", "A type."),
               [](const Type &self) { return self.type.ptr; })
      .def_static("parse", parseType, nb::arg("text"), nb::arg("context"),
                  "Raises MLIRError.")
      .def("__str__", [](const Type &self) {
        std::string text;
        mlirTypePrint(self.type, append, &text);
        return text;
      });

  nb::class_<Location>(m, "Location", "Where something comes from.")
      .def_static(
          "named",
          [](std::string_view name, const Location &location) {
            return Location{location.context,
                            mlirLocationNameGet(location.context->get(),
                                                toRef(name),
                                                location.location)};
          },
          nb::arg("name"), nb::arg("location"),
          "A location with the name of a variable.")
      .def_prop_ro("source", getSource,
                   nb::sig("def source(self) -> tuple[str, int, int] | None"),
                   "The file, line and column.")
      .def_prop_ro("variable", getVariable,
                   nb::sig("def variable(self) -> str | None"),
                   "The name of the variable that it has, or one of those that "
                   "it is made of.")
      .def_prop_ro(
          "is_fused",
          [](const Location &self) {
            return mlirLocationIsAFused(self.location);
          },
          "Whether it is made of several.");
}

static void registerAttributes(nb::module_ &m) {
  withIdentity(nb::class_<Attribute>(m, "Attribute", "An attribute."),
               [](const Attribute &self) { return self.attribute.ptr; })
      .def_static("parse", parseAttribute, nb::arg("text"), nb::arg("context"),
                  "Raises MLIRError.")
      .def_static(
          "string",
          [](std::string_view text, const Context &context) {
            return Attribute{context.ref, mlirStringAttrGet(context.ref->get(),
                                                            toRef(text))};
          },
          nb::arg("text"), nb::arg("context"), "A text.")
      .def_static(
          "integer",
          [](const Type &type, int64_t number) {
            if (!mlirTypeIsAInteger(type.type) && !mlirTypeIsAIndex(type.type))
              throw nb::type_error("expected a type of integers");
            return Attribute{type.context,
                             mlirIntegerAttrGet(type.type, number)};
          },
          nb::arg("type"), nb::arg("number"), "A number of a type.")
      .def_static(
          "real",
          [](const Type &type, double number) {
            if (!mlirTypeIsAFloat(type.type))
              throw nb::type_error("expected a type of real numbers");
            return Attribute{
                type.context,
                mlirFloatAttrDoubleGet(type.context->get(), type.type, number)};
          },
          nb::arg("type"), nb::arg("number"), "A number of a type.")
      .def_static(
          "unit",
          [](const Context &context) {
            return Attribute{context.ref, mlirUnitAttrGet(context.ref->get())};
          },
          nb::arg("context"), "One that is there, or not.")
      .def_static(
          "array",
          [](nb::list attributes, const Context &context) {
            std::vector<MlirAttribute> all = getAttributes(attributes);
            return Attribute{
                context.ref,
                mlirArrayAttrGet(context.ref->get(), all.size(), all.data())};
          },
          nb::arg("attributes"), nb::arg("context"),
          nb::sig("def array(attributes: list[Attribute], context: Context) -> "
                  "Attribute"),
          "Attributes one after another.")
      .def_static(
          "integers",
          [](const std::vector<int64_t> &numbers, const Context &context) {
            return Attribute{context.ref, mlirDenseI64ArrayGet(
                                              context.ref->get(),
                                              numbers.size(), numbers.data())};
          },
          nb::arg("numbers"), nb::arg("context"), "Numbers of 64 bits.")
      .def_static(
          "splat",
          [](const Type &type, const Attribute &element) {
            if (!mlirTypeIsAShaped(type.type))
              throw nb::type_error("expected a type of several elements");
            return Attribute{type.context, mlirDenseElementsAttrSplatGet(
                                               type.type, element.attribute)};
          },
          nb::arg("type"), nb::arg("element"), "The same in all elements.")
      .def_static(
          "elements",
          [](const Type &type, nb::list elements) {
            std::vector<MlirAttribute> all = getAttributes(elements);
            if (!mlirTypeIsAShaped(type.type))
              throw nb::type_error("expected a type of several elements");
            return Attribute{
                type.context,
                mlirDenseElementsAttrGet(type.type, all.size(), all.data())};
          },
          nb::arg("type"), nb::arg("elements"),
          nb::sig("def elements(type: Type, elements: list[Attribute]) -> "
                  "Attribute"),
          "Each element by itself.")
      .def_static(
          "raw",
          [](const Type &type, nb::bytes data) {
            MlirAttribute attribute =
                mlirTypeIsAShaped(type.type)
                    ? mlirDenseElementsAttrRawBufferGet(type.type, data.size(),
                                                        data.data())
                    : mlirAttributeGetNull();
            if (mlirAttributeIsNull(attribute))
              throw nb::value_error("these are not the bytes of the elements");
            return Attribute{type.context, attribute};
          },
          nb::arg("type"), nb::arg("data"), "All elements by their bytes.")
      .def_prop_ro("value", getValue, nb::sig("def value(self) -> typing.Any"),
                   "The text or number, the type, or the attributes in it. "
                   "Raises TypeError if it has none of these.")
      .def("__str__", [](const Attribute &self) {
        std::string text;
        mlirAttributePrint(self.attribute, append, &text);
        return text;
      });
}

static void registerOperations(nb::module_ &m) {
  nb::class_<Block> block(m, "Block", "Operations in a row.");
  auto value = withIdentity(nb::class_<Value>(m, "Value", "A value."),
                            [](const Value &self) { return self.value.ptr; });

  withIdentity(nb::class_<Operation>(m, "Operation", "An operation."),
               [](const Operation &self) { return self.operation.ptr; })
      .def_static("parse", parseModule, nb::arg("text"), nb::arg("context"),
                  "The module that a text is, or that is around it. Raises "
                  "MLIRError.")
      .def_prop_ro(
          "name",
          [](const Operation &self) {
            return toView(
                mlirIdentifierStr(mlirOperationGetName(self.operation)));
          },
          "The dialect and the name in it.")
      .def(
          "get_attribute",
          [](const Operation &self, std::string_view name) -> nb::object {
            MlirAttribute attribute =
                mlirOperationGetAttributeByName(self.operation, toRef(name));
            if (mlirAttributeIsNull(attribute))
              return nb::none();
            return nb::cast(Attribute{self.root->context, attribute});
          },
          nb::arg("name"),
          nb::sig("def get_attribute(self, name: str) -> Attribute | None"),
          "The attribute of that name that it has now; None if it has none.")
      .def(
          "set_attribute",
          [](const Operation &self, std::string_view name,
             const Attribute &attribute) {
            mlirOperationSetAttributeByName(self.operation, toRef(name),
                                            attribute.attribute);
          },
          nb::arg("name"), nb::arg("attribute"),
          "Give it an attribute, or another one.")
      .def_prop_ro("operands", getOperands,
                   nb::sig("def operands(self) -> list[Value]"),
                   "What it is computed from.")
      .def_prop_ro("results", getResults,
                   nb::sig("def results(self) -> list[Value]"), "Its values.")
      .def_prop_ro("result", getResult, "Its only value; else ValueError.")
      .def_prop_ro("regions", getRegions,
                   nb::sig("def regions(self) -> list[list[Block]]"),
                   "The blocks of each of its regions.")
      .def_prop_ro("body", getBody,
                   "The first block in it; IndexError if there is none.")
      .def_prop_ro(
          "parent",
          [](const Operation &self) {
            return orNone(self.root,
                          mlirOperationGetParentOperation(self.operation));
          },
          nb::sig("def parent(self) -> Operation | None"),
          "The operation around it.")
      .def_prop_rw(
          "location",
          [](const Operation &self) {
            return Location{self.root->context,
                            mlirOperationGetLocation(self.operation)};
          },
          [](const Operation &self, const Location &location) {
            mlirOperationSetLocation(self.operation, location.location);
          },
          "Where it comes from.")
      .def("take_regions", takeRegions, nb::arg("source"),
           "Move what is in another operation with as many regions here.")
      .def(
          "bury",
          [](const Operation &self) {
            if (mlirBlockIsNull(mlirOperationGetBlock(self.operation)))
              throw nb::value_error("the operation stands in no block");
            self.root->bury(self.operation);
          },
          "Take it out of its block. It lives on until `destroy_buried`.")
      .def(
          "destroy_buried",
          [](const Operation &self) { self.root->destroyBuried(); },
          "Destroy what was buried in the module around this operation; what "
          "is left of it in Python may not be used any more.")
      .def(
          "clone",
          [](const Operation &self) {
            return makeRoot(self.root->context,
                            mlirOperationClone(self.operation));
          },
          "A copy that stands in no block.")
      .def("verify", verify, "Raises MLIRError if it is not valid.")
      .def("text", print, nb::arg("names") = false,
           nb::arg("locations") = false, nb::arg("generic") = false,
           "The text, with the names of variables, with locations, in the "
           "form that all operations have in common.")
      .def(
          "bytecode",
          [](const Operation &self) {
            std::string bytes;
            mlirOperationWriteBytecode(self.operation, append, &bytes);
            return nb::bytes(bytes.data(), bytes.size());
          },
          "It as MLIR's bytecode.")
      .def("__str__", [](const Operation &self) {
        return print(self, /*names=*/false, /*locations=*/false,
                     /*generic=*/false);
      });

  block
      .def_prop_ro("operations", getOperations,
                   nb::sig("def operations(self) -> list[Operation]"),
                   "What is in it now.")
      .def_prop_ro(
          "is_empty",
          [](const Block &self) {
            return mlirOperationIsNull(mlirBlockGetFirstOperation(self.block));
          },
          "Whether nothing is in it now.")
      .def_prop_ro("arguments", getArguments,
                   nb::sig("def arguments(self) -> list[Value]"),
                   "The values that it starts with.")
      .def_prop_ro(
          "owner",
          [](const Block &self) {
            return orNone(self.root, mlirBlockGetParentOperation(self.block));
          },
          nb::sig("def owner(self) -> Operation | None"),
          "The operation around it.")
      .def(
          "append",
          [](const Block &self, Operation &operation) {
            moveTo(self.root, self.block, operation);
          },
          nb::arg("operation"), "Move an operation to its end.")
      .def("erase_argument", eraseArgument, nb::arg("index"),
           "Take an argument away that has no uses.");

  value
      .def_prop_ro(
          "type",
          [](const Value &self) {
            return Type{self.root->context, mlirValueGetType(self.value)};
          },
          "Its type.")
      .def_prop_ro(
          "definition",
          [](const Value &self) {
            return orNone(self.root, mlirValueIsAOpResult(self.value)
                                         ? mlirOpResultGetOwner(self.value)
                                         : MlirOperation{nullptr});
          },
          nb::sig("def definition(self) -> Operation | None"),
          "The operation that gives it; None for an argument of a block.")
      .def_prop_ro(
          "location",
          [](const Value &self) {
            return Location{self.root->context,
                            mlirValueGetLocation(self.value)};
          },
          "Where it comes from.")
      .def_prop_ro(
          "is_used",
          [](const Value &self) {
            return !mlirOpOperandIsNull(mlirValueGetFirstUse(self.value));
          },
          "Whether anything is computed from it.")
      .def_prop_ro("name", getName, "What the text calls it.");

  nb::class_<InsertionPoint>(m, "InsertionPoint",
                             "Where operations are put into a block.")
      .def(
          "__init__",
          [](InsertionPoint *self, const Block &block) {
            new (self) InsertionPoint{block.root, block.block};
          },
          nb::arg("block"), "The end of a block.")
      .def_static(
          "start",
          [](const Block &block) {
            return InsertionPoint{block.root, block.block,
                                  mlirBlockGetFirstOperation(block.block)};
          },
          nb::arg("block"), "The start of a block.")
      .def_static("before", beforeOperation, nb::arg("operation"),
                  "Before an operation.")
      .def_static("after", afterOperation, nb::arg("operation"),
                  "Behind an operation.");
}

void enigma::python::registerIR(nb::module_ &m) {
  registerErrors(m);
  registerContexts(m);
  registerAttributes(m);
  registerOperations(m);
}
