// RUN: enigma-translate --enigma-to-msl %s | FileCheck %s

// What stands beside kernels has one name in all of them, and no local has it.

// CHECK: {{^}}constant uint tile_ {{\[\[}}function_constant(3)]];
// CHECK-NEXT: {{^}}constant uint tile = is_function_constant_defined(tile_) ? tile_ : 16u;
// CHECK-NEXT: {{^}}constant half scale {{\[\[}}function_constant(4)]];
// CHECK-NEXT: {{^}}constant char low_ {{\[\[}}function_constant(5)]];
// CHECK-NEXT: {{^}}constant char low = is_function_constant_defined(low_) ? low_ : char(-128);
// CHECK-EMPTY:
// CHECK-NEXT: {{^}}constant int weights[3] = {
// CHECK-NEXT: {{^}}    INT_MIN, -1, 7,
// CHECK-NEXT: {{^}}};
// CHECK-EMPTY:
// CHECK-NEXT: {{^}}constant uint weights_1[3] = {
// CHECK-NEXT: {{^}}    0x80000000u, 0xffffffffu, 7,
// CHECK-NEXT: {{^}}};
// CHECK-EMPTY:
// CHECK-NEXT: {{^}}alignas(16) constant float table[4] = {
// CHECK-NEXT: {{^}}    -0.0f, INFINITY, NAN, 0.1f,
// CHECK-NEXT: {{^}}};
// CHECK-NOT: constant int
// CHECK-LABEL: kernel void first(
// CHECK: A[0] = tile + weights[i];
// CHECK-LABEL: kernel void second(
// CHECK: threadgroup float* t {{\[\[}}threadgroup(0)]]
// CHECK-NEXT: A[weights_2] = weights[weights_2];
// CHECK-NEXT: t[weights_2] = table[weights_2];
enigma.kernel @first(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si32},
    %i: i32 {enigma.name = "i", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %0 = enigma.function_constant 3 "tile" default 16 : i32 : ui32 -> i32
  %table = enigma.constant_array dense<[-2147483648, -1, 7]> : tensor<3xi32> {dtype = si32} : memref<3xi32, #enigma.address_space<constant>> loc("weights"("k.py":1:1))
  %other = enigma.constant_array dense<[-2147483648, -1, 7]> : tensor<3xi32> {dtype = ui32} : memref<3xi32, #enigma.address_space<constant>> loc("weights"("k.py":2:1))
  %index = arith.index_castui %i : i32 to index
  %1 = memref.load %table[%index] : memref<3xi32, #enigma.address_space<constant>>
  %2 = arith.addi %0, %1 overflow<nsw> : i32
  memref.store %2, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  %3 = memref.load %other[%index] : memref<3xi32, #enigma.address_space<constant>>
  memref.store %3, %A[%c0] : memref<?xi32, #enigma.address_space<device>>
  enigma.return
}

enigma.kernel @second(
    %A: memref<?xi32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si32},
    %t: memref<?xf32, #enigma.address_space<threadgroup>> {enigma.name = "t", enigma.index = 0 : i32},
    %i: i32 {enigma.name = "weights", enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %scale = enigma.function_constant 4 "scale" : f16 -> f16
  %low = enigma.function_constant 5 "low" default -128 : i8 : si8 -> i8
  // The same as in the other kernel, whatever it is called.
  %same = enigma.constant_array dense<[-2147483648, -1, 7]> : tensor<3xi32> {dtype = si32} : memref<3xi32, #enigma.address_space<constant>> loc("mine"("k.py":3:1))
  %floats = enigma.constant_array dense<[-0.0, 0x7F800000, 0x7FC00000, 0.1]> : tensor<4xf32> {alignment = 16 : i64} : memref<4xf32, #enigma.address_space<constant>>
  %index = arith.index_castui %i : i32 to index
  %0 = memref.load %same[%index] : memref<3xi32, #enigma.address_space<constant>>
  memref.store %0, %A[%index] : memref<?xi32, #enigma.address_space<device>>
  %1 = memref.load %floats[%index] : memref<4xf32, #enigma.address_space<constant>>
  memref.store %1, %t[%index] : memref<?xf32, #enigma.address_space<threadgroup>>
  enigma.return
}
