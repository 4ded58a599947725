// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source file of MSL: its header, and the interface of its kernels.

#include "enigma/Target/MSL/TranslateToMSL.h"

#include "Lowering.h"
#include "Prelude.h"
#include "Printer.h"
#include "Versions.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;

/// What Metal calls a kernel parameter of a thread query, and what it is called
/// here if the Python source has no name for it. In the order of declaration.
static constexpr std::pair<StringLiteral, StringLiteral> kQueries[] = {
    {"thread_position_in_grid", "gid"},
    {"thread_position_in_threadgroup", "lid"},
    {"threadgroup_position_in_grid", "group"},
    {"threads_per_grid", "grid_size"},
    {"threads_per_threadgroup", "group_size"},
    {"threadgroups_per_grid", "group_count"},
    {"thread_index_in_threadgroup", "thread_index"},
    {"thread_index_in_simdgroup", "lane"},
    {"simdgroup_index_in_threadgroup", "simd_index"},
    {"threads_per_simdgroup", "simd_size"},
    {"simdgroups_per_threadgroup", "simd_count"},
    {"thread_index_in_quadgroup", "quad_lane"},
    {"quadgroup_index_in_threadgroup", "quad_index"},
};

namespace {
/// What is known of a thread query before its parameter is declared.
struct Query {
  std::string attribute;
  StringRef defaultName;
  /// The Python variables that hold it or its components, and whether there
  /// are other components than x.
  SmallVector<StringRef, 3> names;
  StringRef nameOfX;
  bool hasNamedRest = false, hasRest = false;
  bool isPosition = false;
};

/// Translates the kernels of a file one after the other.
class FileLowering {
public:
  explicit FileLowering(MLIRContext *context) : tree(context) {}

  LogicalResult lower(ArrayRef<KernelOp> ops);
  void print(llvm::raw_ostream &os, SourceMap *map) const;

private:
  LogicalResult lowerKernel(KernelOp op);
  LogicalResult bindFunctionConstants(KernelOp op, Lowering &lowering);
  LogicalResult addBuffers(KernelOp op, Lowering &lowering, Kernel &kernel);
  void addQueries(KernelOp op, Lowering &lowering, Kernel &kernel);
  void printHeader(llvm::raw_ostream &os) const;

  struct FunctionConstant {
    std::string name;
    Type dtype;
  };
  Tree tree;
  NameScopes names;
  llvm::DenseMap<Operation *, std::string> kernelNames;
  std::map<int64_t, FunctionConstant> functionConstants;
  llvm::StringSet<> singleFunctions;
  std::vector<std::pair<KernelOp, Kernel>> kernels;
};
} // namespace

LogicalResult FileLowering::bindFunctionConstants(KernelOp op,
                                                  Lowering &lowering) {
  LogicalResult result = success();
  op.walk([&](FunctionConstantOp op) {
    int64_t index = op.getIndexAttr().getInt();
    auto [entry, isNew] =
        functionConstants.try_emplace(index, FunctionConstant());
    FunctionConstant &constant = entry->second;
    std::optional<MSLType> type =
        getMSLType(op.getType(), !op.getDtype().isUnsignedInteger());
    if (!type) {
      op.emitOpError("cannot be expressed in MSL: it has no type for ")
          << op.getType();
      result = failure();
      return WalkResult::interrupt();
    }
    if (isNew) {
      constant = {names.declare(op.getName()), op.getDtype()};
    } else if (constant.dtype != op.getDtype()) {
      op.emitOpError("cannot be expressed in MSL: function constant ")
          << index << " has two types, " << constant.dtype << " and "
          << op.getDtype();
      result = failure();
      return WalkResult::interrupt();
    }
    lowering.bindFixed(op.getResult(), constant.name, *type);
    return WalkResult::advance();
  });
  return result;
}

/// Adds the parameters that are arguments, in the order of their indices.
LogicalResult FileLowering::addBuffers(KernelOp op, Lowering &lowering,
                                       Kernel &kernel) {
  SmallVector<std::pair<int64_t, Parameter>> buffers;
  for (BlockArgument argument : op.getArguments()) {
    unsigned i = argument.getArgNumber();
    int64_t index =
        op.getArgAttrOfType<IntegerAttr>(i, EnigmaDialect::kIndexAttr).getInt();
    StringRef source = op.getArgName(i);
    std::string name = names.declare(
        source.empty() ? "arg" + std::to_string(index) : source.str());
    Type valueType = argument.getType();
    auto memref = dyn_cast<MemRefType>(valueType);
    if (memref)
      valueType = memref.getElementType();
    Type dtype = op.getArgDtype(i);
    std::optional<MSLType> type = getMSLType(
        valueType, !BufferType::getScalarType(dtype).isUnsignedInteger());
    bool isBuffer = isa<BufferType>(argument.getType());
    if (!type || isBuffer) {
      op.emitOpError("cannot be expressed in MSL: argument '")
          << source << "' is " << argument.getType()
          << (isBuffer ? ", which is not flat; run '--enigma-to-flat' first"
                       : "");
      return failure();
    }
    std::string attribute = "buffer(" + std::to_string(index) + ")";
    if (!memref) {
      lowering.bindFixed(argument, name, *type);
      buffers.push_back(
          {index,
           {{*type, AddressSpace::Constant, DeclaredType::Reference},
            name,
            attribute}});
      continue;
    }
    lowering.bindBuffer(argument, name);
    AddressSpace space =
        op.getArgAddressSpace(i).value_or(AddressSpace::Device);
    auto access =
        op.getArgAttrOfType<AccessAttr>(i, EnigmaDialect::kAccessAttr);
    bool isConst = space == AddressSpace::Device && access &&
                   (access.getValue() == Access::Read ||
                    access.getValue() == Access::None);
    DeclaredType declared = {*type, space, DeclaredType::Pointer, isConst};
    declared.isPacked = isa<PackedType>(dtype);
    buffers.push_back({index, {declared, name, attribute}});
  }
  llvm::sort(buffers, llvm::less_first());
  for (auto &buffer : buffers)
    kernel.parameters.push_back(std::move(buffer.second));
  return success();
}

/// Adds the parameters that the hardware provides.
void FileLowering::addQueries(KernelOp op, Lowering &lowering, Kernel &kernel) {
  std::map<unsigned, Query> queries;
  bool isVector = false;
  op.walk([&](ThreadQueryOpInterface op) {
    StringRef attribute = op.getMSLAttribute();
    unsigned order = 0;
    while (order < std::size(kQueries) && kQueries[order].first != attribute)
      ++order;
    Query &query = queries[order];
    query.attribute = attribute.str();
    query.defaultName = order < std::size(kQueries)
                            ? StringRef(kQueries[order].second)
                            : attribute;
    std::optional<Dimension> dimension = op.getQueriedDimension();
    query.isPosition |= dimension.has_value();
    isVector |= dimension && *dimension != Dimension::X;
    Value value = op->getResult(0);
    StringRef name = getSourceName(value);
    bool isX = !dimension || *dimension == Dimension::X;
    query.hasRest |= !isX;
    if (name.empty() || isCarriedAtOnce(value))
      return;
    query.names.push_back(name);
    query.hasNamedRest |= !isX;
    if (isX && query.nameOfX.empty())
      query.nameOfX = name;
  });
  for (auto &[order, query] : queries) {
    bool hasComponents = isVector && query.isPosition;
    // `p = thread_position_in_grid` followed by `p.x` and `p.y` names the
    // vector.
    StringRef sourceName;
    if (!hasComponents || (query.hasRest && !query.hasNamedRest))
      sourceName = query.nameOfX;
    StringRef name = !sourceName.empty() ? sourceName : query.defaultName;
    if (sourceName.empty() && llvm::is_contained(query.names, name))
      // The Python source calls a component so.
      name = query.attribute;
    std::string unique = names.declare(name);
    lowering.bindQuery(query.attribute, unique, sourceName, hasComponents);
    kernel.parameters.push_back(
        {{kUInt.withLanes(hasComponents ? 3 : 1)}, unique, query.attribute});
  }
}

LogicalResult FileLowering::lowerKernel(KernelOp op) {
  if (failed(checkVersion(op)))
    return failure();
  names.push();
  Kernel kernel = {op.getLoc(), kernelNames[op]};
  tree.setLocation(op.getLoc());
  Lowering lowering(op, names, tree);
  if (failed(bindFunctionConstants(op, lowering)) ||
      failed(addBuffers(op, lowering, kernel)))
    return failure();
  addQueries(op, lowering, kernel);
  FailureOr<Statements> body = lowering.lowerBody();
  if (failed(body))
    return failure();
  kernel.body = std::move(*body);
  kernels.push_back({op, std::move(kernel)});
  names.pop();
  for (const auto &function : lowering.singleFunctions)
    singleFunctions.insert(function.getKey());
  return success();
}

LogicalResult FileLowering::lower(ArrayRef<KernelOp> ops) {
  for (KernelOp op : ops) {
    StringRef symbol = op.getSymName();
    // Enigma's prefix, which no other name may have, is right here.
    StringRef rest = symbol;
    bool isOwn =
        rest.consume_front("enigma_") &&
        llvm::all_of(rest, [](char c) { return llvm::isAlnum(c) || c == '_'; });
    kernelNames[op] = isOwn ? names.reserve(symbol) : names.declare(symbol);
  }
  for (KernelOp op : ops)
    if (failed(lowerKernel(op)))
      return failure();
  return success();
}

/// A comment that lists items, on as many lines as it takes.
static void printList(llvm::raw_ostream &os, std::string line,
                      ArrayRef<std::string> items) {
  for (auto [i, item] : llvm::enumerate(items)) {
    if (i != 0)
      line += ",";
    if (i != 0 && line.size() + item.size() + 2 > kLineWidth) {
      os << line << "\n";
      line = "//";
    }
    line += " " + item;
  }
  os << line << "\n";
}

void FileLowering::printHeader(llvm::raw_ostream &os) const {
  std::vector<std::string> items;
  for (const auto &[op, kernel] : kernels)
    items.push_back(kernel.name);
  items.back() += ", generated by Enigma.";
  printList(os, kernels.size() == 1 ? "// Kernel" : "// Kernels", items);
  for (auto [op, kernel] : kernels) {
    std::optional<uint64_t> elements = op.getElementsPerThread();
    if (!elements || *elements <= 1)
      continue;
    os << "// Each thread";
    if (kernels.size() > 1)
      os << " of " << kernel.name;
    os << " owns " << *elements << " consecutive elements.\n";
  }
  // Python names that mean something in MSL already, or are none in C++.
  items.clear();
  for (const auto &[source, name] : names.getRenamed())
    items.push_back((source + " -> " + name).str());
  if (!items.empty())
    printList(os, "// Renamed:", items);
  os << "#include <metal_stdlib>\nusing namespace metal;\n";
  if (!functionConstants.empty())
    os << "\n";
  for (const auto &[index, constant] : functionConstants) {
    MSLType type = *getMSLType(BufferType::getValueType(constant.dtype),
                               !constant.dtype.isUnsignedInteger());
    os << "constant " << type.str() << " " << constant.name
       << " [[function_constant(" << index << ")]];\n";
  }
  printOwnFunctions(os, singleFunctions);
}

void FileLowering::print(llvm::raw_ostream &os, SourceMap *map) const {
  std::string header;
  llvm::raw_string_ostream headerStream(header);
  printHeader(headerStream);
  Printer printer(os, map);
  printer.print(header);
  for (const auto &kernel : kernels)
    printer.print(kernel.second);
}

LogicalResult enigma::translateToMSL(Operation *op, llvm::raw_ostream &os,
                                     SourceMap *map) {
  SmallVector<KernelOp> kernels;
  if (auto kernel = dyn_cast<KernelOp>(op)) {
    kernels.push_back(kernel);
  } else if (auto module = dyn_cast<ModuleOp>(op)) {
    for (Operation &nested : module.getOps()) {
      auto kernel = dyn_cast<KernelOp>(nested);
      if (!kernel)
        return nested.emitOpError(
            "cannot be expressed in MSL: a module holds 'enigma.kernel's");
      kernels.push_back(kernel);
    }
    if (kernels.empty())
      return module.emitError("holds no 'enigma.kernel' to translate to MSL");
  } else {
    return op->emitOpError("cannot be expressed in MSL: expected a module or "
                           "an 'enigma.kernel'");
  }
  FileLowering file(op->getContext());
  if (failed(file.lower(kernels)))
    return failure();
  file.print(os, map);
  return success();
}

StringRef enigma::getMSLVersion(Operation *op) {
  llvm::VersionTuple needed;
  op->walk([&](KernelOp kernel) {
    needed = std::max(needed, getNeededVersion(kernel));
  });
  const auto *found = llvm::find_if(kMSLVersions, [&](StringRef each) {
    llvm::VersionTuple version;
    return !version.tryParse(each) && version >= needed;
  });
  assert(found != std::end(kMSLVersions) && "a record has a version unknown");
  return *found;
}
