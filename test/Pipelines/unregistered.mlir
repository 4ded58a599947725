// RUN: enigma-opt %s --allow-unregistered-dialect --enigma-clean --enigma-to-flat | FileCheck %s
// RUN: enigma-opt %s --allow-unregistered-dialect --enigma-clean --enigma-to-flat \
// RUN:   | not enigma-translate --allow-unregistered-dialect --enigma-to-msl 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MSL

// Operations of nobody's dialect pass through the pipelines, and are refused by name
// where MSL would need them.

// CHECK-LABEL: enigma.kernel @unknown
// CHECK: "test.any"
// MSL: error: {{.*}}test.any
enigma.kernel @unknown(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %i: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
  %c = arith.cmpi sge, %i, %i : i32
  %0 = "test.any"(%i) : (i32) -> index
  %1 = "test.any"(%i) : (i32) -> i1
  scf.if %1 {
    %f = "test.any"(%c) : (i1) -> f32
    enigma.store %f, %A[%0] : f32, !enigma.buffer<f32, device>
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.return
}
