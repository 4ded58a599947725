# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every error that a user of Enigma can meet: one class each, its message template beside it.

The place in the user's file is added here and nowhere else: an error that is raised while a kernel
is traced looks for the innermost frame of the user. An error that also has a natural class among
Python's own derives from both, so that ``except TypeError`` works as a Python programmer expects.

The comments between the classes are the titles of their groups in ``docs/errors.md``.
"""

from __future__ import annotations

import re
import reprlib
from typing import Any, ClassVar, NamedTuple

from enigma.locations import SourceLocation, user_location

_AUTOMATIC: Any = object()

_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxtuple, _REPR.maxlist, _REPR.maxdict = 4, 8, 8, 8
_REPR.maxlong, _REPR.maxstring, _REPR.maxother = 80, 200, 200


def spelled(thing: object) -> str:
    """Give the repr of something that a user gave: in part, where it is large or without end."""
    try:
        return _REPR.repr(thing)
    except ValueError:
        # Python refuses to write numbers of very many digits.
        return f"<{type(thing).__name__} of very many digits>"


class _Field:
    """What fills a field of a template, with `spelled` for ``!r``."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return spelled(self._value)

    def __str__(self) -> str:
        return str(self._value)

    def __format__(self, spec: str) -> str:
        return format(self._value, spec)


class EnigmaError(Exception):
    """Base of all errors that Enigma raises.

    Attributes
    ----------
    location : SourceLocation or None
        The line of Python that the error is about.
    summary : str
        What was found and what was expected, without the location.
    """

    template: ClassVar[str] = "{message}"
    remedy: ClassVar[str] = ""

    location: SourceLocation | None
    summary: str

    def __init__(
        self,
        message: str | None = None,
        /,
        *,
        location: SourceLocation | None = _AUTOMATIC,
        **fields: Any,
    ):
        self.location = user_location() if location is _AUTOMATIC else location
        if message is not None:
            fields["message"] = message
        shown = {name: _Field(value) for name, value in fields.items()}
        self.summary = self.template.format(**shown)
        given: str | None = fields.pop("remedy", None)
        self.help = self.remedy.format(**fields) if given is None else given
        super().__init__(self._render())

    def _render(self) -> str:
        text = self.summary
        if self.location is not None:
            text = f"{self.location}: {text}"
            source = self.location.source_line
            if source:
                text += f"\n    {source}"
        return f"{text}\n  help: {self.help}" if self.help else text

    def about(self, what: str) -> EnigmaError:
        """Give this error with the name of what it is about in front of it."""
        self.summary = f"{what}: {self.summary}"
        self.args = (self._render(),)
        return self

    def advise(self, remedy: str) -> EnigmaError:
        """Give this error with another remedy."""
        self.help = remedy
        self.args = (self._render(),)
        return self

    def __reduce__(self) -> Any:
        return (_restore, (type(self), str(self), dict(self.__dict__)))


class EnigmaWarning(UserWarning):
    """What is valid and most likely not meant: see `enigma.tracing.notices`."""


def _restore(cls: type[EnigmaError], text: str, state: dict[str, Any]) -> EnigmaError:
    error = cls.__new__(cls, text)
    error.args = (text,)
    error.__dict__.update(state)
    return error


# Importing the package.


class SubinterpreterError(EnigmaError, ImportError):
    """Enigma is imported in a sub-interpreter."""

    template = "enigma cannot be imported in a sub-interpreter"
    remedy = (
        "import it in the main interpreter, or in a process of its own (for mod_wsgi, set "
        "WSGIApplicationGroup %{{GLOBAL}})"
    )


# What is given to functions of the host.


class NotCompilable(EnigmaError, TypeError):
    """`enigma.compile` was given something else than a kernel or a jit function."""

    template = (
        "enigma.compile expects a function decorated with @enigma.kernel or @enigma.jit, not "
        "{found}"
    )
    remedy = "decorate the function with @enigma.kernel"


class UnexpectedArguments(EnigmaError, TypeError):
    """The arguments or options of a call do not fit what is called."""


class InvalidVecWidth(EnigmaError, ValueError):
    """`vec_width` is not 0, nor the lanes of a vector in memory."""

    template = "vec_width must be {expected}, not {found!r}"
    remedy = "leave it out, and the widest vectors that fit are chosen"


class InvalidOption(EnigmaError, ValueError):
    """Another option of `enigma.compile` has a value that it cannot have."""

    template = "{option} must be {expected}, not {found!r}"


class NoVariant(EnigmaError, AttributeError):
    """`enigma.fast` or `enigma.precise` is asked for a function that Metal has no variants of."""

    template = "enigma.{variant} has no function {name!r}"


# Files, the command line, toolchains.


class WorkDirError(EnigmaError, OSError):
    """`work_dir` or the path of an export cannot be written."""

    template = "cannot write {what}{path!r}: {reason}"
    remedy = "name a folder that can be created or written to"


class FileConflict(WorkDirError, FileExistsError):
    """An export would overwrite a file that holds something else."""

    template = "{path!r} exists, and holds something else than {name}"
    remedy = (
        "compile variants of a kernel under names of their own, with enigma.compile(..., "
        'name="..."); to overwrite the file, remove it or export to its own path'
    )


class CommandLineError(EnigmaError, ValueError):
    """The command `enigma` was given options that it does not understand."""


class SourceFileError(EnigmaError, OSError):
    """A file with kernels cannot be read."""

    template = "cannot read {path!r}: {reason}"
    remedy = "name a Python file"


class MissingKernel(EnigmaError, LookupError):
    """A file has no such kernel."""

    template = "{path} {reason}"


class UserCodeError(EnigmaError, RuntimeError):
    """Code of the user raised an exception of its own."""

    template = "{what}"
    remedy = "run the file with Python to see how it came there"


class UnreachableFunction(EnigmaError, TypeError):
    """Another process cannot find a function."""

    template = "{name} {reason}, where no other process finds it"
    remedy = (
        "define it at the top of a module or of a script, or leave the executor out to compile in "
        "this process"
    )


class VariantsFailed(EnigmaError):
    """Some of many kernels were not compiled."""

    template = "{count} of {total} kernels were not compiled\n{errors}"
    remedy = "mend those, and compile them again; the files of the others are written"


class InvalidJson(EnigmaError, ValueError):
    """A text that no compiled kernel can be made from."""

    template = "from_json needs the JSON of a compiled {form}, found {found}"
    remedy = "give it what to_json of a compiled {form} gave, unchanged"


class ToolchainError(EnigmaError):
    """`xcrun` is missing or failed.

    Attributes
    ----------
    command : list of str
        What was run.
    exit_code : int or None
        Its exit code, or None when it could not be started.
    stderr : str
        What it wrote to stderr.
    """

    template = "{problem}\n  command: {shown}\n  exit code: {exit_code}\n  stderr: {stderr}"
    remedy = "run `xcrun -sdk macosx metal -v` to check the Metal toolchain{kept}"

    command: list[str]
    exit_code: int | None
    stderr: str


# Functions that cannot become kernels.


class InvalidKernel(EnigmaError, TypeError):
    """A function cannot be compiled as it is written."""


class SourceUnavailable(EnigmaError):
    """The source of a function cannot be found."""

    template = (
        "the source of {name} cannot be found, and Enigma rewrites control flow from the source"
    )
    remedy = (
        "define it in a file, in a notebook cell or in an interactive session that keeps its source"
    )


class SourceChanged(SourceUnavailable):
    """The source of a function is another one than the function was made from."""

    template = "the source of {name} was changed since Python read it"
    remedy = "reload its module (importlib.reload), or start the program anew"


class MissingAnnotation(EnigmaError, TypeError):
    """A kernel's parameter has no annotation."""

    template = "parameter {name!r} of kernel {kernel} has no annotation"
    remedy = (
        "annotate it: `{name}: enigma.f32` for a buffer, `{name}: "
        "enigma.Scalar(enigma.u32)` for a value, "
        "`{name}: enigma.constexpr` for a compile-time parameter"
    )


class InvalidRecord(EnigmaError, TypeError):
    """A class of records cannot be a parameter of a kernel."""

    template = "{record} cannot be a parameter of a kernel: it {reason}"


class UnknownDType(EnigmaError, TypeError):
    """Something stands for no dtype."""

    template = "{found} is no dtype{hint}"
    remedy = "the dtypes are {known}"


class TooDeeplyNested(EnigmaError):
    """Source is nested deeper than Python's own compiler can handle."""

    template = "{name} is nested too deeply ({depth} levels)"
    remedy = (
        "split a long expression into several statements; move inner blocks into @enigma.func "
        "helpers"
    )


class UnsupportedSyntax(EnigmaError, TypeError):
    """A construct of Python has no meaning in a kernel."""

    template = "{construct} cannot be used in {name}"


# Values while tracing.


class OutsideKernel(EnigmaError, TypeError):
    """A function of the language was used where no kernel is being traced."""

    template = "{what} can only be used inside a kernel while enigma.compile traces it"
    remedy = "call it from a function decorated with @enigma.kernel and compile that"


class OperandError(EnigmaError, TypeError):
    """An operand is no traced value, number or bool, or has the wrong dtype."""

    template = "{operation}: {operand} is {found}; expected {expected}"


class NumberError(EnigmaError, ValueError):
    """A Python number is not representable in the dtype that it would take."""

    template = "{operation}: {number!r} does not fit {dtype}: {reason}"
    remedy = "convert the other operand with .to(...), or write a number that fits"


class IntegerDivision(EnigmaError, TypeError):
    """`/` between integers."""

    template = "`/` of two integers ({left} and {right}) has no integer result"
    remedy = (
        "use `//` (rounds down, as in Python), enigma.idiv (truncates, as in C), or convert "
        "with .to(enigma.f32)"
    )


class TruthValueError(EnigmaError, TypeError):
    """A traced value was used as a Python truth value."""

    template = "the truth value of a traced {dtype} is not known while the kernel is compiled"
    remedy = (
        "decorate the function that does this with @enigma.func (or @enigma.kernel), so "
        "that its control flow becomes "
        "control flow of the kernel; in expressions use enigma.where"
    )


class UnsupportedUse(EnigmaError, TypeError):
    """Python or a library of the host was asked for something that has no meaning in a kernel."""

    template = "{found} cannot be {role}"


class HostError(EnigmaError, TypeError):
    """An operation of Python itself, or a call, failed on something of a kernel."""


class UnknownAttribute(EnigmaError, AttributeError):
    """Something in a kernel has no such attribute."""

    template = "{found} has no attribute {name!r}"


class UnknownName(EnigmaError, NameError):
    """Code that a kernel runs names something that there is none of."""

    template = "name {name!r} is not defined"


class StaticValueError(EnigmaError, TypeError):
    """A traced value was used where Python needs a number."""

    template = (
        "{use} needs a Python number, but found a traced {dtype}, which is only known when "
        "the kernel runs"
    )


class FormatError(EnigmaError, ValueError):
    """The format of a message and its values do not fit."""

    template = "{function}: {problem}"


class InlineTextError(EnigmaError, ValueError):
    """Text of Metal's own does not fit its operands, or its surroundings."""

    template = "enigma.inline_msl: {problem}"


class DTypeMismatch(EnigmaError, TypeError):
    """Two dtypes that would have to agree do not."""


class SubscriptError(EnigmaError, TypeError):
    """A subscript is not valid for what it indexes."""


class IndexRangeError(EnigmaError, IndexError):
    """A static subscript is out of range."""


class NotInMemory(EnigmaError, AttributeError):
    """Memory was asked of a tensor that has none, since it is one of coordinates."""

    template = "a tensor of coordinates has no elements in memory, and no `{attribute}`"
    remedy = "index it: its elements are tuples of integers; enigma.in_bounds makes a mask of them"


class ShapeMismatch(EnigmaError, ValueError):
    """Two shapes that would have to agree do not."""


class StaticShapeError(EnigmaError, TypeError):
    """A shape is known only when the kernel runs, where it has to be known before."""


# Layouts.


class LayoutError(EnigmaError):
    """An operation on layouts has no result; raised by the algebra, which says what to do."""

    def __init__(self, message: str, remedy: str, /) -> None:
        super().__init__(message, remedy=remedy)


class LayoutOperandError(LayoutError, TypeError):
    """An argument of such an operation is of a type that it cannot be."""


# Control flow and objects while tracing.


class EndlessUnrolling(EnigmaError):
    """A loop that Python runs does not come to an end."""

    template = "this loop has been unrolled {iterations} times and does not come to an end"
    remedy = (
        "check its condition; a loop of the kernel has a condition on traced values, or is a "
        "`for` over enigma.range"
    )


class UnassignedVariable(EnigmaError, UnboundLocalError):
    """A variable is read where it may be unassigned, or where its type depends on the path."""

    template = "variable {name!r} cannot be read here: {reason}"
    remedy = "assign it before the branch or loop, with one type on every path"


class CarriedVariableError(EnigmaError, TypeError):
    """A variable changes its type from one iteration of a loop to the next."""

    template = "variable {name!r} cannot be carried around the loop: {reason}"
    remedy = (
        "give it one dtype, and one shape if it is a fragment: convert with .to(...) before the "
        "loop or in its body"
    )


class ObjectChanged(EnigmaError, TypeError):
    """Code that the kernel may or may not run changes an object of Python beyond what it can do."""

    template = "{name} cannot be changed here: {reason}"
    remedy = (
        "let every path leave it with as many parts and one dtype each, or change it where Python "
        "knows the condition"
    )


class MisplacedCall(EnigmaError, TypeError):
    """A kernel, a jit function or a kind of values is called where it cannot be."""

    template = "{what} is called {where}"


class RaisedInKernel(EnigmaError, RuntimeError):
    """Python raises an exception in code that the kernel may or may not run."""

    template = "{what} is raised {where}; a kernel raises nothing when it runs"
    remedy = "check it on values that Python knows, outside of that code"


class EscapedValue(EnigmaError):
    """A value is used outside of the scope of the kernel that computes it."""

    template = "a value that is computed {where} is used outside of it"
    remedy = (
        "assign it to a variable, which is carried out of the scope, instead of hiding it in "
        "an object"
    )


class RecursionNotSupported(EnigmaError):
    """An `@enigma.func` calls itself."""

    template = "{name} calls itself ({cycle}); Metal has no recursion"
    remedy = "write it as a loop"


# Launches and devices.


class InvalidLaunch(EnigmaError, ValueError):
    """A launch is not possible."""


class LaunchCountError(EnigmaError):
    """A jit function launches nothing."""


class ResourceLimitError(EnigmaError):
    """A limit of Metal is exceeded."""


class UnknownDevice(EnigmaError, ValueError):
    """A device that Enigma does not know."""

    template = "there is no device {found!r}{source}"
    remedy = "the kinds of devices are {known}"


class DeviceUnavailable(EnigmaError, RuntimeError):
    """A device that this machine does not have."""

    template = "there is no {kind} device here: {why}"
    remedy = "enigma.devices() has those that there are; the CPU runs kernels everywhere"


class ArgumentError(EnigmaError, TypeError):
    """An argument of a launch that a parameter cannot take."""

    template = "{kernel}: parameter {name!r} takes {expected}, found {found}"


class LaunchFailed(EnigmaError, RuntimeError):
    """A kernel that a device did not run to its end."""

    remedy = (
        "the device stopped: an access outside of a buffer or a loop without end are the usual "
        "reasons; check=True on the CPU finds the line"
    )


class FaultSide(NamedTuple):
    """A thread that takes part in a fault.

    Attributes
    ----------
    location : SourceLocation or None
        The line of Python that it runs.
    access : str
        What it does to the memory, such as ``"writes"``.
    thread : tuple of 3 ints
        Its position in the grid.
    threadgroup : tuple of 3 ints
        That of its threadgroup.
    """

    location: SourceLocation | None
    access: str
    thread: tuple[int, int, int]
    threadgroup: tuple[int, int, int]


class KernelFault(EnigmaError, RuntimeError):
    """A kernel did what Metal leaves undefined; ``check=True`` found the line.

    Attributes
    ----------
    kind : str
        ``"out_of_bounds"``, ``"uninitialized"``, ``"misaligned"``, ``"race"``,
        ``"divergent_barrier"``, ``"division_by_zero"``, ``"division_overflow"``,
        ``"shift_out_of_range"`` or ``"assertion"``.
    file, line, source_line : str, int, str
        Where; `location` has them too.
    variable : str or None
        The buffer or array.
    index, size : int or None
        The element of it, and how many it has.
    thread, threadgroup : tuple of 3 ints
        Who: the position in the grid of the thread, and of its threadgroup.
    other : FaultSide or None
        Of a race the access before it; of a barrier a thread that came to it.
    """

    template = "{kernel}: {message}"
    remedy = "{advice}"

    def __init__(
        self,
        *,
        kernel: str,
        kind: str,
        message: str,
        advice: str,
        side: FaultSide,
        other: FaultSide | None = None,
        variable: str | None = None,
        index: int | None = None,
        size: int | None = None,
    ) -> None:
        self.kind = kind
        self.thread, self.threadgroup, self.other = side.thread, side.threadgroup, other
        self.variable, self.index, self.size = variable, index, size
        location = side.location
        self.file = "" if location is None else location.filename
        self.line = 0 if location is None else location.line
        self.source_line = "" if location is None else location.source_line
        super().__init__(location=location, kernel=kernel, message=message, advice=advice)


# The compiler.


class CompilationError(EnigmaError):
    """A pass or the translation rejected the kernel."""

    @classmethod
    def of(cls, diagnostics: Any) -> CompilationError:
        """Make the error for diagnostics of MLIR, with the remedy that a note of theirs gives."""
        # MLIR puts the operation in front: of the algebra, the message names it.
        texts = (diagnostic.message for diagnostic in diagnostics)
        message = "; ".join(re.sub(r"^'enigma\.\w+' op ", "", text) for text in texts)
        notes = [note.message for diagnostic in diagnostics for note in diagnostic.notes]
        return cls(message, remedy=remedy_of(notes))


# What a note of a diagnostic begins with that says what is to be done.
HELP = "help: "


def remedy_of(notes: list[str]) -> str:
    """Give what the notes of a diagnostic say is to be done; "" where none does."""
    return next((note.removeprefix(HELP) for note in notes if note.startswith(HELP)), "")
