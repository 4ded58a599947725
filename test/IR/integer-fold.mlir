// RUN: enigma-opt %s --canonicalize --allow-unregistered-dialect | FileCheck %s

// A constant result is all that is left of a kernel, beside its use.

// CHECK-LABEL: enigma.kernel @reverse_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-2147483648, 1, 0, -1610612736]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @reverse_bits() {
  %a = arith.constant dense<[1, -2147483648, 0, 5]> : vector<4xi32>
  %r = enigma.reverse_bits %a : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @reverse_bits_i8()
// CHECK-NEXT: %[[R:.*]] = arith.constant 96 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @reverse_bits_i8() {
  %a = arith.constant 6 : i8
  %r = enigma.reverse_bits %a : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @reverse_bits_i64()
// CHECK-NEXT: %[[R:.*]] = arith.constant -9223372036854775808 : i64
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @reverse_bits_i64() {
  %a = arith.constant 1 : i64
  %r = enigma.reverse_bits %a : i64
  "test.use"(%r) : (i64) -> ()
  enigma.return
}

// By a number of bits modulo 32.
// CHECK-LABEL: enigma.kernel @rotate()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[16, 1, 3, 6]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @rotate() {
  %a = arith.constant dense<[1, -2147483648, 3, 3]> : vector<4xi32>
  %b = arith.constant dense<[4, 1, 32, 33]> : vector<4xi32>
  %r = enigma.rotate %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @rotate_negative()
// CHECK-NEXT: %[[R:.*]] = arith.constant -128 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @rotate_negative() {
  %a = arith.constant 1 : i8
  %b = arith.constant -1 : i8
  %r = enigma.rotate %a, %b : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// The distance of the extremes is an unsigned number.
// CHECK-LABEL: enigma.kernel @absdiff()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-1, -1, 2, 8]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @absdiff() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[-2147483648, 2147483647, 7, 3]> : vector<4xi32>
  %r = enigma.absdiff %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @absdiff_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1, 1, 2, -8]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @absdiff_unsigned() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[-2147483648, 2147483647, 7, 3]> : vector<4xi32>
  %r = enigma.absdiff unsigned %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @halves()
// CHECK-DAG: %[[DOWN:.*]] = arith.constant dense<[127, -1, 2, -128]> : vector<4xi8>
// CHECK-DAG: %[[UP:.*]] = arith.constant dense<[127, 0, 3, -127]> : vector<4xi8>
// CHECK-DAG: %[[DOWN_U:.*]] = arith.constant dense<[127, 127, 2, -128]> : vector<4xi8>
// CHECK-DAG: %[[UP_U:.*]] = arith.constant dense<[127, -128, 3, -127]> : vector<4xi8>
// CHECK: "test.use"(%[[DOWN]], %[[UP]], %[[DOWN_U]], %[[UP_U]])
enigma.kernel @halves() {
  %a = arith.constant dense<[127, -1, 2, -128]> : vector<4xi8>
  %b = arith.constant dense<[127, 0, 3, -127]> : vector<4xi8>
  %0 = enigma.hadd %a, %b : vector<4xi8>
  %1 = enigma.rhadd %a, %b : vector<4xi8>
  %2 = enigma.hadd unsigned %a, %b : vector<4xi8>
  %3 = enigma.rhadd unsigned %a, %b : vector<4xi8>
  "test.use"(%0, %1, %2, %3) : (vector<4xi8>, vector<4xi8>, vector<4xi8>, vector<4xi8>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @addsat()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[2147483647, -2147483648, 12, -2]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @addsat() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[1, -1, 7, 3]> : vector<4xi32>
  %r = enigma.addsat %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @addsat_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-2147483648, -1, 12, -2]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @addsat_unsigned() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[1, -1, 7, 3]> : vector<4xi32>
  %r = enigma.addsat unsigned %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @addsat_i8()
// CHECK-NEXT: %[[R:.*]] = arith.constant 127 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @addsat_i8() {
  %a = arith.constant 100 : i8
  %b = arith.constant 100 : i8
  %r = enigma.addsat %a, %b : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @subsat()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[2147483647, -2147483648, -2, -8]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @subsat() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[-1, 1, 7, 3]> : vector<4xi32>
  %r = enigma.subsat %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @subsat_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[0, 2147483647, 0, -8]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @subsat_unsigned() {
  %a = arith.constant dense<[2147483647, -2147483648, 5, -5]> : vector<4xi32>
  %b = arith.constant dense<[-1, 1, 7, 3]> : vector<4xi32>
  %r = enigma.subsat unsigned %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mulhi()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1073741824, -1073741824, 1, -1]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @mulhi() {
  %a = arith.constant dense<[-2147483648, -2147483648, 2147483647, -1]> : vector<4xi32>
  %b = arith.constant dense<[-2147483648, 2147483647, 4, 1]> : vector<4xi32>
  %r = enigma.mulhi %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mulhi_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1073741824, 1073741823, 1, 0]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @mulhi_unsigned() {
  %a = arith.constant dense<[-2147483648, -2147483648, 2147483647, -1]> : vector<4xi32>
  %b = arith.constant dense<[-2147483648, 2147483647, 4, 1]> : vector<4xi32>
  %r = enigma.mulhi unsigned %a, %b : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @mulhi_i64()
// CHECK-NEXT: %[[R:.*]] = arith.constant 4611686018427387904 : i64
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @mulhi_i64() {
  %a = arith.constant -9223372036854775808 : i64
  %b = arith.constant -9223372036854775808 : i64
  %r = enigma.mulhi %a, %b : i64
  "test.use"(%r) : (i64) -> ()
  enigma.return
}

// The sum wraps.
// CHECK-LABEL: enigma.kernel @madhi()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[1073741824, -1073741823, 0, 6]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madhi() {
  %a = arith.constant dense<[-2147483648, -2147483648, 2147483647, -1]> : vector<4xi32>
  %b = arith.constant dense<[2147483647, 2147483647, 4, 1]> : vector<4xi32>
  %c = arith.constant dense<[-2147483648, 1, -1, 7]> : vector<4xi32>
  %r = enigma.madhi %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @madhi_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[-1073741825, 1073741824, 0, 7]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madhi_unsigned() {
  %a = arith.constant dense<[-2147483648, -2147483648, 2147483647, -1]> : vector<4xi32>
  %b = arith.constant dense<[2147483647, 2147483647, 4, 1]> : vector<4xi32>
  %c = arith.constant dense<[-2147483648, 1, -1, 7]> : vector<4xi32>
  %r = enigma.madhi unsigned %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// Only the result saturates, not the product.
// CHECK-LABEL: enigma.kernel @madsat()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[2147483647, -2147483648, 4633, -7]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madsat() {
  %a = arith.constant dense<[65536, -65536, 46341, -3]> : vector<4xi32>
  %b = arith.constant dense<[65536, 65536, 46341, 4]> : vector<4xi32>
  %c = arith.constant dense<[-1, 1, -2147483648, 5]> : vector<4xi32>
  %r = enigma.madsat %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @madsat_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<-1> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madsat_unsigned() {
  %a = arith.constant dense<[65536, -65536, 46341, -3]> : vector<4xi32>
  %b = arith.constant dense<[65536, 65536, 46341, 4]> : vector<4xi32>
  %c = arith.constant dense<[-1, 1, -2147483648, 5]> : vector<4xi32>
  %r = enigma.madsat unsigned %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @madsat_i8()
// CHECK-NEXT: %[[R:.*]] = arith.constant 127 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madsat_i8() {
  %a = arith.constant -128 : i8
  %b = arith.constant -128 : i8
  %c = arith.constant -128 : i8
  %r = enigma.madsat %a, %b, %c : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @madsat_i64()
// CHECK-NEXT: %[[R:.*]] = arith.constant 9223372036854775807 : i64
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @madsat_i64() {
  %a = arith.constant 9223372036854775807 : i64
  %b = arith.constant 9223372036854775807 : i64
  %c = arith.constant 9223372036854775807 : i64
  %r = enigma.madsat %a, %b, %c : i64
  "test.use"(%r) : (i64) -> ()
  enigma.return
}

// The highest bit of the field is its sign.
// CHECK-LABEL: enigma.kernel @extract_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[127, -128, 18, -1]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @extract_bits() {
  %a = arith.constant dense<[32512, 32768, 4608, -1]> : vector<4xi32>
  %b = arith.constant 8 : i32
  %c = arith.constant 8 : i32
  %r = enigma.extract_bits %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @extract_bits_unsigned()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[127, 128, 18, 255]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @extract_bits_unsigned() {
  %a = arith.constant dense<[32512, 32768, 4608, -1]> : vector<4xi32>
  %b = arith.constant 8 : i32
  %c = arith.constant 8 : i32
  %r = enigma.extract_bits unsigned %a, %b, %c : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @extract_no_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant 0 : i32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @extract_no_bits() {
  %a = arith.constant -1 : i32
  %b = arith.constant 32 : i32
  %c = arith.constant 0 : i32
  %r = enigma.extract_bits %a, %b, %c : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @extract_all_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant -3 : i8
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @extract_all_bits() {
  %a = arith.constant -3 : i8
  %b = arith.constant 0 : i32
  %c = arith.constant 8 : i32
  %r = enigma.extract_bits unsigned %a, %b, %c : i8
  "test.use"(%r) : (i8) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @extract_outside()
// CHECK: enigma.extract_bits 
enigma.kernel @extract_outside() {
  %a = arith.constant -1 : i32
  %b = arith.constant 30 : i32
  %c = arith.constant 3 : i32
  %r = enigma.extract_bits %a, %b, %c : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @extract_far_outside()
// CHECK: enigma.extract_bits 
enigma.kernel @extract_far_outside() {
  %a = arith.constant -1 : i32
  %b = arith.constant -1 : i32
  %c = arith.constant -1 : i32
  %r = enigma.extract_bits %a, %b, %c : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @insert_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant dense<[65280, -65281, 305441656, 65280]> : vector<4xi32>
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @insert_bits() {
  %a = arith.constant dense<[0, -1, 305419896, 0]> : vector<4xi32>
  %b = arith.constant dense<[511, 0, 171, -1]> : vector<4xi32>
  %c = arith.constant 8 : i32
  %d = arith.constant 8 : i32
  %r = enigma.insert_bits %a, %b, %c, %d : vector<4xi32>
  "test.use"(%r) : (vector<4xi32>) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @insert_no_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant 5 : i32
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @insert_no_bits() {
  %a = arith.constant 5 : i32
  %b = arith.constant -1 : i32
  %c = arith.constant 0 : i32
  %d = arith.constant 0 : i32
  %r = enigma.insert_bits %a, %b, %c, %d : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @insert_all_bits()
// CHECK-NEXT: %[[R:.*]] = arith.constant -7 : i64
// CHECK-NEXT: "test.use"(%[[R]])
enigma.kernel @insert_all_bits() {
  %a = arith.constant 5 : i64
  %b = arith.constant -7 : i64
  %c = arith.constant 0 : i32
  %d = arith.constant 64 : i32
  %r = enigma.insert_bits %a, %b, %c, %d : i64
  "test.use"(%r) : (i64) -> ()
  enigma.return
}

// Undefined.
// CHECK-LABEL: enigma.kernel @insert_outside()
// CHECK: enigma.insert_bits 
enigma.kernel @insert_outside() {
  %a = arith.constant 0 : i32
  %b = arith.constant 1 : i32
  %c = arith.constant 31 : i32
  %d = arith.constant 2 : i32
  %r = enigma.insert_bits %a, %b, %c, %d : i32
  "test.use"(%r) : (i32) -> ()
  enigma.return
}

// Results that need no constant.

// CHECK-LABEL: enigma.kernel @identities
// CHECK-SAME: %x: i32
// CHECK-SAME: %y: i32
enigma.kernel @identities(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %y: i32 {enigma.name = "y", enigma.index = 1 : i32, enigma.dtype = si32}) {
  // CHECK-NEXT: %[[C0:.*]] = arith.constant 0 : i32
  %c0 = arith.constant 0 : i32
  %c32 = arith.constant 32 : i32
  // CHECK-NEXT: "test.use"(%x, %x, %x, %y, %x)
  %0 = enigma.reverse_bits %x : i32
  %1 = enigma.reverse_bits %0 : i32
  %2 = enigma.rotate %x, %c0 : i32
  %3 = enigma.addsat %x, %c0 : i32
  %4 = enigma.addsat unsigned %c0, %y : i32
  %5 = enigma.subsat %x, %c0 : i32
  "test.use"(%1, %2, %3, %4, %5) : (i32, i32, i32, i32, i32) -> ()
  // CHECK-NEXT: "test.use"(%[[C0]], %[[C0]], %[[C0]], %y, %x)
  %6 = enigma.absdiff %x, %x : i32
  %7 = enigma.subsat unsigned %x, %x : i32
  %8 = enigma.mulhi %c0, %x : i32
  %9 = enigma.madhi %x, %c0, %y : i32
  %10 = enigma.madsat unsigned %c0, %y, %x : i32
  "test.use"(%6, %7, %8, %9, %10) : (i32, i32, i32, i32, i32) -> ()
  // CHECK-NEXT: "test.use"(%[[C0]], %x, %x, %y)
  %11 = enigma.extract_bits %x, %y, %c0 : i32
  %12 = enigma.extract_bits %x, %c0, %c32 : i32
  %13 = enigma.insert_bits %x, %y, %y, %c0 : i32
  %14 = enigma.insert_bits %x, %y, %c0, %c32 : i32
  "test.use"(%11, %12, %13, %14) : (i32, i32, i32, i32) -> ()
  // CHECK-NEXT: "test.use"(%x, %y)
  %15 = enigma.hadd %x, %x : i32
  %16 = enigma.rhadd unsigned %y, %y : i32
  "test.use"(%15, %16) : (i32, i32) -> ()
  enigma.return
}

// What is less than zero, or greater, is not zero.
// CHECK-LABEL: enigma.kernel @no_identities
enigma.kernel @no_identities(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  %c0 = arith.constant 0 : i32
  // CHECK: enigma.absdiff
  %0 = enigma.absdiff %x, %c0 : i32
  // CHECK: enigma.subsat
  %1 = enigma.subsat %c0, %x : i32
  "test.use"(%0, %1) : (i32, i32) -> ()
  enigma.return
}
