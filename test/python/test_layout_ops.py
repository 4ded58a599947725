# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Operations on layouts, built from Python without their result types."""

from collections.abc import Iterator

import pytest
from layout_ir import build, integers, ir, parsed, scratch_module

from enigma.compiler.diagnostics import Diagnostics
from enigma.errors import CompilationError
from enigma.tracing.session import sessions


@pytest.fixture
def builder() -> Iterator[None]:
    with scratch_module():
        yield


def static(text: str) -> ir.Value:
    return build("enigma.static", results=[parsed(text)]).result


def infer(name: str, *operands: ir.Value, **attributes: ir.Attribute) -> str:
    return str(build(f"enigma.{name}", operands, None, attributes).result.type)


def test_result_types_are_inferred(builder: None) -> None:
    layout = static("!enigma.layout<(8,12):(12,1)>")
    tile = static("!enigma.int_tuple<(4,3)>")
    divided = infer("zipped_divide", layout, tile)
    assert divided == "!enigma.layout<((4,3),(2,4)):((12,1),(48,3))>"
    assert infer("get", layout, path=integers([1])) == "!enigma.layout<12:1>"


def test_the_message_is_that_of_the_algebra(builder: None) -> None:
    layout = static("!enigma.layout<(8,12):(12,1)>")
    tile = static("!enigma.int_tuple<(4,16)>")
    with pytest.raises(ir.MLIRError, match="tiler exceeds tensor in mode 1"):
        infer("zipped_divide", layout, tile)


@pytest.mark.parametrize("name", ["get", "select", "swizzle", "recast_layout", "take"])
def test_a_missing_attribute_is_an_error(builder: None, name: str) -> None:
    layout = static("!enigma.layout<(8,12):(12,1)>")
    with pytest.raises(ir.MLIRError, match="requires attribute"):
        infer(name, layout)


@pytest.mark.parametrize("name", ["composition", "slice", "make_tensor", "local_tile"])
def test_a_missing_operand_is_an_error(builder: None, name: str) -> None:
    layout = static("!enigma.layout<(8,12):(12,1)>")
    with pytest.raises(ir.MLIRError, match="operands"):
        infer(name, layout)


def test_the_remedy_is_a_note(builder: None) -> None:
    layout = static("!enigma.layout<(8,12):(12,1)>")
    tile = static("!enigma.int_tuple<(4,16)>")
    with pytest.raises(ir.MLIRError) as caught:
        infer("zipped_divide", layout, tile)
    notes = [note.message for info in caught.value.error_diagnostics for note in info.notes]
    assert notes[0].startswith("help: make the tile at most as large as the tensor")


def test_the_remedy_is_the_help_of_the_error_in_python() -> None:
    text = """
      %0 = enigma.static : !enigma.layout<(4,8):(8,1)>
      %1 = enigma.get %0[2] : (!enigma.layout<(4,8):(8,1)>) -> !enigma.layout<8:1>
    """
    with (
        sessions.borrow() as session,
        pytest.raises(CompilationError) as caught,
        Diagnostics(session, "reading"),
    ):
        session.ir.Operation.parse(text, session.context)
    assert caught.value.help == "modes count from 0"
    assert str(caught.value).count("help:") == 1
    assert "note:" not in str(caught.value)
