// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Code that runs while other threads run Python.

#ifndef ENIGMA_BINDINGS_WITHOUTGIL_H
#define ENIGMA_BINDINGS_WITHOUTGIL_H

#include <nanobind/nanobind.h>

#include <unistd.h>

namespace enigma::python {

/// Lets other threads run Python while it lives.
///
/// A daemon thread that comes back while the interpreter ends is ended there:
/// Python before 3.14 calls `pthread_exit`, which unwinds frames that nothing
/// may unwind, and so aborts the process. It waits for the end of it instead.
class WithoutGIL {
public:
  WithoutGIL() : state(PyEval_SaveThread()) {}
  ~WithoutGIL() {
    try {
      PyEval_RestoreThread(state);
    } catch (...) {
      while (true)
        pause();
    }
  }
  WithoutGIL(const WithoutGIL &) = delete;

private:
  PyThreadState *state;
};

} // namespace enigma::python

#endif // ENIGMA_BINDINGS_WITHOUTGIL_H
