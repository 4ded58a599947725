// RUN: enigma-translate --enigma-to-msl --split-input-file --verify-diagnostics %s | FileCheck %s

// A variant is there for `float`; floats of 16 bits are converted.

// CHECK-LABEL: kernel void enigma_kernel_variants(
enigma.kernel @enigma_kernel_variants(%x: f32 {enigma.index = 0 : i32},
                                      %h: f16 {enigma.index = 1 : i32},
                                      %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 2 : i32},
                                      %B: memref<?xf16, #enigma.address_space<device>> {enigma.index = 3 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  // CHECK: arg2[0] = fast::exp(arg0);
  %0 = math.exp %x {enigma.variant = "fast"} : f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // CHECK: arg2[1] = precise::exp10(arg0);
  %1 = enigma.exp10 %x {enigma.variant = "precise"} : f32
  memref.store %1, %A[%c1] : memref<?xf32, #enigma.address_space<device>>
  // CHECK: arg2[2] = fast::fmod(arg0, arg0);
  %2 = arith.remf %x, %x {enigma.variant = "fast"} : f32
  memref.store %2, %A[%c2] : memref<?xf32, #enigma.address_space<device>>
  // CHECK: arg3[0] = half(precise::sin(float(arg1)));
  %3 = math.sin %h {enigma.variant = "precise"} : f16
  memref.store %3, %B[%c0] : memref<?xf16, #enigma.address_space<device>>
  enigma.return
}

// -----

enigma.kernel @none(%x: f32 {enigma.index = 0 : i32},
                    %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{'enigma.sign' op cannot be expressed in MSL: MSL has no variant 'fast' of it}}
  %0 = enigma.sign %x {enigma.variant = "fast"} : f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

enigma.kernel @another(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{'enigma.variant' must be "fast" or "precise", found "slow"}}
  %0 = math.exp %x {enigma.variant = "slow"} : f32
  enigma.return
}
