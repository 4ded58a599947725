// RUN: enigma-opt %s --enigma-expand-reductions --allow-unregistered-dialect --split-input-file | FileCheck %s

// One SIMD group: no memory, and no barrier.

// CHECK-LABEL: enigma.kernel @single
// CHECK-NEXT: %[[S:.*]] = enigma.simd_max unsigned %{{.*}} {enigma.reduction} : i32
// CHECK-NEXT: "test.use"(%[[S]])
// CHECK-NEXT: enigma.return
enigma.kernel @single(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) attributes {block = array<i64: 8, 3, 1>} {
  %0 = enigma.threadgroup_max unsigned %x : i32
  "test.use"(%0) : (i32) -> ()
  enigma.return
}

// -----

// Whole SIMD groups join the parts in their lanes. A lane beyond the parts has what
// changes nothing.

// CHECK-LABEL: enigma.kernel @whole
// CHECK: %[[PARTS:.*]] = enigma.alloc : !enigma.buffer<8xf32, threadgroup>
// CHECK: %[[LANE:.*]] = enigma.thread_index_in_simdgroup
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[LANE]], %{{.*}}
// CHECK: %[[GROUP:.*]] = enigma.simdgroup_index_in_threadgroup
// CHECK: %[[AT:.*]] = arith.index_castui %[[GROUP]]
// CHECK: %[[LAST:.*]] = arith.constant 7 : i32
// CHECK: %[[PLACE:.*]] = arith.andi %[[LANE]], %[[LAST]]
// CHECK: %[[OWN:.*]] = arith.cmpi ule, %[[LANE]], %[[LAST]]
// CHECK: %[[FROM:.*]] = arith.index_castui %[[PLACE]]
// CHECK: %[[NEUTRAL:.*]] = arith.constant -0.000000e+00 : f32
// CHECK: "test.before"
// CHECK-NEXT: %[[PART:.*]] = enigma.simd_sum %{{.*}} : f32
// CHECK-NEXT: scf.if %[[FIRST]] {
// CHECK-NEXT: enigma.store %[[PART]], %[[PARTS]][%[[AT]]]
// CHECK: enigma.threadgroup_barrier mem_threadgroup {enigma.reduction}
// CHECK-NEXT: %[[READ:.*]] = enigma.load %[[PARTS]][%[[FROM]]]
// CHECK-NEXT: %[[JOINED:.*]] = arith.select %[[OWN]], %[[READ]], %[[NEUTRAL]]
// CHECK-NEXT: %[[SUM:.*]] = enigma.simd_sum %[[JOINED]] : f32
// CHECK-NEXT: "test.use"(%[[SUM]])
enigma.kernel @whole(%x: f32 {enigma.index = 0 : i32}) attributes {block = array<i64: 16, 4, 4>} {
  "test.before"() : () -> ()
  %0 = enigma.threadgroup_sum %x : f32
  "test.use"(%0) : (f32) -> ()
  enigma.return
}

// -----

// Of values that count once however often they are joined, it reads one again; a
// float that is not a number is none that could fill its place.

// CHECK-LABEL: enigma.kernel @idempotent
// CHECK: %[[LAST:.*]] = arith.constant 2 : i32
// CHECK: arith.minui %{{.*}}, %[[LAST]] : i32
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: %[[READ:.*]] = enigma.load
// CHECK-NEXT: enigma.simd_min %[[READ]] : f32
enigma.kernel @idempotent(%x: f32 {enigma.index = 0 : i32}) attributes {block = array<i64: 96, 1, 1>} {
  "test.before"() : () -> ()
  %0 = enigma.threadgroup_min %x : f32
  "test.use"(%0) : (f32) -> ()
  enigma.return
}

// -----

// As many parts as lanes.

// CHECK-LABEL: enigma.kernel @largest
// CHECK: enigma.alloc : !enigma.buffer<32xui8, threadgroup>
// CHECK-NOT: arith.andi
// CHECK-NOT: arith.select
// CHECK: enigma.simd_product %{{.*}} : i8
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: %[[READ:.*]] = enigma.load
// CHECK-NEXT: enigma.simd_product %[[READ]] : i8
enigma.kernel @largest(%x: i8 {enigma.index = 0 : i32, enigma.dtype = si8}) attributes {block = array<i64: 1024, 1, 1>} {
  "test.before"() : () -> ()
  %0 = enigma.threadgroup_product %x : i8
  "test.use"(%0) : (i8) -> ()
  enigma.return
}

// -----

// The last SIMD group may have fewer lanes than there are parts: threads go through
// them, in one order.

// CHECK-LABEL: enigma.kernel @partial
// CHECK: enigma.alloc : !enigma.buffer<3xsi16, threadgroup>
// CHECK: %[[COUNT:.*]] = arith.constant 3 : i32
// CHECK: enigma.simd_max %{{.*}} : i16
// CHECK: enigma.threadgroup_barrier
// CHECK-NEXT: %[[FIRST:.*]] = enigma.load
// CHECK-NEXT: %[[MAX:.*]] = scf.for unsigned %[[K:.*]] = %[[ONE:.*]] to %[[COUNT]] step %[[ONE]] iter_args(%[[SO_FAR:.*]] = %[[FIRST]])
// CHECK-NEXT: %[[I:.*]] = arith.index_castui %[[K]]
// CHECK-NEXT: %[[READ:.*]] = enigma.load %{{.*}}[%[[I]]]
// CHECK-NEXT: %[[JOINED:.*]] = arith.maxsi %[[SO_FAR]], %[[READ]]
// CHECK-NEXT: scf.yield %[[JOINED]]
// CHECK: "test.use"(%[[MAX]])
enigma.kernel @partial(%x: i16 {enigma.index = 0 : i32, enigma.dtype = si16}) attributes {block = array<i64: 65, 1, 1>} {
  "test.before"() : () -> ()
  %0 = enigma.threadgroup_max %x : i16
  "test.use"(%0) : (i16) -> ()
  enigma.return
}

// -----

// So they do if nothing is known of the launch.

// CHECK-LABEL: enigma.kernel @unknown
// CHECK: enigma.alloc : !enigma.buffer<32xvector<2xf16>, threadgroup>
// CHECK: %[[COUNT:.*]] = enigma.simdgroups_per_threadgroup
// CHECK: enigma.threadgroup_barrier
// CHECK: scf.for unsigned %{{.*}} to %[[COUNT]]
// CHECK: arith.minnumf
enigma.kernel @unknown(%x: f16 {enigma.index = 0 : i32}) {
  "test.before"() : () -> ()
  %v = vector.broadcast %x : f16 to vector<2xf16>
  %0 = enigma.threadgroup_min %v : vector<2xf16>
  "test.use"(%0) : (vector<2xf16>) -> ()
  enigma.return
}

// -----

// Between two uses of an array stands the barrier of another reduction.

// CHECK-LABEL: enigma.kernel @in_turn
// CHECK: %[[A:.*]] = enigma.alloc : !enigma.buffer<2xf32, threadgroup>
// CHECK: %[[B:.*]] = enigma.alloc : !enigma.buffer<2xf32, threadgroup>
// CHECK-NOT: enigma.alloc
// CHECK: enigma.store %{{.*}}, %[[A]]
// CHECK-COUNT-1: enigma.threadgroup_barrier
// CHECK: enigma.store %{{.*}}, %[[B]]
// CHECK-COUNT-1: enigma.threadgroup_barrier
// CHECK: enigma.store %{{.*}}, %[[A]]
// CHECK-COUNT-1: enigma.threadgroup_barrier
// CHECK-NOT: enigma.threadgroup_barrier
enigma.kernel @in_turn(%x: f32 {enigma.index = 0 : i32}) attributes {block = array<i64: 64, 1, 1>} {
  "test.before"() : () -> ()
  %0 = enigma.threadgroup_sum %x : f32
  %1 = enigma.threadgroup_max %x : f32
  %2 = enigma.threadgroup_product %x : f32
  "test.use"(%0, %1, %2) : (f32, f32, f32) -> ()
  enigma.return
}

// -----

// Around a loop, one that is alone waits once more.

// CHECK-LABEL: enigma.kernel @alone
// CHECK: scf.for
// CHECK: enigma.threadgroup_barrier mem_threadgroup {enigma.reduction}
// CHECK: enigma.simd_sum
// CHECK-NEXT: enigma.threadgroup_barrier mem_threadgroup
// CHECK-NEXT: "test.use"
enigma.kernel @alone(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %x: f32 {enigma.index = 1 : i32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.threadgroup_sum %x : f32
    "test.use"(%0) : (f32) -> ()
  }
  enigma.return
}

// -----

// Not with a barrier beside it or beside a branch around it, if that is for the
// memory of the threadgroup.

// CHECK-LABEL: enigma.kernel @beside
// CHECK: scf.for
// CHECK-COUNT-2: enigma.threadgroup_barrier mem_threadgroup
// CHECK: scf.for
// CHECK: enigma.threadgroup_barrier mem_device
// CHECK-COUNT-2: enigma.threadgroup_barrier mem_threadgroup
// CHECK-NOT: enigma.threadgroup_barrier
enigma.kernel @beside(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %x: f32 {enigma.index = 1 : i32}, %p: i1 {enigma.index = 2 : i32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    scf.if %p {
      %0 = enigma.threadgroup_sum %x : f32
      "test.use"(%0) : (f32) -> ()
    }
    enigma.threadgroup_barrier mem_threadgroup
  }
  scf.for %i = %c0 to %n step %c1 : i32 {
    enigma.threadgroup_barrier mem_device
    %0 = enigma.threadgroup_sum %x : f32
    "test.use"(%0) : (f32) -> ()
  }
  enigma.return
}

// -----

// Nor two, nor three: the third has an array for itself.

// CHECK-LABEL: enigma.kernel @rounds
// CHECK-COUNT-2: enigma.alloc
// CHECK: scf.for
// CHECK-COUNT-2: enigma.threadgroup_barrier
// CHECK-NOT: enigma.threadgroup_barrier
// CHECK: scf.for
// CHECK-COUNT-3: enigma.threadgroup_barrier
// CHECK-NOT: enigma.threadgroup_barrier
enigma.kernel @rounds(%n: i32 {enigma.index = 0 : i32, enigma.dtype = si32}, %x: f32 {enigma.index = 1 : i32})
    attributes {block = array<i64: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.threadgroup_sum %x : f32
    %1 = enigma.threadgroup_max %x : f32
    "test.use"(%0, %1) : (f32, f32) -> ()
  }
  scf.for %i = %c0 to %n step %c1 : i32 {
    %0 = enigma.threadgroup_sum %x : f32
    %1 = enigma.threadgroup_max %x : f32
    %2 = enigma.threadgroup_min %x : f32
    "test.use"(%0, %1, %2) : (f32, f32, f32) -> ()
  }
  enigma.return
}
