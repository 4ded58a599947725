// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value, or the reason why there is none.

#ifndef ENIGMA_LAYOUT_RESULT_H
#define ENIGMA_LAYOUT_RESULT_H

#include "llvm/ADT/Twine.h"

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace enigma::layout {

/// Why an operation has no result: a sentence that names the operation, its
/// operands and the offending mode.
struct Error {
  explicit Error(const llvm::Twine &text) : message(text.str()) {}
  std::string message;
};

/// A value of type T, or an Error. Unlike llvm::Expected it may be dropped
/// unchecked, and a success costs no allocation.
template <typename T> class Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Error error)
      : failure(std::make_unique<std::string>(std::move(error.message))) {}

  explicit operator bool() const { return !failure; }
  T &operator*() {
    assert(value && "the result is an error");
    return *value;
  }
  const T &operator*() const {
    assert(value && "the result is an error");
    return *value;
  }
  T *operator->() { return &**this; }
  const T *operator->() const { return &**this; }

  const std::string &message() const {
    assert(failure && "the result is a value");
    return *failure;
  }
  Error takeError() const { return Error(message()); }

private:
  std::optional<T> value;
  std::unique_ptr<std::string> failure;
};

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_RESULT_H
