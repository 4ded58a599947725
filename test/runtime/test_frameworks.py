# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Arrays of frameworks, where they are installed: pip install '.[frameworks]'."""

import functools
import importlib
import subprocess
import sys

import numpy as np
import pytest
from test_arguments import Recorder

import enigma
from enigma import _arrays


@enigma.kernel
def copied(A: enigma.f32, B: enigma.f32):
    B[enigma.thread_position_in_grid] = A[enigma.thread_position_in_grid]


COPIED = enigma.compile(copied, emit_only=True)


@functools.cache
def found(name):
    """Import a module, once: one that fails in the middle may not be imported again."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def imported(name):
    return found(name) or pytest.skip(f"{name} is not installed")


def of_torch(values):
    return imported("torch").from_numpy(values)


def of_mlx(values):
    core = imported("mlx.core")
    array = core.array(values)
    core.eval(array)
    return array


def of_jax(values):
    return imported("jax.numpy").asarray(values)


FRAMEWORKS = {"torch": of_torch, "mlx": of_mlx, "jax": of_jax}
DTYPES = {
    "f32": np.float32,
    "f16": np.float16,
    **{f"{k}{b}": np.dtype(f"{'u' if k == 'u' else ''}int{b}") for k in "iu" for b in (8, 16, 32)},
}


@pytest.mark.parametrize("make", FRAMEWORKS.values(), ids=FRAMEWORKS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_memory(make, dtype):
    values = np.arange(12).astype(DTYPES[dtype]).reshape(3, 4)
    array = make(values)
    memory = _arrays.read(array)
    assert (memory.shape, memory.strides, memory.dtype) == ((3, 4), (4, 1), dtype)
    assert memory.device == "cpu"
    # Without a copy: the same memory again.
    assert _arrays.read(array).address == memory.address


@pytest.mark.parametrize("make", FRAMEWORKS.values(), ids=FRAMEWORKS)
def test_bfloats(make):
    array = make(np.ones(4, np.float32))
    framework = type(array).__module__.partition(".")[0]
    if framework == "torch":
        array = array.to(imported("torch").bfloat16)
    elif framework == "mlx":
        core = imported("mlx.core")
        array = array.astype(core.bfloat16)
        core.eval(array)
    else:
        array = array.astype(imported("jax.numpy").bfloat16)
    assert _arrays.read(array).dtype == "bf16"


@pytest.mark.parametrize("make", FRAMEWORKS.values(), ids=FRAMEWORKS)
def test_launches(make):
    a, b = make(np.ones(4, np.float32)), np.zeros(4, np.float32)
    device = Recorder()
    COPIED.launch(a, b, threads=4, device=device)
    assert device.launches[0][0][0].elements == 4
    if _arrays.read(a).is_read_only:
        with pytest.raises(
            enigma.EnigmaError, match=r"'B' .* that it writes, found one that is re"
        ):
            COPIED.launch(b, a, threads=4, device=device)
    else:
        COPIED.launch(b, a, threads=4, device=device)


def test_strides_of_torch():
    torch = imported("torch")
    array = torch.zeros(4, 6).t()
    memory = _arrays.read(array)
    assert (memory.shape, memory.strides) == ((6, 4), (1, 6))
    with pytest.raises(enigma.EnigmaError, match="contiguous"):
        COPIED.launch(array, array, threads=4, device=Recorder())
    wanting = torch.zeros(4, requires_grad=True)
    with pytest.raises(enigma.EnigmaError, match="whose memory it does not give"):
        COPIED.launch(wanting, wanting, threads=4, device=Recorder())


def test_nothing_is_imported():
    """A launch imports no framework."""
    script = """
import sys, numpy, enigma
from enigma import _arrays
_arrays.read(numpy.zeros(3))
assert not {"torch", "mlx", "jax", "cupy"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
