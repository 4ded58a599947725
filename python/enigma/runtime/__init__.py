# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Running kernels: devices, arrays, launches."""

from __future__ import annotations

from enigma.compiler.kernel import CompiledKernel
from enigma.runtime.compiling import launch_jit, launch_kernel
from enigma.runtime.launching import launch
from enigma.tracing.functions import Jit, Kernel

CompiledKernel._launch = staticmethod(launch)
Kernel._launch = staticmethod(launch_kernel)
Jit._launch = staticmethod(launch_jit)
