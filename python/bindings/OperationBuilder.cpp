// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OperationBuilder.h"

#include "Contents.h"
#include "Frames.h"
#include "IR.h"

#include "enigma-c/Enigma.h"
#include "mlir-c/BuiltinAttributes.h"

#include <nanobind/stl/optional.h>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;
using namespace enigma::python;

namespace {
/// Where an instruction stands: lines and columns count from 1.
struct Place {
  int line = 0;
  int column = 1;
};

#if PY_VERSION_HEX >= 0x030B0000
/// A reader of what a code object says of its instructions; CPython describes
/// the form in Objects/locations.md.
class PlaceReader {
public:
  PlaceReader(const nb::bytes &table, int line)
      : at(static_cast<const uint8_t *>(table.data())),
        end(this->at + table.size()), line(line) {}

  bool isAtEnd() const { return at == end; }

  /// Reads where the next instructions stand, and how many they are.
  std::pair<Place, int> read() {
    uint8_t first = *at++;
    int form = (first >> 3) & 15, count = (first & 7) + 1;
    if (form == 15)
      return {Place(), count};
    if (form >= 13) {
      unsigned step = readNumber();
      line += step & 1 ? -int(step >> 1) : int(step >> 1);
      int column = 1;
      if (form == 14) {
        readNumber();
        column = std::max(readNumber(), 1u);
        readNumber();
      }
      return {Place{line, column}, count};
    }
    uint8_t second = *at++;
    if (form < 10)
      return {Place{line, form * 8 + (second >> 4) + 1}, count};
    ++at;
    line += form - 10;
    return {Place{line, second + 1}, count};
  }

private:
  /// Reads six bits a byte, the lowest first.
  unsigned readNumber() {
    unsigned number = 0;
    for (unsigned shift = 0;; shift += 6) {
      uint8_t part = *at++;
      number |= unsigned(part & 63) << shift;
      if (!(part & 64))
        return number;
    }
  }

  const uint8_t *at, *end;
  int line;
};
#endif

/// Gives where each instruction of a code object stands. A frame that is asked
/// for its line walks the table of the whole function, which would make tracing
/// a long kernel quadratic: this walks it once.
std::vector<Place> getPlaces(nb::handle code) {
  std::vector<Place> places;
#if PY_VERSION_HEX >= 0x030B0000
  auto table = nb::cast<nb::bytes>(code.attr("co_linetable"));
  PlaceReader reader(table, nb::cast<int>(code.attr("co_firstlineno")));
  while (!reader.isAtEnd()) {
    auto [place, count] = reader.read();
    places.insert(places.end(), count, place);
  }
#else
  for (nb::handle range : code.attr("co_lines")()) {
    int count = (nb::cast<int>(range[1]) - nb::cast<int>(range[0])) / 2;
    nb::object line = range[2];
    Place place{line.is_none() ? 0 : nb::cast<int>(line), 0};
    places.insert(places.end(), count, place);
  }
#endif
  return places;
}

/// The file of a code object. What of its name is no text, as Linux allows, is
/// spelled as Python spells it in messages.
std::string getFile(nb::handle code) {
  auto name = nb::steal<nb::bytes>(PyUnicode_AsEncodedString(
      nb::object(code.attr("co_filename")).ptr(), "utf-8", "backslashreplace"));
  if (!name.is_valid())
    throw nb::python_error();
  return std::string(name.c_str(), name.size());
}

/// The locations of the instructions of one code object, made as they are
/// needed.
class CodeLocations {
public:
  explicit CodeLocations(nb::handle code)
      : file(getFile(code)), places(getPlaces(code)), locations(places.size()) {
  }

  /// The location of the instruction at a byte offset.
  MlirLocation get(MlirContext context, int instruction) {
    size_t index = instruction / 2;
    if (instruction < 0 || index >= locations.size())
      return mlirLocationFileLineColGet(context, toRef(file), 0, 0);
    MlirLocation &location = locations[index];
    if (!location.ptr)
      location = mlirLocationFileLineColGet(
          context, toRef(file), places[index].line, places[index].column);
    return location;
  }

  /// How many instructions there are.
  size_t size() const { return places.size(); }

private:
  std::string file;
  std::vector<Place> places;
  std::vector<MlirLocation> locations;
};

/// Builds operations of one context, whose location is the line of the user
/// that is running: that of the innermost frame whose code is not Enigma's own.
class OperationBuilder {
public:
  explicit OperationBuilder(const Context &context)
      : context(context.ref),
        unknown(mlirLocationUnknownGet(context.ref->get())) {}
  OperationBuilder(const OperationBuilder &) = delete;

  MlirLocation findLocation() {
    MlirLocation found = unknown;
    visitFrames([&](PyObject *code, int instruction) {
      CodeLocations *locations = findLocations(code);
      if (locations)
        found = locations->get(context->get(), instruction);
      return locations != nullptr;
    });
    return found;
  }

  Location getLocation() { return {context, findLocation()}; }

  bool isUser(nb::handle code) { return findLocations(code) != nullptr; }

  /// What the variables hold of the user's functions that run, from a frame out
  /// to another one, and their code. For each value there is the name of its
  /// variable, for code the variables of its module. Values that are leaves are
  /// left out. Of the innermost function, `hidden` variables are left out, and
  /// `holding` says what others hold; what its variable `shared` holds is given
  /// besides.
  nb::tuple getRoots(nb::object frame, nb::handle root, nb::dict leaves,
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

  Operation create(std::string_view name, nb::tuple results, nb::tuple operands,
                   std::optional<nb::dict> attributes, int regions,
                   const InsertionPoint &point) {
    return build(name, getTypes(results), operands, attributes, regions,
                 findLocation(), point);
  }

  Operation createAt(std::string_view name, nb::tuple results,
                     nb::tuple operands, std::optional<nb::dict> attributes,
                     const Location &location, const InsertionPoint &point) {
    return build(name, getTypes(results), operands, attributes, /*regions=*/0,
                 location.location, point);
  }

  Operation infer(std::string_view name, nb::tuple operands,
                  std::optional<nb::dict> attributes,
                  const InsertionPoint &point) {
    llvm::SmallVector<MlirValue, 4> values = getValues(operands);
    llvm::SmallVector<MlirNamedAttribute, 8> named =
        getNamedAttributes(attributes);
    MlirLocation location = findLocation();
    enigmaContextLoadOperation(context->get(), toRef(name));
    // Nothing may raise from here on, or what the state owns is lost.
    MlirOperationState state = mlirOperationStateGet(toRef(name), location);
    // What is added takes memory, even if it is nothing.
    if (!values.empty())
      mlirOperationStateAddOperands(&state, values.size(), values.data());
    if (!named.empty())
      mlirOperationStateAddAttributes(&state, named.size(), named.data());
    ErrorCapture errors(context);
    mlirOperationStateEnableResultTypeInference(&state);
    MlirOperation operation = mlirOperationCreate(&state);
    if (mlirOperationIsNull(operation))
      throw errors.error("Operation creation failed");
    return place(operation, point);
  }

  nb::tuple createValue(std::string_view name, const Type &type,
                        nb::tuple operands, std::optional<nb::dict> attributes,
                        const InsertionPoint &point) {
    Operation operation = build(name, type.type, operands, attributes,
                                /*regions=*/0, findLocation(), point);
    Value result = {operation.root,
                    mlirOperationGetResult(operation.operation, /*pos=*/0)};
    return nb::make_tuple(std::move(operation), std::move(result));
  }

  nb::tuple createKernel(nb::handle code, const Attribute &target,
                         nb::dict attributes, nb::sequence types,
                         nb::sequence names) {
    MlirLocation location = mlirLocationFileLineColGet(
        context->get(), toRef(getFile(code)),
        nb::cast<unsigned>(code.attr("co_firstlineno")), /*col=*/1);
    llvm::SmallVector<MlirType, 4> argumentTypes = getTypes(types);
    llvm::SmallVector<MlirLocation, 4> argumentLocations;
    for (nb::handle name : names)
      argumentLocations.push_back(
          mlirLocationNameGet(context->get(), toRef(name), location));
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
        mlirStringRefCreateFromCString("enigma.target"), target.attribute);
    MlirOperation kernel = mlirOperationCreate(&state);
    mlirBlockAppendOwnedOperation(mlirModuleGetBody(module), kernel);

    auto root = std::make_shared<Root>(context, mlirModuleGetOperation(module));
    Block block = {root, entry};
    nb::list arguments = getArguments(block);
    return nb::make_tuple(Operation{root, mlirModuleGetOperation(module)},
                          Operation{root, kernel}, std::move(block),
                          std::move(arguments));
  }

  void setName(const Operation &operation, std::string_view name) {
    mlirOperationSetLocation(
        operation.operation,
        mlirLocationNameGet(context->get(), toRef(name),
                            mlirOperationGetLocation(operation.operation)));
  }

private:
  static nb::object getCode(PyFrameObject *frame) {
    return nb::steal(reinterpret_cast<PyObject *>(PyFrame_GetCode(frame)));
  }

  llvm::SmallVector<MlirNamedAttribute, 8>
  getNamedAttributes(const std::optional<nb::dict> &attributes) {
    llvm::SmallVector<MlirNamedAttribute, 8> named;
    if (!attributes)
      return named;
    for (auto [key, value] : *attributes)
      named.push_back(
          mlirNamedAttributeGet(mlirIdentifierGet(context->get(), toRef(key)),
                                nb::cast<Attribute &>(value).attribute));
    return named;
  }

  /// The locations of a code object; null for code of Enigma's own.
  CodeLocations *findLocations(nb::handle code) {
    if (auto known = codes.find(code.ptr()); known != codes.end())
      return known->second;
    nb::object isInternal =
        nb::module_::import_("enigma.locations").attr("is_internal");
    CodeLocations *made = nullptr;
    if (!nb::cast<bool>(isInternal(code))) {
      userCode.push_back(std::make_unique<CodeLocations>(nb::borrow(code)));
      made = userCode.back().get();
      codeBytes += 2 * made->size();
    }
    codes[code.ptr()] = made;
    keptCode.push_back(nb::borrow(code));
    return made;
  }

  Operation build(std::string_view name, llvm::ArrayRef<MlirType> results,
                  nb::tuple operands, const std::optional<nb::dict> &attributes,
                  int regions, MlirLocation location,
                  const InsertionPoint &point) {
    llvm::SmallVector<MlirValue, 4> values = getValues(operands);
    llvm::SmallVector<MlirNamedAttribute, 8> named =
        getNamedAttributes(attributes);
    return place(enigmaOperationCreate(location, toRef(name), results.size(),
                                       results.data(), values.size(),
                                       values.data(), named.size(),
                                       named.data(), regions),
                 point);
  }

  static Operation place(MlirOperation operation, const InsertionPoint &point) {
    point.insert(operation);
    return {point.root, operation};
  }

  ContextRef context;
  MlirLocation unknown;
  /// The code objects that are known, and their locations, if they are the
  /// user's.
  llvm::DenseMap<PyObject *, CodeLocations *> codes;
  /// The code objects stay alive as long as their addresses are keys.
  std::vector<nb::object> keptCode;
  std::vector<std::unique_ptr<CodeLocations>> userCode;
  size_t codeBytes = 0;
};
} // namespace

/// The integer, or the one in all lanes, that a value is; bits are signed.
static std::optional<int64_t> getConstantInteger(const Value &value) {
  if (!mlirValueIsAOpResult(value.value))
    return std::nullopt;
  MlirOperation owner = mlirOpResultGetOwner(value.value);
  if (toView(mlirIdentifierStr(mlirOperationGetName(owner))) !=
      "arith.constant")
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
        nb::sig("def constant_integer(value: Value) -> "
                "int | None"),
        "The integer that a value is, or all lanes of it are, if it is a "
        "constant; the bits of an unsigned one as those of a signed one.");

  nb::class_<OperationBuilder>(
      m, "OperationBuilder",
      "Builds operations of a context. Their location is the line of the user "
      "that is running.")
      .def(nb::init<const Context &>(), nb::arg("context"))
      .def("location", &OperationBuilder::getLocation,
           nb::sig("def location(self) -> Location"),
           "The location of the innermost running line of the user.")
      .def("is_user", &OperationBuilder::isUser, nb::arg("code"),
           nb::sig("def is_user(self, code: types.CodeType) -> bool"),
           "Whether code is the user's and not Enigma's own.")
      .def("roots", &OperationBuilder::getRoots, nb::arg("frame").none(),
           nb::arg("root").none(), nb::arg("leaves"), nb::arg("hidden"),
           nb::arg("holding"), nb::arg("shared"),
           nb::sig("def roots(self, frame: types.FrameType | None, "
                   "root: types.FrameType | None, leaves: dict[int, type], "
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
                   "results: tuple[Type, ...], "
                   "operands: tuple[Value, ...], "
                   "attributes: dict[str, Attribute] | None, "
                   "regions: int, point: InsertionPoint) -> "
                   "Operation"),
           "Build an operation.")
      .def("create_at", &OperationBuilder::createAt, nb::arg("name"),
           nb::arg("results"), nb::arg("operands"),
           nb::arg("attributes").none(), nb::arg("location"), nb::arg("point"),
           nb::sig("def create_at(self, name: str, "
                   "results: tuple[Type, ...], "
                   "operands: tuple[Value, ...], "
                   "attributes: dict[str, Attribute] | None, "
                   "location: Location, "
                   "point: InsertionPoint) -> "
                   "Operation"),
           "Build an operation with a location of its own.")
      .def("create_value", &OperationBuilder::createValue, nb::arg("name"),
           nb::arg("type"), nb::arg("operands"), nb::arg("attributes").none(),
           nb::arg("point"),
           nb::sig("def create_value(self, name: str, "
                   "type: Type, "
                   "operands: tuple[Value, ...], "
                   "attributes: dict[str, Attribute] | None, "
                   "point: InsertionPoint) -> "
                   "tuple[Operation, "
                   "Value]"),
           "Build an operation with one result; gives both.")
      .def("create_kernel", &OperationBuilder::createKernel, nb::arg("code"),
           nb::arg("target"), nb::arg("attributes"), nb::arg("types"),
           nb::arg("names"),
           nb::sig("def create_kernel(self, code: types.CodeType, "
                   "target: Attribute, "
                   "attributes: dict[str, Attribute], "
                   "types: list[Type], names: list[str]) -> "
                   "tuple[Operation, Operation, "
                   "Block, "
                   "list[Value]]"),
           "Build a module for a target, and a kernel in it, which stands "
           "where its code begins, with an argument of each type; gives both, "
           "the block of the kernel, and its arguments.")
      .def("infer", &OperationBuilder::infer, nb::arg("name"),
           nb::arg("operands"), nb::arg("attributes").none(), nb::arg("point"),
           nb::sig("def infer(self, name: str, "
                   "operands: tuple[Value, ...], "
                   "attributes: dict[str, Attribute] | None, "
                   "point: InsertionPoint) -> "
                   "Operation"),
           "Build an operation whose result types follow from its operands. "
           "Raises MLIRError.")
      .def("name", &OperationBuilder::setName, nb::arg("operation"),
           nb::arg("name"),
           nb::sig("def name(self, operation: Operation, "
                   "name: str) -> None"),
           "Give an operation the name of a variable, in its location.");
}
