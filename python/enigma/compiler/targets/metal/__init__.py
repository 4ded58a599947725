# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Apple's GPUs: the Metal Shading Language, and Metal libraries where there is a toolchain."""

from __future__ import annotations

import os
import weakref
from dataclasses import replace
from typing import Any

from enigma._files import file_stem, make_folder, remove_folder, temporary_folder, write_file
from enigma.compiler.options import Options
from enigma.compiler.program import CompiledProgram
from enigma.compiler.source_map import Place, SourceMap
from enigma.compiler.targets.base import A, Emitted, Target
from enigma.compiler.targets.metal.toolchain import build_metallib
from enigma.compiler.trace import Trace
from enigma.limits import METAL
from enigma.tracing.session import Session


class Metal(Target):
    """Apple's GPUs."""

    name = "metal"
    limits = METAL
    emission = "translation to MSL"

    def attribute(self, options: Options) -> str:
        """Give the `enigma.target` of a module."""
        version = "" if options.metal_std is None else f', version = "{options.metal_std}"'
        return f"#enigma.target<metal{version}>"

    def warn(self, session: Session, trace: Trace, options: Options) -> None:
        """Report NaN and infinities under fast math."""
        if options.fast_math:
            session.ir.warn_of_fast_math(trace.module)

    def pipeline(self, options: Options) -> str:
        """Give the pipeline to the flat form."""
        return f"enigma-to-flat{{vec-width={options.vec_width} index-bits={options.index_bits}}}"

    def emit(self, session: Session, trace: Trace) -> Emitted:
        """Give the MSL."""
        places: list[Place | None] = []
        text: str = session.ir.translate_to_msl(trace.module, places)
        version: str = session.ir.msl_version(trace.module)
        return Emitted(text, version, SourceMap(places))

    def build(self, compiled: A, options: Options) -> A:
        """Write the ``.metal`` file and build the ``.metallib`` that were asked for."""
        if not options.builds_library and not options.keep_metal_source:
            return compiled
        if options.work_dir is None:
            folder = temporary_folder()
        else:
            folder = str(options.work_dir)
            make_folder(folder, "into work_dir ")
        stem = os.path.join(folder, file_stem(compiled.file_name))
        changes: dict[str, Any] = {}
        if options.keep_metal_source:
            changes["metal_path"] = f"{stem}.metal"
            write_file(f"{stem}.metal", compiled.metal_source)
        if options.builds_library:
            library = build_metallib(compiled.metal_source, f"{stem}.metal", options)
            write_file(f"{stem}.metallib", library)
            changes.update(metallib_path=f"{stem}.metallib", metallib_bytes=library)
        changes["is_temporary"] = options.work_dir is None and not options.keep_metal_source
        finished = replace(compiled, **changes)
        if isinstance(finished, CompiledProgram):
            built = {kernel: replace(kernel, **changes) for kernel in finished.kernels}
            finished = replace(finished, kernels=tuple(built[k] for k in finished.kernels))
        if finished.is_temporary:
            # The library lives as long as the kernel, and no longer than the process.
            weakref.finalize(finished, _remove, folder, os.getpid())
        return finished


def _remove(folder: str, process: int) -> None:
    """Remove a folder, but not in a child of the process that made it."""
    if os.getpid() == process:
        remove_folder(folder)
