# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Building the operations of a kernel while its Python function runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import get_ident
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from enigma.errors import CompilationError, EnigmaError, EscapedValue, OutsideKernel
from enigma.tracing.classes import Classes
from enigma.tracing.decided import Notices
from enigma.tracing.lanes import Lanes
from enigma.tracing.names import shown_name
from enigma.tracing.session import Session
from enigma.types import DType, ElementType, Number

if TYPE_CHECKING:
    from enigma import _mlir as ir
    from enigma._layout import Dyn
    from enigma.tracing.buffers import Buffer
    from enigma.tracing.intervals import Interval
    from enigma.tracing.kinds import Kind
    from enigma.tracing.objects import Objects
    from enigma.tracing.reach import Expansion, Search
    from enigma.tracing.rewritten import Runtime
    from enigma.tracing.values import Value

Result = TypeVar("Result")


class Scope:
    """A block that is being filled, or a stretch of one.

    Values remember the scope that computed them: once it is closed, they are out of reach.

    Attributes
    ----------
    enclosing : Scope or None
        The scope around this one.
    block, point
        The block and the insertion point at its end.
    what : str
        What it is, for messages: ``"inside the loop at line 3"``.
    operations : list or None
        The operations built in it so far, where they may have to be moved or dropped.
    open : bool
        Whether its values may be used.
    kept : list of Scope
        Stretches of the same block that ended and share its fate.
    certain : bool
        Whether Python has decided that what is built in it runs, as far as it knows.
    refusal : callable or None
        Makes the error for building in it where nothing may be built.
    """

    __slots__ = (
        "block",
        "certain",
        "enclosing",
        "kept",
        "open",
        "operations",
        "point",
        "refusal",
        "what",
    )

    def __init__(
        self, enclosing: Scope | None, block: ir.Block, point: ir.InsertionPoint, what: str
    ) -> None:
        self.enclosing = enclosing
        self.block = block
        self.point = point
        self.what = what
        self.operations: list[ir.Operation] | None = None
        self.kept: list[Scope] = []
        self.open = True
        self.certain = False
        self.refusal: Callable[[], EnigmaError] | None = None

    def close(self) -> None:
        """Put the values of this scope, and of the stretches kept in it, out of reach."""
        self.open = False
        for scope in self.kept:
            scope.close()

    def reopen(self) -> None:
        """Take back `close`, to build the end of the block."""
        self.open = True
        for scope in self.kept:
            scope.reopen()


#: Where a view was made, its operation, the result and its type, as the session keeps it.
Made = tuple[Scope, "ir.Operation", "ir.Value", "ir.Type"]


class SymbolTable(Protocol):
    """The integers of the algebra in a kernel, of which tensors know more."""

    def declare(self, name: str, value: Value) -> None:
        """Let a value stand for the symbol of that name."""

    def of(self, value: Value) -> Dyn:
        """Give the symbol that stands for a traced integer."""

    def value(self, leaf: Dyn) -> Value:
        """Give a leaf as a traced value."""

    def is_extent(self, value: Value) -> bool:
        """Whether a value is the extent of a tensor, and so is less than 2^31."""

    def interval(self, value: Value) -> Interval | None:
        """Give the integers between which an expression of extents is; None of other values."""

    def index(self, leaf: int | Dyn) -> ir.Value:
        """Give a leaf as an IR value of type `index`."""


class Builder:
    """The state of one trace: the operations built so far and where the next one goes.

    Every operation of a kernel is made by `op` or `value`. The location of an operation is the line
    of the user that is running.

    Parameters
    ----------
    session : Session
        The context to build in.
    name : str
        Name of the kernel for messages.

    Attributes
    ----------
    effects : int
        Grows with each operation that must not run speculatively; it tells whether an expression
        was pure.
    notices : Notices
        The warnings so far.
    """

    # More than Python looks up fast in what has a dict.
    __slots__ = (
        "__weakref__",
        "_constants",
        "_keepers",
        "_last_in_prologue",
        "_once",
        "_operations",
        "_point_after",
        "_prologue",
        "active",
        "changed_parts",
        "constant_arrays",
        "effects",
        "entry",
        "facts",
        "function_constants",
        "functions",
        "implied",
        "index_type",
        "ir",
        "kinds",
        "made",
        "name",
        "no_objects",
        "notices",
        "queries",
        "query_names",
        "root",
        "runtime",
        "scalars",
        "scope",
        "searches",
        "session",
        "symbols",
        "tensors",
        "threadgroup_bytes",
        "unfollowed",
        "views",
    )

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.ir = session.ir
        self.name = name
        self.effects = 0
        self.functions: dict[FunctionType, Callable[..., Any]] = {}
        self.active: list[FunctionType] = []
        self.threadgroup_bytes = 0
        self.function_constants: dict[int, Value] = {}
        # The tables of constant arrays, by dtype and bytes.
        self.constant_arrays: dict[tuple[ElementType, bytes], Buffer] = {}
        # The buffers of the tensors that a jit function took; the operations that made views.
        self.tensors: dict[object, Buffer] = {}
        self.views: dict[object, Made] = {}
        self.queries: dict[tuple[str, str], Value] = {}
        self.query_names: dict[str, str] = {}
        self.notices = Notices()
        self._constants: dict[object, ir.Value] = {}
        self._once: dict[object, tuple[Scope, ir.Value]] = {}
        self._operations = session.operations
        self._point_after = session.point_after
        # The types of scalars, by dtype.
        self.scalars = session.scalars
        self.index_type = session.type("index")
        self._last_in_prologue: ir.Operation | None = None
        self._prologue: Scope | None = None
        # Scopes that keep stretches, one for each stretch.
        self._keepers: list[Scope] = []
        # Python's side: the frame that runs the kernel, and what is known of classes.
        self.root: FrameType | None = None
        self.kinds: dict[int, tuple[type, Expansion]] = {}
        self.unfollowed = Classes()
        # The last searches for what is within reach, and what none would find.
        self.searches: list[Search] = []
        self.no_objects: Objects | None = None
        # What holds where the next operation goes, and what values of conditions imply.
        self.facts: list[frozenset[object]] = []
        self.implied: dict[int, tuple[object, frozenset[object], frozenset[object]]] = {}
        # Lists and dicts that stand for one of several.
        self.made: dict[int, object] = {}
        # The parts of objects that the loop at a place of the source was found to change.
        self.changed_parts: dict[object, list[tuple[object, type[Kind], int]]] = {}
        self.entry: Scope
        self.scope: Scope
        self.runtime: Runtime
        self.symbols: SymbolTable

    # Locations.

    def location(self) -> ir.Location:
        """Give the MLIR location of the innermost running line of the user."""
        return self._operations.location()

    def is_user(self, code: CodeType) -> bool:
        """Whether code is the user's and not Enigma's own."""
        known: bool = self._operations.is_user(code)
        return known

    def named_location(self, name: str, location: ir.Location) -> ir.Location:
        """Give `location` the name of a Python variable."""
        named: ir.Location = self.ir.Location.named(shown_name(name), location)
        return named

    def name_operation(self, operation: ir.Operation, name: str) -> None:
        """Give an operation the name of a Python variable."""
        self._operations.name(operation, shown_name(name))

    @property
    def in_entry(self) -> bool:
        """Whether every thread comes to where the next operation goes."""
        scope: Scope | None = self.scope
        while scope is not None and scope.certain:
            scope = scope.enclosing
        return scope is self.entry

    # Operations.

    def op(
        self,
        name: str,
        results: tuple[ir.Type, ...] = (),
        operands: tuple[ir.Value, ...] = (),
        attributes: dict[str, ir.Attribute] | None = None,
        regions: int = 0,
    ) -> ir.Operation:
        """Build an operation at the insertion point."""
        scope = self.scope
        if not scope.open:
            raise self.escaped(scope)
        operation = self._operations.create(
            name, results, operands, attributes, regions, scope.point
        )
        if scope.operations is not None:
            scope.operations.append(operation)
        return operation

    def value(
        self,
        name: str,
        type: ir.Type,
        operands: tuple[ir.Value, ...],
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> tuple[ir.Operation, ir.Value]:
        """Build an operation with one result at the insertion point; give both."""
        scope = self.scope
        if not scope.open:
            raise self.escaped(scope)
        made: tuple[ir.Operation, ir.Value] = self._operations.create_value(
            name, type, operands, attributes, scope.point
        )
        if scope.operations is not None:
            scope.operations.append(made[0])
        return made

    def infer(
        self,
        name: str,
        operands: tuple[ir.Value, ...],
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> ir.Operation:
        """Build an operation whose result type follows from its operands."""
        scope = self.scope
        if not scope.open:
            raise self.escaped(scope)
        try:
            operation = self._operations.infer(name, operands, attributes, scope.point)
        except self.ir.MLIRError as error:
            raise CompilationError.of(error.error_diagnostics) from None
        if scope.operations is not None:
            scope.operations.append(operation)
        return operation

    def infer_value(
        self,
        name: str,
        operands: tuple[ir.Value, ...],
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> tuple[ir.Operation, ir.Value]:
        """Build an operation whose one result's type follows from its operands; give both."""
        operation = self.infer(name, operands, attributes)
        return operation, operation.result

    def at_entry(
        self,
        name: str,
        result: ir.Type,
        attributes: dict[str, ir.Attribute] | None,
        location: ir.Location,
        operands: tuple[ir.Value, ...] = (),
    ) -> ir.Operation:
        """Build an operation at the top of the kernel, for everything to use.

        Its operands are of the same kind.
        """
        if not self.entry.open:
            raise self.escaped(self.entry)
        point = self._end_of_prologue()
        operation = self._operations.create_at(
            name, (result,), operands, attributes, location, point
        )
        self._last_in_prologue = operation
        return operation

    def value_at_entry(
        self,
        name: str,
        type: ir.Type,
        attributes: dict[str, ir.Attribute] | None = None,
        operands: tuple[ir.Value, ...] = (),
    ) -> tuple[ir.Operation, ir.Value]:
        """Build one with one result as `at_entry` does, for the running line; give both."""
        if not self.entry.open:
            raise self.escaped(self.entry)
        point = self._end_of_prologue()
        made: tuple[ir.Operation, ir.Value] = self._operations.create_value(
            name, type, operands, attributes, point
        )
        self._last_in_prologue = made[0]
        return made

    def _end_of_prologue(self) -> ir.InsertionPoint:
        last, after = self._last_in_prologue, self._point_after
        return self.ir.InsertionPoint.start(self.entry.block) if last is None else after(last)

    def in_prologue(self, build: Callable[..., Result], *arguments: Any) -> Result:
        """Build at the top of the kernel what is made of its parameters, for everything to use."""
        if not self.entry.open:
            raise self.escaped(self.entry)
        scope, top = self.scope, self._prologue
        if top is not None and scope is top:
            return build(*arguments)
        if top is None:
            top = self._prologue = Scope(None, self.entry.block, self.entry.point, self.entry.what)
            # They share their fate.
            self._keep_in(self.entry, top)
        # What `at_entry` builds meanwhile comes before.
        top.point = self._end_of_prologue()
        top.operations = []
        self.scope = top
        try:
            return build(*arguments)
        finally:
            self.scope = scope
            if top.operations:
                self._last_in_prologue = top.operations[-1]

    def is_at_top(self, scope: Scope) -> bool:
        """Whether a scope is what `in_prologue` builds in."""
        return scope is self._prologue

    def reaches(self, scope: Scope) -> bool:
        """Whether the next operation can use values of a scope."""
        return scope.open and (self.scope is not self._prologue or scope is self.scope)

    def number(self, dtype: DType, number: Number) -> ir.Attribute:
        """Give a Python number that is known to fit `dtype` as an attribute."""
        kind = self.session.value_type(dtype)
        attribute: ir.Attribute
        if dtype.kind == "f":
            attribute = self.ir.Attribute.real(kind, float(number))
            return attribute
        integer = int(number)
        if dtype.bits > 1 and integer > (1 << (dtype.bits - 1)) - 1:
            integer -= 1 << dtype.bits
        attribute = self.ir.Attribute.integer(kind, integer)
        return attribute

    def constant(self, dtype: DType, number: Number, lanes: int = 1) -> ir.Value:
        """Give the IR value of a Python number that is known to fit `dtype`."""
        key: object = (dtype, lanes, number if number else str(number))
        found = self._constants.get(key)
        if found is not None:
            return found
        session = self.session
        if isinstance(lanes, Lanes) and lanes.fill_operation is not None:
            _, found = self.value_at_entry(
                lanes.fill_operation,
                session.value_type(dtype, lanes),
                None,
                lanes.fill_operands(self, dtype, number),
            )
            self._constants[key] = found
            return found
        attribute = self.number(dtype, number)
        result = session.value_type(dtype)
        if lanes != 1:
            result = session.value_type(dtype, lanes)
            attribute = self.ir.Attribute.splat(result, attribute)
        _, found = self.value_at_entry("arith.constant", result, {"value": attribute})
        self._constants[key] = found
        return found

    def index_constant(self, number: int) -> ir.Value:
        """Give the IR value of a subscript that is known while tracing."""
        key = ("index", number)
        found = self._constants.get(key)
        if found is None:
            attributes = {"value": self.ir.Attribute.integer(self.index_type, number)}
            _, found = self.value_at_entry("arith.constant", self.index_type, attributes)
            self._constants[key] = found
        return found

    def static(self, text: str) -> ir.Value:
        """Give the IR value of a layout, tuple or tiler that its type describes."""
        found = self._constants.get(text)
        if found is None:
            _, found = self.value_at_entry("enigma.static", self.session.type(text))
            self._constants[text] = found
        return found

    def once(self, key: object, build: Callable[..., ir.Value], *arguments: Any) -> ir.Value:
        """Give what was built for a key and is within reach; else have it built.

        It depends on nothing but the key, which is hashed.
        """
        known = self._once.get(key)
        if known is not None:
            scope, value = known
            if scope.open and (scope is self.scope or self.scope is not self._prologue):
                return value
        value = build(self, *arguments)
        self._once[key] = self.scope, value
        return value

    def types(self, values: Iterable[Any]) -> tuple[ir.Type, ...]:
        """Give the IR types of values, or of others that have a dtype and lanes."""
        scalars, value_type = self.scalars, self.session.value_type
        return tuple(
            [
                scalars[value.dtype] if value.lanes == 1 else value_type(value.dtype, value.lanes)
                for value in values
            ]
        )

    # Facts.

    def implies(self, condition: object, true: frozenset[object], false: frozenset[object]) -> None:
        """Note what follows from a condition that holds, and from one that does not."""
        if true or false:
            self.implied[id(condition)] = (condition, true, false)

    def implications(self, condition: object, holds: bool) -> frozenset[object]:
        """Give what follows from a condition."""
        found = self.implied.get(id(condition))
        if found is None:
            return frozenset()
        return found[1] if holds else found[2]

    def knows(self, needs: tuple[frozenset[object], ...]) -> bool:
        """Whether of each set of facts one holds here."""
        return all(any(need & facts for facts in self.facts) for need in needs)

    # Scopes.

    def push(self, block: ir.Block, what: str) -> Scope:
        """Continue at the end of another block."""
        scope = self.scope = Scope(self.scope, block, self.ir.InsertionPoint(block), what)
        return scope

    def push_block(
        self,
        operation: ir.Operation,
        region: int,
        what: str,
        types: tuple[ir.Type, ...] = (),
        names: tuple[str | None, ...] = (),
    ) -> tuple[Scope, list[ir.Value]]:
        """Append a block to a region of an operation and continue there; gives its arguments, too.

        Arguments have the names of variables, None for one without.
        """
        block, point, arguments = self.session.ir.append_block(operation, region, types, names)
        scope = self.scope = Scope(self.scope, block, point, what)
        return scope, arguments

    def speculate(self, what: str) -> Scope:
        """Continue in the same block, with a record of what is built from here on."""
        enclosing = self.scope
        scope = self.scope = Scope(enclosing, enclosing.block, enclosing.point, what)
        scope.operations = []
        return scope

    def pop(self, scope: Scope) -> None:
        """Go back to the enclosing scope; the values of `scope` cannot be used any more."""
        scope.close()
        assert scope.enclosing is not None
        self.scope = scope.enclosing

    def keep(self, scope: Scope) -> None:
        """End a speculative scope and keep what it built where it is."""
        assert scope.enclosing is not None
        assert scope.operations is not None
        self.scope = scope.enclosing
        self._keep_in(self.scope, scope)
        if self.scope.operations is not None:
            self.scope.operations += scope.operations

    def _keep_in(self, scope: Scope, stretch: Scope) -> None:
        scope.kept.append(stretch)
        self._keepers.append(scope)

    def release(self) -> None:
        """Let scopes go of the stretches kept in them, which know them: the trace has ended."""
        for scope in self._keepers:
            scope.kept.clear()

    def drop(self, scope: Scope) -> None:
        """End a speculative scope and take what it built out of the kernel."""
        self.pop(scope)
        for operation in scope.operations or ():
            operation.bury()

    def bury(self, operation: ir.Operation) -> None:
        """Take an operation of the current scope out of the kernel.

        It lives on until the trace ends, since Python may still hold values that point into it.
        """
        if self.scope.operations is not None:
            self.scope.operations.remove(operation)
        operation.bury()

    def escaped(self, scope: Scope) -> EnigmaError:
        """Make the error for a value of a scope that is closed."""
        if scope.refusal is not None:
            return scope.refusal()
        return EscapedValue(where=scope.what)

    def finish(self) -> None:
        """End the trace: no value of it can be used any more."""
        scope: Scope | None = self.scope
        while scope is not None:
            scope.close()
            scope = scope.enclosing
        kernel = self.entry.block.owner
        assert kernel is not None
        kernel.destroy_buried()
        # These hold the builder in turn: without them it is gone as soon as nobody needs it.
        self.functions.clear()
        self.constant_arrays.clear()
        self.tensors.clear()
        self.views.clear()
        self._once.clear()
        self.queries.clear()
        self.implied.clear()
        self.made.clear()
        self.changed_parts.clear()
        self.kinds.clear()
        self.unfollowed.clear()
        self.searches.clear()
        self.no_objects = None
        self.root = None
        # A trace that Ctrl-C ended may not have them yet.
        for name in ("runtime", "symbols"):
            with suppress(AttributeError):
                delattr(self, name)


# The builders of the threads that are tracing: this takes less time than a `threading.local`.
_builders: dict[int, Builder] = {}


def _forget_others() -> None:
    """In the child of a fork are no threads that were tracing, but others may get their numbers."""
    own = _builders.get(get_ident())
    _builders.clear()
    if own is not None:
        _builders[get_ident()] = own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_others)


def current_builder() -> Builder | None:
    """Give the builder of the kernel that this thread is tracing, if any."""
    return _builders.get(get_ident())


def require_builder(what: str) -> Builder:
    """Give the builder of the kernel that this thread is tracing.

    Raises
    ------
    OutsideKernel
        When no kernel is being traced; `what` names the function that needs one.
    """
    builder = _builders.get(get_ident())
    if builder is None:
        raise OutsideKernel(what=what)
    return builder


def tracing(builder: Builder, trace: Callable[..., Result], *arguments: Any) -> Result:
    """Call what traces with a builder, given that, which is the current one of this thread."""
    previous, thread = current_builder(), get_ident()
    try:
        _builders[thread] = builder
        return trace(builder, *arguments)
    finally:
        # Ctrl-C may come where Python calls a function, so this is no other one's to do.
        if previous is None:
            _builders.pop(thread, None)
        else:
            _builders[thread] = previous
        builder.finish()
