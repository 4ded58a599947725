# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels whose control flow is easy to get wrong, a module a family."""

from __future__ import annotations

from conformance.semantics.cases import (  # noqa: F401
    choices,
    computed,
    exceptions,
    exits,
    functions,
    loops,
    managers,
    meanings,
    objects,
    reach,
    targets,
    walrus,
)
from conformance.semantics.cases.registry import CASES

__all__ = ["CASES"]
