// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @functions
// CHECK-SAME: %x: i32
// CHECK-SAME: %y: i32
// CHECK-SAME: %z: i32
enigma.kernel @functions(
    %x: i32 {enigma.name = "x", enigma.index = 0 : i32, enigma.dtype = si32},
    %y: i32 {enigma.name = "y", enigma.index = 1 : i32, enigma.dtype = si32},
    %z: i32 {enigma.name = "z", enigma.index = 2 : i32, enigma.dtype = si32}) {
  // CHECK: enigma.reverse_bits %x : i32
  %0 = enigma.reverse_bits %x : i32
  // CHECK: enigma.rotate %x, %y {test.note} : i32
  %1 = enigma.rotate %x, %y {test.note} : i32
  // CHECK: enigma.absdiff %x, %y : i32
  %2 = enigma.absdiff %x, %y : i32
  // CHECK: enigma.absdiff unsigned %x, %y : i32
  %3 = enigma.absdiff unsigned %x, %y : i32
  // CHECK: enigma.addsat %x, %y : i32
  %4 = enigma.addsat %x, %y : i32
  // CHECK: enigma.addsat unsigned %x, %y : i32
  %5 = enigma.addsat unsigned %x, %y : i32
  // CHECK: enigma.hadd %x, %y : i32
  %half = enigma.hadd %x, %y : i32
  // CHECK: enigma.hadd unsigned %x, %y : i32
  %half_unsigned = enigma.hadd unsigned %x, %y : i32
  // CHECK: enigma.rhadd %x, %y : i32
  %rounded = enigma.rhadd %x, %y : i32
  // CHECK: enigma.rhadd unsigned %x, %y : i32
  %rounded_unsigned = enigma.rhadd unsigned %x, %y : i32
  // CHECK: enigma.subsat %x, %y : i32
  %6 = enigma.subsat %x, %y : i32
  // CHECK: enigma.subsat unsigned %x, %y : i32
  %7 = enigma.subsat unsigned %x, %y : i32
  // CHECK: enigma.mulhi %x, %y : i32
  %8 = enigma.mulhi %x, %y : i32
  // CHECK: enigma.mulhi unsigned %x, %y : i32
  %9 = enigma.mulhi unsigned %x, %y : i32
  // CHECK: enigma.madhi %x, %y, %z : i32
  %10 = enigma.madhi %x, %y, %z : i32
  // CHECK: enigma.madhi unsigned %x, %y, %z : i32
  %11 = enigma.madhi unsigned %x, %y, %z : i32
  // CHECK: enigma.madsat %x, %y, %z : i32
  %12 = enigma.madsat %x, %y, %z : i32
  // CHECK: enigma.madsat unsigned %x, %y, %z : i32
  %13 = enigma.madsat unsigned %x, %y, %z : i32
  // CHECK: enigma.extract_bits %x, %y, %z : i32
  %14 = enigma.extract_bits %x, %y, %z : i32
  // CHECK: enigma.extract_bits unsigned %x, %y, %z {test.note} : i32
  %15 = enigma.extract_bits unsigned %x, %y, %z {test.note} : i32
  // CHECK: enigma.insert_bits %x, %y, %z, %z : i32
  %16 = enigma.insert_bits %x, %y, %z, %z : i32
  enigma.return
}

// CHECK-LABEL: enigma.kernel @types
enigma.kernel @types(
    %c: i8 {enigma.index = 0 : i32, enigma.dtype = si8},
    %s: i16 {enigma.index = 1 : i32, enigma.dtype = ui16},
    %l: i64 {enigma.index = 2 : i32, enigma.dtype = ui64},
    %i: i32 {enigma.index = 3 : i32, enigma.dtype = ui32}) {
  // CHECK: enigma.addsat %{{.*}}, %{{.*}} : i8
  %0 = enigma.addsat %c, %c : i8
  // CHECK: enigma.mulhi unsigned %{{.*}}, %{{.*}} : i64
  %1 = enigma.mulhi unsigned %l, %l : i64
  // CHECK: enigma.reverse_bits %{{.*}} : vector<3xi16>
  %s3 = vector.broadcast %s : i16 to vector<3xi16>
  %2 = enigma.reverse_bits %s3 : vector<3xi16>
  // CHECK: enigma.insert_bits %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : vector<3xi16>
  %3 = enigma.insert_bits %s3, %2, %i, %i : vector<3xi16>
  enigma.return
}
