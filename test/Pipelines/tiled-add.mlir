// RUN: enigma-opt %s --enigma-clean --enigma-to-flat | FileCheck %s
// RUN: enigma-opt %s --enigma-clean --enigma-to-flat | enigma-translate --enigma-to-msl | FileCheck %s --check-prefix=MSL

// A tiled addition, each thread of which owns 4 by 4 elements of a tile: what is
// left has vector accesses, one address for the three tensors, which share their
// layout, and no operation on layouts.

!A = !enigma.tensor<f32, device, (256,512):(512,1)>
!zipped = !enigma.tensor<f32, device, ((16,128),(16,4)):((512,1),(8192,128))>
!block = !enigma.tensor<f32, device, (16,128):(512,1)>
!tv = !enigma.layout<((32,4),(4,4)):((64,4),(16,1))>
!owned = !enigma.tensor<f32, device, ((32,4),(4,4)):((4,2048),(1,512))>
!thr = !enigma.tensor<f32, device, ((4,4)):((1,512))>

// CHECK-LABEL: enigma.kernel @tiled_add
// CHECK-NOT: enigma.{{static|make_|slice|zipped|composition|load_|store_}}
enigma.kernel @tiled_add(
    %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
    %B: !enigma.buffer<f32, device> {enigma.index = 1 : i32},
    %C: !enigma.buffer<f32, device> {enigma.index = 2 : i32})
    attributes {grid = array<i64: 64, 1, 1>, block = array<i64: 128, 1, 1>} {
  %t = enigma.thread_position_in_threadgroup x : i32
  %b = enigma.threadgroup_position_in_grid x : i32
  %tidx = arith.index_castui %t : i32 to index
  %bidx = arith.index_castui %b : i32 to index
  %layout = enigma.static : !enigma.layout<(256,512):(512,1)>
  %thr = enigma.static : !enigma.layout<(4,32):(32,1)>
  %val = enigma.static : !enigma.layout<(4,4):(4,1)>
  %tiler, %tv = enigma.make_layout_tv %thr, %val : (!enigma.layout<(4,32):(32,1)>, !enigma.layout<(4,4):(4,1)>) -> (!enigma.int_tuple<(16,128)>, !tv)
  %blk = enigma.make_int_tuple %bidx : !enigma.int_tuple<((None,None),?)>
  %own = enigma.make_int_tuple %tidx : !enigma.int_tuple<(?,None)>

  %gA = enigma.make_tensor %A, %layout : (!enigma.buffer<f32, device>, !enigma.layout<(256,512):(512,1)>) -> !A
  %zA = enigma.zipped_divide %gA, %tiler : (!A, !enigma.int_tuple<(16,128)>) -> !zipped
  %bA = enigma.slice %zA, %blk : (!zipped, !enigma.int_tuple<((None,None),?)>) -> !block
  %oA = enigma.composition %bA, %tv : (!block, !tv) -> !owned
  %tA = enigma.slice %oA, %own : (!owned, !enigma.int_tuple<(?,None)>) -> !thr
  %gB = enigma.make_tensor %B, %layout : (!enigma.buffer<f32, device>, !enigma.layout<(256,512):(512,1)>) -> !A
  %zB = enigma.zipped_divide %gB, %tiler : (!A, !enigma.int_tuple<(16,128)>) -> !zipped
  %bB = enigma.slice %zB, %blk : (!zipped, !enigma.int_tuple<((None,None),?)>) -> !block
  %oB = enigma.composition %bB, %tv : (!block, !tv) -> !owned
  %tB = enigma.slice %oB, %own : (!owned, !enigma.int_tuple<(?,None)>) -> !thr
  %gC = enigma.make_tensor %C, %layout : (!enigma.buffer<f32, device>, !enigma.layout<(256,512):(512,1)>) -> !A
  %zC = enigma.zipped_divide %gC, %tiler : (!A, !enigma.int_tuple<(16,128)>) -> !zipped
  %bC = enigma.slice %zC, %blk : (!zipped, !enigma.int_tuple<((None,None),?)>) -> !block
  %oC = enigma.composition %bC, %tv : (!block, !tv) -> !owned
  %tC = enigma.slice %oC, %own : (!owned, !enigma.int_tuple<(?,None)>) -> !thr
  %fA = enigma.load_fragment %tA : (!thr) -> vector<16xf32>
  %fB = enigma.load_fragment %tB : (!thr) -> vector<16xf32>
  %sum = arith.addf %fA, %fB : vector<16xf32>
  enigma.store_fragment %sum, %tC : (vector<16xf32>, !thr) -> ()
  enigma.return
}

// Four terms, summed once: the two digits of the thread and of the block.
// CHECK-DAG: %[[T:.*]] = enigma.thread_position_in_threadgroup x
// CHECK-DAG: %[[B:.*]] = enigma.threadgroup_position_in_grid x
// CHECK-COUNT-3: arith.addi
// CHECK: %[[AT:.*]] = arith.index_castui
// CHECK-COUNT-3: arith.addi
// CHECK-NOT: arith.{{muli|addi|div|rem|sh}}
// CHECK: %[[A0:.*]] = vector.load %{{.*}}[%[[AT]]] {alignment = 16 : i64} : memref<?xf32, #enigma.address_space<device>>, vector<4xf32>
// CHECK-COUNT-3: vector.load %{{.*}} vector<4xf32>
// CHECK: %[[B0:.*]] = vector.load %{{.*}}[%[[AT]]] {alignment = 16 : i64} : memref<?xf32, #enigma.address_space<device>>, vector<4xf32>
// CHECK-COUNT-3: vector.load %{{.*}} vector<4xf32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[A0]], %[[B0]] : vector<4xf32>
// CHECK-COUNT-3: arith.addf
// CHECK-NEXT: vector.store %[[SUM]], %{{.*}}[%[[AT]]] {alignment = 16 : i64}
// CHECK-COUNT-3: vector.store %{{.*}} vector<4xf32>
// CHECK-NEXT: enigma.return

// Numbers are added where the address is used, and rows come in order.

// MSL: uint t = (group & 0xf) * 8192 + (lid >> 5) * 2048 + (group >> 4) * 128 + (lid & 0x1f) * 4;
// MSL-NEXT: float4 t_1 = *(device const float4*)(arg0 + t) + *(device const float4*)(arg1 + t);
// MSL-NEXT: float4 t_2 = *(device const float4*)(arg0 + t + 512) +
// MSL-NEXT:              *(device const float4*)(arg1 + t + 512);
// MSL-NEXT: float4 t_3 = *(device const float4*)(arg0 + t + 1024) +
// MSL-NEXT:              *(device const float4*)(arg1 + t + 1024);
// MSL-NEXT: float4 t_4 = *(device const float4*)(arg0 + t + 1536) +
// MSL-NEXT:              *(device const float4*)(arg1 + t + 1536);
// MSL-NEXT: *(device float4*)(arg2 + t) = t_1;
// MSL-NEXT: *(device float4*)(arg2 + t + 512) = t_2;
// MSL-NEXT: *(device float4*)(arg2 + t + 1024) = t_3;
// MSL-NEXT: *(device float4*)(arg2 + t + 1536) = t_4;
// MSL-NEXT: }
