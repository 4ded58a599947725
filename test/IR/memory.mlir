// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @access
enigma.kernel @access(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<8xui16, constant> {enigma.index = 1 : i32},
    %C: !enigma.buffer<i1, device> {enigma.index = 2 : i32},
    %i: i32 {enigma.index = 3 : i32, enigma.dtype = si32}) {
  %index = arith.index_cast %i : i32 to index
  // CHECK: %[[A:.*]] = enigma.load %{{.*}}[%{{.*}}] : !enigma.buffer<f32, device> -> f32
  %a = enigma.load %A[%index] : !enigma.buffer<f32, device> -> f32
  // CHECK: %[[A2:.*]] = enigma.load %{{.*}}[%{{.*}}] : !enigma.buffer<f32, device> -> vector<2xf32>
  %a2 = enigma.load %A[%index] : !enigma.buffer<f32, device> -> vector<2xf32>
  // CHECK: enigma.load %{{.*}}[%{{.*}}] {test.note} : !enigma.buffer<8xui16, constant> -> vector<4xi16>
  %b4 = enigma.load %B[%index] {test.note} : !enigma.buffer<8xui16, constant> -> vector<4xi16>
  // CHECK: enigma.load %{{.*}}[%{{.*}}] : !enigma.buffer<i1, device> -> i1
  %c = enigma.load %C[%index] : !enigma.buffer<i1, device> -> i1
  // CHECK: enigma.store %[[A]], %{{.*}}[%{{.*}}] : f32, !enigma.buffer<f32, device>
  enigma.store %a, %A[%index] : f32, !enigma.buffer<f32, device>
  // CHECK: enigma.store %[[A2]], %{{.*}}[%{{.*}}] {test.note} : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.store %a2, %A[%index] {test.note} : vector<2xf32>, !enigma.buffer<f32, device>
  enigma.return
}

// The last subscripts that a buffer of static size has.
// CHECK-LABEL: enigma.kernel @bounds
enigma.kernel @bounds(%p: i1 {enigma.index = 0 : i32}) {
  %tile = enigma.alloc : !enigma.buffer<8xf32, threadgroup>
  %c4 = arith.constant 4 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  // CHECK: enigma.load {{.*}} -> f32
  %0 = enigma.load %tile[%c7] : !enigma.buffer<8xf32, threadgroup> -> f32
  // CHECK: enigma.load {{.*}} -> vector<4xf32>
  %1 = enigma.load %tile[%c4] : !enigma.buffer<8xf32, threadgroup> -> vector<4xf32>
  // Under a condition an access outside may never be made.
  // CHECK: scf.if
  // CHECK-NEXT: enigma.store {{.*}} : f32
  // CHECK-NEXT: enigma.load {{.*}} -> vector<2xf32>
  scf.if %p {
    enigma.store %0, %tile[%c8] : f32, !enigma.buffer<8xf32, threadgroup>
    %2 = enigma.load %tile[%c7] : !enigma.buffer<8xf32, threadgroup> -> vector<2xf32>
  }
  enigma.return
}

// CHECK-LABEL: enigma.kernel @alloc
enigma.kernel @alloc(%p: i1 {enigma.index = 0 : i32}) {
  // CHECK: enigma.alloc : !enigma.buffer<256xui32, threadgroup>
  %0 = enigma.alloc : !enigma.buffer<256xui32, threadgroup>
  // CHECK: enigma.alloc : !enigma.buffer<4xi1, thread>
  %1 = enigma.alloc : !enigma.buffer<4xi1, thread>
  // CHECK: enigma.alloc {dtype = ui32} : memref<256xi32, #enigma.address_space<threadgroup>>
  %2 = enigma.alloc {dtype = ui32} : memref<256xi32, #enigma.address_space<threadgroup>>
  // CHECK: enigma.alloc : memref<4xf32, #enigma.address_space<thread>>
  %3 = enigma.alloc : memref<4xf32, #enigma.address_space<thread>>
  // CHECK: enigma.alloc {dtype = f32, test.note} : !enigma.buffer<1xf32, thread>
  %4 = enigma.alloc {dtype = f32, test.note} : !enigma.buffer<1xf32, thread>
  // CHECK: scf.if
  // CHECK-NEXT: enigma.alloc : !enigma.buffer<4xsi8, thread>
  scf.if %p {
    %5 = enigma.alloc : !enigma.buffer<4xsi8, thread>
  }
  enigma.return
}

// All of the threadgroup memory there is.
// CHECK-LABEL: enigma.kernel @alloc_all
enigma.kernel @alloc_all() {
  // CHECK: enigma.alloc : !enigma.buffer<8192xf32, threadgroup>
  %0 = enigma.alloc : !enigma.buffer<8192xf32, threadgroup>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @barriers
enigma.kernel @barriers() {
  // CHECK: enigma.threadgroup_barrier mem_none
  enigma.threadgroup_barrier mem_none
  // CHECK: enigma.threadgroup_barrier mem_threadgroup
  enigma.threadgroup_barrier mem_threadgroup
  // CHECK: enigma.threadgroup_barrier mem_device|mem_threadgroup|mem_texture
  enigma.threadgroup_barrier mem_texture|mem_threadgroup|mem_device
  // CHECK: enigma.simdgroup_barrier mem_device {test.note}
  enigma.simdgroup_barrier mem_device {test.note}
  // CHECK: enigma.simdgroup_barrier mem_none
  enigma.simdgroup_barrier mem_none
  enigma.return
}

// CHECK-LABEL: enigma.kernel @constant_arrays
enigma.kernel @constant_arrays() {
  // CHECK: enigma.constant_array dense<[-1, 2]> : tensor<2xi8> : !enigma.buffer<2xsi8, constant>
  %0 = enigma.constant_array dense<[-1, 2]> : tensor<2xi8> : !enigma.buffer<2xsi8, constant>
  // CHECK: enigma.constant_array dense<1.000000e+00> : tensor<4xf16> {alignment = 8 : i64} : !enigma.buffer<4xf16, constant>
  %1 = enigma.constant_array dense<1.0> : tensor<4xf16> {alignment = 8 : i64} : !enigma.buffer<4xf16, constant>
  // CHECK: enigma.constant_array dense<[true, false]> : tensor<2xi1> : memref<2xi1, #enigma.address_space<constant>>
  %2 = enigma.constant_array dense<[true, false]> : tensor<2xi1> : memref<2xi1, #enigma.address_space<constant>>
  // CHECK: enigma.constant_array dense<7> : tensor<1xi64> {dtype = ui64} : memref<1xi64, #enigma.address_space<constant>>
  %3 = enigma.constant_array dense<7> : tensor<1xi64> {dtype = ui64} : memref<1xi64, #enigma.address_space<constant>>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @fences
enigma.kernel @fences() {
  // CHECK: enigma.atomic_thread_fence mem_device seq_cst device
  enigma.atomic_thread_fence mem_device seq_cst device
  // CHECK: enigma.atomic_thread_fence mem_none relaxed thread {test.note}
  enigma.atomic_thread_fence mem_none relaxed thread {test.note}
  // CHECK: enigma.atomic_thread_fence mem_threadgroup|mem_threadgroup_imageblock seq_cst simdgroup
  enigma.atomic_thread_fence mem_threadgroup|mem_threadgroup_imageblock seq_cst simdgroup
  // CHECK: enigma.threadgroup_barrier mem_texture|mem_threadgroup_imageblock
  enigma.threadgroup_barrier mem_threadgroup_imageblock|mem_texture
  enigma.return
}

// CHECK-LABEL: enigma.kernel @vector_elements
enigma.kernel @vector_elements(
    %A: !enigma.buffer<vector<4xf32>, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<!enigma.packed<vector<3xui8>>, device> {enigma.index = 1 : i32},
    %v: vector<4xf32> {enigma.index = 2 : i32},
    %w: vector<2xi32> {enigma.index = 3 : i32, enigma.dtype = vector<2xui32>}) {
  %c1 = arith.constant 1 : index
  // CHECK: enigma.load %{{.*}}[%{{.*}}] : !enigma.buffer<vector<4xf32>, device> -> vector<4xf32>
  %a = enigma.load %A[%c1] : !enigma.buffer<vector<4xf32>, device> -> vector<4xf32>
  // CHECK: enigma.load %{{.*}}[%{{.*}}] : !enigma.buffer<!enigma.packed<vector<3xui8>>, device> -> vector<3xi8>
  %b = enigma.load %B[%c1] : !enigma.buffer<!enigma.packed<vector<3xui8>>, device> -> vector<3xi8>
  // CHECK: enigma.store %{{.*}}, %{{.*}}[%{{.*}}] : vector<3xi8>, !enigma.buffer<!enigma.packed<vector<3xui8>>, device>
  enigma.store %b, %B[%c1] : vector<3xi8>, !enigma.buffer<!enigma.packed<vector<3xui8>>, device>
  %x = vector.extract %a[0] : f32 from vector<4xf32>
  // CHECK: enigma.store_lane %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}} {test.note} : f32, !enigma.buffer<vector<4xf32>, device>
  enigma.store_lane %x, %A[%c1], %c1 {test.note} : f32, !enigma.buffer<vector<4xf32>, device>
  // CHECK: enigma.recast %{{.*}} {test.note} : !enigma.buffer<vector<4xf32>, device> to !enigma.buffer<ui8, device>
  %bytes = enigma.recast %A {test.note} : !enigma.buffer<vector<4xf32>, device> to !enigma.buffer<ui8, device>
  %y = enigma.load %bytes[%c1] : !enigma.buffer<ui8, device> -> i8
  enigma.return
}

// CHECK-LABEL: enigma.kernel @flat_elements
enigma.kernel @flat_elements(
    %A: memref<?xvector<4xi32>, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = vector<4xui32>}) {
  %c1 = arith.constant 1 : index
  %x = arith.constant 1 : i32
  // CHECK: enigma.store_lane %{{.*}}, %{{.*}}[%{{.*}}], %{{.*}} : i32, memref<?xvector<4xi32>, #enigma.address_space<device>>
  enigma.store_lane %x, %A[%c1], %c1 : i32, memref<?xvector<4xi32>, #enigma.address_space<device>>
  // CHECK: enigma.recast %{{.*}} {dtype = ui8} : memref<?xvector<4xi32>, #enigma.address_space<device>> to memref<?xi8, #enigma.address_space<device>>
  %bytes = enigma.recast %A {dtype = ui8} : memref<?xvector<4xi32>, #enigma.address_space<device>> to memref<?xi8, #enigma.address_space<device>>
  %y = memref.load %bytes[%c1] : memref<?xi8, #enigma.address_space<device>>
  enigma.return
}

// CHECK-LABEL: enigma.kernel @parts_of_accesses
enigma.kernel @parts_of_accesses(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %v = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
  // CHECK: %{{.*}}:2 = enigma.split_access %{{.*}} {test.note} : vector<8xf16> -> vector<4xf16>, vector<4xf16>
  %a, %b = enigma.split_access %v {test.note} : vector<8xf16> -> vector<4xf16>, vector<4xf16>
  // CHECK: enigma.join_access %{{.*}}, %{{.*}} {test.note} : vector<4xf16>, vector<4xf16> -> vector<8xf16>
  %w = enigma.join_access %b, %a {test.note} : vector<4xf16>, vector<4xf16> -> vector<8xf16>
  enigma.store %w, %A[%c0] : vector<8xf16>, !enigma.buffer<f16, device>
  enigma.return
}
