# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The processor that times are measured on; this imports what every Python has anyway."""

import time

# A processor that was idle is slow for so long, which short processes would be measured in.
AWAKE = 0.2


def wake() -> None:
    """Keep the processor busy until it is as fast as it gets."""
    start = time.process_time()
    while time.process_time() < start + AWAKE:
        pass
