# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations of the dialect built of Python's layouts, with inferred result types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from layout_cases import Case
from layout_strategies import leaves

from enigma._mlir import ir
from enigma._mlir._mlir_libs import _enigma
from enigma.layout import Basis, Dyn, Layout, SwizzledLayout


def make_context() -> ir.Context:
    context = ir.Context()
    registry = ir.DialectRegistry()
    _enigma.register_dialects(registry)
    context.append_dialect_registry(registry)
    context.load_all_available_dialects()
    # Tests use and produce values by operations of a dialect of their own.
    context.allow_unregistered_dialects = True
    return context


@contextmanager
def scratch_module() -> Iterator[ir.Module]:
    """An empty module, with everything set up to build operations at its end."""
    with make_context(), ir.Location.unknown():
        module = ir.Module.create()
        with ir.InsertionPoint(module.body):
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
        key: ir.DenseI64ArrayAttr.get(list(value))
        if isinstance(value, tuple)
        else ir.IntegerAttr.get(ir.IntegerType.get_signless(64), value)
        for key, value in attributes.items()
    }
    op = ir.Operation.create(
        f"enigma.{name}", operands=list(operands), attributes=converted, infer_type=True
    )
    return list(op.results)


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
        type = ir.Type.parse(type_text(x))
        if not dynamic:
            return ir.Operation.create("enigma.static", results=[type]).result
        operands = [self.leaf(leaf) for leaf in dynamic]
        return ir.Operation.create(
            "enigma.make_int_tuple", results=[type], operands=operands
        ).result

    def case(self, case: Case) -> list[ir.Value]:
        """The results of an operation."""
        return create(case.name, *map(self.value, case.operands), **case.attributes)


def _has_layout(x: Any) -> bool:
    return any(map(_has_layout, x)) if isinstance(x, tuple) else isinstance(x, Layout)


def _value(leaf: Any) -> Any:
    return leaf.value if isinstance(leaf, Basis) else leaf
