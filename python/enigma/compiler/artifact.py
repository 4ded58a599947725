# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every compilation gives: a text, and a library where one was built."""

from __future__ import annotations

import functools
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from enigma._arrays import RecentLaunches
from enigma._files import checked_path, file_stem, holds_something_else, write_file
from enigma._frozen import frozen_dataclass
from enigma._host_calls import host_class, refuse_call
from enigma.compiler.source_map import SourceMap
from enigma.compiler.summary import as_html, as_text
from enigma.errors import FileConflict, InvalidLaunch, MisplacedCall, UnknownAttribute
from enigma.spelling import nearest_attribute
from enigma.tracing.launches import on_device

A = TypeVar("A", bound="Artifact")

# What those look for who call it as other frameworks do.
_RUN = "run it with .launch(..., threads=n), or grid=threadgroups and block=threads"


@host_class
@frozen_dataclass(frozen=True, eq=False, kw_only=True)
class Artifact(ABC):
    """MSL, and a Metal library of it where one was built.

    Attributes
    ----------
    metal_source : str
        The MSL.
    metal_std : str
        The least version of MSL that it needs: "2.4", "3.0", "3.1", "3.2" or "4.0".
    mlir_source : str or None
        The clean IR, if `dump_mlir` was set; of a program, that of all its kernels in one module.
    metallib_path : str or None
        Absolute path of the Metal library, if one was built.
    metallib_bytes : bytes or None
        Its contents.
    metal_path : str or None
        Absolute path of the MSL file, if one was kept.
    remarks : tuple of str
        What the passes remarked, such as why a kernel stays scalar.
    source_map : SourceMap
        The lines of the MSL, counted from 1, with the line of Python that each comes from, an
        `enigma.locations.SourceLocation`: a read-only mapping. Where a line was put together from
        several, it is that of the statement; a line that stands for nothing in Python, such as a
        closing brace, is not in it.
    is_temporary : bool
        Whether the folder of the library is removed when this object is gone. A copy, or what
        comes from a pickle, has the library's bytes and no path then.
    """

    metal_source: str
    metal_std: str
    mlir_source: str | None = None
    metallib_path: str | None = None
    metallib_bytes: bytes | None = field(default=None, repr=False)
    metal_path: str | None = None
    remarks: tuple[str, ...] = ()
    source_map: SourceMap = field(default_factory=lambda: SourceMap({}), repr=False)
    is_temporary: bool = field(default=False, repr=False)

    #: Its last launches, as `enigma.runtime.repeats` keeps them; no copy has them.
    __recent__: ClassVar[RecentLaunches | None] = None

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        state.pop("__recent__", None)
        if self.is_temporary:
            state.update(is_temporary=False, metallib_path=None)
        return state

    @abstractmethod
    def to_json(self) -> str:
        """Give everything that is known, as JSON."""

    @property
    @abstractmethod
    def file_name(self) -> str:
        """The name of its files, without an ending."""

    def _repr_html_(self) -> str:
        return as_html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # Notebooks ask here first; the text of a terminal is not all of the attributes.
        return {"text/plain": as_text(self), "text/html": as_html(self)}

    @property
    def kernel_source(self) -> str:
        """The MSL, as `metal_source`."""
        return self.metal_source

    @property
    def has_metallib(self) -> bool:
        """Whether a Metal library was built."""
        return self.metallib_bytes is not None

    if not TYPE_CHECKING:
        # To a type checker it would take anything, and have every attribute.

        def __init__(self, *placed: Any, **given: Any) -> None:
            own = fields(self)
            made = {f.name: f.default_factory() for f in own if f.default_factory is not MISSING}
            needed = {each.name for each in own if each.default is MISSING} - made.keys()
            known = _defaults(type(self))
            if placed or not needed <= given.keys() <= known.keys():
                options = (name if name in needed else f"{name}=None" for name in known)
                name = f"enigma.{type(self).__name__}"
                refuse_call(name, f"*, {', '.join(options)}", placed, given)
            vars(self).update({**known, **made, **given})

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                # It is Python or a notebook that asks, and often.
                raise AttributeError(name)
            raise UnknownAttribute(
                found="what enigma.compile gave",
                name=name,
                remedy=nearest_attribute(self, name, _RUN),
            )

        def __call__(self, *arguments: object, **named: object) -> NoReturn:
            """Say how it is run instead."""
            raise MisplacedCall(
                what=f"the compiled {self.file_name}", where="as a function", remedy=_RUN
            )

        def __getitem__(self, grid: object) -> NoReturn:
            raise InvalidLaunch(f"{self.file_name} is launched by a subscript", remedy=_RUN)

    def launch(
        self,
        *arguments: object,
        threads: int | Sequence[int] | None = None,
        grid: int | Sequence[int] | None = None,
        block: int | Sequence[int] | None = None,
        device: Any = None,
        stream: object = None,
        threadgroup_memory: Mapping[str, int] | None = None,
        constants: Mapping[str, Any] | None = None,
        check: bool = False,
        **named: object,
    ) -> None:
        """Run it on a device, in place, and wait until it is done.

        Parameters
        ----------
        *arguments
            Arrays for buffers and tensors, and numbers for scalars, in the order of the parameters.
            Arrays are taken by protocol, without a copy: of NumPy, torch, MLX, JAX, or whatever has
            the buffer protocol or ``__dlpack__``. Sizes of tensors are those of the arrays.
        threads : int or sequence of up to 3 ints, optional
            Threads in x, y and z; the last threadgroups may be smaller. With vectors it counts
            elements, of which a thread has `elements_per_thread`.
        grid : int or sequence of up to 3 ints, optional
            Threadgroups instead of threads. What a jit function launches has its own.
        block : int or sequence of up to 3 ints, optional
            Threads of a threadgroup; by default up to 256.
        device : {"metal", "cpu"} or Device, optional
            By default that of `enigma.device()`; for tensors of torch in the memory of a Mac's GPU,
            that GPU through torch.
        stream : optional
            The stream to join, of a device that has several; none of these has. What is launched on
            tensors of torch on the GPU joins torch's stream, and returns before it is done.
        threadgroup_memory : mapping of str to int, optional
            The elements of the arrays in threadgroup memory whose length the launch chooses.
        constants : mapping, optional
            Values of the function constants, by their names; those with a default may be left out.
        check : bool, optional
            Whether to run it on the CPU, slowly, with everything checked that Metal leaves
            undefined, such as accesses out of bounds and races.
        **named
            Arguments by the names of their parameters.

        Raises
        ------
        KernelFault
            When it does something of that, with ``check=True``.
        EnigmaError
            When an argument does not fit its parameter, the launch is not described, or the device
            cannot run the kernel.
        """
        on_device.launch(
            self,
            arguments,
            named,
            threads=threads,
            grid=grid,
            block=block,
            device=device,
            stream=stream,
            threadgroup_memory=threadgroup_memory,
            constants=constants,
            check=check,
        )

    def export_metal(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write the MSL to a file.

        Parameters
        ----------
        path : str or path, optional
            The file, or an existing folder (or a path that ends in a separator) for
            ``<file_name>.metal`` in it; by default that name in the current folder. Missing
            folders are created. A file that is named is overwritten; in a folder, the file of
            another kernel is not.

        Returns
        -------
        str
            The resolved path.

        Raises
        ------
        WorkDirError
            When the file cannot be written, or holds the text of another kernel.
        ValueError
            When `path` is no path.
        """
        name = f"{file_stem(self.file_name)}.metal"
        given = "." if path is None else path
        target = checked_path(given, "the path of an export")
        into_folder = os.fspath(given).endswith(("/", os.sep)) or os.path.isdir(target)
        if into_folder:
            target = os.path.join(target, name)
        target = os.path.realpath(target)
        if into_folder and holds_something_else(target, self.metal_source):
            raise FileConflict(path=target, name=self.file_name)
        write_file(target, self.metal_source)
        return target


@functools.cache
def _defaults(kind: type[Artifact]) -> dict[str, Any]:
    """Give the attributes in their order, with None for one that is always given."""
    return {each.name: None if each.default is MISSING else each.default for each in fields(kind)}


def artifact_of(kind: type[A], **known: Any) -> A:
    """Make an artifact as its class does, without its checks, which take twice as long as this."""
    artifact = object.__new__(kind)
    object.__setattr__(artifact, "__dict__", {**_defaults(kind), **known})
    return artifact
