// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_PASSES
#define ENIGMA_PASSES

include "mlir/Pass/PassBase.td"

class Enigma_Pass<string argument> : Pass<argument, "::enigma::KernelOp"> {
  // A module may hold no operation of the dialect. With it come the dialects
  // that kernels are made of.
  let dependentDialects = ["::enigma::EnigmaDialect"];
}

def EnigmaInferAccess : Enigma_Pass<"enigma-infer-access"> {
  let summary = "State which buffers a kernel reads and which it writes";
  let description = [{
    Sets `enigma.access` on every buffer argument, also in the flat form, from the
    operations that use it. The translation declares a buffer that is only read as
    `const`. What an operation that passes a buffer on does with it is not known;
    the buffer then counts as read and written.

    Two arguments count as two buffers. A launch may give the same memory to both;
    the attribute says what is done through the argument.

    Before:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.access = #enigma.access<read>, enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.access = #enigma.access<write>, enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %B[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

def EnigmaFlatten : Enigma_Pass<"enigma-flatten"> {
  let summary = "Lower a kernel to the flat form, which the translation prints";
  let description = [{
    Buffers become memrefs of signless elements, in the same address space; the
    signedness of their elements moves to `enigma.dtype` of the argument and
    `dtype` of `enigma.alloc`. Loads and stores become those of `memref`, and of
    `vector` with an alignment of the whole vector. Floored and ceiled divisions
    and `enigma.floormod` become operations that Metal has: shifts and masks where
    the divisor is a constant power of two, else a truncating division and a
    correction. No division is undefined that was not before, and none overflows:
    a divisor of -1 is divided by in another way. Divisions of floats,
    `enigma.floordiv` and `enigma.floormod`, become what NumPy does, in `f32`. What
    asks whether a float is NaN or infinite asks its bits, since Metal's fast math
    may assume that no float is.

    Every operation keeps its location; of the operations that replace one, only
    the last keeps its Python name.

    Before:

    ```mlir
    enigma.kernel @gather(
        %A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
        %i: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c8 = arith.constant 8 : i32
      %0 = enigma.floormod %i, %c8 : i32
      %1 = arith.index_castui %0 : i32 to index
      %2 = enigma.load %A[%1] : !enigma.buffer<ui32, device> -> i32
      enigma.store %2, %A[%1] : i32, !enigma.buffer<ui32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @gather(
        %A: memref<?xi32, #enigma.address_space<device>> {enigma.dtype = ui32, enigma.index = 0 : i32},
        %i: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c8 = arith.constant 8 : i32
      %c7 = arith.constant 7 : i32
      %0 = arith.andi %i, %c7 : i32
      %1 = arith.index_castui %0 : i32 to index
      %2 = memref.load %A[%1] : memref<?xi32, #enigma.address_space<device>>
      memref.store %2, %A[%1] : memref<?xi32, #enigma.address_space<device>>
      enigma.return
    }
    ```
  }];
}

def EnigmaVectorize : Enigma_Pass<"enigma-vectorize"> {
  let summary = "Give each thread several consecutive elements";
  let description = [{
    For a kernel that maps one thread to one element: afterwards each thread owns
    `width` consecutive elements, so that a launch needs that many fewer threads.
    The thread with index t does what the threads t * width, t * width + 1, ...
    did; `elements_per_thread` of the kernel says so to the launcher, which rounds
    the number of threads up. A kernel without a bounds guard must be launched
    for a multiple of `width` elements.

    Values that depend on the thread's index become vectors; others stay scalars,
    computed once. Loads and stores at consecutive subscripts, the first of which
    is a multiple of `width`, become vector accesses if they span at most 16
    bytes (Metal asks no more of the start of a buffer) and are not of bools
    (Metal does not say how a buffer holds vectors of them). Other accesses are
    done lane by lane. A branch that depends on the thread's index is treated as
    follows:

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
        attributes {elements_per_thread = 4 : i64} {
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
           "Elements that a thread owns: 2 or 4">
  ];
}

def EnigmaSimplify : Enigma_Pass<"enigma-simplify"> {
  let summary = "Canonicalize a kernel, and keep the names of its variables";
  let description = [{
    Applies the canonicalization patterns of `enigma`, `arith`, `math` and
    `vector`, the folds of all operations, and these patterns, until nothing
    changes:

    - a negated comparison is the opposite comparison, for floats with the
      opposite answer for NaN; `x + -1` is `x - 1`; a bool that is extended and
      compared with 0 is the bool; of the two paths of a choice the one for NaN
      comes second; elements of one vector that are put into a vector are
      `vector.shuffle`;
    - an `scf.if` with a known condition is the path taken; one whose paths only
      choose between values is `arith.select`; paths that do nothing vanish; `if a`
      with nothing but `if b` inside is `if a and b`; inside of a path its condition
      is known;
    - results of `scf.if` and values carried by `scf.for` and `scf.while` that
      nobody reads, or that do not change, vanish; a loop that runs once is its
      body, one that never runs is nothing.

    The patterns of upstream's `canonicalize` for `scf` are not among them: they
    drop the names that results have in `enigma.names`, or leave names of results
    that are gone.

    Before:

    ```mlir
    enigma.kernel @early_return(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 1 : i32}) {
      %zero = arith.constant 0.0 : f32
      %tid = enigma.thread_position_in_grid x : i32
      %out = arith.cmpi uge, %tid, %n : i32
      scf.if %out {
      } else {
        %i = arith.index_castui %tid : i32 to index
        enigma.store %zero, %A[%i] : f32, !enigma.buffer<f32, device>
      }
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @early_return(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %n: i32 {enigma.dtype = ui32, enigma.index = 1 : i32}) {
      %zero = arith.constant 0.0 : f32
      %tid = enigma.thread_position_in_grid x : i32
      %in = arith.cmpi ult, %tid, %n : i32
      scf.if %in {
        %i = arith.index_castui %tid : i32 to index
        enigma.store %zero, %A[%i] : f32, !enigma.buffer<f32, device>
      }
      enigma.return
    }
    ```
  }];
}

def EnigmaCSE : Enigma_Pass<"enigma-cse"> {
  let summary = "Remove operations that compute what is known already";
  let description = [{
    An operation that differs from an earlier one in its location only, and whose
    value is still the same, is replaced by it. A load is still the same if nothing
    was written since, in whatever buffer, and no barrier passed. A value that is
    replaced leaves its name to the earlier one, if that has none. What depends on
    the threads that take part is only replaced within one block. Operations
    whose results nobody uses vanish.

    Unlike upstream's `cse` the time that it takes is proportional to the number
    of operations, also where many equal loads stand far apart.

    Before:

    ```mlir
    enigma.kernel @square(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      %1 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      %2 = arith.mulf %0, %1 : f32
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      %3 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %3, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @square(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      %2 = arith.mulf %0, %0 : f32
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      %3 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
      enigma.store %3, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

def EnigmaNarrowIndex : Enigma_Pass<"enigma-narrow-index"> {
  let summary = "Do 64-bit integer arithmetic in 32 bits where that is the same";
  let description = [{
    GPUs compute with 64-bit integers several times slower than with 32-bit ones.
    The pass finds the numbers that each integer may be, from thread queries (a
    thread's place in its threadgroup is below 1024, or below the kernel's `block`),
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
      %c1024 = arith.constant 1024 : i32
      %one = arith.constant 1.0 : f32
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

def EnigmaLowerCopies : Enigma_Pass<"enigma-lower-copies"> {
  let summary = "Lower accesses to whole views to elements and short vectors";
  let description = [{
    Loads and stores of fragments, copies and fills become accesses to elements:
    vectors of 4 or 2 where the elements are consecutive in memory, the first one
    stands at a multiple of their number, and they take at most 16 bytes. Memory
    need not follow the order of the fragment. Arrays of the kernel's own are
    accessed element by element, since Metal aligns them no better.

    Masks become conditions, one for each access; accesses under one condition
    share a branch. `enigma.in_bounds` becomes comparisons, one for all lanes
    between which neither the coordinate nor the shape can decide.

    Before:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,2):(1,8)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(1,8)>)
          -> !enigma.tensor<f32, device, (2,2):(1,8)>
      %2 = enigma.static : !enigma.layout<(2,2):(2,1)>
      %3 = enigma.make_tensor %B, %2
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(2,1)>)
          -> !enigma.tensor<f32, device, (2,2):(2,1)>
      enigma.copy %1, %3
          : (!enigma.tensor<f32, device, (2,2):(1,8)>,
             !enigma.tensor<f32, device, (2,2):(2,1)>) -> ()
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @copy(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %0 = enigma.static : !enigma.layout<(2,2):(1,8)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(1,8)>)
          -> !enigma.tensor<f32, device, (2,2):(1,8)>
      %2 = enigma.static : !enigma.layout<(2,2):(2,1)>
      %3 = enigma.make_tensor %B, %2
          : (!enigma.buffer<f32, device>, !enigma.layout<(2,2):(2,1)>)
          -> !enigma.tensor<f32, device, (2,2):(2,1)>
      %c0 = enigma.static : !enigma.int_tuple<0>
      %4 = enigma.load_element %1, %c0
          : (!enigma.tensor<f32, device, (2,2):(1,8)>, !enigma.int_tuple<0>)
          -> vector<2xf32>
      %5 = vector.extract %4[0] : f32 from vector<2xf32>
      %6 = vector.extract %4[1] : f32 from vector<2xf32>
      %c2 = enigma.static : !enigma.int_tuple<2>
      %7 = enigma.load_element %1, %c2
          : (!enigma.tensor<f32, device, (2,2):(1,8)>, !enigma.int_tuple<2>)
          -> vector<2xf32>
      %8 = vector.extract %7[0] : f32 from vector<2xf32>
      %9 = vector.extract %7[1] : f32 from vector<2xf32>
      %10 = vector.from_elements %5, %8, %6, %9 : vector<4xf32>
      enigma.store_element %10, %3, %c0
          : (vector<4xf32>, !enigma.tensor<f32, device, (2,2):(2,1)>,
             !enigma.int_tuple<0>) -> ()
      enigma.return
    }
    ```
  }];
}

def EnigmaLegalizeFragments : Enigma_Pass<"enigma-legalize-fragments"> {
  let summary = "Split fragments into vectors that Metal has";
  let description = [{
    Vectors of more than 4 lanes become vectors of 4 and of what is left, and those
    of one lane scalars, in arithmetic and control flow alike. A reduction combines
    the lanes in their order.

    Before:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = vector.broadcast %s : f32 to vector<6xf32>
      %1 = math.exp %0 : vector<6xf32>
      %2 = vector.extract %1[5] : f32 from vector<6xf32>
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %s: f32 {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = vector.broadcast %s : f32 to vector<2xf32>
      %1 = math.exp %0 : vector<2xf32>
      %2 = vector.extract %1[1] : f32 from vector<2xf32>
      enigma.store %2, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

def EnigmaLowerLayouts : Enigma_Pass<"enigma-lower-layouts"> {
  let summary = "Lower views to a buffer and index arithmetic";
  let description = [{
    Accesses to elements of views become `enigma.load` and `enigma.store`, and no
    operation on layouts is left. What is static is folded. What is not becomes a
    sum of terms, each built once and as far out as its operands allow: a view's
    address is computed once, and outside of the loops that it does not depend on.
    Quotients and remainders by powers of two are shifts and masks, and digits of
    one number that meet again are that number. Where the layout of the tensor
    that a view is part of is static, its accesses say how many bits subscripts
    have.

    Before:

    ```mlir
    enigma.kernel @row(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %0 = enigma.static : !enigma.layout<(4,8):(16,1)>
      %1 = enigma.make_tensor %A, %0
          : (!enigma.buffer<f32, device>, !enigma.layout<(4,8):(16,1)>)
          -> !enigma.tensor<f32, device, (4,8):(16,1)>
      %2 = enigma.make_int_tuple %i : !enigma.int_tuple<?>
      %3 = enigma.load_element %1, %2
          : (!enigma.tensor<f32, device, (4,8):(16,1)>, !enigma.int_tuple<?>) -> f32
      enigma.store_element %3, %1, %2
          : (f32, !enigma.tensor<f32, device, (4,8):(16,1)>, !enigma.int_tuple<?>) -> ()
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @row(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c16 = arith.constant 16 : index
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %t = enigma.thread_position_in_grid x : i32
      %i = arith.index_castui %t : i32 to index
      %row = arith.andi %i, %c3 : index
      %column = arith.shrui %i, %c2 : index
      %start = arith.muli %row, %c16 : index
      %offset = arith.addi %start, %column : index
      %0 = enigma.load %A[%offset] {index_bits = 7 : i32} : !enigma.buffer<f32, device> -> f32
      enigma.store %0, %A[%offset] {index_bits = 7 : i32} : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_PASSES
