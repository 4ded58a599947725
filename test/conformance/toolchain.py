# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Clang, the launcher, and shared objects of many kernels, in a cache.

The cache is a folder of files named by a hash of all that they are made from,
so processes share it and nothing in it is ever out of date.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from conformance import msl_text
from conformance.msl_text import CompileError, Program

HERE = Path(__file__).resolve().parent
INCLUDE = HERE / "include"
HEADERS = sorted(path for path in INCLUDE.rglob("*") if path.is_file())
LAUNCHER = sorted((HERE / "launcher").iterdir())

# A unit large enough to be worth starting clang for, and small enough that two
# of them share the work.
KERNELS_PER_UNIT = 24

MIN_CLANG = 18


class ToolError(Exception):
    """There is no clang that can compile the kernels, or it failed."""


@dataclass(frozen=True)
class Text:
    """One MSL text to compile.

    Attributes
    ----------
    label
        What diagnostics call the text.
    key
        The hash of the text, which names it in a unit.
    """

    label: str
    source: str
    key: str
    program: Program


def text_of(source: str, label: str) -> Text:
    """Read `source`; raises `CompileError` where Metal would refuse it."""
    try:
        program = msl_text.read(source)
    except CompileError as error:
        raise CompileError(f"{label}: {error}") from None
    key = hashlib.sha256(source.encode()).hexdigest()[:16]
    return Text(label, source, key, program)


_cache_folder: Path | None = None


def set_cache_folder(folder: Path) -> None:
    """Keep what is compiled in `folder`."""
    global _cache_folder
    _cache_folder = folder
    _cache_folder.mkdir(parents=True, exist_ok=True)


def cache_folder() -> Path:
    """`ENIGMA_CONFORMANCE_CACHE`, or what was set, or a temporary folder."""
    chosen = os.environ.get("ENIGMA_CONFORMANCE_CACHE")
    if chosen:
        set_cache_folder(Path(chosen))
    if _cache_folder is None:
        user = os.getuid()
        set_cache_folder(Path(tempfile.gettempdir()) / f"enigma-conformance-{user}")
    assert _cache_folder is not None
    return _cache_folder


@dataclass(frozen=True)
class Compiler:
    """How to call clang.

    Attributes
    ----------
    clang
        Clang's own driver, for kernels: they need no header but ours.
    system
        A driver that finds the C library's headers, for the launcher.
    linker
        What makes a shared object of object files. On Linux it is not Zig's driver,
        which would build its C library first.
    version
        Names the compiler in the cache.
    """

    clang: tuple[str, ...]
    system: tuple[str, ...]
    linker: tuple[str, ...]
    version: str


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@functools.cache
def compiler() -> Compiler:
    """The clang to use: that of the ziglang wheel, else `clang++` on PATH.

    `ENIGMA_CONFORMANCE_CLANG` names another `clang++`.

    Raises
    ------
    ToolError
        When there is neither, or it is too old.
    """
    is_mac = sys.platform == "darwin"
    chosen = os.environ.get("ENIGMA_CONFORMANCE_CLANG")
    spec = None if chosen else importlib.util.find_spec("ziglang")
    if spec is not None and spec.origin is not None:
        zig = str(Path(spec.origin).parent / "zig")
        machine = platform.machine()
        triple = f"{machine}-apple-macosx13.0" if is_mac else f"{machine}-linux-gnu"
        clang: tuple[str, ...] = (zig, "clang", "-target", triple)
        linker: tuple[str, ...] = (zig, "ld.lld", "-shared")
        if is_mac:
            linker = (zig, "cc", "-shared", "-undefined", "dynamic_lookup")
        system: tuple[str, ...] = (zig, "cc", "-x", "c++")
    else:
        found = shutil.which(chosen or "clang++")
        if found is None:
            raise ToolError(
                "the conformance tests compile MSL with clang: install the 'ziglang' "
                f"package, or put a clang++ of version {MIN_CLANG} or newer on PATH"
            )
        clang = system = (found,)
        linker = (found, "-shared", "-nostdlib")
        if is_mac:
            linker = (found, "-shared", "-undefined", "dynamic_lookup")
    answer = _run([*clang, "--version"])
    match = re.search(r"clang version (\d+)", answer.stdout)
    if match is None:
        raise ToolError(f"{' '.join(clang)} --version: {answer.stdout}{answer.stderr}")
    if int(match[1]) < MIN_CLANG:
        raise ToolError(f"{clang[0]} is clang {match[1]}; the headers need {MIN_CLANG} or newer")
    return Compiler(clang, system, linker, answer.stdout)


KERNEL_FLAGS = (
    # Objects in address spaces need explicit object parameters, of C++23.
    "-std=c++23",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-fno-rtti",
    "-fsigned-char",
    "-fno-strict-aliasing",
    # A loop without an end is a fault to report, not one to optimize away.
    "-fno-finite-loops",
    # Every operation rounds by itself: half and bfloat to their own precision,
    # and no product is fused with a sum unless the text says fma.
    "-ffp-contract=off",
    "-Xclang",
    "-ffloat16-excess-precision=none",
    "-Xclang",
    "-fbfloat16-excess-precision=none",
    # Locals that are read before they are written hold NaN.
    "-ftrivial-auto-var-init=pattern",
    "-fsanitize=alignment,array-bounds,integer-divide-by-zero",
    "-fsanitize=signed-integer-overflow,shift-exponent",
    "-fno-sanitize-recover=all",
    "-ferror-limit=0",
    "-fno-color-diagnostics",
    "-fno-diagnostics-show-option",
    "-Wno-everything",
    "-Wimplicit-float-conversion",
    "-Wdouble-promotion",
    "-Werror=return-type",
    "-Werror=uninitialized",
    "-Werror=shift-count-overflow",
    "-Werror=shift-count-negative",
    "-Werror=division-by-zero",
    "-nostdinc",
    "-nostdinc++",
)
LAUNCHER_FLAGS = (
    "-std=c++20",
    "-O2",
    "-fPIC",
    "-fvisibility=hidden",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
    "-Wall",
    "-Wextra",
)


def optimization_of(text: Text) -> str:
    """How far clang optimizes a text.

    Not at all, for that takes most of its time. But then it moves a bfloat by way of float, where
    a signalling NaN becomes a quiet one.
    """
    return "-O1" if "bfloat" in text.source else "-O0"


@functools.cache
def toolkit_key() -> str:
    """A hash of the compiler, the headers and the flags."""
    digest = hashlib.sha256()
    digest.update(compiler().version.encode())
    digest.update(" ".join((*KERNEL_FLAGS, *LAUNCHER_FLAGS)).encode())
    for path in (*HEADERS, *LAUNCHER, Path(__file__), HERE / "msl_text.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def folder() -> Path:
    """The folder of this toolkit's files."""
    path = cache_folder() / toolkit_key()
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Held by one process at a time."""
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(command: Sequence[str], result: Path) -> None:
    """Run `command -o FILE`, and give the file its name when it is whole."""
    partial = result.with_name(f"{result.name}.{os.getpid()}.part")
    done = _run([*command, "-o", str(partial)])
    if done.returncode != 0:
        partial.unlink(missing_ok=True)
        raise ToolError(f"{' '.join(command)}\n{done.stderr}")
    partial.replace(result)


@functools.cache
def launcher() -> Path:
    """The launcher, compiled when it is first needed."""
    library = folder() / "launcher.so"
    if not library.exists():
        with locked("launcher"):
            if not library.exists():
                tools = compiler()
                items = []
                for source in LAUNCHER:
                    if source.suffix == ".cpp":
                        item = folder() / f"{source.stem}.o"
                        _build([*tools.system, *LAUNCHER_FLAGS, "-c", str(source)], item)
                        items.append(str(item))
                _build([*tools.linker, *items], library)
    return library


@functools.cache
def precompiled_header(optimization: str) -> Path:
    """The standard library, parsed for a level, beside the headers it was made from."""
    include = folder() / f"include{optimization}"
    header = include / "metal_stdlib.pch"
    if not header.exists():
        with locked(f"metal_stdlib{optimization}"):
            if not header.exists():
                # Clang refuses a parsed header whose sources were touched, as a
                # checkout does; nobody touches these copies.
                for path in HEADERS:
                    copy = include / path.relative_to(INCLUDE)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, copy)
                source = include / "metal_stdlib"
                command = [*compiler().clang, *KERNEL_FLAGS, optimization, "-x", "c++-header"]
                _build([*command, str(source)], header)
    return header


def entry_symbol(text: Text, kernel: msl_text.Kernel) -> str:
    """The name of the function that calls a kernel with a list of pointers."""
    return f"enigma_entry_{text.key}_{kernel.name}"


def constant_symbol(text: Text, index: int) -> str:
    """The name of the storage of a function constant."""
    return f"enigma_constant_{text.key}_{index}"


def derived_symbol(text: Text, number: int) -> str:
    """The name of the storage of a constant that is computed from function constants."""
    return f"enigma_derived_{text.key}_{number}"


def _entry(text: Text, kernel: msl_text.Kernel) -> str:
    arguments = []
    buffers = {p.name: i for i, p in enumerate(kernel.buffers)}
    shared = [p.name for p in kernel.parameters if p.attribute == "threadgroup"]
    for p in kernel.parameters:
        if p.attribute == "buffer":
            place = f"a[{buffers[p.name]}]"
            if p.is_pointer:
                arguments.append(f"({p.type}){place}")
            else:
                target = p.type.replace("&", "")
                arguments.append(f"*({target}*){place}")
        elif p.attribute == "threadgroup":
            number = len(buffers) + shared.index(p.name)
            arguments.append(
                f"({p.type})enigma_runtime_table->threadgroup_memory("
                f"{63 - p.index}, *(unsigned long*)a[{number}], 16)"
            )
        elif p.attribute in msl_text.POSITIONS:
            found = msl_text.scalar_of(p.element)
            count = found[1] if found else 1
            parts = ", ".join(f"t->{p.attribute}[{i}]" for i in range(count))
            arguments.append(f"{p.type}({parts})")
        else:
            arguments.append(f"{p.type}(t->{p.attribute})")
    return (
        'extern "C" __attribute__((visibility("default"))) void '
        f"{entry_symbol(text, kernel)}(void *const *a, const enigma_thread *t) "
        f"{{ {kernel.name}({', '.join(arguments)}); }}\n"
    )


def _unit(texts: Sequence[Text]) -> str:
    parts = []
    for text in texts:
        body = text.program.rewritten
        for constant in text.program.constants:
            body = body.replace(
                f"ENIGMA_CONSTANT({constant.index})", constant_symbol(text, constant.index)
            )
        for number in range(text.program.derived):
            body = body.replace(f"ENIGMA_DERIVED({number})", derived_symbol(text, number))
        parts.append(f'namespace enigma_text_{text.key} {{\n#line 1 "{text.key}.metal"\n')
        parts.append(body)
        parts.append(f'\n#line 1 "{text.key}.entry"\n')
        parts.extend(_entry(text, kernel) for kernel in text.program.kernels)
        parts.append("}\n")
    return "".join(parts)


_LOCATED = re.compile(r"^([^\s:][^:\n]*):(\d+):(\d+): (fatal error|error|warning|note): (.*)$")
# What clang calls the address spaces.
_SPACES = {"__global": "device", "__local": "threadgroup", "__constant": "constant"}
# The conversions that Metal does not make by itself and clang only warns of.
_BFLOAT = re.compile(
    r"implicit conversion \w+ floating-point precision: "
    r"'(?P<source>[^']+)'.* to '(?:\w+ )*(?P<target>bfloat|half)'"
)


def _is_error(kind: str, message: str) -> bool:
    if kind != "warning":
        return kind != "note"
    match = _BFLOAT.match(message)
    return match is not None and (match["target"] == "bfloat" or "bfloat" in match["source"])


def _errors(diagnostics: str, texts: Sequence[Text]) -> tuple[dict[str, str], bool]:
    """Clang's errors by text, and whether there are any outside of the texts."""
    keys = {f"{text.key}.{kind}": text for text in texts for kind in ("metal", "entry")}
    found: dict[str, list[str]] = {}
    stray = False
    block: list[str] = []
    blocks: list[list[str]] = []
    for line in diagnostics.splitlines():
        match = _LOCATED.match(line)
        if match and match[4] != "note":
            block = [line]
            blocks.append(block)
        else:
            block.append(line)
    for block in blocks:
        match = _LOCATED.match(block[0])
        if match is None or not _is_error(match[4], match[5]):
            continue
        # An error inside of a header is told of where the text led to it.
        files = [m[1] for m in map(_LOCATED.match, block) if m]
        owner = next((keys[file] for file in files if file in keys), None)
        if owner is None:
            stray = True
            continue
        message = "\n".join(block).replace(": warning: ", ": error: ")
        message = re.sub(r"\b__(global|local|constant)\b", lambda m: _SPACES[m[0]], message)
        message = re.sub(r"::metal::detail::pointer_cast<([^<>]*)>", r"\1", message)
        found.setdefault(owner.key, []).append(message)
    return {key: "\n".join(messages) for key, messages in found.items()}, stray


def _compile(texts: Sequence[Text], library: Path) -> dict[str, str]:
    """Make one object of texts of one level; returns errors by text, and then makes nothing."""
    optimization = optimization_of(texts[0])
    header = precompiled_header(optimization)
    source = library.with_suffix(".cpp")
    item = library.with_suffix(".o")
    source.write_text(_unit(texts))
    tools = compiler()
    done = _run(
        [
            *tools.clang,
            *KERNEL_FLAGS,
            optimization,
            "-include-pch",
            str(header),
            "-I",
            str(header.parent),
            "-c",
            str(source),
            "-o",
            str(item),
        ]
    )
    errors, stray = _errors(done.stderr, texts)
    if errors:
        return errors
    if done.returncode != 0 or stray:
        raise ToolError(f"{', '.join(text.label for text in texts)}: {done.stderr}")
    _build([*tools.linker, str(item)], library)
    source.unlink()
    item.unlink()
    return {}


def _index(text: Text) -> Path:
    return folder() / f"{text.key}.json"


def _lookup(text: Text) -> dict[str, str] | None:
    with contextlib.suppress(FileNotFoundError):
        entry: dict[str, str] = json.loads(_index(text).read_text())
        return entry
    return None


def _record(text: Text, **entry: str) -> None:
    partial = _index(text).with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(entry))
    partial.replace(_index(text))


def _compile_unit(texts: Sequence[Text]) -> None:
    name = hashlib.sha256("".join(text.key for text in texts).encode()).hexdigest()[:16]
    with locked(f"unit-{name}"):
        rest = [text for text in texts if _lookup(text) is None]
        while rest:
            library = folder() / f"unit-{name}-{len(rest)}.so"
            try:
                errors = _compile(rest, library)
            except ToolError:
                if len(texts) == 1:
                    raise
                break
            for text in rest:
                if text.key in errors:
                    _record(text, error=errors[text.key])
                elif not errors:
                    _record(text, library=library.name)
            rest = [text for text in rest if errors and text.key not in errors]
    # Which text is to blame, if any is, is seen when each is compiled alone.
    for text in rest:
        _compile_unit([text])


def compile_texts(texts: Sequence[Text]) -> None:
    """Compile what is not in the cache, many texts at a time."""
    missing = {text.key: text for text in texts if _lookup(text) is None}
    if not missing:
        return
    launcher()
    levels: dict[str, list[Text]] = {}
    for text in missing.values():
        levels.setdefault(optimization_of(text), []).append(text)
    units = []
    for level, todo in levels.items():
        precompiled_header(level)
        units += [todo[i : i + KERNELS_PER_UNIT] for i in range(0, len(todo), KERNELS_PER_UNIT)]
    with ThreadPoolExecutor(min(2, len(units))) as pool:
        list(pool.map(_compile_unit, units))


def library_of(text: Text) -> Path:
    """The shared object of a compiled text.

    Raises
    ------
    CompileError
        With clang's diagnostics, if it refused the text.
    """
    entry = _lookup(text)
    if entry is None:
        raise ToolError(f"{text.label} was never compiled")
    if "error" in entry:
        raise CompileError(entry["error"].replace(f"{text.key}.", f"{text.label}."))
    return folder() / entry["library"]
