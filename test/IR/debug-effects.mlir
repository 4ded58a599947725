// RUN: enigma-opt %s --cse --loop-invariant-code-motion --canonicalize | FileCheck %s
// RUN: enigma-opt %s --enigma-clean | FileCheck %s
// RUN: enigma-opt %s --enigma-clean=strip-debug=true | FileCheck %s --check-prefix=STRIPPED
// RUN: enigma-opt %s --enigma-strip-debug | FileCheck %s --check-prefix=ONLY

// Messages stay as many as they are, where they are.
// CHECK-LABEL: enigma.kernel @messages
// CHECK: enigma.print "a"
// CHECK-NEXT: enigma.print "a"
// CHECK: scf.for
// CHECK: enigma.print "in {}"
// CHECK: scf.if
// CHECK-NEXT: enigma.assert %{{.*}}, "b"
// CHECK: enigma.return
// STRIPPED-LABEL: enigma.kernel @messages
// STRIPPED-NEXT: enigma.return
// ONLY-LABEL: enigma.kernel @messages
// ONLY-NOT: enigma.print
// ONLY-NOT: enigma.assert
// ONLY: enigma.return
enigma.kernel @messages(
    %n: i32 {enigma.index = 0 : i32, enigma.dtype = si32},
    %p: i1 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  enigma.print "a"() {dtypes = []} : () -> ()
  enigma.print "a"() {dtypes = []} : () -> ()
  scf.for %i = %c0 to %n step %c1 : i32 {
    %double = arith.addi %n, %n : i32
    enigma.print "in {}"(%double) {dtypes = [si32]} : (i32) -> ()
  }
  scf.if %p {
    enigma.assert %p, "b"() {dtypes = []} : () -> ()
  }
  enigma.return
}

// What a message shows may be read before it or after it.
// CHECK-LABEL: enigma.kernel @reads
// CHECK: enigma.load
// CHECK-NEXT: enigma.print
// CHECK: enigma.store
// STRIPPED-LABEL: enigma.kernel @reads
// STRIPPED-NOT: enigma.load
// STRIPPED: enigma.store
enigma.kernel @reads(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %0 = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.print "{}"(%0) {dtypes = [f32]} : (f32) -> ()
  enigma.store %one, %A[%c1] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// Text that is pure is one where it is equal, is moved, and goes without a use;
// other text is all of that not.
// CHECK-LABEL: enigma.kernel @text
// CHECK: %[[P:.*]] = enigma.inline_msl "p({0})"
// CHECK-NOT: "p({0})"
// CHECK: enigma.inline_msl "q({0})"
// CHECK-NEXT: enigma.inline_msl "q({0})"
// CHECK: scf.for
// CHECK: enigma.inline_msl "q({0})"
// CHECK-NOT: "unused()"
enigma.kernel @text(
    %n: i32 {enigma.index = 0 : i32, enigma.dtype = si32},
    %A: !enigma.buffer<si32, device> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %0 = enigma.inline_msl "p({0})"(%n) {dtypes = [si32], result_dtype = si32, pure} : (i32) -> i32
  %1 = enigma.inline_msl "p({0})"(%n) {dtypes = [si32], result_dtype = si32, pure} : (i32) -> i32
  %2 = enigma.inline_msl "q({0})"(%n) {dtypes = [si32], result_dtype = si32} : (i32) -> i32
  %3 = enigma.inline_msl "q({0})"(%n) {dtypes = [si32], result_dtype = si32} : (i32) -> i32
  %4 = enigma.inline_msl "unused()"() {dtypes = [], result_dtype = si32, pure} : () -> i32
  %sum = arith.addi %0, %1 : i32
  enigma.store %sum, %A[%i0] : i32, !enigma.buffer<si32, device>
  scf.for %i = %c0 to %n step %c1 : i32 {
    %5 = enigma.inline_msl "q({0})"(%n) {dtypes = [si32], result_dtype = si32} : (i32) -> i32
  }
  enigma.return
}
