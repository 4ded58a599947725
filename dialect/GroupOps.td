// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ENIGMA_GROUP_OPS
#define ENIGMA_GROUP_OPS

include "EnigmaInterfaces.td"
include "EnigmaTypes.td"
include "FunctionRecords.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Functions over the threads of a SIMD group, a quad group or a threadgroup. Their
// results depend on which threads run them together.

/// What threads exchange: Metal has these functions for no other types.
def Enigma_GroupValue : Enigma_ScalarOrVectorOf<[I8, I16, I32, F16, F32],
    "an integer of 8, 16 or 32 bits, f16 or f32">;
def Enigma_GroupInteger : Enigma_ScalarOrVectorOf<[I8, I16, I32],
    "an integer of 8, 16 or 32 bits">;

class Enigma_GroupOp<string group, string name, string gives, string semantics,
                     list<Trait> traits = []>
    : Enigma_Op<group # "_" # name, !if(!eq(group, "threadgroup"), []<Trait>,
        [Enigma_MSLCallOpInterface]) # [
        MemoryEffects<[MemRead<Enigma_ConvergenceResource>]>] # traits>,
      // What Metal has not for a threadgroup, it has for the SIMD groups of one.
      Enigma_Function<group # "_" # name, group,
          !if(!eq(group, "threadgroup"), "simd", group) # "_" # name> {
  let mslVersion = "2.1";
  let what = gives;
  let details = semantics;
  let summary = what;
  let threads = !if(!eq(group, "quad"), 4, 32);
  bit hasEffect = 1;
  string functionDecl = !if(!eq(group, "threadgroup"), "",
      "static ::llvm::StringRef getMSLFunction() { return \""
      # group # "_" # name # "\"; }\n");
  string valueConstraints = [{

    Constraints:
    1. The operand is an integer of 8, 16 or 32 bits, `f16` or `f32`, or a vector
       of 2, 3 or 4 of one.
    2. Operand and result have one type.
}];
  string integerConstraints = [{

    Constraints:
    1. The operand is an integer of 8, 16 or 32 bits, or a vector of 2, 3 or 4 of
       one.
    2. Operand and result have one type.
}];
  string example = [{
    Example:

    ```mlir
    enigma.kernel @example(%x: i32 {enigma.index = 0 : i32, enigma.dtype = ui32}) {
      %0 = enigma.}] # group # "_" # name;
  string exampleEnd = [{
      enigma.return
    }
    ```
  }];
}

/// The folder of a function that gives what every thread gave it, if all threads
/// gave the same.
class Enigma_UniformFolder {
  code definition = [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return adaptor.getX();
    }
  }];
}

/// A function of one value for each thread.
class Enigma_GroupUnaryOp<string group, string name, string gives,
                          string semantics, Type type, bit isUniform>
    : Enigma_GroupOp<group, name, gives, semantics, [SameOperandsAndResultType]> {
  let description = [{
    }] # semantics # !if(!eq(type, Enigma_GroupInteger), integerConstraints,
                         valueConstraints) # example # [{ %x : i32}] # exampleEnd;
  let arguments = (ins type:$x);
  let results = (outs type:$result);
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl;
  let hasFolder = isUniform;
  let extraClassDefinition = !if(isUniform, Enigma_UniformFolder<>.definition, "");
}

/// The least or the greatest value, for which the sign of integers matters.
class Enigma_GroupOrderOp<string group, string name, string gives,
                          string semantics>
    : Enigma_GroupOp<group, name, gives, semantics, [SameOperandsAndResultType]> {
  let description = [{
    }] # semantics # [{ Integers are signed, or `unsigned`.}] # valueConstraints #
    [{    3. Only integers are `unsigned`.
}] # example # [{ unsigned %x : i32}] # exampleEnd;
  let arguments = (ins Enigma_GroupValue:$x, UnitAttr:$is_unsigned);
  let results = (outs Enigma_GroupValue:$result);
  let assemblyFormat = "(`unsigned` $is_unsigned^)? $x attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = functionDecl # [{
    ::std::optional<bool> getOperandIsSigned(unsigned) {
      return !getIsUnsigned();
    }
  }];
  let extraClassDefinition = Enigma_UniformFolder<>.definition # [{
    ::llvm::LogicalResult $cppClass::verify() {
      if (getIsUnsigned() &&
          ::llvm::isa<::mlir::FloatType>(::mlir::getElementTypeOrSelf(getType())))
        return emitOpError("is 'unsigned', which only integers are, found ")
               << getType();
      return ::mlir::success();
    }
  }];
}

/// The value of another thread.
class Enigma_GroupShuffleOp<string group, string name, string other, string gives,
                            string semantics>
    : Enigma_GroupOp<group, name, gives, semantics,
                     [AllTypesMatch<["x", "result"]>]> {
  let mslVersion = "2.0";
  let description = [{
    }] # semantics # valueConstraints # [{    3. `}] # other # [{` is an `i32`.
}] # example # [{ %x, %x : i32}] # exampleEnd;
  let arguments = !con((ins Enigma_GroupValue:$x), !dag(ins, [I32], [other]));
  let results = (outs Enigma_GroupValue:$result);
  let assemblyFormat = "$x `,` $" # other # " attr-dict `:` type($result)";
  let hasFolder = 1;
  let extraClassDeclaration = functionDecl;
  let extraClassDefinition = Enigma_UniformFolder<>.definition;
}

/// The value of another thread, or what fills the place of one that there is not.
class Enigma_GroupFillOp<string group, string name, string gives, string semantics>
    : Enigma_GroupOp<group, name, gives, semantics,
                     [AllTypesMatch<["x", "fill", "result"]>]> {
  let mslVersion = "2.4";
  let defaults = ["modulo = " # threads];
  let check = "check_modulo";
  let description = [{
    }] # semantics # [{

    Constraints:
    1. x is an integer of 8, 16 or 32 bits, `f16` or `f32`, or a vector of 2, 3 or
       4 of one.
    2. x, `fill` and result have one type.
    3. `delta` and `modulo` are `i32`.
}] # example # [{ %x, %x, %x, %x : i32}] # exampleEnd;
  let arguments = (ins Enigma_GroupValue:$x, Enigma_GroupValue:$fill, I32:$delta,
                       I32:$modulo);
  let results = (outs Enigma_GroupValue:$result);
  let assemblyFormat = "$x `,` $fill `,` $delta `,` $modulo attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl;
}

/// A question to all threads.
class Enigma_GroupVoteOp<string group, string name, string gives,
                         string semantics, Type type, string typeName,
                         bit isUniform>
    : Enigma_GroupOp<group, name, gives, semantics> {
  let description = [{
    }] # semantics # [{

    Constraints:
    1. The operand is an `i1`.
    2. The result is an `}] # typeName # [{`.

    Example:

    ```mlir
    enigma.kernel @example(%x: i1 {enigma.index = 0 : i32}) {
      %0 = enigma.}] # group # "_" # name # [{ %x : }] # typeName # exampleEnd;
  let arguments = (ins I1:$x);
  let results = (outs type:$result);
  let resultDtype = !if(!eq(type, I1), "b1", "u64");
  let assemblyFormat = "$x attr-dict `:` type($result)";
  let hasFolder = isUniform;
  let extraClassDeclaration = functionDecl # [{
    ::std::optional<bool> getResultIsSigned() { return false; }
  }];
  let extraClassDefinition = !if(isUniform, Enigma_UniformFolder<>.definition, "");
}

/// A question that every thread answers by being there.
class Enigma_GroupPresenceOp<string group, string name, string gives,
                             string semantics, Type type, string typeName>
    : Enigma_GroupOp<group, name, gives, semantics> {
  let description = [{
    }] # semantics # [{

    Constraints:
    1. The result is an `}] # typeName # [{`.

    Example:

    ```mlir
    enigma.kernel @example() {
      %0 = enigma.}] # group # "_" # name # " : " # typeName # exampleEnd;
  let results = (outs type:$result);
  let resultDtype = !if(!eq(type, I1), "b1", "u64");
  let assemblyFormat = "attr-dict `:` type($result)";
  let extraClassDeclaration = functionDecl # [{
    ::std::optional<bool> getResultIsSigned() { return false; }
  }];
}

/// What a value of each thread is joined to. `which` says of which threads of the
/// group, and `more` what else there is to say.
multiclass Enigma_Reductions<string group, string words, string which = "active ",
                             string more = ""> {
  def SumOp : Enigma_GroupUnaryOp<group, "sum",
      "the sum over the threads of a " # words,
      "The sum of x over the " # which # "threads of the " # words
      # ". Integers wrap." # more, Enigma_GroupValue, 0>;
  def ProductOp : Enigma_GroupUnaryOp<group, "product",
      "the product over the threads of a " # words,
      "The product of x over the " # which # "threads of the " # words
      # ". Integers wrap." # more, Enigma_GroupValue, 0>;
  def AndOp : Enigma_GroupUnaryOp<group, "and",
      "the bitwise and over the threads of a " # words,
      "The bitwise and of x over the " # which # "threads of the " # words # "."
      # more,
      Enigma_GroupInteger, 1>;
  def OrOp : Enigma_GroupUnaryOp<group, "or",
      "the bitwise or over the threads of a " # words,
      "The bitwise or of x over the " # which # "threads of the " # words # "."
      # more,
      Enigma_GroupInteger, 1>;
  def XorOp : Enigma_GroupUnaryOp<group, "xor",
      "the bitwise exclusive or over the threads of a " # words,
      "The bitwise exclusive or of x over the " # which # "threads of the " # words # "."
      # more,
      Enigma_GroupInteger, 0>;
  def MinOp : Enigma_GroupOrderOp<group, "min",
      "the least value of the threads of a " # words,
      "The least x of the " # which # "threads of the " # words # "." # more>;
  def MaxOp : Enigma_GroupOrderOp<group, "max",
      "the greatest value of the threads of a " # words,
      "The greatest x of the " # which # "threads of the " # words # "." # more>;
}

multiclass Enigma_GroupOps<string group, string words>
    : Enigma_Reductions<group, words> {
  def PrefixExclusiveSumOp : Enigma_GroupUnaryOp<group, "prefix_exclusive_sum",
      "the sum over the threads before this one",
      "The sum of x over the active threads of the " # words
      # " with a lower index; 0 for the first.", Enigma_GroupValue, 0>;
  def PrefixInclusiveSumOp : Enigma_GroupUnaryOp<group, "prefix_inclusive_sum",
      "the sum over the threads up to this one",
      "The sum of x over the active threads of the " # words
      # " with no higher index.", Enigma_GroupValue, 0>;
  def PrefixExclusiveProductOp : Enigma_GroupUnaryOp<group,
      "prefix_exclusive_product",
      "the product over the threads before this one",
      "The product of x over the active threads of the " # words
      # " with a lower index; 1 for the first.", Enigma_GroupValue, 0>;
  def PrefixInclusiveProductOp : Enigma_GroupUnaryOp<group,
      "prefix_inclusive_product",
      "the product over the threads up to this one",
      "The product of x over the active threads of the " # words
      # " with no higher index.", Enigma_GroupValue, 0>;

  def ShuffleOp : Enigma_GroupShuffleOp<group, "shuffle", "lane",
      "the value of a thread of the " # words,
      "The x of the thread with index `lane`. Undefined if that is not active.">;
  def ShuffleUpOp : Enigma_GroupShuffleOp<group, "shuffle_up", "delta",
      "the value of a thread before this one",
      "The x of the thread whose index is lower by `delta`, which is the same for "
      "all threads. The lowest `delta` threads have no such thread, and keep "
      "their own x.">;
  def ShuffleDownOp : Enigma_GroupShuffleOp<group, "shuffle_down", "delta",
      "the value of a thread after this one",
      "The x of the thread whose index is higher by `delta`, which is the same for "
      "all threads. The highest `delta` threads have no such thread, and keep "
      "their own x.">;
  def ShuffleXorOp : Enigma_GroupShuffleOp<group, "shuffle_xor", "mask",
      "the value of a thread whose index differs by a mask",
      "The x of the thread whose index is this thread's, exclusive or `mask`, which "
      "is the same for all threads.">;
  let mslVersion = "2.1" in {
  def ShuffleRotateUpOp : Enigma_GroupShuffleOp<group, "shuffle_rotate_up",
      "delta", "the value of a thread before this one, around the end",
      "The x of the thread whose index is lower by `delta`, modulo the width of the "
      # words # ". `delta` is the same for all threads.">;
  def ShuffleRotateDownOp : Enigma_GroupShuffleOp<group, "shuffle_rotate_down",
      "delta", "the value of a thread after this one, around the end",
      "The x of the thread whose index is higher by `delta`, modulo the width of "
      "the " # words # ". `delta` is the same for all threads.">;
  }

  def ShuffleAndFillUpOp : Enigma_GroupFillOp<group, "shuffle_and_fill_up",
      "the value of a thread before this one, or a filling",
      "The threads are taken in rows of `modulo`, a power of two. The x of the thread "
      "of the row whose index is lower by `delta`; the lowest `delta` threads, which "
      "have none, get the `fill` of the highest ones, in order. `delta` and `modulo` "
      "are the same for all threads.">;
  def ShuffleAndFillDownOp : Enigma_GroupFillOp<group, "shuffle_and_fill_down",
      "the value of a thread after this one, or a filling",
      "The threads are taken in rows of `modulo`, a power of two. The x of the thread "
      "of the row whose index is higher by `delta`; the highest `delta` threads, which "
      "have none, get the `fill` of the lowest ones, in order. `delta` and `modulo` "
      "are the same for all threads.">;

  def BroadcastOp : Enigma_GroupShuffleOp<group, "broadcast", "lane",
      "the value of one thread, for all",
      "The x of the thread with index `lane`, which is the same for all threads. "
      "Undefined if that is not active.">;
  def BroadcastFirstOp : Enigma_GroupUnaryOp<group, "broadcast_first",
      "the value of the first active thread, for all",
      "The x of the active thread of the " # words # " with the lowest index.",
      Enigma_GroupValue, 1>;

  def BallotOp : Enigma_GroupVoteOp<group, "ballot",
      "which threads of a " # words # " say true",
      "Bit i of the result is set if the thread of the " # words
      # " with index i is active and its x is true.", I64, "i64", 0>;
  def AllOp : Enigma_GroupVoteOp<group, "all",
      "whether all threads of a " # words # " say true",
      "Whether x is true for all active threads of the " # words # ".",
      I1, "i1", 1>;
  def AnyOp : Enigma_GroupVoteOp<group, "any",
      "whether any thread of a " # words # " says true",
      "Whether x is true for any active thread of the " # words # ".",
      I1, "i1", 1>;
  def IsFirstOp : Enigma_GroupPresenceOp<group, "is_first",
      "whether this is the first active thread of the " # words,
      "Whether no active thread of the " # words # " has a lower index.", I1, "i1">;
  def ActiveThreadsMaskOp : Enigma_GroupPresenceOp<group, "active_threads_mask",
      "which threads of the " # words # " are active",
      "Bit i of the result is set if the thread of the " # words
      # " with index i is active.", I64, "i64">;
}

#endif // ENIGMA_GROUP_OPS
