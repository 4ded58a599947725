// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of whole vectors of the kernel: geometry, and packing into the bits
// of an integer.

#include "Lowering.h"

#include "enigma/IR/GeometryOps.h"
#include "enigma/IR/PackingOps.h"

using namespace mlir;
using namespace enigma;
using namespace enigma::cpu;

using L = Lowering;
namespace Intrinsic = llvm::Intrinsic;

namespace {
/// Vectors of floats whose lanes are computed on, rounded as their type says.
struct Vectors {
  Vectors(L &l, Operation *op) : l(l), b(l.b), op(op) {
    wide = l.isWide(op->getResult(0));
    element = l.getElementType(op->getOperand(0).getType());
  }

  Parts get(unsigned operand) {
    Parts parts;
    Value value = op->getOperand(operand);
    for (unsigned part = 0; part < l.getNumParts(value.getType()); ++part)
      parts.push_back(l.getAs(value, wide, part));
    return parts;
  }
  LogicalResult give(ArrayRef<llvm::Value *> parts) {
    l.define(op->getResult(0), parts);
    return success();
  }

  llvm::Type *inLanes(llvm::Type *type) {
    return wide ? L::getWideType(type) : type;
  }
  llvm::Value *number(double value) {
    return llvm::ConstantFP::get(inLanes(element), value);
  }

  /// A bfloat is computed in f32 and rounded.
  llvm::Value *
  rounded(ArrayRef<llvm::Value *> operands,
          llvm::function_ref<llvm::Value *(ArrayRef<llvm::Value *>)> make) {
    if (!element->isBFloatTy())
      return make(operands);
    Parts single;
    for (llvm::Value *operand : operands)
      single.push_back(b.CreateFPExt(operand, inLanes(b.getFloatTy())));
    return b.CreateFPTrunc(make(single), inLanes(element));
  }
  using Operands = ArrayRef<llvm::Value *>;
  llvm::Value *add(llvm::Value *x, llvm::Value *y) {
    return rounded({x, y},
                   [&](Operands o) { return b.CreateFAdd(o[0], o[1]); });
  }
  llvm::Value *sub(llvm::Value *x, llvm::Value *y) {
    return rounded({x, y},
                   [&](Operands o) { return b.CreateFSub(o[0], o[1]); });
  }
  llvm::Value *mul(llvm::Value *x, llvm::Value *y) {
    return rounded({x, y},
                   [&](Operands o) { return b.CreateFMul(o[0], o[1]); });
  }
  llvm::Value *div(llvm::Value *x, llvm::Value *y) {
    return rounded({x, y},
                   [&](Operands o) { return b.CreateFDiv(o[0], o[1]); });
  }
  llvm::Value *sqrt(llvm::Value *x) {
    return rounded({x}, [&](Operands o) -> llvm::Value * {
      return b.CreateUnaryIntrinsic(Intrinsic::sqrt, o[0]);
    });
  }
  llvm::Value *isLess(llvm::Value *x, double bound) {
    return b.CreateFCmpOLT(x, number(bound));
  }
  llvm::Value *dot(Operands x, Operands y) {
    llvm::Value *sum = mul(x[0], y[0]);
    for (unsigned i = 1; i < x.size(); ++i)
      sum = add(sum, mul(x[i], y[i]));
    return sum;
  }
  Parts each(Operands x, llvm::function_ref<llvm::Value *(unsigned)> make) {
    Parts parts;
    for (unsigned i = 0; i < x.size(); ++i)
      parts.push_back(make(i));
    return parts;
  }

  L &l;
  llvm::IRBuilder<> &b;
  Operation *op;
  bool wide;
  llvm::Type *element;
};
} // namespace

template <typename Op>
static void addGeometry(Rules &rules, LogicalResult (*make)(Vectors)) {
  rules.add<Op>([make](L &l, Operation *op) { return make(Vectors(l, op)); });
}

static Parts difference(Vectors &v) {
  Parts x = v.get(0), y = v.get(1);
  return v.each(x, [&](unsigned i) { return v.sub(x[i], y[i]); });
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

namespace {
/// The lanes of a format, from the lowest bits on.
struct Format {
  ArrayRef<unsigned> bits;
  bool isSigned = false;
  /// Whether the first three lanes are stored as sRGB.
  bool isSRGB = false;
};
} // namespace

static constexpr unsigned kBytes[] = {8, 8, 8, 8}, kShorts[] = {16, 16},
                          kTens[] = {10, 10, 10, 2};

static double getScale(const Format &format, unsigned part) {
  return double((1u << (format.bits[part] - (format.isSigned ? 1 : 0))) - 1);
}

static llvm::Value *power(L &l, llvm::Value *x, double exponent) {
  return l.b.CreateBinaryIntrinsic(
      Intrinsic::pow, x, llvm::ConstantFP::get(x->getType(), exponent));
}

static llvm::Value *clamp(L &l, llvm::Value *x, double low) {
  llvm::IRBuilder<> &b = l.b;
  auto number = [&](double value) {
    return llvm::ConstantFP::get(x->getType(), value);
  };
  llvm::Value *known = b.CreateSelect(b.CreateFCmpUNO(x, x), number(0.0), x);
  return b.CreateMinNum(b.CreateMaxNum(known, number(low)), number(1.0));
}

static Rule makePack(Format format) {
  return [format](L &l, Operation *op) {
    llvm::IRBuilder<> &b = l.b;
    bool wide = l.isWide(op->getResult(0));
    auto inLanes = [&](llvm::Type *type) {
      return wide ? L::getWideType(type) : type;
    };
    llvm::Type *single = inLanes(b.getFloatTy()),
               *integer = inLanes(b.getInt32Ty());
    auto number = [&](double value) {
      return llvm::ConstantFP::get(single, value);
    };
    llvm::Value *packed = llvm::Constant::getNullValue(integer);
    unsigned offset = 0;
    for (auto [part, bits] : llvm::enumerate(format.bits)) {
      llvm::Value *x =
          b.CreateFPCast(l.getAs(op->getOperand(0), wide, part), single);
      x = clamp(l, x, format.isSigned ? -1.0 : 0.0);
      if (format.isSRGB && part < 3) {
        llvm::Value *curve =
            b.CreateFSub(b.CreateFMul(number(1.055f), power(l, x, 1.0f / 2.4f)),
                         number(0.055f));
        x = b.CreateSelect(b.CreateFCmpOLT(x, number(0.0031308f)),
                           b.CreateFMul(number(12.92f), x), curve);
      }
      llvm::Value *scaled = b.CreateUnaryIntrinsic(
          Intrinsic::rint, b.CreateFMul(x, number(getScale(format, part))));
      llvm::Value *field = b.CreateAnd(
          b.CreateFPToSI(scaled, integer),
          llvm::ConstantInt::get(integer, (uint64_t(1) << bits) - 1));
      packed = b.CreateOr(
          packed, b.CreateShl(field, llvm::ConstantInt::get(integer, offset)));
      offset += bits;
    }
    l.define(op->getResult(0), packed);
    return success();
  };
}

static Rule makeUnpack(Format format) {
  return [format](L &l, Operation *op) {
    llvm::IRBuilder<> &b = l.b;
    Value result = op->getResult(0);
    llvm::Value *packed = l.getAs(op->getOperand(0), l.isWide(result));
    llvm::Type *integer = packed->getType(),
               *single = integer->getWithNewType(b.getFloatTy());
    auto number = [&](double value) {
      return llvm::ConstantFP::get(single, value);
    };
    Parts parts;
    unsigned offset = 0;
    for (auto [part, bits] : llvm::enumerate(format.bits)) {
      // To the top, and down again with the sign.
      llvm::Value *top = b.CreateShl(
          packed, llvm::ConstantInt::get(integer, 32 - bits - offset));
      llvm::Constant *down = llvm::ConstantInt::get(integer, 32 - bits);
      llvm::Value *x = format.isSigned
                           ? b.CreateSIToFP(b.CreateAShr(top, down), single)
                           : b.CreateUIToFP(b.CreateLShr(top, down), single);
      x = b.CreateFDiv(x, number(getScale(format, part)));
      if (format.isSigned)
        x = b.CreateMaxNum(x, number(-1.0));
      if (format.isSRGB && part < 3) {
        llvm::Value *curve = power(
            l, b.CreateFDiv(b.CreateFAdd(x, number(0.055f)), number(1.055f)),
            2.4f);
        x = b.CreateSelect(b.CreateFCmpOLE(x, number(0.04045f)),
                           b.CreateFDiv(x, number(12.92f)), curve);
      }
      parts.push_back(b.CreateFPCast(
          x, single->getWithNewType(l.getElementType(result.getType()))));
      offset += bits;
    }
    l.define(result, parts);
    return success();
  };
}

void cpu::addFunctionRules(Rules &rules) {
  addGeometry<DotOp>(
      rules, [](Vectors v) { return v.give(v.dot(v.get(0), v.get(1))); });
  addGeometry<LengthSquaredOp>(
      rules, [](Vectors v) { return v.give(v.dot(v.get(0), v.get(0))); });
  addGeometry<LengthOp>(rules, [](Vectors v) {
    return v.give(v.sqrt(v.dot(v.get(0), v.get(0))));
  });
  addGeometry<DistanceSquaredOp>(rules, [](Vectors v) {
    Parts d = difference(v);
    return v.give(v.dot(d, d));
  });
  addGeometry<DistanceOp>(rules, [](Vectors v) {
    Parts d = difference(v);
    return v.give(v.sqrt(v.dot(d, d)));
  });
  addGeometry<CrossOp>(rules, [](Vectors v) {
    Parts x = v.get(0), y = v.get(1);
    return v.give(v.each(x, [&](unsigned i) {
      unsigned j = (i + 1) % 3, k = (i + 2) % 3;
      return v.sub(v.mul(x[j], y[k]), v.mul(x[k], y[j]));
    }));
  });
  addGeometry<NormalizeOp>(rules, [](Vectors v) {
    Parts x = v.get(0);
    llvm::Value *length = v.sqrt(v.dot(x, x));
    return v.give(v.each(x, [&](unsigned i) { return v.div(x[i], length); }));
  });
  addGeometry<ReflectOp>(rules, [](Vectors v) {
    Parts incident = v.get(0), normal = v.get(1);
    llvm::Value *twice = v.mul(v.number(2.0), v.dot(normal, incident));
    return v.give(v.each(incident, [&](unsigned i) {
      return v.sub(incident[i], v.mul(twice, normal[i]));
    }));
  });
  addGeometry<FaceforwardOp>(rules, [](Vectors v) {
    Parts normal = v.get(0);
    llvm::Value *faces = v.isLess(v.dot(v.get(2), v.get(1)), 0.0);
    return v.give(v.each(normal, [&](unsigned i) {
      return v.b.CreateSelect(faces, normal[i], v.b.CreateFNeg(normal[i]));
    }));
  });
  addGeometry<RefractOp>(rules, [](Vectors v) {
    Parts incident = v.get(0), normal = v.get(1);
    llvm::Value *eta = v.get(2)[0];
    llvm::Value *c = v.dot(normal, incident);
    llvm::Value *k =
        v.sub(v.number(1.0),
              v.mul(v.mul(eta, eta), v.sub(v.number(1.0), v.mul(c, c))));
    llvm::Value *along = v.add(v.mul(eta, c), v.sqrt(k));
    llvm::Value *isNone = v.isLess(k, 0.0);
    return v.give(v.each(incident, [&](unsigned i) {
      return v.b.CreateSelect(
          isNone, v.number(0.0),
          v.sub(v.mul(eta, incident[i]), v.mul(along, normal[i])));
    }));
  });

#define ENIGMA_PACKING(Name, ...)                                              \
  rules.add<PackFloatTo##Name##Op>(makePack(__VA_ARGS__));                     \
  rules.add<PackHalfTo##Name##Op>(makePack(__VA_ARGS__));                      \
  rules.add<Unpack##Name##ToFloatOp>(makeUnpack(__VA_ARGS__));                 \
  rules.add<Unpack##Name##ToHalfOp>(makeUnpack(__VA_ARGS__));
  ENIGMA_PACKING(Snorm4x8, Format{kBytes, /*isSigned=*/true})
  ENIGMA_PACKING(Unorm4x8, Format{kBytes})
  ENIGMA_PACKING(SrgbUnorm4x8, Format{kBytes, false, /*isSRGB=*/true})
  ENIGMA_PACKING(Snorm2x16, Format{kShorts, /*isSigned=*/true})
  ENIGMA_PACKING(Unorm2x16, Format{kShorts})
  ENIGMA_PACKING(Unorm10a2, Format{kTens})
#undef ENIGMA_PACKING
}
