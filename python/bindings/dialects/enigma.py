# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The operations of the ``enigma`` dialect."""

from ._enigma_ops_gen import *  # noqa: F403
from ._enigma_ops_gen import _Dialect  # noqa: F401
