// RUN: enigma-translate --enigma-to-msl --split-input-file %s | FileCheck %s

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void lanes(
enigma.kernel @lanes(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.access = #enigma.access<read>},
    %B: memref<?xf32, #device> {enigma.name = "B", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %i0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %two = arith.constant dense<2.0> : vector<4xf32>
  %ramp = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : vector<4xf32>
  // CHECK: float4 v = *(device const float4*)A;
  %v = vector.load %A[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32> loc("v"("k.py":3:3))
  // A scalar stands for a vector of equal lanes.
  // CHECK: *(device float4*)B = v * 2.0f + x;
  %v2 = arith.mulf %v, %two : vector<4xf32>
  %xs = vector.broadcast %x : f32 to vector<4xf32>
  %v3 = arith.addf %v2, %xs : vector<4xf32>
  vector.store %v3, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  // CHECK: *(device float4*)B = float4(x);
  %xs2 = vector.broadcast %x : f32 to vector<4xf32>
  vector.store %xs2, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  // CHECK: *(device float4*)B = v - float4(1.0f, 2.0f, 3.0f, 4.0f);
  %v4 = arith.subf %v, %ramp : vector<4xf32>
  vector.store %v4, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  // CHECK: B[0] = v.z;
  %z = vector.extract %v[2] : f32 from vector<4xf32>
  memref.store %z, %B[%i0] : memref<?xf32, #device>
  // CHECK: B[0] = v[n];
  %ni = arith.index_castui %n : i32 to index
  %d = vector.extract %v[%ni] : f32 from vector<4xf32>
  memref.store %d, %B[%i0] : memref<?xf32, #device>
  // CHECK: *(device float4*)B = float4(v.x, x, v.zw);
  %ins = vector.insert %x, %v[1] : f32 into vector<4xf32>
  vector.store %ins, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  // CHECK: *(device float4*)B = v.wzyx;
  %rev = vector.shuffle %v, %v [3, 2, 1, 0] : vector<4xf32>, vector<4xf32>
  vector.store %rev, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  // Without an alignment the vector is packed.
  // CHECK: *(device packed_float2*)(B + n) = v.xy;
  %low = vector.shuffle %v, %v [0, 1] : vector<4xf32>, vector<4xf32>
  vector.store %low, %B[%ni] : memref<?xf32, #device>, vector<2xf32>
  // CHECK: float2 w = float2(*(device const packed_float2*)(A + (n + 1)));
  %n1 = arith.addi %n, %c1 : i32
  %n1i = arith.index_castui %n1 : i32 to index
  %w = vector.load %A[%n1i] : memref<?xf32, #device>, vector<2xf32> loc("w"("k.py":4:3))
  // CHECK: B[0] = x + w.x + w.y;
  %sum = vector.reduction <add>, %w, %x : vector<2xf32> into f32
  memref.store %sum, %B[%i0] : memref<?xf32, #device>
  // CHECK: B[0] = fmax(w.x, w.y);
  %max = vector.reduction <maxnumf>, %w : vector<2xf32> into f32
  memref.store %max, %B[%i0] : memref<?xf32, #device>
  // CHECK: float4 y = float4(w.x, x, x, w.y);
  // CHECK: *(device float4*)B = select(v, y, v < y);
  %w0 = vector.extract %w[0] : f32 from vector<2xf32>
  %w1 = vector.extract %w[1] : f32 from vector<2xf32>
  %y = vector.from_elements %w0, %x, %x, %w1 : vector<4xf32> loc("y"("k.py":5:3))
  %c = arith.cmpf olt, %v, %y : vector<4xf32>
  %s = arith.select %c, %y, %v : vector<4xi1>, vector<4xf32>
  vector.store %s, %B[%i0] {alignment = 16 : i64} : memref<?xf32, #device>, vector<4xf32>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Vectors have no implicit conversions: each one is written.

// CHECK-LABEL: kernel void integers(
enigma.kernel @integers(
    %S: memref<?xi32, #device> {enigma.name = "S", enigma.index = 0 : i32, enigma.dtype = si32},
    %U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 1 : i32, enigma.dtype = ui32},
    %B: memref<?xi8, #device> {enigma.name = "B", enigma.index = 2 : i32, enigma.dtype = ui8}) {
  %i0 = arith.constant 0 : index
  %c3 = arith.constant dense<3> : vector<4xi32>
  %c7 = arith.constant dense<7> : vector<4xi8>
  // CHECK: int4 s = *(device int4*)S;
  // CHECK: uint4 u = *(device uint4*)U;
  // CHECK: uchar4 b = *(device uchar4*)B;
  %s = vector.load %S[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32> loc("s"("k.py":3:3))
  %u = vector.load %U[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32> loc("u"("k.py":4:3))
  %b = vector.load %B[%i0] {alignment = 4 : i64} : memref<?xi8, #device>, vector<4xi8> loc("b"("k.py":5:3))
  // CHECK: *(device int4*)S = int4(uint4(s) + u);
  %a = arith.addi %s, %u : vector<4xi32>
  vector.store %a, %S[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32>
  // CHECK: *(device uint4*)U = uint4(s) >> 3;
  %sh = arith.shrui %s, %c3 : vector<4xi32>
  vector.store %sh, %U[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32>
  // CHECK: *(device uchar4*)B = b & uchar4(7);
  %m = arith.andi %b, %c7 : vector<4xi8>
  vector.store %m, %B[%i0] {alignment = 4 : i64} : memref<?xi8, #device>, vector<4xi8>
  // CHECK: *(device uint4*)U = uint4(b);
  %w = arith.extui %b : vector<4xi8> to vector<4xi32>
  vector.store %w, %U[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32>
  // CHECK: *(device uint4*)U = as_type<uint4>(float4(s));
  %f = arith.sitofp %s : vector<4xi32> to vector<4xf32>
  %bits = arith.bitcast %f : vector<4xf32> to vector<4xi32>
  vector.store %bits, %U[%i0] {alignment = 16 : i64} : memref<?xi32, #device>, vector<4xi32>
  // CHECK: *(device uchar4*)B = uchar4(as_type<ushort4>(u.xy));
  %xy = vector.shuffle %u, %u [0, 1] : vector<4xi32>, vector<4xi32>
  %bytes = vector.bitcast %xy : vector<2xi32> to vector<4xi16>
  %cut = arith.trunci %bytes : vector<4xi16> to vector<4xi8>
  vector.store %cut, %B[%i0] {alignment = 4 : i64} : memref<?xi8, #device>, vector<4xi8>
  enigma.return
}
