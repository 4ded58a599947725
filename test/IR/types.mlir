// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// Every element type, in every address space, with a size and without.
// CHECK-LABEL: module @elements
module @elements attributes {
  // CHECK: f16 = !enigma.buffer<f16, device>
  test.a = {f16 = !enigma.buffer<f16, device>},
  // CHECK: bf16 = !enigma.buffer<bf16, constant>
  test.b = {bf16 = !enigma.buffer<bf16, constant>},
  // CHECK: f32 = !enigma.buffer<f32, threadgroup>
  test.c = {f32 = !enigma.buffer<f32, threadgroup>},
  // CHECK: i1 = !enigma.buffer<i1, thread>
  test.d = {i1 = !enigma.buffer<i1, thread>},
  // CHECK: !enigma.buffer<si8, device>, !enigma.buffer<si16, device>, !enigma.buffer<si32, device>, !enigma.buffer<si64, device>
  test.e = [!enigma.buffer<si8, device>, !enigma.buffer<si16, device>, !enigma.buffer<si32, device>, !enigma.buffer<si64, device>],
  // CHECK: !enigma.buffer<ui8, device>, !enigma.buffer<ui16, device>, !enigma.buffer<ui32, device>, !enigma.buffer<ui64, device>
  test.f = [!enigma.buffer<ui8, device>, !enigma.buffer<ui16, device>, !enigma.buffer<ui32, device>, !enigma.buffer<ui64, device>],
  // CHECK: !enigma.buffer<1xi1, thread>
  test.g = !enigma.buffer<1xi1, thread>,
  // CHECK: !enigma.buffer<256xui32, threadgroup>
  test.h = !enigma.buffer<256 x ui32, threadgroup>,
  // CHECK: !enigma.buffer<9223372036854775807xf32, device>
  test.i = !enigma.buffer<9223372036854775807xf32, device>
} {}

// CHECK-LABEL: module @attributes
module @attributes attributes {
  // CHECK: [#enigma.address_space<device>, #enigma.address_space<constant>, #enigma.address_space<threadgroup>, #enigma.address_space<thread>]
  test.a = [#enigma.address_space<device>, #enigma.address_space<constant>, #enigma.address_space<threadgroup>, #enigma.address_space<thread>],
  // CHECK: [#enigma.access<none>, #enigma.access<read>, #enigma.access<write>, #enigma.access<read_write>]
  test.b = [#enigma.access<none>, #enigma.access<read>, #enigma.access<write>, #enigma.access<read_write>],
  // CHECK: [#enigma<dimension x>, #enigma<dimension y>, #enigma<dimension z>]
  test.c = [#enigma<dimension x>, #enigma<dimension y>, #enigma<dimension z>],
  // CHECK: [#enigma<mem_flags mem_none>, #enigma<mem_flags mem_device>, #enigma<mem_flags mem_device|mem_threadgroup|mem_texture>]
  test.d = [#enigma<mem_flags mem_none>, #enigma<mem_flags mem_device>, #enigma<mem_flags mem_texture|mem_threadgroup|mem_device>],
  // CHECK: memref<?xi32, #enigma.address_space<device>>
  test.e = memref<?xi32, #enigma.address_space<device>>
} {}

// Elements that are vectors.
// CHECK-LABEL: module @vectors
module @vectors attributes {
  // CHECK: !enigma.buffer<vector<4xf32>, device>, !enigma.buffer<8xvector<2xui8>, threadgroup>
  test.a = [!enigma.buffer<vector<4xf32>, device>, !enigma.buffer<8xvector<2xui8>, threadgroup>],
  // CHECK: !enigma.buffer<!enigma.packed<vector<3xsi16>>, constant>
  test.b = !enigma.buffer<!enigma.packed<vector<3xsi16>>, constant>,
  // CHECK: !enigma.tensor<vector<4xf16>, device, (4,8):(8,1)>
  test.c = !enigma.tensor<vector<4xf16>, device, (4,8):(8,1)>
} {}
