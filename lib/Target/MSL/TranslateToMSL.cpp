// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source file of MSL: its header, and the interface of its kernels.

#include "enigma/Target/MSL/TranslateToMSL.h"

#include "Emitter.h"
#include "Prelude.h"

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
class FileEmitter {
public:
  FailureOr<std::string> emit(ArrayRef<KernelOp> kernels);

private:
  LogicalResult emitKernel(KernelOp kernel);
  LogicalResult bindFunctionConstants(KernelOp kernel, Emitter &emitter);
  FailureOr<std::string> emitParameters(KernelOp kernel, Emitter &emitter,
                                        StringRef head);
  void printHeader(raw_ostream &os, ArrayRef<KernelOp> kernels) const;

  struct FunctionConstant {
    std::string name;
    Type dtype;
    StringRef sourceName;
  };
  NameScopes names;
  llvm::DenseMap<Operation *, std::string> kernelNames;
  std::map<int64_t, FunctionConstant> functionConstants;
  llvm::StringSet<> ownFunctions;
  std::string text;
};
} // namespace

LogicalResult FileEmitter::bindFunctionConstants(KernelOp kernel,
                                                 Emitter &emitter) {
  LogicalResult result = success();
  kernel.walk([&](FunctionConstantOp op) {
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
      constant = {names.declare(op.getName()), op.getDtype(), op.getName()};
    } else if (constant.dtype != op.getDtype()) {
      op.emitOpError("cannot be expressed in MSL: function constant ")
          << index << " has two types, " << constant.dtype << " and "
          << op.getDtype();
      result = failure();
      return WalkResult::interrupt();
    }
    emitter.bindFixed(op.getResult(), constant.name, *type);
    return WalkResult::advance();
  });
  return result;
}

FailureOr<std::string>
FileEmitter::emitParameters(KernelOp kernel, Emitter &emitter, StringRef head) {
  SmallVector<std::pair<int64_t, std::string>> buffers;
  for (BlockArgument argument : kernel.getArguments()) {
    unsigned i = argument.getArgNumber();
    int64_t index =
        kernel.getArgAttrOfType<IntegerAttr>(i, EnigmaDialect::kIndexAttr)
            .getInt();
    StringRef source = kernel.getArgName(i);
    std::string name = names.declare(
        source.empty() ? "arg" + std::to_string(index) : source.str());
    bool isSigned = !kernel.getArgDtype(i).isUnsignedInteger();
    Type valueType = argument.getType();
    auto memref = dyn_cast<MemRefType>(valueType);
    if (memref)
      valueType = memref.getElementType();
    std::optional<MSLType> type = getMSLType(valueType, isSigned);
    if (!type || isa<BufferType>(argument.getType()) || type->isVector()) {
      kernel.emitOpError("cannot be expressed in MSL: argument '")
          << source << "' is " << argument.getType()
          << (isa<BufferType>(argument.getType())
                  ? ", which is not flat; run '--enigma-to-flat' first"
                  : "");
      return failure();
    }
    std::string suffix = " [[buffer(" + std::to_string(index) + ")]]";
    if (!memref) {
      emitter.bindFixed(argument, name, *type);
      buffers.push_back(
          {index, "constant " + type->str() + "& " + name + suffix});
      continue;
    }
    emitter.bindBuffer(argument, name);
    AddressSpace space =
        kernel.getArgAddressSpace(i).value_or(AddressSpace::Device);
    auto access =
        kernel.getArgAttrOfType<AccessAttr>(i, EnigmaDialect::kAccessAttr);
    bool isConst = space == AddressSpace::Device && access &&
                   (access.getValue() == Access::Read ||
                    access.getValue() == Access::None);
    buffers.push_back({index, stringifyAddressSpace(space).str() +
                                  (isConst ? " const " : " ") + type->str() +
                                  "* " + name + suffix});
  }
  llvm::sort(buffers);

  std::map<unsigned, Query> queries;
  bool isVector = false;
  kernel.walk([&](ThreadQueryOpInterface op) {
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
  SmallVector<std::string> parameters;
  for (auto &buffer : buffers)
    parameters.push_back(std::move(buffer.second));
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
    emitter.bindQuery(query.attribute, unique, sourceName, hasComponents);
    parameters.push_back((hasComponents ? "uint3 " : "uint ") + unique + " [[" +
                         query.attribute + "]]");
  }
  size_t longest = 0;
  for (const std::string &parameter : parameters)
    longest = std::max(longest, parameter.size());
  // One parameter a line, below each other.
  bool isAligned = head.size() + longest + 3 <= kLineWidth;
  std::string result = head.str();
  std::string indent(isAligned ? head.size() : 8, ' ');
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    if (i != 0 || !isAligned)
      result += (i == 0 ? "\n" : ",\n") + indent;
    result += parameter;
  }
  return result + ")";
}

LogicalResult FileEmitter::emitKernel(KernelOp kernel) {
  names.push();
  std::vector<Statement> body;
  Emitter emitter(kernel, names, body);
  if (failed(bindFunctionConstants(kernel, emitter)))
    return failure();
  FailureOr<std::string> parameters = emitParameters(
      kernel, emitter, "kernel void " + kernelNames[kernel] + "(");
  if (failed(parameters) || failed(emitter.emitBody()))
    return failure();
  names.pop();
  for (const auto &function : emitter.getOwnFunctions())
    ownFunctions.insert(function.getKey());
  llvm::raw_string_ostream os(text);
  os << "\n" << *parameters << " {\n";
  printStatements(os, body, 1);
  os << "}\n";
  return success();
}

void FileEmitter::printHeader(raw_ostream &os,
                              ArrayRef<KernelOp> kernels) const {
  os << "// Kernel" << (kernels.size() == 1 ? " " : "s ");
  llvm::interleaveComma(
      kernels, os, [&](KernelOp kernel) { os << kernelNames.lookup(kernel); });
  os << ", generated by Enigma.\n";
  for (KernelOp kernel : kernels) {
    std::optional<uint64_t> elements = kernel.getElementsPerThread();
    if (!elements || *elements <= 1)
      continue;
    os << "// Each thread";
    if (kernels.size() > 1)
      os << " of " << kernelNames.lookup(kernel);
    os << " owns " << *elements << " consecutive elements.\n";
  }
  // Python names that mean something in MSL already, or are none in C++.
  std::string line = "// Renamed:";
  bool isFirst = true;
  for (const auto &[source, name] : names.getRenamed()) {
    std::string item = (source + " -> " + name).str();
    if (!isFirst)
      line += ",";
    if (line.size() + item.size() + 2 > kLineWidth) {
      os << line << "\n";
      line = "//";
    }
    line += " " + item;
    isFirst = false;
  }
  if (!isFirst)
    os << line << "\n";
  os << "#include <metal_stdlib>\nusing namespace metal;\n";
  if (!functionConstants.empty())
    os << "\n";
  for (const auto &[index, constant] : functionConstants) {
    MSLType type = *getMSLType(BufferType::getValueType(constant.dtype),
                               !constant.dtype.isUnsignedInteger());
    os << "constant " << type.str() << " " << constant.name
       << " [[function_constant(" << index << ")]];\n";
  }
  printOwnFunctions(os, ownFunctions);
}

FailureOr<std::string> FileEmitter::emit(ArrayRef<KernelOp> kernels) {
  for (KernelOp kernel : kernels) {
    StringRef symbol = kernel.getSymName();
    // Enigma's prefix, which no other name may have, is right here.
    StringRef rest = symbol;
    bool isOwn = rest.consume_front("enigma_");
    kernelNames[kernel] = isOwn && isAtom(rest) && !rest.contains('.')
                              ? names.reserve(symbol)
                              : names.declare(symbol);
  }
  for (KernelOp kernel : kernels)
    if (failed(emitKernel(kernel)))
      return failure();
  std::string file;
  llvm::raw_string_ostream os(file);
  printHeader(os, kernels);
  os << text;
  return file;
}

LogicalResult enigma::translateToMSL(Operation *op, llvm::raw_ostream &os) {
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
  FailureOr<std::string> file = FileEmitter().emit(kernels);
  if (failed(file))
    return failure();
  os << *file;
  return success();
}
