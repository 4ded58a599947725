# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Text of Metal's own in a kernel."""

from __future__ import annotations

import re
from typing import Any

from enigma._process import import_late
from enigma.errors import InlineTextError, InvalidOption, OperandError
from enigma.limits import MSL_VERSIONS
from enigma.tensors.registers import RegisterTensor
from enigma.tensors.tensor import Tensor
from enigma.tracing.buffers import Buffer
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_operand, check_number
from enigma.tracing.fragments import FragmentLanes
from enigma.tracing.lanes import Lanes
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, constant, use
from enigma.tracing.values import result as build_result
from enigma.types import (
    DType,
    ElementLike,
    ElementType,
    VectorType,
    find_dtype,
    i64,
    number_dtype,
    resolve_dtype,
)

_FUNCTION = "enigma.inline_msl"
_VECTOR = r"(.+?)x?([234])"
# What has brackets that mean nothing: literals and comments.
_OPAQUE = r'(?s)"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|//[^\n]*|/\*.*?\*/'
_PAIRS = {")": "(", "]": "[", "}": "{"}


def inline_msl(
    text: str,
    /,
    result: ElementLike | None = None,
    *,
    pure: bool = False,
    header: str = "",
    metal_std: str | None = None,
    **operands: Any,
) -> Any:
    """Put text of Metal's language into the kernel. Nothing checks what it does.

    With a `result` the text is an expression, as in ``enigma.inline_msl("fast::exp({x})",
    result=enigma.f32, x=x)``; without one it is a statement, or several, in a block of its own.
    ``{x}`` stands for the operand of that name, with parentheses where it needs them; a brace
    that stands for itself is doubled. The text sees no other names of the kernel.

    Parameters
    ----------
    text : str
        The text.
    result : DType, VectorType, type or str, optional
        The dtype of the expression: ``enigma.f32``, or ``"float4"`` for a vector.
    pure : bool
        Whether the expression is a function of its operands, and nothing else: then it may be
        moved, computed once for several equal ones, or left out where nobody needs it.
    header : str
        Text that stands once in front of the kernels: functions that the text calls, and files
        that it includes. Its braces stand for themselves.
    metal_std : {"2.4", "3.0", "3.1", "3.2", "4.0"}, optional
        The least version of the language that has what text and header use.
    **operands
        Traced values, numbers, and memory: a buffer, a tensor, a threadgroup array or a register
        tensor is a pointer to its first element, which the text may read and write.

    Returns
    -------
    Value or None
        The value of the expression.

    Raises
    ------
    InlineTextError
        When the fields of the text and the operands do not match, brackets are left open, or there
        is a character NUL.
    OperandError
        When an operand is neither a value nor memory.
    """
    builder = require_builder(_FUNCTION)
    for name, given in (("text", text), ("header", header)):
        if not isinstance(given, str):
            raise OperandError(
                operation=_FUNCTION,
                operand=name,
                found=describe(given),
                expected="a str",
                remedy="it is text of Metal's language",
            )
        if "\0" in given:
            raise InlineTextError(
                problem=f"the {name} has a character NUL",
                remedy="leave it out: it ends a text",
            )
    if not isinstance(pure, bool):
        raise InvalidOption(
            option=f"pure of {_FUNCTION}",
            expected="True or False",
            found=pure,
            remedy="it says that the text is a function of its operands, and does nothing else",
        )
    if metal_std is not None and metal_std not in MSL_VERSIONS:
        raise InvalidOption(
            option=f"metal_std of {_FUNCTION}",
            expected=" or ".join(map(repr, MSL_VERSIONS)),
            found=metal_std,
            remedy="it is the version of Metal's language that the text needs",
        )
    dtype, lanes = _result_type(result)
    if pure and dtype is None:
        raise InvalidOption(
            option=f"pure of {_FUNCTION}",
            expected="False for a statement",
            found=pure,
            remedy="a statement that does nothing else has no use; an expression needs a result",
        )
    _check_brackets(header, "the header")
    numbers = {name: index for index, name in enumerate(operands)}
    inputs = [_input(builder, name, given, pure) for name, given in operands.items()]
    places = [place for _, _, place in inputs]
    laid_out = _layout_of(text, dtype is not None)
    template = _template(laid_out, dtype is not None, numbers, places)
    session = builder.session
    dtypes = ", ".join(kind.element_name for _, kind, _ in inputs)
    attributes = {"text": session.string(template), "dtypes": session.attribute(f"[{dtypes}]")}
    if dtype is not None:
        attributes["result_dtype"] = session.attribute(dtype.element_name)
    if pure:
        attributes["pure"] = session.attribute("unit")
    if header.strip():
        attributes["header"] = session.string(import_late("textwrap").dedent(header).strip("\n"))
    if metal_std is not None:
        attributes["metal_std"] = session.string(metal_std)
    if not pure:
        builder.effects += 1
    irs = tuple(ir for ir, _, _ in inputs)
    if dtype is None:
        builder.op("enigma.inline_msl", (), irs, attributes)
        return None
    return build_result(builder, "enigma.inline_msl", dtype, lanes, irs, attributes)


def _result_type(result: object) -> tuple[DType | None, int]:
    """Give the dtype and the lanes of a result; None where there is none."""
    if result is None:
        return None, 1
    if isinstance(result, str) and find_dtype(result) is None:
        match = re.fullmatch(_VECTOR, result)
        dtype = find_dtype(match[1]) if match else None
        if match and dtype is not None:
            return dtype, int(match[2])
    if isinstance(result, VectorType):
        return result.scalar, result.lanes
    return resolve_dtype(result), 1


def _input(builder: Builder, name: str, given: Any, pure: bool) -> tuple[Any, ElementType, str]:
    """Give an operand as an IR value, its dtype, and how it stands in the text for ``{}``."""
    if isinstance(given, (Buffer, RegisterTensor, Tensor)):
        if pure:
            raise OperandError(
                operation=_FUNCTION,
                operand=name,
                found=describe(given),
                expected="a value, since the text is pure",
                remedy="give the element that it reads, or leave out pure=True",
            )
        return _memory(builder, name, given)
    value = as_operand(given, _FUNCTION, name)
    if not isinstance(value, Value):
        dtype = number_dtype(value) or i64
        value = constant(builder, dtype, check_number(value, dtype, _FUNCTION))
    if isinstance(value.lanes, Lanes):
        raise OperandError(
            operation=_FUNCTION,
            operand=name,
            found=describe(value),
            expected="a scalar, a vector or memory",
            remedy="give its elements one by one, as in f[0]"
            if isinstance(value.lanes, FragmentLanes)
            else "store it to memory, and give that",
        )
    return use(value), value.dtype, "{}"


def _memory(
    builder: Builder, name: str, given: Buffer | RegisterTensor | Tensor
) -> tuple[Any, ElementType, str]:
    if isinstance(given, RegisterTensor):
        given = given.buffer
    if isinstance(given, Buffer):
        return given.use(), given.dtype, "{}"
    if given is not given.root:
        raise OperandError(
            operation=_FUNCTION,
            operand=name,
            found="a part of a tensor",
            expected="a whole one",
            remedy="give the tensor that it is a part of, and the index of its element",
        )
    # The text has a pointer to the element that the layout begins at.
    place = f"({{}} + {given.base_offset})" if given.base_offset else "{}"
    return given._memory(builder).use(), given.element_type, place


def _layout_of(text: str, is_expression: bool) -> str:
    """Give the text without indentation; an expression on one line."""
    text = import_late("textwrap").dedent(text).strip()
    bare = re.sub(_OPAQUE, "", text)
    if not text or not bare.strip():
        raise InlineTextError(
            problem="the text is empty",
            remedy="write an expression with result=..., or a statement without",
        )
    if not is_expression:
        return text
    if bare.rstrip().endswith(";"):
        raise InlineTextError(
            problem="the text has a result, and ends in a ';'",
            remedy="an expression has none; leave out result=... where it is a statement",
        )
    if "//" in _comments(text):
        raise InlineTextError(
            problem="the expression has a comment to the end of a line",
            remedy="write it as a comment of Python, beside the call",
        )
    return " ".join(line.strip() for line in text.splitlines())


def _comments(text: str) -> str:
    """Give the comments of a text."""
    found = (match[0] for match in re.finditer(_OPAQUE, text))
    return " ".join(part for part in found if part.startswith("/"))


def _template(text: str, is_expression: bool, numbers: dict[str, int], places: list[str]) -> str:
    """Give the text with numbers for names and the offsets of pointers, and statements ended."""
    try:
        pieces = list(import_late("string").Formatter().parse(text))
    except ValueError as error:
        raise InlineTextError(
            problem=f"the braces of the text do not match: {error}",
            remedy="double the braces that stand for themselves, as in `if ({x} > 0) {{ ... }}`",
        ) from None
    used = set()
    template = plain = ""
    for literal, field, spec, conversion in pieces:
        template += literal.replace("{", "{{").replace("}", "}}")
        plain += literal
        if field is None:
            continue
        if spec or conversion or (field not in numbers and not field.isidentifier()):
            whole = field + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise InlineTextError(
                problem=f"the text has the field {{{whole}}}",
                remedy="a field is the name of an operand, as in {x}, and what is done to it "
                "stands behind; double the braces that stand for themselves",
            )
        if field not in numbers:
            known = ", ".join(numbers) or "none"
            raise InlineTextError(
                problem=f"the text has the field {{{field}}}, and no operand of that name was "
                f"given; there are {known}",
                remedy=f"give it, as in {field}=...; double the braces that stand for themselves",
            )
        used.add(field)
        template += places[numbers[field]].replace("{}", f"{{{numbers[field]}}}")
        plain += "x"
    unused = [name for name in numbers if name not in used]
    if unused:
        raise InlineTextError(
            problem=f"the text has no field for the operand {unused[0]!r}",
            remedy=f"write {{{unused[0]}}} where it belongs, or leave it out",
        )
    _check_brackets(plain, "the text")
    is_ended = is_expression or re.sub(_OPAQUE, "", plain).rstrip().endswith((";", "}"))
    return template if is_ended else f"{template};"


def _check_brackets(text: str, what: str) -> None:
    """Refuse text that would end, or never end, what it stands in."""
    bare = re.sub(_OPAQUE, " ", text)
    open_ones: list[str] = []
    for character in bare:
        if character in "([{":
            open_ones.append(character)
        elif character in _PAIRS and (not open_ones or open_ones.pop() != _PAIRS[character]):
            raise InlineTextError(
                problem=f"{what} has a {character!r} that closes nothing",
                remedy="brackets are closed in the text that opens them",
            )
    if open_ones or "/*" in bare or '"' in bare:
        left = open_ones[-1] if open_ones else "/*" if "/*" in bare else '"'
        raise InlineTextError(
            problem=f"{what} has a {left!r} that is never closed",
            remedy="brackets, comments and literals are closed in the text that opens them",
        )
