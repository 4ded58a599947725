# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""``python -m enigma.explorer``."""

import sys

from enigma.explorer.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
