// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @geometry
enigma.kernel @geometry(
    %x: f32 {enigma.index = 0 : i32}, %h: f16 {enigma.index = 1 : i32},
    %b: bf16 {enigma.index = 2 : i32}) {
  %v = vector.broadcast %x : f32 to vector<3xf32>
  %h2 = vector.broadcast %h : f16 to vector<2xf16>
  %b4 = vector.broadcast %b : bf16 to vector<4xbf16>
  // CHECK: enigma.dot %{{.*}}, %{{.*}} : vector<3xf32>
  %0 = enigma.dot %v, %v : vector<3xf32>
  // CHECK: enigma.length %{{.*}} : vector<2xf16>
  %1 = enigma.length %h2 : vector<2xf16>
  // CHECK: enigma.length_squared %{{.*}} : vector<4xbf16>
  %2 = enigma.length_squared %b4 : vector<4xbf16>
  // CHECK: enigma.distance %{{.*}}, %{{.*}} : vector<3xf32>
  %3 = enigma.distance %v, %v : vector<3xf32>
  // CHECK: enigma.distance_squared %{{.*}}, %{{.*}} : vector<2xf16>
  %4 = enigma.distance_squared %h2, %h2 : vector<2xf16>
  // CHECK: enigma.normalize %{{.*}} : vector<4xbf16>
  %5 = enigma.normalize %b4 : vector<4xbf16>
  // CHECK: enigma.reflect %{{.*}}, %{{.*}} : vector<3xf32>
  %6 = enigma.reflect %v, %v : vector<3xf32>
  // CHECK: enigma.faceforward %{{.*}}, %{{.*}}, %{{.*}} : vector<2xf16>
  %7 = enigma.faceforward %h2, %h2, %h2 : vector<2xf16>
  // CHECK: enigma.cross %{{.*}}, %{{.*}} {test.note} : vector<3xf32>
  %8 = enigma.cross %v, %v {test.note} : vector<3xf32>
  // CHECK: enigma.refract %{{.*}}, %{{.*}}, %{{.*}} : vector<2xf16>
  %9 = enigma.refract %h2, %h2, %h : vector<2xf16>
  // A result is an element, or a vector.
  // CHECK: arith.addf %{{.*}}, %{{.*}} : f32
  %10 = arith.addf %0, %x : f32
  enigma.return
}
