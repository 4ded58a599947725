# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The parameters of a kernel, read from its signature."""

from __future__ import annotations
import __future__

import functools
import inspect
import sys
import typing
from collections.abc import Mapping
from types import FrameType, FunctionType, MappingProxyType
from typing import Any, NamedTuple, TypeVar

from enigma._frozen import frozen_dataclass
from enigma._host_calls import host_class
from enigma._layout import Dyn
from enigma.errors import (
    EnigmaError,
    InvalidKernel,
    InvalidRecord,
    MissingAnnotation,
    ResourceLimitError,
    UnexpectedArguments,
)
from enigma.layout import Layout
from enigma.limits import METAL
from enigma.locations import SourceLocation, function_location
from enigma.tracing.buffers import buffer_type_name
from enigma.tracing.records import (
    Field,
    Record,
    fields_of,
    is_record,
    maker,
    names_in,
    shown,
    unquoted,
)
from enigma.types import (
    Constexpr,
    DType,
    ElementType,
    Number,
    Scalar,
    Threadgroup,
    annotated,
    constexpr,
    find_element,
    unknown_dtype,
)


@host_class
@frozen_dataclass(frozen=True)
class Parameter:
    """One parameter that Metal sees.

    Attributes
    ----------
    name : str
        Its name.
    dtype : DType or VectorType
        Of the scalar, or of the elements of the buffer.
    index : int
        Its place in Metal's argument table; threadgroup arrays have a table of their own.
    is_scalar : bool
        Whether it is passed by value.
    address_space : str
        That of a buffer.
    symbol : Dyn or None
        The integer of layouts that it is, rather than a parameter of the Python function.
    is_extent : bool
        Whether it is an extent of a tensor, and so is positive and less than 2^31.
    access : {"read", "write", "read_write"} or None
        How a compiled kernel uses a buffer: what it never names counts as read.
    shape, stride : tuple, int, Dyn or None
        The layout of a buffer that is a tensor, whose integers may be symbolic.
    size : int or None
        The elements of a threadgroup array, where the launch is known.
    max_elements : int or None
        The most elements that a buffer may span: with more, subscripts need more than 32 bits. A
        launch refuses more; ``index_bits=64`` of `enigma.compile` allows them. None where any
        number is right.
    """

    name: str
    dtype: ElementType
    index: int
    is_scalar: bool = False
    address_space: str = "device"
    symbol: Dyn | None = None
    is_extent: bool = False
    access: str | None = None
    shape: Any = None
    stride: Any = None
    size: int | None = None
    max_elements: int | None = None

    def __init__(
        self,
        name: str,
        dtype: ElementType,
        index: int,
        is_scalar: bool = False,
        address_space: str = "device",
        symbol: Dyn | None = None,
        is_extent: bool = False,
        access: str | None = None,
        shape: Any = None,
        stride: Any = None,
        size: int | None = None,
        max_elements: int | None = None,
    ) -> None:
        vars(self).update(
            name=name,
            dtype=dtype,
            index=index,
            is_scalar=is_scalar,
            address_space=address_space,
            symbol=symbol,
            is_extent=is_extent,
            access=access,
            shape=shape,
            stride=stride,
            size=size,
            max_elements=max_elements,
        )

    @property
    def kind(self) -> str:
        """What the host gives: a ``"buffer"``, a ``"scalar"`` by value, or a length.

        That of an array in threadgroup memory, of kind ``"threadgroup"``.
        """
        if self.is_threadgroup:
            return "threadgroup"
        return "scalar" if self.is_scalar else "buffer"

    @property
    def is_threadgroup(self) -> bool:
        """Whether it is an array in threadgroup memory, whose length the launch chooses."""
        return self.address_space == "threadgroup"

    @property
    def nbytes(self) -> int | None:
        """The bytes of a threadgroup array: Metal takes multiples of 16."""
        return None if self.size is None else -(-self.size * self.dtype.nbytes // 16) * 16

    @property
    def is_symbol(self) -> bool:
        """Whether it is an integer of layouts."""
        return self.symbol is not None

    @functools.cached_property
    def _described(self) -> tuple[str, str]:
        """The type of the argument in the IR, and its attributes, as text."""
        about = ""
        if self.is_scalar:
            kind = self.dtype.mlir_name
            if not self.dtype.is_float:
                about = f", enigma.dtype = {self.dtype.element_name}"
            if self.is_extent:
                about += ", enigma.extent"
        else:
            kind = buffer_type_name(self.dtype, self.address_space, self.size)
        name = f'enigma.name = "{self.name}"'
        return kind, f"{{{name}, enigma.index = {self.index} : i32{about}}}"

    def _used(self, access: str, max_elements: int | None) -> Parameter:
        """Give the parameter as a compiled kernel uses it."""
        parameter = object.__new__(Parameter)
        attributes = vars(self).copy()
        # Nobody asks a compiled kernel for it, which is kept on disk.
        attributes.pop("_described", None)
        attributes["access"] = access
        attributes["max_elements"] = max_elements
        object.__setattr__(parameter, "__dict__", attributes)
        return parameter


def threadgroup_parameter(
    name: str, dtype: ElementType, index: int, size: int | None = None
) -> Parameter:
    """Make the parameter for a threadgroup array whose length the launch chooses."""
    return Parameter(name, dtype, index, address_space="threadgroup", size=size)


@host_class
@frozen_dataclass(frozen=True)
class FunctionConstant:
    """A constant that the host sets when it makes the pipeline state of a kernel.

    Attributes
    ----------
    name : str
        Its variable.
    index : int
        By which the host sets it.
    dtype : DType
        Its dtype.
    default : number or None
        What it is where the host does not set it; None where it has to.
    """

    name: str
    index: int
    dtype: DType
    default: Number | None = None

    def __init__(self, name: str, index: int, dtype: DType, default: Number | None = None) -> None:
        vars(self).update(name=name, index=index, dtype=dtype, default=default)


class Declared(NamedTuple):
    """A parameter as it is declared, before the compile-time parameters have values.

    Attributes
    ----------
    name : str
        Its name in Metal.
    annotation : object
        A dtype or a `Scalar`; or text that names compile-time parameters.
    constants : dict
        Which of these the names in the text are.
    space : tuple of 2 dicts
        The globals and the locals of the text.
    """

    name: str
    annotation: Any
    constants: Mapping[str, str] = MappingProxyType({})
    space: tuple[dict[str, Any], dict[str, Any]] = ({}, {})


class Constant(NamedTuple):
    """A compile-time parameter, by its name among the constants."""

    name: str


class Signature:
    """What the annotations of a kernel say.

    Attributes
    ----------
    constants : dict
        The compile-time parameters and their defaults (`inspect.Parameter.empty` where there is
        none).
    names : tuple of str
        All parameters of the Python function, in order.
    keywords : frozenset of str
        Those of them that are given by name alone.
    records : list of type
        The classes of records.
    texts : list of str
        The annotations that are evaluated when the compile-time parameters are known.

    Parameters
    ----------
    function : FunctionType
        The function.
    signature : inspect.Signature
        That of the function.
    annotations : mapping
        What those that are text were evaluated to where the function is defined.
    """

    def __init__(
        self,
        function: FunctionType,
        signature: inspect.Signature,
        annotations: Mapping[str, object],
    ) -> None:
        self._function = function
        self._location = function_location(function)
        self.constants: dict[str, Any] = {}
        self.records: list[type] = []
        self.texts: list[str] = []
        self._taken: set[str] = set()
        self._dtypes: set[str] = set()
        self.names = tuple(signature.parameters)
        self.keywords = frozenset(
            name for name, p in signature.parameters.items() if p.kind is p.KEYWORD_ONLY
        )
        self._fixed: tuple[tuple[Parameter, ...], dict[str, Any]] | None = None
        self._variables = closure_of(function)
        known = {
            name
            for name, parameter in signature.parameters.items()
            if self._is_constant(name, annotations.get(name, parameter.annotation))
        }
        self._declared = {
            name: self._read(name, parameter, annotations, known)
            for name, parameter in signature.parameters.items()
        }

    def declared(self) -> tuple[Any, ...]:
        """Give what all parameters are declared as."""
        return _described(self._declared)

    def _is_constant(self, name: str, annotation: object) -> bool:
        try:
            found = self._annotation(name, annotation, is_expression(self._function))
        except EnigmaError:
            return False
        return isinstance(found, Constexpr)

    def _read(
        self,
        name: str,
        parameter: inspect.Parameter,
        annotations: Mapping[str, object],
        known: set[str],
    ) -> Any:
        """Read a parameter of the function: what stands for it until the constants are known."""
        function, location = self._function, self._location
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise InvalidKernel(
                f"kernel {function.__name__} has a parameter *{name}; every parameter "
                "must be named",
                location=location,
                remedy=f"name as many as there are, as in {name}0, {name}1; or give several in a "
                "record",
            )
        written = annotated(parameter.annotation)
        text = unquoted(written)
        if not (isinstance(text, str) and names_in(text, known)):
            text = annotated(annotations.get(name, text))
        # In quotes it may be the name of a dtype that means something else to Python: "float".
        is_code = text is written and is_expression(function)
        annotation: Any
        if isinstance(text, str) and names_in(text, known):
            annotation = self._record_in(text, known) or text
        else:
            annotation = self._annotation(name, text, is_code)
        if isinstance(annotation, Constexpr):
            return self._constant(name, parameter.default)
        if parameter.default is not parameter.empty:
            raise InvalidKernel(
                f"parameter {name!r} of kernel {function.__name__} has a default value, "
                "but its argument is given when the kernel is launched",
                location=location,
                remedy=(
                    f"only compile-time parameters have defaults: `{name}: enigma.constexpr = ...`"
                ),
            )
        space = (function.__globals__, self._variables)
        return self._node(name, annotation, {each: each for each in known}, space)

    def _record_in(self, text: str, known: set[str]) -> Any:
        """Give the record that a text stands for, in which texts name compile-time parameters."""
        variables = {**self._variables, **{name: name for name in known}}
        try:
            found = eval(text, self._function.__globals__, variables)
        except Exception:
            return None
        return found if is_record(found) else None

    def _constant(self, name: str, default: Any) -> Constant:
        self._take(name)
        self.constants[name] = default
        return Constant(name)

    def _take(self, name: str) -> None:
        if name in self._taken:
            raise InvalidKernel(
                f"kernel {self._function.__name__} has two parameters {name!r}, of which one is "
                "the field of a record",
                location=self._location,
                remedy="the field `scale` of `params` is the parameter params_scale: give the "
                "other one another name",
            )
        self._taken.add(name)

    def _node(
        self,
        name: str,
        annotation: Any,
        known: dict[str, str],
        space: tuple[dict[str, Any], dict[str, Any]],
    ) -> Any:
        """Give what stands for a parameter, or for a field of one."""
        named = names_in(annotation, known) if isinstance(annotation, str) else ()
        if named:
            self._take(name)
            self._dtypes.update(known[each] for each in named)
            self.texts.append(annotation)
            return Declared(name, annotation, known, space)
        if not is_record(annotation):
            is_wrapped = isinstance(annotation, (Scalar, Threadgroup))
            kind = annotation if is_wrapped else find_element(annotation)
            if kind is None:
                found = unknown_dtype(annotation, location=self._location)
                raise found.about(self._parameter(name)).advise(
                    f"annotate a buffer with the dtype of its elements, as in `{name}: enigma.f32`,"
                    f" and a number with enigma.Scalar(dtype); {found.help}"
                )
            self._take(name)
            return Declared(name, kind)
        origin = typing.get_origin(annotation) or annotation
        if isinstance(origin, type):
            self.records.append(origin)
        fields = fields_of(
            annotation, (self._function.__globals__, self._variables), self._location
        )
        own = {
            each.name: f"{name}_{each.name}"
            for each in fields
            if isinstance(each.annotation, Constexpr) or each.annotation is Constexpr
        }
        nodes = {}
        for each in fields:
            path = f"{name}_{each.name}"
            if each.name in own:
                self._check_default(annotation, each)
                nodes[each.name] = self._constant(path, each.default)
                continue
            kind = each.annotation
            is_deferred = isinstance(kind, str) and bool(names_in(kind, {*known, *own}))
            is_wrapped = isinstance(kind, (Scalar, Threadgroup))
            is_known = is_wrapped or is_record(kind) or find_element(kind) is not None
            if not is_deferred and not is_known:
                raise self._no_field(annotation, each)
            nodes[each.name] = self._node(path, kind, {**known, **own}, space)
        return Record(maker(annotation), nodes)

    def _check_default(self, annotation: Any, each: Field) -> None:
        if isinstance(each.default, (list, dict, set, bytearray)):
            raise InvalidRecord(
                record=shown(annotation),
                reason=f"has the field {each.name!r}, whose default can be changed "
                f"({type(each.default).__name__})",
                remedy="let the default be a number, a dtype or a tuple",
                location=self._location,
            )

    def _no_field(self, annotation: Any, each: Field) -> InvalidRecord:
        record = shown(annotation)
        remedy = (
            "annotate a field with a dtype (a buffer), enigma.Scalar(dtype) (a value), "
            "enigma.constexpr, or another record; parts of a tuple are named one by one, as in "
            "tuple[enigma.f32, enigma.f32]"
        )
        if isinstance(each.annotation, TypeVar):
            remedy = (
                f"say what {each.annotation.__name__} is where the kernel is annotated, as in "
                f"{record}[enigma.f32]"
            )
        found: EnigmaError
        if each.error is None:
            found = unknown_dtype(each.annotation, location=None)
        else:
            found = unresolved(each.annotation, each.error, f"in the module of {record}", None)
            remedy = found.help
        return InvalidRecord(
            record=record,
            reason=f"has the field {each.name!r}, and {found.summary}",
            remedy=remedy,
            location=self._location,
        )

    def _parameter(self, name: str) -> str:
        return f"parameter {name!r} of kernel {self._function.__name__}"

    def bind(self, given: Mapping[str, object]) -> tuple[tuple[Parameter, ...], dict[str, Any]]:
        """Give what Metal sees, in order, and what stands for each parameter of the function.

        Parameters
        ----------
        given : mapping
            Values of the compile-time parameters.
        """
        # Nothing else can come of it where there is nothing to choose.
        is_fixed = not given and not self.constants
        if is_fixed and self._fixed is not None:
            return self._fixed
        constants = self._bind_constants(self._function, given)
        parameters: list[Parameter] = []
        arrays: list[Parameter] = []

        values = {
            name: self._made(node, constants, parameters, arrays)
            for name, node in self._declared.items()
        }
        for found, what in ((parameters, "buffers and scalars"), (arrays, "threadgroup arrays")):
            if len(found) > METAL.arguments:
                raise ResourceLimitError(
                    f"kernel {self._function.__name__} has {len(found)} {what}; "
                    f"Metal has {METAL.arguments} places for them",
                    location=self._location,
                    remedy="put several arrays into one buffer, or several scalars into a buffer"
                    if found is parameters
                    else "put several arrays into one, and view its parts",
                )
        bound = (*parameters, *arrays), values
        if is_fixed:
            self._fixed = bound
        return bound

    def _made(
        self,
        node: Any,
        constants: Mapping[str, Any],
        parameters: list[Parameter],
        arrays: list[Parameter],
    ) -> Any:
        """Give what stands for a declaration; what Metal sees of it is added to the lists."""
        if isinstance(node, Constant):
            return constants[node.name]
        if isinstance(node, Record):
            fields = {
                name: self._made(part, constants, parameters, arrays)
                for name, part in node.fields.items()
            }
            return Record(node.make, fields)
        annotation = node.annotation
        if isinstance(annotation, str):
            annotation = self._typed(node, constants)
        if isinstance(annotation, Threadgroup):
            arrays.append(threadgroup_parameter(node.name, annotation.dtype, len(arrays)))
            return arrays[-1]
        scalar = isinstance(annotation, Scalar)
        dtype = annotation.dtype if isinstance(annotation, Scalar) else find_element(annotation)
        if dtype is None:
            raise unknown_dtype(
                annotation,
                f"the annotation {node.annotation!r} of {node.name!r} says so",
                location=self._location,
            )
        parameter = Parameter(node.name, dtype, len(parameters), scalar)
        parameters.append(parameter)
        return parameter

    def _typed(self, node: Declared, constants: Mapping[str, Any]) -> Any:
        """Evaluate an annotation that names compile-time parameters."""
        known = {name: constants[path] for name, path in node.constants.items()}
        try:
            return annotated(eval(node.annotation, node.space[0], {**node.space[1], **known}))
        except Exception as error:
            where = "where the kernel is defined"
            raise unresolved(node.annotation, error, where, self._location).about(
                self._parameter(node.name)
            ) from None

    def _annotation(self, name: str, annotation: object, is_code: bool) -> Any:
        """Evaluate an annotation that is text; `is_code`: names of dtypes are those of Python."""
        function, location = self._function, self._location
        if annotation is inspect.Parameter.empty:
            if takes_object(function) == name:
                raise InvalidKernel(
                    f"kernel {function.__name__} is a method: {name!r} is an object of Python, "
                    "which cannot be given to Metal",
                    location=location,
                    remedy="define it outside of the class, or put @staticmethod above the "
                    "decorator; what it needs of the object are enigma.constexpr parameters",
                )
            raise MissingAnnotation(name=name, kernel=function.__name__, location=location)
        if isinstance(annotation, str) and (is_code or not find_element(annotation)):
            text = annotation
            try:
                annotation = eval(text, function.__globals__, self._variables)
            except Exception as error:
                if find_element(text) is None:
                    raise unresolved(
                        text,
                        error,
                        _PLACES.format("kernel"),
                        location,
                    ).about(self._parameter(name)) from None
        annotation = annotated(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Constexpr):
            return constexpr
        return annotation

    def _bind_constants(
        self, function: FunctionType, given: Mapping[str, object]
    ) -> dict[str, Any]:
        """Give the values of the compile-time parameters."""
        unknown = [name for name in given if name not in self.constants]
        if unknown:
            known = ", ".join(self.constants) or "none"
            raise UnexpectedArguments(
                f"constants={{{unknown[0]!r}: ...}} names no compile-time parameter of "
                f"{function.__name__}",
                location=function_location(function),
                remedy=(
                    f"its compile-time parameters (annotated with enigma.constexpr) are: {known}"
                ),
            )
        values = {name: given.get(name, default) for name, default in self.constants.items()}
        for name, value in values.items():
            # A dtype may be given as a class, and by a name where it is known to be one.
            if isinstance(value, type) or name in self._dtypes:
                values[name] = find_element(value) or value
        for name, value in values.items():
            if value is inspect.Parameter.empty:
                raise UnexpectedArguments(
                    f"compile-time parameter {name!r} of {function.__name__} has no value",
                    location=function_location(function),
                    remedy=(
                        f"pass constants={{{name!r}: ...}} to enigma.compile or to `launch`, or "
                        "give it a default"
                    ),
                )
        return values


def _described(nodes: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give what stands for parameters, or for the fields of a record, by what it says."""
    return tuple(
        (name, _described(node.fields) if isinstance(node, Record) else _said(node))
        for name, node in nodes.items()
    )


def _said(node: Constant | Declared) -> tuple[Any, ...]:
    if isinstance(node, Constant):
        return (node.name,)
    return node.name, node.annotation, *node.constants.items()


def closure_of(function: FunctionType) -> dict[str, Any]:
    """Give the variables of the functions around one, as far as they are assigned."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    variables: dict[str, Any] = {}
    for name, cell in cells:
        try:
            variables[name] = cell.cell_contents
        except ValueError:
            # It is assigned later.
            continue
    return variables


def threadgroup_arrays(
    function: FunctionType, signature: inspect.Signature, annotations: Mapping[str, object]
) -> dict[str, ElementType]:
    """Give the dtypes of the parameters that are threadgroup arrays; others need say nothing.

    The parameters are those of `Signature`.
    """
    found = {}
    for name, parameter in signature.parameters.items():
        annotation = annotations.get(name, parameter.annotation)
        if isinstance(annotation, str) and "Threadgroup" in annotation:
            try:
                annotation = eval(annotation, function.__globals__, closure_of(function))
            except Exception as error:
                raise unresolved(
                    annotation, error, _PLACES.format("kernel"), function_location(function)
                ).about(f"parameter {name!r} of kernel {function.__name__}") from None
        annotation = annotated(annotation)
        if isinstance(annotation, Threadgroup):
            found[name] = annotation.dtype
    return found


def declared_layouts(
    function: FunctionType, signature: inspect.Signature, annotations: Mapping[str, object]
) -> dict[str, Layout]:
    """Give the layouts that the annotations of a jit function declare; others say nothing.

    The parameters are those of `Signature`.
    """
    found = {}
    for name, parameter in signature.parameters.items():
        annotation = annotations.get(name, parameter.annotation)
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, function.__globals__, closure_of(function))
            except Exception as error:
                remedy = "write a layout, a type, or no annotation"
                if isinstance(error, NameError):
                    remedy = _definition(error, _PLACES.format("jit function"))
                elif isinstance(error, EnigmaError) and error.help:
                    remedy = error.help
                reason = error.summary if isinstance(error, EnigmaError) else str(error)
                raise InvalidKernel(
                    f"parameter {name!r} of jit function {function.__name__}: {annotation!r} "
                    f"cannot be evaluated: {reason}",
                    location=function_location(function),
                    remedy=remedy,
                ) from None
        annotation = annotated(annotation)
        if isinstance(annotation, Layout):
            found[name] = annotation
    return found


def unresolved(
    text: str, error: Exception, where: str, location: SourceLocation | None
) -> EnigmaError:
    """Make the error for an annotation that is text, and cannot be evaluated.

    Parameters
    ----------
    text : str
        The annotation.
    error : Exception
        What its evaluation raised.
    where : str
        In which places a name that it has is looked for.
    location : SourceLocation or None
        Of the function.
    """
    reason = error.summary if isinstance(error, EnigmaError) else str(error)
    found = unknown_dtype(text, reason, location=location)
    if isinstance(error, EnigmaError):
        return found.advise(error.help) if error.help else found
    if isinstance(error, NameError) and reason in found.summary:
        return found.advise(_definition(error, where))
    return found


def _definition(error: NameError, where: str) -> str:
    """Say what to do about a name that an annotation has, and that is not found."""
    return (
        f"define or import {error.name} {where}; what stands under `if TYPE_CHECKING:` is not "
        "there when it runs"
    )


# Where the names of annotations are looked for.
_PLACES = "before the {}, in its module or in the function that defines it"


def is_expression(function: FunctionType) -> bool:
    """Whether its file has `from __future__ import annotations`, which keeps their text."""
    return bool(function.__code__.co_flags & __future__.annotations.compiler_flag)


def takes_object(function: FunctionType) -> str | None:
    """Give the name of the parameter of a method that stands for its object or class, if any."""
    first = next(iter(inspect.signature(function).parameters), None)
    owner = function.__qualname__.rpartition(".")[0]
    return first if first in ("self", "cls") and not owner.endswith("<locals>") and owner else None


def evaluated_annotations(function: FunctionType) -> dict[str, Any]:
    """Evaluate the annotations that are text, where the function is being defined.

    A local variable of the functions around it is only known there. What cannot be evaluated is
    left out.
    """
    texts = {name: text for name, text in function.__annotations__.items() if type(text) is str}
    if not texts or not is_expression(function):
        return {}
    frame: FrameType | None = sys._getframe(1)
    variables: dict[str, Any] = {}
    code = function.__code__
    while frame is not None:
        if any(constant is code for constant in frame.f_code.co_consts):
            variables = {**frame.f_locals, **variables}
            code = frame.f_code
        frame = frame.f_back
    evaluated = {}
    for name, text in texts.items():
        try:
            evaluated[name] = eval(text, function.__globals__, variables)
        except Exception:
            continue
    return evaluated
