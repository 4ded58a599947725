// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a checked launch knows of its memory: who wrote and read each element,
// and what of that barriers have put in order.

#ifndef ENIGMA_RUNTIME_CHECKER_H
#define ENIGMA_RUNTIME_CHECKER_H

#include "enigma/Target/CPU/Checks.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace enigma {

/// A thread that takes part in a fault, and what it did.
struct CPUFaultSide {
  CPUCheckSite site;
  /// Its position in the grid, and that of its threadgroup.
  std::array<uint64_t, 3> thread, threadgroup;
};

/// What a launch did wrong first.
struct CPUFault {
  CPUFaultKind kind;
  CPUFaultSide side;
  /// Of a race the access before; of a barrier a thread that came to it.
  std::optional<CPUFaultSide> other;
  /// The memory, if it is one that has a fault.
  std::optional<CPUCheckedMemory> memory;
  /// The element of the memory; the count of bits of a shift; the dividend; the
  /// threads that do not come to a barrier, or whose assertion does not hold.
  int64_t value = 0;
};

/// Follows one launch, whose threadgroups run one after the other. The
/// functions that the code calls tell of each access before it is done; they
/// own nothing where a launch may be interrupted.
class Checker {
public:
  using Extents = std::array<int64_t, 3>;

  /// `elements` are those of each memory.
  Checker(std::vector<CPUCheckedMemory> memories,
          std::vector<CPUCheckSite> sites, const Extents &threads,
          const Extents &block);
  ~Checker();

  /// Makes room for what is known of the memory at the addresses of the
  /// arguments, which have so many bytes. Returns what is wrong.
  std::string prepare(void *const *arguments, const uint64_t *bytes);

  void enterThreadgroup(uint64_t index);
  void leaveThreadgroup();

  const std::optional<CPUFault> &getFault() const { return fault; }
  const uint64_t *getElements() const { return elements.data(); }
  const uint8_t *getTracked() const { return isTracked.data(); }

  bool accessRow(uint32_t site, int64_t index, uint32_t lanes, uint32_t thread);
  bool accessShared(uint32_t site, int64_t index, uint32_t lanes,
                    uint32_t thread);
  bool accessEach(uint32_t site, const int64_t *indices, uint32_t lanes,
                  uint32_t thread);
  bool arrive(uint32_t site, const uint32_t *lanes, uint32_t flags);
  bool arriveInSimdgroup(uint32_t site, uint32_t lanes, uint32_t thread,
                         uint32_t flags);
  void passFence();
  void report(CPUFaultKind kind, uint32_t site, const int64_t *values,
              uint32_t lanes, uint32_t thread);

private:
  /// An access: the time, the thread in its threadgroup, and the site, from the
  /// highest bits on. 0 is none; one that is greater is later.
  using Event = uint64_t;
  struct Region;
  /// Where a memory is in a region: its first granule, and how many granules
  /// one of its elements has.
  struct Part {
    Region *region = nullptr;
    uint64_t first = 0;
    uint32_t step = 1;
  };
  /// One lane's access that is looked at.
  struct Current {
    const CPUCheckSite *site;
    Event event;
    uint32_t thread;
  };

  Event makeEvent(uint32_t thread, uint32_t site) const;
  template <CPUAccess kind>
  bool visit(Region &region, uint64_t granule, const Current &current);
  template <typename IndexOf>
  bool accessLanes(uint32_t site, IndexOf indexOf, uint32_t lanes,
                   uint32_t thread);
  template <CPUAccess kind, typename IndexOf>
  bool accessLanes(uint32_t site, IndexOf indexOf, uint32_t lanes,
                   uint32_t thread);
  bool isOrdered(const Region &region, Event event,
                 const Current &current) const;
  /// Whether one more read of threadgroup memory tells nothing.
  bool isSettled(Region &region, uint64_t first, uint64_t count) const;
  void noteUnwritten(uint64_t granule, const Current &current);
  bool failRace(uint64_t granule, Event event, const Current &current);
  CPUFault makeFault(CPUFaultKind kind, uint64_t granule,
                     const Current &current) const;
  CPUFaultSide describe(uint32_t site, uint32_t thread, uint64_t group) const;
  uint64_t getGroup(Event event) const;
  std::array<uint64_t, 3> getGroupPosition(uint64_t group) const;
  std::array<uint64_t, 3> getGroupThreads(uint64_t group) const;

  std::vector<CPUCheckedMemory> memories;
  std::vector<CPUCheckSite> sites;
  Extents threads, block, groups;
  std::vector<std::unique_ptr<Region>> regions;
  std::vector<Part> parts;
  std::vector<uint64_t> elements;
  std::vector<uint8_t> isTracked;

  /// Grows with each threadgroup and each barrier.
  uint64_t clock = 0;
  uint64_t group = 0;
  uint32_t groupSize = 0;
  /// The first event of the threadgroup.
  Event groupStart = 0;
  /// In device and in threadgroup memory: events before are ordered for the
  /// whole threadgroup, or for one of its SIMD groups.
  std::array<Event, 2> start = {};
  std::array<std::array<Event, 32>, 2> simdgroupStart = {};
  /// When each threadgroup began, and where it passed its last fence.
  std::vector<Event> groupStarts, fences;
  /// A read of what nobody has written: a race if somebody does before the next
  /// barrier.
  std::optional<CPUFault> unwritten;
  std::optional<CPUFault> fault;
};

/// The functions that the code of checked kernels calls, by name.
std::vector<std::pair<const char *, void *>> getCheckSymbols();

} // namespace enigma

#endif // ENIGMA_RUNTIME_CHECKER_H
