# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes what follows from the records of the layout algebra.

``generate.py table RECORDS`` prints the table of operations of lib/Layout, in C++, given the
records as `llvm-tblgen --dump-json` writes them.
"""

import json
import sys
from typing import Any, NamedTuple

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


def operations(records: dict[str, Any]) -> list[Operation]:
    """Give the operations of the algebra, by name."""
    found = []
    for name in records["!instanceof"]["Op"]:
        record = records[name]
        if not record.get("isInAlgebra"):
            continue
        arguments = [argument(records, *pair) for pair in record["arguments"]["args"]]
        found.append(
            Operation(
                record["opName"],
                [a for a in arguments if a.type in KINDS],
                [a for a in arguments if a.type in NUMBERS],
                bool(record.get("isPart")),
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
    lines = ["// Generated from dialect/LayoutOps.td; do not edit."]
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


if __name__ == "__main__":
    what, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        loaded = operations(json.load(file))
    print({"table": table}[what](loaded))
