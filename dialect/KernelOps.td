// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_KERNEL_OPS
#define ENIGMA_KERNEL_OPS

include "EnigmaTypes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Enigma_KernelOp : Enigma_Op<"kernel",
    [IsolatedFromAbove, FunctionOpInterface, HasParent<"::mlir::ModuleOp">,
     SingleBlockImplicitTerminator<"ReturnOp">,
     DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "a compute kernel";
  let description = [{
    The body runs once for each thread of the launched grid. The arguments are
    buffers in the `device` or `constant` address space, scalars, and arrays in the
    `threadgroup` address space whose length the launch chooses. Each argument
    states its place in the target's argument table with `enigma.index` (for Metal 0
    to 30, all different; threadgroup arrays have a table of their own);
    `enigma.name` keeps its name in the Python source,
    `enigma.dtype` the signedness of an integer scalar, and `enigma.access` (set by
    `enigma-infer-access`) whether a buffer is read or written. `enigma.extent` says
    that a scalar is an extent of a tensor, which is from 1 to 2^31 - 1.
    `enigma.max_elements` (set by `enigma-lower-layouts`) is how many elements a
    buffer may span at most: a launch has to keep it.

    `elements_per_thread` is the number of consecutive elements that one thread
    owns after `enigma-vectorize`; a launch needs that many fewer threads.
    Its limits are those of the `enigma.target` of the module; without one,
    Metal's.

    `grid` and `block` are the threadgroups of the grid and the threads of a
    threadgroup, where the launch is known; `grid_limit` the most threadgroups that
    a launch has, where its grid depends on sizes.

    Constraints:
    1. Arguments are buffers, their flat form (memrefs of one dimension without
       strides), or scalars.
    2. Buffer arguments are in the address space `device`, `constant` or
       `threadgroup`.
    3. Every argument has an `enigma.index` below the target's `arguments` (Metal:
       31); no two of a table share one.
    4. An integer scalar and a flat integer buffer have `enigma.dtype`, of the
       same width. The `enigma.dtype` of a buffer, if stated, is its element type.
    5. `block` has three positive extents whose product is at most the target's
       `threads` (Metal: 1024); `grid` and `grid_limit` have three positive extents
       of at most its `threadgroups` (Metal: 2^32 - 1).
    6. Threadgroup arrays whose size is known, arguments among them, take at most
       the target's `threadgroup_bytes` together (Metal: 32 KB).
    7. There are no results.
    8. `elements_per_thread` is positive.
    9. `enigma.name` is a string; only a buffer has `enigma.access`, an
       `#enigma.access`, and `enigma.max_elements`, a positive i64; only an i32 has
       `enigma.extent`. An argument has no other attribute of the dialect.
    10. A kernel stands in a module, and has a body of one block.

    Example:

    ```mlir
    enigma.kernel @scale(
        %A: !enigma.buffer<f32, device> {enigma.name = "A", enigma.index = 0 : i32},
        %n: i32 {enigma.name = "n", enigma.index = 1 : i32, enigma.dtype = ui32}) {
      enigma.return
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<FunctionType>:$function_type,
    OptionalAttr<DictArrayAttr>:$arg_attrs,
    OptionalAttr<DictArrayAttr>:$res_attrs,
    OptionalAttr<I64Attr>:$elements_per_thread,
    OptionalAttr<DenseI64ArrayAttr>:$grid,
    OptionalAttr<DenseI64ArrayAttr>:$grid_limit,
    OptionalAttr<DenseI64ArrayAttr>:$block);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() {
      return getFunctionType().getInputs();
    }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() {
      return getFunctionType().getResults();
    }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    /// The element type of argument `i` (a scalar's own type) with signedness.
    ::mlir::Type getArgDtype(unsigned i);
    /// The name of argument `i` in the Python source; empty if it has none.
    ::llvm::StringRef getArgName(unsigned i);
    /// The bytes of the arrays in threadgroup memory that it declares.
    int64_t getThreadgroupBytes();
    /// The numbers that an integer may be, where it is an argument of a kernel
    /// that says so.
    static ::std::optional<::mlir::ConstantIntRanges>
    getArgRange(::mlir::Value value);
    /// The address space of argument `i`; nothing if it is a scalar.
    ::std::optional<::enigma::AddressSpace> getArgAddressSpace(unsigned i);
  }];
}

def Enigma_ReturnOp : Enigma_Op<"return",
    [Pure, ReturnLike, Terminator, HasParent<"KernelOp">]> {
  let skipDefaultBuilders = 0;
  let summary = "ends a kernel";
  let description = [{
    The terminator of a kernel's body. A kernel returns nothing.

    Example:

    ```mlir
    enigma.kernel @nothing() {
      enigma.return
    }
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Enigma_FunctionConstantOp : Enigma_Op<"function_constant", [Pure]> {
  let summary = "a value that is fixed when the pipeline state is created";
  let mslVersion = "1.2";
  let description = [{
    Metal's `constant T name [[function_constant(i)]]`: the host sets it before it
    creates the pipeline, and the driver compiles the kernel for that value. Where
    the host does not set it, it is the `default`; one without a default has to be
    set.

    Constraints:
    1. The index is below the target's `function_constants` (Metal: 65536).
    2. `dtype` has the width and kind of the result, and states the signedness of
       an integer.
    3. In one kernel, an index has one name, one `dtype` and one `default`.
    4. The `default` is a number of the type of the result.

    Example:

    ```mlir
    enigma.kernel @constant() {
      %0 = enigma.function_constant 3 "tile" : ui32 -> i32
      %1 = enigma.function_constant 4 "scale" default 1.0 : f32 : f32 -> f32
    }
    ```
  }];
  let arguments = (ins I32Attr:$index, StrAttr:$name,
    OptionalAttr<TypedAttrInterface>:$default_value, TypeAttr:$dtype);
  let results = (outs AnyTypeOf<[I1, I8, I16, I32, I64, F16, BF16, F32]>:$result);
  let assemblyFormat = [{
    $index $name (`default` $default_value^)? attr-dict `:` $dtype `->`
    type($result)
  }];
  let hasVerifier = 1;
}

#endif // ENIGMA_KERNEL_OPS
