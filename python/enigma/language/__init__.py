# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel may call, one module a family; generated functions are in `enigma._functions`."""
