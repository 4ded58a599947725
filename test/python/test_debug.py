# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Messages, assertions and text of Metal's own: what they leave, and what they refuse."""

import re

import pytest

import enigma
from refusals import check_said

HERE = __file__


def compiled(use, *, debug=True):
    """The MSL of a kernel that calls `use` with a float, an index and buffers."""

    @enigma.kernel
    def kernel(A: enigma.f32, B: enigma.u64):
        i = enigma.thread_position_in_grid
        use(A[i], i, A, B)

    return enigma.compile(kernel, emit_only=True, debug=debug).metal_source


# A check of the call: without `debug` a wrong one is as wrong.
@pytest.fixture(params=[True, False], ids=["debug", "release"])
def debug(request):
    return request.param


def refused(use, *parts, debug=True):
    """Compiling raises an error of Enigma at a line of `use`."""
    with pytest.raises(enigma.EnigmaError) as caught:
        compiled(use, debug=debug)
    error = caught.value
    assert error.location is not None
    assert error.location.filename == HERE
    assert error.location.line in {line for *_, line in use.__code__.co_lines()}
    assert "\n  help: " in str(error)
    check_said(error, *parts)


# What is left.


@enigma.func
def effects(x, i, A, B):
    enigma.print("x", x * 2, enigma.exp(x), A[i + 1])
    enigma.assert_(x > A[i + 2], "no")
    old = enigma.atomic_fetch_add(enigma.threadgroup_alloc("uint", 1), 0, 1)
    if x > 3:
        enigma.print(old)
    A[i] = x


@enigma.func
def no_messages(x, i, A, B):
    enigma.atomic_fetch_add(enigma.threadgroup_alloc("uint", 1), 0, 1)
    A[i] = x


def test_without_debug_nothing_is_left_but_the_effects_of_arguments():
    found = compiled(effects, debug=False)
    assert found == compiled(no_messages, debug=False)
    assert "metal_logging" not in found
    assert "os_log_default.log_info" in compiled(effects)


def test_debug_is_a_bool():
    with pytest.raises(ValueError, match="debug must be True or False, not 1"):
        compiled(no_messages, debug=1)


def test_messages_belong_into_kernels():
    for call in (enigma.print, lambda: enigma.assert_(True), lambda: enigma.inline_msl("f();")):
        with pytest.raises(enigma.EnigmaError, match="can only be used inside a kernel"):
            call()


# Messages that are refused.

MESSAGES = {
    "few": (lambda x, i, A, B: enigma.print("{} {}", x), "fields for 2 values, and 1 was given"),
    "none": (lambda x, i, A, B: enigma.print("{:.3f}"), "fields for 1 value, and 0 were given"),
    "many": (lambda x, i, A, B: enigma.print("{}", x, i), "no field for value 2 of 2"),
    "numbered": (lambda x, i, A, B: enigma.print("{0} {2}", x, i), "fields for 3 values, and 2"),
    "skipped": (lambda x, i, A, B: enigma.print("{0} {2}", x, i, 1), "no field for value 2 of 3"),
    "mixed": (lambda x, i, A, B: enigma.print("{0} {}", x, i), "with numbers and without"),
    "name": (lambda x, i, A, B: enigma.print("{x}", x), "the field {x}"),
    "attribute": (lambda x, i, A, B: enigma.print("{0.x}", x), "the field {0.x}"),
    "open": (lambda x, i, A, B: enigma.print("{", x), "double the braces"),
    "closed": (lambda x, i, A, B: enigma.print("a } b"), "double the braces"),
    "nested": (lambda x, i, A, B: enigma.print("{:{}}", x, i), "has fields of its own"),
    "float as int": (lambda x, i, A, B: enigma.print("{:d}", x), "'d' for a value of type 'f32'"),
    "int as float": (lambda x, i, A, B: enigma.print("{:.2f}", i), "for a value of type 'ui32'"),
    "bool": (lambda x, i, A, B: enigma.print("{:d}", x > 1), "a bool has"),
    "centred": (lambda x, i, A, B: enigma.print("{:^8}", x), "a float has"),
    "filled": (lambda x, i, A, B: enigma.print("{:*>8}", x), "a float has"),
    "commas": (lambda x, i, A, B: enigma.print("{:,}", i), "an integer has"),
    "percent": (lambda x, i, A, B: enigma.print("{:%}", x), "a float has"),
    "wide": (lambda x, i, A, B: enigma.print("{:1000}", x), "a float has"),
    "repr": (lambda x, i, A, B: enigma.print("{!r}", x), "cannot be a part of a string"),
    "host": (lambda x, i, A, B: enigma.print("{:d}", "text"), "cannot be written as 'd'"),
    "buffer": (lambda x, i, A, B: enigma.print(A), "value 1", "index it, as in `A[i]`"),
    "dict": (lambda x, i, A, B: enigma.print({"a": x}), "cannot be a part of a string"),
    "query": (lambda x, i, A, B: enigma.print("{:z}", i), "an integer has"),
    "NUL": (lambda x, i, A, B: enigma.print("a\0b"), "character NUL"),
    "surrogate": (lambda x, i, A, B: enigma.print("a\udc80b", x), "the surrogate '\\udc80' cannot"),
    "surrogate of an assertion": (
        lambda x, i, A, B: enigma.assert_(x > 1, "\udc80"),
        "the surrogate '\\udc80' cannot",
    ),
    "sep": (lambda x, i, A, B: enigma.print(x, sep=1), "sep is an int (1); expected a str"),
    "end": (lambda x, i, A, B: enigma.print(x, end=""), "end"),
    "f-string": (lambda x, i, A, B: enigma.print(f"x = {x}"), 'enigma.print("x = {}", x)'),
    "format": (lambda x, i, A, B: enigma.print(str.format("x = {}", x)), "a part of a string"),
    "condition": (lambda x, i, A, B: enigma.assert_(x, "no"), "condition is a traced f32"),
    "text": (lambda x, i, A, B: enigma.assert_("no"), "condition is a str ('no')"),
    "lanes": (
        lambda x, i, A, B: enigma.assert_(enigma.make_float2(x, x) > 1),
        "expected one bool",
    ),
    "values": (lambda x, i, A, B: enigma.assert_(x > 1, "{} {}", x), "enigma.assert_: the format"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_that_are_refused(name, debug):
    use, *parts = MESSAGES[name]
    refused(use, *parts, debug=debug)


def test_an_assert_of_python_names_the_one_of_kernels():
    @enigma.kernel
    def kernel(A: enigma.f32):
        assert A[0] > 1, "no"

    with pytest.raises(enigma.EnigmaError, match=r"enigma.assert_\(condition, message\)"):
        enigma.compile(kernel)


# Text that is refused.

TEXTS = {
    "unknown": (
        lambda x, i, A, B: enigma.inline_msl("f({y})", x=x),
        "the field {y}, and no operand of that name was given; there are x",
    ),
    "unused": (
        lambda x, i, A, B: enigma.inline_msl("f({x})", x=x, y=i),
        "no field for the operand 'y'",
    ),
    "spec": (lambda x, i, A, B: enigma.inline_msl("f({x:.3f})", x=x), "the field {x:.3f}"),
    "index": (lambda x, i, A, B: enigma.inline_msl("{A[0]} = 1", A=A), "the field {A[0]}"),
    "empty field": (lambda x, i, A, B: enigma.inline_msl("f({})", x=x), "the field {}"),
    "brace": (lambda x, i, A, B: enigma.inline_msl("if (true) { f(); }"), "double the braces"),
    "closed": (lambda x, i, A, B: enigma.inline_msl("f(); }"), "double the braces"),
    "escaped": (lambda x, i, A, B: enigma.inline_msl("f(); }}"), "a '}' that closes nothing"),
    "parenthesis": (lambda x, i, A, B: enigma.inline_msl("f("), "a '(' that is never closed"),
    "crossed": (lambda x, i, A, B: enigma.inline_msl("f([)]"), "a ')' that closes nothing"),
    "comment": (lambda x, i, A, B: enigma.inline_msl("f(); /* x"), "a '/*' that is never closed"),
    "string": (lambda x, i, A, B: enigma.inline_msl('f("x);'), "never closed"),
    "empty": (lambda x, i, A, B: enigma.inline_msl(" // nothing"), "the text is empty"),
    "semicolon": (
        lambda x, i, A, B: enigma.inline_msl("f({x});", enigma.f32, x=x),
        "has a result, and ends in a ';'",
    ),
    "line comment": (
        lambda x, i, A, B: enigma.inline_msl("1 // one", enigma.f32),
        "a comment to the end of a line",
    ),
    "no text": (lambda x, i, A, B: enigma.inline_msl(x), "text is a traced f32; expected a str"),
    "header": (lambda x, i, A, B: enigma.inline_msl("f()", header=1), "header is an int (1)"),
    "NUL": (lambda x, i, A, B: enigma.inline_msl('f("a\0b");'), "the text has a character NUL"),
    "NUL in the header": (
        lambda x, i, A, B: enigma.inline_msl("f()", header="// a\0b"),
        "the header has a character NUL",
    ),
    "surrogate": (
        lambda x, i, A, B: enigma.inline_msl('f("\ud800");'),
        "the surrogate '\\ud800' cannot be in a text",
    ),
    "surrogate in the header": (
        lambda x, i, A, B: enigma.inline_msl("f()", header="// \udfff"),
        "the surrogate '\\udfff' cannot be in a text",
    ),
    "open header": (
        lambda x, i, A, B: enigma.inline_msl("f()", header="void f() {"),
        "the header has a '{' that is never closed",
    ),
    "pure": (lambda x, i, A, B: enigma.inline_msl("f()", pure=True), "False for a statement"),
    "purely": (
        lambda x, i, A, B: enigma.inline_msl("f()", "float", pure=1),
        "True or False, not 1",
    ),
    "pure memory": (
        lambda x, i, A, B: enigma.inline_msl("{A}[0]", "float", pure=True, A=A),
        "expected a value, since the text is pure",
    ),
    "dtype": (lambda x, i, A, B: enigma.inline_msl("1.0", "double"), "is no dtype"),
    "lanes": (lambda x, i, A, B: enigma.inline_msl("1.0", "float5"), "is no dtype"),
    "operand": (lambda x, i, A, B: enigma.inline_msl("f({x})", x="text"), "x is a str ('text')"),
    "None": (lambda x, i, A, B: enigma.inline_msl("f({x})", x=None), "x is None"),
    "list": (lambda x, i, A, B: enigma.inline_msl("f({x})", x=[x]), "x is a list"),
    "defined": (
        lambda x, i, A, B: enigma.inline_msl("f()", header="float sin(float x) { return x; }"),
        "the header defines 'sin', a name of Metal or Enigma",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_refused(name):
    use, *parts = TEXTS[name]
    refused(use, *parts)


def test_two_headers_of_one_name():
    def use(x, i, A, B):
        enigma.inline_msl("f();", header="void f() {}")
        enigma.inline_msl("f();", header="void f() { }")

    refused(use, "the header defines 'f', which another header defines")


def test_text_sees_no_name_of_the_kernel():
    @enigma.func
    def use(x, i, A, B):
        threads = x + 1
        enigma.inline_msl("float threads = {x}; {A}[0] = threads * {t}", A=A, x=x, t=threads)
        A[i] = threads

    source = compiled(use)
    assert "float threads_1 = " in source
    assert re.search(r"float threads = \w+; A\[0\] = threads \* threads_1;", source)
