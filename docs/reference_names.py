# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that the package takes from its generated module by name, for the reference."""

from __future__ import annotations

from typing import Any

import griffe


class GeneratedFunctions(griffe.Extension):
    """Tells Griffe, which runs nothing, of the names that ``enigma/__init__.py`` adds."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Add them, each as if it were imported."""
        generated = pkg.members.get("_functions")
        if generated is not None:
            for name in generated.exports or ():
                pkg.set_member(str(name), griffe.Alias(str(name), f"{generated.path}.{name}"))
