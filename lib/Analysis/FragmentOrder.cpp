// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Analysis/FragmentOrder.h"

#include "enigma/Utils/Walk.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace enigma;

/// The lane that is extracted, where it is known.
static std::optional<int64_t> getStaticLane(vector::ExtractOp op) {
  if (op.getNumIndices() != 1 || op.hasDynamicPosition() ||
      op.getStaticPosition()[0] < 0)
    return std::nullopt;
  return op.getStaticPosition()[0];
}

FragmentOrder::FragmentOrder(KernelOp kernel, FragmentForm form) : form(form) {
  forEachInnerFirst(kernel.getBody(), [&](Operation *op) {
    if (auto elements = dyn_cast<vector::FromElementsOp>(op))
      ask(elements);
  });
  for (auto &[fragment, lanes] : stored) {
    Order sorted = lanes;
    llvm::sort(sorted);
    if (isOwn(sorted))
      asked.emplace_back(fragment, lanes);
  }
  if (llvm::all_of(asked, [](const auto &each) { return isOwn(each.second); }))
    return;
  forEachInnerFirst(kernel.getBody(), [&](Operation *op) { collect(op); });
  if (numbers.empty())
    return;
  classes.compress();
  for (auto &[fragment, order] : asked)
    vote(fragment, order);
  choose();
}

bool FragmentOrder::isOwn(const Order &order) {
  return llvm::equal(order, llvm::seq<int64_t>(0, order.size()));
}

bool FragmentOrder::hasOrder(Type type) const {
  return form.isFragment(type) && cast<VectorType>(type).getNumElements() > 1;
}

unsigned FragmentOrder::getNumber(Value value) {
  auto [entry, isNew] = numbers.try_emplace(value, numbers.size());
  if (isNew)
    classes.grow(numbers.size());
  return entry->second;
}

void FragmentOrder::join(OpOperand &operand, Value with) {
  if (!hasOrder(operand.get().getType()) || !hasOrder(with.getType()))
    return;
  unsigned number = getNumber(with);
  if (matchPattern(operand.get(), m_Constant()))
    constants.emplace_back(&operand, with);
  else
    classes.join(getNumber(operand.get()), number);
}

void FragmentOrder::collect(Operation *op) {
  if (!form.isUsedBy(op))
    return;
  bool isKnown = true;
  if (isLanewise(op)) {
    for (Value result : op->getResults())
      for (OpOperand &operand : op->getOpOperands())
        join(operand, result);
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (auto [init, argument, yielded, result] : llvm::zip_equal(
             loop.getInitArgsMutable(), loop.getRegionIterArgs(),
             loop.getYieldedValuesMutable().value(), loop.getResults())) {
      join(init, result);
      join(yielded, result);
      joinValues(argument, result);
    }
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
      if (!region->empty())
        for (auto [yielded, result] :
             llvm::zip_equal(region->front().getTerminator()->getOpOperands(),
                             branch.getResults()))
          join(yielded, result);
  } else if (auto loop = dyn_cast<scf::WhileOp>(op)) {
    for (auto [init, argument, yielded] :
         llvm::zip_equal(loop.getInitsMutable(), loop.getBeforeArguments(),
                         loop.getYieldOp()->getOpOperands())) {
      join(init, argument);
      join(yielded, argument);
    }
    for (auto [passed, argument, result] :
         llvm::zip_equal(loop.getConditionOp().getArgsMutable(),
                         loop.getAfterArguments(), loop.getResults())) {
      join(passed, result);
      joinValues(argument, result);
    }
  } else if (auto insert = dyn_cast<vector::InsertOp>(op)) {
    isKnown = insert.getNumIndices() == 1 && !insert.hasDynamicPosition() &&
              insert.getStaticPosition()[0] >= 0;
    join(insert.getDestMutable(), insert.getResult());
  } else if (auto extract = dyn_cast<vector::ExtractOp>(op)) {
    isKnown = getStaticLane(extract).has_value();
  } else if (auto broadcast = dyn_cast<vector::BroadcastOp>(op)) {
    isKnown = !isa<VectorType>(broadcast.getSource().getType());
  } else {
    isKnown = op->hasTrait<OpTrait::ConstantLike>() ||
              isa<vector::FromElementsOp, vector::ReductionOp, scf::YieldOp,
                  scf::ConditionOp>(op);
  }
  if (isKnown)
    return;
  for (Value value : op->getOperands())
    fixed.push_back(value);
  for (Value value : op->getResults())
    fixed.push_back(value);
}

void FragmentOrder::joinValues(Value a, Value b) {
  if (hasOrder(a.getType()))
    classes.join(getNumber(a), getNumber(b));
}

void FragmentOrder::ask(vector::FromElementsOp op) {
  // A fragment of lanes of short vectors, as loads make it: those of one
  // vector stay together. A lane that stands in several places asks nothing.
  if (hasOrder(op.getType())) {
    llvm::MapVector<Value, SmallVector<std::pair<int64_t, int64_t>>> sources;
    for (auto [i, element] : llvm::enumerate(op.getElements())) {
      auto extract = element.getDefiningOp<vector::ExtractOp>();
      std::optional<int64_t> lane =
          extract ? getStaticLane(extract) : std::nullopt;
      if (!lane || hasOrder(extract.getSource().getType()))
        return;
      sources[extract.getSource()].emplace_back(*lane, i);
    }
    Order order;
    for (auto &[source, lanes] : sources) {
      llvm::sort(lanes);
      int64_t width = cast<VectorType>(source.getType()).getNumElements();
      for (auto [i, lane] : llvm::enumerate(lanes)) {
        if (lane.first != int64_t(i) || int64_t(lanes.size()) != width)
          return;
        order.push_back(lane.second);
      }
    }
    asked.emplace_back(op.getResult(), std::move(order));
    return;
  }
  // A short vector of lanes of a fragment, as stores take it.
  Value source;
  SmallVector<int64_t, 4> lanes;
  for (Value element : op.getElements()) {
    auto extract = element.getDefiningOp<vector::ExtractOp>();
    std::optional<int64_t> lane =
        extract ? getStaticLane(extract) : std::nullopt;
    if (!lane || !hasOrder(extract.getSource().getType()) ||
        (source && source != extract.getSource()))
      return;
    source = extract.getSource();
    lanes.push_back(*lane);
  }
  if (source)
    llvm::append_range(stored[source], lanes);
}

void FragmentOrder::vote(Value fragment, const Order &order) {
  if (order.size() !=
      size_t(cast<VectorType>(fragment.getType()).getNumElements()))
    return;
  auto number = numbers.find(fragment);
  unsigned group =
      number == numbers.end() ? getAlone(fragment) : classes[number->second];
  auto &known = votes[group];
  auto *same = llvm::find_if(
      known, [&](const auto &vote) { return vote.first == order; });
  if (same == known.end())
    known.emplace_back(order, 1);
  else
    ++same->second;
}

unsigned FragmentOrder::getAlone(Value fragment) {
  auto [entry, isNew] =
      alone.try_emplace(fragment, classes.getNumClasses() + alone.size());
  return entry->second;
}

std::optional<unsigned> FragmentOrder::getGroup(Value value) const {
  auto number = numbers.find(value);
  if (number != numbers.end())
    return classes[number->second];
  auto single = alone.find(value);
  if (single != alone.end())
    return single->second;
  return std::nullopt;
}

void FragmentOrder::choose() {
  for (auto &[group, known] : votes) {
    auto *best = std::max_element(
        known.begin(), known.end(),
        [](const auto &a, const auto &b) { return a.second < b.second; });
    if (!isOwn(best->first))
      orders[group] = best->first;
  }
  for (Value value : fixed)
    if (std::optional<unsigned> group = getGroup(value))
      orders.erase(*group);
}

const FragmentOrder::Order *FragmentOrder::getOrder(Value value) const {
  std::optional<unsigned> group = getGroup(value);
  if (!group)
    return nullptr;
  auto order = orders.find(*group);
  return order == orders.end() ? nullptr : &order->second;
}
