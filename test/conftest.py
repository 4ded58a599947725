# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tests of several folders use. They verify the IR after every pass, in whatever process."""

import importlib
import os
import signal
import sys

import pytest

from enigma.compiler import stored

os.environ.setdefault("ENIGMA_VERIFY_PASSES", "1")
# A shell ignores interrupts for what it runs in the background, and so would every process that
# tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "needs_positions: looks at columns, or at errors that only they tell apart"
    )


def pytest_collection_modifyitems(items):
    if sys.version_info < (3, 11):
        skip = pytest.mark.skip(reason="code knows its lines, and not the positions in them")
        for item in items:
            if item.get_closest_marker("needs_positions"):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def _nothing_is_stored(monkeypatch):
    """Compile what tests compile, whatever earlier runs of the tests compiled."""
    monkeypatch.setattr(stored, "key_of", lambda *_: None)


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
