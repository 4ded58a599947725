# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write the tables of functions.md from the records of functions: ``python docs/functions.py``.

A test compares the page with what this script makes.
"""

from __future__ import annotations

import re
from pathlib import Path

from enigma._features import FEATURES, Feature

PAGE = Path(__file__).resolve().parent / "functions.md"
BEGIN = re.compile(r"<!-- table: (?P<family>\w+) -->\n.*?<!-- end -->", re.DOTALL)
RESULTS = {
    "b1": "`b1`",
    "u64": "`u64`",
    "u32": "`u32`",
    "unsigned": "unsigned",
    "none": "none",
    "": "as the operands",
}


def code(text: str) -> str:
    """Write text as code in a cell of a table."""
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def msl(feature: Feature) -> str:
    """Say what a function is in MSL, and since when."""
    if feature.msl.startswith("enigma_"):
        return "a function in the text"
    instead = "operators" if feature.family == "packing" else "a conversion"
    return code(feature.msl) or instead


def row(feature: Feature) -> str:
    """Write the row of a function."""
    operations = ", ".join(map(code, feature.operations))
    result = RESULTS.get(feature.result, feature.result)
    if feature.family == "thread":
        result = "`u32`"
    elif feature.lanes == 1 and not feature.result:
        result = "a scalar of that"
    elif feature.lanes > 1:
        result = f"{feature.lanes} `{feature.result}`"
    signature = feature.name + (feature.signature if feature.family != "thread" else "")
    cells = (
        code(signature),
        feature.what.replace("|", "\\|"),
        feature.dtypes,
        result,
        msl(feature),
        feature.msl_version,
        operations,
    )
    return "| " + " | ".join(cells) + " |"


def table(family: str) -> str:
    """Write the table of a family."""
    rows = [row(feature) for feature in FEATURES if feature.family == family]
    head = "| function | what it gives | dtypes | result | in MSL | since | operation |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- | --- |", *rows])


def refreshed(text: str) -> str:
    """Give the page with the tables as the records have them."""
    return BEGIN.sub(
        lambda found: f"<!-- table: {found['family']} -->\n{table(found['family'])}\n<!-- end -->",
        text,
    )


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
