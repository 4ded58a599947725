// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels are compiled for, by name, and what each can take. This knows
// nothing of MLIR, so that Python may ask at host time.

#ifndef ENIGMA_IR_LIMITS_H
#define ENIGMA_IR_LIMITS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace enigma {

/// The limits of a kind of device; `kLimits` says of each what it bounds.
struct Limits {
  int64_t arguments, functionConstants;
  int64_t threads, threadgroups, simdgroupThreads;
  int64_t threadgroupBytes, registerBytes;
  int64_t lanes, accessBytes;
};

struct Limit {
  /// As it is written in `#enigma.target`, and known to Python.
  llvm::StringLiteral name;
  int64_t Limits::*number;
  /// Whether it bounds what is a power of two itself, and so is one.
  bool isPowerOfTwo = false;
};

inline constexpr Limit kLimits[] = {
    // Buffers and scalars of a kernel.
    {"arguments", &Limits::arguments},
    // Constants that are fixed when the pipeline state is created.
    {"function_constants", &Limits::functionConstants},
    // Threads of a threadgroup.
    {"threads", &Limits::threads},
    // Threadgroups of a launch, in each dimension.
    {"threadgroups", &Limits::threadgroups},
    // Threads of the widest SIMD group.
    {"simdgroup_threads", &Limits::simdgroupThreads},
    // Memory that a threadgroup shares.
    {"threadgroup_bytes", &Limits::threadgroupBytes},
    // What a thread holds, loads, stores or copies at once.
    {"register_bytes", &Limits::registerBytes},
    // Lanes of a vector.
    {"lanes", &Limits::lanes, /*isPowerOfTwo=*/true},
    // What one access to memory spans, and what the start of a buffer is a
    // multiple of.
    {"access_bytes", &Limits::accessBytes, /*isPowerOfTwo=*/true},
};

/// The largest number that a limit may be: positions have 32 bits.
inline constexpr int64_t kMaxLimit = (int64_t(1) << 32) - 1;

inline bool operator==(const Limits &a, const Limits &b) {
  return llvm::all_of(kLimits, [&](const Limit &limit) {
    return a.*limit.number == b.*limit.number;
  });
}

inline llvm::hash_code hash_value(const Limits &limits) {
  llvm::hash_code code(0);
  for (const Limit &limit : kLimits)
    code = llvm::hash_combine(code, limits.*limit.number);
  return code;
}

/// What kernels are compiled for.
struct Target {
  llvm::StringLiteral name;
  /// As messages call it.
  llvm::StringLiteral title;
  /// The versions of its language that a text may be for, in order.
  llvm::ArrayRef<llvm::StringLiteral> versions;
  Limits limits;
};

inline constexpr llvm::StringLiteral kMSLVersions[] = {"2.4", "3.0", "3.1",
                                                       "3.2", "4.0"};

/// The first is that of a kernel whose module names none.
inline constexpr Target kTargets[] = {
    {"metal",
     "Metal",
     kMSLVersions,
     {/*arguments=*/31, /*functionConstants=*/65536, /*threads=*/1024,
      /*threadgroups=*/kMaxLimit, /*simdgroupThreads=*/64,
      /*threadgroupBytes=*/32 * 1024, /*registerBytes=*/4096, /*lanes=*/4,
      /*accessBytes=*/16}},
};

/// Null if there is none of that name.
inline const Target *findTarget(llvm::StringRef name) {
  for (const Target &target : kTargets)
    if (target.name == name)
      return &target;
  return nullptr;
}

} // namespace enigma

#endif // ENIGMA_IR_LIMITS_H
