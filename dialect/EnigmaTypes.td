// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_TYPES
#define ENIGMA_TYPES

include "EnigmaAttributes.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class Enigma_Type<string name, string typeMnemonic>
    : TypeDef<Enigma_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Enigma_BufferType : Enigma_Type<"Buffer", "buffer"> {
  let summary = "a linear array in one address space";
  let description = [{
    Elements of one type, counted from zero. The element type is `f16`, `bf16`,
    `f32`, `i1` (a bool) or an integer of 8, 16, 32 or 64 bits whose signedness
    is stated (`si32`, `ui8`). The number of elements is written where it is
    known, as for threadgroup arrays.

    Example:

    ```mlir
    !enigma.buffer<f32, device>
    !enigma.buffer<256xui32, threadgroup>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$elementType,
    EnumParameter<Enigma_AddressSpace>:$addressSpace,
    DefaultValuedParameter<"int64_t", "::mlir::ShapedType::kDynamic">:$size);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let builders = [
    TypeBuilderWithInferredContext<
        (ins "::mlir::Type":$elementType,
             "::enigma::AddressSpace":$addressSpace,
             CArg<"int64_t", "::mlir::ShapedType::kDynamic">:$size), [{
      return $_get(elementType.getContext(), elementType, addressSpace, size);
    }]>
  ];
  let extraClassDeclaration = [{
    bool hasStaticSize() const {
      return !::mlir::ShapedType::isDynamic(getSize());
    }
    /// The type that an element has as a value: signless.
    ::mlir::Type getValueType() const;
    /// Whether a buffer may hold elements of this type.
    static bool isValidElementType(::mlir::Type type);
    /// The signless type of values of the given element type.
    static ::mlir::Type getValueType(::mlir::Type elementType);
    /// The size of an element in bytes.
    static unsigned getElementBytes(::mlir::Type elementType);
  }];
}

#endif // ENIGMA_TYPES
