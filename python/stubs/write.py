# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Write what type checkers and editors see of the package: ``python python/stubs/write.py``.

``enigma/_face.pyi`` says by hand what values, memory and annotations of kernels are; this script
writes ``enigma/__init__.pyi``: the functions of the language in these terms, without what is
internal, and all other names from where they are defined. A test compares it with what this writes.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import enigma
from enigma._features import FEATURES
from enigma._operands import HasLayout

FOLDER = Path(__file__).resolve().parents[1] / "enigma"

HEAD = """\
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Written by python/stubs/write.py; do not edit.
# Of several overloads the first one that fits is meant.
# mypy: disable-error-code="overload-overlap"

import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, overload

"""

# What stands in annotations of the package, and what that is to a user; in this order.
WORDS = {
    r"Operand \| Number": "Operand",
    r"Operand \| bool": "Operand",
    r"\bRange\b": "Iterable[Value]",
    r"\bBranch\b": "AbstractContextManager[None]",
    r"'?Matrices'?": "Any",
    r"type\[BaseException\] \| None": "object",
    r"\bAsyncCopy\b": "Any",
    r"\bConstantArray\b": "Table",
    r"\bCoordinate\b": "LayoutCoordinate",
    r"\bint \| Dyn\b(?! \|)": "Index",
    r"\bBuffer\b(?!\[)": "Buffer[Any]",
    r"\bNumber\b": "float",
}
# Results that the package does not say more of, since its own code needs no more.
RESULTS = {"load_if": "Value", "elem_less": "Value", "size": "Any"}
# The modules whose functions and classes are told in terms of the face.
LANGUAGE = tuple(
    f"enigma.{name}"
    for name in ("_functions", "_algebra", "layout", "language", "tensors", "tracing")
)
ELEMENTWISE = {each.name for each in FEATURES if each.lanes == 0 and each.operations} | {
    *("max", "min", "pow", "where", "abs", "iclamp", "idiv", "abs_diff_unary")
}
VECTORS = {each.name for each in FEATURES if each.lanes > 1}


def face() -> set[str]:
    """Give the names of the face."""
    tree = ast.parse((FOLDER / "_face.pyi").read_text())
    names = set()
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.add(ast.unparse(node.targets[0]))
        elif isinstance(node, ast.AnnAssign):
            names.add(ast.unparse(node.target))
    return {name for name in names if not name.startswith("_")}


def told(annotation: object) -> str:
    """Give an annotation in terms of the face."""
    if annotation is inspect.Signature.empty:
        return ""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "Any")
    for pattern, word in WORDS.items():
        text = re.sub(pattern, word, text)
    return text


def parameters(signature: inspect.Signature) -> list[str]:
    """Write the parameters of a function."""
    parts = []
    kinds = inspect.Parameter
    last = None
    for each in signature.parameters.values():
        if last is kinds.POSITIONAL_ONLY and each.kind is not last:
            parts.append("/")
        if each.kind is kinds.KEYWORD_ONLY and last not in (
            kinds.KEYWORD_ONLY,
            kinds.VAR_POSITIONAL,
        ):
            parts.append("*")
        last = each.kind
        stars = {kinds.VAR_POSITIONAL: "*", kinds.VAR_KEYWORD: "**"}.get(each.kind, "")
        text = f"{stars}{each.name}"
        annotation = told(each.annotation)
        if annotation:
            text += f": {annotation}"
        if each.default is not each.empty:
            text += f"{' = ' if annotation else '='}{each.default!r}"
        parts.append(text)
    return parts


def function(name: str, found: Any) -> list[str]:
    """Write a function of the language."""
    signature = inspect.signature(found)
    result = RESULTS.get(name) or told(signature.return_annotation) or "Any"
    if result == "Value" and name in VECTORS:
        result = "Vector"
    own = parameters(signature)
    lines = []
    operands = [i for i, text in enumerate(own) if re.match(r"\w+: Operand", text)]
    if result == "Value" and name in ELEMENTWISE:
        for index in operands:
            mixed = [
                re.sub(r": Operand( = .*)?$", ": Lanes", text) if i == index else text
                for i, text in enumerate(own)
            ]
            if any("=" in text for text in mixed[:index]):
                mixed[index:index] = ["*"]
            lines += ["@overload", f"def {name}({', '.join(mixed)}) -> Lanes: ..."]
    if lines:
        lines.append("@overload")
    return [*lines, f"def {name}({', '.join(own)}) -> {result}: ..."]


def members(kind: type) -> list[str]:
    """Write what a class has that is documented, and its operators."""
    lines = []
    # Some Pythons keep the indentation of a docstring, and some do not.
    told_of = inspect.cleandoc(kind.__doc__ or "")
    for name in dict.fromkeys(re.findall(r"^(\w[\w, ]*) : ", told_of, re.MULTILINE)):
        lines += [f"{each}: Any" for each in name.split(", ")]
    known = {line.partition(":")[0] for line in lines}
    for base in kind.__mro__[:-1]:
        for name, member in vars(base).items():
            own = getattr(member, "fget", None) or getattr(member, "__func__", None) or member
            is_operator = name.startswith("__") and name in OPERATORS
            if name in known or not inspect.isfunction(own):
                continue
            if not is_operator and (name.startswith("_") or not own.__doc__):
                continue
            if name == "__init__" and not kind.__module__.endswith(".control"):
                # A function of the language makes them.
                continue
            if told(inspect.signature(own).return_annotation) == "NoReturn":
                continue
            known.add(name)
            if isinstance(member, property):
                result = told(inspect.signature(own).return_annotation)
                lines += ["@property", f"def {name}(self) -> {result}: ..."]
            elif isinstance(member, (classmethod, staticmethod)):
                lines += [f"@{type(member).__name__}", *function(name, own)]
            else:
                lines += function(name, own)
    return lines or ["..."]


OPERATORS = {
    f"__{name}__"
    for name in (
        *("getitem", "setitem", "enter", "exit", "len", "iter", "init", "call"),
        *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg"),
        *("matmul", "rmatmul"),
        *("iadd", "isub", "imul"),
    )
}


def stub() -> str:
    """Write the stub."""
    known = face()
    origins: dict[str, list[str]] = {}
    body: list[str] = []
    for name in [*sorted(enigma.__all__), "__version__"]:
        found = getattr(enigma, name)
        module = getattr(found, "__module__", "")
        if name in known:
            origins.setdefault("enigma._face", []).append(name)
        elif name == "__version__":
            origins.setdefault("enigma._version", []).append(name)
        elif name in ("fast", "precise"):
            variants = [each for each in dir(found) if not each.startswith("_")]
            body += [f"class {name}:"]
            for each in variants:
                body += ["    @staticmethod"]
                body += [f"    def {each}(*operands: Operand) -> Value: ..."]
        elif not callable(found) or type(found).__name__ in ("ThreadQuery", "PositionQuery"):
            kind = type(found).__name__
            known.add(kind)
            origins.setdefault("enigma._face", []).append(kind)
            body.append(f"{name}: {kind}")
        elif not module.startswith(LANGUAGE):
            origins.setdefault(module, []).append(name)
        elif inspect.isclass(found):
            bases = {"FunctionConstant": "", "Parameter": ""}
            if name in bases:
                origins.setdefault(module, []).append(name)
                continue
            base = "(HasLayout)" if issubclass(found, HasLayout) else ""
            body.append(f"class {name}{base}:")
            body += [f"    {line}" for line in members(found)]
        else:
            body += function(name, found)
    text = "\n".join(body)
    for name in sorted(known):
        if re.search(rf"\b{name}\b", text):
            origins.setdefault("enigma._face", []).append(name)
    for name, module in (
        *((each, "enigma.types") for each in ("DTypeLike", "ElementLike", "ElementType")),
        *((each, "enigma._operands") for each in ("HasLayout", "IntTuple", "Tiler", "L", "V")),
        *((each, "enigma._layout") for each in ("Basis", "Dyn", "Layout", "SwizzledLayout")),
    ):
        if re.search(rf"\b{name}\b", text):
            origins.setdefault(module, []).append(name)
    lines = []
    for module, names in sorted(origins.items()):
        for name in sorted(set(names)):
            # What is not for users is under another name.
            shown = name if name in enigma.__all__ or name == "__version__" else f"_{name}"
            lines.append(f"from {module} import {name} as {shown}")
            if shown != name:
                text = re.sub(rf"\b{name}\b", shown, text)
    everything = '", "'.join(sorted(enigma.__all__))
    return f'{HEAD}{chr(10).join(lines)}\n\n__all__ = ["{everything}"]\n\n{text}\n'


if __name__ == "__main__":
    (FOLDER / "__init__.pyi").write_text(stub())
