// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_DIALECT
#define ENIGMA_DIALECT

include "mlir/IR/OpBase.td"

def Enigma_Dialect : Dialect {
  let name = "enigma";
  let cppNamespace = "::enigma";
  let summary = "Kernels for Apple GPUs, with layouts and thread indices as values";
  let description = [{
    The dialect describes one compute kernel for an Apple GPU at the level of
    its author: buffers with an element type and an address space, the position
    of a thread, barriers, and the mathematical functions of the Metal Shading
    Language that have no equal upstream. Arithmetic, comparisons, control flow
    and vectors are the upstream dialects `arith`, `math`, `scf` and `vector`.

    Values are signless, as upstream's are: `i32` is both `int` and `uint`, and
    the operation (`arith.divsi`, `arith.divui`) says how it is read. Signedness
    stands where data enters and leaves: in the element type of a buffer
    (`!enigma.buffer<ui32, device>`) and in the `enigma.dtype` of a scalar
    argument.

    An operation upstream may carry `enigma.names`: one string for each result of
    an `scf` operation, the Python variable that the result stands for, or "".
    Upstream's canonicalization drops results and keeps the attribute, so a list
    of another length is no error, and names nothing.

    A function on floats may carry `enigma.variant`, "fast" or "precise": the one of
    Metal's variants of it that is called, whatever Metal's compiler is told.

    A module may carry `enigma.target`, what its kernels are compiled for, with the
    limits that verifiers and passes ask for; without it, that is Metal.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasConstantMaterializer = 1;
  let extraClassDeclaration = [{
    /// Names of the attributes that a kernel's arguments carry.
    /// The name of the parameter in the Python source (StringAttr).
    static constexpr ::llvm::StringLiteral kNameAttr = "enigma.name";
    /// The index of the argument: `[[buffer(i)]]` (i32).
    static constexpr ::llvm::StringLiteral kIndexAttr = "enigma.index";
    /// The element type with its signedness (TypeAttr): of a scalar argument,
    /// and of a buffer in the flat form, where `memref` is signless.
    static constexpr ::llvm::StringLiteral kDtypeAttr = "enigma.dtype";
    /// How a buffer is used (AccessAttr).
    static constexpr ::llvm::StringLiteral kAccessAttr = "enigma.access";
    /// A scalar that is an extent of a tensor: from 1 to 2^31 - 1 (UnitAttr).
    static constexpr ::llvm::StringLiteral kExtentAttr = "enigma.extent";
    /// The most elements that a buffer may span (i64).
    static constexpr ::llvm::StringLiteral kMaxElementsAttr =
        "enigma.max_elements";
    /// What the kernels of a module are compiled for (TargetAttr).
    static constexpr ::llvm::StringLiteral kTargetAttr = "enigma.target";
    /// The Python variables that the results of an `scf` operation carry
    /// (ArrayAttr of StringAttr, "" for a result without a name).
    static constexpr ::llvm::StringLiteral kNamesAttr = "enigma.names";
    /// The variant of a function that Metal is asked for: "fast" or "precise"
    /// (StringAttr).
    static constexpr ::llvm::StringLiteral kVariantAttr = "enigma.variant";
    /// The Python variable that a result carries; empty if it has no name.
    static ::llvm::StringRef getResultName(::mlir::OpResult result);
  }];
}

/// A version of MSL that an operation needs in some cases only: `cpp` asks an
/// operation `op` in C++ whether it is such a case, and `words` tell it, as in
/// "on floats".
class Enigma_VersionCase<string version, string words, string cpp> {
  string mslVersion = version;
  string where = words;
  string condition = cpp;
}

class Enigma_Op<string mnemonic, list<Trait> traits = []>
    : Op<Enigma_Dialect, mnemonic, traits> {
  /// The first version of MSL (on macOS) that has what the operation becomes, and
  /// later ones that it needs in some cases. The translation asks for them.
  string mslVersion = "1.0";
  list<Enigma_VersionCase> mslVersionCases = [];
  /// Most operations are made by their names alone. Those that passes make in C++
  /// set this to 0: a dozen builders of each would take half of the compilation.
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::TypeRange":$types,
                                 "::mlir::ValueRange":$operands,
                                 "::mlir::DictionaryAttr":$attributes), [{
    $_state.addTypes(types);
    $_state.addOperands(operands);
    $_state.addAttributes(attributes.getValue());
  }]>];
}

#endif // ENIGMA_DIALECT
