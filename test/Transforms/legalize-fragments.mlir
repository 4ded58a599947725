// RUN: enigma-opt %s --enigma-legalize-fragments | FileCheck %s

// CHECK-LABEL: enigma.kernel @pieces
// CHECK-NOT: vector<{{1|5|6|10}}x
// CHECK: %[[R:.*]]:3 = scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>, vector<2xf32>)
// CHECK: arith.mulf {{.*}} : vector<4xf32>
// CHECK-NEXT: arith.mulf {{.*}} : vector<4xf32>
// CHECK-NEXT: arith.mulf {{.*}} : vector<2xf32>
// CHECK: scf.yield %{{.*}}, %{{.*}}, %{{.*}} : vector<4xf32>, vector<4xf32>, vector<2xf32>
// CHECK: vector.extract %[[R]]#2[1] : f32 from vector<2xf32>
enigma.kernel @pieces(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %s: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %one = arith.constant dense<1.0> : vector<10xf32>
  %x = vector.broadcast %s : f32 to vector<10xf32>
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%acc = %one) -> (vector<10xf32>) {
    %next = arith.mulf %acc, %x : vector<10xf32>
    scf.yield %next : vector<10xf32>
  }
  %last = vector.extract %r[9] : f32 from vector<10xf32>
  enigma.store %last, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// A fragment of one element is that element; comparisons and selects go along.

// CHECK-LABEL: enigma.kernel @select
// CHECK-NOT: vector<{{1|5|6|10}}x
// CHECK: arith.cmpf olt, {{.*}} : vector<4xf32>
// CHECK-NEXT: arith.cmpf olt, {{.*}} : f32
// CHECK-NEXT: arith.select {{.*}} : vector<4xi1>, vector<4xf32>
// CHECK-NEXT: arith.select {{.*}} : f32
enigma.kernel @select(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %s: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : vector<5xf32>
  %x = vector.broadcast %s : f32 to vector<5xf32>
  %less = arith.cmpf olt, %x, %zero : vector<5xf32>
  %y = arith.select %less, %zero, %x : vector<5xi1>, vector<5xf32>
  %sum = vector.reduction <add>, %y : vector<5xf32> into f32
  enigma.store %sum, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// Functions of Metal act on each piece, and keep their attributes.

// CHECK-LABEL: enigma.kernel @functions
// CHECK-NOT: vector<{{1|5|6|10}}x
// CHECK: enigma.fract %{{.*}} : vector<4xf32>
// CHECK-NEXT: enigma.fract %{{.*}} : f32
// CHECK: enigma.signbit %{{.*}} : vector<4xf32>
// CHECK-NEXT: enigma.signbit %{{.*}} : f32
// CHECK: enigma.floormod %{{.*}} : vector<4xi32>
// CHECK-NEXT: enigma.floormod %{{.*}} : i32
// CHECK: enigma.mulhi unsigned %{{.*}} : vector<4xi32>
// CHECK-NEXT: enigma.mulhi unsigned %{{.*}} : i32
enigma.kernel @functions(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<si32, device> {enigma.index = 1 : i32}, %s: f32 {enigma.index = 2 : i32}, %n: i32 {enigma.dtype = si32, enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %x = vector.broadcast %s : f32 to vector<5xf32>
  %fract = enigma.fract %x : vector<5xf32>
  %sign = enigma.signbit %x : vector<5xf32>
  %f = arith.select %sign, %fract, %x : vector<5xi1>, vector<5xf32>
  %v = vector.broadcast %n : i32 to vector<5xi32>
  %mod = enigma.floormod %v, %v : vector<5xi32>
  %high = enigma.mulhi unsigned %mod, %v : vector<5xi32>
  %last = vector.extract %f[4] : f32 from vector<5xf32>
  enigma.store %last, %A[%c0] : f32, !enigma.buffer<f32, device>
  %first = vector.extract %high[0] : i32 from vector<5xi32>
  enigma.store %first, %B[%c0] : i32, !enigma.buffer<si32, device>
  enigma.return
}

// What a loop with a condition carries, and what a branch gives, is split as
// well; what is no fragment stays between the pieces.

// CHECK-LABEL: enigma.kernel @carried
// CHECK-NOT: vector<6x
// CHECK: %[[W:.*]]:3 = scf.while ({{.*}}) : (vector<4xf32>, vector<2xf32>, i32) -> (vector<4xf32>, vector<2xf32>, i32)
// CHECK: scf.condition(%{{.*}}) %{{.*}}, %{{.*}}, %{{.*}} : vector<4xf32>, vector<2xf32>, i32
// CHECK: ^bb0(%[[P:.*]]: vector<4xf32>, %[[Q:.*]]: vector<2xf32>, %[[K:.*]]: i32)
// CHECK: %[[IF:.*]]:2 = scf.if %{{.*}} -> (vector<4xf32>, vector<2xf32>)
// CHECK: scf.yield %[[P]], %[[Q]] : vector<4xf32>, vector<2xf32>
// CHECK: scf.yield %[[IF]]#0, %[[IF]]#1, %{{.*}} : vector<4xf32>, vector<2xf32>, i32
// CHECK: vector.extract %[[W]]#1[1] : f32 from vector<2xf32>
// CHECK: enigma.store %[[W]]#2
enigma.kernel @carried(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<si32, device> {enigma.index = 1 : i32}, %s: f32 {enigma.index = 2 : i32}, %n: i32 {enigma.index = 3 : i32, enigma.dtype = si32}, %on: i1 {enigma.index = 4 : i32}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %x = vector.broadcast %s : f32 to vector<6xf32>
  %w:2 = scf.while (%acc = %x, %k = %zero) : (vector<6xf32>, i32) -> (vector<6xf32>, i32) {
    %less = arith.cmpi slt, %k, %n : i32
    scf.condition(%less) %acc, %k : vector<6xf32>, i32
  } do {
  ^bb0(%acc: vector<6xf32>, %k: i32):
    %next = scf.if %on -> (vector<6xf32>) {
      %sum = arith.addf %acc, %x : vector<6xf32>
      scf.yield %sum : vector<6xf32>
    } else {
      scf.yield %acc : vector<6xf32>
    }
    %more = arith.addi %k, %one : i32
    scf.yield %next, %more : vector<6xf32>, i32
  }
  %last = vector.extract %w#0[5] : f32 from vector<6xf32>
  enigma.store %last, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.store %w#1, %B[%c0] : i32, !enigma.buffer<si32, device>
  enigma.return
}
