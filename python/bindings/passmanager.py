# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR's pass managers."""

from ._mlir_libs._mlir.passmanager import PassManager as PassManager
