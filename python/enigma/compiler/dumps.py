# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The MLIR of what is compiled, as text: for people, and for the tools."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from enigma.compiler.options import Options
from enigma.compiler.targets.base import Target
from enigma.compiler.trace import Trace

if TYPE_CHECKING:
    from enigma._mlir import ir


class Dump:
    """The clean IR of what is compiled, where `dump_mlir` asks for it.

    Attributes
    ----------
    sources : dict
        The text of each kernel's module, by its symbol.
    """

    def __init__(self, target: Target, options: Options) -> None:
        self.sources: dict[str, str] = {}
        self._target = target
        self._options = options
        self._whole: ir.Operation | None = None

    def add(self, trace: Trace) -> None:
        """Keep a clean kernel as it is now."""
        if not self._options.dump_mlir:
            return
        module = trace.module.operation
        self.sources[trace.kernel.attributes["sym_name"].value] = self._text(module)
        if self._whole is None:
            self._whole = module.clone()
        else:
            self._whole.regions[0].blocks[0].append(trace.kernel.clone())

    def source(self) -> str | None:
        """Give all kernels in one module."""
        return None if self._whole is None else self._text(self._whole)

    def _text(self, module: ir.Operation) -> str:
        if self._options.dump_mlir != "reproducer":
            return mlir_text(module)
        pipeline = f"builtin.module({self._target.pipeline(self._options)})"
        return mlir_text(module, **_EXACT) + _REPRODUCER.format(pipeline)


# The form of MLIR's text that loses no name: others have no place for those of loops.
_EXACT = {"enable_debug_info": True, "print_generic_op_form": True}
# What `enigma-opt --run-reproducer` looks for behind a module.
_REPRODUCER = """

{{-#
  external_resources: {{
    mlir_reproducer: {{
      pipeline: "{}"
    }}
  }}
#-}}"""


@contextmanager
def dumping(target: Target, options: Options) -> Iterator[Dump]:
    """Print the clean IR of what is compiled in a `with` block, also where that fails later."""
    dump = Dump(target, options)
    try:
        yield dump
    finally:
        source = dump.source()
        if source is not None:
            print(source)


def mlir_text(module: ir.Operation, **flags: bool) -> str:
    """Print a module, with the names of Python's variables."""
    stream = io.StringIO()
    module.print(file=stream, use_name_loc_as_prefix=True, **flags)
    return stream.getvalue().rstrip("\n")
