# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Layouts as Python values: spelling, equality, errors, and integers known at run time only."""

from __future__ import annotations

import copy
import inspect
import itertools
import pickle
import random
import re
import subprocess
import sys
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layout_strategies import ENDLESS, evaluate, layouts, leaves, many, nest, table

import enigma.layout as el
from enigma.errors import EnigmaError
from enigma.layout import Basis, Dyn, Layout, Swizzle, SwizzledLayout, dyn

NAMES = {
    name: getattr(el, name) for name in ("Basis", "Layout", "Swizzle", "SwizzledLayout", "dyn")
}


# --- Spelling -------------------------------------------------------------------------------------


@many
@given(layouts())
def test_spellings(a: Layout) -> None:
    def spell(x: Any) -> str:
        return "(" + ",".join(map(spell, x)) + ")" if isinstance(x, tuple) else str(x)

    assert str(a) == f"{spell(a.shape)}:{spell(a.stride)}"
    assert repr(a) == f"Layout({a.shape!r}, {a.stride!r})"
    assert eval(repr(a), NAMES) == a == Layout.parse(str(a))
    assert pickle.loads(pickle.dumps(a)) == copy.deepcopy(a) == a
    assert hash(eval(repr(a), NAMES)) == hash(a)
    assert len({a, Layout(a.shape, a.stride), Layout.parse(str(a))}) == 1


@many
@given(layouts(), layouts())
def test_equality(a: Layout, b: Layout) -> None:
    assert (a == b) == ((a.shape, a.stride) == (b.shape, b.stride))
    assert (a != b) == ((a.shape, a.stride) != (b.shape, b.stride))


def test_a_layout_equals_nothing_else() -> None:
    assert Layout(4) != 4
    assert Layout(4) != "4:1"
    assert Layout(4) is not None
    assert (Layout(4) == None) is False  # noqa: E711
    assert Swizzle(1, 0, 1) != (1, 0, 1)
    assert SwizzledLayout(Swizzle(0, 0, 0), 0, Layout(4)) != Layout(4)


@pytest.mark.parametrize(
    "value",
    [
        Swizzle(3, 4, -3),
        el.swizzle(Layout((8, 8), (8, 1)), 3, 0, 3),
        el.make_identity_layout(((2, 3), 4)),
        Layout((dyn("n", div=4), 8), (1, dyn("n", div=4) // 4 * dyn("m") + 1)),
        Layout((dyn(None, div=2), 4), (-dyn("m"), abs(dyn("m")) % 3)),
    ],
)
def test_eval_of_repr(value: Any) -> None:
    again = eval(repr(value), NAMES)
    assert again == value
    assert hash(again) == hash(value)
    assert repr(again) == repr(value)


def test_worked_values() -> None:
    assert str(el.composition(Layout((6, 2), (8, 2)), Layout((4, 3), (3, 1)))) == (
        "((2,2),3):((24,2),8)"
    )
    assert str(el.composition(Layout(8, 2), Layout(4))) == "4:2"
    assert str(el.coalesce(Layout((4, 8), (8, 1)))) == "(4,8):(8,1)"
    assert str(el.blocked_product(Layout((2, 5), (5, 1)), Layout((3, 4), (1, 3)))) == (
        "((2,3),(5,4)):((5,10),(1,30))"
    )
    assert str(el.right_inverse(Layout((2, 4), (4, 1)))) == "(4,2):(2,1)"
    with pytest.raises(EnigmaError, match=r"no layout equals \(5,3\):\(1,10\) o 6:2: mode 0"):
        el.composition(Layout((5, 3), (1, 10)), Layout(6, 2))


def test_default_stride_is_compact() -> None:
    assert Layout((2, (3, 4))).stride == (1, (2, 6))
    assert Layout([2, [3, 4]]) == Layout((2, (3, 4)))
    assert el.make_layout((2, 3)) == Layout((2, 3))


def test_hash_is_the_same_in_every_process() -> None:
    code = "from enigma.layout import Layout; print(hash(Layout(((2, 3), 4), ((-1, 0), 7))))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    }
    assert runs == {f"{hash(Layout(((2, 3), 4), ((-1, 0), 7)))}\n"}


def test_layouts_need_no_mlir() -> None:
    code = "import enigma.layout, sys; print([m for m in sys.modules if '_mlir' in m])"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "[]\n"


# --- Errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layout((4, 8), (1,)), "not congruent"),
        (lambda: Layout((4, 8), (1, (2, 3))), "not congruent"),
        (lambda: Layout((4, 8), 1), "not congruent"),
        (lambda: Layout((4, 0)), r"extent 0 in leaf 1 of \(4,0\)"),
        (lambda: Layout(-4), "extent -4"),
        (lambda: Layout((4, None)), "None is no extent"),
        (lambda: Layout(4, Basis(1, (0,)))((None,)), "single element"),
        (lambda: Layout(()), "at least one mode"),
        (lambda: Layout((4, ())), "at least one mode"),
        (lambda: Layout(2**63), "does not fit 64 bits"),
        (lambda: Layout((2**40, 2**40)), "more than 2\\^62"),
        (lambda: Layout(2, 2**62 + 1), "exceeds 2\\^62"),
        (lambda: Layout((4, 8))((1, 2, 3)), "does not fit"),
        (lambda: Layout((4, 8))(((1, 2), 3)), "does not fit"),
        (lambda: Layout(4)((1,)), "does not fit"),
        (lambda: Layout((4, 8))((None, 3)), "slice_and_offset"),
        (lambda: Layout((4, 8))[2], "has no mode 2"),
        (lambda: Layout((4, 8))[2, 0], "has no mode 2"),
        (lambda: Layout((4, 8))[-1], "has no mode -1"),
        (lambda: el.get(Layout((4, 8)), 0, 1), "has no mode 1"),
        (lambda: el.get((4, 8), 2), "has no mode 2"),
        (lambda: el.take(Layout((4, 8)), 1, 1), "no range"),
        (lambda: el.take((4, 8), 1, 3), "no range"),
        (lambda: el.group_modes(Layout((4, 8)), -1, 1), "no range"),
        (lambda: el.select(Layout((4, 8)), 0, 5), "has no mode 5"),
        (lambda: el.replace(Layout((4, 8)), 2, Layout(1)), "has no mode 2"),
        (lambda: el.coalesce(Layout(4), (1, 1)), "profile has 2 modes"),
        (lambda: el.complement(Layout((2, 2, 4), (1, 1, 0)), 8), "not injective"),
        (lambda: el.complement(Layout((2, 2), (1, 1)), 8), "not injective"),
        (lambda: el.complement(Layout(4), 0), "not positive"),
        (lambda: el.left_inverse(Layout((2, 2), (1, 1))), "not injective"),
        (lambda: el.recast_layout(32, 8, Layout(8, 3)), "neither a multiple"),
        (lambda: el.recast_layout(0, 8, Layout(8)), "widths are positive"),
        (lambda: el.make_ordered_layout((4, 8), (0, 1, 2)), "does not fit"),
        (lambda: el.make_layout(), "at least one mode"),
        (lambda: el.logical_divide(Layout(8), (2, 2)), "tiler .* has 2 modes"),
        (lambda: el.logical_product(Layout((2, 2, 4), (1, 1, 0)), 2), "not injective"),
        (lambda: Swizzle(-1, 0, 0), "not negative"),
        (lambda: Swizzle(3, 0, 2), "at least bits"),
        (lambda: Swizzle(40, 20, 40), "62 bits"),
        (lambda: el.swizzle(el.make_identity_layout((4, 4)), 1, 0, 1), "coordinates"),
        (lambda: el.composition(el.make_identity_layout((4, 4)), Layout(2, 5)), "several coord"),
        (lambda: dyn("n", div=0), "divisor is positive"),
        (lambda: Layout.parse("\ud800"), "expected an integer, found '\\\\' in '\\\\ud800'"),
        (lambda: Layout.parse("4:\udfff"), "column 3: expected an integer"),
        (lambda: SwizzledLayout.parse("Sw<1,0,1> o 0 o \ud800"), "column 17: expected an integer"),
        (lambda: Layout(10**5000), "int of very many digits> does not fit 64 bits"),
        (lambda: el.logical_product(Layout(2**31, 2**31), Layout(2**31, 2**31)), "span more than"),
        (lambda: el.zipped_product(Layout(4), (Layout(2**60, 4),)), "span more than 2\\^62"),
        (lambda: el.raked_product(Layout(2**40), Layout(2**40)), "span more than 2\\^62"),
        (lambda: el.recast_layout(8, 2**40, Layout(4, 2**60)), "of the result leaves the range"),
        (lambda: el.size((2**40, 2**40)), "the result leaves the range"),
        (lambda: reduce(lambda x, _: el.ceil_div(x, 4) + 1, range(5000), dyn("n")), "thousands"),
        (
            lambda: el.size((reduce(lambda x, _: x // 4 + 1, range(2047), dyn("n")),) * 3),
            "size: .*steps",
        ),
        (lambda: el.idx2crd(3, (0, 4)), "is not positive"),
        (lambda: Basis(1, ()), "1 to 4 indices"),
    ],
)
def test_errors(make: Any, message: str) -> None:
    with pytest.raises(EnigmaError, match=message) as caught:
        make()
    assert caught.value.help
    assert "<invalid>" not in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Layout("4"),
        lambda: Layout(True),
        lambda: Layout(4.0),
        lambda: Layout((4, "8")),
        lambda: Layout(4)(),
        lambda: Layout(4)("0"),
        lambda: Layout(4)["0"],
        lambda: el.composition(4, Layout(4)),
        lambda: el.size("4"),
        lambda: el.complement(4, 8),
        lambda: el.zipped_divide(Layout(4), "2"),
        lambda: bool(dyn("n")),
    ],
)
def test_type_errors(make: Any) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert isinstance(caught.value, EnigmaError)
    assert caught.value.help


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("append", lambda: el.append(Layout(4), 3)),
        ("prepend", lambda: el.prepend(Layout(4), (3, 1))),
        ("replace", lambda: el.replace(Layout(4), 0, 3)),
        ("make_layout", lambda: el.make_layout(Layout(4), 3)),
        ("make_layout_tv", lambda: el.make_layout_tv(Layout(4), 3)),
        ("blocked_product", lambda: el.blocked_product(Layout(4), (3,))),
        ("raked_product", lambda: el.raked_product(Layout(4), "3")),
        ("swizzle", lambda: el.swizzle(el.swizzle(Layout(8), 1, 0, 1), 1, 0, 1)),
    ],
)
def test_what_is_no_layout_is_named(name: str, make: Any) -> None:
    with pytest.raises(TypeError, match=f": {name}: expected a Layout, got "):
        make()


def test_deep_nesting_is_refused() -> None:
    deep: Any = 1
    for _ in range(100000):
        deep = (deep,)
    for make in (
        Layout,
        el.product,
        lambda x: Layout(4)(x),
        lambda x: el.zipped_divide(Layout(4), x),
    ):
        with pytest.raises(EnigmaError, match="deep"):
            make(deep)
    a = Layout(2)
    for _ in range(64):
        a = el.make_layout(a)
    with pytest.raises(EnigmaError, match="nested more than 64 deep"):
        el.make_layout(a)


#: What else functions are given.
OTHERS = (Layout((4, (2, 2))), (4, (2, 2)), 1)


@pytest.mark.parametrize("tree", ENDLESS, ids=lambda tree: "tree")
@pytest.mark.parametrize("name", sorted({*el.__all__} - {"Basis", "Dyn"}))
def test_trees_without_end_are_refused(name: str, tree: Any) -> None:
    function = getattr(el, name)
    arities = {"Layout": 2, "Swizzle": 3, "SwizzledLayout": 3}
    arity = arities.get(name) or len(inspect.signature(function).parameters)
    refused = 0
    for position, *rest in itertools.product(range(arity), *[OTHERS] * (arity - 1)):
        arguments = [*rest[:position], tree, *rest[position:]]
        try:
            function(*arguments)
        except EnigmaError as error:
            refused += bool(error.help)
    if name in ("depth", "flatten", "repeat_like", "product", "product_each", "size", "Layout"):
        assert refused
    for use in (Layout((4, (2, 2))), lambda x: Layout((4, (2, 2)))[x], lambda x: Basis(1, x)):
        with pytest.raises(EnigmaError):
            use(tree)


# --- The parser -----------------------------------------------------------------------------------

PIECES = ["(", ")", ",", ":", "?", "{div=4}", "{", "}", "1", "23", "-4", "0", "None", "@0", ".1"]
PIECES += [" ", "div", "\xff", "9" * 30, "Sw<", ">", "Sw<1,0,1>", " o ", "\0"]


@pytest.mark.parametrize("parse", [Layout.parse, SwizzledLayout.parse])
def test_parser_refuses_or_round_trips(parse: Any) -> None:
    rng = random.Random(20240817)
    accepted = 0
    for _ in range(20000):
        if rng.random() < 0.5:
            text = rng.choice(
                ["((2,2),3):((24,2),8)", "(4,?{div=8}):(?,1)", "(2,3):(1@0,1@1.0)", "4"]
            )
            if parse == SwizzledLayout.parse:
                text = "Sw<2,1,-3> o 16 o " + text
            for _ in range(rng.randrange(3)):
                at = rng.randrange(len(text) + 1)
                text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(3) :]
        else:
            text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(14)))
        try:
            value = parse(text)
        except EnigmaError as error:
            column = re.match(r"column (\d+): .", error.summary)
            assert column, text
            assert 1 <= int(column[1]) <= len(text.encode()) + 1, text
        else:
            accepted += 1
            assert str(parse(str(value))) == str(value)
    assert 1000 < accepted < 19000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 1: expected an integer, found the end"),
        ("(4,x)", "column 4: expected an integer, found 'x'"),
        ("(4,8):(1,4", "column 11: expected ',' or '\\)'"),
        ("4:1 2", "column 5: unexpected text"),
        ("?{div=0}", "a divisor is positive"),
        ("(4,8):(1)", "column 1: Layout: shape .* not congruent"),
        ("99999999999999999999", "does not fit 64 bits"),
        ("(" * 1000, "nested more than 64 deep"),
    ],
)
def test_parser_positions(text: str, message: str) -> None:
    with pytest.raises(EnigmaError, match=message):
        Layout.parse(text)


# --- Integers known at run time only --------------------------------------------------------------


@many
@given(layouts(max_size=48, kinds="crpgbn"), layouts(max_size=12, kinds="cr"), st.data())
def test_dynamic_results_equal_static_ones(a: Layout, b: Layout, data: Any) -> None:
    values: dict[str, int] = {}

    def forget(leaf: int) -> Any:
        if leaf == 0 or data.draw(st.booleans()):
            return leaf
        name = f"v{len(values)}"
        values[name] = leaf
        return dyn(name, div=abs(leaf) if data.draw(st.booleans()) else 1)

    shape = [forget(s) for s in leaves(a.shape)]
    stride = [forget(d) for d in leaves(a.stride)]
    unknown = Layout(nest(a.shape, shape), nest(a.stride, stride))
    assert unknown.is_static == (not values)
    assert unknown.evaluate(values) == a
    index = data.draw(st.integers(0, el.size(a) - 1))
    offset = unknown(index)
    if isinstance(offset, Dyn):
        offset = offset.evaluate(values)
    assert offset == evaluate(a.shape, a.stride, index)

    operations = [el.composition, el.logical_product]
    if el.size(b) <= el.size(a):
        operations += [el.logical_divide, el.tiled_divide]
    for operation in operations:
        try:
            result = operation(unknown, b).evaluate(values)
        except EnigmaError:
            continue
        assert table(result) == table(operation(a, b))
    assert table(el.coalesce(unknown).evaluate(values)) == table(a)


def test_dynamic_tiles() -> None:
    m, n = dyn("m"), dyn("n", div=128)
    tiles = el.zipped_divide(Layout((m, n), (n, 1)), (16, 128))
    assert str(tiles) == "((16,128),(?,?)):((?{div=128},1),(?{div=2048},128))"
    assert tiles.evaluate({"m": 100, "n": 256}) == el.zipped_divide(
        Layout((100, 256), (256, 1)), (16, 128)
    )
    assert str(size := el.size(tiles, mode=[1, 1])) == "(n//128)"
    assert size.evaluate({"n": 512}) == 4


def test_what_needs_a_static_leaf_says_so() -> None:
    n = dyn("n")
    with pytest.raises(EnigmaError, match="needs static leaves"):
        el.composition(Layout((n, 8), (1, 100)), Layout(4))
    with pytest.raises(EnigmaError, match="needs static strides"):
        el.complement(Layout(4, n), 16)
    with pytest.raises(EnigmaError, match="stride of leaf 8:\\? must be known"):
        el.recast_layout(32, 8, Layout((4, 8), (1, n)))
    with pytest.raises(EnigmaError, match="no value for n"):
        Layout(n).evaluate({"m": 4})


def test_swizzled_offset_of_a_dynamic_coordinate() -> None:
    n = dyn("n")
    swizzled = el.swizzle(Layout(64), 2, 0, 2)
    offset = swizzled(n)
    assert repr(offset) == "(dyn('n') ^ ((dyn('n') // 4) & 3))"
    for i in range(64):
        assert offset.evaluate({"n": i}) == swizzled(i)


def test_arithmetic_of_dynamic_integers() -> None:
    n, m = dyn("n", div=4), dyn("m")
    for expression, expected in [
        (n + 1, 13),
        (1 + n, 13),
        (n - m, 5),
        (20 - n, 8),
        (n * m, 84),
        (3 * n, 36),
        (-n, -12),
        (n // 4, 3),
        (n // 5, 2),
        (n % 5, 2),
        (abs(-n), 12),
        ((n // 4) * 4, 12),
    ]:
        assert expression.evaluate({"n": 12, "m": 7}) == expected
        assert expected % expression.div == 0
    assert n % 2 == 0
    assert n // 4 * 4 == n
    assert (n - n).evaluate({"n": 12}) == 0
    assert n.name == "n"
    assert (n + 1).name is None
    with pytest.raises(EnigmaError, match="divisor is positive"):
        n // 0


def test_evaluation_by_the_values_operators() -> None:
    """An expression over any values that have operators, each part computed once."""

    class Traced:
        count = 0

        def __init__(self, text: str) -> None:
            self.text = text

        def _build(self, op: str, other: Any) -> Traced:
            Traced.count += 1
            return Traced(f"({self.text} {op} {getattr(other, 'text', other)})")

        def __mul__(self, other: Any) -> Traced:
            return self._build("*", other)

        def __add__(self, other: Any) -> Traced:
            return self._build("+", other)

        def __floordiv__(self, other: Any) -> Traced:
            return self._build("//", other)

    n = dyn("n")
    half = n // 2
    assert (half * 3 + half).evaluate({"n": Traced("t")}).text == "(((t // 2) * 3) + (t // 2))"
    assert Traced.count == 3


# --- Tuples ---------------------------------------------------------------------------------------


def test_tuples() -> None:
    assert el.product(((1, 2), 3)) == el.size(((1, 2), 3)) == 6
    assert el.product(5) == 5
    assert el.product_each(((2, 3), 4)) == (6, 4)
    assert el.repeat_like(0, ((1, 2), 3)) == ((0, 0), 0)
    assert el.repeat_like(None, Layout((2, 3))) == (None, None)
    assert el.repeat_like(7, 5) == 7
    assert el.select((1, 2, 3), 2, 0) == el.select((1, 2, 3), [2, 0]) == (3, 1)
    assert el.get(((1, 2), 3), 0, 1) == el.get(((1, 2), 3), [0, 1]) == 2
    assert el.take((1, 2, 3), 1, 3) == (2, 3)
    assert el.group_modes((1, 2, 3), 0, 2) == ((1, 2), 3)
    assert el.flatten(((1, (2,)), 3)) == (1, 2, 3)
    assert el.append((1, 2), 3) == (1, 2, 3)
    assert el.prepend((1, 2), 3) == (3, 1, 2)
    assert el.replace((1, 2), 0, 5) == (5, 2)
    assert el.slice(((1, 2), 3), ((None, 0), None)) == (1, 3)
    assert el.dice(((1, 2), 3), ((None, 0), None)) == (2,)
    assert (el.rank((1, 2)), el.depth(((1,), 2)), el.rank(3), el.depth(3)) == (2, 2, 1, 0)
    assert el.size(((2, 3), 4), mode=0) == el.size(Layout(((2, 3), 4)), mode=[0]) == 6
    assert el.cosize(Layout((4, 8), (1, 16)), mode=[1]) == 113


def test_size_of_what_has_a_layout() -> None:
    class Tensor:
        layout = Layout((4, 8))

    assert (el.size(Tensor()), el.size(Tensor(), mode=[1]), el.rank(Tensor())) == (32, 8, 2)


# --- The module by itself -------------------------------------------------------------------------


def test_module_stands_alone() -> None:
    """The module of layouts imports nothing of the package; what it calls is installed into it."""
    program = """
import importlib.util, sys

spec = importlib.util.spec_from_file_location("_layout", sys.argv[1])
layout = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layout)

class Refused(Exception):
    pass

def refuse(message, remedy):
    return Refused(message, remedy)

a = layout.Layout((4, 8), (8, 1))
print(a, layout.zipped_divide(a, (2, 4)), layout.dyn("n", 4) * 2)
layout.install(error=refuse, operand_error=refuse, describe=repr)
layout.install(dyn_operator=lambda symbol, left, right: (symbol, str(left), right))
print(layout.dyn("n", 1) << 2)
for wrong in (lambda: layout.Layout(0), lambda: layout.coalesce("text")):
    try:
        wrong()
    except Refused as error:
        print(*error.args, sep=" | ")
assert not [name for name in sys.modules if name.startswith("enigma")]
"""
    module = sys.modules["enigma._layout"].__file__
    ran = subprocess.run(
        [sys.executable, "-c", program, str(module)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "(4,8):(8,1) ((2,4),(2,2)):((8,1),(16,4)) (n*2)"
    assert lines[1] == "('<<', 'n', 2)"
    assert lines[2] == (
        "Layout: extent 0 in leaf 0 of 0:1 is not positive | an extent is at least 1"
    )
    assert lines[3].startswith("coalesce: expected a Layout, got 'text' | make one with ")
