# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The decorators: kernels, helpers that are inlined into kernels, and functions that launch one."""

from __future__ import annotations

import array
import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar

from enigma.errors import (
    InvalidKernel,
    OutsideKernel,
    RecursionNotSupported,
    UnexpectedArguments,
)
from enigma.tracing.builder import Builder, current_builder
from enigma.tracing.launches import Launch, current_launches
from enigma.tracing.parameters import Signature, evaluated_annotations
from enigma.tracing.rewriter import Rewritten, rewrite
from enigma.tracing.trees import leaves


class Decorated:
    """Base of what the decorators make of a function.

    Attributes
    ----------
    function : FunctionType
        The function of the user.
    """

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
        functools.update_wrapper(self, function)  # type: ignore[arg-type]

    _decorator = "enigma"
    # What control flow of a kernel has to follow.
    _enigma_holds = ("function",)

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

    @functools.cached_property
    def python_signature(self) -> inspect.Signature:
        """The signature of the function; it is read once."""
        return inspect.signature(self.function)

    def __reduce__(self) -> str:
        # As functions are: by their name in their module.
        return self.function.__qualname__

    def rewritten(self) -> Rewritten:
        """Give the function with its control flow rewritten; that happens once."""
        return rewrite(self.function)


class Kernel(Decorated):
    """A kernel: what `enigma.kernel` makes of a function."""

    _decorator = "enigma.kernel"
    _signature: Signature | None = None
    #: What launches a kernel from the host, which `enigma.runtime` says.
    _launch: ClassVar[Callable[..., None]]

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._annotations = evaluated_annotations(self.function)

    def signature(self) -> Signature:
        """Read the annotations; that happens once."""
        if self._signature is None:
            self._signature = Signature(self.function, self.python_signature, self._annotations)
        return self._signature

    def launch(self, *arguments: Any, **options: Any) -> None:
        """Compile the kernel, once for the options, and run it; arrays are updated in place.

        Parameters
        ----------
        *arguments
            Arrays for buffers, and numbers for scalars, in the order of the parameters. They may be
            given by name instead.
        constants : mapping, optional
            Values of the compile-time parameters.
        **options
            ``threads=`` or ``grid=``, ``block=`` and ``device=``, as `CompiledKernel.launch` has
            them, which also says what is raised.
        """
        if current_builder() is not None or current_launches() is not None:
            raise OutsideKernel(
                what=f"{self.name}.launch",
                remedy=f"in a jit function, call the kernel first: {self.name}(A, B).launch(...)",
            )
        type(self)._launch(self, arguments, options)

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
            raise OutsideKernel(
                what=f"kernel {self.name}",
                remedy="a kernel cannot call a kernel: decorate the helper with @enigma.func",
            )
        launches = current_launches()
        if launches is None:
            raise OutsideKernel(
                what=f"kernel {self.name}",
                remedy=(
                    f"compile it with enigma.compile({self.name}), or call it in a function "
                    "decorated with @enigma.jit"
                ),
            )
        for leaf in leaves((args, kwargs)):
            _refuse_array(self.name, leaf)
        return Launch(launches, self, args, kwargs)


# Whatever has one of these is an array of some framework.
_ARRAY_PROTOCOLS = ("__array_interface__", "__cuda_array_interface__", "__dlpack__")


def _refuse_array(kernel: str, argument: object) -> None:
    """Refuse an array as the argument of a kernel, in which stores into it would be lost.

    Raises
    ------
    UnexpectedArguments
        When it is one.
    """
    kind = type(argument)
    if not (
        isinstance(argument, (array.array, memoryview))
        or any(hasattr(kind, name) for name in _ARRAY_PROTOCOLS)
    ):
        return
    shape = getattr(argument, "shape", (1,))
    if shape == ():
        return
    name = f"{kind.__module__}.{kind.__qualname__}"
    raise UnexpectedArguments(
        f"kernel {kernel} is given an array ({name}), whose memory it does not see",
        remedy="describe the memory with an enigma.Tensor, which the jit function is given; a "
        "table of numbers that are known while the kernel is compiled is a tuple",
    )


class Jit(Decorated):
    """A function of the host that launches kernels: what `enigma.jit` makes of a function."""

    _decorator = "enigma.jit"
    #: What runs the launches on arrays, which `enigma.runtime` says.
    _launch: ClassVar[Callable[..., None]]

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Run the launches of the function, or make them, in another jit function.

        Called from the host it is compiled, once for the dtypes, shapes and strides of the arrays
        that it is given, and for the other arguments; and its kernels run, on the device that
        ``device=`` names.

        Raises
        ------
        OutsideKernel
            When a kernel calls it.
        """
        if current_builder() is not None:
            raise OutsideKernel(
                what=f"jit function {self.name}",
                remedy="a kernel cannot launch kernels; call the jit function from the host",
            )
        if current_launches() is None:
            return type(self)._launch(self, args, kwargs)
        return self.function(*args, **kwargs)


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
        finally:
            builder.active.pop()

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind to an instance, as a method."""
        return self if instance is None else functools.partial(self, instance)


def bind(builder: Builder, decorated: Decorated) -> Callable[..., Any]:
    """Give the rewritten function for one trace."""
    bound = builder.functions.get(decorated.function)
    if bound is None:
        bound = decorated.rewritten().bind(decorated.function, builder.runtime)
        builder.functions[decorated.function] = bound
    return bound


def kernel(function: Callable[..., Any]) -> Kernel:
    """Declare a compute kernel.

    The annotations say what the parameters are: a dtype a device buffer, ``Scalar(dtype)`` a value,
    and `constexpr` a compile-time parameter. A kernel that is only called in a jit function needs
    no annotations.

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


def jit(function: Callable[..., Any]) -> Jit:
    """Declare a function that launches kernels.

    It runs once, in Python, when it is compiled; its arguments are those of `enigma.compile`.

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
