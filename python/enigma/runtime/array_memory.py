# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The memory of arrays, by protocol; that of torch on a Mac's GPU, which has none, by its methods.

torch is never imported here: who has a tensor has imported it.
"""

from __future__ import annotations

import sys
from typing import Any

from enigma import _arrays
from enigma._arrays import Memory

#: What to do about an array whose memory cannot be read.
FOR_UNREADABLE = "give an array of NumPy that holds its elements, as numpy.asarray makes"
# Enigma's names of torch's dtypes, and the bytes of an element.
_DTYPES = {
    "torch.float32": ("f32", 4),
    "torch.float16": ("f16", 2),
    "torch.bfloat16": ("bf16", 2),
    "torch.bool": ("b1", 1),
    "torch.int8": ("i8", 1),
    "torch.uint8": ("u8", 1),
    "torch.int16": ("i16", 2),
    "torch.uint16": ("u16", 2),
    "torch.int32": ("i32", 4),
    "torch.uint32": ("u32", 4),
    "torch.int64": ("i64", 8),
    "torch.uint64": ("u64", 8),
}


def is_on_gpu(value: object) -> bool:
    """Whether a value is a tensor of torch in the memory of a Mac's GPU."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor) and value.device.type == "mps"


def memory_of(tensor: Any) -> Memory:
    """Describe such a tensor; the address is that of the buffer, and not the host's.

    Raises
    ------
    TypeError
        When a kernel cannot work on it.
    """
    if tensor.requires_grad:
        raise TypeError("it requires gradients, which torch would not compute (tensor.detach())")
    if str(tensor.layout) != "torch.strided":
        raise TypeError(f"it is no dense tensor, but {tensor.layout}")
    if tensor.numel() and not tensor.untyped_storage().nbytes():
        raise TypeError("its memory was freed")
    dtype, item_bytes = _DTYPES.get(str(tensor.dtype), (str(tensor.dtype), tensor.element_size()))
    return _arrays.describe(
        tensor, tensor.data_ptr(), tuple(tensor.shape), tuple(tensor.stride()), dtype, item_bytes
    )


def read(value: object) -> Memory | None:
    """Give the memory of an array; None for what is none.

    Raises
    ------
    Exception
        When it has a protocol, and what that says cannot be used.
    """
    return memory_of(value) if is_on_gpu(value) else _arrays.read(value)
