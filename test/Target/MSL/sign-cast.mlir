// RUN: enigma-translate %s --enigma-to-msl | FileCheck %s

// A thread index is `uint`; from the cast on the kernel computes in `int`.
// CHECK: int i = int(gid);
// CHECK: int j = i - 2;
// CHECK: if (j >= 0) {
// CHECK: B[j] = 1;
enigma.kernel @signed(%B: memref<?xi32, #enigma.address_space<device>> {enigma.dtype = si32, enigma.index = 0 : i32, enigma.name = "B"}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %gid = enigma.thread_position_in_grid x : i32
  %i = enigma.sign_cast %gid : i32 loc("i")
  %j = arith.subi %i, %c2 overflow<nsw> : i32 loc("j")
  %inside = arith.cmpi sge, %j, %c0 : i32
  scf.if %inside {
    %k = arith.index_cast %j : i32 to index
    memref.store %c1, %B[%k] : memref<?xi32, #enigma.address_space<device>>
  }
  enigma.return
}
