// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_ATTRIBUTES
#define ENIGMA_ATTRIBUTES

include "EnigmaDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Enigma_AddressSpace : I32EnumAttr<"AddressSpace",
    "address space of a buffer, in Metal's words", [
      I32EnumAttrCase<"Device", 0, "device">,
      I32EnumAttrCase<"Constant", 1, "constant">,
      I32EnumAttrCase<"Threadgroup", 2, "threadgroup">,
      I32EnumAttrCase<"Thread", 3, "thread">]> {
  let cppNamespace = "::enigma";
  let genSpecializedAttr = 0;
}
def Enigma_AddressSpaceAttr
    : EnumAttr<Enigma_Dialect, Enigma_AddressSpace, "address_space"> {
  let summary = "address space of a buffer";
  let description = [{
    The memory that a buffer lies in: `device` (read and written by all threads
    of the grid), `constant` (read by them), `threadgroup` (shared by a
    threadgroup) or `thread` (a thread's own). It is a parameter of
    `!enigma.buffer`, and the memory space of a memref in the flat form.

    Example:

    ```mlir
    #enigma.address_space<device>
    memref<64xf32, #enigma.address_space<threadgroup>>
    ```
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Enigma_Access : I32EnumAttr<"Access", "how a kernel uses a buffer", [
      I32EnumAttrCase<"None", 0, "none">,
      I32EnumAttrCase<"Read", 1, "read">,
      I32EnumAttrCase<"Write", 2, "write">,
      I32EnumAttrCase<"ReadWrite", 3, "read_write">]> {
  let cppNamespace = "::enigma";
  let genSpecializedAttr = 0;
}
def Enigma_AccessAttr : EnumAttr<Enigma_Dialect, Enigma_Access, "access"> {
  let summary = "how a kernel uses a buffer";
  let description = [{
    The value of a buffer argument's `enigma.access`: `none`, `read`, `write` or
    `read_write`. A buffer that is not written is `const` in Metal.

    Example:

    ```mlir
    #enigma.access<read>
    ```
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Enigma_Dimension : I32EnumAttr<"Dimension", "component of a position", [
      I32EnumAttrCase<"X", 0, "x">, I32EnumAttrCase<"Y", 1, "y">,
      I32EnumAttrCase<"Z", 2, "z">]> {
  let cppNamespace = "::enigma";
  let genSpecializedAttr = 0;
}
def Enigma_DimensionAttr
    : EnumAttr<Enigma_Dialect, Enigma_Dimension, "dimension"> {
  let summary = "component of a position";
  let description = [{
    The component that a thread query asks for.

    Example:

    ```mlir
    #enigma<dimension x>
    ```
  }];
}

def Enigma_MemFlags : I32BitEnumAttr<"MemFlags",
    "memory that a barrier orders, as Metal's mem_flags", [
      I32BitEnumAttrCaseNone<"None", "mem_none">,
      I32BitEnumAttrCaseBit<"Device", 0, "mem_device">,
      I32BitEnumAttrCaseBit<"Threadgroup", 1, "mem_threadgroup">,
      I32BitEnumAttrCaseBit<"Texture", 2, "mem_texture">]> {
  let cppNamespace = "::enigma";
  let separator = "|";
  let genSpecializedAttr = 0;
  let printBitEnumPrimaryGroups = 0;
}
def Enigma_MemFlagsAttr
    : EnumAttr<Enigma_Dialect, Enigma_MemFlags, "mem_flags"> {
  let summary = "memory that a barrier orders";
  let description = [{
    Metal's `mem_flags`: `mem_none`, or any of `mem_device`, `mem_threadgroup` and
    `mem_texture`, joined by `|`.

    Example:

    ```mlir
    #enigma<mem_flags mem_device|mem_threadgroup>
    ```
  }];
}

def Enigma_AtomicKind : I32EnumAttr<"AtomicKind",
    "what an atomic operation makes of an element", [
      I32EnumAttrCase<"Exchange", 0, "exchange">, I32EnumAttrCase<"Add", 1, "add">,
      I32EnumAttrCase<"Sub", 2, "sub">, I32EnumAttrCase<"Min", 3, "min">,
      I32EnumAttrCase<"Max", 4, "max">, I32EnumAttrCase<"And", 5, "and">,
      I32EnumAttrCase<"Or", 6, "or">, I32EnumAttrCase<"Xor", 7, "xor">]> {
  let cppNamespace = "::enigma";
  let genSpecializedAttr = 0;
}
def Enigma_AtomicKindAttr
    : EnumAttr<Enigma_Dialect, Enigma_AtomicKind, "atomic_kind"> {
  let summary = "what an atomic operation makes of an element";
  let description = [{
    The kind of `enigma.atomic_rmw`.

    Example:

    ```mlir
    #enigma<atomic_kind add>
    ```
  }];
}

#endif // ENIGMA_ATTRIBUTES
