# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel computes is what Python computes, or the kernel is refused."""

from __future__ import annotations

import os

import pytest

from conformance import python_cases, python_changes
from conformance.python_semantics import Comparison

EFFORT = int(os.environ.get("ENIGMA_TEST_EFFORT", "1"))

CASES = Comparison(python_cases.CASES)
CHANGES = Comparison(python_changes.cases(share=max(1, 24 // EFFORT)))


@pytest.mark.parametrize("name", CASES.cases)
def test_case(name):
    CASES.check(name)


@pytest.mark.parametrize("name", CHANGES.cases)
def test_change(name):
    CHANGES.check(name)
