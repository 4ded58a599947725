# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations of the dialect built of Python's layouts, with inferred result types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from layout_cases import Case
from layout_strategies import leaves

from enigma import _mlir as ir
from enigma.layout import Basis, Dyn, Layout, SwizzledLayout


class Place:
    """Where operations are built during a `with` block.

    Tests use and produce values by operations of a dialect of their own.
    """

    def __init__(self) -> None:
        self.context = ir.Context(allow_unregistered=True)
        self.builder = ir.OperationBuilder(self.context)
        self.point: ir.InsertionPoint | None = None

    def __enter__(self) -> None:
        _places.append(self)

    def __exit__(self, *exception: object) -> None:
        _places.pop()


_places: list[Place] = []


def context() -> ir.Context:
    """The context to build in."""
    return _places[-1].context


@contextmanager
def at(point: ir.InsertionPoint) -> Iterator[None]:
    """Build somewhere else during a `with` block."""
    place = _places[-1]
    before, place.point = place.point, point
    try:
        yield
    finally:
        place.point = before


def at_end(block: ir.Block) -> AbstractContextManager[None]:
    """Build before what ends a block."""
    return at(ir.InsertionPoint.before(block.operations[-1]))


def build(
    name: str,
    operands: Sequence[ir.Value] = (),
    results: Sequence[ir.Type] | None = (),
    attributes: dict[str, ir.Attribute] | None = None,
    regions: int = 0,
) -> ir.Operation:
    """An operation; its types are inferred where `results` is None."""
    place = _places[-1]
    assert place.point is not None
    if results is None:
        return place.builder.infer(name, tuple(operands), attributes, place.point)
    return place.builder.create(
        name, tuple(results), tuple(operands), attributes, regions, place.point
    )


def parsed(text: str) -> ir.Type:
    """A type."""
    return ir.Type.parse(text, context())


def integer(type: str, number: int) -> ir.Attribute:
    """A number of a type."""
    return ir.Attribute.integer(parsed(type), number)


def integers(numbers: Sequence[int]) -> ir.Attribute:
    """Numbers of 64 bits."""
    return ir.Attribute.integers(list(numbers), context())


@contextmanager
def scratch_module() -> Iterator[ir.Operation]:
    """An empty module, with everything set up to build operations at its end."""
    with Place():
        module = ir.Operation.parse("module {}", context())
        with at(ir.InsertionPoint(module.body)):
            yield module


def spell(x: Any) -> str:
    """A value of the algebra as the types of the dialect spell it."""
    if isinstance(x, tuple | list):
        return "(" + ",".join(map(spell, x)) + ")"
    if isinstance(x, Basis):
        return f"{spell(x.value)}@{'.'.join(map(str, x.path))}"
    if isinstance(x, Dyn):
        return "?" if x.div == 1 else f"?{{div={x.div}}}"
    return str(x)


def type_text(x: Any) -> str:
    """The type of a tuple or layout."""
    kind = "layout" if isinstance(x, Layout | SwizzledLayout) else "int_tuple"
    return f"!enigma.{kind}<{spell(x)}>"


def create(name: str, *operands: ir.Value, **attributes: Any) -> list[ir.Value]:
    """An operation of inferred types."""
    converted = {
        key: integers(value) if isinstance(value, tuple) else integer("i64", value)
        for key, value in attributes.items()
    }
    return build(f"enigma.{name}", operands, None, converted).results


class Builder:
    """Builds operands; `leaf` gives the `index` of a leaf known at run time only."""

    def __init__(self, leaf: Callable[[Dyn], ir.Value]) -> None:
        self.leaf = leaf

    def value(self, x: Any) -> ir.Value:
        """A tuple, layout or tiler."""
        if isinstance(x, SwizzledLayout):
            s = x.swizzle
            assert x.offset == 0
            return create("swizzle", self.value(x.layout), bits=s.bits, base=s.base, shift=s.shift)[
                0
            ]
        if isinstance(x, Layout) and not x.is_static:
            return create("make_layout", self.value(x.shape), self.value(x.stride))[0]
        if isinstance(x, tuple) and any(map(_has_layout, x)):
            return create("make_tiler", *map(self.value, x))[0]
        dynamic = [leaf for leaf in map(_value, leaves(x)) if isinstance(leaf, Dyn)]
        type = parsed(type_text(x))
        if not dynamic:
            return build("enigma.static", results=[type]).result
        operands = [self.leaf(leaf) for leaf in dynamic]
        return build("enigma.make_int_tuple", operands, [type]).result

    def case(self, case: Case) -> list[ir.Value]:
        """The results of an operation."""
        return create(case.name, *map(self.value, case.operands), **case.attributes)


def _has_layout(x: Any) -> bool:
    return any(map(_has_layout, x)) if isinstance(x, tuple) else isinstance(x, Layout)


def _value(leaf: Any) -> Any:
    return leaf.value if isinstance(leaf, Basis) else leaf
