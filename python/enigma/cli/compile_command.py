# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compile a kernel of a Python file, and write what a host needs to run it.

That is its MSL (NAME.metal), what there is to know of it (NAME.json) and, on a Mac, its library
(NAME.metallib).

  enigma compile kernels.py:add
  enigma compile kernels.py:scale --constant N=4 --vec-width 4 -o build/kernels
  enigma compile gemm.py:gemm --arg A=f32[256,512] --arg B=f32[512,n] --arg C=f32[256,n]
  enigma compile kernels.py:add -o - | less

A tensor is given as its dtype and shape: f32[256,512] is row-major, f32[256,512]:[1,256] has these
strides, and f32[n,512] has a size that is known when it runs. Other values are dtypes (f32),
layouts ((4,8):(8,1)) and literals of Python (2.5, True, (1,2), 'text').
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import os
import re
import sys
from typing import Any, Literal

from enigma._files import checked_path, file_stem, holds_something_else, write_file
from enigma.cli.command_values import jit_arguments, parse_value, split_assignment
from enigma.cli.reports import placeless, report_at
from enigma.cli.sources import as_user_error, find_kernel, load_source, parse_source
from enigma.compiler.artifact import Artifact
from enigma.compiler.compile import compile as compile_kernel
from enigma.errors import CommandLineError, FileConflict
from enigma.limits import MSL_VERSIONS
from enigma.locations import SourceLocation
from enigma.tracing.functions import Jit, Kernel


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "source", metavar="FILE.py[:FUNCTION]", help="the kernel; a file with one need not name it"
    )
    parser.add_argument(
        "--arg",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an argument of a jit function: a tensor, a dtype, a layout or a literal",
    )
    parser.add_argument(
        "--constant",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="the value of a compile-time parameter of a kernel",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        default=".",
        help="the folder for the files, made if need be (default: this one); - prints the MSL",
    )
    parser.add_argument(
        "--emit",
        choices=("files", "metal", "json", "mlir", "reproducer"),
        default="files",
        help="write only one of them, or the MLIR of the enigma dialect: of which enigma-opt and "
        "enigma-translate make the same MSL, or also with the pipeline, for enigma-opt "
        "--run-reproducer (default: files)",
    )
    parser.add_argument(
        "-f", "--force", action="store_true", help="overwrite files that hold something else"
    )
    parser.add_argument("--name", help="the name of the kernel (default: that of the function)")
    parser.add_argument(
        "--vec-width", type=int, choices=(0, 2, 4), default=0, help="elements that a thread owns"
    )
    parser.add_argument(
        "--metal-std", choices=MSL_VERSIONS, help="the version of MSL that the text is for"
    )
    parser.add_argument(
        "--index-bits", type=int, choices=(32, 64), default=32, help="bits of subscripts"
    )
    parser.add_argument(
        "--no-fast-math", action="store_true", help="keep infinities and NaN as they are"
    )
    parser.add_argument("--debug", action="store_true", help="keep enigma.print and enigma.assert_")


def run(options: argparse.Namespace) -> int:
    """Compile and write."""
    is_printed = options.output == "-"
    if is_printed and options.emit == "files":
        options.emit = "metal"
    source = parse_source(options.source)
    given = _assignments(options.arg, "--arg")
    constants = _assignments(options.constant, "--constant")
    module = load_source(source.path)
    function = find_kernel(module, source)
    arguments = _arguments(function, given, constants)
    # What the file prints is no part of the result, nor is what is printed of the MLIR.
    printed = io.StringIO()
    dumps: dict[str, bool | Literal["reproducer"]] = {"mlir": True, "reproducer": "reproducer"}
    try:
        with contextlib.redirect_stdout(printed):
            compiled = compile_kernel(
                function,
                *arguments,
                constants={name: parse_value(name, text) for name, text in constants.items()},
                vec_width=options.vec_width,
                dump_mlir=dumps.get(options.emit, False),
                name=options.name,
                metal_std=options.metal_std,
                index_bits=options.index_bits,
                fast_math=not options.no_fast_math,
                debug=options.debug,
                emit_only=None if options.emit == "files" else True,
            )
    except Exception as error:
        raise as_user_error(error, os.path.abspath(source.path)) from error
    finally:
        if options.emit not in dumps:
            sys.stderr.write(printed.getvalue())
    for remark in compiled.remarks:
        _report_remark(remark)
    files = _files(compiled, options.emit)
    if is_printed:
        sys.stdout.write("".join(map(str, files.values())))
        return 0
    with placeless():
        _write(files, options.output, compiled.file_name, options.force)
    return 0


def _assignments(texts: list[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        name, value = split_assignment(text, option)
        if name in found:
            raise CommandLineError(
                f"{option} gives {name!r} two values", remedy="leave out one", location=None
            )
        found[name] = value
    return found


def _arguments(
    function: Kernel | Jit, given: dict[str, str], constants: dict[str, str]
) -> tuple[Any, ...]:
    if isinstance(function, Jit):
        if constants:
            raise CommandLineError(
                f"{function.name} is a jit function, which has no compile-time parameters",
                remedy="give its parameters values with --arg",
                location=None,
            )
        return jit_arguments(function, given)
    if given:
        raise CommandLineError(
            f"{function.name} is a kernel, whose annotations say what its parameters are",
            remedy="give compile-time parameters values with --constant; --arg is for functions "
            "decorated with @enigma.jit",
            location=None,
        )
    for name, default in function.signature().constants.items():
        if default is inspect.Parameter.empty and name not in constants:
            raise CommandLineError(
                f"{function.name} needs a value for its compile-time parameter {name!r}",
                remedy=f"add --constant {name}=VALUE: a literal of Python as 2.5, True, (1,2) or "
                "'text', or a dtype as f32",
                location=None,
            )
    return ()


def _files(compiled: Artifact, emit: str) -> dict[str, str | bytes]:
    """Give what is to be written, by the endings of the files."""
    if compiled.mlir_source is not None:
        return {".mlir": f"{compiled.mlir_source}\n"}
    files: dict[str, str | bytes] = {}
    if emit in ("files", "metal"):
        files[".metal"] = compiled.metal_source
    if emit in ("files", "json"):
        files[".json"] = f"{compiled.to_json()}\n"
    if emit == "files" and compiled.metallib_bytes is not None:
        files[".metallib"] = compiled.metallib_bytes
    return files


def _write(files: dict[str, str | bytes], folder: str, name: str, force: bool) -> None:
    """Write all of them, or none where one would be lost that is there."""
    root = checked_path(folder, "the output")
    targets = {os.path.join(root, file_stem(name) + end): end for end in files}
    for target, end in targets.items():
        if not force and holds_something_else(target, files[end]):
            raise FileConflict(
                path=target,
                name=name,
                location=None,
                remedy="add --force to overwrite it, --name for another name, or -o for another "
                "folder",
            )
    for target, end in targets.items():
        write_file(target, files[end])
        print(os.path.join(folder, os.path.basename(target)))


_REMARK = re.compile(r"(?P<file>.*?):(?P<line>\d+): (?P<text>.*)", re.DOTALL)


def _report_remark(remark: str) -> None:
    match = _REMARK.fullmatch(remark)
    if match is None:
        report_at(None, "remark", remark)
    else:
        place = SourceLocation(match["file"], int(match["line"]))
        report_at(place, "remark", match["text"])
