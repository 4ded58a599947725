// RUN: enigma-opt %s --enigma-lower-copies --enigma-lower-layouts --enigma-clean --split-input-file --verify-diagnostics | FileCheck %s

// Digits of one number that meet again are that number: no division is left.

// CHECK-LABEL: enigma.kernel @digits
// CHECK-NOT: arith.{{div|rem|sh|andi}}
// CHECK: %[[T:.*]] = arith.index_castui
// CHECK: enigma.load %{{.*}}[%[[T]]]
enigma.kernel @digits(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %l = enigma.static : !enigma.layout<(3,5,7):(1,3,15)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(3,5,7):(1,3,15)>) -> !enigma.tensor<f32, device, (3,5,7):(1,3,15)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %f = enigma.load_element %g, %c : (!enigma.tensor<f32, device, (3,5,7):(1,3,15)>, !enigma.int_tuple<?>) -> f32
  enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, device, (3,5,7):(1,3,15)>, !enigma.int_tuple<?>) -> ()
  enigma.return
}

// -----

// A launch that is known bounds the thread: its last digit is 0.

// CHECK-LABEL: enigma.kernel @bounded
// CHECK-NOT: arith.{{div|rem|sh|andi}}
enigma.kernel @bounded(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32})
    attributes {grid = array<i64: 1, 1, 1>, block = array<i64: 32, 1, 1>} {
  %t = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %t : i32 to index
  %l = enigma.static : !enigma.layout<(32,4):(4,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(32,4):(4,1)>) -> !enigma.tensor<f32, device, (32,4):(4,1)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %f = enigma.load_element %g, %c : (!enigma.tensor<f32, device, (32,4):(4,1)>, !enigma.int_tuple<?>) -> f32
  enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, device, (32,4):(4,1)>, !enigma.int_tuple<?>) -> ()
  enigma.return
}

// -----

// A stride that is known at run time only: what divides it allows vectors. What
// does not vary in the loop stays outside of it.

// CHECK-LABEL: enigma.kernel @rows
// CHECK: %[[ROW:.*]] = arith.muli
// CHECK-NEXT: scf.for %[[K:.*]] =
// CHECK-NEXT: %[[STEP:.*]] = arith.muli %[[K]], %{{.*}} : index
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[ROW]], %[[STEP]] : index
// CHECK-NEXT: enigma.load %{{.*}}[%[[AT]]] : !enigma.buffer<f32, device> -> vector<4xf32>
enigma.kernel @rows(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %stride = arith.index_castui %n : i32 to index
  %shape = enigma.static : !enigma.int_tuple<(64,(4,16))>
  %strides = enigma.make_int_tuple %stride : !enigma.int_tuple<(?{div=4},(1,4))>
  %l = enigma.make_layout %shape, %strides : (!enigma.int_tuple<(64,(4,16))>, !enigma.int_tuple<(?{div=4},(1,4))>) -> !enigma.layout<(64,(4,16)):(?{div=4},(1,4))>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(64,(4,16)):(?{div=4},(1,4))>) -> !enigma.tensor<f32, device, (64,(4,16)):(?{div=4},(1,4))>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  scf.for %k = %c0 to %c16 step %c1 {
    %c = enigma.make_int_tuple %i, %k : !enigma.int_tuple<(?,(None,?))>
    %v = enigma.slice %g, %c : (!enigma.tensor<f32, device, (64,(4,16)):(?{div=4},(1,4))>, !enigma.int_tuple<(?,(None,?))>) -> !enigma.tensor<f32, device, (4):(1)>
    %f = enigma.load_fragment %v : (!enigma.tensor<f32, device, (4):(1)>) -> vector<4xf32>
    enigma.store_fragment %f, %v : (vector<4xf32>, !enigma.tensor<f32, device, (4):(1)>) -> ()
  }
  enigma.return
}

// -----

// A swizzled tile: bits that are known not to meet are not flipped but added.
// Column 0 of row i is at 32 * i, plus what the swizzle makes of i.

// CHECK-LABEL: enigma.kernel @swizzled
// CHECK: %[[I:.*]] = arith.index_castui
// CHECK-NOT: arith.{{xor|sh}}
// CHECK-DAG: %[[BITS:.*]] = arith.andi %[[I]], %{{.*}} : index
// CHECK-DAG: %[[ROW:.*]] = arith.muli %[[I]], %{{.*}} : index
// CHECK: %[[AT:.*]] = arith.addi %[[ROW]], %[[BITS]] : index
// CHECK: enigma.store %{{.*}}, %{{.*}}[%[[AT]]]
enigma.kernel @swizzled() {
  %t = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %t : i32 to index
  %tile = enigma.alloc : !enigma.buffer<1024xf32, threadgroup>
  %l = enigma.static : !enigma.layout<Sw<5,0,5> o 0 o (32,32):(32,1)>
  %g = enigma.make_tensor %tile, %l : (!enigma.buffer<1024xf32, threadgroup>, !enigma.layout<Sw<5,0,5> o 0 o (32,32):(32,1)>) -> !enigma.tensor<f32, threadgroup, Sw<5,0,5> o 0 o (32,32):(32,1)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<(?,0)>
  %f = arith.constant 1.0 : f32
  enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, threadgroup, Sw<5,0,5> o 0 o (32,32):(32,1)>, !enigma.int_tuple<(?,0)>) -> ()
  enigma.return
}

// -----

// Where nothing is known of the digits, the bits that decide are shifted, masked
// and flipped, once for all that needs the offset.

// CHECK-LABEL: enigma.kernel @offsets
// CHECK: %[[I:.*]] = arith.index_castui
// CHECK-NEXT: %[[SHIFTED:.*]] = arith.shrui %[[I]], %{{.*}} : index
// CHECK-NEXT: %[[BITS:.*]] = arith.andi %[[SHIFTED]], %{{.*}} : index
// CHECK-NEXT: %[[AT:.*]] = arith.xori %[[I]], %[[BITS]] : index
// CHECK-NOT: arith.{{xor|and|sh}}
// CHECK: enigma.store %{{.*}}, %A[%[[AT]]]
// CHECK: enigma.store %{{.*}}, %A[%[[AT]]]
// CHECK: enigma.store %{{.*}}, %A[%[[AT]]]
enigma.kernel @offsets(%A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %l = enigma.static : !enigma.layout<Sw<3,0,3> o 0 o 4096:1>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<Sw<3,0,3> o 0 o 4096:1>) -> !enigma.tensor<f32, device, Sw<3,0,3> o 0 o 4096:1>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %o = enigma.element_offset %g, %c : (!enigma.tensor<f32, device, Sw<3,0,3> o 0 o 4096:1>, !enigma.int_tuple<?>) -> index
  %x = enigma.crd2idx %c, %l : (!enigma.int_tuple<?>, !enigma.layout<Sw<3,0,3> o 0 o 4096:1>) -> !enigma.int_tuple<?>
  %y = enigma.get_leaf %x[0] : (!enigma.int_tuple<?>) -> index
  %f = arith.constant 1.0 : f32
  enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, device, Sw<3,0,3> o 0 o 4096:1>, !enigma.int_tuple<?>) -> ()
  enigma.store %f, %A[%o] : f32, !enigma.buffer<f32, device>
  enigma.store %f, %A[%y] : f32, !enigma.buffer<f32, device>
  enigma.return
}

// -----

// Multiples of a divisor are no part of a remainder, and their quotients are
// known: the digits of 32 * k + i by 4 need no division in the loop over k.

// CHECK-LABEL: enigma.kernel @multiples
// CHECK: %[[I:.*]] = arith.index_castui
// CHECK-DAG: %[[ROW:.*]] = arith.andi %[[I]], %{{.*}} : index
// CHECK-DAG: %[[COLUMN:.*]] = arith.shrui %[[I]], %{{.*}} : index
// CHECK-DAG: arith.muli %[[ROW]], %{{.*}} : index
// CHECK: %[[START:.*]] = arith.addi
// CHECK: scf.for %[[K:.*]] =
// CHECK-NEXT: %[[STEP:.*]] = arith.muli %[[K]], %{{.*}} : index
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[START]], %[[STEP]] : index
// CHECK-NEXT: enigma.store %{{.*}}, %{{.*}}[%[[AT]]]
enigma.kernel @multiples(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %l = enigma.static : !enigma.layout<(4,128):(128,1)>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(4,128):(128,1)>) -> !enigma.tensor<f32, device, (4,128):(128,1)>
  %s = enigma.static : !enigma.int_tuple<512>
  %id = enigma.make_identity_tensor %s : (!enigma.int_tuple<512>) -> !enigma.coord_tensor<0, 512:1>
  %z = enigma.static : !enigma.int_tuple<32>
  %at = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %f = arith.constant 1.0 : f32
  scf.for %k = %c0 to %c16 step %c1 {
    %n = enigma.make_int_tuple %k : !enigma.int_tuple<?>
    %v = enigma.local_tile %id, %z, %n : (!enigma.coord_tensor<0, 512:1>, !enigma.int_tuple<32>, !enigma.int_tuple<?>) -> !enigma.coord_tensor<?{div=32}, 32:1>
    %c = enigma.element_coord %v, %at : (!enigma.coord_tensor<?{div=32}, 32:1>, !enigma.int_tuple<?>) -> !enigma.int_tuple<?>
    enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, device, (4,128):(128,1)>, !enigma.int_tuple<?>) -> ()
  }
  enigma.return
}

// -----

// What one operation measures is a leaf of what another one makes.

// CHECK-LABEL: enigma.kernel @measured
// CHECK-SAME: %[[A:.*]]: !enigma.buffer<f32, device>
// CHECK: %[[N:.*]] = arith.index_castui
// CHECK: %[[AT:.*]] = arith.muli %[[N]], %[[N]] : index
// CHECK-NEXT: enigma.load %[[A]][%[[AT]]]
enigma.kernel @measured(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %i = arith.index_castui %n : i32 to index
  %s = enigma.make_int_tuple %i : !enigma.int_tuple<(?,4)>
  %a = enigma.make_layout %s : (!enigma.int_tuple<(?,4)>) -> !enigma.layout<(?,4):(1,?)>
  %m = enigma.size %a {mode = array<i64: 0>} : (!enigma.layout<(?,4):(1,?)>) -> index
  %d = enigma.make_int_tuple %m : !enigma.int_tuple<?>
  %e = enigma.static : !enigma.int_tuple<8>
  %l = enigma.make_layout %e, %d : (!enigma.int_tuple<8>, !enigma.int_tuple<?>) -> !enigma.layout<8:?>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<8:?>) -> !enigma.tensor<f32, device, 8:?>
  %c = enigma.make_int_tuple %m : !enigma.int_tuple<?>
  %f = enigma.load_element %g, %c : (!enigma.tensor<f32, device, 8:?>, !enigma.int_tuple<?>) -> f32
  enigma.store_element %f, %g, %c : (f32, !enigma.tensor<f32, device, 8:?>, !enigma.int_tuple<?>) -> ()
  enigma.return
}

// -----

// The least of all numbers is an offset like any other.

enigma.kernel @least(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<1:-4611686018427387904>
  %g = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<1:-4611686018427387904>) -> !enigma.tensor<f32, device, 1:-4611686018427387904>
  %c = enigma.static : !enigma.int_tuple<2>
  // expected-error @+1 {{subscript -9223372036854775808 is outside '!enigma.buffer<f32, device>'}}
  %f = enigma.load_element %g, %c : (!enigma.tensor<f32, device, 1:-4611686018427387904>, !enigma.int_tuple<2>) -> f32
  %z = enigma.static : !enigma.int_tuple<0>
  enigma.store_element %f, %g, %z : (f32, !enigma.tensor<f32, device, 1:-4611686018427387904>, !enigma.int_tuple<0>) -> ()
  enigma.return
}

// -----

enigma.kernel @carried(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = enigma.static : !enigma.int_tuple<4>
  // expected-error @+1 {{carries '!enigma.int_tuple<4>', which is not known where the kernel is compiled; carry the integers that it is made of instead}}
  %r = scf.for %k = %c0 to %c1 step %c1 iter_args(%x = %s) -> (!enigma.int_tuple<4>) {
    scf.yield %x : !enigma.int_tuple<4>
  }
  enigma.return
}

// -----

enigma.kernel @chosen(%p: i1 {enigma.index = 0 : i32}) {
  %a = enigma.static : !enigma.layout<4:1>
  %i = arith.constant 4 : index
  %s = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  // expected-error @+1 {{chooses '!enigma.int_tuple<?>' at run time; choose between the integers that it is made of instead}}
  %r = arith.select %p, %s, %s : !enigma.int_tuple<?>
  %l = enigma.make_layout %r : (!enigma.int_tuple<?>) -> !enigma.layout<?:1>
  enigma.return
}

// -----

enigma.kernel @exists(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<4:1>
  %t = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !enigma.tensor<f32, device, 4:1>
  %c = enigma.static : !enigma.int_tuple<3>
  // expected-error @+1 {{asks what a view was made of; run 'enigma-guard-overhangs' before this pass}}
  %e = enigma.element_exists %t, %c : (!enigma.tensor<f32, device, 4:1>, !enigma.int_tuple<3>) -> i1
  enigma.return
}

// -----

// A tensor of the same bytes as other elements: layout and place are recast.

// CHECK-LABEL: enigma.kernel @recast
// CHECK: %[[WORDS:.*]] = enigma.recast %{{.*}} : !enigma.buffer<f16, device> to !enigma.buffer<ui32, device>
// CHECK: %[[X:.*]] = enigma.load %[[WORDS]][%c12]
// CHECK: enigma.store %[[X]], %[[WORDS]][%c16]
enigma.kernel @recast(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
  %l = enigma.static : !enigma.layout<(8,4):(1,8)>
  %c16 = arith.constant 16 : index
  %t = enigma.make_tensor %A, %l, %c16 : (!enigma.buffer<f16, device>, !enigma.layout<(8,4):(1,8)>, index) -> !enigma.tensor<f16, device, (8,4):(1,8)>
  %words = enigma.recast %A : !enigma.buffer<f16, device> to !enigma.buffer<ui32, device>
  %r = enigma.recast_tensor %t, %words : (!enigma.tensor<f16, device, (8,4):(1,8)>, !enigma.buffer<ui32, device>) -> !enigma.tensor<ui32, device, (4,4):(1,4)>
  %c = enigma.static : !enigma.int_tuple<(0,1)>
  %x = enigma.load_element %r, %c : (!enigma.tensor<ui32, device, (4,4):(1,4)>, !enigma.int_tuple<(0,1)>) -> i32
  %d = enigma.static : !enigma.int_tuple<(0,2)>
  enigma.store_element %x, %r, %d : (i32, !enigma.tensor<ui32, device, (4,4):(1,4)>, !enigma.int_tuple<(0,2)>) -> ()
  enigma.return
}

// -----

// An extent that may be 0 divides before the branch that is there for it, so
// what divides is at least 1.

// CHECK-LABEL: enigma.kernel @guarded
// CHECK: %[[N:.*]] = arith.index_cast %{{.*}} : i32 to index
// CHECK: %[[D:.*]] = arith.maxsi %[[N]], %c1
// CHECK-DAG: arith.remui %{{.*}}, %[[D]]
// CHECK-DAG: arith.divui %{{.*}}, %[[D]]
// CHECK: scf.if
// CHECK-NOT: arith.{{div|rem}}
enigma.kernel @guarded(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.dtype = si32, enigma.index = 1 : i32}) {
  %t = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %t : i32 to index
  %m = arith.index_cast %n : i32 to index
  %shape = enigma.make_int_tuple %m : !enigma.int_tuple<(?,4)>
  %stride = enigma.static : !enigma.int_tuple<(2,1)>
  %l = enigma.make_layout %shape, %stride : (!enigma.int_tuple<(?,4)>, !enigma.int_tuple<(2,1)>) -> !enigma.layout<(?,4):(2,1)>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(?,4):(2,1)>) -> !enigma.tensor<f32, device, (?,4):(2,1)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %c0 = arith.constant 0 : i32
  %some = arith.cmpi sgt, %n, %c0 : i32
  scf.if %some {
    %x = enigma.load_element %v, %c : (!enigma.tensor<f32, device, (?,4):(2,1)>, !enigma.int_tuple<?>) -> f32
    enigma.store %x, %A[%i] : f32, !enigma.buffer<f32, device>
  }
  enigma.return
}
