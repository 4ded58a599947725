# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The module of the dialect `math`, for which MLIR looks; operations are made by their names."""
