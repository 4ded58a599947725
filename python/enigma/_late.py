# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Names of the package that most programs do not use: their modules are imported with them."""

from __future__ import annotations

from types import CodeType
from typing import Any

from enigma._process import import_late

#: The modules of these names. The package fills it in, which knows all that it consists of.
MODULES: dict[str, str] = {}


def module_of(name: str) -> Any:
    """Import the module of a name."""
    return import_late(MODULES[name])


def import_named(code: CodeType) -> None:
    """Import what a function may ask for by name when it runs."""
    for name in code.co_names:
        if name in MODULES:
            module_of(name)
