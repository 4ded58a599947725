// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

#device = #enigma.address_space<device>

// Parentheses stand where C++ needs them, and where readers and compilers'
// warnings want them.

// CHECK-LABEL: kernel void precedence(
enigma.kernel @precedence(
    %U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 0 : i32, enigma.dtype = ui32},
    %P: memref<?xi1, #device> {enigma.name = "P", enigma.index = 1 : i32},
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 6 : i32},
    %a: i32 {enigma.name = "a", enigma.index = 2 : i32, enigma.dtype = ui32},
    %b: i32 {enigma.name = "b", enigma.index = 3 : i32, enigma.dtype = ui32},
    %c: i32 {enigma.name = "c", enigma.index = 4 : i32, enigma.dtype = ui32},
    %s: i32 {enigma.name = "s", enigma.index = 5 : i32, enigma.dtype = si32},
    %p: i1 {enigma.name = "p", enigma.index = 7 : i32}) {
  %i = arith.constant 0 : index
  %c4 = arith.constant 4 : i32
  %c15 = arith.constant 15 : i32
  %zero = arith.constant 0 : i32
  // Unsigned sums and products may be regrouped, signed ones may overflow.
  // CHECK: U[0] = a + b + c;
  %bc = arith.addi %b, %c : i32
  %abc = arith.addi %a, %bc : i32
  memref.store %abc, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = s + (s + 4);
  %s4 = arith.addi %s, %c4 overflow<nsw> : i32
  %ss4 = arith.addi %s, %s4 overflow<nsw> : i32
  memref.store %ss4, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = a - (b - c);
  %b_c = arith.subi %b, %c : i32
  %a_b_c = arith.subi %a, %b_c : i32
  memref.store %a_b_c, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = a * (b + c) % 4;
  %bc2 = arith.addi %b, %c : i32
  %m = arith.muli %a, %bc2 : i32
  %r = arith.remui %m, %c4 : i32
  memref.store %r, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = a * (b / c * a);
  %quotient = arith.divui %b, %c : i32
  %inner = arith.muli %quotient, %a : i32
  %outer = arith.muli %a, %inner : i32
  memref.store %outer, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = (a + b) << (c & 0xf);
  %ab = arith.addi %a, %b : i32
  %c_15 = arith.andi %c, %c15 : i32
  %sh = arith.shli %ab, %c_15 : i32
  memref.store %sh, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = a | (b & c) | (b ^ a);
  %and = arith.andi %b, %c : i32
  %or = arith.ori %a, %and : i32
  %xor = arith.xori %b, %a : i32
  %or2 = arith.ori %or, %xor : i32
  memref.store %or2, %U[%i] : memref<?xi32, #device>
  // CHECK: P[0] = (a & 0xf) == 0;
  %low = arith.andi %a, %c15 : i32
  %is0 = arith.cmpi eq, %low, %zero : i32
  memref.store %is0, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = (a < b) == (b < c);
  %lt1 = arith.cmpi ult, %a, %b : i32
  %lt2 = arith.cmpi ult, %b, %c : i32
  %same = arith.cmpi eq, %lt1, %lt2 : i1
  memref.store %same, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = p && (a < b || b < c);
  %lt3 = arith.cmpi ult, %a, %b : i32
  %lt4 = arith.cmpi ult, %b, %c : i32
  %or3 = arith.ori %lt3, %lt4 : i1
  %and3 = arith.andi %p, %or3 : i1
  memref.store %and3, %P[%i] : memref<?xi1, #device>
  // CHECK: U[0] = (p ? a : b) * c;
  %sel = arith.select %p, %a, %b : i32
  %selc = arith.muli %sel, %c : i32
  memref.store %selc, %U[%i] : memref<?xi32, #device>
  // CHECK: F[a + b] = float(p ? a : a < b ? b : c);
  %lt5 = arith.cmpi ult, %a, %b : i32
  %sel2 = arith.select %lt5, %b, %c : i32
  %sel3 = arith.select %p, %a, %sel2 : i32
  %f = arith.uitofp %sel3 : i32 to f32
  %ab2 = arith.addi %a, %b : i32
  %j = arith.index_castui %ab2 : i32 to index
  memref.store %f, %F[%j] : memref<?xf32, #device>
  // An assignment to the place that is read.
  // CHECK: U[0] -= a - b;
  %u = memref.load %U[%i] : memref<?xi32, #device>
  %a_b = arith.subi %a, %b : i32
  %u2 = arith.subi %u, %a_b : i32
  memref.store %u2, %U[%i] : memref<?xi32, #device>
  enigma.return
}
