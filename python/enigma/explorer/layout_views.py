# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The layouts of a kernel as pictures, each with the line that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from enigma.compiler.diagnostics import source_location
from enigma.errors import EnigmaError
from enigma.layout import Layout, SwizzledLayout, rank, size
from enigma.locations import SourceLocation
from enigma.pictures import svg
from enigma.tracing.session import Session

if TYPE_CHECKING:
    from enigma import _mlir as ir

#: Rows and columns of a picture, and pictures of a kernel: a page is no atlas.
_LIMIT = (16, 32)
_MOST = 24

AnyLayout = Layout | SwizzledLayout
#: A title, where it comes from, and what `svg` is to draw.
View = tuple[str, SourceLocation | None, AnyLayout, dict[str, Any]]


def pictures_of(session: Session, module: ir.Operation) -> list[dict[str, Any]]:
    """Draw the layouts that stand in a kernel as it was traced.

    Shown are tensors and what they are made of: offsets of each one, the owners of a tile where it
    is seen through a thread-value layout, and the banks of threadgroup memory.

    Returns
    -------
    list of dict
        ``title``, ``place`` (a file and a line, or None), ``text`` and ``svg`` of each, or ``why``
        there is no picture: of sizes that are not known, or of more than two modes.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for title, place, layout, options in _views(session, module):
        key = (str(layout), repr(options))
        if key in found or len(found) >= _MOST:
            continue
        shown: dict[str, Any] = {
            "title": title,
            "text": str(layout),
            "place": None if place is None else (place.filename, place.line),
        }
        try:
            if rank(layout) > 2:
                raise EnigmaError(
                    "a layout of more than two modes is many pictures",
                    remedy="show two of its modes, as enigma.select gives them",
                )
            shown["svg"] = svg(layout, limit=_LIMIT, **options)
        except EnigmaError as error:
            shown["why"] = error.summary
        found[key] = shown
    return list(found.values())


def _views(session: Session, module: ir.Operation) -> Iterator[View]:
    for operation in _operations(module):
        name = operation.name.removeprefix("enigma.")
        place = source_location(operation.location)
        layouts = [_layout(session, operand.type) for operand in operation.operands]
        for result in operation.results:
            layout = _layout(session, result.type)
            if layout is None or size_of(layout) == 1 or name in ("static", "slice"):
                continue
            what = f"{_name(result)} = {name}"
            if name == "composition" and len(layouts) == 2 and _plans(layouts[0], layouts[1]):
                tile, plan = layouts
                assert tile is not None
                assert plan is not None
                yield f"{what}: threads and values", place, plan, {"tile": tile.shape}
            yield what, place, layout, {}
            bits = _threadgroup_bits(str(result.type))
            if bits:
                yield f"{what}: banks", place, layout, {"bits": bits}


def _operations(operation: Any) -> Iterator[Any]:
    """Give the operations in an operation, in the order of the text."""
    for region in operation.regions:
        for block in region:
            for inner in block.operations:
                yield inner
                yield from _operations(inner)


def _layout(session: Session, type: ir.Type) -> AnyLayout | None:
    """Give the layout of a layout or a tensor."""
    if not str(type).startswith(("!enigma.layout<", "!enigma.tensor<")):
        return None
    return session.layout_of(type)


def size_of(layout: AnyLayout) -> int:
    """Give the elements of a layout; 0 where they are not known."""
    return size(layout) if layout.is_static else 0


def _plans(tile: AnyLayout | None, plan: AnyLayout | None) -> bool:
    """Whether one layout says which thread has which element of a tile."""
    return (
        tile is not None
        and plan is not None
        and plan.is_static
        and tile.is_static
        and rank(plan) == 2
        and size(plan) <= size(tile)
    )


def _name(value: Any) -> str:
    """Give the name that a value has in the text."""
    name: str = value.name
    return name


_BITS = {"f32": 32, "i32": 32, "f16": 16, "bf16": 16, "i16": 16, "i8": 8, "i64": 64}


def _threadgroup_bits(type: str) -> int | None:
    """Give the bits of an element of a tensor in threadgroup memory."""
    element, _, rest = type.removeprefix("!enigma.tensor<").partition(", ")
    return _BITS.get(element) if rest.startswith("threadgroup") else None
