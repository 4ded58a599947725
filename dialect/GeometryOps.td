// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_GEOMETRY_OPS
#define ENIGMA_GEOMETRY_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Functions of the Metal standard library that look at a vector as a whole.

/// A function of vectors of one type. The semantics name the operands as `names`
/// does.
class Enigma_GeometryOp<string mnemonic, list<string> names, string gives,
                        string semantics, bit isScalar,
                        Type vector = Enigma_FloatVector,
                        list<string> scalars = []>
    : Enigma_Op<mnemonic, [Pure, Enigma_MSLCallOpInterface,
        AllTypesMatch<!if(isScalar, names, names # ["result"])>] #
        !foreach(scalar, scalars, TypesMatchWith<
            scalar # " is an element of " # !head(names), !head(names), scalar,
            "::mlir::getElementTypeOrSelf($_self)">) #
        !if(isScalar, [TypesMatchWith<
            "result is an element of " # !head(names), !head(names), "result",
            "::mlir::getElementTypeOrSelf($_self)">], [])>,
      Enigma_Function<mnemonic, "geometry", mnemonic> {
  let what = gives;
  let details = !if(!eq(semantics, ""), "", semantics # ".");
  let resultLanes = isScalar;
  let summary = what;
  string length = !if(!eq(vector, Enigma_FloatVector3), "3", "2, 3 or 4");
  list<string> all = names # scalars;
  let description = [{
    }] # what # [{. }] # details # [{

    Constraints:
    1. }] # !if(!eq(!size(names), 1), "The operand is a vector of ",
                !interleave(names, ", ") # " are vectors of one type, of ") # length #
       [{ of `f16`, `bf16` or `f32`.
    2. }] # !interleave(!foreach(scalar, scalars, scalar # " is a scalar of that. "), "") #
    !if(isScalar, "The result is a scalar of that.", "The result is such a vector.") # [{

    Example:

    ```mlir
    enigma.kernel @example(%x: f32 {enigma.index = 0 : i32}) {
      %v = vector.broadcast %x : f32 to vector<3xf32>
      %0 = enigma.}] # mnemonic # " " #
    !interleave(!foreach(name, names, "%v") # !foreach(scalar, scalars, "%x"), ", ") #
    [{ : vector<3xf32>
      enigma.return
    }
    ```
  }];
  let arguments = !con(!dag(ins, !foreach(name, names, vector), names),
                       !dag(ins, !foreach(scalar, scalars, Enigma_FloatScalar), scalars));
  let results = !if(isScalar, (outs Enigma_FloatScalar:$result), (outs vector:$result));
  let assemblyFormat =
    !interleave(!foreach(name, all, "$" # name), " `,` ") # " attr-dict `:` type($" #
    !head(names) # ")";
  let extraClassDeclaration =
    "static ::llvm::StringRef getMSLFunction() { return \"" # mslFunction # "\"; }\n";
}

def Enigma_DotOp : Enigma_GeometryOp<"dot", ["x", "y"],
    "the dot product of two vectors", "", 1>;
def Enigma_LengthOp : Enigma_GeometryOp<"length", ["x"],
    "the length of a vector", "sqrt(dot(x, x))", 1>;
def Enigma_LengthSquaredOp : Enigma_GeometryOp<"length_squared", ["x"],
    "the square of the length of a vector", "dot(x, x)", 1>;
def Enigma_DistanceOp : Enigma_GeometryOp<"distance", ["x", "y"],
    "the distance of two points", "length(x - y)", 1>;
def Enigma_DistanceSquaredOp : Enigma_GeometryOp<"distance_squared", ["x", "y"],
    "the square of the distance of two points", "length_squared(x - y)", 1>;
def Enigma_CrossOp : Enigma_GeometryOp<"cross", ["x", "y"],
    "the cross product of two vectors of 3 lanes", "", 0, Enigma_FloatVector3>;
def Enigma_NormalizeOp : Enigma_GeometryOp<"normalize", ["x"],
    "the vector of length 1 with the direction of x",
    "x / length(x); undefined for a vector of zeros", 0>;
def Enigma_ReflectOp : Enigma_GeometryOp<"reflect", ["incident", "normal"],
    "the direction of a reflection at a surface",
    "incident - 2 * dot(normal, incident) * normal; the normal has length 1", 0>;
def Enigma_FaceforwardOp : Enigma_GeometryOp<"faceforward",
    ["normal", "incident", "reference"],
    "the normal, or its opposite, that faces an incident direction",
    "normal if dot(reference, incident) < 0, else -normal", 0>;
def Enigma_RefractOp : Enigma_GeometryOp<"refract", ["incident", "normal"],
    "the direction of a refraction at a surface",
    "With c = dot(normal, incident) and k = 1 - eta * eta * (1 - c * c): "
    "eta * incident - (eta * c + sqrt(k)) * normal, and 0 for k < 0; "
    "incident and normal have length 1, and eta is the ratio of the refractive indices",
    0, Enigma_FloatVector, ["eta"]>;

#endif // ENIGMA_GEOMETRY_OPS
