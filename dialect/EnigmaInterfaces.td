// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_INTERFACES
#define ENIGMA_INTERFACES

include "mlir/IR/OpBase.td"

def Enigma_MSLCallOpInterface : OpInterface<"MSLCallOpInterface"> {
  let cppNamespace = "::enigma";
  let description = [{
    An operation that the translation prints as a call: its operands, in order,
    are the arguments of a function of the Metal standard library.
  }];
  let methods = [
    StaticInterfaceMethod<"The function's name in the Metal standard library.",
      "::llvm::StringRef", "getMSLFunction">
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

#endif // ENIGMA_INTERFACES
