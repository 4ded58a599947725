// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What code built with libstdc++ 12 asks of it, and libstdc++ 8, that of
// manylinux_2_28, does not have: linked into each binary, as the compilers of
// manylinux do with theirs.

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <typeinfo>

void std::__throw_bad_array_new_length() { throw std::bad_array_new_length(); }

namespace std {
[[noreturn]] void __glibcxx_assert_fail(const char *file, int line,
                                        const char *function,
                                        const char *condition) noexcept {
  std::fprintf(stderr, "%s:%d: %s: Assertion '%s' failed.\n", file, line,
               function, condition);
  std::abort();
}
} // namespace std

void std::condition_variable::wait(std::unique_lock<std::mutex> &lock) {
  pthread_cond_wait(native_handle(), lock.mutex()->native_handle());
}

bool std::_Sp_make_shared_tag::_S_eq(const std::type_info &type) noexcept {
  return type == typeid(_Sp_make_shared_tag);
}

namespace __cxxabiv1 {
/// What eh_ptr.o calls, which the library does not export.
[[noreturn]] void __terminate(std::terminate_handler handler) noexcept {
  handler();
  std::abort();
}
} // namespace __cxxabiv1
