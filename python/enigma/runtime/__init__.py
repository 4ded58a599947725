# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running kernels: devices, the arrays they work on, launches, timing."""
