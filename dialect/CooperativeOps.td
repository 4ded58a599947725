// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_COOPERATIVE_OPS
#define ENIGMA_COOPERATIVE_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Products of tiles by `mpp::tensor_ops::matmul2d`. Its factors are tiles in
// memory, and its sums a cooperative tensor, which the threads of one or several
// SIMD groups hold together. Which of the elements a thread holds, and how many,
// differs between GPUs. All of those threads have to run an operation together.

class Enigma_CooperativeOp<string name, list<Trait> traits = []>
    : Enigma_Op<name, traits> {
  let mslVersion = "4.0";
  string example = [{

    Example:

    ```mlir
    !sums = !enigma.cooperative_tensor<m = 16, n = 32, k = 16, left = f16, right = f16, element = f32>
    enigma.kernel @example(%A: !enigma.buffer<f16, device> {enigma.index = 0 : i32},
                           %C: !enigma.buffer<f32, device> {enigma.index = 1 : i32}) {
      %c0 = arith.constant 0 : index
      %c64 = arith.constant 64 : index
      %zero = arith.constant 0.0 : f32
      %i = arith.constant 1 : i32
      %c = enigma.cooperative_tensor_make %zero : f32 -> !sums
}];
  string exampleEnd = [{
      enigma.return
    }
    ```
  }];
}

/// The elements in memory.
class Enigma_CooperativeAccessOp<string name>
    : Enigma_CooperativeOp<"cooperative_tensor_" # name,
        [MemoryEffects<[MemRead<Enigma_ConvergenceResource>]>]> {
  string accessSemantics = [{
    Element (r, c) of the sums is that at `index + r * stride + c`. All threads
    that hold them give the same places.

    Constraints:
    1. The elements of the buffer have the type of those of the tensor.
    2. The buffer is in the address space `device` or `threadgroup`.}];
  let hasVerifier = 1;
}

def Enigma_CooperativeTensorLoadOp : Enigma_CooperativeAccessOp<"load"> {
  let summary = "reads a cooperative tensor from memory";
  let description = accessSemantics # example # [{
      %0 = enigma.cooperative_tensor_load %C[%c0], %c64 : !enigma.buffer<f32, device> -> !sums}]
     # exampleEnd;
  let arguments = (ins Arg<Enigma_AnyBuffer, "", [MemRead]>:$buffer,
                       Index:$index, Index:$stride);
  let results = (outs Enigma_CooperativeTensorType:$result);
  let assemblyFormat = [{
    $buffer `[` $index `]` `,` $stride attr-dict `:` qualified(type($buffer))
    `->` qualified(type($result))
  }];
}

def Enigma_CooperativeTensorStoreOp : Enigma_CooperativeAccessOp<"store"> {
  let summary = "writes a cooperative tensor to memory";
  let description = accessSemantics # example # [{
      enigma.cooperative_tensor_store %c, %C[%c0], %c64 : !sums, !enigma.buffer<f32, device>}]
     # exampleEnd;
  let arguments = (ins Enigma_CooperativeTensorType:$tensor,
                       Arg<Enigma_AnyBuffer, "", [MemWrite]>:$buffer,
                       Index:$index, Index:$stride);
  let assemblyFormat = [{
    $tensor `,` $buffer `[` $index `]` `,` $stride attr-dict `:`
    qualified(type($tensor)) `,` qualified(type($buffer))
  }];
}

def Enigma_CooperativeTensorMakeOp
    : Enigma_CooperativeOp<"cooperative_tensor_make"> {
  let summary = "a cooperative tensor whose elements are one value";
  let description = [{
    Without a value the elements are undefined: each is inserted.

    Constraints:
    1. The value has the type of an element.
}] # example # [{
      %0 = enigma.cooperative_tensor_make -> !sums}] # exampleEnd;
  let arguments = (ins Optional<Enigma_CooperativeElement>:$value);
  // Each is a tensor of its own, to be added to in place.
  let results = (outs Res<Enigma_CooperativeTensorType, "", [MemAlloc]>:$result);
  let assemblyFormat =
      "($value^ `:` type($value))? attr-dict `->` qualified(type($result))";
  let hasVerifier = 1;
}

def Enigma_Matmul2dOp : Enigma_CooperativeOp<"matmul2d",
    [MemoryEffects<[MemRead<Enigma_ConvergenceResource>]>,
     AllTypesMatch<["c", "result"]>]> {
  let summary = "a product of tiles in memory, added to a cooperative tensor";
  let description = [{
    `a * b + c`, of a tile of M rows and K columns and one of K rows and N columns.
    Element (r, c) of a factor is that at `index + r * stride + c`, or with its
    `transpose` at `index + c * stride + r`.

    Constraints:
    1. The elements of the factors are what the type of the sums says of them.
    2. The factors are in the address space `device` or `threadgroup`.
}] # example # [{
      %0 = enigma.matmul2d %A[%c0], %c64, %A[%c0], %c64, %c : !enigma.buffer<f16, device>, !enigma.buffer<f16, device>, !sums}]
     # exampleEnd;
  let arguments = (ins Arg<Enigma_AnyBuffer, "", [MemRead]>:$a,
                       Index:$aIndex, Index:$aStride,
                       Arg<Enigma_AnyBuffer, "", [MemRead]>:$b,
                       Index:$bIndex, Index:$bStride,
                       Enigma_CooperativeTensorType:$c);
  let results = (outs Enigma_CooperativeTensorType:$result);
  let assemblyFormat = [{
    $a `[` $aIndex `]` `,` $aStride `,` $b `[` $bIndex `]` `,` $bStride `,` $c
    attr-dict `:` qualified(type($a)) `,` qualified(type($b)) `,`
    qualified(type($c))
  }];
  let hasVerifier = 1;
}

def Enigma_CooperativeTensorCapacityOp
    : Enigma_CooperativeOp<"cooperative_tensor_capacity", [Pure]> {
  let summary = "how many elements of a cooperative tensor a thread may hold";
  let description = [{
    It is the same for all threads, of which some may hold fewer.
}] # example # [{
      %0 = enigma.cooperative_tensor_capacity %c : !sums}] # exampleEnd;
  let arguments = (ins Enigma_CooperativeTensorType:$tensor);
  let results = (outs I32:$result);
  let assemblyFormat = "$tensor attr-dict `:` qualified(type($tensor))";
}

def Enigma_CooperativeTensorHasElementOp
    : Enigma_CooperativeOp<"cooperative_tensor_has_element", [Pure]> {
  let summary = "whether a thread holds an element of a cooperative tensor";
  let description = [{
    Of the elements from 0 to the capacity.
}] # example # [{
      %0 = enigma.cooperative_tensor_has_element %c[%i] : !sums}] # exampleEnd;
  let arguments = (ins Enigma_CooperativeTensorType:$tensor, I32:$index);
  let results = (outs I1:$result);
  let assemblyFormat =
      "$tensor `[` $index `]` attr-dict `:` qualified(type($tensor))";
}

def Enigma_CooperativeTensorExtractOp
    : Enigma_CooperativeOp<"cooperative_tensor_extract", [NoMemoryEffect, TypesMatchWith<
        "the result has the type of an element", "tensor", "result",
        "::llvm::cast<::enigma::CooperativeTensorType>($_self).getValueType()">]> {
  let summary = "an element of a cooperative tensor that a thread holds";
  let description = [{
    Which one of the sums it is differs between GPUs; it is the same for all
    tensors of one product. Only what the thread holds may be asked for.
}] # example # [{
      %0 = enigma.cooperative_tensor_extract %c[%i] : !sums}] # exampleEnd;
  let arguments = (ins Enigma_CooperativeTensorType:$tensor, I32:$index);
  let results = (outs Enigma_CooperativeElement:$result);
  let assemblyFormat =
      "$tensor `[` $index `]` attr-dict `:` qualified(type($tensor))";
}

def Enigma_CooperativeTensorInsertOp
    : Enigma_CooperativeOp<"cooperative_tensor_insert", [NoMemoryEffect,
        AllTypesMatch<["tensor", "result"]>, TypesMatchWith<
        "the value has the type of an element", "tensor", "value",
        "::llvm::cast<::enigma::CooperativeTensorType>($_self).getValueType()">]> {
  let summary = "a cooperative tensor with another value for an element";
  let description = [{
    The opposite of `enigma.cooperative_tensor_extract`.
}] # example # [{
      %0 = enigma.cooperative_tensor_insert %zero, %c[%i] : !sums}] # exampleEnd;
  let arguments = (ins Enigma_CooperativeElement:$value,
                       Enigma_CooperativeTensorType:$tensor, I32:$index);
  let results = (outs Enigma_CooperativeTensorType:$result);
  let assemblyFormat =
      "$value `,` $tensor `[` $index `]` attr-dict `:` qualified(type($tensor))";
}

#endif // ENIGMA_COOPERATIVE_OPS
