// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What Python knows of MLIR's IR.

#ifndef ENIGMA_PYTHON_IR_H
#define ENIGMA_PYTHON_IR_H

#include "mlir-c/Diagnostics.h"
#include "mlir-c/IR.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>

#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace enigma::python {

/// A context with Enigma's dialects, which goes with the last that Python has
/// of what is in it.
class ContextOwner {
public:
  explicit ContextOwner(bool allowUnregistered);
  ContextOwner(const ContextOwner &) = delete;
  ContextOwner &operator=(const ContextOwner &) = delete;
  ~ContextOwner();

  MlirContext get() const { return context; }

private:
  MlirContext context;
};
using ContextRef = std::shared_ptr<ContextOwner>;

/// An operation that stands in no other, and goes with the last that Python has
/// of what is in it.
class Root {
public:
  Root(ContextRef context, MlirOperation operation)
      : context(std::move(context)), operation(operation) {}
  Root(const Root &) = delete;
  Root &operator=(const Root &) = delete;
  ~Root();

  /// Leaves the operation to another one, in which it stands now.
  void release() { operation.ptr = nullptr; }

  /// Takes an operation out of its block. It lives on, as what Python has of
  /// it.
  void bury(MlirOperation operation);

  /// Destroys what is buried, of which Python may use nothing any more.
  void destroyBuried();

  const ContextRef context;

private:
  MlirOperation operation;
  MlirModule graveyard = {nullptr};
};
using RootRef = std::shared_ptr<Root>;

struct Context {
  ContextRef ref;
};

struct Type {
  ContextRef context;
  MlirType type;
};

struct Attribute {
  ContextRef context;
  MlirAttribute attribute;
};

struct Location {
  ContextRef context;
  MlirLocation location;
};

// What follows is valid as long as it stands in the IR: a pass, or the end of
// the module that it was moved to, may take it away.

struct Operation {
  RootRef root;
  MlirOperation operation;
};

struct Value {
  RootRef root;
  MlirValue value;
};

struct Block {
  RootRef root;
  MlirBlock block;
};

/// Where operations are put into a block: before one, or at the end.
struct InsertionPoint {
  RootRef root;
  MlirBlock block;
  MlirOperation before = {nullptr};

  void insert(MlirOperation operation) const {
    if (mlirOperationIsNull(before))
      mlirBlockAppendOwnedOperation(block, operation);
    else
      mlirBlockInsertOwnedOperationBefore(block, before, operation);
  }
};

/// What MLIR reports.
struct Diagnostic {
  Diagnostic(const ContextRef &context, MlirDiagnostic diagnostic);

  const char *severity;
  std::string message;
  Location location;
  std::vector<Diagnostic> notes;
};

/// Raised as `MLIRError` in Python.
class MLIRError : public std::runtime_error {
public:
  MLIRError(const std::string &message, std::vector<Diagnostic> diagnostics);

  std::vector<Diagnostic> diagnostics;
};

/// Takes the errors of a context, of which others learn nothing meanwhile.
class ErrorCapture {
public:
  explicit ErrorCapture(ContextRef context);
  ErrorCapture(const ErrorCapture &) = delete;
  ErrorCapture &operator=(const ErrorCapture &) = delete;
  ~ErrorCapture();

  /// An error with those that were taken.
  MLIRError error(const std::string &message) {
    return MLIRError(message, std::move(errors));
  }

private:
  ContextRef context;
  std::vector<Diagnostic> errors;
  MlirDiagnosticHandlerID id;
};

/// Appends a part of a text to a std::string.
void append(MlirStringRef part, void *text);

inline MlirStringRef toRef(std::string_view text) {
  return mlirStringRefCreate(text.data(), text.size());
}

/// The text of a str, for as long as that lives.
inline MlirStringRef toRef(nanobind::handle text) {
  return toRef(nanobind::cast<std::string_view>(text));
}

/// What types of Python's stand for.
template <typename Sequence>
llvm::SmallVector<MlirType, 4> getTypes(const Sequence &types) {
  llvm::SmallVector<MlirType, 4> all;
  for (nanobind::handle type : types)
    all.push_back(nanobind::cast<Type &>(type).type);
  return all;
}

/// What values of Python's stand for.
inline llvm::SmallVector<MlirValue, 4>
getValues(const nanobind::tuple &values) {
  llvm::SmallVector<MlirValue, 4> all;
  for (nanobind::handle value : values)
    all.push_back(nanobind::cast<Value &>(value).value);
  return all;
}

inline std::string_view toView(MlirStringRef text) {
  return {text.data, text.length};
}

/// The region of an operation at an index; raises IndexError.
MlirRegion getRegion(const Operation &operation, intptr_t index);

/// The values that a block starts with.
nanobind::list getArguments(const Block &block);

/// Puts an operation at the end of a block, wherever it stood.
void moveTo(const RootRef &root, MlirBlock block, Operation &operation);

void registerIR(nanobind::module_ &m);

} // namespace enigma::python

#endif // ENIGMA_PYTHON_IR_H
