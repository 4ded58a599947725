// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @functions
// CHECK-SAME: %x: f32
// CHECK-SAME: %y: f32
// CHECK-SAME: %z: f32
enigma.kernel @functions(
    %x: f32 {enigma.name = "x", enigma.index = 0 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 1 : i32},
    %z: f32 {enigma.name = "z", enigma.index = 2 : i32}) {
  // CHECK: enigma.exp10 %x : f32
  %0 = enigma.exp10 %x : f32
  // CHECK: enigma.sinpi %x : f32
  %1 = enigma.sinpi %x : f32
  // CHECK: enigma.cospi %x : f32
  %2 = enigma.cospi %x : f32
  // CHECK: enigma.tanpi %x : f32
  %3 = enigma.tanpi %x : f32
  // CHECK: enigma.saturate %x : f32
  %4 = enigma.saturate %x : f32
  // CHECK: enigma.sign %x : f32
  %5 = enigma.sign %x : f32
  // CHECK: enigma.fract %x {test.note} : f32
  %6 = enigma.fract %x {test.note} : f32
  // CHECK: enigma.powr %x, %y : f32
  %7 = enigma.powr %x, %y : f32
  // CHECK: enigma.fdim %x, %y : f32
  %8 = enigma.fdim %x, %y : f32
  // CHECK: enigma.step %x, %y {test.note} : f32
  %9 = enigma.step %x, %y {test.note} : f32
  // CHECK: enigma.mix %x, %y, %z : f32
  %10 = enigma.mix %x, %y, %z : f32
  // CHECK: enigma.smoothstep %x, %y, %z {test.note} : f32
  %11 = enigma.smoothstep %x, %y, %z {test.note} : f32
  // CHECK: enigma.signbit %x : f32
  %12 = enigma.signbit %x : f32
  // CHECK: arith.select %{{.*}}, %x, %y : f32
  %13 = arith.select %12, %x, %y : f32
  // CHECK: enigma.floormod %x, %y : f32
  %14 = enigma.floormod %x, %y : f32
  // CHECK: enigma.fmax3 %x, %y, %z : f32
  %15 = enigma.fmax3 %x, %y, %z : f32
  // CHECK: enigma.fmin3 %x, %y, %z {test.note} : f32
  %16 = enigma.fmin3 %x, %y, %z {test.note} : f32
  // CHECK: enigma.fmedian3 %x, %y, %z : f32
  %17 = enigma.fmedian3 %x, %y, %z : f32
  enigma.return
}

// CHECK-LABEL: enigma.kernel @types
enigma.kernel @types(
    %h: f16 {enigma.index = 0 : i32}, %b: bf16 {enigma.index = 1 : i32},
    %c: i8 {enigma.index = 2 : i32, enigma.dtype = si8},
    %l: i64 {enigma.index = 3 : i32, enigma.dtype = si64}) {
  // CHECK: enigma.exp10 %{{.*}} : f16
  %0 = enigma.exp10 %h : f16
  // CHECK: enigma.powr %{{.*}}, %{{.*}} : bf16
  %1 = enigma.powr %b, %b : bf16
  // CHECK: enigma.mix {{.*}} : vector<2xf16>
  %h2 = vector.broadcast %h : f16 to vector<2xf16>
  %2 = enigma.mix %h2, %h2, %h2 : vector<2xf16>
  // CHECK: enigma.signbit %{{.*}} : vector<3xbf16>
  // CHECK-NEXT: vector.extract %{{.*}}[0] : i1 from vector<3xi1>
  %b3 = vector.broadcast %b : bf16 to vector<3xbf16>
  %3 = enigma.signbit %b3 : vector<3xbf16>
  %4 = vector.extract %3[0] : i1 from vector<3xi1>
  // CHECK: enigma.floormod %{{.*}}, %{{.*}} : i8
  %5 = enigma.floormod %c, %c : i8
  // CHECK: enigma.floormod %{{.*}}, %{{.*}} : vector<4xi64>
  %l4 = vector.broadcast %l : i64 to vector<4xi64>
  %6 = enigma.floormod %l4, %l4 : vector<4xi64>
  // CHECK: enigma.floormod %{{.*}}, %{{.*}} : index
  %i = arith.index_cast %l : i64 to index
  %7 = enigma.floormod %i, %i : index
  enigma.return
}
