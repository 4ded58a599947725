# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a Python function to MSL text and a Metal library."""
