# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running a Python function once, on traced values, to record the IR of its kernel."""
