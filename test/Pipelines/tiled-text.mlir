// RUN: enigma-opt %s --enigma-clean --enigma-to-flat --split-input-file | enigma-translate --enigma-to-msl --split-input-file | FileCheck %s

// What a person reads of kernels on tensors.

// Of a tensor whose layout is known and fits 32 bits, every subscript does.

// CHECK-LABEL: kernel void element(
// CHECK: {
// CHECK-NEXT: uint index = gid.x * 512 + gid.y;
// CHECK-NEXT: B[index] = A[index];
// CHECK-NEXT: }
!T = !enigma.tensor<f32, device, (256,512):(512,1)>
!L = !enigma.layout<(256,512):(512,1)>
!B = !enigma.buffer<f32, device>
enigma.kernel @element(%A: !B {enigma.name = "A", enigma.index = 0 : i32}, %B: !B {enigma.name = "B", enigma.index = 1 : i32}) {
  %x = enigma.thread_position_in_grid x : i32
  %y = enigma.thread_position_in_grid y : i32
  %row = arith.index_castui %x : i32 to index
  %col = arith.index_castui %y : i32 to index
  %layout = enigma.static : !L
  %gA = enigma.make_tensor %A, %layout : (!B, !L) -> !T
  %gB = enigma.make_tensor %B, %layout : (!B, !L) -> !T
  %c = enigma.make_int_tuple %row, %col : !enigma.int_tuple<(?,?)>
  %f = enigma.load_element %gA, %c : (!T, !enigma.int_tuple<(?,?)>) -> f32
  enigma.store_element %f, %gB, %c : (f32, !T, !enigma.int_tuple<(?,?)>) -> ()
  enigma.return
}

// -----

// Signed numbers stay so, where all are.

// CHECK-LABEL: kernel void diagonal(
// CHECK: uint t = gid * 512;
// CHECK-NEXT: for (int i = 0; i < n; ++i) {
// CHECK-NEXT: B[i * 513] = A[t + i];
!T = !enigma.tensor<f32, device, (256,512):(512,1)>
!L = !enigma.layout<(256,512):(512,1)>
!B = !enigma.buffer<f32, device>
enigma.kernel @diagonal(%A: !B {enigma.name = "A", enigma.index = 0 : i32}, %B: !B {enigma.name = "B", enigma.index = 1 : i32}, %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = si32}) {
  %x = enigma.thread_position_in_grid x : i32
  %row = arith.index_castui %x : i32 to index
  %layout = enigma.static : !L
  %gA = enigma.make_tensor %A, %layout : (!B, !L) -> !T
  %gB = enigma.make_tensor %B, %layout : (!B, !L) -> !T
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  scf.for %k = %c0 to %n step %c1 : i32 {
    %i = arith.index_cast %k : i32 to index
    %c = enigma.make_int_tuple %row, %i : !enigma.int_tuple<(?,?)>
    %d = enigma.make_int_tuple %i, %i : !enigma.int_tuple<(?,?)>
    %f = enigma.load_element %gA, %c : (!T, !enigma.int_tuple<(?,?)>) -> f32
    enigma.store_element %f, %gB, %d : (f32, !T, !enigma.int_tuple<(?,?)>) -> ()
  }
  enigma.return
}

// -----

// Of 2^31 elements or more the signed number is not computed in 32 bits, and of
// more than 2^32 no number is.

// CHECK-LABEL: kernel void large(
// CHECK: A[gid * 65537] = 1.0f;
// CHECK-NEXT: A[long(i) * 65537] = 1.0f;
// CHECK-NEXT: A[ulong(gid) * 131073] = 1.0f;
!T = !enigma.tensor<f32, device, (65536,65536):(65536,1)>
!U = !enigma.tensor<f32, device, (65536,65536):(131072,1)>
!B = !enigma.buffer<f32, device>
enigma.kernel @large(%A: !B {enigma.name = "A", enigma.index = 0 : i32}, %n: i32 {enigma.name = "i", enigma.index = 2 : i32, enigma.dtype = si32}) {
  %x = enigma.thread_position_in_grid x : i32
  %row = arith.index_castui %x : i32 to index
  %i = arith.index_cast %n : i32 to index
  %layout = enigma.static : !enigma.layout<(65536,65536):(65536,1)>
  %wide = enigma.static : !enigma.layout<(65536,65536):(131072,1)>
  %g = enigma.make_tensor %A, %layout : (!B, !enigma.layout<(65536,65536):(65536,1)>) -> !T
  %h = enigma.make_tensor %A, %wide : (!B, !enigma.layout<(65536,65536):(131072,1)>) -> !U
  %c = enigma.make_int_tuple %row, %row : !enigma.int_tuple<(?,?)>
  %d = enigma.make_int_tuple %i, %i : !enigma.int_tuple<(?,?)>
  %f = arith.constant 1.0 : f32
  enigma.store_element %f, %g, %c : (f32, !T, !enigma.int_tuple<(?,?)>) -> ()
  enigma.store_element %f, %g, %d : (f32, !T, !enigma.int_tuple<(?,?)>) -> ()
  enigma.store_element %f, %h, %c : (f32, !U, !enigma.int_tuple<(?,?)>) -> ()
  enigma.return
}

// -----

// With an extent that is known at run time only, subscripts may need 64 bits: one
// product for the tile, whose rows follow by a sum. The rows may overhang.

// CHECK-LABEL: kernel void symbolic(
// CHECK: {
// CHECK-NEXT: ulong t = ulong(gid.x) * 2;
// CHECK-NEXT: ulong t_1 = ulong(gid.y) * 4;
// CHECK-NEXT: ulong t_2 = ulong(n) * gid.x;
// CHECK-NEXT: ulong index = t_2 + gid.y;
// CHECK-NEXT: ulong index_1 = t_2 * 2 + t_1;
// CHECK-NEXT: bool cond = t_1 < n;
// CHECK-NEXT: B[index] = A[index];
// CHECK-NEXT: float4 t_3 = t < m && cond ? float4(*(device const float4*)(A + index_1)) : float4(0.0f);
// CHECK-NEXT: if (t + 1 < m && cond) {
// CHECK-NEXT: *(device float4*)(B + index_1 + n) = t_3;
// CHECK-NEXT: }
// CHECK-NEXT: }
!T = !enigma.tensor<f32, device, (?,?{div=4}):(?{div=4},1)>
!R = !enigma.tensor<f32, device, (1,4):(?{div=4},1)>
!B = !enigma.buffer<f32, device>
enigma.kernel @symbolic(%A: !B {enigma.name = "A", enigma.index = 0 : i32}, %B: !B {enigma.name = "B", enigma.index = 1 : i32},
    %n: i32 {enigma.name = "n", enigma.index = 2 : i32, enigma.dtype = ui32}, %m: i32 {enigma.name = "m", enigma.index = 3 : i32, enigma.dtype = ui32}) {
  %x = enigma.thread_position_in_grid x : i32
  %y = enigma.thread_position_in_grid y : i32
  %row = arith.index_castui %x : i32 to index
  %col = arith.index_castui %y : i32 to index
  %width = arith.index_castui %n : i32 to index
  %height = arith.index_castui %m : i32 to index
  %shape = enigma.make_int_tuple %height, %width : !enigma.int_tuple<(?,?{div=4})>
  %stride = enigma.make_int_tuple %width : !enigma.int_tuple<(?{div=4},1)>
  %layout = enigma.make_layout %shape, %stride : (!enigma.int_tuple<(?,?{div=4})>, !enigma.int_tuple<(?{div=4},1)>) -> !enigma.layout<(?,?{div=4}):(?{div=4},1)>
  %gA = enigma.make_tensor %A, %layout : (!B, !enigma.layout<(?,?{div=4}):(?{div=4},1)>) -> !T
  %gB = enigma.make_tensor %B, %layout : (!B, !enigma.layout<(?,?{div=4}):(?{div=4},1)>) -> !T
  %c = enigma.make_int_tuple %row, %col : !enigma.int_tuple<(?,?)>
  %f = enigma.load_element %gA, %c : (!T, !enigma.int_tuple<(?,?)>) -> f32
  enigma.store_element %f, %gB, %c : (f32, !T, !enigma.int_tuple<(?,?)>) -> ()
  %tile = enigma.static : !enigma.int_tuple<(2,4)>
  %tA = enigma.local_tile %gA, %tile, %c : (!T, !enigma.int_tuple<(2,4)>, !enigma.int_tuple<(?,?)>) -> !enigma.tensor<f32, device, (2,4):(?{div=4},1)>
  %tB = enigma.local_tile %gB, %tile, %c : (!T, !enigma.int_tuple<(2,4)>, !enigma.int_tuple<(?,?)>) -> !enigma.tensor<f32, device, (2,4):(?{div=4},1)>
  %r0 = enigma.static : !enigma.int_tuple<(0,None)>
  %r1 = enigma.static : !enigma.int_tuple<(1,None)>
  %rA = enigma.slice %tA, %r0 : (!enigma.tensor<f32, device, (2,4):(?{div=4},1)>, !enigma.int_tuple<(0,None)>) -> !enigma.tensor<f32, device, (4):(1)>
  %rB = enigma.slice %tB, %r1 : (!enigma.tensor<f32, device, (2,4):(?{div=4},1)>, !enigma.int_tuple<(1,None)>) -> !enigma.tensor<f32, device, (4):(1)>
  enigma.copy %rA, %rB : (!enigma.tensor<f32, device, (4):(1)>, !enigma.tensor<f32, device, (4):(1)>) -> ()
  enigma.return
}

// -----

// The lanes of fragments stand in the order of memory, here that of rows, though
// the first mode runs fastest: no row is taken apart. Each piece of the variable
// has its name.

// CHECK-LABEL: kernel void outer(
// CHECK: float4 acc = float4(0.0f);
// CHECK-NEXT: float4 acc_1 = float4(0.0f);
// CHECK-NEXT: float4 acc_2 = float4(0.0f);
// CHECK-NEXT: float4 acc_3 = float4(0.0f);
// CHECK-NEXT: for (int i = 0; i < 64; ++i) {
// CHECK-NEXT: uint t_2 = t_1 + i;
// CHECK-NEXT: float4 b = *(device const float4*)(B + t + i * 64);
// CHECK-NEXT: acc = fma(float4(A[t_2]), b, acc);
// CHECK-NEXT: acc_1 = fma(float4(A[t_2 + 64]), b, acc_1);
// CHECK-NEXT: acc_2 = fma(float4(A[t_2 + 128]), b, acc_2);
// CHECK-NEXT: acc_3 = fma(float4(A[t_2 + 192]), b, acc_3);
// CHECK-NEXT: }
// CHECK-NEXT: uint t_2 = {{.+}};
// CHECK-NEXT: *(device float4*)(C + t_2) = acc;
// CHECK-NEXT: *(device float4*)(C + t_2 + 64) = acc_1;
// CHECK-NEXT: *(device float4*)(C + t_2 + 128) = acc_2;
// CHECK-NEXT: *(device float4*)(C + t_2 + 192) = acc_3;
// CHECK-NEXT: }
!B = !enigma.buffer<f32, device>
!LA = !enigma.layout<((4,4),64,16):((64,0),1,256)>
!LB = !enigma.layout<((4,4),64,16):((0,1),64,4)>
!LC = !enigma.layout<((4,4),16,16):((64,1),256,4)>
!VA = !enigma.tensor<f32, device, ((4,4)):((64,0))>
!VB = !enigma.tensor<f32, device, ((4,4)):((0,1))>
!VC = !enigma.tensor<f32, device, ((4,4)):((64,1))>
enigma.kernel @outer(%A: !B {enigma.name = "A", enigma.index = 0 : i32}, %B: !B {enigma.name = "B", enigma.index = 1 : i32}, %C: !B {enigma.name = "C", enigma.index = 2 : i32}) {
  %x = enigma.thread_position_in_grid x : i32
  %y = enigma.thread_position_in_grid y : i32
  %col = arith.index_castui %x : i32 to index
  %row = arith.index_castui %y : i32 to index
  %la = enigma.static : !LA
  %lb = enigma.static : !LB
  %lc = enigma.static : !LC
  %gA = enigma.make_tensor %A, %la : (!B, !LA) -> !enigma.tensor<f32, device, ((4,4),64,16):((64,0),1,256)>
  %gB = enigma.make_tensor %B, %lb : (!B, !LB) -> !enigma.tensor<f32, device, ((4,4),64,16):((0,1),64,4)>
  %gC = enigma.make_tensor %C, %lc : (!B, !LC) -> !enigma.tensor<f32, device, ((4,4),16,16):((64,1),256,4)>
  %zero = arith.constant dense<0.0> : vector<16xf32>
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c64 = arith.constant 64 : i32
  %acc = scf.for %k = %c0 to %c64 step %c1 iter_args(%s = %zero) -> (vector<16xf32>) : i32 {
    %kk = arith.index_cast %k : i32 to index
    %ca = enigma.make_int_tuple %kk, %row : !enigma.int_tuple<(None,?,?)>
    %cb = enigma.make_int_tuple %kk, %col : !enigma.int_tuple<(None,?,?)>
    %ta = enigma.slice %gA, %ca : (!enigma.tensor<f32, device, ((4,4),64,16):((64,0),1,256)>, !enigma.int_tuple<(None,?,?)>) -> !VA
    %tb = enigma.slice %gB, %cb : (!enigma.tensor<f32, device, ((4,4),64,16):((0,1),64,4)>, !enigma.int_tuple<(None,?,?)>) -> !VB
    %a = enigma.load_fragment %ta : (!VA) -> vector<16xf32>
    %b = enigma.load_fragment %tb : (!VB) -> vector<16xf32>
    %n = math.fma %a, %b, %s : vector<16xf32>
    scf.yield %n : vector<16xf32>
  } {enigma.names = ["acc"]}
  %cc = enigma.make_int_tuple %row, %col : !enigma.int_tuple<(None,?,?)>
  %tc = enigma.slice %gC, %cc : (!enigma.tensor<f32, device, ((4,4),16,16):((64,1),256,4)>, !enigma.int_tuple<(None,?,?)>) -> !VC
  enigma.store_fragment %acc, %tc : (vector<16xf32>, !VC) -> ()
  enigma.return
}
