# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The explorer: a page that shows a file of kernels beside what becomes of it."""

from enigma.explorer.start import main

__all__ = ["main"]
