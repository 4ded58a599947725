# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`CompiledKernel.source_map`: the line of Python that a line of the MSL comes from."""

import inspect
import re
import runpy

import pytest

import enigma
from enigma.compiler.source_map import SourceMap
from enigma.locations import SourceLocation

# A comment `# MSL: text` behind a line of a kernel says what the line becomes.


@enigma.func
def reduced(x, limit):
    small = x * 0.5  # MSL: float small = tile[i + 1] * 0.5f;
    if small > limit:  # MSL: if (small > 8.0f) {
        small = small - limit  # MSL: small -= 8.0f;
    return small


@enigma.kernel  # MSL: kernel void
def statements(A: enigma.f32, B: enigma.f32, C: enigma.i32, n: enigma.Scalar(enigma.i32)):
    i = enigma.thread_position_in_grid
    tile = enigma.threadgroup_alloc(enigma.f32, 64)  # MSL: threadgroup float tile[64];
    a = A[i]  # MSL: float a = A[i];
    total = a * a  # MSL: float total = a * a;
    for k in enigma.range(n):  # MSL: for (int k = 0; k < n; ++k) {
        total = total + A[i + k]  # MSL: total += A[i + k];
        if total > 10.0:  # MSL: if (total > 10.0f) {
            B[k] = total  # MSL: B[k] = total;
        elif total < -10.0:  # MSL: } else if (total < -10.0f) {
            B[k + 1] = a  # MSL: B[k + 1] = a;
        else:
            B[n] = total  # MSL: B[n] = total;
    while total > 1.0:  # MSL: while (total > 1.0f) {
        total = total / 3.0  # MSL: total /= 3.0f;
    tile[i] = total  # MSL: tile[i] = total;
    enigma.barrier()  # MSL: threadgroup_barrier(
    enigma.atomic_fetch_add(C, 0, 1)  # MSL: atomic_fetch_add_explicit(
    B[i] = reduced(tile[i + 1], 8.0)  # MSL: B[i] = small;


def marked(function):
    """Yield the lines of a function that say what they become, with that text."""
    lines, first = inspect.getsourcelines(function.function)
    for number, line in enumerate(lines, first):
        if mark := re.search(r"# MSL: (.*)", line):
            yield number, mark[1]


def test_each_statement_comes_from_its_line():
    compiled = enigma.compile(statements)
    lines = compiled.metal_source.splitlines()
    found = [*marked(statements), *marked(reduced)]
    assert len(found) == 20
    for number, text in found:
        (line,) = [k for k, content in enumerate(lines, 1) if text in content.strip()[: len(text)]]
        assert compiled.source_map[line] == SourceLocation(
            __file__, number, compiled.source_map[line].column
        ), text


def statement_lines(text):
    """The lines of the kernel of an MSL text that say something."""
    lines = text.splitlines()
    first = next(k for k, line in enumerate(lines, 1) if line.startswith("kernel void"))
    return {
        k
        for k, line in enumerate(lines, 1)
        if k >= first and line.strip() not in ("", "}", "} else {")
    }


@pytest.mark.needs_positions
@pytest.mark.parametrize("width", [0, 4])
def test_no_other_line_is_in_it(width):
    compiled = enigma.compile(statements, vec_width=width)
    assert set(compiled.source_map) == statement_lines(compiled.metal_source)
    first, last = statements_range()
    for location in compiled.source_map.values():
        assert location.filename == __file__
        assert first <= location.line < last
        assert location.column > 0


def statements_range():
    _, first = inspect.getsourcelines(reduced.function)
    lines, start = inspect.getsourcelines(statements.function)
    return first, start + len(lines)


@enigma.kernel
def long_line(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    B[i] = (A[i + 1000] * A[i + 2000] + A[i + 3000] * A[i + 4000]) * (
        A[i + 5000] * A[i + 6000] + A[i + 7000] * A[i + 8000]
    )


def test_a_statement_of_several_lines():
    compiled = enigma.compile(long_line)
    lines = compiled.metal_source.splitlines()
    begin = next(k for k, line in enumerate(lines, 1) if "B[i] =" in line)
    assert not lines[begin - 1].endswith(";")
    assert compiled.source_map[begin + 1] == compiled.source_map[begin]
    assert set(compiled.source_map) == statement_lines(compiled.metal_source)


def test_it_does_not_change_with_what_is_asked():
    compiled = enigma.compile(long_line)
    assert isinstance(compiled.source_map, SourceMap)
    assert 1 not in compiled.source_map
    assert compiled.source_map.get(1) is None
    with pytest.raises(KeyError):
        compiled.source_map[1]
    with pytest.raises(TypeError):
        compiled.source_map[1] = SourceLocation(__file__, 1)
    assert compiled.source_map == enigma.compile(long_line).source_map
    assert len(repr(compiled.source_map)) < 80


def test_a_file_whose_name_is_no_text_is_spelled_as_python_does(tmp_path):
    path = tmp_path / "caf\udce9.py"
    try:
        path.write_text(
            "import enigma\n\n\n@enigma.kernel\ndef kernel(A: enigma.f32):\n    A[0] = 1.0\n"
        )
    except OSError:
        pytest.skip("names of files are texts here")
    compiled = enigma.compile(runpy.run_path(str(path))["kernel"])
    places = {(at.filename, at.line) for at in compiled.source_map.values()}
    assert places == {(str(tmp_path / r"caf\udce9.py"), 4), (str(tmp_path / r"caf\udce9.py"), 6)}
