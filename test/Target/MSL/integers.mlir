// RUN: enigma-translate --enigma-to-msl --split-input-file %s | FileCheck %s

#device = #enigma.address_space<device>

// Casts stand where the signedness of an operation differs from its operand's.

// CHECK-LABEL: kernel void signs(
enigma.kernel @signs(
    %S: memref<?xi32, #device> {enigma.name = "S", enigma.index = 0 : i32, enigma.dtype = si32},
    %U: memref<?xi32, #device> {enigma.name = "U", enigma.index = 1 : i32, enigma.dtype = ui32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32},
    %m: i32 {enigma.name = "m", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %i0 = arith.constant 0 : index
  %c-1 = arith.constant -1 : i32
  %c3 = arith.constant 3 : i32
  %cmin = arith.constant -2147483648 : i32
  // CHECK: S[0] = n / 3;
  %a = arith.divsi %n, %c3 : i32
  memref.store %a, %S[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = uint(n) / 3;
  %b = arith.divui %n, %c3 : i32
  memref.store %b, %U[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = int(m) % n;
  %c = arith.remsi %m, %n : i32
  memref.store %c, %S[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = m + n;
  %d = arith.addi %m, %n : i32
  memref.store %d, %S[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = int(m) >> 3;
  %e = arith.shrsi %m, %c3 : i32
  memref.store %e, %S[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = max(int(m), n);
  %f = arith.maxsi %m, %n : i32
  memref.store %f, %S[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = min(m, 3u);
  %g = arith.minui %m, %c3 : i32
  memref.store %g, %U[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = m - 1;
  %h = arith.addi %m, %c-1 : i32
  memref.store %h, %U[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = m + 0x9e3779b9u;
  %golden = arith.constant -1640531527 : i32
  %h1 = arith.addi %m, %golden : i32
  memref.store %h1, %U[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = m ^ 0xffffffffu;
  %k = arith.xori %m, %c-1 : i32
  memref.store %k, %U[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = INT_MIN;
  memref.store %cmin, %S[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = 0x80000000u;
  memref.store %cmin, %U[%i0] : memref<?xi32, #device>
  // CHECK: U[0] = abs(int(m));
  %l = math.absi %m : i32
  memref.store %l, %U[%i0] : memref<?xi32, #device>
  // CHECK: S[0] = -n;
  %zero = arith.constant 0 : i32
  %neg = arith.subi %zero, %n overflow<nsw> : i32
  memref.store %neg, %S[%i0] : memref<?xi32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Small integers are promoted to `int`: results are cut to their width where
// the upper bits would matter, and nowhere else.

// CHECK-LABEL: kernel void promotion(
enigma.kernel @promotion(
    %A: memref<?xi8, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = ui8},
    %B: memref<?xi16, #device> {enigma.name = "B", enigma.index = 1 : i32, enigma.dtype = ui16},
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 2 : i32},
    %I: memref<?xi32, #device> {enigma.name = "I", enigma.index = 3 : i32, enigma.dtype = ui32},
    %x: i8 {enigma.name = "x", enigma.index = 4 : i32, enigma.dtype = ui8},
    %y: i8 {enigma.name = "y", enigma.index = 5 : i32, enigma.dtype = ui8},
    %u: i16 {enigma.name = "u", enigma.index = 6 : i32, enigma.dtype = ui16},
    %v: i16 {enigma.name = "v", enigma.index = 7 : i32, enigma.dtype = ui16}) {
  %i0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i8
  %c2 = arith.constant 2 : i8
  %s = arith.addi %x, %y : i8
  // CHECK: A[0] = x + y;
  memref.store %s, %A[%i0] : memref<?xi8, #device>
  %p = arith.addi %x, %y : i8
  %half = arith.shrui %p, %c1 : i8
  // CHECK: A[0] = uchar(x + y) >> 1;
  memref.store %half, %A[%i0] : memref<?xi8, #device>
  %q = arith.subi %x, %y : i8
  %f = arith.uitofp %q : i8 to f32
  // CHECK: F[0] = float(uchar(x - y));
  memref.store %f, %F[%i0] : memref<?xf32, #device>
  %r = arith.subi %x, %y : i8
  %w = arith.extui %r : i8 to i32
  // CHECK: I[0] = uchar(x - y);
  memref.store %w, %I[%i0] : memref<?xi32, #device>
  %less = arith.cmpi ult, %x, %y : i8
  %min = arith.minui %x, %c2 : i8
  %sel = arith.select %less, %x, %min : i8
  // CHECK: A[0] = x < y ? x : min(x, uchar(2));
  memref.store %sel, %A[%i0] : memref<?xi8, #device>
  // The product of two `ushort` may not fit `int`.
  %wu = arith.extui %u : i16 to i32
  %wv = arith.extui %v : i16 to i32
  %prod = arith.muli %wu, %wv : i32
  // CHECK: I[0] = uint(u) * v;
  memref.store %prod, %I[%i0] : memref<?xi32, #device>
  // So may a number that is shifted, but that of an `uchar` does.
  %c15 = arith.constant 15 : i16
  %c7 = arith.constant 7 : i8
  %shu = arith.shli %u, %c15 : i16
  %shuv = arith.muli %shu, %v : i16
  // CHECK: B[0] = uint(u << 15) * v;
  memref.store %shuv, %B[%i0] : memref<?xi16, #device>
  %shx = arith.shli %x, %c7 : i8
  %shxy = arith.muli %shx, %y : i8
  // CHECK: A[0] = (x << 7) * y;
  memref.store %shxy, %A[%i0] : memref<?xi8, #device>
  %c25 = arith.constant 25 : i32
  %wx = arith.extui %x : i8 to i32
  %shw = arith.shli %wx, %c25 : i32
  // CHECK: I[0] = uint(x) << 25;
  memref.store %shw, %I[%i0] : memref<?xi32, #device>
  // A named value is cut by its type.
  %n = arith.muli %u, %v : i16 loc("n"("k.py":3:3))
  %cmp = arith.cmpi ugt, %n, %u : i16
  %wide = arith.extui %cmp : i1 to i32
  // CHECK: ushort n = uint(u) * v;
  // CHECK: I[0] = uint(n > u);
  memref.store %wide, %I[%i0] : memref<?xi32, #device>
  %t = arith.trunci %wu : i32 to i8
  // CHECK: A[0] = u;
  memref.store %t, %A[%i0] : memref<?xi8, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Long integers: an operand is widened where C++ would compute in 32 bits.

// CHECK-LABEL: kernel void wide(
enigma.kernel @wide(
    %A: memref<?xi64, #device> {enigma.name = "A", enigma.index = 0 : i32, enigma.dtype = si64},
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32},
    %m: i32 {enigma.name = "m", enigma.index = 3 : i32, enigma.dtype = ui32},
    %k: i64 {enigma.name = "k", enigma.index = 4 : i32, enigma.dtype = si64}) {
  %i0 = arith.constant 0 : index
  %c7 = arith.constant 7 : i64
  %big = arith.constant 5000000000 : i64
  %min = arith.constant -9223372036854775808 : i64
  %wn = arith.extsi %n : i32 to i64
  %wm = arith.extui %m : i32 to i64
  // CHECK: A[0] = n;
  memref.store %wn, %A[%i0] : memref<?xi64, #device>
  %a = arith.addi %wn, %k overflow<nsw> : i64
  // CHECK: A[0] = n + k;
  memref.store %a, %A[%i0] : memref<?xi64, #device>
  %b = arith.muli %wm, %wm : i64
  // CHECK: A[0] = ulong(m) * m;
  memref.store %b, %A[%i0] : memref<?xi64, #device>
  %c = arith.shli %wm, %c7 : i64
  // CHECK: A[0] = ulong(m) << 7;
  memref.store %c, %A[%i0] : memref<?xi64, #device>
  %d = arith.addi %k, %big overflow<nsw> : i64
  // CHECK: A[0] = k + 5000000000l;
  memref.store %d, %A[%i0] : memref<?xi64, #device>
  // CHECK: A[0] = LONG_MIN;
  memref.store %min, %A[%i0] : memref<?xi64, #device>
  %e = arith.maxsi %k, %c7 : i64
  // CHECK: A[0] = max(k, 7l);
  memref.store %e, %A[%i0] : memref<?xi64, #device>
  // Subscripts are extended by the type of their text.
  %i = arith.index_cast %n : i32 to index
  %j = arith.index_castui %m : i32 to index
  %c4 = arith.constant 4 : index
  %ij = arith.muli %i, %c4 : index
  %x = memref.load %F[%i] : memref<?xf32, #device>
  // CHECK: F[m] = F[n];
  memref.store %x, %F[%j] : memref<?xf32, #device>
  // CHECK: F[0] = F[long(n) * 4];
  %y = memref.load %F[%ij] : memref<?xf32, #device>
  memref.store %y, %F[%i0] : memref<?xf32, #device>
  // CHECK: F[int(m)] = F[uint(n)];
  %mi = arith.index_cast %m : i32 to index
  %ni = arith.index_castui %n : i32 to index
  %z = memref.load %F[%ni] : memref<?xf32, #device>
  memref.store %z, %F[%mi] : memref<?xf32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// A local is signed or not as what computes it is, however it is used.

// CHECK-LABEL: kernel void locals(
enigma.kernel @locals(
    %A: memref<?xf32, #device> {enigma.name = "A", enigma.index = 0 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = si32}) {
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  // CHECK: constant int& n
  // CHECK: uint i
  %tid = enigma.thread_position_in_grid x : i32 loc("i"("k.py":3:3))
  // CHECK: int j = i - 1;
  // CHECK: uint k = i - 1;
  // CHECK: if (j < n) {
  // CHECK: A[j] = 0.0f;
  %j = arith.subi %tid, %c1 overflow<nsw> : i32 loc("j"("k.py":4:3))
  %wrapped = arith.subi %tid, %c1 : i32 loc("k"("k.py":4:3))
  %in = arith.cmpi slt, %j, %n : i32
  scf.if %in {
    %k = arith.index_cast %j : i32 to index
    memref.store %zero, %A[%k] : memref<?xf32, #device>
  }
  // CHECK: if (int(k) < n) {
  // CHECK: A[int(i)] = 0.0f;
  %in2 = arith.cmpi slt, %wrapped, %n : i32
  scf.if %in2 {
    %i = arith.index_cast %tid : i32 to index
    memref.store %zero, %A[%i] : memref<?xf32, #device>
  }
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// Arithmetic that may overflow is computed in unsigned numbers, which wrap; that
// which does not, in signed ones. A variable has the sign of what it is assigned.

// CHECK-LABEL: kernel void wrapping(
enigma.kernel @wrapping(
    %S: memref<?xi32, #device> {enigma.name = "S", enigma.index = 0 : i32, enigma.dtype = si32},
    %L: memref<?xi64, #device> {enigma.name = "L", enigma.index = 1 : i32, enigma.dtype = si64},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32},
    %k: i64 {enigma.name = "k", enigma.index = 3 : i32, enigma.dtype = si64}) {
  %i0 = arith.constant 0 : index
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c5 = arith.constant 5 : i32
  %cm3 = arith.constant -3 : i32
  %a = arith.addi %n, %n : i32
  // CHECK: S[0] = uint(n) + n;
  memref.store %a, %S[%i0] : memref<?xi32, #device>
  %b = arith.addi %n, %n overflow<nsw> : i32
  // CHECK: S[0] = n + n;
  memref.store %b, %S[%i0] : memref<?xi32, #device>
  %c = arith.subi %c5, %n : i32
  // CHECK: S[0] = 5 - uint(n);
  memref.store %c, %S[%i0] : memref<?xi32, #device>
  %d = arith.subi %c0, %n : i32
  // CHECK: S[0] = -uint(n);
  memref.store %d, %S[%i0] : memref<?xi32, #device>
  %e = arith.muli %n, %cm3 : i32
  // CHECK: S[0] = n * 0xfffffffdu;
  memref.store %e, %S[%i0] : memref<?xi32, #device>
  %f = arith.muli %k, %k : i64
  // CHECK: L[0] = ulong(k) * k;
  memref.store %f, %L[%i0] : memref<?xi64, #device>
  %wide = arith.extsi %n : i32 to i64
  %g = arith.muli %wide, %wide : i64
  // CHECK: L[0] = ulong(n) * n;
  memref.store %g, %L[%i0] : memref<?xi64, #device>
  // What a shift moves out is lost either way.
  %h = arith.shli %n, %c5 : i32
  // CHECK: S[0] = n << 5;
  memref.store %h, %S[%i0] : memref<?xi32, #device>
  %m = arith.shli %c1, %n : i32
  // CHECK: S[0] = 1 << n;
  memref.store %m, %S[%i0] : memref<?xi32, #device>
  // CHECK: uint x = 12345;
  // CHECK: x = x * 1664525 + 1013904223;
  %seed = arith.constant 12345 : i32
  %factor = arith.constant 1664525 : i32
  %addend = arith.constant 1013904223 : i32
  %x = scf.for %i = %c0 to %n step %c1 iter_args(%x = %seed) -> (i32) : i32 {
    %p = arith.muli %x, %factor : i32
    %s = arith.addi %p, %addend : i32
    scf.yield %s : i32
  } {enigma.names = ["x"]}
  memref.store %x, %S[%i0] : memref<?xi32, #device>
  enigma.return
}

// -----

#device = #enigma.address_space<device>

// CHECK-LABEL: kernel void booleans(
enigma.kernel @booleans(
    %P: memref<?xi1, #device> {enigma.name = "P", enigma.index = 0 : i32},
    %I: memref<?xi32, #device> {enigma.name = "I", enigma.index = 1 : i32, enigma.dtype = si32},
    %F: memref<?xf32, #device> {enigma.name = "F", enigma.index = 2 : i32},
    %a: i1 {enigma.name = "a", enigma.index = 3 : i32},
    %b: i1 {enigma.name = "b", enigma.index = 4 : i32},
    %x: f32 {enigma.name = "x", enigma.index = 5 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 6 : i32, enigma.dtype = si32}) {
  %i0 = arith.constant 0 : index
  %true = arith.constant true
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %and = arith.andi %a, %b : i1
  %lt = arith.cmpf olt, %x, %zero : f32
  %or = arith.ori %and, %lt : i1
  // CHECK: P[0] = (a && b) || x < 0.0f;
  memref.store %or, %P[%i0] : memref<?xi1, #device>
  %gt = arith.cmpi sgt, %n, %c1 : i32
  %gt2 = arith.cmpi slt, %n, %c1 : i32
  %any = arith.ori %gt, %gt2 : i1
  %none = arith.xori %any, %true : i1
  // CHECK: P[0] = n <= 1 && n >= 1;
  memref.store %none, %P[%i0] : memref<?xi1, #device>
  // The opposite of an order of floats is no order.
  %lt2 = arith.cmpf olt, %x, %zero : f32
  %not = arith.xori %lt2, %true : i1
  // CHECK: P[0] = !(x < 0.0f);
  memref.store %not, %P[%i0] : memref<?xi1, #device>
  %xor = arith.xori %a, %b : i1
  // CHECK: P[0] = a != b;
  memref.store %xor, %P[%i0] : memref<?xi1, #device>
  %ext = arith.extui %a : i1 to i32
  // CHECK: I[0] = int(a);
  memref.store %ext, %I[%i0] : memref<?xi32, #device>
  %sext = arith.extsi %a : i1 to i32
  // CHECK: I[0] = -int(a);
  memref.store %sext, %I[%i0] : memref<?xi32, #device>
  %f = arith.uitofp %b : i1 to f32
  // CHECK: F[0] = float(b);
  memref.store %f, %F[%i0] : memref<?xf32, #device>
  %low = arith.trunci %n : i32 to i1
  // CHECK: P[0] = (n & 1) != 0;
  memref.store %low, %P[%i0] : memref<?xi1, #device>
  // An order of booleans: what holds is 1, or -1 as a signed number.
  %below = arith.cmpi ult, %a, %b : i1
  // CHECK: P[0] = !a && b;
  memref.store %below, %P[%i0] : memref<?xi1, #device>
  %above = arith.cmpi sge, %a, %b : i1
  // CHECK: P[0] = !a || b;
  memref.store %above, %P[%i0] : memref<?xi1, #device>
  %signed = arith.cmpi slt, %a, %b : i1
  // CHECK: P[0] = a && !b;
  memref.store %signed, %P[%i0] : memref<?xi1, #device>
  enigma.return
}
