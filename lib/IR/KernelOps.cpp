// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernel, and what belongs to it as a whole.

#include "enigma/IR/EnigmaOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace enigma;

/// What a dumped kernel has its names of variables in, of which the text keeps
/// no more than what its values are called: how many places there are, each
/// operation in it and each argument of their blocks, and of each name the
/// places that have it, and those that have it beside other locations, counted
/// in the order of the text.
static constexpr StringLiteral kVariablesAttr = "enigma.variables";

namespace {
/// The name of a place, and whether it is one of several locations.
struct PlaceName {
  StringAttr name;
  bool isFused = false;
};
} // namespace

/// Names the places in `region` from `place` on.
static void nameVariables(Region &region,
                          const DenseMap<int64_t, PlaceName> &names,
                          int64_t &place) {
  auto named = [&](Location loc) -> Location {
    PlaceName found = names.lookup(place++);
    if (!found.name)
      return loc;
    Location name = NameLoc::get(found.name, loc);
    return found.isFused ? FusedLoc::get(loc.getContext(), {name, loc}) : name;
  };
  for (Operation &op : region.getOps()) {
    op.setLoc(named(op.getLoc()));
    for (Region &inner : op.getRegions()) {
      for (BlockArgument argument : inner.getArguments())
        argument.setLoc(named(argument.getLoc()));
      nameVariables(inner, names, place);
    }
  }
}

/// Gives the arguments of a kernel their names as locations, too.
static void nameArguments(Region &body, ArrayAttr attributes) {
  if (body.empty() || !attributes)
    return;
  for (auto [argument, each] : llvm::zip_equal(body.getArguments(), attributes))
    if (auto name = cast<DictionaryAttr>(each).getAs<StringAttr>(
            EnigmaDialect::kNameAttr))
      argument.setLoc(NameLoc::get(name, argument.getLoc()));
}

/// Takes the names of variables out of the attributes of a kernel, and gives
/// them to what is in it.
static ParseResult parseVariables(OpAsmParser &parser, SMLoc loc,
                                  OperationState &result) {
  Attribute given = result.attributes.erase(kVariablesAttr);
  if (!given)
    return success();
  auto parts = dyn_cast<ArrayAttr>(given);
  auto count =
      parts && !parts.empty() ? dyn_cast<IntegerAttr>(parts[0]) : IntegerAttr();
  bool isValid = static_cast<bool>(count);
  DenseMap<int64_t, PlaceName> names;
  for (unsigned i = 1; isValid && i < parts.size(); ++i) {
    auto variable = dyn_cast<ArrayAttr>(parts[i]);
    isValid = variable && (variable.size() == 2 || variable.size() == 3) &&
              isa<StringAttr>(variable[0]) &&
              llvm::all_of(variable.getValue().drop_front(),
                           llvm::IsaPred<DenseI64ArrayAttr>);
    for (unsigned j = 1; isValid && j < variable.size(); ++j)
      for (int64_t place : cast<DenseI64ArrayAttr>(variable[j]).asArrayRef())
        names[place] = {cast<StringAttr>(variable[0]), /*isFused=*/j == 2};
  }
  if (!isValid)
    return parser.emitError(loc)
           << "'" << result.name << "' op has '" << kVariablesAttr
           << "' that is no count of places with arrays behind it, "
              "each of a name and one or two array<i64>";
  Region &body = *result.regions.front();
  int64_t places = 0;
  nameVariables(body, DenseMap<int64_t, PlaceName>(), places);
  if (places != count.getInt()) {
    mlir::emitWarning(parser.getEncodedSourceLoc(loc))
        << "names of variables are left out: '" << kVariablesAttr
        << "' is of a kernel of " << count.getInt()
        << " operations and arguments in it, found " << places;
    return success();
  }
  places = 0;
  nameVariables(body, names, places);
  nameArguments(body, dyn_cast_or_null<ArrayAttr>(result.attributes.get(
                          KernelOp::getArgAttrsAttrName(result.name))));
  return success();
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  SMLoc loc = parser.getCurrentLocation();
  auto buildFunctionType =
      [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
         function_interface_impl::VariadicFlag,
         std::string &) { return builder.getFunctionType(arguments, results); };
  if (function_interface_impl::parseFunctionOp(
          parser, result, /*allowVariadic=*/false,
          getFunctionTypeAttrName(result.name), buildFunctionType,
          getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name)))
    return failure();
  // An attribute of the wrong kind would otherwise be dropped silently.
  if (failed(verifyInherentAttrs(result.name, result.attributes, [&]() {
        return parser.emitError(loc) << "'" << result.name << "' op ";
      })))
    return failure();
  Region *body = result.regions.front().get();
  if (!body->empty())
    ensureTerminator(*body, parser.getBuilder(), result.location);
  return parseVariables(parser, loc, result);
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

void KernelOp::getAsmBlockArgumentNames(Region &, OpAsmSetValueNameFn setName) {
  for (BlockArgument argument : getArguments())
    if (StringRef name = getArgName(argument.getArgNumber()); !name.empty())
      setName(argument, name);
}

StringRef KernelOp::getArgName(unsigned i) {
  auto name = getArgAttrOfType<StringAttr>(i, EnigmaDialect::kNameAttr);
  return name ? name.getValue() : StringRef();
}

std::optional<ConstantIntRanges> KernelOp::getArgRange(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return std::nullopt;
  auto kernel = dyn_cast_or_null<KernelOp>(argument.getOwner()->getParentOp());
  if (!kernel ||
      !kernel.getArgAttr(argument.getArgNumber(), EnigmaDialect::kExtentAttr))
    return std::nullopt;
  return ConstantIntRanges::fromSigned(APInt(32, 1),
                                       APInt::getSignedMaxValue(32));
}

Type KernelOp::getArgDtype(unsigned i) {
  if (auto dtype = getArgAttrOfType<TypeAttr>(i, EnigmaDialect::kDtypeAttr))
    return dtype.getValue();
  Type type = getArgumentTypes()[i];
  if (auto buffer = dyn_cast<BufferType>(type))
    return buffer.getElementType();
  if (auto memref = dyn_cast<MemRefType>(type))
    return memref.getElementType();
  return type;
}

std::optional<AddressSpace> KernelOp::getArgAddressSpace(unsigned i) {
  Type type = getArgumentTypes()[i];
  if (auto buffer = dyn_cast<BufferType>(type))
    return buffer.getAddressSpace();
  if (auto memref = dyn_cast<MemRefType>(type))
    if (auto space =
            dyn_cast_or_null<AddressSpaceAttr>(memref.getMemorySpace()))
      return space.getValue();
  return std::nullopt;
}

/// Three extents, each from 1 to `limit`.
static LogicalResult verifyExtents(KernelOp kernel, StringRef name,
                                   std::optional<ArrayRef<int64_t>> extents,
                                   int64_t limit) {
  if (!extents)
    return success();
  if (extents->size() != 3 ||
      llvm::any_of(*extents, [](int64_t extent) { return extent <= 0; }))
    return kernel.emitOpError()
           << "'" << name << "' must be three positive extents, found ["
           << *extents << "]";
  if (llvm::any_of(*extents, [&](int64_t extent) { return extent > limit; }))
    return kernel.emitOpError()
           << "'" << name << "' has an extent of more than " << limit
           << " threadgroups, " << TargetAttr::lookup(kernel).getTitle()
           << "'s limit: [" << *extents << "]";
  return success();
}

/// Whether an argument that is no memory may have the type: that of an element
/// of a buffer as a value.
static bool isValueType(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  Type scalar = vector ? vector.getElementType() : type;
  if (auto integer = dyn_cast<IntegerType>(scalar);
      integer && integer.getWidth() > 1) {
    if (!integer.isSignless())
      return false;
    scalar = IntegerType::get(integer.getContext(), integer.getWidth(),
                              IntegerType::Signed);
  }
  return BufferType::isValidElementType(vector ? vector.clone(scalar) : scalar);
}

LogicalResult KernelOp::verify() {
  if (!getResultTypes().empty())
    return emitOpError("has results; a kernel returns nothing");
  if (std::optional<uint64_t> elements = getElementsPerThread();
      elements && static_cast<int64_t>(*elements) < 1)
    return emitOpError("'elements_per_thread' must be positive, found ")
           << static_cast<int64_t>(*elements);

  TargetAttr target = TargetAttr::lookup(*this);
  Limits limits = target.getLimits();
  // Threadgroup arrays have a table of their own.
  llvm::SmallDenseMap<std::pair<unsigned, int64_t>, unsigned> argumentOf;
  for (unsigned i = 0, e = getNumArguments(); i < e; ++i) {
    auto fail = [&]() {
      InFlightDiagnostic diagnostic = emitOpError("argument #") << i;
      if (StringRef name = getArgName(i); !name.empty())
        diagnostic << " ('" << name << "')";
      diagnostic << ": ";
      return diagnostic;
    };
    Type type = getArgumentTypes()[i];
    bool isMemory = isa<BufferType, MemRefType>(type);
    if (!isMemory && !isValueType(type))
      return fail() << "must be a buffer, a scalar or a vector, found " << type;
    if (isa<MemRefType>(type) && !isFlatBuffer(type))
      return fail() << "a memref must have one dimension, no strides and an "
                       "address space of Enigma, found "
                    << type;
    if (isMemory) {
      std::optional<AddressSpace> space = getArgAddressSpace(i);
      if (space == AddressSpace::Thread)
        return fail() << "a buffer argument must be in the address space "
                         "'device', 'constant' or 'threadgroup', found "
                      << type;
    }
    bool isThreadgroup = getArgAddressSpace(i) == AddressSpace::Threadgroup;

    auto index = getArgAttrOfType<IntegerAttr>(i, EnigmaDialect::kIndexAttr);
    if (!index)
      return fail() << "needs '" << EnigmaDialect::kIndexAttr
                    << "', its index in " << target.getTitle() << "'s "
                    << (isThreadgroup ? "threadgroup" : "buffer")
                    << " argument table";
    auto [holder, isNew] =
        argumentOf.try_emplace({isThreadgroup, index.getInt()}, i);
    if (!isNew)
      return fail() << "has the index " << index.getInt() << " of argument #"
                    << holder->second;

    Type dtype = getArgDtype(i);
    if (auto buffer = dyn_cast<BufferType>(type)) {
      if (dtype != buffer.getElementType())
        return fail() << "'" << EnigmaDialect::kDtypeAttr << "' " << dtype
                      << " is not the element type of " << buffer;
      continue;
    }
    Type valueType = type;
    if (auto memref = dyn_cast<MemRefType>(type))
      valueType = memref.getElementType();
    if (!isMemory && isa<PackedType>(dtype))
      return fail() << "is passed by value, and cannot be " << dtype;
    if (!BufferType::isValidElementType(dtype))
      return fail() << "needs '" << EnigmaDialect::kDtypeAttr
                    << "' to state the signedness of " << valueType;
    if (BufferType::getValueType(dtype) != valueType)
      return fail() << "'" << EnigmaDialect::kDtypeAttr << "' " << dtype
                    << " is not the type of values of " << valueType;
  }

  if (failed(verifyExtents(*this, "grid", getGrid(), limits.threadgroups)) ||
      failed(verifyExtents(*this, "grid_limit", getGridLimit(),
                           limits.threadgroups)) ||
      failed(verifyExtents(*this, "block", getBlock(),
                           std::numeric_limits<int64_t>::max())))
    return failure();
  if (std::optional<ArrayRef<int64_t>> block = getBlock()) {
    int64_t threads = 1;
    for (int64_t extent : *block)
      threads = threads > limits.threads / extent ? limits.threads + 1
                                                  : threads * extent;
    if (threads > limits.threads)
      return emitOpError("'block' has more than ")
             << limits.threads << " threads, " << target.getTitle()
             << "'s limit: [" << *block << "]";
  }
  return success();
}

/// Metal has one declaration for each index of a function constant.
static LogicalResult verifyFunctionConstants(KernelOp kernel) {
  llvm::SmallDenseMap<int64_t, FunctionConstantOp> constants;
  WalkResult result = kernel.walk([&](FunctionConstantOp op) {
    FunctionConstantOp first =
        constants.try_emplace(op.getIndexAttr().getInt(), op).first->second;
    if (first.getName() == op.getName() && first.getDtype() == op.getDtype() &&
        first.getDefaultValueAttr() == op.getDefaultValueAttr())
      return WalkResult::advance();
    InFlightDiagnostic diagnostic = op.emitOpError("has the index ")
                                    << op.getIndexAttr().getInt()
                                    << " of another, \"" << first.getName()
                                    << "\" of " << first.getDtype();
    if (TypedAttr value = first.getDefaultValueAttr())
      diagnostic << " with the default " << value;
    diagnostic.attachNote(first.getLoc()) << "the other is here";
    diagnostic.attachNote() << "help: give it another index, or the name, the "
                               "dtype and the default of the other";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

int64_t KernelOp::getThreadgroupBytes() {
  int64_t bytes = 0;
  for (auto alloc : getBody().front().getOps<AllocOp>())
    if (alloc.getAddressSpace() == AddressSpace::Threadgroup)
      bytes += alloc.getNumElements() *
               BufferType::getElementBytes(alloc.getElementDtype());
  return bytes;
}

/// The arrays of a threadgroup, arguments among them, have room together.
static LogicalResult verifyThreadgroupBytes(KernelOp kernel) {
  TargetAttr target = TargetAttr::lookup(kernel);
  int64_t bytes = 0, limit = target.getLimits().threadgroupBytes;
  auto addArray = [&](Operation *op, int64_t elements,
                      Type dtype) -> LogicalResult {
    // One array may be larger than any number of bytes can tell.
    if (elements <= limit)
      bytes += elements * BufferType::getElementBytes(dtype);
    if (elements <= limit && bytes <= limit)
      return success();
    InFlightDiagnostic diagnostic = op->emitOpError();
    if (elements > limit)
      diagnostic << "has " << elements << " elements";
    else
      diagnostic << "takes the kernel's threadgroup memory to " << bytes
                 << " bytes";
    diagnostic << "; " << target.getTitle() << " grants a threadgroup " << limit
               << " bytes"
               << (limit % 1024 == 0
                       ? " (" + std::to_string(limit / 1024) + " KB)"
                       : "");
    diagnostic.attachNote()
        << "help: make its arrays smaller, or let one array "
           "hold in turn what is not needed at one time";
    return diagnostic;
  };
  for (unsigned i = 0, e = kernel.getNumArguments(); i < e; ++i) {
    if (kernel.getArgAddressSpace(i) != AddressSpace::Threadgroup)
      continue;
    Type type = kernel.getArgumentTypes()[i];
    auto buffer = dyn_cast<BufferType>(type);
    int64_t size =
        buffer ? buffer.getSize() : cast<MemRefType>(type).getDimSize(0);
    if (!ShapedType::isDynamic(size) &&
        failed(addArray(kernel, size, kernel.getArgDtype(i))))
      return failure();
  }
  for (auto alloc : kernel.getBody().front().getOps<AllocOp>())
    if (alloc.getAddressSpace() == AddressSpace::Threadgroup &&
        failed(
            addArray(alloc, alloc.getNumElements(), alloc.getElementDtype())))
      return failure();
  return success();
}

LogicalResult KernelOp::verifyRegions() {
  if (failed(verifyThreadgroupBytes(*this)))
    return failure();
  return verifyFunctionConstants(*this);
}

LogicalResult FunctionConstantOp::verify() {
  int64_t index = getIndexAttr().getInt();
  int64_t last =
      TargetAttr::lookup(getOperation()).getLimits().functionConstants - 1;
  if (index < 0 || index > last)
    return emitOpError("index must be from 0 to ")
           << last << ", found " << index;
  if (!BufferType::isValidElementType(getDtype()) ||
      BufferType::getValueType(getDtype()) != getType())
    return emitOpError("'dtype' ")
           << getDtype() << " is not the type of values of " << getType();
  TypedAttr value = getDefaultValueAttr();
  if (value &&
      (!isa<IntegerAttr, FloatAttr>(value) || value.getType() != getType()))
    return emitOpError("'default_value' must be a number of ")
           << getType() << ", found " << value;
  return success();
}
