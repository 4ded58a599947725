// RUN: enigma-opt %s | enigma-opt | FileCheck %s
// RUN: enigma-opt %s --mlir-print-op-generic | enigma-opt | FileCheck %s

// CHECK-LABEL: enigma.kernel @messages
enigma.kernel @messages(
    %x: f32 {enigma.index = 0 : i32},
    %i: i32 {enigma.index = 1 : i32, enigma.dtype = ui32},
    %p: i1 {enigma.index = 2 : i32}) {
  // CHECK: enigma.print ""() {dtypes = []} : () -> ()
  enigma.print ""() {dtypes = []} : () -> ()
  // CHECK: enigma.print "{{[{][{]}}x}} = {:+08.3e}, {:<5}, {:#x}, {}"(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {dtypes = [f32, ui32, si32, i1]} : (f32, i32, i32, i1) -> ()
  enigma.print "{{x}} = {:+08.3e}, {:<5}, {:#x}, {}"(%x, %i, %i, %p) {dtypes = [f32, ui32, si32, i1]} : (f32, i32, i32, i1) -> ()
  // CHECK: enigma.assert %{{.*}}, "x = {}"(%{{.*}}) {dtypes = [f32], test.note} : (f32) -> ()
  enigma.assert %p, "x = {}"(%x) {dtypes = [f32], test.note} : (f32) -> ()
  enigma.return
}

// CHECK-LABEL: enigma.kernel @text
enigma.kernel @text(
    %A: !enigma.buffer<ui8, device> {enigma.index = 0 : i32},
    %F: memref<?xf32, #enigma.address_space<device>> {enigma.index = 1 : i32},
    %x: f32 {enigma.index = 2 : i32}) {
  // CHECK: enigma.inline_msl "f({0}, {0})"(%{{.*}}) {dtypes = [f32], header = "int f;", metal_std = "3.1", pure, result_dtype = f32} : (f32) -> f32
  %0 = enigma.inline_msl "f({0}, {0})"(%x) {dtypes = [f32], header = "int f;", metal_std = "3.1", pure, result_dtype = f32} : (f32) -> f32
  // CHECK: enigma.inline_msl "g()"() {dtypes = [], result_dtype = ui16} : () -> vector<4xi16>
  %1 = enigma.inline_msl "g()"() {dtypes = [], result_dtype = ui16} : () -> vector<4xi16>
  // CHECK: enigma.inline_msl "{1}[0] = {2}; {0}[0] = 1;"(%{{.*}}, %{{.*}}, %{{.*}}) {dtypes = [ui8, f32, f32]} : (!enigma.buffer<ui8, device>, memref<?xf32, #enigma.address_space<device>>, f32) -> ()
  enigma.inline_msl "{1}[0] = {2}; {0}[0] = 1;"(%A, %F, %0) {dtypes = [ui8, f32, f32]} : (!enigma.buffer<ui8, device>, memref<?xf32, #enigma.address_space<device>>, f32) -> ()
  enigma.return
}
