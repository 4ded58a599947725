# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running kernels: devices, the arrays they work on, launches, timing."""

# They make kinds of devices known, and install what launches.
from enigma.runtime import cpu_device, launching, metal_device  # noqa: F401
