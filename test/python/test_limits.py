# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The limits of a target are one table, for Python and for the compiler."""

import pytest

import enigma
from enigma import errors
from enigma.compiler.options import Options
from enigma.compiler.targets import TARGETS
from enigma.limits import METAL
from enigma.tracing.session import sessions


def test_the_attribute_of_a_target_has_its_limits():
    """Numbers that are those of the name are not printed."""
    for target in TARGETS.values():
        limits = target.limits._asdict()
        text = ", ".join(f"{name} = {number}" for name, number in limits.items())
        with sessions.borrow() as session:
            written = session.ir.Attribute.parse(
                f"#enigma.target<{target.name}, {text}>", session.context
            )
            assert str(written) == target.attribute(Options())
            for name, number in limits.items():
                other = number // 2 if number > 1 else 2
                changed = session.ir.Attribute.parse(
                    f"#enigma.target<{target.name}, {name} = {other}>", session.context
                )
                assert str(changed) == f"#enigma.target<{target.name}, {name} = {other}>"


def test_a_module_says_what_it_is_compiled_for():
    @enigma.kernel
    def double(A: enigma.f32):
        tid = enigma.thread_position_in_grid
        A[tid] = A[tid] * 2.0

    compiled = enigma.compile(double, dump_mlir=True)
    assert compiled.mlir_source is not None
    assert compiled.mlir_source.startswith(
        "module attributes {enigma.target = #enigma.target<metal>} {"
    )


def test_the_widths_of_a_target_are_those_of_vec_width():
    assert METAL.widths == (2, 4)
    assert METAL._replace(lanes=1).widths == ()
    assert METAL._replace(lanes=8).widths == (2, 4, 8)

    @enigma.kernel
    def double(A: enigma.f32):
        tid = enigma.thread_position_in_grid
        A[tid] = A[tid] * 2.0

    for width in (8, 1, 3, True, "4", None):
        with pytest.raises(errors.InvalidVecWidth) as caught:
            enigma.compile(double, vec_width=width)
        assert f"vec_width must be 0 (scalar), 2 or 4, not {width!r}" in str(caught.value)
    assert enigma.compile(double, vec_width=4).elements_per_thread == 4
