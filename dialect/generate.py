# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what follows from the records of the layout algebra, and from those of functions.

``generate.py WHAT RECORDS OUTPUT`` writes OUTPUT, given the records as `llvm-tblgen --dump-json`
has them, with WHAT one of, for the algebra,

table
    the table of operations of lib/Layout, in C++;
functions
    the functions of Python that hand their arguments on to the algebra, `enigma._algebra`;
stub
    the types of the extension module `enigma._layout`; the classes stand in a file that is the
    fourth argument;

and for functions

language
    the functions of Python that are calls of operations, `enigma._functions`;
features
    the table of all functions for documentation and tests, `enigma._features`;
msl
    what functions of MSL the translation calls for operations, in C++;
reserved
    the names of these;
versions
    the versions of MSL that operations and types need, in C++.
"""

import json
import os
import re
import sys
import textwrap
from typing import Any, NamedTuple

import functions

#: What an operand of a type may be, as `enigma::layout::OperandKind` names it.
KINDS = {
    "Enigma_LayoutType": "Layout",
    "Enigma_LayoutLike": "LayoutLike",
    "Enigma_AnyView": "LayoutLike",
    "Enigma_LayoutOrTuple": "LayoutOrTuple",
    "Enigma_TilerLike": "Tiler",
    "Enigma_IntTupleType": "Tuple",
    "Enigma_IntLike": "Int",
}
NUMBERS = {"I64Attr": False, "DenseI64ArrayAttr": True}


class Argument(NamedTuple):
    """An operand or an attribute of an operation."""

    name: str
    type: str
    is_optional: bool


class Operation(NamedTuple):
    """An operation of the algebra."""

    name: str
    operands: list[Argument]
    attributes: list[Argument]
    is_part: bool
    #: The signature in Python, "" if it is no function there that is generated.
    signature: str
    documentation: str


def operations(records: dict[str, Any]) -> list[Operation]:
    """Give the operations of the algebra, by name."""
    found = []
    for name in records["!instanceof"]["Op"]:
        record = records[name]
        if not record.get("isInAlgebra"):
            continue
        arguments = [argument(records, *pair) for pair in record["arguments"]["args"]]
        signature, _, documentation = textwrap.dedent(record["python"]).strip().partition("\n\n")
        found.append(
            Operation(
                record["opName"],
                [a for a in arguments if a.type in KINDS],
                [a for a in arguments if a.type in NUMBERS],
                bool(record.get("isPart")),
                signature,
                documentation,
            )
        )
    return sorted(found)


def argument(records: dict[str, Any], value: dict[str, Any], name: str) -> Argument:
    """Read an argument of an operation."""
    type_name = value["def"]
    wrapper = records[type_name]
    base = wrapper.get("baseType") or wrapper.get("baseAttr")
    if type_name in KINDS or type_name in NUMBERS or base is None:
        return Argument(name, type_name, False)
    return Argument(name, base["def"], "Variadic" not in wrapper["!superclasses"])


def table(found: list[Operation]) -> str:
    """Write the table as C++."""
    lines = ["// Generated from dialect/LayoutTable.td; do not edit."]
    rows = []
    for operation in found:
        camel = "".join(part[:1].upper() + part[1:] for part in operation.name.split("_"))
        own = camel[0].lower() + camel[1:]
        operands = ", ".join(
            f'{{"{a.name}", OperandKind::{KINDS[a.type]}, {str(a.is_optional).lower()}}}'
            for a in operation.operands
        )
        lines.append(f"static constexpr Operand {own}Operands[] = {{{operands}}};")
        attributes = "llvm::ArrayRef<Attribute>()"
        if operation.attributes:
            texts = ", ".join(
                f'{{"{a.name}", {str(NUMBERS[a.type]).lower()}, {str(a.is_optional).lower()}}}'
                for a in operation.attributes
            )
            attributes = f"{own}Attributes"
            lines.append(f"static constexpr Attribute {attributes}[] = {{{texts}}};")
        rows.append(
            f'    {{"{operation.name}", {own}Operands, {attributes}, '
            f"{str(operation.is_part).lower()}, evaluate{camel}}},"
        )
    lines += ["static const Operation operations[] = {", *rows, "};"]
    return "\n".join(lines)


FUNCTIONS = '''# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that hand their arguments on to the algebra.

Generated from dialect/LayoutTable.td; do not edit.
"""

from __future__ import annotations

from typing import Any, cast

from enigma import _layout
from enigma._layout import Dyn, Layout, SwizzledLayout
from enigma._operands import Coordinate, HasLayout, IntTuple, L, Tiler, V
'''


def parameters(signature: str) -> list[tuple[str, str]]:
    """Give the names and types of the parameters of a signature."""
    return re.findall(r"(\w+): ([^,=)]+)", signature.partition(" -> ")[0])


def definition(operation: Operation) -> str:
    """Write a function of Python."""
    names = [name for name, _ in parameters(operation.signature)]
    first, first_type = parameters(operation.signature)[0]
    result = operation.signature.partition(" -> ")[2]
    lines = [f"def {operation.name}{operation.signature}:"]
    lines += textwrap.indent(f'"""{operation.documentation}\n"""', "    ").split("\n")
    if first_type == "V" or operation.is_part:
        further = ", ".join([f'"{operation.name}"', *names[1:]])
        derived = f"{first}.derive({further})"
        derived = f"cast({result}, {derived})" if result != "Any" else derived
        lines += [f"    if isinstance({first}, HasLayout):", f"        return {derived}"]
    given = ", ".join(a.name for a in (*operation.operands, *operation.attributes))
    called = operation.name + ("_and_offset" if operation.is_part else "")
    lines.append(f"    return _layout.{called}({given})")
    return "\n".join(line.rstrip() for line in lines)


def stub(operation: Operation) -> str:
    """Write the type of a function of the extension module."""
    types = dict(parameters(operation.signature))
    result = operation.signature.partition(" -> ")[2] or "Any"
    given = []
    for a in (*operation.operands, *operation.attributes):
        kind = "_L" if types.get(a.name) in ("L", "V") else "Any"
        given.append(f"{a.name}: {kind}{' | None = None' if a.is_optional else ''}")
    result = "_L" if result in ("L", "V") else result
    text = f"def {operation.name}({', '.join(given)}) -> {result}: ..."
    if operation.is_part:
        text += f"\ndef {operation.name}_and_offset({', '.join(given)}) -> tuple[Any, Any]: ..."
    return text


def write(what: str, records: dict[str, Any], classes: str) -> str:
    """Write one of the files."""
    if what in ("language", "features", "msl", "reserved", "versions"):
        return functions.write(what, records)
    found = operations(records)
    if what == "table":
        return table(found) + "\n"
    if what == "functions":
        generated = [operation for operation in found if operation.signature]
        return "\n\n\n".join([FUNCTIONS.rstrip("\n"), *map(definition, generated)]) + "\n"
    unbound = ("slice_and_offset",)
    stubs = [stub(operation) for operation in found if operation.name not in unbound]
    return classes.rstrip("\n") + "\n" + "\n".join(stubs) + "\n"


if __name__ == "__main__":
    what, path, output, *more = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        loaded = json.load(file)
    classes = ""
    for path in more:
        with open(path, encoding="utf-8") as file:
            classes = file.read()
    # What stood there may be a link, which is not to be written through.
    with open(f"{output}.new", "w", encoding="utf-8") as file:
        file.write(write(what, loaded, classes))
    os.replace(f"{output}.new", output)
