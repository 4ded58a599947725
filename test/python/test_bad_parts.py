# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Errors about shapes, parts of fragments and shifted tensors name the line and a remedy."""

import pytest
from layout_strategies import ENDLESS
from test_bad_tensors import cases, check_lines, compile_body, error_of, in_kernel, on_host

import enigma
from enigma import EnigmaError, Layout, dyn
from enigma.tensors import views

HOST = cases(
    (
        lambda t: enigma.make_layout((4, 8), (8, 1), stride=(1, 4)),
        EnigmaError,
        *("make_layout", "two strides", "(8, 1)", "(1, 4)", "give one of them"),
    ),
    (
        lambda t: enigma.make_layout(Layout(4), stride=2),
        EnigmaError,
        *("make_layout", "besides layouts", "a shape and a stride"),
    ),
    (lambda t: enigma.make_layout((4, 8), (8, 1, 1)), EnigmaError, "congruent"),
    (lambda t: enigma.make_layout((4, 8), Layout(8)), EnigmaError, "make_layout", "a tuple"),
    (lambda t: Layout((4, 8))[0, None, 1], EnigmaError, "slice", "3"),
    (lambda t: Layout((4, 8)).size(2), EnigmaError, "no mode 2"),
    (
        lambda t: enigma.ceil_div((1, 2), (1, 2, 3)),
        EnigmaError,
        *("ceil_div", "2 and 3 modes", "nest alike"),
    ),
    (lambda t: enigma.ceil_div(3, 0), EnigmaError, "ceil_div", "0 is no divisor", "positive"),
    (lambda t: enigma.round_up((3, 4), (2, -1)), EnigmaError, "round_up", "-1", "positive"),
    (
        lambda t: enigma.shape_div((4, 8), 3),
        EnigmaError,
        *("shape_div", "of 4 and 3 neither", "a divisor"),
    ),
    (lambda t: enigma.shape_div((4, 8), (2, 3, 4)), EnigmaError, "shape_div", "2 and 3 modes"),
    (lambda t: enigma.shape_div(4, 0), EnigmaError, "shape_div", "0 is no extent"),
    (lambda t: enigma.shape_div(dyn("n"), 4), EnigmaError, "shape_div", "no extent"),
    (
        lambda t: enigma.elem_less((1, 2), (3,)),
        EnigmaError,
        *("enigma.elem_less", "(1, 2)", "(3,)", "nest alike"),
    ),
    (lambda t: enigma.elem_less((1, None), (3, 4)), EnigmaError, "enigma.elem_less", "None"),
    (lambda t: enigma.elem_less(1.5, 4), EnigmaError, "enigma.elem_less", "1.5"),
    (lambda t: enigma.elem_less(dyn("n"), 4), EnigmaError, "n"),
)


@pytest.mark.parametrize("tree", ENDLESS, ids=lambda tree: "tree")
def test_endless_trees(tree):
    for use in (
        lambda: Layout((4, 8))[tree],
        lambda: enigma.ceil_div(tree, 2),
        lambda: enigma.round_up(2, tree),
        lambda: enigma.shape_div(tree, 2),
        lambda: enigma.elem_less(tree, tree),
    ):
        check_lines(error_of(use), use, EnigmaError)


def test_endless_subscripts_of_fragments():
    for tree in ENDLESS:

        def body(t, tree=tree):
            t.B.load()[tree]

        check_lines(error_of(compile_body, body), body, EnigmaError)


@HOST
def test_on_the_host(body, kind, parts):
    on_host(body, kind, parts)


KERNEL = cases(
    (lambda t: t.B.load()[16, None], EnigmaError, "coordinate (16, None)", "outside", "count from"),
    (lambda t: t.B.load()[None, -1], EnigmaError, "coordinate (None, -1)", "outside"),
    (lambda t: t.B.load()[None, None, 0], EnigmaError, "3", "2"),
    (
        lambda t: t.B.load()[None, enigma.thread_position_in_grid.x],
        EnigmaError,
        *("selected by Python ints", "register_tensor"),
    ),
    (
        lambda t: t.B.load()[(None, (enigma.thread_position_in_grid.x,))],
        EnigmaError,
        *("selected by Python ints", "register_tensor"),
    ),
    (
        lambda t: enigma.zeros_like((4, 4)),
        EnigmaError,
        *("enigma.zeros_like", "a tuple", "enigma.make_fragment"),
    ),
    (lambda t: enigma.full_like(3, 3), EnigmaError, "enigma.full_like", "an int", "make_fragment"),
    (
        lambda t: enigma.full_like(t.I[0, None], 2.5),
        EnigmaError,
        *("2.5", "i32"),
    ),
    (
        lambda t: enigma.make_fragment_like(t.A),
        EnigmaError,
        *("2048 x f32", "share the elements"),
    ),
    (
        lambda t: enigma.zeros_like(t.S),
        EnigmaError,
        *("enigma.zeros_like", "known only when the kernel runs"),
    ),
    (
        lambda t: enigma.make_fragment_like(t.B).store(0.0),
        EnigmaError,
        *("a fragment has no attribute 'store'", "enigma.where", "register_tensor"),
    ),
    (
        lambda t: t.B.load().fill(0.0),
        EnigmaError,
        *("a fragment has no attribute 'fill'", "enigma.where", "register_tensor"),
    ),
    (lambda t: t.B.load().copy(), EnigmaError, "no attribute 'copy'", "it has elements"),
    (lambda t: t.B[0, 0].load(), EnigmaError, "no attribute 'load'", "it has .dtype"),
    (
        lambda t: enigma.register_tensor(4).load(),
        EnigmaError,
        *("no attribute 'load'", "`A[i]`", "make_tensor"),
    ),
    (
        lambda t: enigma.domain_offset(t.A, (1, 2)),
        EnigmaError,
        *("enigma.domain_offset", "a tensor in memory", "the coordinate comes first"),
    ),
    (lambda t: enigma.domain_offset((1,), t.A), EnigmaError, "tensor A", "each mode"),
    (lambda t: enigma.domain_offset((64, 0), t.A), IndexError, "tensor A", "64"),
    (lambda t: enigma.domain_offset((1, None), t.A), EnigmaError, "tensor A", "no single element"),
    (
        lambda t: enigma.domain_offset((1, 1), t.W),
        EnigmaError,
        *("swizzled layout", "enigma.local_tile"),
    ),
    (
        lambda t: enigma.domain_offset((1, 1), enigma.local_tile(t.A, (48, 32), (1, 0))),
        EnigmaError,
        *("tiles that reach beyond it", "before it is cut into tiles"),
    ),
    (
        lambda t: enigma.domain_offset((1, 1), enigma.make_identity_tensor((4, 4))),
        EnigmaError,
        *("enigma.domain_offset", "add to the coordinates"),
    ),
)


@KERNEL
def test_in_a_kernel(body, kind, parts):
    in_kernel(body, kind, parts)


@pytest.mark.parametrize("function", [enigma.zeros_like, enigma.make_fragment_like])
def test_outside_of_a_kernel(function):
    with pytest.raises(EnigmaError, match=f"enigma.{function.__name__}"):
        function(enigma.Tensor("A", 0, "float", Layout(4)))


@pytest.mark.parametrize(
    "derive",
    [
        lambda t, n: enigma.take(t, n, 3),
        lambda t, n: enigma.get(t, n),
        lambda t, n: enigma.select(t, n, 2),
        lambda t, n: enigma.group_modes(t, n, 3),
        lambda t, n: t[n, None, None],
        lambda t, n: enigma.zipped_divide(t, (n, 2, 2)),
        lambda t, n: enigma.local_tile(t, (2, 2, 2), (n, 0, 0)),
    ],
)
def test_what_equals_an_integer_stays_refused(derive):
    tensor = enigma.Tensor("A", 0, "float", Layout((4, 8, 2)))
    assert str(derive(tensor, 1).layout) == str(derive(tensor, 1).layout)
    for wrong in (True, 1.0):
        with pytest.raises(TypeError, match=type(wrong).__name__):
            derive(tensor, wrong)


def test_parts_of_swizzled_tensors_begin_where_their_own_symbols_say():
    swizzled = enigma.swizzle(Layout((8, 8), (8, 1)), 3, 0, 3)
    tensor = enigma.Tensor("A", 0, "float", swizzled)
    kept = []
    for m, n in (("a", "b"), ("c", "d"), ("d", "c")):
        x, y = enigma.dyn(m), enigma.dyn(n, 2)
        row = enigma.select(tensor, 1, 0)[None, x]
        assert row.layout.offset == x * 8
        tile = enigma.local_tile(tensor, (2, 2), (x, y))
        assert tile.layout.offset == x * 16 + y * 2
        assert enigma.select(tile, 1, 0)[y, None].layout.offset == x * 16 + y * 2 + y
        kept.append(len(views._derivations))
    assert len(set(kept)) == 1


def test_what_was_derived_is_kept_within_bounds():
    for extent in range(2, views.MOST_DERIVATIONS + 100):
        tensor = enigma.Tensor("A", 0, "float", Layout((extent, 2)))
        assert enigma.get(tensor, 0).layout == Layout(extent)
    assert len(views._derivations) <= views.MOST_DERIVATIONS
