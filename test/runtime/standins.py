# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The stand-in for the Objective-C runtime and Metal, built and driven from Python."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from conformance import harness, msl_text

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "lib/Runtime/Metal"
HERE = Path(__file__).parent
COMPILER = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++")


def compile_cpp(output, *sources, flags=()):
    command = [
        *(COMPILER, "-std=c++17", "-O1", f"-I{ROOT / 'include'}", f"-I{SOURCES}", *flags),
        *(str(source) for source in sources),
        *("-o", str(output), "-ldl", "-lpthread"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:4000]
    return output


def build(folder):
    """Build the stand-in."""
    flags = ("-shared", "-fPIC", "-fvisibility=hidden")
    return compile_cpp(folder / "libstandin.so", HERE / "standin.cpp", flags=flags)


class _Extent(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulong) for name in "xyz"]


class _Argument(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int),
        ("index", ctypes.c_ulong),
        ("memory", ctypes.c_void_p),
        ("bytes", ctypes.c_ulong),
    ]


_COMPILE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_ulong)
_RUN = ctypes.CFUNCTYPE(
    ctypes.c_void_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(_Argument),
    ctypes.c_int,
    ctypes.POINTER(_Extent),
    ctypes.POINTER(_Extent),
    ctypes.c_int,
)


class Standin:
    """The stand-in in this process; its kernels run in the conformance harness.

    Attributes
    ----------
    lengths : dict of int to int
        The bytes of the arrays that kernels may be given, by address. A kernel sees the pages
        that cover an array; what the harness copies in and out must be no more than the array.
    compiled : list of tuple
        The fast math and language version of each text that was compiled.
    then : callable or None
        What is called once, when the next kernel has run: its command buffer is committed then.
    """

    def __init__(self, path):
        self.path = str(path)
        self.library = ctypes.CDLL(self.path, mode=ctypes.RTLD_GLOBAL)
        self.library.standinLog.restype = ctypes.c_char_p
        for name in ("standinFaults", "standinLiveObjects"):
            getattr(self.library, name).restype = ctypes.c_long
        self.lengths = {}
        self.compiled = []
        self.launched = []
        self._texts = []
        self.then = None
        self._hooks = (_COMPILE(self._compile), _RUN(self._run))
        self.library.standinInstall(*self._hooks)

    def _text(self, message):
        self._texts.append(ctypes.create_string_buffer(message.encode()))
        return ctypes.addressof(self._texts[-1])

    def _compile(self, source, fast_math, version):
        self.compiled.append((bool(fast_math), version))
        try:
            harness.compile_only(source.decode())
        except Exception as error:
            return self._text(f"program_source:{error}")

    def _run(self, source, kernel, arguments, count, grid, block, threads):
        try:
            self._execute(
                source.decode(),
                kernel.decode(),
                [arguments[i] for i in range(count)],
                tuple(getattr(grid[0], axis) for axis in "xyz"),
                tuple(getattr(block[0], axis) for axis in "xyz"),
                threads,
            )
        except Exception as error:
            return self._text(f"{type(error).__name__}: {error}")
        finally:
            then, self.then = self.then, None
            if then is not None:
                then()

    def _execute(self, source, name, arguments, grid, block, threads):
        self.launched.append((name, grid, block, bool(threads)))
        kernel = next(k for k in msl_text.read(source).kernels if k.name == name)
        given = {a.index: a for a in arguments if a.kind != 2}
        values = []
        for parameter in kernel.buffers:
            argument = given[parameter.index]
            scalar, _ = msl_text.scalar_of(parameter.element)
            dtype = np.dtype(msl_text.SCALAR_DTYPES[scalar])
            length = self.lengths.get(argument.memory, argument.bytes)
            if argument.kind == 0 and argument.bytes % 16384 == 0:
                length = self.lengths[argument.memory]
            raw = (ctypes.c_char * length).from_address(argument.memory)
            array = np.frombuffer(raw, dtype)
            values.append(array if parameter.is_pointer else array[0])
        shared = {a.index: a.bytes for a in arguments if a.kind == 2}
        size = {"threads": grid} if threads else {"grid": grid}
        harness.run(source, name, values, block=block, threadgroup_memory=shared, **size)

    def refuse(self, *whats):
        for what in whats:
            self.library.standinRefuse(what.encode())

    def allow(self):
        self.library.standinAllow()

    @property
    def live_objects(self):
        return self.library.standinLiveObjects()

    @property
    def log(self):
        return self.library.standinLog().decode()


_kept: list[Standin] = []


def standin_of_process(tmp_path_factory):
    """Give the stand-in; a process opens the libraries of Metal once, and keeps them."""
    if not _kept:
        _kept.append(Standin(build(tmp_path_factory.mktemp("standin"))))
    return _kept[0]
