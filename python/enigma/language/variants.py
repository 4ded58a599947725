# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions of which Metal has a fast and a precise variant, whatever its compiler is told.

They are there for `f32`; 16-bit floats are converted, and the result is rounded once.
"""

from __future__ import annotations

from enigma._functions import Variants

fast = Variants("fast")
precise = Variants("precise")
