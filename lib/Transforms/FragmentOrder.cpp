// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FragmentOrder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

#include <numeric>

using namespace mlir;
using namespace enigma;

static constexpr int64_t kMaxLanes = 4;

bool enigma::isFragmentType(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         (vector.getNumElements() > kMaxLanes || vector.getNumElements() == 1);
}

bool enigma::isLanewise(Operation *op) {
  return (op->hasTrait<OpTrait::Elementwise>() ||
          isa<ExtractBitsOp, InsertBitsOp>(op)) &&
         op->getNumRegions() == 0;
}

Value enigma::buildReduction(OpBuilder &builder, vector::ReductionOp reduction,
                             Value start,
                             function_ref<Value(int64_t)> getLane) {
  Value result = start;
  int64_t numLanes = reduction.getSourceVectorType().getNumElements();
  for (int64_t lane = 0; lane < numLanes; ++lane) {
    Value value = getLane(lane);
    result =
        result ? vector::makeArithReduction(builder, reduction.getLoc(),
                                            reduction.getKind(), value, result)
               : value;
  }
  return result;
}

/// The lane that is extracted, where it is known.
static std::optional<int64_t> getStaticLane(vector::ExtractOp op) {
  if (op.getNumIndices() != 1 || op.hasDynamicPosition() ||
      op.getStaticPosition()[0] < 0)
    return std::nullopt;
  return op.getStaticPosition()[0];
}

namespace {
/// For each place, the lane that stands there.
using Order = SmallVector<int64_t>;

class Orderer {
public:
  void run(KernelOp kernel) {
    kernel.walk([&](Operation *op) { collect(op); });
    if (numbers.empty())
      return;
    classes.compress();
    kernel.walk([&](vector::FromElementsOp op) { vote(op); });
    choose();
    if (orders.empty())
      return;
    SmallVector<Operation *> users;
    kernel.walk([&](Operation *op) { users.push_back(op); });
    for (Operation *op : users)
      reorder(op);
    for (auto [operand, owner] : constants)
      if (const Order *order = getOrder(owner))
        operand->set(reorderConstant(operand->get(), *order));
  }

private:
  static bool hasOrder(Type type) {
    return isFragmentType(type) && cast<VectorType>(type).getNumElements() > 1;
  }

  unsigned getNumber(Value value) {
    auto [entry, isNew] = numbers.try_emplace(value, numbers.size());
    if (isNew)
      classes.grow(numbers.size());
    return entry->second;
  }

  /// Both are kept in one order. A constant takes that of its user.
  void join(OpOperand &operand, Value with) {
    if (!hasOrder(operand.get().getType()) || !hasOrder(with.getType()))
      return;
    unsigned number = getNumber(with);
    if (matchPattern(operand.get(), m_Constant()))
      constants.emplace_back(&operand, with);
    else
      classes.join(getNumber(operand.get()), number);
  }

  void collect(Operation *op) {
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

  void joinValues(Value a, Value b) {
    if (hasOrder(a.getType()))
      classes.join(getNumber(a), getNumber(b));
  }

  /// Counts an order that a vector of lanes asks for.
  void vote(vector::FromElementsOp op) {
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
      add(op.getResult(), std::move(order));
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

  void add(Value fragment, Order order) {
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
      known.emplace_back(std::move(order), 1);
    else
      ++same->second;
  }

  /// A group for a fragment that is joined with no other.
  unsigned getAlone(Value fragment) {
    auto [entry, isNew] =
        alone.try_emplace(fragment, classes.getNumClasses() + alone.size());
    return entry->second;
  }
  std::optional<unsigned> getGroup(Value value) const {
    auto number = numbers.find(value);
    if (number != numbers.end())
      return classes[number->second];
    auto single = alone.find(value);
    if (single != alone.end())
      return single->second;
    return std::nullopt;
  }

  void choose() {
    for (auto &[fragment, lanes] : stored) {
      Order sorted = lanes;
      llvm::sort(sorted);
      if (llvm::equal(sorted, llvm::seq<int64_t>(0, sorted.size())))
        add(fragment, lanes);
    }
    for (auto &[group, known] : votes) {
      auto *best = std::max_element(
          known.begin(), known.end(),
          [](const auto &a, const auto &b) { return a.second < b.second; });
      if (!llvm::equal(best->first, llvm::seq<int64_t>(0, best->first.size())))
        orders[group] = best->first;
    }
    for (Value value : fixed)
      if (std::optional<unsigned> group = getGroup(value))
        orders.erase(*group);
  }

  const Order *getOrder(Value value) const {
    std::optional<unsigned> group = getGroup(value);
    if (!group)
      return nullptr;
    auto order = orders.find(*group);
    return order == orders.end() ? nullptr : &order->second;
  }

  static int64_t getPlace(const Order &order, int64_t lane) {
    return llvm::find(order, lane) - order.begin();
  }

  void reorder(Operation *op) {
    OpBuilder builder(op);
    if (auto elements = dyn_cast<vector::FromElementsOp>(op)) {
      if (const Order *order = getOrder(elements.getResult())) {
        SmallVector<Value> lanes(elements.getElements());
        for (auto [place, lane] : llvm::enumerate(*order))
          op->setOperand(place, lanes[lane]);
      }
    } else if (auto extract = dyn_cast<vector::ExtractOp>(op)) {
      if (const Order *order = getOrder(extract.getSource()))
        extract.setStaticPosition(
            {getPlace(*order, extract.getStaticPosition()[0])});
    } else if (auto insert = dyn_cast<vector::InsertOp>(op)) {
      if (const Order *order = getOrder(insert.getResult()))
        insert.setStaticPosition(
            {getPlace(*order, insert.getStaticPosition()[0])});
    } else if (auto reduction = dyn_cast<vector::ReductionOp>(op)) {
      const Order *order = getOrder(reduction.getVector());
      if (!order)
        return;
      // Lanes are combined in their own order, as rounding may depend on it.
      Value result = buildReduction(
          builder, reduction, reduction.getAcc(), [&](int64_t lane) -> Value {
            return vector::ExtractOp::create(builder, op->getLoc(),
                                             reduction.getVector(),
                                             getPlace(*order, lane));
          });
      op->replaceAllUsesWith(ValueRange(result));
      op->erase();
    }
  }

  static Value reorderConstant(Value value, const Order &order) {
    DenseElementsAttr elements;
    if (!matchPattern(value, m_Constant(&elements)) || elements.isSplat())
      return value;
    SmallVector<Attribute> lanes(elements.getValues<Attribute>()), reordered;
    for (int64_t lane : order)
      reordered.push_back(lanes[lane]);
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    return arith::ConstantOp::create(
        builder, value.getLoc(),
        DenseElementsAttr::get(cast<VectorType>(value.getType()), reordered));
  }

  /// Fragments that are kept in one order have one class.
  DenseMap<Value, unsigned> numbers;
  llvm::IntEqClasses classes;
  DenseMap<Value, unsigned> alone;
  SmallVector<Value> fixed;
  SmallVector<std::pair<OpOperand *, Value>> constants;
  llvm::MapVector<Value, Order> stored;
  llvm::MapVector<unsigned, SmallVector<std::pair<Order, unsigned>, 1>> votes;
  DenseMap<unsigned, Order> orders;
};
} // namespace

void enigma::orderFragments(KernelOp kernel) { Orderer().run(kernel); }
