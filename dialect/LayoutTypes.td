// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_LAYOUT_TYPES
#define ENIGMA_LAYOUT_TYPES

include "EnigmaTypes.td"

/// A value of the layout algebra as a parameter: hashed and compared by value.
class Enigma_AlgebraParameter<string type, string desc>
    : AttrOrTypeParameter<"::enigma::layout::" # type, desc,
                          "const ::enigma::layout::" # type # " &">;

class Enigma_AlgebraType<string name, string typeMnemonic>
    : Enigma_Type<name, typeMnemonic> {
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Enigma_IntTupleType : Enigma_AlgebraType<"IntTuple", "int_tuple"> {
  let summary = "a nested tuple of integers";
  let description = [{
    A shape, a stride or a coordinate. What is known of it stands in the type: an
    integer is written as such, one that is known at run time only as `?`, or
    `?{div=4}` where it is a multiple of 4. `None` in a coordinate means "keep this
    mode". `1@0.1` is a step along the coordinate at path 0.1.

    Constraints:
    1. The text is a tuple as above, nested at most 64 deep; no tuple is empty.

    Example:

    ```mlir
    !enigma.int_tuple<(2,(?,?{div=4}))>
    !enigma.int_tuple<(None,3)>
    ```
  }];
  let parameters = (ins Enigma_AlgebraParameter<"IntTuple", "the tuple">:$tuple);
}

def Enigma_LayoutType : Enigma_AlgebraType<"Layout", "layout"> {
  let summary = "a function from coordinates to offsets";
  let description = [{
    `shape:stride`, a pair of congruent tuples; a shape alone is compact with its
    first leaf fastest. `Sw<bits,base,shift> o offset o shape:stride` is a layout
    whose offsets are swizzled.

    Constraints:
    1. The text is a layout as above; extents are positive, shape and stride nest
       in the same way, and the whole spans less than 2^62 elements.

    Example:

    ```mlir
    !enigma.layout<((2,2),3):((24,2),8)>
    !enigma.layout<(?{div=4},8):(1,?)>
    !enigma.layout<Sw<2,0,3> o 0 o (8,32):(32,1)>
    ```
  }];
  let parameters = (ins
    Enigma_AlgebraParameter<"ComposedLayout", "the layout">:$layout);
}

def Enigma_TilerType : Enigma_AlgebraType<"Tiler", "tiler"> {
  let summary = "what a layout is divided or composed by, mode by mode";
  let description = [{
    A tuple with a layout for each mode, an extent `4` for the layout `4:1`, or
    `None` for a mode that stays as it is. Modes may be tuples again.

    Constraints:
    1. The text is a tiler as above.

    Example:

    ```mlir
    !enigma.tiler<(4:1,None,(8:2,2:1))>
    ```
  }];
  let parameters = (ins Enigma_AlgebraParameter<"Tiler", "the tiler">:$tiler);
}

def Enigma_ViewType : Enigma_AlgebraType<"View", "tensor"> {
  let summary = "a view of a buffer through a layout";
  let description = [{
    Elements of a buffer, at the offsets that a layout gives. The element type and
    the address space are those of `!enigma.buffer`; where the view starts is a
    property of the value.

    Constraints:
    1. The element type is one that a buffer may have.
    2. The layout's offsets are integers, not coordinates.

    Example:

    ```mlir
    !enigma.tensor<f32, device, (256,512):(512,1)>
    !enigma.tensor<ui8, threadgroup, Sw<2,0,3> o 0 o (8,32):(32,1)>
    ```
  }];
  let parameters = (ins
    "::mlir::Type":$elementType,
    EnumParameter<Enigma_AddressSpace>:$addressSpace,
    Enigma_AlgebraParameter<"ComposedLayout", "the layout">:$layout);
  let extraClassDeclaration = [{
    /// The type that an element has as a value: signless.
    ::mlir::Type getValueType() const {
      return BufferType::getValueType(getElementType());
    }
  }];
}

def Enigma_CoordViewType
    : Enigma_AlgebraType<"CoordView", "coord_tensor"> {
  let summary = "a tensor whose elements are coordinates";
  let description = [{
    `origin, layout`: the coordinate of the first element, and a layout whose
    strides step along coordinates. Divided and sliced as a tensor of the same
    shape is, it tells where in that tensor each element stands.

    Constraints:
    1. The origin is a tuple without `None`.

    Example:

    ```mlir
    !enigma.coord_tensor<(0,0), (256,512):(1@0,1@1)>
    !enigma.coord_tensor<(?{div=16},?), (4,4):(1@1,1@0)>
    ```
  }];
  let parameters = (ins
    Enigma_AlgebraParameter<"IntTuple", "the coordinate of the first element">:$origin,
    Enigma_AlgebraParameter<"Layout", "the steps between elements">:$layout);
}

#endif // ENIGMA_LAYOUT_TYPES
