# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tests of several folders use."""

import importlib

import pytest


@pytest.fixture
def compiled(monkeypatch):
    """Count the kernels that are compiled."""
    seen = []
    module = importlib.import_module("enigma.compiler.compile")
    original = module.trace_kernel

    def counted(*arguments):
        seen.append(arguments[1])
        return original(*arguments)

    monkeypatch.setattr(module, "trace_kernel", counted)
    return seen
