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
  void start();
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
  /// `count` is that of an access, or the bits of what is shifted.
  uint32_t addSite(mlir::Operation *op, const Access *access = nullptr,
                   uint32_t count = 1);

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
  /// Calls a function of the checker with what it is given besides.
  llvm::Value *call(llvm::StringRef name, llvm::Type *result,
                    llvm::ArrayRef<llvm::Value *> arguments);
  /// Calls one that says whether to go on, and returns if not.
  void callOrLeave(llvm::StringRef name,
                   llvm::ArrayRef<llvm::Value *> arguments);
  /// Where 32 numbers of 64 bits stand for the checker.
  llvm::Value *spill(llvm::Value *values);
  /// The bytes of memory of which is known as one whether they were written:
  /// those of an element, of the smallest where it is seen as several types.
  uint32_t getGranule(uint32_t root);
  /// Of an array of threads: how many of them all lanes have, and where it is
  /// known of each for the SIMD group that runs.
  uint64_t getNumFlags(mlir::Value array);
  llvm::Value *getWritten(mlir::Value array);
  template <typename Op> llvm::Value *getFlags(Op barrier);

  Lowering &lowering;
  llvm::IRBuilder<> &b;
  llvm::Value *checker = nullptr;
  llvm::Value *spilled = nullptr;
  llvm::BasicBlock *exit = nullptr;
  std::vector<CPUCheckedMemory> memories;
  std::vector<CPUCheckSite> sites;
  std::map<std::tuple<std::string, uint32_t, uint32_t, uint32_t, CPUAccess,
                      uint32_t, uint32_t, bool>,
           uint32_t>
      knownSites;
  llvm::DenseMap<mlir::Value, uint32_t> numbers;
  /// Of each memory: its elements, and whether the checker follows who accesses
  /// it; null for always.
  std::vector<llvm::Value *> elements, tracked;
  llvm::DenseMap<mlir::Value, llvm::Value *> written;
};

} // namespace enigma::cpu

#endif // ENIGMA_LIB_TARGET_CPU_CHECKS_H
