// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_PACKING_OPS
#define ENIGMA_PACKING_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Functions of the Metal standard library that pack the lanes of a vector into the
// bits of one number, from the lowest bits on, and take them out again.

class Enigma_PackingOp<string name, string spelling, string gives, string semantics,
                       Type operand, Type resultType>
    : Enigma_Op<name, [Pure, Enigma_MSLCallOpInterface]>,
      Enigma_Function<name, "packing", spelling> {
  let what = gives;
  let details = semantics # ".";
  let summary = what;
  let arguments = (ins operand:$x);
  let results = (outs resultType:$result);
  let extraClassDeclaration =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n"
    # [{
    ::std::optional<bool> getOperandIsSigned(unsigned) { return false; }
    ::std::optional<bool> getResultIsSigned() { return false; }
  }];
}

/// `name` and `unpackedName` are the format as MSL calls it in functions that pack,
/// and in those that unpack.
multiclass Enigma_PackingOps<string camel, string name, string unpackedName,
                             int lanes, string semantics> {
  foreach type = ["float", "half"] in {
  defvar dtype = !if(!eq(type, "float"), "f32", "f16");
  defvar pack = "pack_" # type # "_to_" # name;
  defvar unpack = "unpack_" # name # "_to_" # type;
  defvar vector = !cast<Type>("Enigma_" # !if(!eq(type, "float"), "Single", "Half")
                              # "Vector" # lanes);
  defvar suffix = !if(!eq(type, "float"), "Float", "Half");
  def Pack # suffix # To # camel # Op : Enigma_PackingOp<pack, pack,
      "the lanes of a vector as the bits of a `u32`", semantics # ", rounded to "
      "the nearest; numbers beyond are brought into the range, and NaN is 0",
      vector, I32> {
    let resultDtype = "u32";
    let resultLanes = 1;
    let description = [{
      }] # details # [{

      Constraints:
      1. The operand is a vector of }] # lanes # " `" # dtype # [{`, the result an `i32`.

      Example:

      ```mlir
      enigma.kernel @example(%x: }] # dtype # [{ {enigma.index = 0 : i32}) {
        %v = vector.broadcast %x : }] # dtype # " to vector<" # lanes # "x" # dtype # [{>
        %0 = enigma.}] # pack # [{ %v
        enigma.return
      }
      ```
    }];
    let assemblyFormat = "$x attr-dict";
  }
  def Unpack # camel # To # suffix # Op : Enigma_PackingOp<unpack,
      "unpack_" # unpackedName # "_to_" # type,
      "the lanes of a vector from the bits of a `u32`", semantics, Enigma_Packed,
      vector> {
    let resultDtype = dtype;
    let resultLanes = lanes;
    let description = [{
      }] # details # [{

      Constraints:
      1. The operand is an `i32`, the result a vector of }] # lanes # " `" # dtype # [{`.

      Example:

      ```mlir
      enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
        %0 = enigma.}] # unpack # [{ %x
        enigma.return
      }
      ```
    }];
    let assemblyFormat = "$x attr-dict";
  }
  }
}

defm Enigma_ : Enigma_PackingOps<"Snorm4x8", "snorm4x8", "snorm4x8", 4,
    "Four lanes of 8 bits stand for numbers from -1 to 1">;
defm Enigma_ : Enigma_PackingOps<"Unorm4x8", "unorm4x8", "unorm4x8", 4,
    "Four lanes of 8 bits stand for numbers from 0 to 1">;
defm Enigma_ : Enigma_PackingOps<"SrgbUnorm4x8", "srgb_unorm4x8", "unorm4x8_srgb", 4,
    "Four lanes of 8 bits stand for numbers from 0 to 1, of which the first three "
    "are linear colors that are stored as sRGB">;
defm Enigma_ : Enigma_PackingOps<"Snorm2x16", "snorm2x16", "snorm2x16", 2,
    "Two lanes of 16 bits stand for numbers from -1 to 1">;
defm Enigma_ : Enigma_PackingOps<"Unorm2x16", "unorm2x16", "unorm2x16", 2,
    "Two lanes of 16 bits stand for numbers from 0 to 1">;
defm Enigma_ : Enigma_PackingOps<"Unorm10a2", "unorm10a2", "unorm10a2", 4,
    "Three lanes of 10 bits and one of 2 stand for numbers from 0 to 1">;

#endif // ENIGMA_PACKING_OPS
