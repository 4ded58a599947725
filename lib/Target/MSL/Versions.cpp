// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Versions.h"

#include "enigma/IR/CooperativeOps.h"
#include "enigma/IR/GeometryOps.h"
#include "enigma/IR/IntegerOps.h"
#include "enigma/IR/LinearAlgebraOps.h"
#include "enigma/IR/MathOps.h"
#include "enigma/IR/MatrixOps.h"
#include "enigma/IR/PackingOps.h"
#include "enigma/IR/QuadOps.h"
#include "enigma/IR/SimdOps.h"
#include "enigma/IR/ThreadOps.h"
#include "enigma/Utils/Walk.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::msl;
using llvm::VersionTuple;

//===----------------------------------------------------------------------===//
// What the conditions of the records ask
//===----------------------------------------------------------------------===//

/// Whether accesses to elements of such memory are to `device` floats.
static bool isFloatInDeviceMemory(Type memory) {
  if (auto buffer = dyn_cast<BufferType>(memory))
    return isa<FloatType>(buffer.getElementType()) &&
           buffer.getAddressSpace() == AddressSpace::Device;
  auto memref = dyn_cast<MemRefType>(memory);
  if (!memref)
    return false;
  auto space = dyn_cast_or_null<AddressSpaceAttr>(memref.getMemorySpace());
  return isa<FloatType>(memref.getElementType()) && space &&
         space.getValue() == AddressSpace::Device;
}

//===----------------------------------------------------------------------===//
// The records
//===----------------------------------------------------------------------===//

namespace {
/// A version that an operation needs, always or in the cases that `holds` asks
/// for; `where` tells them.
struct OperationNeed {
  VersionTuple version;
  StringRef where;
  bool (*holds)(Operation *);
};

struct TypeNeed {
  VersionTuple version;
  StringRef name;
  bool (*holds)(Type);
};

/// What something needs, and what that is, for messages.
struct Need {
  VersionTuple version;
  Location location;
  std::string what;
};
} // namespace

using OperationNeeds =
    llvm::DenseMap<TypeID, llvm::SmallVector<OperationNeed, 1>>;

static const OperationNeeds &getOperationNeeds() {
  static const OperationNeeds needs = [] {
    OperationNeeds needs;
#define ENIGMA_OP_VERSION(Op, where, major, minor, condition)                  \
  needs[TypeID::get<Op>()].push_back(                                          \
      {VersionTuple(major, minor), where, [](Operation *operation) {           \
         [[maybe_unused]] auto op = cast<Op>(operation);                       \
         return static_cast<bool>(condition);                                  \
       }});
#include "enigma/Target/MSL/Versions.inc"
    return needs;
  }();
  return needs;
}

static const TypeNeed kTypeNeeds[] = {
#define ENIGMA_TYPE_VERSION(name, major, minor, condition)                     \
  {VersionTuple(major, minor), name,                                           \
   [](Type type) { return static_cast<bool>(condition); }},
#include "enigma/Target/MSL/Versions.inc"
};

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Tells what the kernel needs to \p take, in order.
static void forEachNeed(KernelOp kernel,
                        llvm::function_ref<void(const Need &)> take) {
  llvm::DenseSet<Type> known;
  Type last;
  auto addType = [&](Type type, Location location) {
    if (type == last)
      return;
    last = type;
    if (!known.insert(type).second)
      return;
    type.walk([&](Type part) {
      for (const TypeNeed &need : kTypeNeeds)
        if (need.holds(part))
          take({need.version, location, ("the type " + need.name).str()});
    });
  };
  for (BlockArgument argument : kernel.getArguments())
    addType(argument.getType(), argument.getLoc());
  const OperationNeeds &needs = getOperationNeeds();
  llvm::DenseMap<OperationName, ArrayRef<OperationNeed>> needsOf;
  forEachOuterFirst(kernel.getBody(), [&](Operation *op) {
    for (Value result : op->getResults())
      addType(result.getType(), op->getLoc());
    auto [found, isNew] = needsOf.try_emplace(op->getName());
    if (isNew)
      if (auto all = needs.find(op->getName().getTypeID()); all != needs.end())
        found->second = all->second;
    for (const OperationNeed &need : found->second)
      if (need.holds(op))
        take({need.version, op->getLoc(),
              (Twine("'") + op->getName().getStringRef() + "'" + need.where)
                  .str()});
  });
}

VersionTuple enigma::msl::getNeededVersion(KernelOp kernel) {
  VersionTuple version;
  forEachNeed(kernel, [&](const Need &need) {
    version = std::max(version, need.version);
  });
  return version;
}

LogicalResult enigma::msl::checkVersion(KernelOp kernel) {
  StringRef given = TargetAttr::lookup(kernel).getVersion();
  if (given.empty())
    return success();
  VersionTuple version;
  [[maybe_unused]] bool isWrong = version.tryParse(given);
  assert(!isWrong && "the target attribute knows its versions");
  LogicalResult result = success();
  forEachNeed(kernel, [&](const Need &need) {
    if (need.version <= version || failed(result))
      return;
    std::string needed = need.version.getAsString();
    InFlightDiagnostic error = emitError(need.location)
                               << need.what << " needs MSL " << needed
                               << ", and the kernel is compiled for MSL "
                               << given;
    error.attachNote() << "help: compile it with metal_std=\"" << needed
                       << "\" or later";
    result = error;
  });
  return result;
}
