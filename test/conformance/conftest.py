# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Keeps compiled kernels in pytest's cache, which `pytest --cache-clear` clears."""

from __future__ import annotations

import pytest

from conformance import harness


def pytest_configure(config: pytest.Config) -> None:
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is not None:
        harness.set_cache_folder(cache.mkdir("conformance"))
