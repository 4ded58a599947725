# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where the families of cases come together."""

from __future__ import annotations

from conformance.semantics.comparison import EQUAL, Case

CASES: list[Case] = []


def case(name: str, body: str, verdict: str = EQUAL, **options: str) -> None:
    """Add a case."""
    CASES.append(Case(name, body, verdict, **options))
