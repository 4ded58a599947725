// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_DEBUG_OPS
#define ENIGMA_DEBUG_OPS

include "EnigmaTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// What a kernel tells its author while it runs, and text of Metal's own.

/// Messages have an order, and touch no memory of the kernel.
def Enigma_LogResource : Resource<"::enigma::LogResource">;

/// A value with a text.
def Enigma_Scalar : AnyTypeOf<[I1, I8, I16, I32, I64, F16, BF16, F32],
    "i1, an integer of 8, 16, 32 or 64 bits, f16, bf16 or f32">;

class Enigma_MessageOp<string mnemonic>
    : Enigma_Op<mnemonic, [MemoryEffects<[MemWrite<Enigma_LogResource>]>]> {
  string constraints = [{

    Constraints:
    1. The format has a field for each value. A brace that is none of a field is
       doubled.
    2. A field has nothing but a format between its braces, which is Python's:
       `[<|>][+| ][#][0][width][.precision][type]`. A bool has none of `#`, a
       precision and a type; an integer has no precision, and a type of `d`, `o`,
       `x` or `X`; a float no `#`, and a type of `e`, `E`, `f`, `F`, `g` or `G`.
       Only `x` and `X` have `#`, with `<` or `0` where there is a width. Width and
       precision are at most 999.
    3. `dtypes` states the type of each value, with its signedness.
    4. The format has no character NUL.
}];
  let hasVerifier = 1;
  let mslVersion = "3.2";
}

class Enigma_StatedVersion<string version>
    : Enigma_VersionCase<version, "", "op.getMetalStd() == \"" # version # "\"">;

def Enigma_PrintOp : Enigma_MessageOp<"print"> {
  let summary = "writes a line into the log of the device";
  let description = [{
    The line is the format with each field in it replaced by the text of a value:
    a bool is 0 or 1, a float without a format has six significant digits, and
    the types `o` and `x` show the bits of an integer. Each thread that comes here
    writes a line of its own; those of one thread are in order.
    `enigma-strip-debug` removes it.
}] # constraints # [{
    Example:

    ```mlir
    enigma.kernel @print(
        %x: f32 {enigma.index = 0 : i32},
        %i: i32 {enigma.index = 1 : i32, enigma.dtype = ui32}) {
      enigma.print "x = {:.3f} at {}"(%x, %i) {dtypes = [f32, ui32]} : (f32, i32) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins StrAttr:$format, Variadic<Enigma_Scalar>:$values,
                       TypeArrayAttr:$dtypes);
  let assemblyFormat = "$format `(` $values `)` attr-dict `:` functional-type($values, results)";
}

def Enigma_AssertOp : Enigma_MessageOp<"assert"> {
  let summary = "writes a line into the log where a condition does not hold";
  let description = [{
    As `enigma.print`, for the threads whose condition is false; they go on.
    `enigma-strip-debug` removes it.
}] # constraints # [{
    Example:

    ```mlir
    enigma.kernel @assert(
        %i: i32 {enigma.index = 0 : i32, enigma.dtype = si32},
        %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
      %inside = arith.cmpi slt, %i, %n : i32
      enigma.assert %inside, "{} is too much"(%i) {dtypes = [si32]} : (i32) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins I1:$condition, StrAttr:$format,
                       Variadic<Enigma_Scalar>:$values, TypeArrayAttr:$dtypes);
  let assemblyFormat = "$condition `,` $format `(` $values `)` attr-dict `:` functional-type($values, results)";
}

def Enigma_InlineMSLOp : Enigma_Op<"inline_msl", [
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "text of Metal's language";
  let description = [{
    With a result the text is an expression, without one it is a statement. It
    stands in the kernel as it is, with the operands in the places of its fields:
    `{0}` is the first of them. Memory is a pointer to its first element. Nothing
    of it is checked. Unless it is `pure`, it may read and write all memory, and
    stays where it is, once for each thread that comes here; a `pure` one is a
    function of its operands.

    `header` stands once in front of the kernels: functions that the text calls,
    and files that it includes. `metal_std` is the least version of the language
    that has all of it.

    Constraints:
    1. Each field of the text is the number of an operand, and each operand has
       one. A brace that is none of a field is doubled.
    2. `dtypes` states the type of each operand, of the elements of memory and of
       vectors, with its signedness.
    3. `result_dtype` states the same of the result, if there is one.
    4. A `pure` text has a result, and no memory.

    Example:

    ```mlir
    enigma.kernel @inline(
        %A: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
        %x: f32 {enigma.index = 1 : i32}) {
      %y = enigma.inline_msl "fast::exp({0})"(%x)
          {dtypes = [f32], result_dtype = f32, pure} : (f32) -> f32
      enigma.inline_msl "{0}[0] = {1};"(%A, %y) {dtypes = [f32, f32]}
          : (!enigma.buffer<f32, device>, f32) -> ()
      enigma.return
    }
    ```
  }];
  let arguments = (ins StrAttr:$text,
    Variadic<AnyTypeOf<[Enigma_Value, Enigma_AnyBuffer]>>:$inputs,
    TypeArrayAttr:$dtypes, OptionalAttr<TypeAttr>:$result_dtype,
    UnitAttr:$pure, OptionalAttr<StrAttr>:$header,
    OptionalAttr<StrAttr>:$metal_std);
  let mslVersionCases = [
    Enigma_StatedVersion<"3.0">, Enigma_StatedVersion<"3.1">,
    Enigma_StatedVersion<"3.2">, Enigma_StatedVersion<"4.0">];
  let results = (outs Optional<Enigma_Value>:$result);
  let assemblyFormat = "$text `(` $inputs `)` attr-dict `:` functional-type($inputs, results)";
  let hasVerifier = 1;
}

#endif // ENIGMA_DEBUG_OPS
