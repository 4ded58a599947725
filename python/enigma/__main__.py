# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`python -m enigma` is the command `enigma`."""

import sys

from enigma.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
