# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The classes of MLIR's IR: what they give, and what they refuse rather than end the process."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from layout_ir import Place, build, context, ir, parsed, scratch_module

import enigma

KERNEL = """
enigma.kernel @k(%a: !enigma.buffer<f32, device> {enigma.index = 0 : i32},
                 %n: i32 {enigma.index = 1 : i32, enigma.dtype = si32}) {
  %0 = arith.addi %n, %n : i32
  enigma.return
}
"""


@pytest.fixture
def kernel() -> Iterator[ir.Operation]:
    with Place():
        yield ir.Operation.parse(KERNEL, context()).body.operations[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a"', "a"),
        ("7 : i32", 7),
        ("-7 : si32", -7),
        ("255 : ui8", 255),
        ("-1 : i64", -1),
        ("7 : index", 7),
        ("true", True),
        ("2.5 : f32", 2.5),
    ],
)
def test_attributes_have_values(text: str, value: object) -> None:
    with Place():
        found = ir.Attribute.parse(text, context()).value
    assert found == value
    assert type(found) is type(value)


def test_attributes_have_parts() -> None:
    with Place():
        listed = ir.Attribute.parse("[1 : i32, {a = f32}]", context()).value
        assert [str(part) for part in listed] == ["1 : i32", "{a = f32}"]
        assert listed[1].value["a"].value == parsed("f32")
        with pytest.raises(TypeError, match="no value"):
            _ = ir.Attribute.parse("array<i64: 1>", context()).value


def test_attributes_of_an_operation_are_read(kernel: ir.Operation) -> None:
    name = kernel.get_attribute("sym_name")
    assert name is not None
    assert name.value == "k"
    assert kernel.get_attribute("grid") is None
    kernel.set_attribute("sym_name", ir.Attribute.string("other", context()))
    other = kernel.get_attribute("sym_name")
    assert other is not None
    assert other.value == "other"


def test_a_block_is_empty_until_it_has_an_operation(kernel: ir.Operation) -> None:
    other = kernel.clone()
    block, _, _ = ir.append_block(other, 0, (), ())
    assert block.is_empty
    block.append(kernel)
    assert not block.is_empty


def test_what_an_operation_is_made_of(kernel: ir.Operation) -> None:
    buffer, number = kernel.body.arguments
    sum, end = kernel.body.operations
    assert sum.operands == [number, number]
    assert sum.results == [sum.result]
    assert sum.result.definition == sum
    assert number.definition is None
    assert [number.is_used, buffer.is_used, sum.result.is_used] == [True, False, False]
    assert (sum.parent, kernel.body.owner) == (kernel, kernel)
    assert [region[0].operations for region in kernel.regions] == [[sum, end]]
    assert sum != end
    assert sum.result != "a value"
    assert len({sum, *kernel.body.operations}) == 2


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda kernel: ir.Type.parse("!enigma.no", context()), ir.MLIRError, "parse type"),
        (lambda kernel: ir.Attribute.parse("#", context()), ir.MLIRError, "parse attribute"),
        (lambda kernel: ir.Operation.parse("}", context()), ir.MLIRError, "parse module"),
        (lambda kernel: ir.Pipeline("no(", context()), ValueError, None),
        (lambda kernel: ir.Attribute.integer(parsed("f32"), 1), TypeError, "integers"),
        (lambda kernel: ir.Attribute.integer(parsed("i64"), 1 << 64), TypeError, None),
        (lambda kernel: ir.Attribute.real(parsed("i32"), 1.0), TypeError, "real numbers"),
        (
            lambda kernel: ir.Attribute.raw(parsed("tensor<2xi32>"), b"1"),
            ValueError,
            "not the bytes",
        ),
        (lambda kernel: ir.Attribute.raw(parsed("i32"), b"1234"), ValueError, "not the bytes"),
        (lambda kernel: kernel.result, ValueError, "not one result"),
        (lambda kernel: kernel.body.operations[1].body, IndexError, "no such region"),
        (lambda kernel: kernel.body.erase_argument(1), ValueError, "has uses"),
        (lambda kernel: kernel.body.erase_argument(2), IndexError, "no such argument"),
        (lambda kernel: kernel.parent.bury(), ValueError, "no block"),
        (lambda kernel: kernel.take_regions(kernel.body.operations[1]), ValueError, "regions"),
        (lambda kernel: ir.append_block(kernel, 1, (), ()), IndexError, "no such region"),
        (lambda kernel: ir.InsertionPoint.before(kernel.clone()), ValueError, "no block"),
        (lambda kernel: ir.translate_to_msl("a kernel"), TypeError, None),
    ],
)
def test_what_is_refused(
    kernel: ir.Operation,
    wrong: Callable[[Any], object],
    error: type[Exception],
    said: str | None,
) -> None:
    with pytest.raises(error, match=said):
        wrong(kernel)


def test_errors_say_where_and_why() -> None:
    with scratch_module(), pytest.raises(ir.MLIRError) as caught:
        build("enigma.get", [], None)
    found = caught.value.error_diagnostics[0]
    assert found.severity == "error"
    assert found.message in str(caught.value)
    assert found.location.source is not None
    assert found.notes == []


def test_a_handler_that_raises_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: raised.append(found.exc_type))

    def handle(diagnostic: ir.Diagnostic) -> bool:
        raise KeyError(diagnostic.message)

    with scratch_module():
        context().attach_diagnostic_handler(handle)
        with pytest.raises(RuntimeError):
            ir.translate_to_msl(build("test.any"))
    assert raised == [KeyError]


def test_a_handler_that_is_interrupted_interrupts_its_caller() -> None:
    def handle(diagnostic: ir.Diagnostic) -> bool:
        raise KeyboardInterrupt

    def translate() -> None:
        with contextlib.suppress(RuntimeError):
            ir.translate_to_msl(build("test.any"))

    with scratch_module():
        context().attach_diagnostic_handler(handle)
        with pytest.raises(KeyboardInterrupt):
            translate()


# Lines and columns that Python's table says in each of its ways: near, far to the right, far below,
# far above, in nested functions, and where it says none.
PLACES = f"""
def places(note):
    note()
    first = 1 + note() * (
        note()
        + note(
            1
        )
    )
    second = {"1 + " * 30}note()
    second = {"1 + " * 100}note()
{"    # nothing" + chr(10)}{"#" + chr(10) * 300}
    def inner(): return [note() for _ in range(2)]
    inner(); note()
    for i in range(2):
        with nullcontext(note()) as other:
            if i: note(
                {chr(10) * 80} other)
    try:
        raise ValueError
    except ValueError:
        note()
"""


@pytest.mark.parametrize("above", [0, 1, 1000])
def test_a_location_is_where_python_stands(above: int) -> None:
    builder = ir.OperationBuilder(ir.Context())
    found = []

    def note(*given: object) -> int:
        frame = sys._getframe(1)
        column = 0  # which 3.10 does not know
        if sys.version_info >= (3, 11):
            positions = itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None)
            _, _, start, _ = next(positions)
            assert start is not None
            column = start + 1
        expected = (frame.f_code.co_filename, frame.f_lineno, column)
        found.append((builder.location().source, expected))
        return 1

    # Functions of Enigma's own are passed over.
    note.__code__ = note.__code__.replace(co_filename=enigma.__file__)
    scope: dict[str, Any] = {"nullcontext": contextlib.nullcontext}
    exec(compile("\n" * above + PLACES, "places.py", "exec"), scope)
    scope["places"](note)
    assert len(found) == 13
    assert [had for had, _ in found] == [expected for _, expected in found]


def test_variables_of_a_frame_are_told() -> None:
    bound, shared = object(), object()

    def inner() -> object:
        assert shared is not None
        return ir.variable(sys._getframe(), "shared")

    frame = sys._getframe()
    assert ir.variable(frame, "bound") is bound
    assert ir.variable(frame, "".join(("bo", "und"))) is bound
    assert ir.variable(frame, "shared") is shared
    assert inner() is shared
    for name in ("later", "sys", "nowhere"):
        assert ir.variable(frame, name) is None
    later = bound
    assert ir.variable(frame, "later") is later
    del later
    assert ir.variable(frame, "later") is None
