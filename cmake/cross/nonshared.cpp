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
#include <pthread.h>
#include <stdexcept>
#include <time.h>
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

std::runtime_error::runtime_error(std::runtime_error &&other) noexcept
    : runtime_error(static_cast<const std::runtime_error &>(other)) {}

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

// Of glibc, since 2.30: before it, libstdc++ waits by the clock of the system
// too.
extern "C" {
static timespec toRealTime(clockid_t clock, const timespec &time) {
  timespec now, result;
  clock_gettime(clock, &now);
  clock_gettime(CLOCK_REALTIME, &result);
  result.tv_sec += time.tv_sec - now.tv_sec;
  result.tv_nsec += time.tv_nsec - now.tv_nsec;
  for (; result.tv_nsec < 0; --result.tv_sec)
    result.tv_nsec += 1000000000;
  for (; result.tv_nsec >= 1000000000; ++result.tv_sec)
    result.tv_nsec -= 1000000000;
  return result;
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           clockid_t clock, const timespec *time) {
  timespec until = toRealTime(clock, *time);
  return pthread_cond_timedwait(condition, mutex, &until);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                            const timespec *time) {
  timespec until = toRealTime(clock, *time);
  return pthread_mutex_timedlock(mutex, &until);
}
}
