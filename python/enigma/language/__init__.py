# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a kernel may call, one module a family; and what it lends to the floors below."""

from enigma.language.casts import metal_cast
from enigma.types import install_conversion

install_conversion(metal_cast)
