# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``python -m enigma.explorer`` is ``enigma explore``."""

import sys

from enigma.explorer import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
