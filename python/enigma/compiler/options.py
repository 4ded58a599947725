# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `enigma.compile` is told besides the function and its arguments."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, Literal

from enigma._files import checked_path
from enigma.errors import InvalidOption
from enigma.limits import MSL_VERSIONS


class Options:
    """The options of one compilation, checked; `enigma.compile` says what they mean."""

    def __init__(
        self,
        *,
        vec_width: int = 0,
        index_bits: int = 32,
        dump_ir: bool = False,
        dump_mlir: bool | Literal["reproducer"] = False,
        keep_metal_source: bool = False,
        work_dir: str | os.PathLike[str] | None = None,
        emit_only: bool | None = None,
        constants: Mapping[str, Any] | None = None,
        fast_math: bool = True,
        debug: bool = False,
        metal_std: str | None = None,
        name: str | None = None,
        target: str = "metal",
    ) -> None:
        self.vec_width = vec_width
        self.index_bits = index_bits
        self.dump_ir = dump_ir
        self.dump_mlir = dump_mlir
        self.keep_metal_source = keep_metal_source
        self.work_dir = work_dir  # absolute once checked
        self.emit_only = emit_only
        self.constants: Mapping[str, Any] = {} if constants is None else constants
        self.fast_math = fast_math
        self.debug = debug
        self.metal_std = metal_std
        self.name = name
        self.target = target
        self._check()

    def _check(self) -> None:
        constants = self.constants
        if (type(constants) is not dict or constants) and not (
            isinstance(constants, Mapping) and all(isinstance(name, str) for name in constants)
        ):
            raise InvalidOption(
                option="constants",
                expected="a mapping of names to values",
                found=constants,
                remedy='write it as constants={"name": value}',
            )
        if type(self.fast_math) is not bool:
            raise _no_bool("fast_math", self.fast_math)
        if type(self.debug) is not bool:
            raise _no_bool("debug", self.debug)
        # An array has no one answer to whether it is among some values.
        dump = self.dump_mlir
        if not (type(dump) is bool or (isinstance(dump, str) and dump == "reproducer")):
            raise InvalidOption(
                option="dump_mlir",
                expected='True, False or "reproducer"',
                found=self.dump_mlir,
                remedy='True prints it, and "reproducer" the pipeline as well',
            )
        if type(self.index_bits) is not int or self.index_bits not in (32, 64):
            raise InvalidOption(
                option="index_bits",
                expected="32 or 64",
                found=self.index_bits,
                remedy="64 lets tensors of symbolic sizes have more than 2**31 elements",
            )
        std = self.metal_std
        if std is not None and not (isinstance(std, str) and std in MSL_VERSIONS):
            raise _no_version(std)
        if self.name is not None and not isinstance(self.name, str):
            raise InvalidOption(
                option="name",
                expected="a str",
                found=self.name,
                remedy="it is what the kernel is called in Metal; left out, it is the function's",
            )
        if self.work_dir is not None:
            self.work_dir = checked_path(self.work_dir, "work_dir")

    @property
    def only_gives(self) -> bool:
        """Whether nothing is printed, written or built besides what is given back."""
        shows = self.dump_ir or self.dump_mlir
        writes = self.keep_metal_source or self.work_dir is not None
        return not (shows or writes or self.builds_library)

    @property
    def key(self) -> tuple[object, ...]:
        """All that the result depends on, where it `only_gives`."""
        own = (self.vec_width, self.index_bits, self.fast_math, self.debug, self.metal_std)
        return *own, self.name, self.target, *self.constants.items()

    @property
    def builds_library(self) -> bool:
        """Whether a Metal library is built."""
        if self.emit_only is None:
            return sys.platform == "darwin" and os.environ.get("ENIGMA_EMIT_ONLY") != "1"
        return not self.emit_only


def _no_bool(option: str, found: object) -> InvalidOption:
    return InvalidOption(
        option=option,
        expected="True or False",
        found=found,
        remedy=f"leave it out, or convert it: {option}=bool(...)",
    )


def _no_version(found: object) -> InvalidOption:
    """Say which versions of MSL there are, and which one seems to be meant."""
    *most, last = (f'"{version}"' for version in MSL_VERSIONS)
    meant = [version for version in MSL_VERSIONS if str(found).strip().endswith(version)]
    return InvalidOption(
        option="metal_std",
        expected=f"{', '.join(most)} or {last}",
        found=found,
        remedy=f'write it as metal_std="{(meant or MSL_VERSIONS)[-1]}"',
    )
