// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_MEMORY_OPS
#define ENIGMA_MEMORY_OPS

include "EnigmaTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Enigma_LoadOp : Enigma_Op<"load"> {
  let skipDefaultBuilders = 0;
  let summary = "reads one element, or consecutive elements, of a buffer";
  let description = [{
    The result is the element at the subscript, or a vector of the elements that
    start there, if these are scalars. A vector access must be aligned: its subscript is a
    multiple of the number of lanes. An access that is not aligned, or is outside
    the buffer, is undefined; where the kernel is certain to make it (it stands
    in the entry block) and the subscript is a constant, it is an error. Of an
    `enigma.constant_array`, an element with a constant subscript is a constant.
    `index_bits` says that the subscript is less than 2^index_bits wherever the
    access is made, so that its arithmetic may leave out the bits above.

    Constraints:
    1. The result is the value type of the buffer's element, or a vector of it
       with a power of two of lanes, at most the target's `lanes` (for Metal 2 or 4).
    2. In the entry block, a constant subscript is not negative and lies inside a
       buffer of static size.
    3. In the entry block, a constant subscript of a vector access is a multiple
       of its lanes.

    Example:

    ```mlir
    enigma.kernel @load(%A: !enigma.buffer<ui8, device> {enigma.index = 0 : i32}) {
      %c8 = arith.constant 8 : index
      %0 = enigma.load %A[%c8] : !enigma.buffer<ui8, device> -> i8
      %1 = enigma.load %A[%c8] {index_bits = 20 : i32} : !enigma.buffer<ui8, device> -> vector<4xi8>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Arg<Enigma_BufferType, "", [MemRead]>:$buffer, Index:$index,
                       OptionalAttr<ConfinedAttr<I32Attr, [IntPositive]>>:$index_bits);
  let results = (outs Enigma_Value:$result);
  let assemblyFormat = "$buffer `[` $index `]` attr-dict `:` qualified(type($buffer)) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Enigma_StoreOp : Enigma_Op<"store"> {
  let skipDefaultBuilders = 0;
  let summary = "writes one element, or consecutive elements, of a buffer";
  let description = [{
    The opposite of `enigma.load`, with the same rules. Buffers in the `constant`
    address space can not be written. `canonicalize` removes a store of what was
    just loaded from the same place.

    Constraints:
    1. The value has the value type of the buffer's element, or is a vector of it
       with a power of two of lanes, at most the target's `lanes` (for Metal 2 or 4).
    2. In the entry block, a constant subscript is not negative and lies inside a
       buffer of static size.
    3. In the entry block, a constant subscript of a vector access is a multiple
       of its lanes.
    4. The buffer is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @store(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %c0 = arith.constant 0 : index
      %f = arith.constant 1.0 : f32
      enigma.store %f, %A[%c0] : f32, !enigma.buffer<f32, device>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Value:$value,
    Arg<Enigma_BufferType, "", [MemWrite]>:$buffer, Index:$index,
    OptionalAttr<ConfinedAttr<I32Attr, [IntPositive]>>:$index_bits);
  let assemblyFormat = "$value `,` $buffer `[` $index `]` attr-dict `:` type($value) `,` qualified(type($buffer))";
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def Enigma_AllocOp : Enigma_Op<"alloc"> {
  let skipDefaultBuilders = 0;
  let summary = "an array in threadgroup or thread memory";
  let description = [{
    An array that all threads of a threadgroup share (`threadgroup`), or that a
    thread has for itself (`thread`, registers where the subscripts permit). Its
    contents are undefined until written. In the flat form the result is a memref
    and `dtype` keeps the signedness of its elements. The array is aligned like its
    elements; `alignment` states more bytes, which accesses to vectors need.

    Constraints:
    1. The result is a buffer, or its flat form: a memref of one dimension,
       without strides.
    2. Its size is static and positive.
    3. It is in the address space `threadgroup` or `thread`.
    4. A threadgroup array stands in the kernel's entry block; a thread array
       stands in a kernel.
    5. A flat integer array has `dtype`, of the same width. The `dtype` of a
       buffer, if stated, is its element type.
    6. The alignment is a power of two.

    Example:

    ```mlir
    enigma.kernel @alloc() {
      %tile = enigma.alloc : !enigma.buffer<256xf32, threadgroup>
      %vectors = enigma.alloc {alignment = 16 : i64} : !enigma.buffer<64xf32, threadgroup>
      enigma.return
    }
    ```
  }];
  let arguments = (ins OptionalAttr<TypeAttr>:$dtype,
    OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$alignment);
  let results = (outs Res<AnyTypeOf<[Enigma_BufferType, Enigma_FlatBufferType]>,
                          "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `:` qualified(type($result))";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The element type with its signedness.
    ::mlir::Type getElementDtype();
    ::enigma::AddressSpace getAddressSpace();
    /// The number of elements.
    int64_t getNumElements();
  }];
}

def Enigma_ConstantArrayOp : Enigma_Op<"constant_array", [Pure]> {
  let summary = "an array of numbers that are known while the kernel is compiled";
  let description = [{
    A table in the `constant` address space, which stands beside the kernel in the
    text. In the flat form the result is a memref and `dtype` keeps the signedness
    of its elements. The array is aligned like its elements; `alignment` states
    more bytes, which accesses to vectors need.

    Constraints:
    1. The result is a buffer, or its flat form: a memref of one dimension, without
       strides.
    2. It is in the address space `constant`.
    3. `values` are numbers of the value type of its elements, in one dimension, as
       many as its size.
    4. A flat integer array has `dtype`, of the same width. The `dtype` of a buffer,
       if stated, is its element type.
    5. The alignment is a power of two.

    Example:

    ```mlir
    enigma.kernel @constant_array() {
      %weights = enigma.constant_array dense<[1.0, 4.0, 1.0]> : tensor<3xf32> : !enigma.buffer<3xf32, constant>
      enigma.return
    }
    ```
  }];
  let arguments = (ins ElementsAttr:$values, OptionalAttr<TypeAttr>:$dtype,
    OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$alignment);
  let results = (outs AnyTypeOf<[Enigma_BufferType, Enigma_FlatBufferType]>:$result);
  let assemblyFormat = "$values attr-dict `:` qualified(type($result))";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The element type with its signedness.
    ::mlir::Type getElementDtype();
  }];
}

def Enigma_StoreLaneOp : Enigma_Op<"store_lane"> {
  let summary = "writes one lane of an element that is a vector";
  let description = [{
    The other lanes of the element are not accessed: another thread may write them.
    A lane that the vector does not have is undefined; a constant one is an error.

    Constraints:
    1. The elements of the buffer are vectors, and the value is one lane.
    2. In the entry block, a constant subscript is not negative and lies inside a
       buffer of static size.
    3. A constant lane is one of the vector.
    4. The buffer is not in the `constant` address space.

    Example:

    ```mlir
    enigma.kernel @store_lane(%A: !enigma.buffer<vector<4xf32>, device> {enigma.index = 0 : i32}) {
      %c2 = arith.constant 2 : index
      %c3 = arith.constant 3 : index
      %f = arith.constant 1.0 : f32
      enigma.store_lane %f, %A[%c2], %c3 : f32, !enigma.buffer<vector<4xf32>, device>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_Value:$value,
    Arg<Enigma_AnyBuffer, "", [MemWrite]>:$buffer, Index:$index, Index:$lane);
  let assemblyFormat = "$value `,` $buffer `[` $index `]` `,` $lane attr-dict `:` type($value) `,` qualified(type($buffer))";
  let hasVerifier = 1;
}

def Enigma_SplitAccessOp : Enigma_Op<"split_access", [Pure]> {
  let skipDefaultBuilders = 0;
  let summary = "takes apart what one access to narrow elements gave";
  let description = [{
    An access may take more elements than a vector has lanes. What it gives has no
    arithmetic: the results are vectors of its lanes, in order.

    Constraints:
    1. The parts are vectors of one type, two or more, which have the lanes of the
       whole together.

    Example:

    ```mlir
    enigma.kernel @split_access(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = enigma.load %A[%c0] : !enigma.buffer<f16, device> -> vector<8xf16>
      %1:2 = enigma.split_access %0 : vector<8xf16> -> vector<4xf16>, vector<4xf16>
      enigma.return
    }
    ```
  }];
  let arguments = (ins AnyVectorOfNonZeroRank:$whole);
  let results = (outs Variadic<AnyVectorOfNonZeroRank>:$parts);
  let assemblyFormat = "$whole attr-dict `:` type($whole) `->` type($parts)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Enigma_JoinAccessOp : Enigma_Op<"join_access", [Pure]> {
  let skipDefaultBuilders = 0;
  let summary = "puts together what one access to narrow elements takes";
  let description = [{
    The opposite of `enigma.split_access`.

    Constraints:
    1. The parts are vectors of one type, two or more, which have the lanes of the
       whole together.

    Example:

    ```mlir
    enigma.kernel @join_access(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32}) {
      %c0 = arith.constant 0 : index
      %0 = arith.constant dense<1.0> : vector<4xf16>
      %1 = enigma.join_access %0, %0 : vector<4xf16>, vector<4xf16> -> vector<8xf16>
      enigma.store %1, %A[%c0] : vector<8xf16>, !enigma.buffer<f16, device>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Variadic<AnyVectorOfNonZeroRank>:$parts);
  let results = (outs AnyVectorOfNonZeroRank:$whole);
  let assemblyFormat = "$parts attr-dict `:` type($parts) `->` type($whole)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Enigma_RecastOp : Enigma_Op<"recast", [Pure]> {
  let summary = "the same memory as elements of another type";
  let description = [{
    Element i of the result is made of the bytes that stand where it would stand
    if the memory began with elements of its type. In the flat form both are
    memrefs and `dtype` keeps the signedness of the elements.

    Constraints:
    1. Both are buffers, or both memrefs, in one address space.
    2. The memory is of whole elements, if its size is known: the size of the result
       says how many.
    3. Flat integer elements have `dtype`, of the same width. That of a buffer, if
       stated, is its element type.

    Example:

    ```mlir
    enigma.kernel @recast(%A: !enigma.buffer<f32, device> {enigma.index = 0 : i32}) {
      %0 = enigma.recast %A : !enigma.buffer<f32, device> to !enigma.buffer<ui8, device>
      %tile = enigma.alloc : !enigma.buffer<256xf32, threadgroup>
      %1 = enigma.recast %tile
          : !enigma.buffer<256xf32, threadgroup> to !enigma.buffer<512xf16, threadgroup>
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_AnyBuffer:$buffer, OptionalAttr<TypeAttr>:$dtype);
  let results = (outs Enigma_AnyBuffer:$result);
  let assemblyFormat = "$buffer attr-dict `:` qualified(type($buffer)) `to` qualified(type($result))";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The element type of the result with its signedness.
    ::mlir::Type getElementDtype();
  }];
}

class Enigma_BarrierOp<string mnemonic, string who>
    : Enigma_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "waits until all threads of the " # who # " arrive";
  let description = [{
    Every thread of the }] # who # [{ must reach the same barrier. Memory
    operations of the named kinds that stand before it are visible to the others
    after it; with `mem_none` it orders execution only. No load, store or other
    barrier moves across it.

    Of two barriers with no memory operation between them, `canonicalize` makes
    one, which orders what either does.

    Example:

    ```mlir
    enigma.kernel @barrier() {
      enigma.}] # mnemonic # [{ mem_device|mem_threadgroup
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_MemFlagsAttr:$flags);
  let assemblyFormat = "custom<MemFlags>($flags) attr-dict";
  let hasCanonicalizeMethod = 1;
}

def Enigma_ThreadgroupBarrierOp
    : Enigma_BarrierOp<"threadgroup_barrier", "threadgroup">;
def Enigma_SimdgroupBarrierOp
    : Enigma_BarrierOp<"simdgroup_barrier", "SIMD group"> {
  let mslVersion = "2.0";
}

def Enigma_AtomicThreadFenceOp
    : Enigma_Op<"atomic_thread_fence", [MemoryEffects<[MemRead, MemWrite]>]> {
  let mslVersion = "3.2";
  let summary = "orders the accesses of a thread, as others see them";
  let description = [{
    No thread waits. With the order `seq_cst`, what this thread does to the named
    memory before the fence is, for the threads of the scope, before what it does
    after it; with `relaxed` there is no such order. It synchronizes with other
    threads through atomic accesses. No load or store moves across it.

    Example:

    ```mlir
    enigma.kernel @fence() {
      enigma.atomic_thread_fence mem_device seq_cst device
      enigma.return
    }
    ```
  }];
  let arguments = (ins Enigma_MemFlagsAttr:$flags, Enigma_MemoryOrderAttr:$order,
                       Enigma_ThreadScopeAttr:$scope);
  let assemblyFormat = [{
    custom<MemFlags>($flags) custom<MemoryOrder>($order)
    custom<ThreadScope>($scope) attr-dict
  }];
}

#endif // ENIGMA_MEMORY_OPS
