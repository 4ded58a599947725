// RUN: enigma-opt %s --enigma-expand-reductions --verify-diagnostics

// The parts take memory of the threadgroup.

enigma.kernel @full(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32})
    attributes {block = array<i64: 64, 1, 1>} {
  %tile = enigma.alloc : !enigma.buffer<8191xf32, threadgroup>
  %c0 = arith.constant 0 : index
  // expected-error @+2 {{takes the kernel's threadgroup memory to 32772 bytes; Metal grants a threadgroup 32768 bytes (32 KB)}}
  // expected-note @+1 {{help: make its arrays smaller}}
  %0 = enigma.threadgroup_sum %x : f32
  enigma.store %0, %A[%c0] : f32, !enigma.buffer<f32, device>
  enigma.return
}
