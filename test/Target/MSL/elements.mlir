// RUN: enigma-opt %s --enigma-to-flat | enigma-translate --enigma-to-msl | FileCheck %s

// Elements that are vectors, and memory that is seen as other elements.
// CHECK-LABEL: kernel void k(
// CHECK-SAME{LITERAL}: device const float4* A [[buffer(0)]]
// CHECK-NEXT{LITERAL}: device packed_float3* P [[buffer(1)]]
// CHECK-NEXT{LITERAL}: device uchar2* B [[buffer(2)]]
// CHECK-NEXT{LITERAL}: constant uint2& v [[buffer(3)]]
enigma.kernel @k(
    %A: !enigma.buffer<vector<4xf32>, device> {enigma.name = "A", enigma.index = 0 : i32},
    %P: !enigma.buffer<!enigma.packed<vector<3xf32>>, device> {enigma.name = "P", enigma.index = 1 : i32},
    %B: !enigma.buffer<vector<2xui8>, device> {enigma.name = "B", enigma.index = 2 : i32},
    %v: vector<2xi32> {enigma.name = "v", enigma.index = 3 : i32, enigma.dtype = vector<2xui32>}) {
  %i = enigma.thread_position_in_grid x : i32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  // CHECK: threadgroup packed_half3 tile[8];
  %tile = enigma.alloc : !enigma.buffer<8x!enigma.packed<vector<3xf16>>, threadgroup>
  // CHECK: alignas(8) threadgroup half tile_1[64];
  %halves = enigma.alloc : !enigma.buffer<64xf16, threadgroup>
  %a = enigma.load %A[%c0] : !enigma.buffer<vector<4xf32>, device> -> vector<4xf32>
  %p = enigma.load %P[%c1] : !enigma.buffer<!enigma.packed<vector<3xf32>>, device> -> vector<3xf32>
  %xyz = vector.shuffle %a, %a [0, 1, 2] : vector<4xf32>, vector<4xf32>
  %sum = arith.addf %p, %xyz : vector<3xf32>
  // CHECK: P[0] = float3(P[1]) + a.xyz;
  enigma.store %sum, %P[%c0] : vector<3xf32>, !enigma.buffer<!enigma.packed<vector<3xf32>>, device>
  %w = vector.extract %a[3] : f32 from vector<4xf32>
  // CHECK: ((device float*)(P + 1))[2] = a.w;
  enigma.store_lane %w, %P[%c1], %c2 : f32, !enigma.buffer<!enigma.packed<vector<3xf32>>, device>
  %t = arith.truncf %xyz : vector<3xf32> to vector<3xf16>
  // CHECK: half3 [[T:.*]] = half3(a.xyz);
  // CHECK: tile[2] = [[T]];
  enigma.store %t, %tile[%c2] : vector<3xf16>, !enigma.buffer<8x!enigma.packed<vector<3xf16>>, threadgroup>
  %narrow = arith.trunci %v : vector<2xi32> to vector<2xi8>
  // CHECK: B[0] = uchar2(v);
  enigma.store %narrow, %B[%c0] : vector<2xi8>, !enigma.buffer<vector<2xui8>, device>
  %bytes = enigma.recast %A : !enigma.buffer<vector<4xf32>, device> to !enigma.buffer<ui8, device>
  %byte = enigma.load %bytes[%c2] : !enigma.buffer<ui8, device> -> i8
  // CHECK: ((device uchar*)B)[1] = ((device const uchar*)A)[2];
  enigma.store_lane %byte, %B[%c0], %c1 : i8, !enigma.buffer<vector<2xui8>, device>
  %fours = enigma.recast %halves : !enigma.buffer<64xf16, threadgroup> to !enigma.buffer<16xvector<4xf16>, threadgroup>
  %h = vector.shuffle %t, %t [0, 1, 2, 0] : vector<3xf16>, vector<3xf16>
  // CHECK: ((threadgroup half4*)tile_1)[1] = {{.*}};
  enigma.store %h, %fours[%c1] : vector<4xf16>, !enigma.buffer<16xvector<4xf16>, threadgroup>
  enigma.return
}

// 16 bytes at once of narrow elements.
// CHECK-LABEL: kernel void wide(
enigma.kernel @wide(
    %A: !enigma.buffer<f16, device> {enigma.name = "A", enigma.index = 0 : i32},
    %B: !enigma.buffer<si8, device> {enigma.name = "B", enigma.index = 1 : i32},
    %C: !enigma.buffer<f16, device> {enigma.name = "C", enigma.index = 2 : i32}) {
  %c0 = arith.constant 0 : index
  // CHECK: uint4 [[A:.*]] = *(device const uint4*)A;
  %v = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
  %a, %b = enigma.split_access %v : vector<8xf16> -> vector<4xf16>, vector<4xf16>
  %sum = arith.addf %a, %b : vector<4xf16>
  %w = enigma.join_access %sum, %a : vector<4xf16>, vector<4xf16> -> vector<8xf16>
  // CHECK: *(device uint4*)C = uint4(as_type<uint2>({{.*}}), as_type<uint2>({{.*}}));
  enigma.store %w, %C[%c0] : vector<8xf16>, !enigma.buffer<f16, device>
  // CHECK: uint2 [[B:.*]] = *(device uint2*)B;
  %bytes = enigma.load %B[%c0] : !enigma.buffer<si8, device> -> vector<8xi8>
  %c, %d = enigma.split_access %bytes : vector<8xi8> -> vector<4xi8>, vector<4xi8>
  %swapped = enigma.join_access %d, %c : vector<4xi8>, vector<4xi8> -> vector<8xi8>
  // CHECK: *(device uint2*)B = uint2(as_type<uint>(as_type<char4>([[B]].y)),
  // CHECK-NEXT: as_type<uint>(as_type<char4>([[B]].x)));
  enigma.store %swapped, %B[%c0] : vector<8xi8>, !enigma.buffer<si8, device>
  enigma.return
}
