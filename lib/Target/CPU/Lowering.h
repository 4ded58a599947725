// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the rules for operations have in common: the values of a SIMD group, its
// mask, and the loops over SIMD groups that barriers split a kernel into.

#ifndef ENIGMA_LIB_TARGET_CPU_LOWERING_H
#define ENIGMA_LIB_TARGET_CPU_LOWERING_H

#include "enigma/Analysis/Uniformity.h"
#include "enigma/Target/CPU/TranslateToLLVMIR.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <functional>

namespace enigma::cpu {

class Checks;
class DebugLines;
class Lowering;

/// The lanes of a SIMD group.
inline constexpr unsigned kLanes = 32;

/// The rows and columns of a matrix of a SIMD group.
inline constexpr unsigned kMatrixSize = 8;

/// The parts of a value: one, or one for each lane of a vector of the kernel,
/// for each element of a matrix of a thread, column after column, or for each
/// row of a matrix of a SIMD group.
using Parts = llvm::SmallVector<llvm::Value *, 4>;

/// Lowers an operation.
using Rule = std::function<llvm::LogicalResult(Lowering &, mlir::Operation *)>;

class Rules {
public:
  template <typename Op> void add(Rule rule) {
    rules[mlir::TypeID::get<Op>()] = std::move(rule);
  }
  const Rule *find(mlir::Operation *op) const {
    auto it = rules.find(op->getName().getTypeID());
    return it == rules.end() ? nullptr : &it->second;
  }

private:
  llvm::DenseMap<mlir::TypeID, Rule> rules;
};

/// An array of the kernel, or a buffer.
struct Memory {
  llvm::Value *base = nullptr;
  /// What an element is in memory, of `getStoredType`.
  llvm::Type *element = nullptr;
  /// Whether each lane has one of its own: that of lane l at `i * kLanes + l`.
  bool isOwn = false;
  /// How many of them are from one subscript to the next: several where the
  /// elements of the flat form are vectors.
  unsigned lanes = 1;
  /// Where an array of each lane's own is seen as other elements, too: how many
  /// of them are from a lane's to those of the next lane, which do not
  /// alternate.
  uint64_t laneStride = 0;
};

/// How many scalars the elements of memory take the space of.
unsigned getElementLanes(mlir::Type dtype);

/// A variable that takes a value of the kernel.
struct Slot {
  /// Where each part is, or the first of those of all SIMD groups.
  llvm::SmallVector<llvm::Value *, 4> parts;
  /// That of a part, and what it is in the variable.
  llvm::Type *type = nullptr, *kept = nullptr;
  Variation variation;
};

class Lowering {
public:
  Lowering(KernelOp kernel, llvm::Module &module, const CPUOptions &options);
  ~Lowering();

  llvm::LogicalResult run(llvm::StringRef name);
  /// What a launch has to know.
  void describe(CPUKernel &result) const;

  //===--------------------------------------------------------------------===//
  // Types and values
  //===--------------------------------------------------------------------===//

  llvm::Type *getElementType(mlir::Type type);
  unsigned getNumParts(mlir::Type type);
  /// The types of the parts of a value as it is held.
  llvm::SmallVector<llvm::Type *, 4> getPartTypes(mlir::Type type,
                                                  const Variation &variation);
  static llvm::Type *getWideType(llvm::Type *type);
  /// What a value, or each of a vector, is in a variable: a bfloat is its bits.
  /// Where a CPU has no instructions for it, it is widened and rounded as it is
  /// moved, and NaNs do not remain as they are.
  static llvm::Type *getKeptType(llvm::Type *type);
  /// What it is in memory, where a bool is a byte, too.
  static llvm::Type *getStoredType(llvm::Type *type);
  /// Gives what a value is kept or stored as, and the other way round.
  llvm::Value *retype(llvm::Value *value, llvm::Type *element);

  Variation getVariation(mlir::Value value) { return uniformity.get(value); }
  bool isWide(mlir::Value value) {
    return getVariation(value).kind == Variation::Varying;
  }
  /// A part as it is held: a scalar of a uniform value, that of lane 0 of a
  /// linear one, or a vector of all lanes.
  llvm::Value *get(mlir::Value value, unsigned part = 0);
  /// A part in each lane.
  llvm::Value *getWide(mlir::Value value, unsigned part = 0);
  /// In each lane if `wide`, else as it is held.
  llvm::Value *getAs(mlir::Value value, bool wide, unsigned part = 0) {
    return wide ? getWide(value, part) : get(value, part);
  }
  /// Gives a value its parts; what is the same for all lanes may be a scalar.
  void define(mlir::Value value, llvm::ArrayRef<llvm::Value *> parts);
  /// What the lanes that hold the elements of a row of a matrix have.
  llvm::Value *getRow(llvm::Value *lanes, unsigned row);
  /// A part of a value of some type: `taken` in `lanes`, and else `other`.
  llvm::Value *choose(llvm::Value *lanes, llvm::Value *taken,
                      llvm::Value *other, mlir::Type type, unsigned part);
  /// Gives `value` what another one is.
  void copy(mlir::Value value, mlir::Value source);

  llvm::Value *splat(llvm::Value *value) {
    return value->getType()->isVectorTy() ? value
                                          : b.CreateVectorSplat(kLanes, value);
  }
  /// 0, 1, 2 ... 31, of a type of integers.
  llvm::Constant *getIota(llvm::Type *type);
  llvm::Constant *getInt(uint64_t value) { return b.getInt32(value); }

  //===--------------------------------------------------------------------===//
  // Masks
  //===--------------------------------------------------------------------===//

  /// The lanes that run; null if all do.
  llvm::Value *mask = nullptr;

  llvm::Value *getMask();
  /// The lanes of `mask`, which may be null, for which a condition holds.
  llvm::Value *both(llvm::Value *mask, llvm::Value *condition);
  /// The bits of a mask, an i32.
  llvm::Value *getBits(llvm::Value *lanes) {
    return b.CreateBitCast(lanes, b.getInt32Ty());
  }
  llvm::Value *any(llvm::Value *lanes) {
    return b.CreateICmpNE(getBits(lanes), b.getInt32(0));
  }
  /// `value` in the lanes that run, `other` elsewhere.
  llvm::Value *selectActive(llvm::Value *value, llvm::Value *other) {
    return mask ? b.CreateSelect(mask, value, other) : value;
  }
  /// Runs `body` for each lane that runs, given as an i32, from the lowest.
  void forEachLane(llvm::function_ref<void(llvm::Value *lane)> body);

  //===--------------------------------------------------------------------===//
  // Variables and blocks
  //===--------------------------------------------------------------------===//

  llvm::AllocaInst *makeVariable(llvm::Type *type, uint64_t count = 1);
  Slot makeSlot(mlir::Value value);
  /// Assigns what `value` is in the lanes of `lanes`, or in all.
  void assign(const Slot &slot, mlir::Value value, llvm::Value *lanes);
  void defineFrom(mlir::Value value, const Slot &slot);
  llvm::BasicBlock *makeBlock(const llvm::Twine &name);
  void moveTo(llvm::BasicBlock *block) { b.SetInsertPoint(block); }
  /// Runs `body` if a condition holds.
  void runIf(llvm::Value *condition, llvm::function_ref<void()> body);

  /// Memory for the threadgroup that runs, aligned by `kThreadgroupAlignment`.
  llvm::Value *makeArray(llvm::Type *type, uint64_t count);

  /// Memory as the SIMD group that runs sees it.
  Memory getMemory(mlir::Value value);
  /// Where the SIMD group that runs has so many bytes of its own.
  llvm::Value *getOwn(llvm::Value *base, uint64_t bytes);

  /// The operations of a block but its terminator.
  llvm::LogicalResult lowerBlock(mlir::Block &block);
  llvm::LogicalResult lower(mlir::Operation *op);
  llvm::LogicalResult refuse(mlir::Operation *op, const llvm::Twine &what) {
    return op->emitError() << "has no translation for a CPU: " << what;
  }

  //===--------------------------------------------------------------------===//
  // The host
  //===--------------------------------------------------------------------===//

  /// Tells the host of each lane that runs, with what it has of some values.
  void report(CPUSite site, mlir::ValueRange values);

  //===--------------------------------------------------------------------===//
  // Threads
  //===--------------------------------------------------------------------===//

  /// The index of the SIMD group, and that of its first thread, i32.
  llvm::Value *simdgroup = nullptr;
  llvm::Value *firstThread = nullptr;
  /// Of the threadgroup that runs, in x, y and z: its position, and how many
  /// threads it has.
  std::array<llvm::Value *, 3> groupPosition = {}, groupThreads = {};
  std::array<llvm::Value *, 3> gridThreads = {}, gridGroups = {};
  /// The index of the threadgroup among all, i64.
  llvm::Value *groupIndex = nullptr;
  /// All threads of the threadgroup, and its SIMD groups.
  llvm::Value *groupSize = nullptr, *numSimdgroups = nullptr;

  llvm::IRBuilder<> b;
  KernelOp kernel;
  llvm::Module &module;
  const CPUOptions &options;
  Uniformity uniformity;
  /// Those of a checked kernel, or null.
  std::unique_ptr<Checks> checks;
  /// Where instructions know their lines, else null.
  std::unique_ptr<DebugLines> lines;

private:
  friend class Checks;
  friend llvm::LogicalResult lowerAlloc(Lowering &lowering,
                                        mlir::Operation *op);
  friend llvm::LogicalResult lowerRecast(Lowering &lowering,
                                         mlir::Operation *op);
  friend llvm::LogicalResult lowerConstantArray(Lowering &lowering,
                                                mlir::Operation *op);

  /// A field of what the launch tells, by its offset in bytes.
  llvm::Value *loadField(llvm::Type *type, uint64_t offset);
  /// Runs `body`, whose instructions come from the line of `op`.
  llvm::LogicalResult onLineOf(mlir::Operation *op,
                               llvm::function_ref<llvm::LogicalResult()> body);
  llvm::LogicalResult lowerGroupBlock(mlir::Block &block);
  llvm::LogicalResult lowerRun(llvm::ArrayRef<mlir::Operation *> ops);
  llvm::LogicalResult lowerGroupIf(mlir::scf::IfOp op);
  llvm::LogicalResult lowerGroupFor(mlir::scf::ForOp op);
  llvm::LogicalResult lowerGroupWhile(mlir::scf::WhileOp op);
  bool hasBarrier(mlir::Operation *op);
  /// Runs `body` for the SIMD groups of the threadgroup, without those of which
  /// no lane runs unless `alsoEmpty`.
  void forEachSimdgroup(llvm::function_ref<void()> body,
                        bool alsoEmpty = false);
  /// The value of a slot of all SIMD groups for the one that runs.
  llvm::Value *getPlace(const Slot &slot, unsigned part);
  Slot &getGroupSlot(mlir::Value value);
  void import(mlir::Value value);
  llvm::Value *getForGroup(mlir::Value value, unsigned part = 0);
  void assignForGroup(mlir::ValueRange targets, mlir::ValueRange sources);
  /// Lets `body` run for the lanes for which `condition` holds.
  llvm::Value *makeGroupMask(llvm::function_ref<llvm::Value *()> condition,
                             llvm::Value *&anyLane);

  uint64_t maxSimdgroups = 1;
  uint64_t threadgroupBytes = 0;
  std::vector<uint32_t> threadgroupArguments;
  /// The bytes of arrays on the stack, and of those in `scratch` behind what
  /// threadgroups share, which ends at `sharedEnd`.
  uint64_t stackBytes = 0, arrayBytes = 0;
  llvm::Value *sharedEnd = nullptr;
  std::vector<CPUSite> sites;
  llvm::Value *launch = nullptr;
  llvm::Function *function = nullptr;
  llvm::Value *scratch = nullptr;
  llvm::DenseMap<mlir::Value, Parts> values;
  llvm::DenseMap<mlir::Value, Memory> memories;
  /// Of arrays of threads that live across barriers: the bytes that a SIMD
  /// group has of them.
  llvm::DenseMap<mlir::Value, uint64_t> ownBytes;
  /// Values that live across barriers.
  llvm::DenseMap<mlir::Value, Slot> groupSlots;
  llvm::DenseMap<mlir::Operation *, bool> barriers;
  /// The masks of all SIMD groups, in a branch that may be divergent; or null.
  llvm::Value *groupMask = nullptr;
};

llvm::LogicalResult lowerAlloc(Lowering &lowering, mlir::Operation *op);
llvm::LogicalResult lowerConstantArray(Lowering &lowering, mlir::Operation *op);
llvm::LogicalResult lowerRecast(Lowering &lowering, mlir::Operation *op);

/// Makes a part of a result from parts of operands, which are all scalars or
/// all vectors of lanes.
using Elementwise = std::function<llvm::Value *(Lowering &, mlir::Operation *,
                                                llvm::ArrayRef<llvm::Value *>)>;

/// Whether floats are computed as they are, or, where that is wider, in f32.
enum class Precision { Exact, NoBFloat, Single };

/// A rule for an operation that does the same to each lane.
Rule makeElementwise(Elementwise make, Precision precision = Precision::Exact);

/// What a function of the C library gives for f32, of a scalar or of each lane
/// that runs.
llvm::Value *callLibrary(Lowering &lowering, llvm::StringRef name,
                         llvm::ArrayRef<llvm::Value *> x);

const Rules &getRules();
void addControlFlowRules(Rules &rules);
void addElementaryFunctionRules(Rules &rules);
void addFloatRules(Rules &rules);
void addFunctionRules(Rules &rules);
void addGroupRules(Rules &rules);
void addIntegerRules(Rules &rules);
void addLinearAlgebraRules(Rules &rules);
void addMatrixRules(Rules &rules);
void addMemoryRules(Rules &rules);
void addMessageRules(Rules &rules);
void addThreadRules(Rules &rules);
void addVectorRules(Rules &rules);

} // namespace enigma::cpu

#endif // ENIGMA_LIB_TARGET_CPU_LOWERING_H
