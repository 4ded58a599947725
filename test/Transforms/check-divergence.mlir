// RUN: enigma-opt %s --enigma-check-divergence --verify-diagnostics --split-input-file -o /dev/null

// Barriers under conditions on a thread.

enigma.kernel @guard(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %i = enigma.thread_position_in_grid x : i32
  %inside = arith.cmpi ult, %i, %n : i32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %inside {
    // expected-warning @+2 {{this barrier waits for all threads of the threadgroup, and some may not come to it}}
    // expected-note @+1 {{help: let every thread come to it}}
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.return
}

// -----

// The innermost condition that differs is told of.

enigma.kernel @nested(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}, %p: i1 {enigma.index = 1 : i32}) {
  %i = enigma.thread_index_in_threadgroup : i32
  %g = enigma.threadgroup_position_in_grid x : i32
  %inside = arith.cmpi ult, %i, %n : i32
  %some = arith.cmpi ult, %g, %n : i32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %inside {
  } else {
    scf.if %p {
      scf.if %some {
        // expected-warning @+2 {{this barrier waits for all threads of the SIMD group}}
        // expected-note @+1 {{help: let every thread come to it}}
        enigma.simdgroup_barrier mem_threadgroup
      }
    }
  }
  enigma.return
}

// -----

// Loops that threads leave at different times.

enigma.kernel @loops(%A: memref<?xi32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i = enigma.thread_index_in_threadgroup : i32
  %index = arith.index_castui %i : i32 to index
  %n = memref.load %A[%index] : memref<?xi32, #enigma.address_space<device>>
  // expected-note @+1 {{this decides it for each thread}}
  scf.for %k = %c0 to %n step %c1 : i32 {
    // expected-warning @+2 {{this barrier waits}}
    // expected-note @+1 {{help: }}
    enigma.threadgroup_barrier mem_threadgroup
  }
  // expected-note @+1 {{this decides it for each thread}}
  %end = scf.while (%k = %c0) : (i32) -> i32 {
    %more = arith.cmpi ult, %k, %i : i32
    scf.condition(%more) %k : i32
  } do {
  ^bb0(%k: i32):
    // expected-warning @+2 {{this barrier waits}}
    // expected-note @+1 {{help: }}
    enigma.threadgroup_barrier mem_threadgroup
    %next = arith.addi %k, %c1 : i32
    scf.yield %next : i32
  }
  enigma.return
}

// -----

// Conditions that are one for all threads of a threadgroup.

enigma.kernel @uniform(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}, %A: memref<?xi32, #enigma.address_space<device>> {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %i0 = arith.constant 0 : index
  %g = enigma.threadgroup_position_in_grid x : i32
  %some = arith.cmpi ult, %g, %n : i32
  scf.if %some {
    enigma.threadgroup_barrier mem_threadgroup
  }
  scf.for %k = %c0 to %n step %c1 : i32 {
    enigma.threadgroup_barrier mem_threadgroup
  }
  %count = memref.load %A[%i0] : memref<?xi32, #enigma.address_space<device>>
  %any = arith.cmpi ult, %count, %n : i32
  scf.if %any {
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.return
}

// -----

// A condition on the SIMD group is one for its threads, and not for others.

enigma.kernel @simdgroup(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32}, %x: f32 {enigma.index = 1 : i32}) {
  %c0 = arith.constant 0 : i32
  %i0 = arith.constant 0 : index
  %s = enigma.simdgroup_index_in_threadgroup : i32
  %first = arith.cmpi eq, %s, %c0 : i32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %first {
    enigma.simdgroup_barrier mem_threadgroup
    %0 = enigma.simd_shuffle %x, %c0 : f32
    %lane = enigma.thread_index_in_simdgroup : i32
    %zeroth = arith.cmpi eq, %lane, %c0 : i32
    memref.store %0, %A[%i0] : memref<?xf32, #enigma.address_space<device>>
    // expected-warning @+2 {{this barrier waits for all threads of the threadgroup}}
    // expected-note @+1 {{help: }}
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.return
}

// -----

// What threads exchange; what counts those that are there is as it says.

enigma.kernel @exchange(%x: f32 {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}, %A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 2 : i32}) {
  %c1 = arith.constant 1 : i32
  %lane = enigma.thread_index_in_simdgroup : i32
  %i = arith.index_castui %lane : i32 to index
  %some = arith.cmpi ult, %lane, %n : i32
  %whole = enigma.simd_shuffle_down %x, %c1 : f32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %some {
    %sum = enigma.simd_sum %x : f32
    // expected-warning @+2 {{this takes a value of another thread of the SIMD group, which may not come to it}}
    // expected-note @+1 {{help: take it before the condition}}
    %part = enigma.simd_shuffle_down %sum, %c1 : f32
    %first = enigma.simd_broadcast_first %part : f32
    memref.store %first, %A[%i] : memref<?xf32, #enigma.address_space<device>>
  }
  enigma.return
}

// -----

// Tiles of one SIMD group, and of all of a threadgroup.

!one = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32>
!four = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32, simdgroups = 4>
enigma.kernel @tiles(%C: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = f32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %g = enigma.simdgroup_index_in_threadgroup : i32
  %i = enigma.thread_index_in_threadgroup : i32
  %first = arith.cmpi ult, %g, %c1 : i32
  %few = arith.cmpi ult, %i, %c1 : i32
  %one = enigma.cooperative_tensor_make %zero : f32 -> !one
  %four = enigma.cooperative_tensor_make %zero : f32 -> !four
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %first {
    enigma.cooperative_tensor_store %one, %C[%c0], %c0 : !one, memref<?xf32, #enigma.address_space<device>>
    // expected-warning @+2 {{all SIMD groups of the product multiply or move tiles together, and some threads may not come to it}}
    // expected-note @+1 {{help: let all threads of the threadgroup do it}}
    enigma.cooperative_tensor_store %four, %C[%c0], %c0 : !four, memref<?xf32, #enigma.address_space<device>>
  }
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %few {
    // expected-warning @+2 {{all threads of the SIMD group multiply or move tiles together, and some may not come to it}}
    // expected-note @+1 {{help: let all of them do it}}
    enigma.cooperative_tensor_store %one, %C[%c0], %c0 : !one, memref<?xf32, #enigma.address_space<device>>
  }
  enigma.return
}

// -----

// What threads hold together, chosen by what they differ in. Where it is made in the branch, that is
// told alone.

!matrix = !enigma.simdgroup_matrix<f32>
enigma.kernel @chosen(%A: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = f32}) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %l0 = arith.constant 0 : i32
  %l1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %lane = enigma.thread_index_in_simdgroup : i32
  %g = enigma.simdgroup_index_in_threadgroup : i32
  %few = arith.cmpi ult, %lane, %l1 : i32
  %first = arith.cmpi ult, %g, %l1 : i32
  %x = enigma.simdgroup_matrix_fill %zero : f32 -> !matrix
  %y = enigma.simdgroup_matrix_fill %one : f32 -> !matrix
  // expected-warning @+3 {{the threads of a SIMD group hold this matrix together, and do not all choose the same one}}
  // expected-note @+2 {{this decides it for each thread}}
  // expected-note @+1 {{help: choose by a condition that is one for all of them, or element by element, with map}}
  %selected = arith.select %few, %x, %y : !matrix
  // expected-warning @+3 {{do not all choose the same one}}
  // expected-note @+2 {{this decides it}}
  // expected-note @+1 {{help: }}
  %given = scf.if %few -> !matrix {
    scf.yield %x : !matrix
  } else {
    scf.yield %selected : !matrix
  }
  // expected-warning @+3 {{do not all choose the same one}}
  // expected-note @+2 {{this decides it}}
  // expected-note @+1 {{help: }}
  %counted = scf.for %k = %l0 to %lane step %l1 iter_args(%m = %given) -> !matrix : i32 {
    scf.yield %y : !matrix
  }
  // expected-warning @+3 {{do not all choose the same one}}
  // expected-note @+2 {{this decides it}}
  // expected-note @+1 {{help: }}
  %kept:2 = scf.while (%k = %l0, %m = %counted) : (i32, !matrix) -> (i32, !matrix) {
    %more = arith.cmpi ult, %k, %lane : i32
    scf.condition(%more) %k, %m : i32, !matrix
  } do {
  ^bb0(%k: i32, %m: !matrix):
    %next = arith.addi %k, %l1 : i32
    scf.yield %next, %x : i32, !matrix
  }
  // expected-note @+1 {{this decides it for each thread}}
  %loaded = scf.if %few -> !matrix {
    // expected-warning @+2 {{all threads of the SIMD group do this to a matrix together, and some may not come to it}}
    // expected-note @+1 {{help: let all of them do it}}
    %m = enigma.simdgroup_matrix_load %A[%c0], %c8 : memref<?xf32, #enigma.address_space<device>> -> !matrix
    scf.yield %m : !matrix
  } else {
    scf.yield %kept#1 : !matrix
  }
  %of_simdgroup = arith.select %first, %loaded, %y : !matrix
  enigma.simdgroup_matrix_store %of_simdgroup, %A[%c0], %c8 : !matrix, memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

!one = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32>
!four = !enigma.cooperative_tensor<m = 16, n = 16, k = 16, left = f16, right = f16, element = f32, simdgroups = 4>
enigma.kernel @chosen_tiles(%C: memref<?xf32, #enigma.address_space<device>> {enigma.index = 0 : i32, enigma.dtype = f32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %g = enigma.simdgroup_index_in_threadgroup : i32
  %first = arith.cmpi ult, %g, %c1 : i32
  %uniform = arith.cmpi ult, %n, %c1 : i32
  %one = enigma.cooperative_tensor_make %zero : f32 -> !one
  %four = enigma.cooperative_tensor_make %zero : f32 -> !four
  %two = enigma.cooperative_tensor_make %zero : f32 -> !one
  %six = enigma.cooperative_tensor_make %zero : f32 -> !four
  %a = arith.select %first, %one, %two : !one
  // expected-warning @+3 {{the threads of a threadgroup hold these sums together, and do not all choose the same ones}}
  // expected-note @+2 {{this decides it for each thread}}
  // expected-note @+1 {{help: choose by a condition}}
  %b = arith.select %first, %four, %six : !four
  %c = arith.select %uniform, %b, %four : !four
  enigma.cooperative_tensor_store %a, %C[%c0], %c0 : !one, memref<?xf32, #enigma.address_space<device>>
  enigma.cooperative_tensor_store %c, %C[%c0], %c0 : !four, memref<?xf32, #enigma.address_space<device>>
  enigma.return
}

// -----

// Where a reduction over a threadgroup was expanded, by a barrier or for one SIMD
// group.

enigma.kernel @reductions(%x: f32 {enigma.index = 0 : i32}) {
  %c5 = arith.constant 5 : i32
  %i = enigma.thread_index_in_threadgroup : i32
  %some = arith.cmpi ult, %i, %c5 : i32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %some {
    // expected-warning @+2 {{this joins values of all threads of the threadgroup, and some may not come to it}}
    // expected-note @+1 {{help: let every thread come to it: put it outside of the condition, and let enigma.where choose}}
    enigma.threadgroup_barrier mem_threadgroup {enigma.reduction}
    %0 = enigma.simd_sum %x : f32
  }
  %others = arith.cmpi ugt, %i, %c5 : i32
  // expected-note @+1 {{this decides it for each thread}}
  scf.if %others {
    // expected-warning @+2 {{this joins values of all threads of the threadgroup}}
    // expected-note @+1 {{help: let every thread come to it}}
    %0 = enigma.simd_sum %x {enigma.reduction} : f32
  }
  enigma.return
}

// -----

// What all SIMD groups join of the same parts is one for the threadgroup.

enigma.kernel @behind_a_reduction(%n: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}, %x: f32 {enigma.index = 1 : i32})
    attributes {block = array<i64: 128, 1, 1>} {
  %parts = enigma.alloc : memref<4xf32, #enigma.address_space<threadgroup>>
  %zero = arith.constant 0.0 : f32
  %lane = enigma.thread_index_in_simdgroup : i32
  %i = arith.index_castui %lane : i32 to index
  %part = memref.load %parts[%i] : memref<4xf32, #enigma.address_space<threadgroup>>
  %sum = enigma.simd_sum %part : f32
  %positive = arith.cmpf ogt, %sum, %zero : f32
  scf.if %positive {
    enigma.threadgroup_barrier mem_threadgroup
  }
  enigma.return
}
