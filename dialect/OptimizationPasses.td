// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that make a kernel do the same in less time.

#ifndef ENIGMA_OPTIMIZATION_PASSES
#define ENIGMA_OPTIMIZATION_PASSES

include "PassBase.td"

def EnigmaVectorize : Enigma_Pass<"enigma-vectorize"> {
  let summary = "Give each thread several consecutive elements";
  let description = [{
    For a kernel that maps one thread to one element: afterwards each thread owns
    `width` consecutive elements, so that a launch needs that many fewer threads.
    The thread with index t does what the threads t * width, t * width + 1, ...
    did; `elements_per_thread` of the kernel says so to the launcher, which rounds
    the number of threads up. A kernel without a bounds guard must be launched
    for a multiple of `width` elements; one whose accesses are all behind guards
    is marked by `enigma.guarded`.

    Values that depend on the thread's index become vectors; others stay scalars,
    computed once. Loads and stores at consecutive subscripts, the first of which
    is a multiple of `width`, become vector accesses if they span at most the
    target's `access_bytes` (Metal: 16; it asks no more of the start of a buffer)
    and are not of bools (Metal does not say how a buffer holds vectors of them).
    Other accesses are done lane by lane. A branch that depends on the thread's
    index is treated as follows:

    1. `tid < n`, in every spelling, also with further conditions that all
       threads share: vectors for threads whose elements are all below `n`; the
       one thread that owns the end does the rest in a loop. No product or sum is
       compared, so that no `n` makes the guard wrap.
    2. Any other condition on the index alone (`1 <= tid and tid < n - 1`): vectors
       where it holds for all elements of a thread, else a loop over these, each
       under its own condition. If the branch yields values, or uses what lanes
       have loaded or computed before, it is repeated for each lane instead, up to
       64 operations.
    3. A branch that loads, stores and divides nothing: both sides are evaluated,
       and each lane selects.

    The kernel is left as it is, with a remark that says why at the operation, if
    the change could alter what it computes, or would gain nothing:

    - its launch is fixed, or it asks for more than `thread_position_in_grid` in x:
      the number of threads, or their places in threadgroups or SIMD groups;
    - its threads meet: barriers, threadgroup memory, atomics, SIMD group functions;
    - its threads take different branches or leave loops at different times, other
      than above;
    - it stores to an element that all threads share, or both reads and writes a
      buffer at subscripts that are not one and the same consecutive one;
    - it computes with vectors already, or has an array of its own;
    - no access would become a vector access.

    Threads of a launch are not ordered. The coarsened kernel performs the
    operations of each lane in their order, and those of different lanes in an
    order in which the original threads may have performed them, so that the
    result is one that the original could give, even where buffers overlap.

    Before:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
      %tid = enigma.thread_position_in_grid x : i32
      %guard = arith.cmpi ult, %tid, %n : i32
      scf.if %guard {
        %i = arith.index_castui %tid : i32 to index
        %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
        %scaled = arith.mulf %a, %s : f32
        enigma.store %scaled, %A[%i] : f32, !enigma.buffer<f32, device>
      }
      enigma.return
    }
    ```

    After (with `width=4`):

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32})
        attributes {elements_per_thread = 4 : i64, enigma.guarded} {
      %tid = enigma.thread_position_in_grid x : i32
      %width = arith.constant 4 : i32
      %base = arith.muli %tid, %width : i32
      %c4 = arith.constant 4 : i32
      %whole = arith.divui %n, %c4 : i32
      %inside = arith.cmpi ult, %tid, %whole : i32
      scf.if %inside {
        %i = arith.index_castui %base : i32 to index
        %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> vector<4xf32>
        %factor = vector.broadcast %s : f32 to vector<4xf32>
        %scaled = arith.mulf %a, %factor : vector<4xf32>
        enigma.store %scaled, %A[%i] : vector<4xf32>, !enigma.buffer<f32, device>
      } else {
        %tail = arith.cmpi eq, %tid, %whole : i32
        scf.if %tail {
          %c1 = arith.constant 1 : i32
          scf.for unsigned %e = %base to %n step %c1 : i32 {
            %i = arith.index_castui %e : i32 to index
            %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
            %scaled = arith.mulf %a, %s : f32
            enigma.store %scaled, %A[%i] : f32, !enigma.buffer<f32, device>
          }
        }
      }
      enigma.return
    }
    ```
  }];
  let options = [
    Option<"width", "width", "unsigned", /*default=*/"4",
           "Elements that a thread owns, as many as vectors in memory may have "
           "lanes: for Metal 2 or 4">
  ];
}

def EnigmaNarrowIndex : Enigma_Pass<"enigma-narrow-index"> {
  let summary = "Do 64-bit integer arithmetic in 32 bits where that is the same";
  let description = [{
    GPUs compute with 64-bit integers several times slower than with 32-bit ones.
    The pass finds the numbers that each integer may be, from thread queries (a
    thread's place in its threadgroup is below the target's `threads`, for Metal
    1024, or below the kernel's `block`),
    constants, the widths of loaded values, and bounds of loops. Arithmetic on
    `index` and `i64` whose result is sure to follow from 32 bits, by extension
    with zeros or with the sign, is done on these. Nothing is assumed about the
    size of buffers: what cannot be proven stays as wide as it is written.

    A subscript that is known to fit 32 bits where the access is made, by the
    access's `index_bits` or by the size of the array, is computed in 32 bits
    whatever its parts may be: sums and products need no bits above. A sum that
    is `nuw` stays in 32 bits wherever its access is made.

    Divisions and remainders of any width, of numbers that are not negative,
    become unsigned, which saves what `//` and `%` need for signs. Comparisons that
    come out the same for all of these numbers become constants.

    Before:

    ```mlir
    enigma.kernel @element(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %one = arith.constant 1.0 : f32
      %c1024 = arith.constant 1024 : i64
      %lane = enigma.thread_position_in_threadgroup x : i32
      %group = enigma.thread_position_in_threadgroup y : i32
      %0 = arith.extui %lane : i32 to i64
      %1 = arith.extui %group : i32 to i64
      %2 = arith.muli %1, %c1024 : i64
      %3 = arith.addi %2, %0 : i64
      %4 = arith.index_cast %3 : i64 to index
      enigma.store %one, %A[%4] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @element(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %one = arith.constant 1.0 : f32
      %c1024 = arith.constant 1024 : i32
      %lane = enigma.thread_position_in_threadgroup x : i32
      %group = enigma.thread_position_in_threadgroup y : i32
      %0 = arith.muli %group, %c1024 overflow<nsw, nuw> : i32
      %1 = arith.addi %0, %lane overflow<nsw, nuw> : i32
      %2 = arith.index_castui %1 : i32 to index
      enigma.store %one, %A[%2] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_OPTIMIZATION_PASSES
