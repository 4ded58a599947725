# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels in flat form: modules, which become bytecode where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enigma._process import fork_lock
from enigma.tracing.session import Session

if TYPE_CHECKING:
    from enigma import _mlir as ir


class FlatKernel:
    """A kernel in flat form, written once: when it is asked for, or before its session goes on.

    Most kernels are there for their text. What is kept of the others must not keep an MLIR context
    alive, nor be read while another thread compiles in it.

    Parameters
    ----------
    session : Session
        Where it was compiled.
    module : ir.Operation
        The module that holds it, which nobody changes any more.
    """

    __slots__ = ("__weakref__", "_held", "_written")

    def __init__(self, session: Session, module: ir.Operation) -> None:
        self._held: ir.Operation | None = module
        self._written = b""
        session.write_later(self)

    def written(self) -> bytes:
        """Give it as MLIR bytecode."""
        if self._held is not None:
            with fork_lock:
                if self._held is not None:
                    self._written, self._held = self._held.bytecode(), None
        return self._written


class FlatForm:
    """The attribute `flat_ir` of a compiled kernel, which may be given as a `FlatKernel`."""

    def __get__(self, kernel: Any, owner: type | None = None) -> Any:
        if kernel is None:
            return self
        given = vars(kernel)["flat_ir"]
        if isinstance(given, FlatKernel):
            given = vars(kernel)["flat_ir"] = given.written()
        return given

    def __set__(self, kernel: Any, given: bytes | FlatKernel) -> None:
        vars(kernel)["flat_ir"] = given
