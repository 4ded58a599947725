# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`enigma.compile_many`: many kernels into a folder, over any executor."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from enigma._files import (
    checked_path,
    file_stem,
    holds_something_else,
    make_folder,
    temporary_folder,
    write_file,
)
from enigma._host_calls import host_function, suggestion
from enigma._process import import_late
from enigma._version import __version__
from enigma.compiler.compile import advise_on
from enigma.compiler.compile import compile as compile_kernel
from enigma.compiler.interchange import encode
from enigma.compiler.loading import FunctionName
from enigma.compiler.manifest import FILE_NAME, VERSION, Manifest
from enigma.compiler.naming import kernel_name
from enigma.compiler.program import CompiledProgram
from enigma.errors import (
    EnigmaError,
    FileConflict,
    InvalidJson,
    InvalidOption,
    NotCompilable,
    UnexpectedArguments,
)
from enigma.layout import Dyn, Layout, SwizzledLayout
from enigma.locations import function_location, traceback_location
from enigma.tensors.tensor import Tensor
from enigma.tracing.functions import Jit, Kernel
from enigma.types import find_element

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

#: The options of `enigma.compile` that a variant may have; files are up to the folder.
OPTIONS = (
    *("vec_width", "constants", "fast_math", "debug", "metal_std", "name", "target"),
    *("index_bits", "emit_only"),
)


# What `enigma.compile` has besides.
_OF_THE_FOLDER = {
    **dict.fromkeys(
        ("keep_metal_source", "work_dir"), "enigma.compile_many(..., work_dir=...) writes the files"
    ),
    **dict.fromkeys(
        ("dump_ir", "dump_mlir"), "enigma.compile prints it: compile this variant alone"
    ),
}


class CompileSpec:
    """A kernel that is to be compiled, with its options: what `enigma.compile` is given.

    Parameters
    ----------
    fn : Kernel or Jit
        The function. With executors of other processes it stands in a module or in a script.
    *arguments
        Those of a jit function.
    **options
        As of `enigma.compile`, but for those that print, or write files.

    Raises
    ------
    NotCompilable
        When `fn` is no such function.
    UnexpectedArguments
        When there is no such option.
    """

    @host_function()
    def __init__(self, fn: Kernel | Jit, *arguments: Any, **options: Any) -> None:
        if not isinstance(fn, (Kernel, Jit)):
            raise NotCompilable(found=f"{type(fn).__name__} {fn!r}")
        for option in options:
            if option not in OPTIONS:
                raise UnexpectedArguments(
                    f"enigma.CompileSpec has no option {option!r}",
                    remedy=_OF_THE_FOLDER.get(option)
                    or advise_on(option, (fn,))
                    or suggestion(option, OPTIONS),
                )
        self._fn: Kernel | Jit | FunctionName = fn
        self.arguments = arguments
        self.options = options

    @property
    def fn(self) -> Kernel | Jit:
        """The function, which a copy from another process looks up when it is asked for it."""
        fn: Kernel | Jit = self._fn.find() if isinstance(self._fn, FunctionName) else self._fn
        self._fn = fn
        return fn

    @property
    def name(self) -> str:
        """The name of the variant."""
        given = self.options.get("name")
        return given if isinstance(given, str) else self.fn.name

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in self.options.items())
        return f"CompileSpec({self.fn.name}{''.join(f', {a!r}' for a in self.arguments)}{options})"

    def __getstate__(self) -> dict[str, Any]:
        # Some executors pass a copy on through processes that never look up the function.
        fn = self._fn if isinstance(self._fn, FunctionName) else FunctionName.of(self._fn)
        return {**vars(self), "_fn": fn}

    def described(self) -> dict[str, Any]:
        """Give what the manifest says of it before it is compiled."""
        place = function_location(self.fn.function)
        options = {name: value for name, value in self.options.items() if name != "name"}
        return {
            "name": self.name,
            "function": self.fn.function.__qualname__,
            "file": place.filename,
            "line": place.line,
            "arguments": [_described(each) for each in self.arguments],
            "options": _described(dict(sorted(options.items()))),
        }


def _described(value: Any) -> Any:
    """Give what JSON has for an argument or an option; of what it has not, the name of the type."""
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if isinstance(value, Tensor):
        layout = str(value.layout)
        return {"tensor": value.name, "dtype": value.element_type.name, "layout": layout}
    if isinstance(value, (Layout, SwizzledLayout, Dyn)):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _described(each) for name, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_described(each) for each in value]
    element = find_element(value)
    return type(value).__name__ if element is None else encode(element)


def compile_spec(spec: CompileSpec) -> dict[str, Any]:
    """Compile a variant, in whatever process: what is given back needs nothing of it.

    Parameters
    ----------
    spec : CompileSpec
        The variant.

    Returns
    -------
    dict
        What the manifest says of it, with the contents of its files; or ``error``.
    """
    try:
        compiled = compile_kernel(spec.fn, *spec.arguments, **spec.options)
    except Exception as error:
        return {"status": "failed", "error": _failure(error)}
    contents = {
        "metal": compiled.metal_source.encode(),
        "json": compiled.to_json().encode() + b"\n",
    }
    if compiled.metallib_bytes is not None:
        contents["metallib"] = compiled.metallib_bytes
    return {
        "status": "compiled",
        "form": "program" if isinstance(compiled, CompiledProgram) else "kernel",
        "kernel_name": compiled.file_name,
        "metal_std": compiled.metal_std,
        "remarks": list(compiled.remarks),
        "contents": contents,
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """Give what the manifest says of an error."""
    if isinstance(error, EnigmaError):
        place, message, remedy = error.location, error.summary, error.help
    else:
        place, message, remedy = traceback_location(error), str(error), ""
    return {
        "type": type(error).__name__,
        "message": message,
        "help": remedy,
        "file": None if place is None else place.filename,
        "line": None if place is None else place.line,
        "column": (place.column or None) if place is not None else None,
    }


@host_function()
def compile_many(
    specs: Iterable[CompileSpec | Kernel | Jit | Mapping[str, Any]],
    executor: Executor | None = None,
    *,
    work_dir: str | os.PathLike[str] | None = None,
) -> Manifest:
    """Compile many kernels into a folder, with a manifest.

    One that fails does not keep the others from being compiled: the manifest says what is wrong
    with it, and where. It is sorted by names, and the same whatever the order was. On a terminal
    the progress is shown.

    Parameters
    ----------
    specs : iterable of CompileSpec, Kernel, Jit or mapping
        What is to be compiled. A mapping has the parameters of a `CompileSpec`:
        ``{"fn": add, "arguments": (), "vec_width": 4, "name": "add4"}``.
    executor : concurrent.futures.Executor, optional
        Compiles them; by default this thread does, one after the other.
    work_dir : str or path, optional
        The folder, made if need be; by default a fresh temporary one. What another manifest in it
        does not name is not overwritten.

    Returns
    -------
    Manifest
        The variants by their names; ``check()`` raises if one failed.

    Raises
    ------
    InvalidOption
        When two of them have one name, or an argument is not as described.
    WorkDirError
        When the folder cannot be written.
    """
    if isinstance(specs, (CompileSpec, Kernel, Jit, Mapping)) or not isinstance(specs, Iterable):
        raise InvalidOption(
            option="what enigma.compile_many is given",
            expected="a list of specs",
            found=specs,
            remedy="write one alone as [spec]",
        )
    wanted = _named([_spec(each) for each in specs])
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise InvalidOption(
            option="executor",
            expected="an executor",
            found=executor,
            remedy="make one with concurrent.futures.ProcessPoolExecutor()",
        )
    folder = temporary_folder() if work_dir is None else checked_path(work_dir, "work_dir")
    make_folder(folder)
    owned = _owned(folder)
    entries: dict[str, dict[str, Any]] = {}
    progress = _Progress(len(wanted))
    for name, outcome in _outcomes(wanted, executor):
        contents = outcome.pop("contents", None)
        entries[name] = {**wanted[name].described(), **outcome}
        if contents is not None:
            try:
                entries[name]["files"] = _write(folder, outcome["kernel_name"], contents, owned)
            except EnigmaError as error:
                entries[name] = {
                    **wanted[name].described(),
                    "status": "failed",
                    "error": _failure(error),
                }
        progress.show(name, entries[name]["status"] == "failed")
    progress.end()
    known = {
        "enigma": VERSION,
        "form": "manifest",
        "version": __version__,
        "variants": [entries[name] for name in sorted(entries)],
    }
    path = os.path.join(folder, FILE_NAME)
    write_file(path, import_late("json").dumps(known, ensure_ascii=False, indent=1) + "\n")
    return Manifest(path)


def _spec(given: Any) -> CompileSpec:
    if isinstance(given, CompileSpec):
        return given
    if isinstance(given, (Kernel, Jit)):
        return CompileSpec(given)
    if isinstance(given, Mapping) and "fn" in given:
        options = {name: value for name, value in given.items() if name not in ("fn", "arguments")}
        return CompileSpec(given["fn"], *given.get("arguments", ()), **options)
    raise InvalidOption(
        option="what enigma.compile_many is given",
        expected="specs",
        found=given,
        remedy='write each as enigma.CompileSpec(kernel, vec_width=4, name="..."), or as a mapping '
        'with "fn"',
    )


def _named(specs: Sequence[CompileSpec]) -> dict[str, CompileSpec]:
    """Give the variants by the names of their files, which differ."""
    wanted: dict[str, CompileSpec] = {}
    symbols: dict[str, str] = {}
    for spec in specs:
        # Some file systems take upper and lower case for one.
        other = symbols.setdefault(kernel_name(spec.name).lower(), spec.name)
        if spec.name in wanted or other != spec.name:
            raise InvalidOption(
                option="the names of variants",
                expected="different",
                found=spec.name if other == spec.name else (other, spec.name),
                remedy='give each one its own: enigma.CompileSpec(..., name="...")',
            )
        wanted[spec.name] = spec
    return wanted


def _outcomes(
    wanted: dict[str, CompileSpec], executor: Executor | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Compile them, and give each one when it is done."""
    if executor is None:
        for name, spec in wanted.items():
            yield name, compile_spec(spec)
        return
    futures: dict[Future[dict[str, Any]], str] = {}
    try:
        for name, spec in wanted.items():
            try:
                futures[executor.submit(compile_spec, spec)] = name
            except Exception as error:
                yield name, {"status": "failed", "error": _failure(error)}
        for future in import_late("concurrent.futures").as_completed(futures):
            try:
                outcome = future.result()
            except Exception as error:
                outcome = {"status": "failed", "error": _failure(error)}
            yield futures[future], outcome
    finally:
        for future in futures:
            future.cancel()


def _owned(folder: str) -> set[str]:
    """Give the files that an earlier manifest of the folder names, which may be written anew."""
    try:
        earlier = Manifest(folder)
        return {each.path(kind) for each in earlier.compiled for kind in each.entry["files"]}
    except (OSError, InvalidJson):
        return set()


def _write(
    folder: str, name: str, contents: dict[str, bytes], owned: set[str]
) -> dict[str, dict[str, Any]]:
    """Write the files of a variant, or none."""
    paths = {kind: os.path.join(folder, f"{file_stem(name)}.{kind}") for kind in contents}
    for kind, path in paths.items():
        if path not in owned and holds_something_else(path, contents[kind]):
            raise FileConflict(
                path=path,
                name=name,
                location=None,
                remedy="no manifest in that folder names it: choose another folder, or remove it",
            )
    for kind, path in paths.items():
        write_file(path, contents[kind])
    return {
        kind: {
            "path": os.path.basename(path),
            "bytes": len(contents[kind]),
            "sha256": import_late("hashlib").sha256(contents[kind]).hexdigest(),
        }
        for kind, path in paths.items()
    }


class _Progress:
    """A line on a terminal that says how far it is."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = self._failed = 0
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()

    def show(self, name: str, failed: bool) -> None:
        """Count one."""
        self._done += 1
        self._failed += failed
        if self._is_shown:
            failures = f", {self._failed} failed" if self._failed else ""
            text = f"{self._done}/{self._total} compiled{failures}: {name}"
            sys.stderr.write(f"\r\x1b[K{text[:79]}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._is_shown and self._total:
            sys.stderr.write("\n")
