// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OperationBuilder.h"

#include "Contents.h"

#include "mlir/Bindings/Python/IRCore.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nb = nanobind;
using namespace mlir::python::MLIR_BINDINGS_PYTHON_DOMAIN;

namespace {
/// The locations of the instructions of one code object, made as they are
/// needed.
class CodeLocations {
public:
  CodeLocations(nb::handle code, nb::list positions)
      : file(nb::cast<std::string>(code.attr("co_filename"))),
        positions(std::move(positions)), locations(this->positions.size()) {}

  /// The location of the instruction at a byte offset.
  MlirLocation get(MlirContext context, int instruction) {
    size_t index = instruction / 2;
    if (instruction < 0 || index >= locations.size())
      return mlirLocationFileLineColGet(context, getFile(), 0, 0);
    MlirLocation &location = locations[index];
    if (!location.ptr) {
      nb::handle position = positions[index];
      location =
          mlirLocationFileLineColGet(context, getFile(), getNumber(position[0]),
                                     getNumber(position[2]) + 1);
    }
    return location;
  }

private:
  static int getNumber(nb::object number) {
    return number.is_none() ? 0 : nb::cast<int>(number);
  }

  MlirStringRef getFile() const {
    return mlirStringRefCreate(file.data(), file.size());
  }

  std::string file;
  /// The lines and columns of each instruction, as `co_positions` says.
  nb::list positions;
  std::vector<MlirLocation> locations;
};

/// Builds operations of one context, whose location is the line of the user
/// that is running: that of the innermost frame whose code is not Enigma's own.
class OperationBuilder {
public:
  explicit OperationBuilder(PyMlirContext &context)
      : context(context.getRef()),
        unknown(mlirLocationUnknownGet(context.get())) {}
  OperationBuilder(const OperationBuilder &) = delete;

  MlirLocation findLocation() {
    // There are many frames, and most are of code that is known: what these
    // hold is counted by hand. Python makes an object of each that is looked
    // at: not of those that are Enigma's own in any case.
    auto *frame = reinterpret_cast<PyFrameObject *>(
        PyObject_CallOneArg(getFrame.ptr(), ownFrames.ptr()));
    if (!frame)
      throw nb::python_error();
    while (frame) {
      PyCodeObject *code = PyFrame_GetCode(frame);
      Code known = codes.lookup(reinterpret_cast<PyObject *>(code));
      Py_DECREF(code);
      if (!known.isKnown) {
        nb::object owner = nb::steal(reinterpret_cast<PyObject *>(frame));
        known.locations = findLocations(getCode(frame));
        owner.release();
      }
      if (known.locations) {
        int instruction = getInstruction(frame);
        Py_DECREF(frame);
        return known.locations->get(context->get(), instruction);
      }
      PyFrameObject *back = PyFrame_GetBack(frame);
      Py_DECREF(frame);
      frame = back;
    }
    return unknown;
  }

  PyLocation getLocation() { return PyLocation(context, findLocation()); }

  bool isUser(nb::handle code) {
    return findLocations(nb::borrow(code)) != nullptr;
  }

  /// What the variables hold of the user's functions that run, from a frame out
  /// to another one, and their code. For each value there is the name of its
  /// variable, for code the variables of its module. Values that are leaves are
  /// left out. Of the innermost function, `hidden` variables are left out, and
  /// `holding` says what others hold; what its variable `shared` holds is given
  /// besides.
  nb::tuple getRoots(nb::object frame, nb::handle root, nb::set leaves,
                     nb::frozenset hidden, nb::dict holding,
                     nb::handle shared) {
    nb::list things, places;
    nb::object own = nb::none();
    bool isInnermost = true;
    while (frame.is_valid() && !frame.is_none() && !frame.is(root)) {
      auto *current = reinterpret_cast<PyFrameObject *>(frame.ptr());
      nb::object code = getCode(current);
      if (findLocations(code)) {
        nb::dict all = enigma::python::getVariables(frame);
        if (isInnermost && all.contains(shared))
          own = all[shared];
        if (isInnermost && holding.size() != 0) {
          all = nb::steal<nb::dict>(PyDict_Copy(all.ptr()));
          if (PyDict_Update(all.ptr(), holding.ptr()))
            throw nb::python_error();
        }
        // Most are leaves, and there may be many.
        PyObject *name, *value;
        for (Py_ssize_t next = 0; PyDict_Next(all.ptr(), &next, &name, &value);)
          if (!enigma::python::isLeaf(value, leaves) &&
              !(isInnermost && hidden.contains(nb::handle(name)))) {
            things.append(nb::handle(value));
            places.append(nb::handle(name));
          }
        things.append(code);
        places.append(frame.attr("f_globals"));
        isInnermost = false;
      }
      frame = nb::steal(reinterpret_cast<PyObject *>(PyFrame_GetBack(current)));
    }
    return nb::make_tuple(things, places, own);
  }

  /// The bytes of the user's code of which there are locations.
  size_t getCodeBytes() const { return codeBytes; }

  nb::object create(std::string_view name, nb::tuple results,
                    nb::tuple operands, std::optional<nb::dict> attributes,
                    int regions, PyInsertionPoint &point) {
    return build(name, results, operands, attributes, regions, findLocation(),
                 point)
        .releaseObject();
  }

  nb::object createAt(std::string_view name, nb::tuple results,
                      nb::tuple operands, std::optional<nb::dict> attributes,
                      PyLocation &location, PyInsertionPoint &point) {
    return build(name, results, operands, attributes, 0, location, point)
        .releaseObject();
  }

  nb::object infer(std::string_view name, nb::tuple operands,
                   std::optional<nb::dict> attributes, nb::object point) {
    llvm::SmallVector<MlirValue, 4> values = getValues(operands);
    PyLocation location = getLocation();
    return PyOperation::create(name, std::nullopt, values,
                               std::move(attributes), std::nullopt,
                               /*regions=*/0, location, point,
                               /*inferType=*/true);
  }

  nb::tuple createValue(std::string_view name, nb::handle type,
                        nb::tuple operands, std::optional<nb::dict> attributes,
                        PyInsertionPoint &point) {
    PyOperationRef operation = build(name, nb::make_tuple(type), operands,
                                     attributes, 0, findLocation(), point);
    nb::object result =
        nb::cast(PyOpResult(operation, mlirOperationGetResult(*operation.get(),
                                                              /*pos=*/0)));
    return nb::make_tuple(operation.releaseObject(), std::move(result));
  }

  nb::tuple createKernel(std::string_view file, unsigned line,
                         PyAttribute &target, nb::dict attributes,
                         nb::sequence types, nb::sequence names) {
    MlirLocation location = mlirLocationFileLineColGet(
        context->get(), mlirStringRefCreate(file.data(), file.size()), line,
        /*col=*/1);
    llvm::SmallVector<MlirType, 8> argumentTypes;
    for (nb::handle type : types)
      argumentTypes.push_back(nb::cast<PyType &>(type));
    llvm::SmallVector<MlirLocation, 8> argumentLocations;
    for (nb::handle name : names)
      argumentLocations.push_back(mlirLocationNameGet(
          context->get(),
          mlirStringRefCreateFromCString(nb::borrow<nb::str>(name).c_str()),
          location));
    llvm::SmallVector<MlirNamedAttribute, 8> named =
        getNamedAttributes(attributes);
    if (argumentTypes.size() != argumentLocations.size())
      throw nb::value_error("a kernel has as many types as names");

    // Nothing may raise from here on, or what the state owns is lost.
    MlirOperationState state = mlirOperationStateGet(
        mlirStringRefCreateFromCString("enigma.kernel"), location);
    mlirOperationStateAddAttributes(&state, named.size(), named.data());
    MlirBlock entry = mlirBlockCreate(
        argumentTypes.size(), argumentTypes.data(), argumentLocations.data());
    MlirRegion body = mlirRegionCreate();
    mlirRegionAppendOwnedBlock(body, entry);
    mlirOperationStateAddOwnedRegions(&state, 1, &body);
    MlirModule module = mlirModuleCreateEmpty(location);
    mlirOperationSetAttributeByName(
        mlirModuleGetOperation(module),
        mlirStringRefCreateFromCString("enigma.target"), target);
    MlirOperation kernel = mlirOperationCreate(&state);
    mlirBlockAppendOwnedOperation(mlirModuleGetBody(module), kernel);

    nb::object owner = PyModule::forModule(module).releaseObject();
    PyOperationRef operation =
        PyOperation::forOperation(context, kernel, owner);
    nb::list arguments;
    for (intptr_t index = 0, count = mlirBlockGetNumArguments(entry);
         index < count; ++index)
      arguments.append(
          PyBlockArgument(operation, mlirBlockGetArgument(entry, index)));
    nb::object block = nb::cast(PyBlock(operation, entry));
    return nb::make_tuple(std::move(owner), operation.releaseObject(),
                          std::move(block), std::move(arguments));
  }

  void setName(PyOperation &operation, std::string_view name) {
    operation.checkValid();
    mlirOperationSetLocation(
        operation,
        mlirLocationNameGet(context->get(),
                            mlirStringRefCreate(name.data(), name.size()),
                            mlirOperationGetLocation(operation)));
  }

private:
  static nb::object getCode(PyFrameObject *frame) {
    return nb::steal(reinterpret_cast<PyObject *>(PyFrame_GetCode(frame)));
  }

  static int getInstruction(PyFrameObject *frame) {
#if PY_VERSION_HEX >= 0x030B0000
    return PyFrame_GetLasti(frame);
#else
    return nb::cast<int>(
        nb::handle(reinterpret_cast<PyObject *>(frame)).attr("f_lasti"));
#endif
  }

  static llvm::SmallVector<MlirValue, 4> getValues(nb::tuple operands) {
    llvm::SmallVector<MlirValue, 4> values;
    for (nb::handle operand : operands)
      values.push_back(nb::cast<PyValue &>(operand).get());
    return values;
  }

  llvm::SmallVector<MlirNamedAttribute, 8>
  getNamedAttributes(nb::dict attributes) {
    llvm::SmallVector<MlirNamedAttribute, 8> named;
    for (auto [key, value] : attributes) {
      MlirStringRef text =
          mlirStringRefCreateFromCString(nb::borrow<nb::str>(key).c_str());
      named.push_back(
          mlirNamedAttributeGet(mlirIdentifierGet(context->get(), text),
                                nb::cast<PyAttribute &>(value)));
    }
    return named;
  }

  /// The locations of a code object; null for code of Enigma's own.
  CodeLocations *findLocations(nb::object code) {
    if (Code known = codes.lookup(code.ptr()); known.isKnown)
      return known.locations;
    nb::object positions =
        nb::module_::import_("enigma.locations").attr("user_positions")(code);
    Code made = {nullptr, true};
    if (!positions.is_none()) {
      userCode.push_back(std::make_unique<CodeLocations>(
          code, nb::borrow<nb::list>(positions)));
      made.locations = userCode.back().get();
      codeBytes += 2 * nb::len(positions);
    }
    codes[code.ptr()] = made;
    keptCode.push_back(std::move(code));
    return made.locations;
  }

  PyOperationRef build(std::string_view name, nb::tuple results,
                       nb::tuple operands,
                       const std::optional<nb::dict> &attributes, int regions,
                       MlirLocation location, PyInsertionPoint &point) {
    llvm::SmallVector<MlirType, 4> types;
    for (nb::handle result : results)
      types.push_back(nb::cast<PyType &>(result));
    llvm::SmallVector<MlirValue, 4> values = getValues(operands);
    llvm::SmallVector<MlirNamedAttribute, 8> named;
    if (attributes)
      named = getNamedAttributes(*attributes);
    // Nothing may raise from here on, or what the state owns is lost.
    MlirOperationState state = mlirOperationStateGet(
        mlirStringRefCreate(name.data(), name.size()), location);
    mlirOperationStateAddResults(&state, types.size(), types.data());
    // What is added takes memory, even if it is nothing.
    if (!values.empty())
      mlirOperationStateAddOperands(&state, values.size(), values.data());
    if (!named.empty())
      mlirOperationStateAddAttributes(&state, named.size(), named.data());
    for (int region = 0; region < regions; ++region) {
      MlirRegion owned = mlirRegionCreate();
      mlirOperationStateAddOwnedRegions(&state, 1, &owned);
    }
    PyOperationRef operation =
        PyOperation::createDetached(context, mlirOperationCreate(&state));
    point.insert(*operation.get());
    return operation;
  }

  /// What is known of a code object: its locations, if it is the user's.
  struct Code {
    CodeLocations *locations = nullptr;
    bool isKnown = false;
  };

  PyMlirContextRef context;
  MlirLocation unknown;
  nb::object getFrame = nb::module_::import_("sys").attr("_getframe");
  /// The method that has an operation built, and what calls it.
  nb::int_ ownFrames = nb::int_(2);
  llvm::DenseMap<PyObject *, Code> codes;
  /// The code objects stay alive as long as their addresses are keys.
  std::vector<nb::object> keptCode;
  std::vector<std::unique_ptr<CodeLocations>> userCode;
  size_t codeBytes = 0;
};
} // namespace

/// The integer, or the one in all lanes, that a value is; bits are signed.
static std::optional<int64_t> getConstantInteger(PyValue &value) {
  if (!mlirValueIsAOpResult(value))
    return std::nullopt;
  MlirOperation owner = mlirOpResultGetOwner(value);
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(owner));
  if (std::string_view(name.data, name.length) != "arith.constant")
    return std::nullopt;
  MlirAttribute number = mlirOperationGetInherentAttributeByName(
      owner, mlirStringRefCreateFromCString("value"));
  if (mlirAttributeIsADenseElements(number)) {
    if (!mlirDenseElementsAttrIsSplat(number))
      return std::nullopt;
    number = mlirDenseElementsAttrGetSplatValue(number);
  }
  if (!mlirAttributeIsAInteger(number))
    return std::nullopt;
  return mlirIntegerAttrGetValueInt(number);
}

void enigma::python::registerOperationBuilder(nb::module_ &m) {
  m.def("constant_integer", getConstantInteger, nb::arg("value"),
        nb::sig("def constant_integer(value: enigma._mlir.ir.Value) -> "
                "int | None"),
        "The integer that a value is, or all lanes of it are, if it is a "
        "constant; the bits of an unsigned one as those of a signed one.");

  nb::class_<OperationBuilder>(
      m, "OperationBuilder",
      "Builds operations of a context. Their location is the line of the user "
      "that is running.")
      .def(nb::init<PyMlirContext &>(), nb::arg("context"))
      .def("location", &OperationBuilder::getLocation,
           nb::sig("def location(self) -> enigma._mlir.ir.Location"),
           "The location of the innermost running line of the user.")
      .def("is_user", &OperationBuilder::isUser, nb::arg("code"),
           nb::sig("def is_user(self, code: types.CodeType) -> bool"),
           "Whether code is the user's and not Enigma's own.")
      .def("roots", &OperationBuilder::getRoots, nb::arg("frame"),
           nb::arg("root").none(), nb::arg("leaves"), nb::arg("hidden"),
           nb::arg("holding"), nb::arg("shared"),
           nb::sig("def roots(self, frame: types.FrameType, "
                   "root: types.FrameType | None, leaves: set[type], "
                   "hidden: frozenset[str], holding: dict[str, typing.Any], "
                   "shared: str) -> tuple[list[typing.Any], list[typing.Any], "
                   "typing.Any]"),
           "What the variables hold of the user's functions that run, and "
           "their code; for each the name of its variable, or the variables "
           "of its module; and what the variable `shared` of the innermost "
           "one holds.")
      .def_prop_ro("code_bytes", &OperationBuilder::getCodeBytes,
                   "The bytes of the user's code of which there are locations.")
      .def("create", &OperationBuilder::create, nb::arg("name"),
           nb::arg("results"), nb::arg("operands"),
           nb::arg("attributes").none(), nb::arg("regions"), nb::arg("point"),
           nb::sig("def create(self, name: str, "
                   "results: tuple[enigma._mlir.ir.Type, ...], "
                   "operands: tuple[enigma._mlir.ir.Value, ...], "
                   "attributes: dict[str, enigma._mlir.ir.Attribute] | None, "
                   "regions: int, point: enigma._mlir.ir.InsertionPoint) -> "
                   "enigma._mlir.ir.Operation"),
           "Build an operation.")
      .def("create_at", &OperationBuilder::createAt, nb::arg("name"),
           nb::arg("results"), nb::arg("operands"),
           nb::arg("attributes").none(), nb::arg("location"), nb::arg("point"),
           nb::sig("def create_at(self, name: str, "
                   "results: tuple[enigma._mlir.ir.Type, ...], "
                   "operands: tuple[enigma._mlir.ir.Value, ...], "
                   "attributes: dict[str, enigma._mlir.ir.Attribute] | None, "
                   "location: enigma._mlir.ir.Location, "
                   "point: enigma._mlir.ir.InsertionPoint) -> "
                   "enigma._mlir.ir.Operation"),
           "Build an operation with a location of its own.")
      .def("create_value", &OperationBuilder::createValue, nb::arg("name"),
           nb::arg("type"), nb::arg("operands"), nb::arg("attributes").none(),
           nb::arg("point"),
           nb::sig("def create_value(self, name: str, "
                   "type: enigma._mlir.ir.Type, "
                   "operands: tuple[enigma._mlir.ir.Value, ...], "
                   "attributes: dict[str, enigma._mlir.ir.Attribute] | None, "
                   "point: enigma._mlir.ir.InsertionPoint) -> "
                   "tuple[enigma._mlir.ir.Operation, "
                   "enigma._mlir.ir.OpResult]"),
           "Build an operation with one result; gives both.")
      .def("create_kernel", &OperationBuilder::createKernel, nb::arg("file"),
           nb::arg("line"), nb::arg("target"), nb::arg("attributes"),
           nb::arg("types"), nb::arg("names"),
           nb::sig("def create_kernel(self, file: str, line: int, "
                   "target: enigma._mlir.ir.Attribute, "
                   "attributes: dict[str, enigma._mlir.ir.Attribute], "
                   "types: list[enigma._mlir.ir.Type], names: list[str]) -> "
                   "tuple[enigma._mlir.ir.Module, enigma._mlir.ir.Operation, "
                   "enigma._mlir.ir.Block, "
                   "list[enigma._mlir.ir.BlockArgument]]"),
           "Build a module for a target, and a kernel in it, which is defined "
           "at a line, with an argument of each type; gives both, the block of "
           "the kernel, and its arguments.")
      .def("infer", &OperationBuilder::infer, nb::arg("name"),
           nb::arg("operands"), nb::arg("attributes").none(), nb::arg("point"),
           nb::sig("def infer(self, name: str, "
                   "operands: tuple[enigma._mlir.ir.Value, ...], "
                   "attributes: dict[str, enigma._mlir.ir.Attribute] | None, "
                   "point: enigma._mlir.ir.InsertionPoint) -> "
                   "enigma._mlir.ir.Operation"),
           "Build an operation whose result types follow from its operands. "
           "Raises MLIRError.")
      .def("name", &OperationBuilder::setName, nb::arg("operation"),
           nb::arg("name"),
           nb::sig("def name(self, operation: enigma._mlir.ir.Operation, "
                   "name: str) -> None"),
           "Give an operation the name of a variable, in its location.");
}
