// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/Checker.h"

#include "enigma/Runtime/Interruption.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#if defined(__linux__)
#include <sys/mman.h>
#endif

using namespace enigma;

static constexpr unsigned kLanes = 32;
static constexpr unsigned kSiteBits = 16, kThreadBits = 10;
static constexpr unsigned kTimeShift = kSiteBits + kThreadBits;
/// The bits of `mem_flags`.
static constexpr uint32_t kDeviceFlag = 1, kThreadgroupFlag = 2;

static uint32_t getThread(uint64_t event) {
  return (event >> kSiteBits) & ((1u << kThreadBits) - 1);
}
static uint32_t getSite(uint64_t event) {
  return event & ((1u << kSiteBits) - 1);
}
static bool isOfOneThread(uint64_t a, uint64_t b) {
  return getThread(a ^ b) == 0;
}
static bool isOfOneSimdgroup(uint64_t a, uint64_t b) {
  return getThread(a ^ b) < kLanes;
}

namespace {
/// Most of the time would be that of the first look at each small page.
void useLargePages([[maybe_unused]] void *data,
                   [[maybe_unused]] uint64_t bytes) {
#if defined(__linux__)
  constexpr uint64_t kLargePage = 2 << 20;
  uint64_t begin = llvm::alignTo(reinterpret_cast<uint64_t>(data), kLargePage),
           end = llvm::alignDown(reinterpret_cast<uint64_t>(data) + bytes,
                                 kLargePage);
  if (begin < end)
    madvise(reinterpret_cast<void *>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

/// An event for each granule, none at first. Pages that nobody looks at take
/// no memory.
class Events {
public:
  bool allocate(uint64_t count) {
    data.reset(static_cast<uint64_t *>(std::calloc(count, sizeof(uint64_t))));
    if (data)
      useLargePages(data.get(), count * sizeof(uint64_t));
    return bool(data);
  }
  uint64_t *get() const { return data.get(); }
  explicit operator bool() const { return bool(data); }
  uint64_t &operator[](uint64_t i) { return data[i]; }

private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  std::unique_ptr<uint64_t[], Free> data;
};

/// Accesses that do not race with one another: the first and another one of
/// those that no barrier has put in order with what comes, and one of an
/// earlier threadgroup.
struct Crowd {
  Events first, second, foreign;

  bool allocate(uint64_t count, bool isShared) {
    return first.allocate(count) && second.allocate(count) &&
           (isShared || foreign.allocate(count));
  }

  void add(uint64_t granule, uint64_t event, uint64_t start,
           uint64_t groupStart) {
    uint64_t &one = first[granule];
    if (one < start) {
      if (foreign && one != 0 && one < groupStart)
        foreign[granule] = one;
      one = event;
    } else if (isOfOneThread(one, event)) {
      one = event;
    } else {
      second[granule] = event;
    }
  }

  /// Whether one of them is in no order with whoever comes until the next
  /// barrier of the threadgroup.
  bool isFull(uint64_t granule, uint64_t start) {
    uint64_t one = first[granule], other = second[granule];
    return one >= start && other >= start && !isOfOneSimdgroup(one, other);
  }

  /// Calls `test` for those that there are; gives the one that fails, or 0.
  template <typename Test> uint64_t find(uint64_t granule, Test test) {
    for (Events *events : {&first, &second, &foreign})
      if (*events)
        if (uint64_t event = (*events)[granule]; event != 0 && !test(event))
          return event;
    return 0;
  }
};
} // namespace

/// Memory that no other memory overlaps.
struct Checker::Region {
  bool isShared = false;
  uint64_t begin = 0, bytes = 0;
  /// The bytes of a granule, and how many there are.
  uint64_t granule = 1, count = 0;
  bool isRead = false, isWritten = false, hasAtomics = false;
  Events writes;
  Crowd reads, atomics;
  /// Of threadgroup memory: where an atomic access wrote first.
  Events atomicWrites;

  /// Granules of threadgroup memory of which one more read tells nothing until
  /// the next barrier or write, as several SIMD groups read them.
  struct Settled {
    uint64_t first, count, start, writes;
    bool operator==(const Settled &other) const {
      return first == other.first && count == other.count &&
             start == other.start && writes == other.writes;
    }
  };
  static constexpr size_t kNumSettled = 256;
  std::vector<Settled> settled;
  /// How often something was written.
  uint64_t numWrites = 0;

  bool allocate() {
    count = std::max<uint64_t>(bytes / granule, 1);
    if (isShared)
      settled.resize(kNumSettled);
    return writes.allocate(count) &&
           (!isRead || reads.allocate(count, isShared)) &&
           (!hasAtomics || (atomics.allocate(count, isShared) &&
                            atomicWrites.allocate(count)));
  }

  void add(const CPUCheckedMemory &memory) {
    granule = std::gcd(granule, uint64_t(memory.elementBytes));
    isRead |= memory.isRead;
    isWritten |= memory.isWritten;
    hasAtomics |= memory.hasAtomics;
  }
};

Checker::Checker(std::vector<CPUCheckedMemory> memories,
                 std::vector<CPUCheckSite> sites, const Extents &threads,
                 const Extents &block)
    : memories(std::move(memories)), sites(std::move(sites)), threads(threads),
      block(block) {
  for (unsigned i : {0, 1, 2})
    groups[i] = llvm::divideCeil(threads[i], block[i]);
}

Checker::~Checker() = default;

std::string Checker::prepare(void *const *arguments, const uint64_t *bytes) {
  using Space = CPUCheckedMemory::Space;
  parts.resize(memories.size());
  isTracked.resize(memories.size());
  for (CPUCheckedMemory &memory : memories) {
    if (memory.argument >= 0 &&
        (memory.space != Space::Threadgroup || memory.elements == 0))
      memory.elements = bytes[memory.argument] / memory.elementBytes;
    elements.push_back(memory.elements);
  }
  // Buffers that overlap are one region.
  std::vector<size_t> buffers;
  for (auto [i, memory] : llvm::enumerate(memories)) {
    if (memory.space == Space::Threadgroup) {
      if (memory.root == i) {
        regions.push_back(std::make_unique<Region>());
        parts[i].region = regions.back().get();
        parts[i].region->isShared = true;
        parts[i].region->granule = memory.elementBytes;
        parts[i].region->bytes = memory.elements * memory.elementBytes;
      }
      parts[i].region = parts[memory.root].region;
      parts[i].region->add(memory);
    } else if (memory.argument >= 0 && memory.elements != 0) {
      buffers.push_back(i);
    }
  }
  auto getBegin = [&](size_t i) {
    return reinterpret_cast<uint64_t>(arguments[memories[i].argument]);
  };
  llvm::stable_sort(
      buffers, [&](size_t a, size_t b) { return getBegin(a) < getBegin(b); });
  for (size_t i : buffers) {
    uint64_t begin = getBegin(i);
    uint64_t size = elements[i] * memories[i].elementBytes;
    Region *last = regions.empty() ? nullptr : regions.back().get();
    if (!last || last->isShared || begin >= last->begin + last->bytes) {
      regions.push_back(std::make_unique<Region>());
      last = regions.back().get();
      last->begin = begin;
      last->granule = memories[i].elementBytes;
    }
    last->bytes = std::max(last->bytes, begin + size - last->begin);
    last->granule = std::gcd(last->granule, begin - last->begin);
    last->add(memories[i]);
    parts[i].region = last;
  }
  for (auto [i, memory] : llvm::enumerate(memories)) {
    Part &part = parts[i];
    if (!part.region)
      continue;
    isTracked[i] = part.region->isShared || part.region->isWritten;
    if (!part.region->isShared)
      part.first = (getBegin(i) - part.region->begin) / part.region->granule;
    part.step = memory.elementBytes / part.region->granule;
  }
  for (const std::unique_ptr<Region> &region : regions)
    if ((region->isShared || region->isWritten) && !region->allocate())
      return "there is not enough memory to check a launch on so much";
  return {};
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

void Checker::enterThreadgroup(uint64_t index) {
  group = index;
  std::array<uint64_t, 3> extents = getGroupThreads(index);
  groupSize = extents[0] * extents[1] * extents[2];
  groupStart = ++clock << kTimeShift;
  start = {groupStart, groupStart};
  groupStarts.push_back(groupStart);
}

void Checker::leaveThreadgroup() {
  if (!fault)
    fault = unwritten;
}

Checker::Event Checker::makeEvent(uint32_t thread, uint32_t site) const {
  return clock << kTimeShift | uint64_t(thread) << kSiteBits | site;
}

uint64_t Checker::getGroup(Event event) const {
  return llvm::upper_bound(groupStarts, event) - groupStarts.begin() - 1;
}

bool Checker::isOrdered(const Region &region, Event event,
                        const Current &current) const {
  if (event < start[region.isShared]) {
    if (region.isShared || event >= groupStart)
      return true;
    // Fences of both threadgroups stand between.
    if (fences.empty() || group >= fences.size() || fences[group] == 0)
      return false;
    return fences[getGroup(event)] > event;
  }
  uint32_t thread = getThread(event);
  if (thread == current.thread)
    return true;
  if (thread / kLanes != current.thread / kLanes)
    return false;
  return event < simdgroupStart[region.isShared][thread / kLanes] ||
         (current.site->isCollective && sites[getSite(event)].isCollective);
}

bool Checker::arrive(uint32_t site, const uint32_t *lanes, uint32_t flags) {
  Callback callback;
  if (unwritten) {
    fault = unwritten;
    return false;
  }
  uint32_t missing = 0, firstMissing = 0, firstPresent = 0;
  if (lanes)
    for (uint32_t thread = groupSize; thread-- != 0;) {
      if (lanes[thread / kLanes] >> thread % kLanes & 1) {
        firstPresent = thread;
      } else {
        ++missing;
        firstMissing = thread;
      }
    }
  if (missing) {
    fault = CPUFault{
        CPUFaultKind::DivergentBarrier, describe(site, firstMissing, group),
        describe(site, firstPresent, group), std::nullopt, missing};
    return false;
  }
  Event now = ++clock << kTimeShift;
  if (flags & kDeviceFlag)
    start[0] = now;
  if (flags & kThreadgroupFlag)
    start[1] = now;
  return true;
}

bool Checker::arriveInSimdgroup(uint32_t site, uint32_t lanes, uint32_t thread,
                                uint32_t flags) {
  Callback callback;
  uint32_t size = std::min(groupSize - thread, kLanes);
  uint32_t missing = ~lanes & llvm::maskTrailingOnes<uint32_t>(size);
  if (missing) {
    fault = CPUFault{CPUFaultKind::DivergentBarrier,
                     describe(site, thread + llvm::countr_zero(missing), group),
                     describe(site, thread + llvm::countr_zero(lanes), group),
                     std::nullopt, llvm::popcount(missing)};
    return false;
  }
  Event now = ++clock << kTimeShift;
  if (flags & kDeviceFlag)
    simdgroupStart[0][thread / kLanes] = now;
  if (flags & kThreadgroupFlag)
    simdgroupStart[1][thread / kLanes] = now;
  return true;
}

void Checker::passFence() {
  Callback callback;
  fences.resize(std::max<size_t>(fences.size(), groupStarts.size()));
  fences[group] = ++clock << kTimeShift;
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

template <CPUAccess kind>
bool Checker::visit(Region &region, uint64_t granule, const Current &current) {
  constexpr bool isWrite = kind == CPUAccess::Write;
  constexpr bool isAtomic = kind != CPUAccess::Read && !isWrite;
  auto isFine = [&](Event event) { return isOrdered(region, event, current); };
  Event &written = region.writes[granule];
  if (written != 0 && !isFine(written))
    return failRace(granule, written, current);
  if (region.hasAtomics && !isAtomic) {
    Event other = region.atomics.find(granule, [&](Event event) {
      if (!isWrite && sites[getSite(event)].access == CPUAccess::AtomicRead)
        return true;
      return isFine(event);
    });
    if (other)
      return failRace(granule, other, current);
  }
  if (region.isRead && (isWrite || (isAtomic && kind != CPUAccess::AtomicRead)))
    if (Event other = region.reads.find(granule, isFine))
      return failRace(granule, other, current);
  if (region.isShared) {
    bool isKnown =
        written >= groupStart ||
        (region.hasAtomics && region.atomicWrites[granule] >= groupStart);
    if (!isKnown && !isWrite && kind != CPUAccess::AtomicWrite && !unwritten)
      noteUnwritten(granule, current);
  }
  Event begin = start[region.isShared];
  if (isWrite)
    written = current.event;
  else if (isAtomic)
    region.atomics.add(granule, current.event, begin, groupStart);
  else if (!region.isShared || !region.reads.isFull(granule, begin))
    region.reads.add(granule, current.event, begin, groupStart);
  if (kind == CPUAccess::AtomicWrite)
    region.atomicWrites[granule] = current.event;
  return true;
}

namespace {
/// What there is to do for an access of the common kinds: to memory without
/// atomic accesses, which nobody wrote or where a barrier stands between, or
/// the thread itself did.
class PlainAccess {
public:
  PlainAccess(const Events &writes, const Crowd &reads, bool isShared,
              uint64_t start, uint64_t groupStart)
      : writes(writes.get()), first(reads.first.get()),
        second(reads.second.get()), foreign(reads.foreign.get()), start(start),
        groupStart(groupStart), isShared(isShared) {}

  /// Gives whether that is all.
  template <bool isWrite> bool visit(uint64_t granule, uint64_t event) const {
    uint64_t written = writes[granule];
    if (!isOrdered(written, event, /*orNone=*/isWrite || !isShared))
      return false;
    if (isWrite) {
      if (first && !(isOrdered(first[granule], event, /*orNone=*/true) &&
                     isOrdered(second[granule], event, /*orNone=*/true) &&
                     (!foreign || foreign[granule] == 0)))
        return false;
      writes[granule] = event;
      return true;
    }
    uint64_t one = first[granule], other = second[granule];
    if (one < start) {
      if (foreign && one != 0 && one < groupStart)
        return false;
      first[granule] = event;
    } else if (isOfOneThread(one, event)) {
      first[granule] = event;
    } else if (!isShared || other < start || isOfOneSimdgroup(one, other)) {
      second[granule] = event;
    }
    return true;
  }

private:
  bool isOrdered(uint64_t before, uint64_t event, bool orNone) const {
    if (before >= start)
      return isOfOneThread(before, event);
    return before >= groupStart || (orNone && (before == 0 || isShared));
  }

  uint64_t *writes, *first, *second, *foreign;
  uint64_t start, groupStart;
  bool isShared;
};
} // namespace

template <CPUAccess kind, typename IndexOf>
bool Checker::accessLanes(uint32_t number, IndexOf indexOf, uint32_t lanes,
                          uint32_t thread) {
  const CPUCheckSite &site = sites[number];
  const Part &part = parts[site.memory];
  Region &region = *part.region;
  constexpr bool isRead = kind == CPUAccess::Read,
                 isWrite = kind == CPUAccess::Write;
  if (!isRead)
    ++region.numWrites;
  const PlainAccess plain(region.writes, region.reads, region.isShared,
                          start[region.isShared], groupStart);
  const bool isPlain = (isRead || isWrite) && !region.hasAtomics;
  const uint64_t step = part.step, begin = part.first,
                 granules = site.count * step,
                 event = makeEvent(thread, number);
  for (; lanes != 0; lanes &= lanes - 1) {
    uint32_t lane = llvm::countr_zero(lanes);
    uint64_t now = event + (uint64_t(lane) << kSiteBits),
             first = begin + uint64_t(indexOf(lane)) * step;
    for (uint64_t i = first; i < first + granules; ++i)
      if (!(isPlain && plain.visit<isWrite>(i, now)) &&
          !visit<kind>(region, i, {&site, now, thread + lane}))
        return false;
  }
  return true;
}

template <typename IndexOf>
bool Checker::accessLanes(uint32_t site, IndexOf indexOf, uint32_t lanes,
                          uint32_t thread) {
  switch (sites[site].access) {
  case CPUAccess::Read:
    return accessLanes<CPUAccess::Read>(site, indexOf, lanes, thread);
  case CPUAccess::Write:
    return accessLanes<CPUAccess::Write>(site, indexOf, lanes, thread);
  case CPUAccess::AtomicRead:
    return accessLanes<CPUAccess::AtomicRead>(site, indexOf, lanes, thread);
  case CPUAccess::AtomicWrite:
    return accessLanes<CPUAccess::AtomicWrite>(site, indexOf, lanes, thread);
  case CPUAccess::AtomicUpdate:
    return accessLanes<CPUAccess::AtomicUpdate>(site, indexOf, lanes, thread);
  }
  llvm_unreachable("unknown kind of access");
}

bool Checker::isSettled(Region &region, uint64_t first, uint64_t count) const {
  Event begin = start[region.isShared];
  for (uint64_t i = first; i < first + count; ++i)
    if (region.writes[i] < groupStart || region.writes[i] >= begin ||
        !region.reads.isFull(i, begin))
      return false;
  return true;
}

bool Checker::accessRow(uint32_t number, int64_t index, uint32_t lanes,
                        uint32_t thread) {
  const CPUCheckSite &site = sites[number];
  int64_t count = site.count;
  auto access = [&] {
    return accessLanes(
        number, [=](uint32_t lane) { return index + lane * count; }, lanes,
        thread);
  };
  const Part &part = parts[site.memory];
  Region &region = *part.region;
  if (site.access != CPUAccess::Read || lanes != ~0u || !region.isShared ||
      region.hasAtomics)
    return access();
  uint64_t first = part.first + index * part.step;
  uint64_t span = kLanes * count * part.step;
  Region::Settled row = {first, span, start[region.isShared], region.numWrites};
  Region::Settled &known = region.settled[first / kLanes % Region::kNumSettled];
  if (known == row)
    return true;
  if (!access())
    return false;
  if (isSettled(region, row.first, row.count))
    known = row;
  return true;
}

bool Checker::accessShared(uint32_t site, int64_t index, uint32_t lanes,
                           uint32_t thread) {
  // Two threads stand for all: whoever was here is one of them at most.
  uint32_t others = lanes & (lanes - 1);
  uint32_t two = lanes & ~(others & (others - 1));
  return accessLanes(site, [=](uint32_t) { return index; }, two, thread);
}

bool Checker::accessEach(uint32_t site, const int64_t *indices, uint32_t lanes,
                         uint32_t thread) {
  return accessLanes(
      site, [=](uint32_t lane) { return indices[lane]; }, lanes, thread);
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

std::array<uint64_t, 3> Checker::getGroupPosition(uint64_t index) const {
  uint64_t x = groups[0], y = groups[1];
  return {index % x, index / x % y, index / x / y};
}

std::array<uint64_t, 3> Checker::getGroupThreads(uint64_t index) const {
  std::array<uint64_t, 3> position = getGroupPosition(index), extents;
  for (unsigned i : {0, 1, 2})
    extents[i] =
        std::min<uint64_t>(block[i], threads[i] - position[i] * block[i]);
  return extents;
}

CPUFaultSide Checker::describe(uint32_t site, uint32_t thread,
                               uint64_t index) const {
  CPUFaultSide side;
  side.site = sites[site];
  side.threadgroup = getGroupPosition(index);
  std::array<uint64_t, 3> extents = getGroupThreads(index);
  uint64_t place[] = {thread % extents[0], thread / extents[0] % extents[1],
                      thread / extents[0] / extents[1]};
  for (unsigned i : {0, 1, 2})
    side.thread[i] = side.threadgroup[i] * block[i] + place[i];
  return side;
}

CPUFault Checker::makeFault(CPUFaultKind kind, uint64_t granule,
                            const Current &current) const {
  uint32_t memory = current.site->memory;
  const Part &part = parts[memory];
  return {kind, describe(getSite(current.event), current.thread, group),
          std::nullopt, memories[memory],
          static_cast<int64_t>((granule - part.first) / part.step)};
}

void Checker::noteUnwritten(uint64_t granule, const Current &current) {
  Callback callback;
  unwritten = makeFault(CPUFaultKind::Uninitialized, granule, current);
}

bool Checker::failRace(uint64_t granule, Event event, const Current &current) {
  Callback callback;
  fault = makeFault(CPUFaultKind::Race, granule, current);
  fault->other = describe(getSite(event), getThread(event), getGroup(event));
  return false;
}

void Checker::report(CPUFaultKind kind, uint32_t site, const int64_t *values,
                     uint32_t lanes, uint32_t thread) {
  Callback callback;
  // It may come of what was read.
  if (unwritten) {
    fault = unwritten;
    return;
  }
  uint32_t lane = lanes ? llvm::countr_zero(lanes) : 0;
  fault = CPUFault{kind, describe(site, thread + lane, group), std::nullopt,
                   std::nullopt, values ? values[lane] : 0};
  if (kind == CPUFaultKind::Assertion)
    fault->value = llvm::popcount(lanes);
  if (uint32_t memory = sites[site].memory; memory != CPUCheckSite::kNoMemory) {
    fault->memory = memories[memory];
    // Of a vector, the first element that is outside.
    auto size = static_cast<int64_t>(memories[memory].elements);
    if (kind == CPUFaultKind::OutOfBounds && fault->value >= 0)
      fault->value = std::max(fault->value, size);
  }
}

//===----------------------------------------------------------------------===//
// What the code calls
//===----------------------------------------------------------------------===//

static Checker &get(void *checker) { return *static_cast<Checker *>(checker); }

static uint32_t checkAccess(void *checker, uint32_t site,
                            const int64_t *indices, uint32_t lanes,
                            uint32_t thread) {
  return get(checker).accessEach(site, indices, lanes, thread);
}
static uint32_t checkRow(void *checker, uint32_t site, int64_t index,
                         uint32_t lanes, uint32_t thread) {
  return get(checker).accessRow(site, index, lanes, thread);
}
static uint32_t checkShared(void *checker, uint32_t site, int64_t index,
                            uint32_t lanes, uint32_t thread) {
  return get(checker).accessShared(site, index, lanes, thread);
}
static uint32_t checkBarrier(void *checker, uint32_t site,
                             const uint32_t *lanes, uint32_t flags) {
  return get(checker).arrive(site, lanes, flags);
}
static uint32_t checkSimdgroupBarrier(void *checker, uint32_t site,
                                      uint32_t lanes, uint32_t thread,
                                      uint32_t flags) {
  return get(checker).arriveInSimdgroup(site, lanes, thread, flags);
}
static void checkFence(void *checker) { get(checker).passFence(); }
static void checkFault(void *checker, uint32_t kind, uint32_t site,
                       const int64_t *values, uint32_t lanes, uint32_t thread) {
  get(checker).report(static_cast<CPUFaultKind>(kind), site, values, lanes,
                      thread);
}

/// An address, of a function of the type that is called.
template <typename Type> static void *getAddress(Type *function) {
  return reinterpret_cast<void *>(function);
}

std::vector<std::pair<const char *, void *>> enigma::getCheckSymbols() {
  using namespace checks;
  return {
      {kAccess, getAddress<Access>(checkAccess)},
      {kRow, getAddress<AccessAt>(checkRow)},
      {kShared, getAddress<AccessAt>(checkShared)},
      {kBarrier, getAddress<Barrier>(checkBarrier)},
      {kSimdgroupBarrier, getAddress<SimdgroupBarrier>(checkSimdgroupBarrier)},
      {kFence, getAddress<Fence>(checkFence)},
      {kFault, getAddress<Fault>(checkFault)}};
}
