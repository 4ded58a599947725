// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_ATOMIC_OPS
#define ENIGMA_ATOMIC_OPS

include "EnigmaTypes.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Accesses to one element that no other atomic access comes between. Their order
// is relaxed: they say nothing of other elements. Unlike loads and stores they
// also take the flat form of a buffer, since no upstream operation has the same
// kinds.

def Enigma_AtomicValue : AnyTypeOf<[I32, F32]>;

class Enigma_AtomicOp<string mnemonic, list<Trait> traits = []>
    : Enigma_Op<mnemonic, traits> {
  let mslVersion = "2.0";
  let mslVersionCases = [Enigma_VersionCase<"3.0", "on `f32` in device memory",
      "isFloatInDeviceMemory(op.getBuffer().getType())">];
  string constraints = [{

    Constraints:
    1. Elements and values are of one type: `i32` or `f32`.
    2. The buffer is in the address space `device` or `threadgroup`.
    3. In the entry block, a constant subscript is not negative and lies inside a
       buffer of static size.}];
  string example = [{

    Example:

    ```mlir
    enigma.kernel @example(%A: !enigma.buffer<ui32, device> {enigma.index = 0 : i32},
                           %x: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      %c0 = arith.constant 0 : index
}];
  string exampleEnd = [{
      enigma.return
    }
    ```
  }];
  let hasVerifier = 1;
}

def Enigma_AtomicLoadOp : Enigma_AtomicOp<"atomic_load"> {
  let summary = "reads an element at once";
  let description = [{
    The element at the subscript. It is read each time anew, also where nothing in
    this thread writes it.
  }] # constraints # example # [{
      %0 = enigma.atomic_load %A[%c0] : !enigma.buffer<ui32, device> -> i32}]
     # exampleEnd;
  let arguments = (ins
    Arg<Enigma_AnyBuffer, "", [MemRead, MemWrite]>:$buffer, Index:$index);
  let results = (outs Enigma_AtomicValue:$result);
  let assemblyFormat = "$buffer `[` $index `]` attr-dict `:` qualified(type($buffer)) `->` type($result)";
}

def Enigma_AtomicStoreOp : Enigma_AtomicOp<"atomic_store"> {
  let summary = "writes an element at once";
  let description = [{
    The element at the subscript becomes the value.
  }] # constraints # example # [{
      enigma.atomic_store %x, %A[%c0] : i32, !enigma.buffer<ui32, device>}]
     # exampleEnd;
  let arguments = (ins Enigma_AtomicValue:$value,
    Arg<Enigma_AnyBuffer, "", [MemWrite]>:$buffer, Index:$index);
  let assemblyFormat = "$value `,` $buffer `[` $index `]` attr-dict `:` type($value) `,` qualified(type($buffer))";
}

def Enigma_AtomicRMWOp : Enigma_AtomicOp<"atomic_rmw",
                                         [AllTypesMatch<["value", "result"]>]> {
  let summary = "changes an element at once, and gives what it was";
  let description = [{
    The element at the subscript becomes `kind` of itself and the value (for
    `exchange`, the value); the result is what it was before. `min` and `max` read
    integers as signed, or as `unsigned`, as the elements of the buffer are.
  }] # constraints # [{

    4. Floats have the kind `exchange`, and in the address space `device` also
       `add` and `sub`.
    5. `min` and `max` of unsigned elements are `unsigned`; nothing else is.
  }] # example # [{
      %0 = enigma.atomic_rmw add %x, %A[%c0] : i32, !enigma.buffer<ui32, device>
      %1 = enigma.atomic_rmw max unsigned %x, %A[%c0] : i32, !enigma.buffer<ui32, device>}]
     # exampleEnd;
  let arguments = (ins Enigma_AtomicKindAttr:$kind, UnitAttr:$is_unsigned,
    Enigma_AtomicValue:$value,
    Arg<Enigma_AnyBuffer, "", [MemRead, MemWrite]>:$buffer, Index:$index);
  let results = (outs Enigma_AtomicValue:$result);
  let assemblyFormat = [{
    custom<AtomicKind>($kind) (`unsigned` $is_unsigned^)? $value `,` $buffer
    `[` $index `]` attr-dict `:` type($value) `,` qualified(type($buffer))
  }];
}

def Enigma_AtomicCompareExchangeOp : Enigma_AtomicOp<"atomic_compare_exchange",
    [AllTypesMatch<["expected", "desired", "old"]>]> {
  let summary = "changes an element at once, if it is what is expected";
  // Of floats it compares the bits.
  let mslVersionCases = [];
  let description = [{
    If the bits of the element at the subscript are those of `expected`, it becomes
    `desired` and `success` is true. Else it stays, and `success` is false; that may
    also happen for no reason, so that the operation is one for loops. `old` is what
    the element was before.
  }] # constraints # example # [{
      %old, %success = enigma.atomic_compare_exchange %x, %x, %A[%c0] : i32, !enigma.buffer<ui32, device>}]
     # exampleEnd;
  let arguments = (ins Enigma_AtomicValue:$expected, Enigma_AtomicValue:$desired,
    Arg<Enigma_AnyBuffer, "", [MemRead, MemWrite]>:$buffer, Index:$index);
  let results = (outs Enigma_AtomicValue:$old, I1:$success);
  let assemblyFormat = "$expected `,` $desired `,` $buffer `[` $index `]` attr-dict `:` type($expected) `,` qualified(type($buffer))";
}

#endif // ENIGMA_ATOMIC_OPS
