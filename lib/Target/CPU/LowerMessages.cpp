// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What threads tell the host while they run, and text that is for Metal alone.

#include "Lowering.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

void Lowering::report(CPUSite site, ValueRange values) {
  llvm::Type *pointer = b.getPtrTy(), *i32 = b.getInt32Ty(),
             *i64 = b.getInt64Ty();
  uint64_t index = sites.size();
  sites.push_back(std::move(site));
  llvm::Value *bits = makeVariable(i64, std::max<uint64_t>(values.size(), 1));
  Parts wide;
  for (Value value : values)
    wide.push_back(getWide(value));
  llvm::Value *callee = loadField(pointer, offsetof(CPULaunch, report)),
              *log = loadField(pointer, offsetof(CPULaunch, log));
  auto *type = llvm::FunctionType::get(
      b.getVoidTy(), {pointer, i32, i64, i32, pointer}, false);
  forEachLane([&](llvm::Value *lane) {
    for (auto [i, value] : llvm::enumerate(wide)) {
      llvm::Value *own = b.CreateExtractElement(value, lane);
      own = b.CreateBitCast(own,
                            b.getIntNTy(own->getType()->getScalarSizeInBits()));
      b.CreateStore(b.CreateZExt(own, i64),
                    b.CreateConstInBoundsGEP1_64(i64, bits, i));
    }
    b.CreateCall(type, callee,
                 {log, b.getInt32(index), groupIndex,
                  b.CreateAdd(firstThread, lane), bits});
  });
}

static std::string getName(mlir::Type dtype) {
  unsigned width = dtype.getIntOrFloatBitWidth();
  const char *kind = dtype.isBF16()              ? "bf"
                     : isa<FloatType>(dtype)     ? "f"
                     : width == 1                ? "b"
                     : dtype.isUnsignedInteger() ? "u"
                                                 : "i";
  return kind + std::to_string(width);
}

static CPUSite makeSite(StringRef level, StringRef format, ArrayAttr dtypes) {
  CPUSite site = {level.str(), format.str(), {}};
  for (mlir::Type dtype : dtypes.getAsValueRange<TypeAttr>())
    site.dtypes.push_back(getName(dtype));
  return site;
}

static LogicalResult lowerPrint(Lowering &lowering, Operation *op) {
  auto print = cast<PrintOp>(op);
  lowering.report(makeSite("info", print.getFormat(), print.getDtypes()),
                  print.getValues());
  return success();
}

static LogicalResult lowerAssert(Lowering &lowering, Operation *op) {
  auto assertion = cast<AssertOp>(op);
  llvm::Value *outer = lowering.mask;
  llvm::Value *failing = lowering.both(
      outer, lowering.b.CreateNot(lowering.getWide(assertion.getCondition())));
  lowering.runIf(lowering.any(failing), [&] {
    lowering.mask = failing;
    lowering.report(
        makeSite("fault", assertion.getFormat(), assertion.getDtypes()),
        assertion.getValues());
  });
  lowering.mask = outer;
  return success();
}

void cpu::addMessageRules(Rules &rules) {
  rules.add<PrintOp>(lowerPrint);
  rules.add<AssertOp>(lowerAssert);
  rules.add<InlineMSLOp>([](Lowering &lowering, Operation *op) {
    return lowering.refuse(op, "text of Metal's language");
  });
}
