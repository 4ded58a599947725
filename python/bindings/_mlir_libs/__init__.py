# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The extension module `_mlir`, and `_enigma` in it: what is Enigma's own."""

from ._mlir import _enigma as _enigma
