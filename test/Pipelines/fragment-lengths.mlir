// RUN: enigma-opt %s --enigma-clean --enigma-to-flat --split-input-file | enigma-translate --enigma-to-msl --split-input-file | FileCheck %s

// Casts, choices, loops, branches and reductions of fragments of any length.

// CHECK-LABEL: kernel void lanes1(
// CHECK: float t_1 = p ? t : a;
// CHECK-NEXT: for (int i = 0; i < n; ++i) {
// CHECK-NEXT: t_1 = exp2(fma(t_1, t, a));
enigma.kernel @lanes1(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}, %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %l = enigma.static : !enigma.layout<1:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<1:1>) -> !enigma.tensor<f32, device, 1:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 1:1>) -> vector<1xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : vector<1xf32>
  %less = arith.cmpf olt, %f, %zero : vector<1xf32>
  %i = arith.fptosi %f : vector<1xf32> to vector<1xi32>
  %u = enigma.sign_cast unsigned %i : vector<1xi32>
  %h = arith.trunci %u : vector<1xi32> to vector<1xi16>
  %w = arith.extui %h : vector<1xi16> to vector<1xi32>
  %v = arith.uitofp %w : vector<1xi32> to vector<1xf32>
  %s = arith.select %less, %v, %f : vector<1xi1>, vector<1xf32>
  %t = arith.select %p, %s, %f : vector<1xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%a = %t) -> (vector<1xf32>) : i32 {
    %m = math.fma %a, %s, %f : vector<1xf32>
    %e = math.exp2 %m : vector<1xf32>
    scf.yield %e : vector<1xf32>
  }
  %b = scf.if %p -> (vector<1xf32>) {
    scf.yield %r : vector<1xf32>
  } else {
    %q = enigma.sign %r : vector<1xf32>
    scf.yield %q : vector<1xf32>
  }
  %d:2 = scf.while (%x = %b, %j = %c0) : (vector<1xf32>, i32) -> (vector<1xf32>, i32) {
    %go = arith.cmpi slt, %j, %n : i32
    scf.condition(%go) %x, %j : vector<1xf32>, i32
  } do {
  ^bb0(%x: vector<1xf32>, %j: i32):
    %x2 = arith.addf %x, %x : vector<1xf32>
    %j2 = arith.addi %j, %c1 : i32
    scf.yield %x2, %j2 : vector<1xf32>, i32
  }
  %max = vector.reduction <maxnumf>, %d#0 : vector<1xf32> into f32
  %all = vector.broadcast %max : f32 to vector<1xf32>
  enigma.store_fragment %all, %g : (vector<1xf32>, !enigma.tensor<f32, device, 1:1>) -> ()
  enigma.return
}

// -----

// CHECK-LABEL: kernel void lanes2(
// CHECK: float2 t = select(a, float2(uint2(ushort2(uint2(int2(a))))), a < float2(0.0f));
// CHECK: *(device float2*)A = float2(fmax(t_2.x, t_2.y));
enigma.kernel @lanes2(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}, %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %l = enigma.static : !enigma.layout<2:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<2:1>) -> !enigma.tensor<f32, device, 2:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 2:1>) -> vector<2xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : vector<2xf32>
  %less = arith.cmpf olt, %f, %zero : vector<2xf32>
  %i = arith.fptosi %f : vector<2xf32> to vector<2xi32>
  %u = enigma.sign_cast unsigned %i : vector<2xi32>
  %h = arith.trunci %u : vector<2xi32> to vector<2xi16>
  %w = arith.extui %h : vector<2xi16> to vector<2xi32>
  %v = arith.uitofp %w : vector<2xi32> to vector<2xf32>
  %s = arith.select %less, %v, %f : vector<2xi1>, vector<2xf32>
  %t = arith.select %p, %s, %f : vector<2xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%a = %t) -> (vector<2xf32>) : i32 {
    %m = math.fma %a, %s, %f : vector<2xf32>
    %e = math.exp2 %m : vector<2xf32>
    scf.yield %e : vector<2xf32>
  }
  %b = scf.if %p -> (vector<2xf32>) {
    scf.yield %r : vector<2xf32>
  } else {
    %q = enigma.sign %r : vector<2xf32>
    scf.yield %q : vector<2xf32>
  }
  %d:2 = scf.while (%x = %b, %j = %c0) : (vector<2xf32>, i32) -> (vector<2xf32>, i32) {
    %go = arith.cmpi slt, %j, %n : i32
    scf.condition(%go) %x, %j : vector<2xf32>, i32
  } do {
  ^bb0(%x: vector<2xf32>, %j: i32):
    %x2 = arith.addf %x, %x : vector<2xf32>
    %j2 = arith.addi %j, %c1 : i32
    scf.yield %x2, %j2 : vector<2xf32>, i32
  }
  %max = vector.reduction <maxnumf>, %d#0 : vector<2xf32> into f32
  %all = vector.broadcast %max : f32 to vector<2xf32>
  enigma.store_fragment %all, %g : (vector<2xf32>, !enigma.tensor<f32, device, 2:1>) -> ()
  enigma.return
}

// -----

// CHECK-LABEL: kernel void lanes3(
// CHECK: float3 t = float3(a.x, a.y, A[2]);
// CHECK: float t_5 = fmax(fmax(t_3.x, t_3.y), t_3.z);
// CHECK-NEXT: *(device float2*)A = float2(t_5);
// CHECK-NEXT: A[2] = t_5;
enigma.kernel @lanes3(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}, %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %l = enigma.static : !enigma.layout<3:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<3:1>) -> !enigma.tensor<f32, device, 3:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 3:1>) -> vector<3xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : vector<3xf32>
  %less = arith.cmpf olt, %f, %zero : vector<3xf32>
  %i = arith.fptosi %f : vector<3xf32> to vector<3xi32>
  %u = enigma.sign_cast unsigned %i : vector<3xi32>
  %h = arith.trunci %u : vector<3xi32> to vector<3xi16>
  %w = arith.extui %h : vector<3xi16> to vector<3xi32>
  %v = arith.uitofp %w : vector<3xi32> to vector<3xf32>
  %s = arith.select %less, %v, %f : vector<3xi1>, vector<3xf32>
  %t = arith.select %p, %s, %f : vector<3xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%a = %t) -> (vector<3xf32>) : i32 {
    %m = math.fma %a, %s, %f : vector<3xf32>
    %e = math.exp2 %m : vector<3xf32>
    scf.yield %e : vector<3xf32>
  }
  %b = scf.if %p -> (vector<3xf32>) {
    scf.yield %r : vector<3xf32>
  } else {
    %q = enigma.sign %r : vector<3xf32>
    scf.yield %q : vector<3xf32>
  }
  %d:2 = scf.while (%x = %b, %j = %c0) : (vector<3xf32>, i32) -> (vector<3xf32>, i32) {
    %go = arith.cmpi slt, %j, %n : i32
    scf.condition(%go) %x, %j : vector<3xf32>, i32
  } do {
  ^bb0(%x: vector<3xf32>, %j: i32):
    %x2 = arith.addf %x, %x : vector<3xf32>
    %j2 = arith.addi %j, %c1 : i32
    scf.yield %x2, %j2 : vector<3xf32>, i32
  }
  %max = vector.reduction <maxnumf>, %d#0 : vector<3xf32> into f32
  %all = vector.broadcast %max : f32 to vector<3xf32>
  enigma.store_fragment %all, %g : (vector<3xf32>, !enigma.tensor<f32, device, 3:1>) -> ()
  enigma.return
}

// -----

// CHECK-LABEL: kernel void lanes5(
// CHECK: for (int i = 0; i < n; ++i) {
// CHECK-NEXT: t_2 = exp2(fma(t_2, t, a));
// CHECK-NEXT: t_3 = exp2(fma(t_3, t_1, a_1));
// CHECK-NEXT: }
// CHECK-NEXT: if (!p) {
// CHECK-NEXT: t_2 = sign(t_2);
// CHECK-NEXT: t_3 = sign(t_3);
// CHECK-NEXT: }
enigma.kernel @lanes5(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}, %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %l = enigma.static : !enigma.layout<5:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<5:1>) -> !enigma.tensor<f32, device, 5:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 5:1>) -> vector<5xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : vector<5xf32>
  %less = arith.cmpf olt, %f, %zero : vector<5xf32>
  %i = arith.fptosi %f : vector<5xf32> to vector<5xi32>
  %u = enigma.sign_cast unsigned %i : vector<5xi32>
  %h = arith.trunci %u : vector<5xi32> to vector<5xi16>
  %w = arith.extui %h : vector<5xi16> to vector<5xi32>
  %v = arith.uitofp %w : vector<5xi32> to vector<5xf32>
  %s = arith.select %less, %v, %f : vector<5xi1>, vector<5xf32>
  %t = arith.select %p, %s, %f : vector<5xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%a = %t) -> (vector<5xf32>) : i32 {
    %m = math.fma %a, %s, %f : vector<5xf32>
    %e = math.exp2 %m : vector<5xf32>
    scf.yield %e : vector<5xf32>
  }
  %b = scf.if %p -> (vector<5xf32>) {
    scf.yield %r : vector<5xf32>
  } else {
    %q = enigma.sign %r : vector<5xf32>
    scf.yield %q : vector<5xf32>
  }
  %d:2 = scf.while (%x = %b, %j = %c0) : (vector<5xf32>, i32) -> (vector<5xf32>, i32) {
    %go = arith.cmpi slt, %j, %n : i32
    scf.condition(%go) %x, %j : vector<5xf32>, i32
  } do {
  ^bb0(%x: vector<5xf32>, %j: i32):
    %x2 = arith.addf %x, %x : vector<5xf32>
    %j2 = arith.addi %j, %c1 : i32
    scf.yield %x2, %j2 : vector<5xf32>, i32
  }
  %max = vector.reduction <maxnumf>, %d#0 : vector<5xf32> into f32
  %all = vector.broadcast %max : f32 to vector<5xf32>
  enigma.store_fragment %all, %g : (vector<5xf32>, !enigma.tensor<f32, device, 5:1>) -> ()
  enigma.return
}

// -----

// CHECK-LABEL: kernel void lanes64(
// CHECK-COUNT-16: = *(device float4*)
// CHECK: for (int i = 0; i < n; ++i) {
// CHECK-COUNT-16: = exp2(fma(
// CHECK-NEXT: }
// CHECK-COUNT-16: = sign(
// CHECK: while (
// CHECK-COUNT-16: += t_
// CHECK-COUNT-63: fmax(
enigma.kernel @lanes64(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}, %p: i1 {enigma.name = "p", enigma.index = 2 : i32}) {
  %l = enigma.static : !enigma.layout<64:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<64:1>) -> !enigma.tensor<f32, device, 64:1>
  %f = enigma.load_fragment %g : (!enigma.tensor<f32, device, 64:1>) -> vector<64xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant dense<0.0> : vector<64xf32>
  %less = arith.cmpf olt, %f, %zero : vector<64xf32>
  %i = arith.fptosi %f : vector<64xf32> to vector<64xi32>
  %u = enigma.sign_cast unsigned %i : vector<64xi32>
  %h = arith.trunci %u : vector<64xi32> to vector<64xi16>
  %w = arith.extui %h : vector<64xi16> to vector<64xi32>
  %v = arith.uitofp %w : vector<64xi32> to vector<64xf32>
  %s = arith.select %less, %v, %f : vector<64xi1>, vector<64xf32>
  %t = arith.select %p, %s, %f : vector<64xf32>
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%a = %t) -> (vector<64xf32>) : i32 {
    %m = math.fma %a, %s, %f : vector<64xf32>
    %e = math.exp2 %m : vector<64xf32>
    scf.yield %e : vector<64xf32>
  }
  %b = scf.if %p -> (vector<64xf32>) {
    scf.yield %r : vector<64xf32>
  } else {
    %q = enigma.sign %r : vector<64xf32>
    scf.yield %q : vector<64xf32>
  }
  %d:2 = scf.while (%x = %b, %j = %c0) : (vector<64xf32>, i32) -> (vector<64xf32>, i32) {
    %go = arith.cmpi slt, %j, %n : i32
    scf.condition(%go) %x, %j : vector<64xf32>, i32
  } do {
  ^bb0(%x: vector<64xf32>, %j: i32):
    %x2 = arith.addf %x, %x : vector<64xf32>
    %j2 = arith.addi %j, %c1 : i32
    scf.yield %x2, %j2 : vector<64xf32>, i32
  }
  %max = vector.reduction <maxnumf>, %d#0 : vector<64xf32> into f32
  %all = vector.broadcast %max : f32 to vector<64xf32>
  enigma.store_fragment %all, %g : (vector<64xf32>, !enigma.tensor<f32, device, 64:1>) -> ()
  enigma.return
}
