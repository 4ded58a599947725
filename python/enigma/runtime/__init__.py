# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running kernels: devices, arrays, launches."""

from __future__ import annotations

from enigma.compiler import kernel
from enigma.runtime.launching import launch

kernel.launcher = launch
