// RUN: enigma-translate --enigma-to-msl --split-input-file --verify-diagnostics %s

// What a kernel needs is refused beyond the version of its target.

module attributes {enigma.target = #enigma.target<metal, version = "2.4">} {
  enigma.kernel @float_atomic(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
                              %x: f32 {enigma.index = 1 : i32}) {
    %c0 = arith.constant 0 : index
    // expected-error @+2 {{'enigma.atomic_rmw' on f32 in device memory needs MSL 3.0, and the kernel is compiled for MSL 2.4}}
    // expected-note @+1 {{help: compile it with metal_std="3.0" or later}}
    %0 = enigma.atomic_rmw add %x, %A[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, version = "3.0">} {
  enigma.kernel @type_of_an_operation(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
    %c0 = arith.constant 0 : index
    %0 = memref.load %A[%c0] : memref<?xf32, #enigma.address_space<device>>
    // expected-error @+2 {{the type bfloat needs MSL 3.1, and the kernel is compiled for MSL 3.0}}
    // expected-note @+1 {{help: compile it with metal_std="3.1" or later}}
    %1 = arith.truncf %0 : f32 to bf16
    %2 = arith.extf %1 : bf16 to f32
    memref.store %2, %A[%c0] : memref<?xf32, #enigma.address_space<device>>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, version = "3.0">} {
  // expected-error @+2 {{the type bfloat needs MSL 3.1, and the kernel is compiled for MSL 3.0}}
  // expected-note @+1 {{help: compile it with metal_std="3.1" or later}}
  enigma.kernel @type_of_an_argument(%A: memref<?xbf16, #enigma.address_space<device>> {enigma.index = 0 : i32}) {
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, version = "3.0">} {
  enigma.kernel @element_of_a_matrix() {
    // expected-error @+2 {{the type bfloat needs MSL 3.1}}
    // expected-note @+1 {{help: compile it with metal_std="3.1" or later}}
    %x = arith.constant 1.0 : bf16
    %0 = enigma.simdgroup_matrix_fill %x : bf16 -> !enigma.simdgroup_matrix<bf16>
    enigma.return
  }
}

// -----

// What a version has.

module attributes {enigma.target = #enigma.target<metal, version = "2.4">} {
  enigma.kernel @old(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
                     %x: f32 {enigma.index = 1 : i32}) {
    %c0 = arith.constant 0 : index
    %0, %1 = enigma.atomic_compare_exchange %x, %x, %A[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
    %2 = enigma.simd_sum %0 : f32
    %3 = enigma.simdgroup_matrix_fill %2 : f32 -> !enigma.simdgroup_matrix<f32>
    enigma.simdgroup_matrix_store %3, %A[%c0], %c0 : !enigma.simdgroup_matrix<f32>, memref<?xf32, #enigma.address_space<device>>
    enigma.return
  }
}

// -----

module attributes {enigma.target = #enigma.target<metal, version = "3.1">} {
  enigma.kernel @new(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32},
                     %B: memref<?xbf16, #enigma.address_space<device>> {enigma.index = 1 : i32},
                     %x: f32 {enigma.index = 2 : i32}) {
    %c0 = arith.constant 0 : index
    %0 = enigma.atomic_rmw add %x, %A[%c0] : f32, memref<?xf32, #enigma.address_space<device>>
    enigma.return
  }
}
