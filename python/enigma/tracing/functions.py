# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The decorators: kernels, helpers that are inlined into kernels, and functions that launch one."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from operator import is_
from types import FunctionType
from typing import Any, Generic, NoReturn, TypeVar, overload

from enigma._arrays import RecentLaunches
from enigma._host_calls import host_class, host_function, misfit
from enigma._late import import_named
from enigma.errors import (
    EnigmaError,
    InvalidKernel,
    InvalidLaunch,
    MisplacedCall,
    OutsideKernel,
    RecursionNotSupported,
    UnexpectedArguments,
)
from enigma.layout import Layout
from enigma.locations import is_own_class
from enigma.tracing.builder import Builder, current_builder
from enigma.tracing.classes import said_by
from enigma.tracing.launches import Launch, current_launches, on_device
from enigma.tracing.parameters import (
    Signature,
    closure_of,
    declared_layouts,
    evaluated_annotations,
    threadgroup_arrays,
)
from enigma.tracing.rewriter import Rewritten, rewrite
from enigma.tracing.trees import leaves
from enigma.types import ElementType

_Found = TypeVar("_Found")


class _ReadOnce(Generic[_Found]):
    """What a function says of itself: it is read again where the function is not what it was."""

    def __init__(self, read: Callable[[Any], _Found]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> _ReadOnce[_Found]: ...

    @overload
    def __get__(self, instance: Decorated, owner: type | None = None) -> _Found: ...

    def __get__(self, instance: Decorated | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        function = instance.function
        rest: tuple[Any, ...] = ()
        named = function.__kwdefaults__
        if named:
            rest = (*named, *named.values())
        if function.__closure__:
            # Annotations name its variables.
            rest += tuple(closure_of(function).values())
        kept = instance.said.get(self._name)
        if not (
            kept is not None
            and kept[0] is function
            and kept[1] is function.__code__
            and kept[2] is function.__defaults__
            and len(kept[3]) == len(rest)
            and all(map(is_, kept[3], rest))
        ):
            found = self._read(instance)
            kept = function, function.__code__, function.__defaults__, rest, found
            instance.said[self._name] = kept
        return kept[4]


@host_class
class Decorated:
    """Base of what the decorators make of a function.

    Attributes
    ----------
    function : FunctionType
        The function of the user.
    compilations : dict
        What it was compiled to, as `enigma.compiler.compilations` keeps it: here, because that
        refers to the function, and goes with it.
    references : dict
        What it was found to refer to, as `enigma.compiler.compilations` keeps it.
    said : dict
        What was read of the function, with what it was then.
    __recent__ : RecentLaunches or None
        Its last launches, as `enigma.runtime.repeats` keeps them.
    """

    __recent__: RecentLaunches | None = None

    def __init__(self, function: Callable[..., Any]) -> None:
        if not isinstance(function, FunctionType):
            raise InvalidKernel(
                f"@{self._decorator} decorates a Python function, not {type(function).__name__}",
                remedy=(
                    "write a function with `def`; decorate the function itself, before other "
                    "decorators"
                ),
            )
        self.function = function
        self.compilations: dict[Hashable, Any] = {}
        self.references: dict[Hashable, Any] = {}
        self.said: dict[str, tuple[Any, ...]] = {}
        functools.update_wrapper(self, function)  # type: ignore[arg-type]
        # With the program, as if it had been with Enigma, rather than while the function runs.
        import_named(function.__code__)

    _decorator = "enigma"
    # What control flow of a kernel has to follow.
    _enigma_holds = ("function",)

    def __dir__(self) -> Iterable[str]:
        # What may be completed at a prompt: the rest is Enigma's own.
        names = super().__dir__()
        return [name for name in names if name.startswith("__") or name in ("name", "launch")]

    def __repr__(self) -> str:
        return f"<@{self._decorator} {self.function.__qualname__}>"

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.__name__

    # One name: renaming what the decorator made renames the function.
    @property
    def __name__(self) -> str:
        return self.function.__name__

    @__name__.setter
    def __name__(self, name: str) -> None:
        self.function.__name__ = name

    @_ReadOnce
    def python_signature(self) -> inspect.Signature:
        """The signature of the function."""
        return inspect.signature(self.function)

    @_ReadOnce
    def arities(self) -> range:
        """How many arguments by position, and none by name, fit the function."""
        parameters = self.python_signature.parameters.values()
        by_position = [p for p in parameters if p.kind in _BY_POSITION]
        needed = [p for p in parameters if p.default is p.empty and p.kind not in _COLLECTING]
        if len(needed) > len([p for p in needed if p.kind in _BY_POSITION]):
            return range(0)
        return range(len(needed), len(by_position) + 1)

    def __reduce__(self) -> str:
        # As functions are: by their name in their module.
        return self.function.__qualname__

    def _check_host(self, what: str) -> None:
        """Refuse a launch on a device while something is traced."""
        if current_builder() is not None or current_launches() is not None:
            raise InvalidLaunch(
                f"{what} {self.name} is launched on a device while another function is compiled",
                remedy="a jit function calls a kernel with its arguments and launches that: "
                "kernel(A, B).launch(grid=..., block=...)",
            )

    def rewritten(self) -> Rewritten:
        """Give the function with its control flow rewritten; that happens once."""
        return rewrite(self.function)


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@host_class
class Kernel(Decorated):
    """A kernel: what `enigma.kernel` makes of a function."""

    _decorator = "enigma.kernel"

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        #: The annotations, those that are text evaluated where the function is defined.
        self.annotations = evaluated_annotations(self.function)

    @_ReadOnce
    def _signature(self) -> Signature:
        return Signature(self.function, self.python_signature, self.annotations)

    def signature(self) -> Signature:
        """Give the parameters that the annotations describe."""
        return self._signature

    @_ReadOnce
    def threadgroup_arrays(self) -> dict[str, ElementType]:
        """The parameters that are threadgroup arrays, with the dtypes of their elements."""
        return threadgroup_arrays(self.function, self.python_signature, self.annotations)

    def __call__(self, *args: object, **kwargs: object) -> Launch:
        """Prepare a launch, inside of a function decorated with `enigma.jit`.

        Parameters
        ----------
        *args, **kwargs
            Tensors, layouts, tuples and numbers for the parameters.

        Returns
        -------
        Launch
            Its method `launch` takes grid and block.
        """
        if current_builder() is not None:
            raise MisplacedCall(
                what=f"kernel {self.name}",
                where="in a kernel",
                remedy="decorate a helper of kernels with @enigma.func",
            )
        launches = current_launches()
        if launches is None:
            raise MisplacedCall(
                what=f"kernel {self.name}",
                where="outside of a jit function",
                remedy=(
                    f"run it with {self.name}.launch(..., threads=n), compile it with "
                    f"enigma.compile({self.name}), or call it in a function decorated with "
                    "@enigma.jit"
                ),
            )
        for leaf in leaves((args, kwargs)):
            _refuse_array(self.name, leaf)
        return Launch(launches, self, args, kwargs)

    def __getitem__(self, grid: object) -> NoReturn:
        raise InvalidLaunch(
            f"kernel {self.name} is launched by a subscript",
            remedy=f"write {self.name}.launch(..., grid=threadgroups, block=threads), or threads=n",
        )

    def launch(
        self,
        *arguments: object,
        threads: int | Sequence[int] | None = None,
        grid: int | Sequence[int] | None = None,
        block: int | Sequence[int] | None = None,
        device: Any = None,
        stream: object = None,
        constants: Mapping[str, Any] | None = None,
        threadgroup_memory: Mapping[str, int] | None = None,
        check: bool = False,
        **named: object,
    ) -> None:
        """Compile the kernel, once as long as nothing that it refers to changes, and run it.

        Parameters
        ----------
        *arguments, threads, grid, block, device, stream, threadgroup_memory, **named
            As of `CompiledKernel.launch`.
        constants : mapping, optional
            Values of the compile-time parameters, and of the function constants.
        check : bool, optional
            As of `CompiledKernel.launch`; messages and assertions are compiled too.

        Raises
        ------
        EnigmaError
            When the kernel cannot be compiled, or as of `CompiledKernel.launch`.
        """
        self._check_host("kernel")
        on_device.launch(
            self,
            arguments,
            named,
            threads=threads,
            grid=grid,
            block=block,
            device=device,
            stream=stream,
            constants=constants,
            threadgroup_memory=threadgroup_memory,
            check=check,
        )


# Whatever has one of these is an array of some framework.
_NONE = object()
_ARRAY_PROTOCOLS = ("__array_interface__", "__cuda_array_interface__", "__dlpack__")


def _refuse_array(kernel: str, argument: object) -> None:
    """Refuse an array as the argument of a kernel, in which stores into it would be lost.

    Raises
    ------
    UnexpectedArguments
        When it is one.
    """
    kind = type(argument)
    if is_own_class(kind):
        return
    # Who has an array of Python's own has imported its module.
    array: Any = sys.modules.get("array")
    own = (memoryview,) if array is None else (memoryview, array.array)
    if not (
        isinstance(argument, own)
        or any(said_by(kind, name, _NONE) is not _NONE for name in _ARRAY_PROTOCOLS)
    ):
        return
    shape = getattr(argument, "shape", (1,))
    if shape == ():
        return
    name = f"{kind.__module__}.{kind.__qualname__}"
    raise UnexpectedArguments(
        f"kernel {kernel} is given an array ({name}), whose memory it does not see",
        remedy="describe the memory with an enigma.Tensor, which the jit function is given; a "
        "table of numbers that are known while the kernel is compiled is an "
        "enigma.constant_array",
    )


@host_class
class Jit(Decorated):
    """A function of the host that launches kernels: what `enigma.jit` makes of a function."""

    _decorator = "enigma.jit"

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._annotations = evaluated_annotations(self.function)

    @_ReadOnce
    def layouts(self) -> dict[str, Layout]:
        """The layouts that annotations declare for arrays, by the names of the parameters."""
        return declared_layouts(self.function, self.python_signature, self._annotations)

    def __call__(self, *args: object, **kwargs: Any) -> Any:
        """Run the function: its launches are those of the jit function that calls it.

        From the host it is launched, as `launch` does.

        Raises
        ------
        MisplacedCall
            When a kernel is being traced.
        """
        if current_builder() is not None:
            raise MisplacedCall(
                what=f"jit function {self.name}",
                where="in a kernel",
                remedy="it is a function of the host: call it, or compile it, outside of kernels",
            )
        if current_launches() is None:
            return self.launch(*args, **kwargs)
        return self.function(*args, **kwargs)

    def launch(
        self,
        *arguments: object,
        device: Any = None,
        stream: object = None,
        constants: Mapping[str, Any] | None = None,
        threadgroup_memory: Mapping[str, int] | None = None,
        check: bool = False,
        **named: object,
    ) -> None:
        """Compile the function for arrays, once for each layout that they have, and run it.

        Parameters
        ----------
        *arguments, **named
            For each parameter an array, which is a tensor of its shape and strides to the function,
            a tuple of arrays, or a Python value. A parameter whose annotation is a layout takes
            arrays that have it; the sizes in it that are symbols are found in them.
        device : {"metal", "cpu"} or Device, optional
            By default that of `enigma.device()`.
        stream, constants, threadgroup_memory : optional
            As of `CompiledKernel.launch`, for the kernels that it launches.
        check : bool, optional
            As of `CompiledKernel.launch`; messages and assertions are compiled too.

        Raises
        ------
        EnigmaError
            When it cannot be compiled, or as of `CompiledKernel.launch`.
        """
        self._check_host("jit function")
        on_device.launch(
            self,
            arguments,
            named,
            device=device,
            stream=stream,
            constants=constants,
            threadgroup_memory=threadgroup_memory,
            check=check,
        )


class Func(Decorated):
    """A helper that is inlined into kernels: what `enigma.func` makes of a function."""

    _decorator = "enigma.func"

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Trace the function where it is called.

        Raises
        ------
        OutsideKernel
            When no kernel is being traced.
        RecursionNotSupported
            When the function is being traced already.
        """
        builder = current_builder()
        if builder is None:
            raise OutsideKernel(what=f"@enigma.func {self.name}")
        function = self.function
        if function in builder.active:
            cycle = [active.__name__ for active in builder.active[builder.active.index(function) :]]
            raise RecursionNotSupported(name=self.name, cycle=" -> ".join([*cycle, self.name]))
        bound = bind(builder, self)
        builder.active.append(function)
        try:
            return bound(*args, **kwargs)
        except TypeError as error:
            traceback = error.__traceback__
            # What its own code raises has come by its frame.
            if isinstance(error, EnigmaError) or traceback is None or traceback.tb_next is not None:
                raise
            raise misfit(function, self.name, args, kwargs) from None
        finally:
            builder.active.pop()

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind to an instance, as a method."""
        return self if instance is None else functools.partial(self, instance)


def bind(builder: Builder, decorated: Decorated) -> Callable[..., Any]:
    """Give the rewritten function for one trace."""
    bound = builder.functions.get(decorated.function)
    if bound is None:
        rewritten = decorated.rewritten()
        bound = rewritten.bind(decorated.function, builder.runtime)
        for notice in rewritten.discarded:
            builder.notices.add(notice, builder.entry.block.owner)
        builder.functions[decorated.function] = bound
    return bound


def _bare(option: str, args: Sequence[object]) -> str:
    """Say how a decorator is written, which has no options."""
    if option:
        return "write the decorator alone; options are given to enigma.compile, or to launch"
    return "write the decorator above a function, without parentheses"


@host_function(_bare)
def kernel(function: Callable[..., Any]) -> Kernel:
    """Declare a compute kernel.

    The annotations say what the parameters are: a dtype a device buffer, ``Scalar(dtype)`` a value,
    ``Threadgroup(dtype)`` an array in threadgroup memory whose length the launch chooses,
    `constexpr` a compile-time parameter, and a dataclass, a named tuple or a tuple of annotations
    its fields. Text may name a compile-time parameter that is a dtype: ``A: "T"``. A kernel that is
    only called in a jit function needs annotations for threadgroup arrays alone.

    Parameters
    ----------
    function : callable
        A Python function whose source can be found.

    Returns
    -------
    Kernel
        For `enigma.compile`.
    """
    return Kernel(function)


@host_function(_bare)
def jit(function: Callable[..., Any]) -> Jit:
    """Declare a function that launches kernels.

    It runs once, in Python, when it is compiled; its arguments are those of `enigma.compile`.
    Called with arrays, it is compiled for their shapes and strides, or for the layout that is the
    annotation of a parameter: with `dyn` in it, for all arrays of such a layout at once.

    Parameters
    ----------
    function : callable
        A Python function.

    Returns
    -------
    Jit
        For `enigma.compile`.
    """
    return Jit(function)


@host_function(_bare)
def func(function: Callable[..., Any]) -> Func:
    """Declare a helper of kernels: its control flow works on traced values; it is inlined.

    Parameters
    ----------
    function : callable
        A Python function whose source can be found.

    Returns
    -------
    Func
        To be called in kernels.
    """
    return Func(function)
