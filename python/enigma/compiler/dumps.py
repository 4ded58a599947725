# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The MLIR of what is compiled, as text: for people, and for the tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from enigma.compiler.options import Options
from enigma.compiler.targets.base import Target
from enigma.compiler.trace import Trace
from enigma.tracing.session import Session

if TYPE_CHECKING:
    from enigma import _mlir as ir


class Dump:
    """The clean IR of what is compiled in a `with` block, where `dump_mlir` asks for it.

    It is printed at the end of the block, also where a compilation fails later.

    Attributes
    ----------
    sources : dict
        The text of each kernel's module, by its symbol.
    """

    def __init__(self, session: Session, target: Target, options: Options) -> None:
        self._session = session
        self.sources: dict[str, str] = {}
        self._target = target
        self._options = options
        self._whole: ir.Operation | None = None

    def __enter__(self) -> Dump:
        return self

    def __exit__(self, *exception: object) -> None:
        source = self.source()
        if source is not None:
            print(source)

    def add(self, trace: Trace) -> None:
        """Keep a clean kernel as it is now."""
        if not self._options.dump_mlir:
            return
        module = trace.module
        name = trace.kernel.get_attribute("sym_name")
        assert name is not None
        self.sources[name.value] = self._text(module)
        if self._whole is None:
            self._whole = module.clone()
        else:
            self._whole.body.append(trace.kernel.clone())

    def source(self) -> str | None:
        """Give all kernels in one module."""
        return None if self._whole is None else self._text(self._whole)

    def _text(self, module: ir.Operation) -> str:
        if self._options.dump_mlir != "reproducer":
            return mlir_text(_with_variables(module, self._session))
        pipeline = f"builtin.module({self._target.pipeline(self._options)})"
        return mlir_text(module, **_EXACT) + _REPRODUCER.format(pipeline)


# Where the tools find the names of variables, of which the text of people has no more than what it
# calls its values.
_VARIABLES = "enigma.variables"


def _with_variables(module: ir.Operation, session: Session) -> ir.Operation:
    """Give a copy of a module whose kernels say, in an attribute, what has which name.

    The attribute has the number of places, each operation in the kernel and each argument of their
    blocks, and of each name the places that have it, and those that have it beside other locations,
    counted in the order of the text.
    """
    copy = module.clone()
    for kernel in copy.body.operations:
        variables: dict[str, tuple[list[int], list[int]]] = {}
        count = 0
        for location in _places(kernel.regions[0]):
            name = location.variable
            if name is not None:
                variables.setdefault(name, ([], []))[location.is_fused].append(count)
            count += 1
        listed = "".join(
            f', ["{name}", {", ".join(map(_array, places if places[1] else places[:1]))}]'
            for name, places in variables.items()
        )
        listing = session.ir.Attribute.parse(f"[{count}{listed}]", session.context)
        kernel.set_attribute(_VARIABLES, listing)
    return copy


def _array(numbers: list[int]) -> str:
    return f"array<i64{': ' if numbers else ''}{', '.join(map(str, numbers))}>"


def _places(region: list[ir.Block]) -> Iterator[ir.Location]:
    """Give the locations of what is in a region, in the order of the text."""
    for operation in (each for block in region for each in block.operations):
        yield operation.location
        for inner in operation.regions:
            for block in inner:
                for argument in block.arguments:
                    yield argument.location
            yield from _places(inner)


# The form of MLIR's text that loses no name: others have no place for those of loops.
_EXACT = {"locations": True, "generic": True}
# What `enigma-opt --run-reproducer` looks for behind a module.
_REPRODUCER = """

{{-#
  external_resources: {{
    mlir_reproducer: {{
      pipeline: "{}"
    }}
  }}
#-}}"""


def mlir_text(module: ir.Operation, **flags: bool) -> str:
    """Print a module, with the names of Python's variables."""
    text: str = module.text(names=True, **flags)
    return text.rstrip("\n")
