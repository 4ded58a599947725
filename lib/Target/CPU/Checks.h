// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of a checked kernel: what may fault is tested before it is done,
// and the function returns at the first fault.

#ifndef ENIGMA_LIB_TARGET_CPU_CHECKS_H
#define ENIGMA_LIB_TARGET_CPU_CHECKS_H

#include "Lowering.h"

#include "enigma/Target/CPU/Checks.h"

#include <map>
#include <tuple>

namespace enigma::cpu {

class Checks {
public:
  explicit Checks(Lowering &lowering);

  /// At the entry of the function.
  void start(llvm::Value *launch);
  /// Before an operation is done, and after it.
  llvm::LogicalResult before(mlir::Operation *op);
  void after(mlir::Operation *op);
  /// At a barrier, between the loops over SIMD groups.
  void arrive(ThreadgroupBarrierOp barrier);

  void describe(CPUKernel &result) const;

private:
  struct Access;
  static std::optional<Access> getAccess(mlir::Operation *op);

  void addMemory(mlir::Value memory);
  uint32_t addSite(mlir::Operation *op, const Access *access = nullptr);

  void checkAccess(mlir::Operation *op, const Access &access);
  void checkMatrix(mlir::Operation *op, const Access &access);
  /// The bounds of `at`, and what the checker knows of the elements.
  void checkPlace(const Access &access, uint32_t site, llvm::Value *at);
  void checkOwn(const Access &access, uint32_t site, llvm::Value *at);
  void track(uint32_t site, llvm::Value *at);
  void checkDivision(mlir::Operation *op, bool isSigned);
  void checkShift(mlir::Operation *op);

  /// The bits of the lanes that run.
  llvm::Value *getLanes();
  /// Returns from the function, with a fault, if one of the lanes that run is
  /// `bad`, a bit for each or for all of them.
  void failIf(llvm::Value *bad, CPUFaultKind kind, uint32_t site,
              llvm::Value *values = nullptr);
  void leaveUnless(llvm::Value *goesOn);
  llvm::Value *call(llvm::StringRef name, llvm::Type *result,
                    llvm::ArrayRef<llvm::Value *> arguments);
  /// Where 32 numbers of 64 bits stand for the checker.
  llvm::Value *spill(llvm::Value *values);
  /// Whether each lane has written its elements of an array of threads.
  Memory getFlags(mlir::Value memory);

  Lowering &lowering;
  llvm::IRBuilder<> &b;
  llvm::Value *checker = nullptr;
  llvm::Value *spilled = nullptr;
  llvm::BasicBlock *exit = nullptr;
  std::vector<CPUCheckedMemory> memories;
  std::vector<CPUCheckSite> sites;
  std::map<std::tuple<std::string, uint32_t, uint32_t, uint32_t, CPUAccess,
                      uint32_t, uint32_t>,
           uint32_t>
      knownSites;
  llvm::DenseMap<mlir::Value, uint32_t> numbers;
  /// Of each memory: its elements, and whether the checker follows who accesses
  /// it; null for always.
  std::vector<llvm::Value *> elements, tracked;
  llvm::DenseMap<mlir::Value, Memory> flags;
};

} // namespace enigma::cpu

#endif // ENIGMA_LIB_TARGET_CPU_CHECKS_H
