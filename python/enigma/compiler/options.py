# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `enigma.compile` is told besides the function and its arguments."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from enigma._files import checked_path
from enigma.errors import InvalidOption

_METAL_STD = re.compile(r"((macos|ios|osx)-)?metal[1-9]\.[0-9]")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one compilation, checked; `enigma.compile` says what they mean."""

    vec_width: int = 0
    dump_ir: bool = False
    dump_mlir: bool = False
    keep_metal_source: bool = False
    work_dir: str | os.PathLike[str] | None = None  # absolute once checked
    emit_only: bool | None = None
    constants: Mapping[str, Any] = field(default_factory=dict)
    fast_math: bool = True
    debug: bool = False
    metal_std: str | None = None
    name: str | None = None
    target: str = "metal"

    def __post_init__(self) -> None:
        if not isinstance(self.constants, Mapping) or not all(
            isinstance(name, str) for name in self.constants
        ):
            raise InvalidOption(
                option="constants",
                expected="a mapping of names to values",
                found=self.constants,
                remedy='write it as constants={"name": value}',
            )
        for option in ("fast_math", "debug"):
            given = getattr(self, option)
            if not isinstance(given, bool):
                raise InvalidOption(option=option, expected="True or False", found=given)
        std = self.metal_std
        if std is not None and not (isinstance(std, str) and _METAL_STD.fullmatch(std)):
            raise InvalidOption(
                option="metal_std", expected="a language version such as 'metal3.1'", found=std
            )
        if self.name is not None and not isinstance(self.name, str):
            raise InvalidOption(option="name", expected="a str", found=self.name)
        if self.work_dir is not None:
            object.__setattr__(self, "work_dir", checked_path(self.work_dir, "work_dir"))

    @property
    def builds_library(self) -> bool:
        """Whether a Metal library is built."""
        if self.emit_only is None:
            return sys.platform == "darwin" and os.environ.get("ENIGMA_EMIT_ONLY") != "1"
        return not self.emit_only
