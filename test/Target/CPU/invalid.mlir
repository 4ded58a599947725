// RUN: enigma-translate %s -enigma-to-llvmir -verify-diagnostics

enigma.kernel @layouts(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{has no translation for a CPU: an operation that is not of the flat form}}
  %x = enigma.load %A[%c0] : !enigma.buffer<f32, device> -> f32
  enigma.return
}
