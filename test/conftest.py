# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests verify the IR after every pass, in whatever process they compile."""

import os

os.environ.setdefault("ENIGMA_VERIFY_PASSES", "1")
