// RUN: enigma-translate --enigma-to-msl --split-input-file %s | FileCheck %s

// CHECK: #include <metal_stdlib>
// CHECK-NEXT: #include <metal_logging>
// CHECK-NEXT: using namespace metal;

// CHECK-LABEL: kernel void types(
enigma.kernel @types(
    %b: i1 {enigma.name = "b", enigma.index = 0 : i32},
    %c: i8 {enigma.name = "c", enigma.index = 1 : i32, enigma.dtype = si8},
    %us: i16 {enigma.name = "us", enigma.index = 2 : i32, enigma.dtype = ui16},
    %i: i32 {enigma.name = "i", enigma.index = 3 : i32, enigma.dtype = si32},
    %u: i32 {enigma.name = "u", enigma.index = 4 : i32, enigma.dtype = ui32},
    %l: i64 {enigma.name = "l", enigma.index = 5 : i32, enigma.dtype = si64},
    %ul: i64 {enigma.name = "ul", enigma.index = 6 : i32, enigma.dtype = ui64},
    %h: f16 {enigma.name = "h", enigma.index = 7 : i32},
    %bf: bf16 {enigma.name = "bf", enigma.index = 8 : i32},
    %f: f32 {enigma.name = "f", enigma.index = 9 : i32}) {
  // CHECK: os_log_default.log_info("%d %d %u", int(b), int(c), uint(us));
  enigma.print "{} {} {}"(%b, %c, %us) {dtypes = [i1, si8, ui16]} : (i1, i8, i16) -> ()
  // CHECK-NEXT: os_log_default.log_info("%d %u %ld %lu", i, u, l, ul);
  enigma.print "{} {} {} {}"(%i, %u, %l, %ul) {dtypes = [si32, ui32, si64, ui64]} : (i32, i32, i64, i64) -> ()
  // CHECK-NEXT: os_log_default.log_info("%g %g %g", float(h), float(bf), f);
  enigma.print "{} {} {}"(%h, %bf, %f) {dtypes = [f16, bf16, f32]} : (f16, bf16, f32) -> ()
  // CHECK-NEXT: os_log_default.log_info("%-8.3f|%+05d|% d|0x%06x|%lX", f, i, i, uint(uchar(c)), ulong(l));
  enigma.print "{:<8.3f}|{:+05d}|{: }|{:#08x}|{:>X}"(%f, %i, %i, %c, %l) {dtypes = [f32, si32, si32, si8, si64]} : (f32, i32, i32, i8, i64) -> ()
  // C has signs of signed numbers alone.
  // CHECK-NEXT: os_log_default.log_info("%+d|% 9ld|+%04lu| %-5lu", int(us), long(u), ul, ul);
  enigma.print "{:+}|{: 9}|{:+05}|{:< 6}"(%us, %u, %ul, %ul) {dtypes = [ui16, ui32, ui64, ui64]} : (i16, i32, i64, i64) -> ()
  // Percent signs, quotes, backslashes, trigraphs and letters beyond ASCII.
  // CHECK-NEXT: os_log_default.log_info("100%% \"{a}\" \\n ?\?= \303\2511\nend\001");
  enigma.print "100% \22{{a}}\22 \\n ??= \C3\A91\0Aend\01"() {dtypes = []} : () -> ()
  enigma.return
}

// CHECK-LABEL: kernel void assertion(
enigma.kernel @assertion(
    %i: i32 {enigma.name = "i", enigma.index = 0 : i32, enigma.dtype = si32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32},
    %f: f32 {enigma.name = "f", enigma.index = 2 : i32}) {
  // CHECK: if (i >= n) {
  // CHECK-NEXT: os_log_default.log_fault("i = %d", i);
  // CHECK-NEXT: }
  %p = arith.cmpi slt, %i, %n : i32
  enigma.assert %p, "i = {}"(%i) {dtypes = [si32]} : (i32) -> ()
  // What all threads do together stays out of the branch.
  // CHECK-NEXT: float t = simd_sum(f);
  // CHECK-NEXT: if (t == 0.0f) {
  // CHECK-NEXT: os_log_default.log_fault("%g %g", t, f * 2.0f);
  %sum = enigma.simd_sum %f : f32
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %q = arith.cmpf une, %sum, %zero : f32
  %twice = arith.mulf %f, %two : f32
  enigma.assert %q, "{} {}"(%sum, %twice) {dtypes = [f32, f32]} : (f32, f32) -> ()
  // CHECK-NEXT: }
  // CHECK-NEXT: {{^}$}}
  %true = arith.constant true
  enigma.assert %true, "never"() {dtypes = []} : () -> ()
  enigma.return
}

// -----

// CHECK: // Kernel text
// CHECK-NOT: metal_logging
// CHECK: using namespace metal;
// CHECK-EMPTY:
// CHECK-NEXT: inline float twice(float x) {
// CHECK-NEXT:     return x + x;
// CHECK-NEXT: }
// CHECK-EMPTY:
// CHECK-NEXT: kernel void text(
enigma.kernel @text(
    %A: memref<?xf32, #enigma.address_space<device>> {enigma.name = "A", enigma.index = 0 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 1 : i32},
    %twice: f32 {enigma.name = "twice", enigma.index = 2 : i32},
    %k: i32 {enigma.name = "k", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %tile = enigma.alloc : memref<4xf32, #enigma.address_space<threadgroup>>
  %c0 = arith.constant 0 : index
  // An operand has parentheses where it needs them; the kernel's own names are
  // no names of the text.
  // CHECK: A[0] = float(twice(x - twice_1));
  %d = arith.subf %x, %twice : f32
  %0 = enigma.inline_msl "twice({0})"(%d) {dtypes = [f32], result_dtype = f32, pure, header = "inline float twice(float x) {\0A    return x + x;\0A}\0A"} : (f32) -> f32
  memref.store %0, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  // What is read before text that may write it is read before.
  // CHECK-NEXT: float a = A[0];
  // CHECK-NEXT: {
  // CHECK-NEXT:     for (int k = 0; k < 4; ++k) {
  // CHECK-NEXT:         tile[k] = a * 0.5f;
  // CHECK-NEXT:     }
  // CHECK-NEXT: }
  // CHECK-NEXT: uint3 v = lanes(k_1);
  %a = memref.load %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.inline_msl "for (int k = 0; k < 4; ++k) {{\0A    {1}[k] = {0} * 0.5f;\0A}}"(%a, %tile) {dtypes = [f32, f32]} : (f32, memref<4xf32, #enigma.address_space<threadgroup>>) -> ()
  %v = enigma.inline_msl "lanes({0})"(%k) {dtypes = [ui32], result_dtype = ui32} : (i32) -> vector<3xi32> loc("v")
  %y = vector.extract %v[1] : i32 from vector<3xi32>
  // CHECK-NEXT: A[0] = float((k_1 + v.y) * 2);
  %s = arith.addi %k, %y : i32
  %w = enigma.inline_msl "{0} * 2"(%s) {dtypes = [ui32], result_dtype = f32, pure} : (i32) -> f32
  memref.store %w, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// Kernels of one file share a header.
// CHECK: int f(int x);
// CHECK-NOT: int f(int x);
enigma.kernel @first() {
  enigma.inline_msl "f(1);"() {dtypes = [], header = "int f(int x);"} : () -> ()
  enigma.return
}
