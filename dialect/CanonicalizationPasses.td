// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that leave a kernel in one form, at whatever step it is.

#ifndef ENIGMA_CANONICALIZATION_PASSES
#define ENIGMA_CANONICALIZATION_PASSES

include "PassBase.td"

def EnigmaSimplify : Enigma_Pass<"enigma-simplify"> {
  let summary = "Canonicalize a kernel, and keep the names of its variables";
  let description = [{
    Applies the canonicalization patterns of `arith`, `math` and `vector`, the
    folds of all operations, and these patterns, until nothing changes:

    - a negated comparison is the opposite comparison, for floats with the
      opposite answer for NaN; `x + -1` is `x - 1`; a bool that is extended and
      compared with 0 is the bool; of the two paths of a choice the one for NaN
      comes second; elements of one vector that are put into a vector are
      `vector.shuffle`;
    - an `scf.if` with a known condition is the path taken; one whose paths only
      choose between values is `arith.select`; paths that do nothing vanish; `if a`
      with nothing but `if b` inside is `if a and b`; two with one condition, and
      nothing with effects between, are one; inside of a path its condition is
      known;
    - results of `scf.if` and values carried by `scf.for` and `scf.while` that
      nobody reads, or that do not change, vanish; a loop that runs once is its
      body, one that never runs is nothing.

    The canonicalization patterns of `enigma` are not among them: upstream's
    `canonicalize` applies them. Nor are those for `scf`: they drop the names that
    results have in `enigma.names`, or leave names of results that are gone.

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

def EnigmaSink : Enigma_Pass<"enigma-sink"> {
  let summary = "Move what only the code behind a loop needs behind that loop";
  let description = [{
    What a thread computes before a loop and needs behind it only, it holds in a
    register as long as the loop runs. Operations without effects move to
    before their first use, if that takes no more registers for their operands.
    Variables that have a name stay where the author of the kernel put them.

    Before:

    ```mlir
    enigma.kernel @sum(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32},
                       %n: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %tid = enigma.thread_position_in_grid x : i32
      %0 = arith.addi %tid, %n : i32
      %1 = arith.index_cast %0 : i32 to index
      %2 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %c0) -> (i32) : i32 {
        %3 = arith.muli %sum, %i : i32
        scf.yield %3 : i32
      }
      enigma.store %2, %A[%1] : i32, !enigma.buffer<si32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @sum(%A: !enigma.buffer<si32, device> {enigma.index = 0 : i32},
                       %n: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : i32
      %c1 = arith.constant 1 : i32
      %tid = enigma.thread_position_in_grid x : i32
      %2 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %c0) -> (i32) : i32 {
        %3 = arith.muli %sum, %i : i32
        scf.yield %3 : i32
      }
      %0 = arith.addi %tid, %n : i32
      %1 = arith.index_cast %0 : i32 to index
      enigma.store %2, %A[%1] : i32, !enigma.buffer<si32, device>
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_CANONICALIZATION_PASSES
