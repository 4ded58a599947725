// RUN: enigma-opt %s --canonicalize --allow-unregistered-dialect | FileCheck %s

// A constant result is all that is left of a kernel, beside its use.

// exp10

// CHECK-LABEL: enigma.kernel @exp10()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.000000e+00, 1.000000e+02, 0.000000e+00, 0x7F800000]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @exp10() {
  %a = arith.constant dense<[0.0, 2.0, 0xFF800000, 0x7F800000]> : vector<4xf32>
  %r = enigma.exp10 %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @exp10_scalar()
// CHECK-NEXT: %[[R:.*]] = arith.constant 3.1622777 : f32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @exp10_scalar() {
  %a = arith.constant 0.5 : f32
  %r = enigma.exp10 %a : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// 65504 is the largest f16.
// CHECK-LABEL: enigma.kernel @exp10_f16_overflow()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0x7C00 : f16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @exp10_f16_overflow() {
  %a = arith.constant 5.0 : f16
  %r = enigma.exp10 %a : f16
  "test.use"(%r) : (f16) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @exp10_nan()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0x7FC00000 : f32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @exp10_nan() {
  %a = arith.constant 0x7FC00000 : f32
  %r = enigma.exp10 %a : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// sinpi, cospi, tanpi: exact at multiples of a half.

// CHECK-LABEL: enigma.kernel @sinpi()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.000000e+00, 0.000000e+00, 1.000000e+00, -0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @sinpi() {
  %a = arith.constant dense<[0.5, 1.0, -1.5, -0.0]> : vector<4xf32>
  %r = enigma.sinpi %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @sinpi_large()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, -0.000000e+00]> : vector<2xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @sinpi_large() {
  %a = arith.constant dense<[16777216.0, -3.0]> : vector<2xf32>
  %r = enigma.sinpi %a : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// There is no sine of an infinity.
// CHECK-LABEL: enigma.kernel @sinpi_infinity()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<0x7FC00000> : vector<2xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @sinpi_infinity() {
  %a = arith.constant dense<[0x7F800000, 0xFF800000]> : vector<2xf32>
  %r = enigma.sinpi %a : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @cospi()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, -1.000000e+00, 0.000000e+00, 1.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @cospi() {
  %a = arith.constant dense<[0.5, 1.0, -1.5, -0.0]> : vector<4xf32>
  %r = enigma.cospi %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @tanpi()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0x7F800000, 0xFF800000, 0.000000e+00, -0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @tanpi() {
  %a = arith.constant dense<[0.5, 1.5, -1.0, -0.0]> : vector<4xf32>
  %r = enigma.tanpi %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @tanpi_bf16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 1.000000e+00 : bf16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @tanpi_bf16() {
  %a = arith.constant 0.25 : bf16
  %r = enigma.tanpi %a : bf16
  "test.use"(%r) : (bf16) -> ()
  enigma.return
}

// saturate

// CHECK-LABEL: enigma.kernel @saturate()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, 2.500000e-01, 1.000000e+00, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @saturate() {
  %a = arith.constant dense<[-1.0, 0.25, 2.0, -0.0]> : vector<4xf32>
  %r = enigma.saturate %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @saturate_special()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, 0.000000e+00, 1.000000e+00, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @saturate_special() {
  %a = arith.constant dense<[0x7FC00000, 0xFFC00000, 0x7F800000, 0xFF800000]> : vector<4xf32>
  %r = enigma.saturate %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// sign

// CHECK-LABEL: enigma.kernel @sign()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-1.000000e+00, 1.000000e+00, -0.000000e+00, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @sign() {
  %a = arith.constant dense<[-3.0, 5.0, -0.0, 0.0]> : vector<4xf32>
  %r = enigma.sign %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @sign_special()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, 0.000000e+00, 1.000000e+00, -1.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @sign_special() {
  %a = arith.constant dense<[0x7FC00000, 0xFFC00000, 0x7F800000, 0xFF800000]> : vector<4xf32>
  %r = enigma.sign %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// fract

// CHECK-LABEL: enigma.kernel @fract()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[2.500000e-01, 7.500000e-01, 0.000000e+00, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fract() {
  %a = arith.constant dense<[1.25, -1.25, -0.0, 3.0]> : vector<4xf32>
  %r = enigma.fract %a : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// x - floor(x) rounds to 1.
// CHECK-LABEL: enigma.kernel @fract_below_one()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0.99999994 : f32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fract_below_one() {
  %a = arith.constant -1.0e-30 : f32
  %r = enigma.fract %a : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @fract_f16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 9.995110e-01 : f16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fract_f16() {
  %a = arith.constant -1.0e-7 : f16
  %r = enigma.fract %a : f16
  "test.use"(%r) : (f16) -> ()
  enigma.return
}

// Computed in f32, and rounded to 1 afterwards.
// CHECK-LABEL: enigma.kernel @fract_bf16()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.000000e+00, 1.000000e+00, 9.960930e-01, 7.500000e-01]> : vector<4xbf16>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fract_bf16() {
  %a = arith.constant dense<[-1.0e-30, -0.001, -0.00390625, -1.25]> : vector<4xbf16>
  %r = enigma.fract %a : vector<4xbf16>
  "test.use"(%r) : (vector<4xbf16>) -> ()
  enigma.return
}

// Of 1, which the inner one may give in bf16, the outer one gives 0.
// CHECK-LABEL: enigma.kernel @fract_of_fract_bf16(
// CHECK-COUNT-2: enigma.fract
enigma.kernel @fract_of_fract_bf16(%x: bf16 {enigma.index = 0 : i32}) {
  %a = enigma.fract %x : bf16
  %r = enigma.fract %a : bf16
  "test.use"(%r) : (bf16) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @fract_nan()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0x7FC00000 : f32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fract_nan() {
  %a = arith.constant 0x7FC00000 : f32
  %r = enigma.fract %a : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @fract_infinity()
// CHECK: enigma.fract 
enigma.kernel @fract_infinity() {
  %a = arith.constant 0x7F800000 : f32
  %r = enigma.fract %a : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// Undefined in one lane.
// CHECK-LABEL: enigma.kernel @fract_vector_infinity()
// CHECK: enigma.fract 
enigma.kernel @fract_vector_infinity() {
  %a = arith.constant dense<[1.5, 0xFF800000]> : vector<2xf32>
  %r = enigma.fract %a : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// powr

// CHECK-LABEL: enigma.kernel @powr()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.024000e+03, 3.000000e+00, 0.000000e+00, 1.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @powr() {
  %a = arith.constant dense<[2.0, 9.0, 0.0, 1.0]> : vector<4xf32>
  %b = arith.constant dense<[10.0, 0.5, 2.0, -7.0]> : vector<4xf32>
  %r = enigma.powr %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_bf16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 2.430000e+02 : bf16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @powr_bf16() {
  %a = arith.constant 3.0 : bf16
  %b = arith.constant 5.0 : bf16
  %r = enigma.powr %a, %b : bf16
  "test.use"(%r) : (bf16) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_negative()
// CHECK: enigma.powr 
enigma.kernel @powr_negative() {
  %a = arith.constant -2.0 : f32
  %b = arith.constant 2.0 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_zero_to_zero()
// CHECK: enigma.powr 
enigma.kernel @powr_zero_to_zero() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant 0.0 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_zero_to_negative()
// CHECK: enigma.powr 
enigma.kernel @powr_zero_to_negative() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant -1.0 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_infinity()
// CHECK: enigma.powr 
enigma.kernel @powr_infinity() {
  %a = arith.constant 0x7F800000 : f32
  %b = arith.constant 0.0 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_one_to_infinity()
// CHECK: enigma.powr 
enigma.kernel @powr_one_to_infinity() {
  %a = arith.constant 1.0 : f32
  %b = arith.constant 0x7F800000 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @powr_nan()
// CHECK: enigma.powr 
enigma.kernel @powr_nan() {
  %a = arith.constant 0x7FC00000 : f32
  %b = arith.constant 0.0 : f32
  %r = enigma.powr %a, %b : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// fdim

// CHECK-LABEL: enigma.kernel @fdim()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[2.000000e+00, 0.000000e+00, 5.000000e-01, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fdim() {
  %a = arith.constant dense<[3.0, 1.0, -1.0, 2.0]> : vector<4xf32>
  %b = arith.constant dense<[1.0, 3.0, -1.5, 2.0]> : vector<4xf32>
  %r = enigma.fdim %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @fdim_special()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0x7FC00000, 0x7FC00000, 0.000000e+00, 0x7F800000]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @fdim_special() {
  %a = arith.constant dense<[0x7FC00000, 1.0, 0x7F800000, 0x7F800000]> : vector<4xf32>
  %b = arith.constant dense<[1.0, 0x7FC00000, 0x7F800000, 0xFF800000]> : vector<4xf32>
  %r = enigma.fdim %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// step

// CHECK-LABEL: enigma.kernel @step()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @step() {
  %a = arith.constant dense<[1.0, 1.0, 1.0, -0.0]> : vector<4xf32>
  %b = arith.constant dense<[0.5, 1.0, 2.0, 0.0]> : vector<4xf32>
  %r = enigma.step %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// NaN is not below an edge.
// CHECK-LABEL: enigma.kernel @step_nan()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<1.000000e+00> : vector<2xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @step_nan() {
  %a = arith.constant dense<[0x7FC00000, 1.0]> : vector<2xf32>
  %b = arith.constant dense<[1.0, 0x7FC00000]> : vector<2xf32>
  %r = enigma.step %a, %b : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// mix

// CHECK-LABEL: enigma.kernel @mix()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 2.500000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @mix() {
  %a = arith.constant dense<[1.0, 1.0, 1.0, 0.0]> : vector<4xf32>
  %b = arith.constant dense<[3.0, 3.0, 3.0, 10.0]> : vector<4xf32>
  %c = arith.constant dense<[0.0, 0.5, 1.0, 0.25]> : vector<4xf32>
  %r = enigma.mix %a, %b, %c : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mix_f16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 1.000000e+00 : f16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @mix_f16() {
  %a = arith.constant 0.0 : f16
  %b = arith.constant 8.0 : f16
  %c = arith.constant 0.125 : f16
  %r = enigma.mix %a, %b, %c : f16
  "test.use"(%r) : (f16) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @mix_above()
// CHECK: enigma.mix 
enigma.kernel @mix_above() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant 8.0 : f32
  %c = arith.constant 1.5 : f32
  %r = enigma.mix %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mix_below()
// CHECK: enigma.mix 
enigma.kernel @mix_below() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant 8.0 : f32
  %c = arith.constant -0.5 : f32
  %r = enigma.mix %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mix_nan()
// CHECK: enigma.mix 
enigma.kernel @mix_nan() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant 8.0 : f32
  %c = arith.constant 0x7FC00000 : f32
  %r = enigma.mix %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// The largest, the smallest and the middle one of three.

// CHECK-LABEL: enigma.kernel @three()
// CHECK-DAG: %[[MAX:.*]] = arith.constant dense<[3.000000e+00, 5.000000e-01, 2.000000e+00]> : vector<3xf32>
// CHECK-DAG: %[[MIN:.*]] = arith.constant dense<[-2.000000e+00, -1.000000e+00, 2.000000e+00]> : vector<3xf32>
// CHECK-DAG: %[[MIDDLE:.*]] = arith.constant dense<[1.000000e+00, 0.000000e+00, 2.000000e+00]> : vector<3xf32>
// CHECK: "test.use"(%[[MAX]], %[[MIN]], %[[MIDDLE]])
enigma.kernel @three() {
  %a = arith.constant dense<[1.0, 0.5, 2.0]> : vector<3xf32>
  %b = arith.constant dense<[3.0, -1.0, 2.0]> : vector<3xf32>
  %c = arith.constant dense<[-2.0, 0.0, 2.0]> : vector<3xf32>
  %0 = enigma.fmax3 %a, %b, %c : vector<3xf32>
  %1 = enigma.fmin3 %a, %b, %c : vector<3xf32>
  %2 = enigma.fmedian3 %a, %b, %c : vector<3xf32>
  "test.use"(%0, %1, %2) : (vector<3xf32>, vector<3xf32>, vector<3xf32>) -> ()
  enigma.return
}

// A NaN is neither the largest nor the smallest; a middle one there is not.

// CHECK-LABEL: enigma.kernel @three_with_nan()
// CHECK-DAG: %[[LARGE:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG: %[[SMALL:.*]] = arith.constant 1.000000e+00 : f32
// CHECK: %[[MIDDLE:.*]] = enigma.fmedian3
// CHECK: "test.use"(%[[LARGE]], %[[SMALL]], %[[MIDDLE]])
enigma.kernel @three_with_nan() {
  %a = arith.constant 1.0 : f32
  %b = arith.constant 0x7FC00000 : f32
  %c = arith.constant 2.0 : f32
  %0 = enigma.fmax3 %a, %b, %c : f32
  %1 = enigma.fmin3 %a, %b, %c : f32
  %2 = enigma.fmedian3 %a, %b, %c : f32
  "test.use"(%0, %1, %2) : (f32, f32, f32) -> ()
  enigma.return
}

// smoothstep

// CHECK-LABEL: enigma.kernel @smoothstep()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0.000000e+00, 5.000000e-01, 1.000000e+00, 1.562500e-01]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @smoothstep() {
  %a = arith.constant dense<[0.0, 0.0, 0.0, 0.0]> : vector<4xf32>
  %b = arith.constant dense<[2.0, 2.0, 2.0, 2.0]> : vector<4xf32>
  %c = arith.constant dense<[-1.0, 1.0, 3.0, 0.5]> : vector<4xf32>
  %r = enigma.smoothstep %a, %b, %c : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @smoothstep_equal_edges()
// CHECK: enigma.smoothstep 
enigma.kernel @smoothstep_equal_edges() {
  %a = arith.constant 1.0 : f32
  %b = arith.constant 1.0 : f32
  %c = arith.constant 1.0 : f32
  %r = enigma.smoothstep %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @smoothstep_reversed_edges()
// CHECK: enigma.smoothstep 
enigma.kernel @smoothstep_reversed_edges() {
  %a = arith.constant 2.0 : f32
  %b = arith.constant 1.0 : f32
  %c = arith.constant 1.0 : f32
  %r = enigma.smoothstep %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @smoothstep_nan()
// CHECK: enigma.smoothstep 
enigma.kernel @smoothstep_nan() {
  %a = arith.constant 0.0 : f32
  %b = arith.constant 1.0 : f32
  %c = arith.constant 0x7FC00000 : f32
  %r = enigma.smoothstep %a, %b, %c : f32
  "test.use"(%r) : (f32) -> ()
  enigma.return
}

// signbit

// CHECK-LABEL: enigma.kernel @signbit()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[true, false, true, false]> : vector<4xi1>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @signbit() {
  %a = arith.constant dense<[-1.0, 0.0, -0.0, 0x7F800000]> : vector<4xf32>
  %r = enigma.signbit %a : vector<4xf32>
  "test.use"(%r) : (vector<4xi1>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @signbit_nan()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[false, true]> : vector<2xi1>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @signbit_nan() {
  %a = arith.constant dense<[0x7FC0, 0xFFC0]> : vector<2xbf16>
  %r = enigma.signbit %a : vector<2xbf16>
  "test.use"(%r) : (vector<2xi1>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @signbit_scalar()
// CHECK-NEXT: %[[R:.*]] = arith.constant true
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @signbit_scalar() {
  %a = arith.constant 0xFC00 : f16
  %r = enigma.signbit %a : f16
  "test.use"(%r) : (i1) -> ()
  enigma.return
}

// floormod of integers: the sign is that of the divisor.

// CHECK-LABEL: enigma.kernel @floormod()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1, 2, -2, -1]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod() {
  %a = arith.constant dense<[7, -7, 7, -7]> : vector<4xi32>
  %b = arith.constant dense<[3, 3, -3, -3]> : vector<4xi32>
  %r = enigma.floormod %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_exact()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<0> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_exact() {
  %a = arith.constant dense<[6, -6, 6, -6]> : vector<4xi32>
  %b = arith.constant dense<[3, 3, -3, -3]> : vector<4xi32>
  %r = enigma.floormod %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// The quotient of the smallest number and -1 does not fit.
// CHECK-LABEL: enigma.kernel @floormod_smallest()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0, 2147483646]> : vector<2xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_smallest() {
  %a = arith.constant dense<[-2147483648, -2147483648]> : vector<2xi32>
  %b = arith.constant dense<[-1, 2147483647]> : vector<2xi32>
  %r = enigma.floormod %a, %b : vector<2xi32>
  "test.use"(%r) : (vector<2xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_largest()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-1, -2147483647]> : vector<2xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_largest() {
  %a = arith.constant dense<[2147483647, 1]> : vector<2xi32>
  %b = arith.constant dense<[-2147483648, -2147483648]> : vector<2xi32>
  %r = enigma.floormod %a, %b : vector<2xi32>
  "test.use"(%r) : (vector<2xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_i8()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_i8() {
  %a = arith.constant -128 : i8
  %b = arith.constant -1 : i8
  %r = enigma.floormod %a, %b : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_i64()
// CHECK-NEXT: %[[R:.*]] = arith.constant 2 : i64
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_i64() {
  %a = arith.constant -9223372036854775808 : i64
  %b = arith.constant 10 : i64
  %r = enigma.floormod %a, %b : i64
  "test.use"(%r) : (i64) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_index()
// CHECK-NEXT: %[[R:.*]] = arith.constant 7 : index
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_index() {
  %a = arith.constant -1 : index
  %b = arith.constant 8 : index
  %r = enigma.floormod %a, %b : index
  "test.use"(%r) : (index) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @floormod_zero()
// CHECK: enigma.floormod 
enigma.kernel @floormod_zero() {
  %a = arith.constant 5 : i32
  %b = arith.constant 0 : i32
  %r = enigma.floormod %a, %b : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_zero_lane()
// CHECK: enigma.floormod 
enigma.kernel @floormod_zero_lane() {
  %a = arith.constant dense<[5, 5]> : vector<2xi32>
  %b = arith.constant dense<[2, 0]> : vector<2xi32>
  %r = enigma.floormod %a, %b : vector<2xi32>
  "test.use"(%r) : (vector<2xi32>) -> ()
  enigma.return
}

// floormod of floats

// CHECK-LABEL: enigma.kernel @floormod_float()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.500000e+00, 5.000000e-01, -5.000000e-01, -1.500000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float() {
  %a = arith.constant dense<[5.5, -5.5, 5.5, -5.5]> : vector<4xf32>
  %b = arith.constant dense<[2.0, 2.0, -2.0, -2.0]> : vector<4xf32>
  %r = enigma.floormod %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// A zero takes the sign of the divisor too.
// CHECK-LABEL: enigma.kernel @floormod_float_zero_result()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-0.000000e+00, 0.000000e+00, -0.000000e+00, 0.000000e+00]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float_zero_result() {
  %a = arith.constant dense<[4.0, -4.0, 0.0, -0.0]> : vector<4xf32>
  %b = arith.constant dense<[-2.0, 2.0, -1.0, 1.0]> : vector<4xf32>
  %r = enigma.floormod %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_float_infinity()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[5.000000e+00, 0x7F800000, 0x7FC00000, 0xFF800000]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float_infinity() {
  %a = arith.constant dense<[5.0, -5.0, 0x7F800000, 1.0]> : vector<4xf32>
  %b = arith.constant dense<[0x7F800000, 0x7F800000, 2.0, 0xFF800000]> : vector<4xf32>
  %r = enigma.floormod %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_float_zero()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<0x7FC00000> : vector<2xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float_zero() {
  %a = arith.constant dense<[1.0, 0.0]> : vector<2xf32>
  %b = arith.constant dense<[0.0, 0.0]> : vector<2xf32>
  %r = enigma.floormod %a, %b : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_float_nan()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<0x7FC00000> : vector<2xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float_nan() {
  %a = arith.constant dense<[0x7FC00000, 1.0]> : vector<2xf32>
  %b = arith.constant dense<[1.0, 0x7FC00000]> : vector<2xf32>
  %r = enigma.floormod %a, %b : vector<2xf32>
  "test.use"(%r) : (vector<2xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_f16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 2.000000e+00 : f16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_f16() {
  %a = arith.constant -1.0 : f16
  %b = arith.constant 3.0 : f16
  %r = enigma.floormod %a, %b : f16
  "test.use"(%r) : (f16) -> ()
  enigma.return
}

// floordiv and floormod of floats: as NumPy, whose quotients are not the floors
// of rounded ones.

// CHECK-LABEL: enigma.kernel @floordiv()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[9.000000e+00, -4.000000e+00, -0.000000e+00, 0x7F800000]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floordiv() {
  %a = arith.constant dense<[1.0, -7.0, -0.0, 5.0]> : vector<4xf32>
  %b = arith.constant dense<[0.1, 2.0, 3.0, 0.0]> : vector<4xf32>
  %r = enigma.floordiv %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floordiv_infinity()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-1.000000e+00, 0.000000e+00, 0x7FC00000]> : vector<3xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floordiv_infinity() {
  %a = arith.constant dense<[-5.0, 5.0, 0x7F800000]> : vector<3xf32>
  %b = arith.constant dense<[0x7F800000, 0x7F800000, 2.0]> : vector<3xf32>
  %r = enigma.floordiv %a, %b : vector<3xf32>
  "test.use"(%r) : (vector<3xf32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @floormod_float_ends()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1.000000e+00, -0.000000e+00, 0x7F800000, 0x7FC00000]> : vector<4xf32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floormod_float_ends() {
  %a = arith.constant dense<[-7.0, 6.0, -5.0, 1.0]> : vector<4xf32>
  %b = arith.constant dense<[2.0, -3.0, 0x7F800000, 0.0]> : vector<4xf32>
  %r = enigma.floormod %a, %b : vector<4xf32>
  "test.use"(%r) : (vector<4xf32>) -> ()
  enigma.return
}

// The quotient of single precision, rounded once.
// CHECK-LABEL: enigma.kernel @floordiv_f16()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0x7C00 : f16
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @floordiv_f16() {
  %a = arith.constant 6.000000e+04 : f16
  %b = arith.constant 1.250000e-01 : f16
  %r = enigma.floordiv %a, %b : f16
  "test.use"(%r) : (f16) -> ()
  enigma.return
}
