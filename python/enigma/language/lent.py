# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the language lends to the floors below."""

from __future__ import annotations

from enigma import _functions
from enigma.language.atomics import atomic_max, atomic_min, atomic_update
from enigma.language.casts import construct
from enigma.tensors.tensor import Tensor
from enigma.tracing.buffers import Buffer
from enigma.types import install_construction, install_conversion

install_construction(construct)
install_conversion(_functions.metal_cast)
for _memory in (Tensor, Buffer):
    for _name in _functions.__all__:
        if _name.startswith("atomic_"):
            setattr(_memory, _name, getattr(_functions, _name))
    for _function in (atomic_min, atomic_max, atomic_update):
        setattr(_memory, _function.__name__, _function)
