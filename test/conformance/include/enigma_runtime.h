// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a compiled kernel and the launcher know of each other. Kernels call the
// launcher through a table of functions, so that their shared objects need no
// symbol of it and every launch can install its own.

#ifndef ENIGMA_CONFORMANCE_RUNTIME_H
#define ENIGMA_CONFORMANCE_RUNTIME_H

extern "C" {

/// The place of a call in the MSL text. Threads rendezvous at equal sites.
struct enigma_site {
  unsigned line;
  unsigned column;
};

/// What the active threads of a simdgroup contributed to a collective.
struct enigma_snapshot {
  /// One bit for each thread that takes part.
  unsigned active;
  /// The calling thread's index in its simdgroup.
  unsigned lane;
  /// `data + 64 * i` is what lane `i` contributed, poisoned if inactive.
  const unsigned char *data;
};

enum enigma_log_kind {
  enigma_log_int,
  enigma_log_uint,
  enigma_log_long,
  enigma_log_ulong,
  enigma_log_float,
};

/// An argument of a message: its type, and its bits.
struct enigma_log_argument {
  enigma_log_kind kind;
  unsigned long bits;
};

struct enigma_runtime {
  void (*threadgroup_barrier)(enigma_site);
  void (*simdgroup_barrier)(enigma_site);
  enigma_snapshot (*exchange)(const void *data, unsigned size, enigma_site);
  void *(*threadgroup_memory)(unsigned slot, unsigned long size,
                              unsigned long alignment);
  /// Whether this weak compare-exchange fails although the values are equal.
  bool (*fails_spuriously)();
  /// Which of the possible placements simdgroup matrices use in this launch.
  unsigned (*matrix_placement)();
  /// The calling thread's index in its threadgroup.
  unsigned (*thread_index)();
  /// Writes a message.
  void (*log)(const char *level, const char *format,
              const enigma_log_argument *arguments, unsigned count);
};

/// The position of one thread; every array is x, y, z.
struct enigma_thread {
  unsigned thread_position_in_grid[3];
  unsigned thread_position_in_threadgroup[3];
  unsigned threadgroup_position_in_grid[3];
  unsigned threads_per_threadgroup[3];
  unsigned dispatch_threads_per_threadgroup[3];
  unsigned threads_per_grid[3];
  unsigned threadgroups_per_grid[3];
  unsigned thread_index_in_threadgroup;
  unsigned thread_index_in_simdgroup;
  unsigned simdgroup_index_in_threadgroup;
  unsigned threads_per_simdgroup;
  unsigned simdgroups_per_threadgroup;
  unsigned dispatch_simdgroups_per_threadgroup;
  unsigned thread_index_in_quadgroup;
  unsigned quadgroup_index_in_threadgroup;
  unsigned quadgroups_per_threadgroup;
};

typedef void (*enigma_entry)(void *const *arguments, const enigma_thread *);

} // extern "C"

#endif // ENIGMA_CONFORMANCE_RUNTIME_H
