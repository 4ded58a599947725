// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

// A function is called for the type that its operation reads its operands as.

// CHECK-LABEL: kernel void functions(
enigma.kernel @functions(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si32},
    %x: i32 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = si32},
    %u: i32 {enigma.name = "u", enigma.index = 2 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : i32
  // CHECK: A[0] = addsat(x, int(u));
  %0 = enigma.addsat %x, %u : i32
  memref.store %0, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = addsat(uint(x), u);
  %1 = enigma.addsat unsigned %x, %u : i32
  memref.store %1, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = hadd(x, int(u));
  %half = enigma.hadd %x, %u : i32
  memref.store %half, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = rhadd(uint(x), u);
  %rounded = enigma.rhadd unsigned %x, %u : i32
  memref.store %rounded, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = rotate(u, uint(x));
  %2 = enigma.rotate %u, %x : i32
  memref.store %2, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = reverse_bits(x);
  %3 = enigma.reverse_bits %x : i32
  memref.store %3, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // The distance of two signed numbers is unsigned.
  // CHECK-NEXT: A[0] = absdiff(x, 8) / u;
  %4 = enigma.absdiff %x, %c8 : i32
  %5 = arith.divui %4, %u : i32
  memref.store %5, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = extract_bits(x, u, 8u);
  %6 = enigma.extract_bits %x, %u, %c8 : i32
  memref.store %6, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = extract_bits(uint(x), u, 8u);
  %7 = enigma.extract_bits unsigned %x, %u, %c8 : i32
  memref.store %7, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = insert_bits(x, int(u), 8u, uint(x));
  %8 = enigma.insert_bits %x, %u, %c8, %x : i32
  memref.store %8, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  // CHECK-NEXT: A[0] = madsat(uint(x), u, 8u);
  %9 = enigma.madsat unsigned %x, %u, %c8 : i32
  memref.store %9, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

// C++ promotes what is computed in fewer bits; the overload is chosen by a cast.
// CHECK-LABEL: kernel void narrow(
enigma.kernel @narrow(
    %A: memref<?xi8, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui8},
    %x: i8 {enigma.name = "x", enigma.index = 1 : i32, enigma.dtype = ui8}) {
  %c0 = arith.constant 0 : index
  // CHECK: A[0] = mulhi(uchar(x + x), x);
  %0 = arith.addi %x, %x : i8
  %1 = enigma.mulhi unsigned %0, %x : i8
  memref.store %1, %A[%c0] : memref<?xi8, #enigma.address_space<device>>
  enigma.return
}

// A carried variable takes the sign of what is assigned to it.
// CHECK-LABEL: kernel void carried(
// CHECK: uint t = 0;
// CHECK: t = absdiff(
enigma.kernel @carried(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%t = %c0) -> (i32) : i32 {
    %0 = enigma.absdiff %i, %n : i32
    scf.yield %0 : i32
  }
  memref.store %r, %A[%i0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}
