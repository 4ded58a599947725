// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Utils/Conditions.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

arith::CmpFPredicate enigma::invertPredicate(arith::CmpFPredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case P::AlwaysFalse:
    return P::AlwaysTrue;
  case P::OEQ:
    return P::UNE;
  case P::OGT:
    return P::ULE;
  case P::OGE:
    return P::ULT;
  case P::OLT:
    return P::UGE;
  case P::OLE:
    return P::UGT;
  case P::ONE:
    return P::UEQ;
  case P::ORD:
    return P::UNO;
  case P::UEQ:
    return P::ONE;
  case P::UGT:
    return P::OLE;
  case P::UGE:
    return P::OLT;
  case P::ULT:
    return P::OGE;
  case P::ULE:
    return P::OGT;
  case P::UNE:
    return P::OEQ;
  case P::UNO:
    return P::ORD;
  case P::AlwaysTrue:
    return P::AlwaysFalse;
  }
  llvm_unreachable("unknown predicate");
}

Value enigma::negate(OpBuilder &builder, Location loc, Value condition) {
  if (condition.hasOneUse()) {
    if (auto cmp = condition.getDefiningOp<arith::CmpIOp>())
      return arith::CmpIOp::create(builder, loc,
                                   arith::invertPredicate(cmp.getPredicate()),
                                   cmp.getLhs(), cmp.getRhs());
    if (auto cmp = condition.getDefiningOp<arith::CmpFOp>())
      return arith::CmpFOp::create(
          builder, loc, invertPredicate(cmp.getPredicate()), cmp.getLhs(),
          cmp.getRhs(), cmp.getFastmath());
  }
  if (auto opposite = condition.getDefiningOp<arith::XOrIOp>();
      opposite && matchPattern(opposite.getRhs(), m_One()))
    return opposite.getLhs();
  Type type = condition.getType();
  TypedAttr ones = builder.getOneAttr(type);
  Value constant = arith::ConstantOp::create(builder, loc, ones);
  return arith::XOrIOp::create(builder, loc, condition, constant);
}
