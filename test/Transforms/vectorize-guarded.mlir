// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which kernels are marked, since conditions keep all elements that a thread
// has below a bound.
// RUN: enigma-opt %s --enigma-vectorize=width=4 | FileCheck %s

// CHECK-LABEL: enigma.kernel @no_condition(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @no_condition(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @below(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @below(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @turned(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @turned(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ugt, %n, %tid : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @not_from(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @not_from(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi uge, %tid, %n : i32
  scf.if %c {
  } else {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @negated(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @negated(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %true = arith.constant true
  %d = arith.cmpi uge, %tid, %n : i32
  %c = arith.xori %d, %true : i1
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @shifted(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @shifted(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c3 = arith.constant 3 : i32
  %s = arith.addi %c3, %tid : i32
  %c = arith.cmpi ult, %s, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @between(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @between(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c1 = arith.constant 1 : i32
  %d = arith.cmpi uge, %tid, %c1 : i32
  %e = arith.cmpi ult, %tid, %n : i32
  %c = arith.andi %d, %e : i1
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @one(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64, enigma.guarded} {
enigma.kernel @one(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi eq, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @from(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @from(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi uge, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @either(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @either(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c1 = arith.constant 1 : i32
  %d = arith.cmpi uge, %tid, %c1 : i32
  %e = arith.cmpi ult, %tid, %n : i32
  %c = arith.ori %d, %e : i1
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @of_all_threads(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @of_all_threads(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c5 = arith.constant 5 : i32
  %c = arith.cmpi ult, %n, %c5 : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @remainder(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @remainder(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c8 = arith.constant 8 : i32
  %r = arith.remui %tid, %c8 : i32
  %c = arith.cmpi ult, %r, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @load_before(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @load_before(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
        enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @clamped_load(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @clamped_load(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %m = arith.minui %tid, %n : i32
  %k = arith.index_castui %m : i32 to index
  %a = enigma.load %A[%k] : !enigma.buffer<f32, device> -> f32
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
        enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @both(
// CHECK-SAME: attributes {elements_per_thread = 4 : i64} {
enigma.kernel @both(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %n: i32 {enigma.dtype = ui32, enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %c = arith.cmpi ult, %tid, %n : i32
  scf.if %c {
    %a = enigma.load %A[%i] : !enigma.buffer<f32, device> -> f32
    enigma.store %a, %B[%i] : f32, !enigma.buffer<f32, device>
  } else {
    %zero = arith.constant 0.0 : f32
    enigma.store %zero, %B[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}
