// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the code of a checked kernel and the checker at run time know of each
// other: the memory that is accessed, the places in the source where something
// may fault, and the functions that the code calls.

#ifndef ENIGMA_TARGET_CPU_CHECKS_H
#define ENIGMA_TARGET_CPU_CHECKS_H

#include <cstdint>
#include <string>
#include <vector>

namespace enigma {

/// A buffer or an array of a checked kernel.
struct CPUCheckedMemory {
  enum class Space { Device, Constant, Threadgroup, Thread };

  /// What it is called in the source.
  std::string name;
  Space space = Space::Device;
  uint32_t elementBytes = 1;
  /// Its elements; of a buffer, the launch knows.
  uint64_t elements = 0;
  /// The argument that it is; -1 for an array of the kernel.
  int32_t argument = -1;
  /// The memory that this is seen as other elements of; else itself.
  uint32_t root = 0;
  /// What the kernel does with it.
  bool isRead = false;
  bool isWritten = false;
  bool hasAtomics = false;
};

enum class CPUAccess { Read, Write, AtomicRead, AtomicWrite, AtomicUpdate };

/// A place in the source where something may fault.
struct CPUCheckSite {
  static constexpr uint32_t kNoMemory = ~0u;

  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  /// The memory that is accessed, if any.
  uint32_t memory = kNoMemory;
  CPUAccess access = CPUAccess::Read;
  /// The consecutive elements that a thread accesses; the bits of what is
  /// shifted.
  uint32_t count = 1;
  /// What the byte offset must be a multiple of.
  uint32_t alignment = 1;
  /// Whether the SIMD group does it as one.
  bool isCollective = false;
};

/// What a checked kernel may do wrong.
enum class CPUFaultKind : uint32_t {
  OutOfBounds,
  Uninitialized,
  Misaligned,
  Race,
  DivergentBarrier,
  DivisionByZero,
  DivisionOverflow,
  ShiftOutOfRange,
  Assertion,
};

/// What the code of a checked kernel calls. `checker` is that of `CPULaunch`,
/// `site` an index of the table of sites, `lanes` the bits of those that run,
/// and `thread` the index in the threadgroup of the first lane. Those with a
/// result give 0 after a fault; the code returns then.
namespace checks {
/// An access of each lane at `indices`, which are inside the memory.
inline constexpr char kAccess[] = "enigma_check_access";
using Access = uint32_t(void *checker, uint32_t site, const int64_t *indices,
                        uint32_t lanes, uint32_t thread);
/// An access of lanes at `index` and what follows it, one after the other.
inline constexpr char kRow[] = "enigma_check_row";
/// An access of all lanes at one index.
inline constexpr char kShared[] = "enigma_check_shared";
using AccessAt = uint32_t(void *checker, uint32_t site, int64_t index,
                          uint32_t lanes, uint32_t thread);
/// A barrier of the threadgroup. `lanes` are those of each SIMD group that come
/// to it, or null if all do; `flags` the bits of `mem_flags`.
inline constexpr char kBarrier[] = "enigma_check_barrier";
using Barrier = uint32_t(void *checker, uint32_t site, const uint32_t *lanes,
                         uint32_t flags);
inline constexpr char kSimdgroupBarrier[] = "enigma_check_simdgroup_barrier";
using SimdgroupBarrier = uint32_t(void *checker, uint32_t site, uint32_t lanes,
                                  uint32_t thread, uint32_t flags);
inline constexpr char kFence[] = "enigma_check_fence";
using Fence = void(void *checker);
/// Takes a fault of the lowest of `lanes`, and of it one of `values`.
inline constexpr char kFault[] = "enigma_check_fault";
using Fault = void(void *checker, uint32_t kind, uint32_t site,
                   const int64_t *values, uint32_t lanes, uint32_t thread);
} // namespace checks

} // namespace enigma

#endif // ENIGMA_TARGET_CPU_CHECKS_H
