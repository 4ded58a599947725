# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel may call, one module a family; and what it lends to the floors below."""

from enigma.language import atomics
from enigma.language.casts import metal_cast
from enigma.tensors.tensor import Tensor
from enigma.types import install_conversion

install_conversion(metal_cast)
for _method in (
    atomics.atomic_load,
    atomics.atomic_store,
    atomics.atomic_exchange,
    atomics.atomic_fetch_add,
    atomics.atomic_fetch_sub,
    atomics.atomic_fetch_min,
    atomics.atomic_fetch_max,
    atomics.atomic_fetch_and,
    atomics.atomic_fetch_or,
    atomics.atomic_fetch_xor,
    atomics.atomic_compare_exchange_weak,
):
    setattr(Tensor, _method.__name__, _method)
