# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What follows from the records of functions, see FunctionRecords.td and generate.py."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """What an operand of a type may be.

    Attributes
    ----------
    rule : str
        The rule by which operands meet, a function of `enigma.tracing.operands`; "" if the operand
        meets no other.
    what, one : str
        In documentation: what such operands are, and one of them alone.
    dtypes : str
        The dtypes that they have, in a table.
    lanes : tuple of int
        The numbers of lanes that they may have, 1 for a scalar; () if they meet in lanes, too.
    """

    rule: str
    what: str
    one: str
    dtypes: str
    lanes: tuple[int, ...] = ()


FLOATS = "`f32` `f16` `bf16`"
INTEGERS = "`i8` to `i64`, `u8` to `u64`"
KINDS = {
    "Enigma_Float": Kind(
        "float_rule",
        "Floats, scalars or vectors; integers are converted to `f32`.",
        "A float, scalar or vector; an integer is converted to `f32`.",
        FLOATS,
    ),
    "Enigma_Integer": Kind(
        "integer_rule",
        "Integers, scalars or vectors; they meet as the operands of an operator.",
        "An integer, scalar or vector.",
        INTEGERS,
    ),
    "Enigma_Number": Kind(
        "any_rule",
        "Scalars or vectors; they meet as the operands of an operator.",
        "A scalar or a vector.",
        f"{FLOATS}, {INTEGERS}",
    ),
    "Enigma_GroupValue": Kind(
        "group_rule",
        "Scalars or vectors of 2, 3 or 4 of an integer of up to 32 bits, `f16` or `f32`.",
        "A scalar, or a vector of 2, 3 or 4, of an integer of up to 32 bits, `f16` or `f32`.",
        "`i8` to `i32`, `u8` to `u32`, `f16` `f32`",
    ),
    "Enigma_GroupInteger": Kind(
        "group_integer_rule",
        "Scalars or vectors of 2, 3 or 4 of an integer of up to 32 bits.",
        "A scalar, or a vector of 2, 3 or 4, of an integer of up to 32 bits.",
        "`i8` to `i32`, `u8` to `u32`",
    ),
    "Enigma_FloatVector": Kind(
        "float_rule",
        "Vectors of 2, 3 or 4 floats; integers are converted to `f32`.",
        "A vector of 2, 3 or 4 floats; integers are converted to `f32`.",
        FLOATS,
        (2, 3, 4),
    ),
    "Enigma_FloatVector3": Kind(
        "float_rule",
        "Vectors of 3 floats; integers are converted to `f32`.",
        "A vector of 3 floats; integers are converted to `f32`.",
        FLOATS,
        (3,),
    ),
    "Enigma_FloatScalar": Kind("float_rule", "Scalars.", "A scalar.", FLOATS, (1,)),
    **{
        f"Enigma_SingleVector{lanes}": Kind(
            "single_rule",
            f"Vectors of {lanes} numbers, which are converted to `f32`.",
            f"A vector of {lanes} numbers, which are converted to `f32`.",
            f"{FLOATS}, {INTEGERS}",
            (lanes,),
        )
        for lanes in (2, 4)
    },
    **{
        f"Enigma_HalfVector{lanes}": Kind(
            "half_rule",
            f"Vectors of {lanes} numbers `f16`.",
            f"A vector of {lanes} numbers `f16`.",
            "`f16`",
            (lanes,),
        )
        for lanes in (2, 4)
    },
    "Enigma_Packed": Kind(
        "", "Integers of up to 32 bits.", "An integer of up to 32 bits.", "`u32`"
    ),
    **{
        name: Kind("", "Matrices.", "A matrix.", "`f32` `f16`")
        for name in ("Enigma_MatrixType", "Enigma_SquareMatrixType", "Enigma_MatrixOrVector")
    },
    "I1": Kind("", "Bools.", "A `b1`, or a bool.", "`b1`"),
    "I32": Kind("", "Integers.", "An integer of up to 32 bits, the same for all lanes.", "`u32`"),
    "AnyType": Kind("any_rule", "Values or numbers.", "A value or a number.", "all"),
}
RESULTS = {"b1": "A `b1` for each lane.", "u64": "A `u64`.", "u32": "A `u32`."}


class Operand(NamedTuple):
    """An operand of a function."""

    name: str
    kind: Kind
    default: str


class Operation(NamedTuple):
    """An operation that a function stands for."""

    #: As IR spells it, and the class in C++.
    name: str
    cpp: str


class Versions(NamedTuple):
    """The versions of MSL that have something.

    Attributes
    ----------
    first : str
        The first one.
    cases : tuple of (str, str, str)
        Later ones that are needed in some cases: the version, the case in words, and C++ that asks
        an operation `op` whether it is that.
    """

    first: str
    cases: tuple[tuple[str, str, str], ...]

    @property
    def words(self) -> str:
        """All of them, for documentation."""
        cases = (f"{version} {where}".rstrip() for version, where, _ in self.cases)
        return "; ".join([self.first, *cases])


class Function(NamedTuple):
    """A function of Python."""

    name: str
    family: str
    operands: list[Operand]
    operations: list[Operation]
    reads_sign: bool
    has_effect: bool
    msl: str
    versions: Versions
    has_variants: bool
    what: str
    details: str
    result: str
    result_lanes: int
    following: list[str]
    threads: int
    check: str
    written_in: str
    #: Further fields of the record.
    record: dict[str, Any]

    @property
    def meeting(self) -> list[Operand]:
        """The operands that meet in one dtype."""
        return [o for o in self.operands if o.kind.rule and o.name not in self.following]

    @property
    def summary(self) -> str:
        """The first sentence of the documentation."""
        if self.what.startswith("whether ") or self.what[0].isupper():
            return f"{self.what[0].upper()}{self.what[1:]}."
        return f"Give {self.what}."


def functions(records: dict[str, Any]) -> list[Function]:
    """Give the functions, by name."""
    found = []
    for key in records["!instanceof"]["Enigma_Function"]:
        record = records[key]
        defaults = dict(each.split(" = ") for each in record["defaults"])
        arguments = [
            (name, value["def"]) for value, name in record.get("arguments", {}).get("args", ())
        ]
        found.append(
            Function(
                record["function"],
                record["family"],
                [Operand(n, KINDS[k], defaults.get(n, "")) for n, k in arguments if k in KINDS],
                operations(records, key),
                any(kind == "UnitAttr" for _, kind in arguments),
                bool(record.get("hasEffect")),
                record["mslFunction"],
                function_versions(records, key),
                bool(record["hasVariants"]),
                record["what"],
                record["details"],
                record["resultDtype"],
                record["resultLanes"],
                record["following"],
                record["threads"],
                record["check"],
                record["writtenIn"],
                record,
            )
        )
    return sorted(found, key=lambda function: function.name)


def versions(records: dict[str, Any], key: str) -> Versions:
    """Give the versions of MSL that a record of an operation or a function says."""
    record = records[key]
    cases = [records[case["def"]] for case in record.get("mslVersionCases", ())]
    return Versions(
        record.get("mslVersion", "1.0"),
        tuple((case["mslVersion"], case["where"], case["condition"]) for case in cases),
    )


def function_versions(records: dict[str, Any], key: str) -> Versions:
    """Give the versions of a function: of the operations that it stands for, or its own.

    Cases of dtypes that it does not have are left out.
    """
    named = [value["def"] for value in records[key].get("operations", ())]
    found = max(versions(records, name) for name in [key, *named])
    dtypes = records[key].get("dtypes")
    if dtypes is None:
        return found
    known = set(re.findall("`.*?`", " ".join(dtypes)))
    return Versions(
        found.first,
        tuple(case for case in found.cases if known >= set(re.findall("`.*?`", case[1]))),
    )


def operations(records: dict[str, Any], key: str) -> list[Operation]:
    """Give the operations that the record of a function names, or is."""
    record = records[key]
    named = [value["def"] for value in record.get("operations", ())]
    if "opName" in record:
        named = [key]
    return [operation(records, name) for name in named]


def operation(records: dict[str, Any], key: str) -> Operation:
    """Name an operation in IR and in C++."""
    record = records[key]
    dialect = records[record["opDialect"]["def"]]
    return Operation(
        f"{dialect['name']}.{record['opName']}",
        f"{dialect['cppNamespace']}::{key.partition('_')[2]}",
    )


# The functions of Python.

HEADER = '''# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of the language: those that are calls of operations, and the others by their names.

Generated from dialect/Functions.td; do not edit.
"""

from __future__ import annotations

from typing import Any

from enigma.language import calls
from enigma.language.atomics import change
from enigma.language.queries import PositionQuery, ThreadQuery
from enigma.tracing import operators as ops
from enigma.tracing.builder import require_builder
from enigma.tracing.operands import (
    float_rule,
    group_integer_rule,
    group_rule,
    half_rule,
    integer_rule,
    meet,
    meet_vectors,
    single_rule,
)
from enigma.tracing.values import Operand, Value
from enigma.types import Number, b1, f16, f32, u32, u64, unsigned_dtype
'''


def python(found: list[Function]) -> str:
    """Write the functions of Python."""
    generated = [f for f in found if not f.written_in]
    head = HEADER
    for module in sorted({f.written_in for f in found} - {""}):
        names = "".join(f"    {f.name},\n" for f in found if f.written_in == module)
        head += f"from enigma.language.{module} import (\n{names})\n"
    head += "\n__all__ = [\n" + "".join(f'    "{f.name}",\n' for f in found) + "]"
    variants = "\n\n".join([VARIANTS, *(variant(f) for f in found if f.has_variants)])
    return "\n\n\n".join([head, *map(definition, generated), variants]) + "\n"


VARIANTS = '''class Variants(calls.VariantsBase):
    """The functions of `metal::fast`, or those of `metal::precise`."""'''


def variant(function: Function) -> str:
    """Write a function of `enigma.fast` and `enigma.precise`, a method of `Variants`."""
    names = [operand.name for operand in function.operands]
    given = ", ".join(f"{name}: Operand | Number" for name in names)
    comma = "," if len(names) == 1 else ""
    quoted = ", ".join(f'"{name}"' for name in names)
    text = textwrap.fill(function.summary, 90)
    operands = ", ".join(names)
    return f'''    def {function.name}(self, {given}) -> Value:
        """{text}"""
        return self._call(
            "{function.name}",
            "{function.operations[0].name}",
            ({quoted}{comma}),
            ({operands}{comma}),
        )'''


def definition(function: Function) -> str:
    """Write a function, or a thread query."""
    if function.family == "thread":
        kind = "PositionQuery" if function.record["arguments"]["args"] else "ThreadQuery"
        return f'{function.name} = {kind}("{function.name}")'
    if function.family == "atomic":
        return atomic(function)
    given = []
    for operand in function.operands:
        default = f" = {operand.default}" if operand.default else ""
        given.append(f"{operand.name}: Operand | Number{default}")
    lines = [f"def {function.name}({', '.join(given)}) -> Value:"]
    lines += textwrap.indent(f'"""{docstring(function)}\n"""', "    ").split("\n")
    lines += [f"    {line}" for line in body(function)]
    return "\n".join(line.rstrip() for line in lines)


ATOMIC = '''def {name}(
    buf: Any, index: Any, value: Operand | Number, order: str = "relaxed"
) -> Value:
    """{summary}

    Parameters
    ----------
    buf : buffer or Tensor
        In device or threadgroup memory, of {elements}.
    index : traced integer or int (a coordinate for a tensor)
        Which element.
    value : traced value or number
        The other operand.
    order : {{"relaxed"}}
        The order of memory.

    Returns
    -------
    Value
        What the element was before.

    Raises
    ------
    EnigmaError
        When the memory has no such accesses, or cannot hold the value.

    Notes
    -----
    In MSL: ``{msl}``{version}.
    """
    return change(
        "enigma.{name}", "{kind}", buf, index, value, order, of_floats={of_floats}
    )'''


def atomic(function: Function) -> str:
    """Write a function that changes an element."""
    of_floats = "`f32`" in " ".join(function.record["dtypes"])
    kind = function.record["atomicKind"]
    version = ""
    if of_floats:
        cases = function.versions.cases
        version = "".join(f"; {where} since MSL {number}" for number, where, _ in cases)
    if kind in ("add", "sub"):
        version += ", and elsewhere a loop"
    elif kind in ("min", "max"):
        version = "; of `f32` a loop of compare-exchanges"
    return ATOMIC.format(
        name=function.name,
        summary=function.summary,
        elements="`i32`, `u32` or `f32`" if of_floats else "`i32` or `u32`",
        msl=function.msl,
        version=version,
        kind=kind,
        of_floats=of_floats,
    )


def filled(text: str, indent: str = "") -> str:
    """Break a paragraph into lines of the length that the sources have."""
    return textwrap.fill(
        text,
        95,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def docstring(function: Function) -> str:
    """Write the documentation of a function, in NumPy's style."""
    parts = [filled(function.summary)]
    if function.details:
        parts.append(filled(function.details))
    if function.operands:
        parts.append("Parameters\n----------\n" + "\n".join(parameters(function)))
    parts.append(f"Returns\n-------\nValue\n{filled(returned(function), '    ')}")
    parts.append(
        "Raises\n------\nEnigmaError\n"
        "    When an operand is none of these, or a number does not fit."
    )
    names = ", ".join(o.name for o in function.operands)
    first = function.versions.first
    version = f"since MSL {first}" if first != "1.0" else ""
    called = f"``{function.msl}({names})``"
    if not function.msl.replace("::", "").isidentifier():
        called = f"``{f' {function.msl} '.join(o.name for o in function.operands)}``"
    if function.msl.startswith("enigma_"):
        called, version = "a function of Enigma's own, which the text brings along", ""
    if function.family == "threadgroup":
        called = f"{called} over the parts that {called} found, behind a barrier"
    parts.append("Notes\n-----\n" + filled(f"In MSL: {called}{version and f', {version}'}."))
    return "\n\n".join(parts)


def parameters(function: Function) -> list[str]:
    """Document the operands: those of one kind together."""
    lines = []
    grouped: list[list[Operand]] = []
    for operand in function.operands:
        if grouped and operand in function.meeting and grouped[-1][-1] in function.meeting:
            grouped[-1].append(operand)
        else:
            grouped.append([operand])
    for group in grouped:
        several = len(group) > 1
        kind = group[0].kind
        if kind is KINDS["I1"]:
            what = "traced bool or bool"
        elif kind.rule and kind is not KINDS["Enigma_Integer"]:
            what = "traced values or numbers" if several else "traced value or number"
        else:
            what = "traced integers or ints" if several else "traced integer or int"
        text = kind.what if several else kind.one
        if group[0].name in function.following:
            text = "An integer, scalar or vector; it takes the dtype of the first operand."
        elif kind is KINDS["I32"] and function.threads and not group[0].default:
            text += f" A Python int is less than {function.threads}."
        default = f", default {group[0].default}" if group[0].default else ""
        lines.append(f"{', '.join(o.name for o in group)} : {what}{default}")
        lines.append(filled(text, "    "))
    return lines


def returned(function: Function) -> str:
    """Say what a function gives."""
    if function.result_lanes > 1:
        return f"A vector of {function.result_lanes} `{function.result}`."
    if function.result_lanes == 1 and not function.result:
        return "A scalar, of the dtype in which the operands meet."
    if function.result in RESULTS:
        is_scalar = function.result == "b1" and not function.meeting
        return "A `b1`." if is_scalar else RESULTS[function.result]
    if function.result == "unsigned":
        return "Of the unsigned dtype as wide as that in which the operands meet."
    if len(function.meeting) == 1:
        if function.meeting[0].kind.dtypes == FLOATS:
            return f"A float, of the dtype of `{function.meeting[0].name}` if that is one."
        return f"Of the dtype of `{function.meeting[0].name}`."
    return "Of the dtype in which the operands meet."


def body(function: Function) -> list[str]:
    """Write the statements of a function."""
    own = f"enigma.{function.name}"
    if "comparison" in function.record:
        unsigned = ", is_unsigned=True" if function.record["isUnsigned"] else ""
        comparison = f"ops.{function.record['comparison'].upper()}"
        names = ", ".join(o.name for o in function.operands)
        return [f'return calls.compare_as_function("{own}", {comparison}, {names}{unsigned})']
    lines = [f'builder = require_builder("{own}")']
    meeting = function.meeting
    if meeting:
        names = ", ".join(o.name for o in meeting)
        quoted = ", ".join(f'"{o.name}"' for o in meeting)
        comma = "," if len(meeting) == 1 else ""
        together, lanes = "meet", ""
        if meeting[0].kind.lanes:
            together, lanes = "meet_vectors", f", {tuple(o.kind.lanes for o in meeting)}"
        lines.append(
            f'values = {together}(builder, "{own}", ({quoted}{comma}), ({names}{comma}), '
            f"{meeting[0].kind.rule}{lanes})"
        )
        if meeting[0].kind.rule.startswith("group_"):
            lines.append(f'calls.check_exchanged("{own}", values[0])')
    else:
        lines.append("values: list[Value] = []")
    for operand in function.operands:
        if operand in meeting:
            continue
        if operand.name in function.following:
            lines.append(f'calls.follow("{own}", "{operand.name}", {operand.name}, values)')
            continue
        given = f'builder, "{own}", "{operand.name}", {operand.name}'
        if operand.kind is KINDS["I1"]:
            lines.append(f"values.append(calls.condition({given}))")
        elif operand.default or not function.threads:
            lines.append(f"values.append(calls.count({given}))")
        else:
            lines.append(f"values.append(calls.count({given}, {function.threads}))")
    if function.check:
        threads = f", {function.threads}" if function.threads else ""
        lines.append(f'calls.{function.check}("{own}", values{threads})')
    if function.has_effect:
        lines.append("builder.effects += 1")
    names_of = [f'"{each.name}"' for each in function.operations]
    called = names_of[0]
    if len(names_of) == 2:
        called = f"{names_of[0]} if values[0].dtype.is_signed else {names_of[1]}"
    options = ""
    if function.result == "unsigned":
        options += ", dtype=unsigned_dtype(values[0].dtype)"
    elif function.result:
        options += f", dtype={function.result}"
    if function.result_lanes:
        options += f", lanes={function.result_lanes}"
    if function.reads_sign:
        options += ", reads_sign=True"
    lines.append(f"return calls.build(builder, {called}, values{options})")
    return lines


# The translation to MSL.

# How a function is called: for the float type of the operation; for `float` alone; for the integer
# type, read with a sign or without one; and what the variants for `float` are called.
MACROS = ("FLOAT_CALL", "SINGLE_CALL", "INTEGER_CALL", "VARIANT_CALL")


def msl_table(found: list[Function], records: dict[str, Any]) -> str:
    """Write what functions of MSL the translation calls for operations, in C++.

    Operations of the dialect say that themselves, but for those whose function is there for `float`
    alone.
    """
    rows: dict[str, str] = {}
    for function in found:
        if "operations" not in function.record and is_in_single(function.msl):
            rows[function.operations[0].cpp] = row(function.operations[0], function.msl, "float")
        is_called = function.family in ("math", "integer") and function.operations
        if "operations" not in function.record or not is_called:
            continue
        kind = "integer" if function.operands[0].kind is KINDS["Enigma_Integer"] else "float"
        signs = ["Signed", "Unsigned"] if len(function.operations) == 2 else ["Bits"]
        for each, sign in zip(function.operations, signs, strict=True):
            rows[each.cpp] = row(each, function.msl, kind, sign)
    for key in records["!instanceof"]["Enigma_Spelling"]:
        record = records[key]
        each = operation(records, record["operation"]["def"])
        rows[each.cpp] = row(each, record["mslFunction"], record["operandKind"], record["reading"])
    variants = [
        f'ENIGMA_VARIANT_CALL({each.cpp}, "{function.msl.rpartition("::")[2]}")'
        for function in found
        if function.has_variants
        for each in function.operations
    ]
    return included(MACROS, [*(rows[key] for key in sorted(rows)), *variants])


def included(macros: tuple[str, ...], rows: list[str]) -> str:
    """Write rows of a table as calls of macros, for a file of C++ to include."""
    lines = ["// Generated from the records of dialect/; do not edit."]
    for macro in macros:
        lines += [f"#ifndef ENIGMA_{macro}", f"#define ENIGMA_{macro}(...)", "#endif"]
    return "\n".join([*lines, *rows, *(f"#undef ENIGMA_{macro}" for macro in macros)]) + "\n"


def version_table(records: dict[str, Any]) -> str:
    """Write the versions of MSL that operations and types need, in C++."""
    rows = set()
    for key in records["!instanceof"]["Enigma_Op"]:
        rows |= version_rows(operation(records, key), versions(records, key))
    for key in records["!instanceof"]["Enigma_UpstreamFunction"]:
        for name in records[key].get("operations", ()):
            if "mslVersion" not in records[name["def"]]:
                rows |= version_rows(operation(records, name["def"]), versions(records, key))
    for key in records["!instanceof"]["Enigma_VersionedType"]:
        record = records[key]
        rows.add(
            f'ENIGMA_TYPE_VERSION("{record["mslType"]}", {numbers(record["mslVersion"])}, '
            f"{record['condition']})"
        )
    return included(("OP_VERSION", "TYPE_VERSION"), sorted(rows))


def version_rows(operation: Operation, needed: Versions) -> set[str]:
    """Write the versions that an operation needs."""
    cases = [(version, f" {where}", condition) for version, where, condition in needed.cases]
    return {
        f'ENIGMA_OP_VERSION({operation.cpp}, "{where.replace("`", "")}", {numbers(version)}, '
        f"{condition})"
        for version, where, condition in [(needed.first, "", "true"), *cases]
        if version != "1.0"
    }


def numbers(version: str) -> str:
    """Write a version as numbers of C++."""
    return version.replace(".", ", ")


def is_in_single(msl: str) -> bool:
    """Whether a function of MSL is there for `float` and its vectors alone."""
    return msl.startswith(("precise::", "enigma_"))


def row(operation: Operation, msl: str, kind: str, sign: str = "Bits") -> str:
    """Write a row of the table."""
    if kind == "integer":
        return f'ENIGMA_INTEGER_CALL({operation.cpp}, "{msl}", {sign})'
    macro = "SINGLE" if is_in_single(msl) else "FLOAT"
    return f'ENIGMA_{macro}_CALL({operation.cpp}, "{msl}")'


def reserved_names(found: list[Function], records: dict[str, Any]) -> str:
    """Write the names of the functions of MSL that kernels call, as literals of C++."""
    called = [f.msl for f in found if f.family != "thread"]
    called += [records[key]["mslFunction"] for key in records["!instanceof"]["Enigma_Spelling"]]
    names = {name.rpartition("::")[2] for name in called}
    names = {name for name in names if name.isidentifier() and not name.startswith("enigma_")}
    about = "// Generated from dialect/Functions.td; do not edit."
    return "\n".join([about, *(f'"{name}",' for name in sorted(names))]) + "\n"


# The table of all of them.

FEATURES = '''# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All functions of the language, for documentation and tests; the package does not import it.

Generated from dialect/Functions.td; do not edit.
"""

from __future__ import annotations

from typing import NamedTuple


class Feature(NamedTuple):
    """What the record of a function says."""

    name: str
    family: str
    signature: str
    dtypes: str
    result: str
    #: How many lanes it has; 0 for those of the operands.
    lanes: int
    msl: str
    msl_version: str
    operations: tuple[str, ...]
    what: str


class Form(NamedTuple):
    """What a kernel may say that is no function: a record of it, or an operation of its own."""

    #: Ways to write it; none for an operation that no record names.
    python: tuple[str, ...]
    what: str
    dtypes: str
    msl: str
    msl_version: str
    operations: tuple[str, ...]

'''


def features(found: list[Function], records: dict[str, Any]) -> str:
    """Write the table of all functions, and of what is none, in Python."""
    rows = []
    for function in found:
        names = [o.name + (f"={o.default}" if o.default else "") for o in function.operands]
        names = function.record.get("parameters") or names
        given = function.record.get("dtypes") or [o.kind.dtypes for o in function.operands[:1]]
        feature = (
            function.name,
            function.family,
            f"({', '.join(names)})",
            ", ".join(given),
            function.result,
            function.result_lanes,
            function.msl,
            function.versions.words,
            tuple(each.name for each in function.operations),
            function.what,
        )
        rows.append(f"    Feature{feature!r},")
    text = FEATURES + "\nFEATURES = (\n" + "\n".join(rows) + "\n)\n"
    shown = {each.name for function in found for each in function.operations}
    return text + "\nFORMS = (\n" + "\n".join(forms(records, shown)) + "\n)\n"


def forms(records: dict[str, Any], shown: set[str]) -> list[str]:
    """Write the rows of what is no function, and of operations that neither of them names."""
    rows = []
    for key in records["!instanceof"]["Enigma_Form"]:
        record = records[key]
        names = [value["def"] for value in record["operations"]]
        operations = [operation(records, name).name for name in names]
        shown |= set(operations)
        form = (
            tuple(record["python"].split(" | ")),
            record["what"],
            record["dtypes"],
            record["msl"],
            merged(versions(records, name) for name in names),
            tuple(operations),
        )
        rows.append(f"    Form{form!r},")
    for key in records["!instanceof"]["Enigma_Op"]:
        name = operation(records, key).name
        if name not in shown:
            words = versions(records, key).words
            form = ((), records[key]["summary"], "", "", words, (name,))
            rows.append(f"    Form{form!r},")
    return rows


def merged(found: Iterable[Versions]) -> str:
    """Say the versions of several operations: the first that has all of them, and the cases."""
    every = list(found)
    cases = dict.fromkeys(case for each in every for case in each.cases)
    return Versions(max(each.first for each in every), tuple(cases)).words


def write(what: str, records: dict[str, Any]) -> str:
    """Write one of the files."""
    found = functions(records)
    if what == "language":
        return python(found)
    if what == "features":
        return features(found, records)
    if what == "versions":
        return version_table(records)
    return msl_table(found, records) if what == "msl" else reserved_names(found, records)
