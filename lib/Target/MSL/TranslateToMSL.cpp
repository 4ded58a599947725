// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source file of MSL: its header, and the interface of its kernels.

#include "enigma/Target/MSL/TranslateToMSL.h"

#include "CooperativeTensors.h"
#include "Lowering.h"
#include "Prelude.h"
#include "Printer.h"
#include "Tokens.h"
#include "Versions.h"

#include "enigma/Analysis/FlatForm.h"
#include "enigma/Utils/Walk.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"
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

/// The operations of a kernel that more than its text is made of, in order.
struct Contents {
  SmallVector<InlineMSLOp, 0> texts;
  /// Function constants, and tables that are read.
  SmallVector<Operation *, 0> constants;
  SmallVector<ThreadQueryOpInterface> queries;
};

/// Translates the kernels of a file one after the other.
class FileLowering {
public:
  explicit FileLowering(MLIRContext *context) : tree(context) {}

  LogicalResult lower(ArrayRef<KernelOp> ops);
  void print(llvm::raw_ostream &os, SourceMap *map) const;

private:
  LogicalResult lowerKernel(KernelOp op, const Contents &contents);
  Contents findContents(KernelOp op);
  LogicalResult addHeaders(const Contents &contents);
  LogicalResult declareFunctionConstant(FunctionConstantOp op);
  LogicalResult declareTable(ConstantArrayOp op);
  void bindConstants(const Contents &contents, Lowering &lowering);
  LogicalResult addBuffers(KernelOp op, Lowering &lowering, Kernel &kernel);
  void addQueries(const Contents &contents, Lowering &lowering, Kernel &kernel);
  void printHeader(llvm::raw_ostream &os) const;

  struct FunctionConstant {
    FunctionConstantOp op;
    MSLType type;
    std::string name;
    /// Where it has a default, the name of what the host sets.
    std::string given;
  };
  struct Table {
    ConstantArrayOp op;
    MSLType type;
    std::string name;
    int64_t alignment = 0;
  };
  Tree tree;
  NameScopes names;
  llvm::DenseMap<Operation *, std::string> kernelNames;
  std::map<int64_t, FunctionConstant> functionConstants;
  /// By their values and dtypes, and in the order of the text.
  llvm::MapVector<std::pair<Attribute, Type>, Table> tables;
  llvm::StringSet<> singleFunctions;
  /// Text of Metal's own in front of the kernels, and what it defines.
  llvm::SetVector<StringRef> headers;
  llvm::StringMap<StringRef> definitions;
  bool hasMessages = false;
  llvm::SetVector<CooperativeTensorType> cooperativeTypes;
  std::vector<std::pair<KernelOp, Kernel>> kernels;
};
} // namespace

/// A constant is one thing in all kernels of a file.
LogicalResult FileLowering::declareFunctionConstant(FunctionConstantOp op) {
  int64_t index = op.getIndexAttr().getInt();
  std::optional<MSLType> type =
      getMSLType(op.getType(), !op.getDtype().isUnsignedInteger());
  if (!type)
    return op.emitOpError("cannot be expressed in MSL: it has no type for ")
           << op.getType();
  auto [entry, isNew] = functionConstants.try_emplace(index);
  FunctionConstant &constant = entry->second;
  if (isNew) {
    constant = {op, *type, names.declare(op.getName()).str(), ""};
    if (op.getDefaultValueAttr())
      constant.given = names.declare((op.getName() + "_").str()).str();
    return success();
  }
  InFlightDiagnostic diagnostic =
      op.emitOpError("cannot be expressed in MSL: function constant ") << index;
  if (constant.op.getDtype() != op.getDtype())
    diagnostic << " has two types, " << constant.op.getDtype() << " and "
               << op.getDtype();
  else if (constant.op.getDefaultValueAttr() != op.getDefaultValueAttr())
    diagnostic << " has two defaults";
  else {
    diagnostic.abandon();
    return success();
  }
  diagnostic.attachNote(constant.op.getLoc()) << "the other is here";
  diagnostic.attachNote() << "help: constants of one index are one in all "
                             "kernels of a file; give one of them another";
  return diagnostic;
}

/// Equal tables are one, whatever they are called.
LogicalResult FileLowering::declareTable(ConstantArrayOp op) {
  Type dtype = op.getElementDtype();
  auto [entry, isNew] = tables.insert({{op.getValues(), dtype}, Table()});
  Table &table = entry->second;
  if (isNew) {
    StringRef source = getSourceName(op.getResult());
    std::optional<MSLType> type =
        getMSLType(BufferType::getValueType(dtype), !dtype.isUnsignedInteger());
    assert(type && "a table has numbers of MSL");
    table = {op, *type, names.declare(source.empty() ? "table" : source).str()};
  }
  table.alignment =
      std::max<int64_t>(table.alignment, op.getAlignment().value_or(0));
  return success();
}

Contents FileLowering::findContents(KernelOp op) {
  Contents contents;
  forEachInnerFirst(op.getBody(), [&](Operation *op) {
    for (Value result : op->getResults())
      if (auto cooperative = dyn_cast<CooperativeTensorType>(result.getType()))
        cooperativeTypes.insert(cooperative);
    if (!isa_and_nonnull<EnigmaDialect>(op->getDialect()))
      return;
    if (auto text = dyn_cast<InlineMSLOp>(op))
      contents.texts.push_back(text);
    else if (isa<FunctionConstantOp>(op) ||
             (isa<ConstantArrayOp>(op) && !op->use_empty()))
      contents.constants.push_back(op);
    else if (auto query = dyn_cast<ThreadQueryOpInterface>(op))
      contents.queries.push_back(query);
  });
  return contents;
}

void FileLowering::bindConstants(const Contents &contents, Lowering &lowering) {
  for (Operation *op : contents.constants) {
    if (auto constant = dyn_cast<FunctionConstantOp>(op)) {
      const FunctionConstant &found =
          functionConstants.at(constant.getIndexAttr().getInt());
      lowering.bindFixed(constant.getResult(), found.name, found.type);
    } else {
      auto array = cast<ConstantArrayOp>(op);
      auto found = tables.find({array.getValues(), array.getElementDtype()});
      lowering.bindBuffer(array.getResult(), found->second.name);
    }
  }
}

/// Adds the parameters that are arguments, in the order of their indices; those
/// of the table of threadgroup arrays come last.
LogicalResult FileLowering::addBuffers(KernelOp op, Lowering &lowering,
                                       Kernel &kernel) {
  SmallVector<std::pair<std::pair<bool, int64_t>, Parameter>> buffers;
  for (BlockArgument argument : op.getArguments()) {
    unsigned i = argument.getArgNumber();
    int64_t index =
        op.getArgAttrOfType<IntegerAttr>(i, EnigmaDialect::kIndexAttr).getInt();
    StringRef source = op.getArgName(i);
    StringRef name = names.declare(
        source.empty() ? "arg" + std::to_string(index) : source.str());
    Type valueType = argument.getType();
    auto memref = dyn_cast<MemRefType>(valueType);
    if (memref)
      valueType = memref.getElementType();
    Type dtype = op.getArgDtype(i);
    std::optional<MSLType> type = getMSLType(
        valueType, !BufferType::getScalarType(dtype).isUnsignedInteger());
    if (!type)
      return op.emitOpError("cannot be expressed in MSL: argument '")
             << source << "' is " << argument.getType();
    AddressSpace space =
        op.getArgAddressSpace(i).value_or(AddressSpace::Device);
    bool isThreadgroup = memref && space == AddressSpace::Threadgroup;
    std::string attribute = (isThreadgroup ? "threadgroup(" : "buffer(") +
                            std::to_string(index) + ")";
    if (!memref) {
      lowering.bindFixed(argument, name, *type);
      buffers.push_back(
          {{isThreadgroup, index},
           {{*type, AddressSpace::Constant, DeclaredType::Reference},
            name.str(),
            attribute}});
      continue;
    }
    lowering.bindBuffer(argument, name);
    auto access =
        op.getArgAttrOfType<AccessAttr>(i, EnigmaDialect::kAccessAttr);
    bool isConst = space == AddressSpace::Device && access &&
                   (access.getValue() == Access::Read ||
                    access.getValue() == Access::None);
    DeclaredType declared = {*type, space, DeclaredType::Pointer, isConst};
    declared.isPacked = isa<PackedType>(dtype);
    buffers.push_back(
        {{isThreadgroup, index}, {declared, name.str(), attribute}});
  }
  llvm::sort(buffers, llvm::less_first());
  for (auto &buffer : buffers)
    kernel.parameters.push_back(std::move(buffer.second));
  return success();
}

/// Adds the parameters that the hardware provides.
void FileLowering::addQueries(const Contents &contents, Lowering &lowering,
                              Kernel &kernel) {
  std::map<unsigned, Query> queries;
  bool isVector = false;
  for (ThreadQueryOpInterface op : contents.queries) {
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
      continue;
    query.names.push_back(name);
    query.hasNamedRest |= !isX;
    if (isX && query.nameOfX.empty())
      query.nameOfX = name;
  }
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
    StringRef unique = names.declare(name);
    lowering.bindQuery(query.attribute, unique, sourceName, hasComponents);
    kernel.parameters.push_back({{kUInt.withLanes(hasComponents ? 3 : 1)},
                                 unique.str(),
                                 query.attribute});
  }
}

LogicalResult FileLowering::lowerKernel(KernelOp op, const Contents &contents) {
  if (failed(checkVersion(op)))
    return failure();
  names.push();
  Kernel kernel = {op.getLoc(), kernelNames[op]};
  tree.setLocation(op.getLoc());
  Lowering lowering(op, names, tree);
  bindConstants(contents, lowering);
  if (failed(addBuffers(op, lowering, kernel)))
    return failure();
  addQueries(contents, lowering, kernel);
  FailureOr<Statements> body = lowering.lowerBody();
  if (failed(body))
    return failure();
  kernel.body = std::move(*body);
  kernels.push_back({op, std::move(kernel)});
  names.pop();
  for (const auto &function : lowering.singleFunctions)
    singleFunctions.insert(function.getKey());
  hasMessages |= lowering.hasMessages;
  return success();
}

/// Takes the names that text of Metal's own uses or defines, so that nothing of
/// the kernel is meant by them, and the headers of such text.
LogicalResult FileLowering::addHeaders(const Contents &contents) {
  for (InlineMSLOp op : contents.texts) {
    for (StringRef name : findNames(op.getText()))
      names.reserve(name);
    StringRef header = op.getHeader().value_or("");
    if (header.empty() || !headers.insert(header))
      continue;
    for (StringRef name : findDefinitions(header)) {
      names.reserve(name);
      if (isReservedName(name)) {
        op.emitOpError("the header defines '")
                .append(name, "', a name of Metal or Enigma")
                .attachNote()
            << "help: give it another name";
        return failure();
      }
      auto [known, isNew] = definitions.try_emplace(name, header);
      if (isNew || known->second == header)
        continue;
      op.emitOpError("the header defines '")
              .append(name, "', which another header defines too")
              .attachNote()
          << "help: give all texts that need it the same header, or give it "
             "another name";
      return failure();
    }
  }
  return success();
}

LogicalResult FileLowering::lower(ArrayRef<KernelOp> ops) {
  SmallVector<Contents, 1> contents;
  for (KernelOp op : ops) {
    if (failed(checkFlatForm(op, "cannot be expressed in MSL: ")))
      return failure();
    contents.push_back(findContents(op));
    if (failed(addHeaders(contents.back())))
      return failure();
  }
  for (KernelOp op : ops) {
    StringRef symbol = op.getSymName();
    // Enigma's prefix, which no other name may have, is right here.
    StringRef rest = symbol;
    bool isOwn =
        rest.consume_front("enigma_") &&
        llvm::all_of(rest, [](char c) { return llvm::isAlnum(c) || c == '_'; });
    kernelNames[op] =
        (isOwn ? names.reserve(symbol) : names.declare(symbol)).str();
  }
  // What stands beside the kernels has a name in all of them.
  for (const Contents &each : contents)
    for (Operation *op : each.constants) {
      auto constant = dyn_cast<FunctionConstantOp>(op);
      if (failed(constant ? declareFunctionConstant(constant)
                          : declareTable(cast<ConstantArrayOp>(op))))
        return failure();
    }
  for (auto [op, each] : llvm::zip_equal(ops, contents))
    if (failed(lowerKernel(op, each)))
      return failure();
  return success();
}

static Literal getLiteral(Attribute number, MSLType type, LiteralForm form) {
  if (auto integer = dyn_cast<IntegerAttr>(number))
    return integerLiteral(integer.getValue(), type, form);
  return floatLiteral(cast<FloatAttr>(number).getValue(), type);
}

static void printTable(llvm::raw_ostream &os, ConstantArrayOp op,
                       const DeclaredType &type, StringRef name) {
  auto values = cast<DenseIntOrFPElementsAttr>(op.getValues());
  os << type.str() << " " << name << "[" << values.getNumElements() << "] = {";
  // Elements that are all the same are one in the attribute.
  bool isSplat = values.isSplat();
  std::string text;
  unsigned column = kLineWidth;
  for (Attribute number : values.getValues<Attribute>()) {
    if (text.empty() || !isSplat)
      text = getLiteral(number, type.type, LiteralForm::Plain).str() + ",";
    if (column + 1 + text.size() > kLineWidth) {
      os << "\n   ";
      column = 3;
    }
    os << " " << text;
    column += 1 + text.size();
  }
  os << "\n};\n";
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
  for (const auto &[op, kernel] : kernels) {
    std::optional<uint64_t> elements = KernelOp(op).getElementsPerThread();
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
  os << "#include <metal_stdlib>\n";
  if (hasMessages)
    os << "#include <metal_logging>\n";
  ArrayRef<CooperativeTensorType> cooperative = cooperativeTypes.getArrayRef();
  printCooperativeIncludes(os, cooperative);
  os << "using namespace metal;\n";
  printCooperativeTypes(os, cooperative);
  for (StringRef header : headers)
    os << "\n" << header.trim('\n') << "\n";
  if (!functionConstants.empty())
    os << "\n";
  for (const auto &[index, constant] : functionConstants) {
    std::string type =
        DeclaredType{constant.type, AddressSpace::Constant}.str();
    TypedAttr value = FunctionConstantOp(constant.op).getDefaultValueAttr();
    os << type << " " << (value ? constant.given : constant.name)
       << " [[function_constant(" << index << ")]];\n";
    if (value)
      os << type << " " << constant.name << " = is_function_constant_defined("
         << constant.given << ") ? " << constant.given << " : "
         << getLiteral(value, constant.type, LiteralForm::Typed).str() << ";\n";
  }
  for (const auto &[key, table] : tables) {
    DeclaredType type = {table.type, AddressSpace::Constant};
    if (table.alignment > std::max(table.type.bits / 8, 1))
      type.alignment = table.alignment;
    os << "\n";
    printTable(os, table.op, type, table.name);
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
  op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
    auto kernel = dyn_cast<KernelOp>(nested);
    if (!kernel)
      return WalkResult::advance();
    needed = std::max(needed, getNeededVersion(kernel));
    return WalkResult::skip();
  });
  const auto *found = llvm::find_if(kMSLVersions, [&](StringRef each) {
    llvm::VersionTuple version;
    return !version.tryParse(each) && version >= needed;
  });
  assert(found != std::end(kMSLVersions) && "a record has a version unknown");
  return *found;
}
