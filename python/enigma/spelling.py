# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a name that there is none of was meant to be."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from enigma._process import import_late

_OF_ENIGMA = "a kernel is written with the functions of enigma, which `import enigma` brings"
_NO_DOUBLE = "Metal has no 8-byte float: write enigma.f32"

#: What Triton, CUDA, MSL, CuTe DSL and array frameworks call things, and what is written here.
ELSEWHERE = {
    "__syncthreads": "write enigma.barrier()",
    "arange": "a thread has one position: `i = enigma.thread_position_in_grid`; enigma.range "
    "counts in a loop",
    "array": "tables of numbers are enigma.constant_array(values); arrays are made on the host",
    "atomicAdd": "write enigma.atomic_fetch_add(A, i, x)",
    "atomicCAS": "write enigma.atomic_compare_exchange_weak",
    "atomicExch": "write enigma.atomic_exchange",
    "atomicMax": "write enigma.atomic_fetch_max, or enigma.atomic_max for floats",
    "atomicMin": "write enigma.atomic_fetch_min, or enigma.atomic_min for floats",
    "atomic_add": "write enigma.atomic_fetch_add(A, i, x)",
    "atomic_cas": "write enigma.atomic_compare_exchange_weak",
    "atomic_xchg": "write enigma.atomic_exchange",
    "autotune": "compile variants with constants={...}, and time them with enigma.benchmark",
    "ballot_sync": "write enigma.simd_ballot",
    "blockDim": "write enigma.threads_per_threadgroup, or enigma.arch.block_dim()",
    "blockIdx": "write enigma.threadgroup_position_in_grid, or enigma.arch.block_idx()",
    "block_dim": "write enigma.arch.block_dim()",
    "block_idx": "write enigma.arch.block_idx()",
    "cdiv": "write enigma.ceil_div",
    "const_expr": "an `if` on what Python knows is decided while compiling as it is",
    "cuda": _OF_ENIGMA,
    "cute": _OF_ENIGMA,
    "cutlass": _OF_ENIGMA,
    "device_assert": "write enigma.assert_, and compile with debug=True",
    "device_print": "write enigma.print, and compile with debug=True",
    "double": _NO_DOUBLE,
    "f64": _NO_DOUBLE,
    "float64": _NO_DOUBLE,
    "fp64": _NO_DOUBLE,
    "from_dlpack": "arrays are given to `launch`, or to a jit function, as they are",
    "full": "write enigma.register_tensor(n, dtype, fill=x), or make the array on the host",
    "gelu": "write it with enigma.erf or enigma.tanh, in an @enigma.func",
    "gridDim": "write enigma.threadgroups_per_grid, or enigma.arch.grid_dim()",
    "grid_dim": "write enigma.arch.grid_dim()",
    "inf": "write math.inf",
    "load": "memory is read by subscripts, as in `A[i]`, and with a mask by enigma.load_if",
    "make_copy_atom": "write enigma.make_tiled_copy: accesses are as wide as layouts permit",
    "make_rmem_tensor": "write enigma.make_fragment(shape, dtype)",
    "maximum": "write enigma.max(x, y), or Python's max",
    "mean": "add with enigma.threadgroup_sum or in a loop, and divide",
    "minimum": "write enigma.min(x, y), or Python's min",
    "nan": "write math.nan",
    "num_programs": "write enigma.threadgroups_per_grid.x",
    "pi": "write math.pi",
    "printf": "write enigma.print, and compile with debug=True",
    "program_id": "write enigma.threadgroup_position_in_grid.x",
    "relu": "write enigma.max(x, 0)",
    "shared_memory": "write enigma.threadgroup_alloc(dtype, n)",
    "shfl_down_sync": "write enigma.simd_shuffle_down",
    "shfl_sync": "write enigma.simd_shuffle",
    "shfl_up_sync": "write enigma.simd_shuffle_up",
    "shfl_xor_sync": "write enigma.simd_shuffle_xor",
    "sigmoid": "write 1 / (1 + enigma.exp(-x))",
    "silu": "write x / (1 + enigma.exp(-x))",
    "softmax": "write it with enigma.threadgroup_max, enigma.exp and enigma.threadgroup_sum",
    "static_range": "write enigma.range_constexpr, or Python's range",
    "store": "memory is written by subscripts, as in `A[i] = x`, and with a mask by "
    "enigma.store_if",
    "sum": "threads add with enigma.threadgroup_sum, or enigma.simd_sum; a thread adds in a loop",
    "sync_threads": "write enigma.barrier()",
    "sync_warp": "write enigma.simd_barrier()",
    "syncthreads": "write enigma.barrier()",
    "syncwarp": "write enigma.simd_barrier()",
    "threadIdx": "write enigma.thread_position_in_threadgroup, or enigma.arch.thread_idx()",
    "thread_idx": "write enigma.arch.thread_idx()",
    "threadfence": "write enigma.atomic_thread_fence",
    "threadgroup_barrier": "write enigma.barrier()",
    "tl": _OF_ENIGMA,
    "triton": _OF_ENIGMA,
    "warpSize": "write enigma.threads_per_simdgroup",
    "zeros": "write enigma.register_tensor(n, dtype), or make the array on the host",
}


def closest(word: object, known: Iterable[str]) -> str:
    """Give the name that is most like a word; "" if none is like it.

    Short words share letters with others by chance, and longer ones many.
    """
    difflib = import_late("difflib")
    word, names = str(word), [str(name) for name in known]
    cutoff = 0.7 if len(word) > _SHORT else 0.75
    close = (
        [name for name in names if _bare(name) == _bare(word)]
        or difflib.get_close_matches(word, names, 1, cutoff)
        or [name for name in names if _lacks_words(word, name) or word.startswith(f"{name}_")]
    )
    return close[0] if close else ""


# Words of at most so many letters are short.
_SHORT = 4


def _bare(word: str) -> str:
    """Give a word without what is most often mistaken: case, underscores, letters twice."""
    letters = word.replace("_", "").replace("-", "").lower()
    return "".join(letter for letter, _ in itertools.groupby(letters))


def _lacks_words(word: str, name: str) -> bool:
    """Whether a name consists of a word and one or two more."""
    own, whole = (set(each.replace("-", "_").split("_")) for each in (word, name))
    return len(word) > 2 and own < whole and len(whole) - len(own) <= 2


def nearest_attribute(thing: object, name: str, otherwise: str = "") -> str:
    """Say which of the attributes of something is meant by another name."""
    known = [each for each in dir(thing) if not each.startswith("_")]
    close = closest(name, known)
    return f"did you mean .{close}?" if close else otherwise or f"it has {', '.join(known)}"


def kind_of(thing: object) -> str:
    """Say of which class something is, with an article."""
    name = type(thing).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
