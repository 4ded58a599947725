// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_INTERFACES
#define ENIGMA_INTERFACES

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// What operations read whose results depend on which threads run them together:
/// the control flow around them must stay as it is. It keeps them in their block,
/// while two that are equal there may still be one, and one without a use may go.
def Enigma_ConvergenceResource : Resource<"::enigma::ConvergenceResource">;

def Enigma_MSLCallOpInterface : OpInterface<"MSLCallOpInterface"> {
  let cppNamespace = "::enigma";
  let description = [{
    An operation that the translation prints as a call: its operands, in order,
    are the arguments of a function of the Metal standard library. An operation
    with an effect is called where it stands; others are expressions.
  }];
  let methods = [
    StaticInterfaceMethod<"The function's name in the Metal standard library.",
      "::llvm::StringRef", "getMSLFunction">,
    InterfaceMethod<[{
        Whether the function reads an integer operand as signed; nothing if that
        makes no difference.
      }], "::std::optional<bool>", "getOperandIsSigned", (ins "unsigned":$operand),
      "", "return ::std::nullopt;">,
    InterfaceMethod<[{
        Whether the function gives a signed integer; nothing if it gives the type
        of its first operand.
      }], "::std::optional<bool>", "getResultIsSigned", (ins),
      "", "return $_op.getOperandIsSigned(0);">
  ];
}

def Enigma_ThreadQueryOpInterface : OpInterface<"ThreadQueryOpInterface"> {
  let cppNamespace = "::enigma";
  let description = [{
    An operation that asks for the place of a thread in its grid, threadgroup or
    SIMD group. The translation declares a kernel parameter with the attribute.
  }];
  let methods = [
    StaticInterfaceMethod<"The parameter attribute that Metal gives this value.",
      "::llvm::StringRef", "getMSLAttribute">,
    InterfaceMethod<"The component asked for; nothing if the value is a scalar.",
      "::std::optional<::enigma::Dimension>", "getQueriedDimension">,
    InterfaceMethod<[{
        The smallest and the largest value that the query can have, as far as the
        launch of its kernel is known.
      }], "::enigma::QueryBounds", "getBounds">
  ];
}

def Enigma_LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::enigma";
  let description = [{
    An operation of the layout algebra: its results follow from its operands.
  }];
  let methods = [
    InterfaceMethod<[{
        The results for these operands, with their expressions; or the reason why
        there are none.
      }], "::enigma::layout::Result<::enigma::LayoutValues>", "evaluate",
      (ins "::llvm::ArrayRef<::enigma::LayoutValue>":$operands)>
  ];
}

#endif // ENIGMA_INTERFACES
