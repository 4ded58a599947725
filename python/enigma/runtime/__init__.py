# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running kernels: devices, arrays, launches."""

from __future__ import annotations

from enigma.compiler.kernel import CompiledKernel
from enigma.runtime.launching import launch

CompiledKernel._launch = staticmethod(launch)
