// RUN: enigma-translate %s -split-input-file -enigma-to-llvmir -verify-diagnostics

enigma.kernel @layouts(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-note@+2 {{help: lower the kernel first: enigma-opt --enigma-clean --enigma-to-flat}}
  // expected-error@+1 {{'enigma.load' op has no translation for a CPU: it is not in flat form}}
  %x = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.return
}

// -----

enigma.kernel @unknown(%x: i32 {enigma.index = 0 : i32, enigma.dtype = si32}) {
  // expected-error@+1 {{has no translation for a CPU: an operation that it does not know}}
  %0 = arith.ceildivsi %x, %x : i32
  enigma.return
}

// -----

// expected-error@+1 {{holds no 'enigma.kernel' to translate to LLVM IR}}
module {
}

// -----

enigma.kernel @text(%x: f32 {enigma.index = 0 : i32}) {
  // expected-error@+1 {{has no translation for a CPU: text of Metal's language}}
  %y = enigma.inline_msl "fast::exp({0})"(%x) {dtypes = [f32], result_dtype = f32, pure} : (f32) -> f32
  enigma.return
}

// -----

// expected-error@+1 {{has no translation for a CPU: arrays of threads that take 1220 MB for a threadgroup; make them smaller, or launch with smaller threadgroups}}
enigma.kernel @large(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %mine = enigma.alloc : memref<10000000xf32, #enigma.address_space<thread>>
  %x = memref.load %mine[%c0] : memref<10000000xf32, #enigma.address_space<thread>>
  memref.store %x, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
  enigma.return
}
