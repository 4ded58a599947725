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

def Enigma_TargetAttr : AttrDef<Enigma_Dialect, "Target"> {
  let mnemonic = "target";
  let summary = "what the kernels of a module are compiled for, and its limits";
  let description = [{
    The value of a module's `enigma.target`. It holds for the kernels of the module
    and of the modules inside. A module without one, and in none that has one, is
    compiled for `metal`.

    The name gives the limits; those that are written besides take their place, for
    a device that can take more or less. Verifiers, folds and passes ask for:

    | limit | bounds | Metal's |
    | --- | --- | --- |
    | `arguments` | buffers and scalars of a kernel, and so their `enigma.index` | 31 |
    | `function_constants` | indices of `enigma.function_constant` | 65536 |
    | `threads` | threads of a threadgroup | 1024 |
    | `threadgroups` | threadgroups of a launch, in each dimension | 2^32 - 1 |
    | `simdgroup_threads` | threads of the widest SIMD group | 64 |
    | `threadgroup_bytes` | memory of a threadgroup | 32768 |
    | `register_bytes` | what a thread loads, stores or copies at once | 4096 |
    | `lanes` | lanes of a vector | 4 |
    | `access_bytes` | what one access to memory spans, and what the start of a buffer is a multiple of | 16 |

    `version` is the version of the target's language that the text of the kernels
    is for; without one it is whatever they need. For `metal` it is that of MSL.

    Constraints:
    1. The target is one that is known.
    2. A limit is from 1 to 2^32 - 1; `lanes` and `access_bytes` are powers of two.
    3. The version is one of the target's (Metal: "2.4", "3.0", "3.1", "3.2", "4.0").

    Example:

    ```mlir
    #enigma.target<metal>
    #enigma.target<metal, version = "3.1">
    #enigma.target<metal, threads = 512, threadgroup_bytes = 16384>
    ```
  }];
  let parameters = (ins StringRefParameter<"what it is compiled for">:$name,
                        StringRefParameter<"of its language; empty for any">:$version,
                        "::enigma::Limits":$limits);
  let builders = [AttrBuilder<(ins "const ::enigma::Target &":$target), [{
    return $_get($_ctxt, target.name, "", target.limits);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// What `op` is compiled for.
    static TargetAttr lookup(::mlir::Operation *op);
    /// What the kernel is compiled for that `value` is computed in.
    static TargetAttr lookup(::mlir::Value value);
    /// As messages call it.
    ::llvm::StringRef getTitle() const;
    /// Whether vectors in memory may have so many lanes.
    bool isWidth(int64_t lanes) const;
    /// All such numbers, for messages: "2 or 4"; empty if there are none.
    std::string describeWidths() const;
    /// The most elements that one access may take; 1 if it takes no vectors.
    int64_t getMaxAccessLanes(::mlir::Type element) const;
  }];
}

#endif // ENIGMA_ATTRIBUTES
