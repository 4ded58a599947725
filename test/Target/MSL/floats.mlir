// RUN: enigma-translate --enigma-to-msl --split-input-file %s | FileCheck %s

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void literals(
enigma.kernel @literals(
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 0 : i32},
    %H: memref<?xf16, #device> {enigma.name = "H", enigma.index = 1 : i32},
    %B: memref<?xbf16, #device> {enigma.name = "B", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  // CHECK: F[0] = 1.0f;
  %one = arith.constant 1.0 : f32
  memref.store %one, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = -0.0f;
  %nz = arith.constant -0.0 : f32
  memref.store %nz, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = 0.1f;
  %tenth = arith.constant 0.1 : f32
  memref.store %tenth, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = 1.0e-10f;
  %small = arith.constant 1.0e-10 : f32
  memref.store %small, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = 3.4028235e38f;
  %max = arith.constant 0x7f7fffff : f32
  memref.store %max, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = 1.4e-45f;
  %denormal = arith.constant 0x00000001 : f32
  memref.store %denormal, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = 16777216.0f;
  %whole = arith.constant 16777216.0 : f32
  memref.store %whole, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = INFINITY;
  %inf = arith.constant 0x7f800000 : f32
  memref.store %inf, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = -INFINITY;
  %ninf = arith.constant 0xff800000 : f32
  memref.store %ninf, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = NAN;
  %nan = arith.constant 0x7fc00000 : f32
  memref.store %nan, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = as_type<float>(0xffc00001u);
  %odd = arith.constant 0xffc00001 : f32
  memref.store %odd, %F[%i] : memref<?xf32, #device>
  // CHECK: H[0] = 0.1h;
  %h = arith.constant 0.1 : f16
  memref.store %h, %H[%i] : memref<?xf16, #device>
  // CHECK: H[0] = half(-INFINITY);
  %hinf = arith.constant 0xfc00 : f16
  memref.store %hinf, %H[%i] : memref<?xf16, #device>
  // CHECK: B[0] = bfloat(0.1f);
  %b = arith.constant 0.1 : bf16
  memref.store %b, %B[%i] : memref<?xbf16, #device>
  // CHECK: B[0] = bfloat(NAN);
  %bnan = arith.constant 0x7fc0 : bf16
  memref.store %bnan, %B[%i] : memref<?xbf16, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void arithmetic(
enigma.kernel @arithmetic(
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 2 : i32},
    %z: f32 {enigma.name = "z", enigma.index = 3 : i32}) {
  %i = arith.constant 0 : index
  %m2 = arith.constant -2.0 : f32
  %a0 = arith.addf %y, %z : f32
  %a = arith.addf %x, %a0 : f32
  // Floats are not regrouped.
  // CHECK: F[0] = x + (y + z);
  memref.store %a, %F[%i] : memref<?xf32, #device>
  %b0 = arith.subf %x, %y : f32
  %b = arith.subf %b0, %z : f32
  // CHECK: F[0] = x - y - z;
  memref.store %b, %F[%i] : memref<?xf32, #device>
  %c0 = arith.addf %x, %y : f32
  %c1 = arith.mulf %c0, %z : f32
  %c = arith.addf %c1, %m2 : f32
  // CHECK: F[0] = (x + y) * z - 2.0f;
  memref.store %c, %F[%i] : memref<?xf32, #device>
  %d0 = arith.negf %x : f32
  %d1 = arith.negf %d0 : f32
  %d = arith.mulf %d1, %m2 : f32
  // CHECK: F[0] = -(-x) * -2.0f;
  memref.store %d, %F[%i] : memref<?xf32, #device>
  %e0 = arith.divf %y, %z : f32
  %e = arith.divf %x, %e0 : f32
  // CHECK: F[0] = x / (y / z);
  memref.store %e, %F[%i] : memref<?xf32, #device>
  %f = arith.remf %x, %y : f32
  // CHECK: F[0] = precise::fmod(x, y);
  memref.store %f, %F[%i] : memref<?xf32, #device>
  %g0 = arith.maxnumf %x, %y : f32
  %g = arith.minnumf %g0, %z : f32
  // CHECK: F[0] = fmin(fmax(x, y), z);
  memref.store %g, %F[%i] : memref<?xf32, #device>
  %h0 = math.fma %x, %y, %z : f32
  %h1 = math.powf %h0, %m2 : f32
  %h2 = math.clampf %h1 to [%x, %y] : f32
  %h3 = enigma.mix %h2, %x, %y : f32
  %h = math.roundeven %h3 : f32
  // CHECK: F[0] = rint(mix(clamp(precise::pow(fma(x, y, z), -2.0f), x, y), x, y));
  memref.store %h, %F[%i] : memref<?xf32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void comparisons(
enigma.kernel @comparisons(
    %P: memref<?xi1, #device> {enigma.name = "P", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 2 : i32}) {
  %i = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  // CHECK: P[0] = x == y;
  %oeq = arith.cmpf oeq, %x, %y : f32
  memref.store %oeq, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = x >= y;
  %oge = arith.cmpf oge, %x, %y : f32
  memref.store %oge, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = !(x <= y);
  %ugt = arith.cmpf ugt, %x, %y : f32
  memref.store %ugt, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = x != y;
  %une = arith.cmpf une, %x, %y : f32
  memref.store %une, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = x < y || x > y;
  %one_ = arith.cmpf one, %x, %y : f32
  memref.store %one_, %P[%i] : memref<?xi1, #device>
  // An operand that is written twice is computed once.
  // CHECK: float t = x + y;
  // CHECK: P[0] = !(t < y || t > y);
  %s = arith.addf %x, %y : f32
  %ueq = arith.cmpf ueq, %s, %y : f32
  memref.store %ueq, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = isnan(x) || isnan(y);
  %uno = arith.cmpf uno, %x, %y : f32
  memref.store %uno, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = !isnan(x);
  %ord = arith.cmpf ord, %x, %one : f32
  memref.store %ord, %P[%i] : memref<?xi1, #device>
  // CHECK: P[0] = signbit(x) && isinf(y);
  %sign = enigma.signbit %x : f32
  %isinf = math.isinf %y : f32
  %both = arith.andi %sign, %isinf : i1
  memref.store %both, %P[%i] : memref<?xi1, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void conversions(
enigma.kernel @conversions(
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 0 : i32},
    %H: memref<?xf16, #device> {enigma.name = "H", enigma.index = 1 : i32},
    %B: memref<?xbf16, #device> {enigma.name = "B", enigma.index = 2 : i32},
    %U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 3 : i32, enigma.dtype = ui32},
    %h: f16 {enigma.name = "h", enigma.index = 4 : i32},
    %b: bf16 {enigma.name = "b", enigma.index = 5 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 6 : i32, enigma.dtype = si32}) {
  %i = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %one = arith.constant 1.0 : f16
  // CHECK: F[0] = float(h + 1.0h);
  %h1 = arith.addf %h, %one : f16
  %f = arith.extf %h1 : f16 to f32
  memref.store %f, %F[%i] : memref<?xf32, #device>
  // CHECK: B[0] = bfloat(float(h));
  %hf = arith.extf %h : f16 to f32
  %hb = arith.truncf %hf : f32 to bf16
  memref.store %hb, %B[%i] : memref<?xbf16, #device>
  // CHECK: H[0] = sin(h);
  %hs = math.sin %h : f16
  memref.store %hs, %H[%i] : memref<?xf16, #device>
  // The library has no functions on bfloat.
  // CHECK: B[0] = bfloat(fmax(float(b), float(b * b)));
  %bb = arith.mulf %b, %b : bf16
  %bm = arith.maxnumf %b, %bb : bf16
  memref.store %bm, %B[%i] : memref<?xbf16, #device>
  // CHECK: F[0] = float(n);
  %s = arith.sitofp %n : i32 to f32
  memref.store %s, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = float(uint(n));
  %u = arith.uitofp %n : i32 to f32
  memref.store %u, %F[%i] : memref<?xf32, #device>
  // CHECK: U[0] = uint(float(h));
  %hf2 = arith.extf %h : f16 to f32
  %fu = arith.fptoui %hf2 : f32 to i32
  memref.store %fu, %U[%i] : memref<?xi32, #device>
  // CHECK: U[0] = as_type<uint>(float(n)) >> 1;
  %s2 = arith.sitofp %n : i32 to f32
  %bits = arith.bitcast %s2 : f32 to i32
  %sh = arith.shrui %bits, %c1 : i32
  memref.store %sh, %U[%i] : memref<?xi32, #device>
  // CHECK: F[0] = as_type<float>(n + 1);
  %n1 = arith.addi %n, %c1 overflow<nsw> : i32
  %back = arith.bitcast %n1 : i32 to f32
  memref.store %back, %F[%i] : memref<?xf32, #device>
  enigma.return
}

// -----

// What fast math breaks is asked for in the precise form, which there is for
// `float` only.

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void precise_functions(
enigma.kernel @precise_functions(
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 0 : i32},
    %H: memref<?xf16, #device> {enigma.name = "H", enigma.index = 1 : i32},
    %B: memref<?xbf16, #device> {enigma.name = "B", enigma.index = 2 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 3 : i32},
    %y: f32 {enigma.name = "y", enigma.index = 4 : i32},
    %h: f16 {enigma.name = "h", enigma.index = 5 : i32},
    %b: bf16 {enigma.name = "b", enigma.index = 6 : i32}) {
  %i = arith.constant 0 : index
  // CHECK: F[0] = precise::tanh(x);
  %0 = math.tanh %x : f32
  memref.store %0, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = precise::sinh(precise::cosh(x));
  %1 = math.cosh %x : f32
  %2 = math.sinh %1 : f32
  memref.store %2, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = precise::asinh(precise::acosh(precise::atanh(x)));
  %3 = math.atanh %x : f32
  %4 = math.acosh %3 : f32
  %5 = math.asinh %4 : f32
  memref.store %5, %F[%i] : memref<?xf32, #device>
  // CHECK: F[0] = precise::powr(precise::atan2(x, y), y);
  %6 = math.atan2 %x, %y : f32
  %7 = enigma.powr %6, %y : f32
  memref.store %7, %F[%i] : memref<?xf32, #device>
  // CHECK: H[0] = half(precise::tanh(float(h)));
  %8 = math.tanh %h : f16
  memref.store %8, %H[%i] : memref<?xf16, #device>
  // CHECK: B[0] = bfloat(precise::pow(float(b), float(bfloat(0.5f))));
  %half = arith.constant 0.5 : bf16
  %9 = math.powf %b, %half : bf16
  memref.store %9, %B[%i] : memref<?xbf16, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// CHECK: template <typename T, typename I> T enigma_powi(T x, I n) {
// CHECK-LABEL: kernel void whole_powers(
enigma.kernel @whole_powers(
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 0 : i32},
    %H: memref<?xf16, #device> {enigma.name = "H", enigma.index = 1 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 2 : i32},
    %h: f16 {enigma.name = "h", enigma.index = 3 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 4 : i32, enigma.dtype = ui32}) {
  %i = arith.constant 0 : index
  // CHECK: F[0] = enigma_powi(x, n);
  %0 = enigma.powi %x, %n : f32, i32
  memref.store %0, %F[%i] : memref<?xf32, #device>
  // CHECK: H[0] = half(enigma_powi(float(h), n));
  %1 = enigma.powi %h, %n : f16, i32
  memref.store %1, %H[%i] : memref<?xf16, #device>
  enigma.return
}

// -----

// The bits of three floats are three integers.

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void bits_of_three(
enigma.kernel @bits_of_three(
    %U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 0 : i32, enigma.dtype = ui32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32}) {
  %i = arith.constant 0 : index
  %v = vector.from_elements %x, %x, %x : vector<3xf32>
  %bits = arith.bitcast %v : vector<3xf32> to vector<3xi32>
  %sum = vector.reduction <add>, %bits : vector<3xi32> into i32
  // CHECK: as_type<uint3>(float3(x))
  memref.store %sum, %U[%i] : memref<?xi32, #device>
  enigma.return
}
