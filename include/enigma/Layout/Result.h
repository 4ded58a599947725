// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value, or the reason why there is none.

#ifndef ENIGMA_LAYOUT_RESULT_H
#define ENIGMA_LAYOUT_RESULT_H

#include "enigma/Layout/Error.h"

#include <cassert>
#include <memory>
#include <optional>
#include <utility>

namespace enigma::layout {

/// A value of type T, or an Error. Unlike llvm::Expected it may be dropped
/// unchecked, and a success costs no allocation.
template <typename T> class Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Error error) : failure(std::make_unique<Error>(std::move(error))) {}

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

  const Error &error() const {
    assert(failure && "the result is a value");
    return *failure;
  }
  const std::string &message() const { return error().message(); }

private:
  std::optional<T> value;
  std::unique_ptr<Error> failure;
};

} // namespace enigma::layout

#endif // ENIGMA_LAYOUT_RESULT_H
