// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that help the author of a kernel to find faults in it.

#ifndef ENIGMA_DEBUG_PASSES
#define ENIGMA_DEBUG_PASSES

include "PassBase.td"

def EnigmaStripDebug : Enigma_Pass<"enigma-strip-debug"> {
  let summary = "Remove messages and assertions";
  let description = [{
    Removes `enigma.print` and `enigma.assert`. What computed their operands is
    left to the passes that remove what nobody needs.

    Before:

    ```mlir
    enigma.kernel @debugged(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %x: f32 {enigma.index = 1 : i32}, %p: i1 {enigma.index = 2 : i32}) {
      %c0 = arith.constant 0 : index
      enigma.print "x = {}"(%x) {dtypes = [f32]} : (f32) -> ()
      enigma.assert %p, "no"() {dtypes = []} : () -> ()
      enigma.store %x, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @debugged(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %x: f32 {enigma.index = 1 : i32}, %p: i1 {enigma.index = 2 : i32}) {
      %c0 = arith.constant 0 : index
      enigma.store %x, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
}

def EnigmaCheckDivergence : Enigma_Pass<"enigma-check-divergence"> {
  let summary = "Warn of what threads do together where they part";
  let description = [{
    Warns of operations of a flat kernel that all threads of a group have to come
    to, where a branch or a loop around them decides for each thread of its own:
    barriers, operations on matrices of a SIMD group, and exchanges within a SIMD
    group with a thread that may not be there. Reductions and votes count the
    threads that are there, and are not among them. A note is at the innermost
    branch or loop that decides so. Nothing of the kernel changes.

    Before:

    ```mlir
    enigma.kernel @part(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
      %i = enigma.thread_position_in_grid x : i32
      %inside = arith.cmpi ult, %i, %n : i32
      scf.if %inside {
        enigma.threadgroup_barrier mem_threadgroup
      }
      enigma.return
    }
    ```

    After:

    ```mlir
    enigma.kernel @part(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
      %i = enigma.thread_position_in_grid x : i32
      %inside = arith.cmpi ult, %i, %n : i32
      scf.if %inside {
        enigma.threadgroup_barrier mem_threadgroup
      }
      enigma.return
    }
    ```
  }];
}

#endif // ENIGMA_DEBUG_PASSES
