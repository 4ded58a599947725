// RUN: enigma-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{expected m and n to be multiples of 8, one of them of 16, and k of 16; found 8, 8 and 16}}
!sums = !enigma.cooperative_tensor<m = 8, n = 8, k = 16, left = f16, right = f16, element = f32>

// -----

// expected-error @+1 {{expected m and n to be multiples of 8, one of them of 16, and k of 16; found 16, 16 and 8}}
!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 8, left = f16, right = f16, element = f32>

// -----

// expected-error @+1 {{expected factors of f16, bf16, f32 or si8, found 'ui8'}}
!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = ui8, element = f32>

// -----

// expected-error @+1 {{products of 'f16' and 'f32' are not summed as 'f16'}}
!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f32, element = f16>

// -----

// expected-error @+1 {{products of 'si8' and 'si8' are not summed as 'f32'}}
!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = si8, right = si8, element = f32>

// -----

// expected-error @+1 {{expected 1 to 32 SIMD groups, found 33}}
!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32, simdgroups = 33>

// -----

!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32>
enigma.kernel @store(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %made = enigma.cooperative_tensor_make -> !sums
  // expected-error @+1 {{expected elements of 'f32'}}
  enigma.cooperative_tensor_store %made, %A[%c0], %c0 : !sums, !enigma.buffer<f16, device>
  enigma.return
}

// -----

!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32>
enigma.kernel @load(%A: !enigma.buffer<f32, constant> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{accesses device or threadgroup memory, found '!enigma.buffer<f32, constant>'}}
  %made = enigma.cooperative_tensor_load %A[%c0], %c0 : !enigma.buffer<f32, constant> -> !sums
  enigma.return
}

// -----

!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32>
enigma.kernel @make(%x: f16 {enigma.index = 0 : i32}) {
  // expected-error @+1 {{expected a value of 'f32', found 'f16'}}
  %made = enigma.cooperative_tensor_make %x : f16 -> !sums
  enigma.return
}

// -----

!sums = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = bf16, element = f32>
enigma.kernel @multiply(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %made = enigma.cooperative_tensor_make -> !sums
  // expected-error @+1 {{expected elements of 'bf16'}}
  %0 = enigma.matmul2d %A[%c0], %c0, %A[%c0], %c0, %made : !enigma.buffer<f16, device>, !enigma.buffer<f16, device>, !sums
  enigma.return
}
