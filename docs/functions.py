# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write the pages that are made from what the package knows: ``python docs/functions.py``.

functions.md and features.md come from the records of dialect/, errors.md from ``enigma.errors``.

A test compares the pages with what this script makes.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import enigma
from enigma import errors
from enigma._features import FEATURES, FORMS, Feature, Form

PAGE = Path(__file__).resolve().parent / "functions.md"
ALL = PAGE.with_name("features.md")
ERRORS = PAGE.with_name("errors.md")
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
    if feature.family == "threadgroup":
        return f"{code(feature.msl)} and a barrier"
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


HEAD = """# Features

Everything that a kernel may say, with the version of the Metal Shading Language, on macOS, that has
what it becomes. What `enigma.compile` calls `metal_std` follows from this table: a kernel needs the
latest version of what is in it, and `bf16` needs 3.1 everywhere. `python docs/functions.py` writes
the page from the records in `dialect/`; what functions give, and of what operands, is told in
[functions](functions.md).

| in Python | what it is | dtypes | in MSL | since | operations |
| --- | --- | --- | --- | --- | --- |
"""


def form_row(form: Form) -> str:
    """Write the row of what is no function."""
    written = form.python
    if not written:
        # An operation of the algebra of layouts has the name of its function.
        name = form.operations[0].partition(".")[2]
        written = (f"enigma.{name}",) if hasattr(enigma, name) else ()
    cells = (
        ", ".join(f"`{each}`" for each in written),
        form.what.replace("|", "\\|"),
        form.dtypes,
        f"`{form.msl}`" if form.msl else "index arithmetic",
        form.msl_version,
        ", ".join(map(code, form.operations)),
    )
    return "| " + " | ".join(cells) + " |"


def feature_row(feature: Feature) -> str:
    """Write the row of a function."""
    signature = feature.signature if feature.family != "thread" else ""
    cells = (
        code(f"enigma.{feature.name}{signature}"),
        feature.what.replace("|", "\\|"),
        feature.dtypes,
        msl(feature),
        feature.msl_version,
        ", ".join(map(code, feature.operations)),
    )
    return "| " + " | ".join(cells) + " |"


def features() -> str:
    """Write the page of all features."""
    rows = [*map(form_row, FORMS), *map(feature_row, FEATURES)]
    return HEAD + "\n".join(rows) + "\n"


ERRORS_HEAD = """# Errors

Each class of errors, all of them in `enigma.errors`: when it is raised, and what to do. A message
begins with the place in your file and ends in `help:` and the remedy. In braces stands what a
message fills in; where no remedy stands here, it depends on what was found, and the message has it.
`python docs/functions.py` writes the page from the classes.

Every class is an `enigma.EnigmaError`, so that `except enigma.EnigmaError` catches them all. Its
`location` is the line of Python (`filename`, `line`, `column`, `source_line`), its `summary` the
message without it, and its `help` the remedy. Python 3.10 does not tell where in a line code is:
`column` is 0 there, and some errors are Python's own instead of saying what to write. An error that
has a natural class among Python's own is one of that too.

What is valid and most likely not meant is an `enigma.EnigmaWarning`, for the filters of Python's
`warnings`.
"""


def error_section(error: type[errors.EnigmaError]) -> str:
    """Write the section of a class of errors."""
    parents = [
        f"[`{base.__name__}`](#{base.__name__.lower()})"
        if issubclass(base, errors.EnigmaError)
        else f"`{base.__name__}`"
        for base in error.__bases__
        if base is not errors.EnigmaError
    ]
    # The first paragraph of the docstring; attributes are told in the reference of Python.
    when = (inspect.getdoc(error) or "").partition("\n\n")[0].replace("\n", " ")
    parts = [f"### {error.__name__}", when]
    if parents:
        parts.append(f"Derived from {' and '.join(parents)} too.")
    if error.template != errors.EnigmaError.template:
        template = error.template.replace("!r", "")
        parts.append(f"```text\n{template}\n```")
    if error.remedy and not error.remedy.startswith("{"):
        parts.append(f"What to do: {error.remedy.replace('{{', '{').replace('}}', '}')}.")
    return "\n\n".join(parts)


def error_classes() -> list[type[errors.EnigmaError]]:
    """Give all classes of errors, in their order."""
    return [
        each
        for each in vars(errors).values()
        if inspect.isclass(each)
        and issubclass(each, errors.EnigmaError)
        and each is not errors.EnigmaError
    ]


def error_groups() -> dict[str, list[type[errors.EnigmaError]]]:
    """Give the classes of errors by what the comments between them say."""
    groups: dict[str, list[type[errors.EnigmaError]]] = {}
    known = {each.__name__: each for each in error_classes()}
    title = ""
    for comment, name in re.findall(
        r"^# (.+)\.$|^class (\w+)", inspect.getsource(errors), re.MULTILINE
    ):
        title = comment or title
        if name in known:
            groups.setdefault(title, []).append(known[name])
    return groups


def error_index() -> str:
    """Write the page of all errors."""
    parts = [ERRORS_HEAD.strip()]
    for title, classes in error_groups().items():
        parts += [f"## {title}", *map(error_section, classes)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text()))
    ALL.write_text(features())
    ERRORS.write_text(error_index())
