// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: enigma.kernel @casts
// FOLD-LABEL: enigma.kernel @casts
enigma.kernel @casts(
    %n: i32 {enigma.name = "n", enigma.index = 0 : i32, enigma.dtype = si32},
    %out: !enigma.buffer<ui32, device> {enigma.name = "out", enigma.index = 1 : i32}) {
  // CHECK: enigma.sign_cast %n : i32
  %signed = enigma.sign_cast %n : i32
  // CHECK: enigma.sign_cast unsigned %{{.*}} : i32
  %unsigned = enigma.sign_cast unsigned %signed : i32
  %c7 = arith.constant 7 : i32
  // CHECK: enigma.sign_cast unsigned %{{.*}} : i32
  %seven = enigma.sign_cast unsigned %c7 : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index

  // The last of two casts counts; a constant has no sign to state.
  // FOLD-DAG: %[[SEVEN:.*]] = arith.constant 7 : i32
  // FOLD: %[[LAST:.*]] = enigma.sign_cast unsigned %n : i32
  // FOLD: enigma.store %[[LAST]]
  // FOLD: enigma.store %[[SEVEN]]
  enigma.store %unsigned, %out[%c0] : i32, !enigma.buffer<ui32, device>
  enigma.store %seven, %out[%c1] : i32, !enigma.buffer<ui32, device>
  enigma.return
}
