# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What kernels are compiled for, by name."""

from __future__ import annotations

from enigma.compiler.targets.base import Target
from enigma.compiler.targets.metal import Metal
from enigma.errors import InvalidOption

TARGETS: dict[str, Target] = {target.name: target for target in (Metal(),)}


def find_target(name: object) -> Target:
    """Give the target of a name.

    Raises
    ------
    InvalidOption
        When there is none.
    """
    target = TARGETS.get(name) if isinstance(name, str) else None
    if target is None:
        known = " or ".join(map(repr, TARGETS))
        raise InvalidOption(
            option="target",
            expected=known,
            found=name,
            remedy="leave it out; a launch on the CPU compiles for Metal, too",
        )
    return target
