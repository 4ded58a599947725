// RUN: enigma-opt %s --enigma-guard-overhangs | FileCheck %s
// RUN: enigma-opt %s --enigma-clean --enigma-to-flat | FileCheck %s --check-prefix=FLAT

// The last tile of 1022 elements has 2: no thread loads or stores more.

!v = !enigma.tensor<f32, device, 1022:1>
!t = !enigma.tensor<f32, device, 4:1>
// CHECK-LABEL: enigma.kernel @tile
// CHECK-DAG: %[[C255:.*]] = arith.constant 255 : index
// CHECK-DAG: %[[C256:.*]] = arith.constant 256 : index
// CHECK-DAG: %[[LOW:.*]] = arith.cmpi ult, %{{.*}}, %[[C256]]
// CHECK-DAG: %[[HIGH:.*]] = arith.cmpi ult, %{{.*}}, %[[C255]]
// CHECK: %[[MASK:.*]] = vector.from_elements %[[LOW]], %[[LOW]], %[[HIGH]], %[[HIGH]]
// CHECK: enigma.load_fragment %{{.*}}, %[[MASK]]
// CHECK-NOT: vector.from_elements
// CHECK: enigma.store_fragment %{{.*}}, %{{.*}}, %[[MASK]] {enigma.distinct}
// FLAT-LABEL: enigma.kernel @tile
// FLAT-NOT: vector<4xf32>
// FLAT: scf.if
// FLAT: vector.load %{{.*}} vector<2xf32>
enigma.kernel @tile(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<1022:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<1022:1>) -> !v
  %four = enigma.static : !enigma.int_tuple<4>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %t = enigma.local_tile %v, %four, %c : (!v, !enigma.int_tuple<4>, !enigma.int_tuple<?>) -> !t
  %f = enigma.load_fragment %t : (!t) -> vector<4xf32>
  %d = arith.addf %f, %f : vector<4xf32>
  enigma.store_fragment %d, %t : (vector<4xf32>, !t) -> ()
  enigma.return
}

// Tiles that divide the tensor need no condition, whatever is made of them.

// CHECK-LABEL: enigma.kernel @divides
// CHECK-NOT: arith.cmpi
// CHECK: enigma.fill %{{.*}}, %{{.*}} : (f32, !enigma.tensor<f32, device, 4:1>) -> ()
// CHECK-NOT: scf.if
// CHECK: enigma.return
enigma.kernel @divides(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<1024:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<1024:1>) -> !enigma.tensor<f32, device, 1024:1>
  %four = enigma.static : !enigma.int_tuple<4>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<(None,?)>
  %z = enigma.zipped_divide %v, %four : (!enigma.tensor<f32, device, 1024:1>, !enigma.int_tuple<4>) -> !enigma.tensor<f32, device, (4,256):(1,4)>
  %t = enigma.slice %z, %c : (!enigma.tensor<f32, device, (4,256):(1,4)>, !enigma.int_tuple<(None,?)>) -> !enigma.tensor<f32, device, (4):(1)>
  %g = enigma.get %t[0] : (!enigma.tensor<f32, device, (4):(1)>) -> !t
  %f = arith.constant 1.0 : f32
  enigma.fill %f, %g : (f32, !t) -> ()
  enigma.return
}

// A condition that is there already, and one in which a branch is taken, is not
// asked again; a mask is one of two.

// CHECK-LABEL: enigma.kernel @asked
// CHECK: %[[IN:.*]] = arith.cmpi ult
// CHECK: %[[BOTH:.*]] = arith.andi %{{.*}}, %[[IN]] : i1
// CHECK: scf.if %[[BOTH]] -> (f32) {
// CHECK-NEXT: enigma.load_element
// CHECK-NEXT: scf.yield
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield
// CHECK: %[[HALF:.*]] = vector.broadcast %{{.*}} : i1 to vector<4xi1>
// CHECK: %[[ALL:.*]] = arith.andi %[[HALF]], %{{.*}} : vector<4xi1>
// CHECK: enigma.fill %{{.*}}, %{{.*}}, %[[ALL]]
enigma.kernel @asked(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %b: i1 {enigma.index = 1 : i32}, %n: f32 {enigma.index = 2 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<1022:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<1022:1>) -> !v
  %four = enigma.static : !enigma.int_tuple<4>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %t = enigma.local_tile %v, %four, %c : (!v, !enigma.int_tuple<4>, !enigma.int_tuple<?>) -> !t
  %three = enigma.static : !enigma.int_tuple<3>
  %exists = enigma.element_exists %t, %three : (!t, !enigma.int_tuple<3>) -> i1
  %both = arith.andi %b, %exists : i1
  %x = scf.if %both -> (f32) {
    %y = enigma.load_element %t, %three : (!t, !enigma.int_tuple<3>) -> f32
    scf.yield %y : f32
  } else {
    scf.yield %n : f32
  }
  %half = vector.broadcast %b : i1 to vector<4xi1>
  enigma.fill %x, %t, %half : (f32, !t, vector<4xi1>) -> ()
  enigma.return
}

// Elements: a load that is not made gives 0, a store and an atomic access are
// not made.

!w = !enigma.tensor<ui32, device, (50,2):(1,64)>
!p = !enigma.tensor<ui32, device, (7,2):(8,64)>
// CHECK-LABEL: enigma.kernel @elements
// CHECK: %[[IN:.*]] = arith.cmpi ult
// CHECK: %[[X:.*]] = scf.if %[[IN]] -> (i32) {
// CHECK-NEXT: %[[L:.*]] = enigma.load_element
// CHECK-NEXT: scf.yield %[[L]]
// CHECK-NEXT: } else {
// CHECK-NEXT: %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK-NEXT: scf.yield %[[ZERO]]
// CHECK: scf.if %[[IN]] {
// CHECK-NEXT: enigma.store_element %[[X]]
// CHECK: %[[AT:.*]] = enigma.element_offset
// CHECK: scf.if %[[IN]] -> (i32) {
// CHECK-NEXT: enigma.atomic_rmw add %[[X]], %{{.*}}[%[[AT]]]
// CHECK: scf.if %[[IN]] -> (i32, i1) {
// CHECK-NEXT: enigma.atomic_compare_exchange
enigma.kernel @elements(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_threadgroup x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<(50,2):(1,64)>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<ui32, device>, !enigma.layout<(50,2):(1,64)>) -> !w
  %threads = enigma.static : !enigma.layout<(8,1):(1,8)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<?>
  %p = enigma.local_partition %v, %threads, %c : (!w, !enigma.layout<(8,1):(1,8)>, !enigma.int_tuple<?>) -> !p
  %last = enigma.static : !enigma.int_tuple<(6,1)>
  %x = enigma.load_element %p, %last : (!p, !enigma.int_tuple<(6,1)>) -> i32
  enigma.store_element %x, %p, %last : (i32, !p, !enigma.int_tuple<(6,1)>) -> ()
  %at = enigma.element_offset %p, %last : (!p, !enigma.int_tuple<(6,1)>) -> index
  %old = enigma.atomic_rmw add %x, %A[%at] : i32, !enigma.buffer<ui32, device>
  %was, %done = enigma.atomic_compare_exchange %x, %old, %A[%at] : i32, !enigma.buffer<ui32, device>
  enigma.return
}

// A copy writes 0 where the source has no element. What is composed with a
// layout that reaches beyond it overhangs, too; and all that a view was made of
// counts.

// CHECK-LABEL: enigma.kernel @copy
// CHECK: %[[F:.*]] = enigma.load_fragment %{{.*}}, %{{.*}} :
// CHECK: enigma.store_fragment %[[F]], %{{.*}} : (vector<4xf32>, !enigma.tensor<f32, device, 4:1>) -> ()
// CHECK: enigma.copy %{{.*}}, %{{.*}}, %{{.*}} :
enigma.kernel @copy(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<6:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<6:1>) -> !enigma.tensor<f32, device, 6:1>
  %by = enigma.static : !enigma.layout<(2,4):(4,1)>
  %o = enigma.composition %v, %by : (!enigma.tensor<f32, device, 6:1>, !enigma.layout<(2,4):(4,1)>) -> !enigma.tensor<f32, device, (2,4):(4,1)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<(?,None)>
  %r = enigma.slice %o, %c : (!enigma.tensor<f32, device, (2,4):(4,1)>, !enigma.int_tuple<(?,None)>) -> !enigma.tensor<f32, device, (4):(1)>
  %m = enigma.static : !enigma.layout<4:1>
  %d = enigma.make_tensor %B, %m : (!enigma.buffer<f32, device>, !enigma.layout<4:1>) -> !t
  enigma.copy %r, %d : (!enigma.tensor<f32, device, (4):(1)>, !t) -> ()
  enigma.copy %d, %r : (!t, !enigma.tensor<f32, device, (4):(1)>) -> ()
  enigma.return
}

// Sizes that are known at run time only: n elements in tiles of n are one tile.

// CHECK-LABEL: enigma.kernel @sizes
// CHECK: enigma.load_element
// CHECK: scf.if
// CHECK-NEXT: enigma.store_element
enigma.kernel @sizes(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %n: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %m = arith.index_castui %n : i32 to index
  %s = enigma.make_int_tuple %m : !enigma.int_tuple<?>
  %l = enigma.make_layout %s : (!enigma.int_tuple<?>) -> !enigma.layout<?:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<?:1>) -> !enigma.tensor<f32, device, ?:1>
  %z = enigma.flat_divide %v, %s : (!enigma.tensor<f32, device, ?:1>, !enigma.int_tuple<?>) -> !enigma.tensor<f32, device, (?,?):(1,?)>
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<(?,0)>
  %x = enigma.load_element %z, %c : (!enigma.tensor<f32, device, (?,?):(1,?)>, !enigma.int_tuple<(?,0)>) -> f32
  %four = enigma.static : !enigma.int_tuple<4>
  %y = enigma.flat_divide %v, %four : (!enigma.tensor<f32, device, ?:1>, !enigma.int_tuple<4>) -> !enigma.tensor<f32, device, (4,?):(1,4)>
  %d = enigma.make_int_tuple %i : !enigma.int_tuple<(0,?)>
  enigma.store_element %x, %y, %d : (f32, !enigma.tensor<f32, device, (4,?):(1,4)>, !enigma.int_tuple<(0,?)>) -> ()
  enigma.return
}

// The conditions of rows and those of columns are masks of their own. Elements
// of a matrix whose rows lie one behind the other are at different places; it is
// unknown where rows are any number of elements apart.

!dyn = !enigma.tensor<f32, device, (?,?):(?,1)>
!tile = !enigma.tensor<f32, device, (2,2):(?,1)>
// CHECK-LABEL: enigma.kernel @rows_and_columns
// CHECK-DAG: %[[R0:.*]] = arith.cmpi ult, %[[I:.*]], %[[M:.*]] : index
// CHECK-DAG: %[[R1:.*]] = arith.cmpi ult, %{{.*}}, %[[M]] : index
// CHECK-NOT: arith.andi %{{.*}} : i1
// CHECK: %[[ROWS:.*]] = vector.from_elements %[[R0]], %[[R1]], %[[R0]], %[[R1]]
// CHECK: %[[COLUMNS:.*]] = vector.from_elements %[[C0:.*]], %[[C0]], %[[C1:.*]], %[[C1]]
// CHECK: %[[MASK:.*]] = arith.andi %[[ROWS]], %[[COLUMNS]] : vector<4xi1>
// CHECK: enigma.store_fragment %{{.*}}, %{{.*}}, %[[MASK]] {enigma.distinct}
// CHECK: enigma.store_fragment
// CHECK-NOT: enigma.distinct
// CHECK: enigma.return
enigma.kernel @rows_and_columns(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}, %m: i32 {enigma.dtype = ui32, enigma.extent, enigma.index = 1 : i32}, %n: i32 {enigma.dtype = ui32, enigma.extent, enigma.index = 2 : i32}, %d: i32 {enigma.dtype = ui32, enigma.index = 3 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %rows = arith.index_castui %m : i32 to index
  %columns = arith.index_castui %n : i32 to index
  %step = arith.index_castui %d : i32 to index
  %shape = enigma.make_int_tuple %rows, %columns : !enigma.int_tuple<(?,?)>
  %close = enigma.make_int_tuple %columns : !enigma.int_tuple<(?,1)>
  %any = enigma.make_int_tuple %step : !enigma.int_tuple<(?,1)>
  %l = enigma.make_layout %shape, %close : (!enigma.int_tuple<(?,?)>, !enigma.int_tuple<(?,1)>) -> !enigma.layout<(?,?):(?,1)>
  %k = enigma.make_layout %shape, %any : (!enigma.int_tuple<(?,?)>, !enigma.int_tuple<(?,1)>) -> !enigma.layout<(?,?):(?,1)>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<(?,?):(?,1)>) -> !dyn
  %w = enigma.make_tensor %A, %k : (!enigma.buffer<f32, device>, !enigma.layout<(?,?):(?,1)>) -> !dyn
  %unit = enigma.static : !enigma.int_tuple<(2,2)>
  %c = enigma.make_int_tuple %i, %i : !enigma.int_tuple<(?,?)>
  %t = enigma.local_tile %v, %unit, %c : (!dyn, !enigma.int_tuple<(2,2)>, !enigma.int_tuple<(?,?)>) -> !tile
  %u = enigma.local_tile %w, %unit, %c : (!dyn, !enigma.int_tuple<(2,2)>, !enigma.int_tuple<(?,?)>) -> !tile
  %f = arith.constant dense<1.0> : vector<4xf32>
  enigma.store_fragment %f, %t : (vector<4xf32>, !tile) -> ()
  enigma.store_fragment %f, %u : (vector<4xf32>, !tile) -> ()
  enigma.return
}

// A repetition that begins beyond the tensor, by more than the values that a
// thread has at once: no thread has an element of it, and no number is below a
// negative one that is read without its sign.

!wide = !enigma.tensor<f32, device, 40:1>
!last = !enigma.tensor<f32, device, (32):(1)>
!twice = !enigma.tensor<f32, device, ((16),(2)):((1),(16))>
!part = !enigma.tensor<f32, device, ((4,4),(2)):((4,1),(16))>
!own = !enigma.tensor<f32, device, (4,(2)):(1,(16))>
// CHECK-LABEL: enigma.kernel @beyond
// CHECK-NOT: arith.constant -
// CHECK-DAG: %[[NONE:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[SOME:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[FIRST:.*]] = arith.cmpi ult, %[[I:.*]], %[[SOME]]
// CHECK-DAG: %[[SECOND:.*]] = arith.cmpi ult, %[[I]], %[[NONE]]
// CHECK: vector.from_elements %[[FIRST]], %[[FIRST]], %[[FIRST]], %[[FIRST]], %[[SECOND]], %[[SECOND]], %[[SECOND]], %[[SECOND]]
// FLAT-LABEL: enigma.kernel @beyond
// FLAT: scf.if
// FLAT-NEXT: vector.store {{.*}} vector<4xf32>
// FLAT-NOT: store
// FLAT: enigma.return
enigma.kernel @beyond(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
  %tid = enigma.thread_position_in_grid x : i32
  %i = arith.index_castui %tid : i32 to index
  %l = enigma.static : !enigma.layout<40:1>
  %v = enigma.make_tensor %A, %l : (!enigma.buffer<f32, device>, !enigma.layout<40:1>) -> !wide
  %size = enigma.static : !enigma.tiler<(32:1)>
  %one = enigma.static : !enigma.int_tuple<(1)>
  %t = enigma.local_tile %v, %size, %one : (!wide, !enigma.tiler<(32:1)>, !enigma.int_tuple<(1)>) -> !last
  %each = enigma.static : !enigma.tiler<(16:1)>
  %z = enigma.zipped_divide %t, %each : (!last, !enigma.tiler<(16:1)>) -> !twice
  %by = enigma.static : !enigma.tiler<((4,4):(4,1),None)>
  %p = enigma.composition %z, %by : (!twice, !enigma.tiler<((4,4):(4,1),None)>) -> !part
  %c = enigma.make_int_tuple %i : !enigma.int_tuple<((?,None),None)>
  %own = enigma.slice %p, %c : (!part, !enigma.int_tuple<((?,None),None)>) -> !own
  %f = arith.constant dense<1.0> : vector<8xf32>
  enigma.store_fragment %f, %own : (vector<8xf32>, !own) -> ()
  enigma.return
}
