# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`return`, `break` and `continue` as structured control flow.

What follows a statement that may leave moves under an `if`. Where one branch of an `if` leaves
always and the other never, as in ``if i >= n: return``, the rest moves into the other branch and no
flag is needed. Elsewhere a flag says that the code was left; on a condition that Python knows the
flag is a Python bool, and the tests of it vanish.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from typing import Any

from enigma.tracing.nodes import own_statements
from enigma.tracing.rewriter.context import Refused
from enigma.tracing.rewriter.factory import PRIVATE, Factory

RESULT = f"{PRIVATE}result"
# Flags of functions that are traced inside of one another must not be taken for each other.
_numbers = itertools.count()

Flags = frozenset[str]
NONE: Flags = frozenset()


TRY: tuple[type[ast.stmt], ...] = tuple(
    getattr(ast, name) for name in ("Try", "TryStar") if hasattr(ast, name)
)


class Lowered:
    """A list of statements after lowering.

    Attributes
    ----------
    body : list of ast.stmt
        The statements.
    flags : frozenset of str
        The flags that are set when the code was left.
    always : bool
        Whether it is left on every path.
    returns : bool
        Whether a `return` inside of a loop is among the ways out.
    """

    def __init__(self, body: list[ast.stmt], flags: Flags, always: bool, returns: bool) -> None:
        self.body = body
        self.flags = flags
        self.always = always
        self.returns = returns


class Exits:
    """Lowers the exits of one function."""

    def __init__(self) -> None:
        self._loops: list[tuple[str, str]] = []
        self._returned = f"{PRIVATE}returned{next(_numbers)}"
        self._read: set[str] = set()
        self._returns_value = False
        self._branches: dict[int, tuple[Lowered, Lowered]] = {}

    def lower(self, function: ast.FunctionDef, statements: Sequence[Any]) -> None:
        """Rewrite a function in place; only its last statement may then be a `return`.

        Parameters
        ----------
        function : ast.FunctionDef
            The function.
        statements : sequence of nodes
            Its own statements, nested ones and all.
        """
        if not _may_leave_early(statements, function.body[-1]):
            return
        self._returns_value = any(
            isinstance(node, ast.Return) and node.value for node in statements
        )
        body = function.body
        factory = Factory(body[-1])
        if self._returns_value and not isinstance(body[-1], ast.Return):
            body = [*body, ast.Return(None, **factory.position)]
        lowered = self._block(body)
        start = Factory(body[0])
        prologue: list[ast.stmt] = [start.assign(self._returned, start.constant(False))]
        if self._returns_value:
            prologue.append(start.assign(RESULT, start.runtime_attribute("anything")))
            result = ast.Return(
                factory.runtime("returned", factory.load(RESULT)), **factory.position
            )
            lowered.body.append(result)
        function.body = _without_unread_flags([*prologue, *lowered.body], self._read)

    def _block(self, statements: Sequence[ast.stmt]) -> Lowered:
        out: list[ast.stmt] = []
        for index, statement in enumerate(statements):
            if isinstance(statement, (ast.Return, ast.Break, ast.Continue)):
                return self._leave(out, statement)
            lowered = self._compound(statement)
            if lowered is None:
                out.append(statement)
                continue
            if not lowered.flags:
                out += lowered.body
                continue
            if isinstance(statement, ast.If):
                rest = self._after_if(statement, lowered, statements[index + 1 :])
            else:
                rest = self._after(statement, lowered, statements[index + 1 :])
            return Lowered(out + rest.body, rest.flags, rest.always, rest.returns)
        return Lowered(out, NONE, False, False)

    def _compound(self, statement: object) -> Lowered | None:
        """Lower a statement with statements inside; None for one without."""
        if isinstance(statement, (ast.For, ast.While)):
            return self._loop(statement)
        if isinstance(statement, ast.If):
            parts = [self._nested(statement, "body"), self._nested(statement, "orelse")]
            self._branches[id(statement)] = (parts[0], parts[1])
        elif isinstance(statement, ast.With):
            parts = [self._nested(statement, "body")]
        elif isinstance(statement, TRY):
            attempt: Any = statement
            parts = [self._nested(statement, field) for field in ("body", "orelse")]
            # What leaves the body does not come to the `else`.
            if parts[0].flags:
                factory = Factory(statement)
                attempt.orelse = self._guard(factory, parts[0].flags, attempt.orelse)
            parts += [self._nested(handler, "body") for handler in attempt.handlers]
            last = self._nested(statement, "finalbody")
            if last.flags:
                raise Refused(
                    attempt.finalbody[0],
                    "`return`, `break` or `continue` in `finally`",
                    "leave after the `try` statement",
                )
        elif isinstance(statement, ast.Match):
            parts = [self._nested(case, "body") for case in statement.cases]
        else:
            return None
        flags = NONE.union(*[part.flags for part in parts])
        # A context manager may swallow what leaves its block, or be a branch itself.
        always = isinstance(statement, ast.If) and all(part.always for part in parts)
        return Lowered([statement], flags, always, any(part.returns for part in parts))

    def _leave(self, out: list[ast.stmt], statement: ast.stmt) -> Lowered:
        factory = Factory(statement)
        true = factory.constant(True)
        if isinstance(statement, ast.Break):
            flag = self._loops[-1][0]
            return Lowered([*out, factory.assign(flag, true)], frozenset([flag]), True, False)
        if isinstance(statement, ast.Continue):
            flag = self._loops[-1][1]
            return Lowered([*out, factory.assign(flag, true)], frozenset([flag]), True, False)
        assert isinstance(statement, ast.Return)
        if self._returns_value:
            out = [*out, factory.assign(RESULT, statement.value or factory.constant(None))]
        elif statement.value is not None:
            out = [*out, factory.expression(statement.value)]
        out = [*out, factory.assign(self._returned, true)]
        out += [factory.assign(flag, true) for flag, _ in self._loops]
        return Lowered(out, frozenset([self._level()]), True, bool(self._loops))

    def _level(self) -> str:
        """The flag that a `return` sets and that the code at this level tests."""
        return self._loops[-1][0] if self._loops else self._returned

    def _nested(self, node: object, field: str) -> Lowered:
        lowered = self._block(getattr(node, field))
        setattr(node, field, lowered.body)
        return lowered

    def _after_if(self, node: ast.If, lowered: Lowered, rest: Sequence[ast.stmt]) -> Lowered:
        """Continue after an `if` that may have been left from inside."""
        then, other = self._branches.pop(id(node))
        if then.always == other.always:
            return self._after(node, lowered, rest)
        # The rest belongs to the branch that goes on.
        going = other if then.always else then
        after = self._block(rest)
        body = self._guard(Factory(node), going.flags, after.body) if going.flags else after.body
        if going is then:
            node.body = then.body + body
        else:
            node.orelse = other.body + body
        always = after.always and not going.flags
        return Lowered(
            [node], lowered.flags | after.flags, always, lowered.returns or after.returns
        )

    def _after(self, node: ast.stmt, lowered: Lowered, rest: Sequence[ast.stmt]) -> Lowered:
        """Continue after a statement that may have been left from inside."""
        if lowered.always or not rest:
            return lowered
        after = self._block(rest)
        body = lowered.body + self._guard(Factory(rest[0]), lowered.flags, after.body)
        return Lowered(body, lowered.flags | after.flags, False, lowered.returns or after.returns)

    def _guard(self, factory: Factory, flags: Flags, body: list[ast.stmt]) -> list[ast.stmt]:
        """Run the body unless one of the flags is set."""
        self._read |= flags
        tests: list[ast.expr] = [factory.negation(factory.load(flag)) for flag in sorted(flags)]
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **factory.position)
        if not body:
            return []
        guard = factory.if_(test, body)
        guard.flags = sorted(flags)  # type: ignore[attr-defined]
        return [guard]

    def _loop(self, node: Any) -> Lowered:
        # An endless loop without `break` of its own ends by `return` alone.
        endless = (
            isinstance(node, ast.While)
            and isinstance(node.test, ast.Constant)
            and bool(node.test.value)
        )
        breaks = any(
            isinstance(inner, ast.Break) for inner in own_statements(node.body, loops=False)
        )
        endless = endless and not breaks
        number = next(_numbers)
        broken, skipped = f"{PRIVATE}broken{number}", f"{PRIVATE}skipped{number}"
        self._loops.append((broken, skipped))
        body = self._block(node.body)
        self._loops.pop()
        factory = Factory(node)
        before: list[ast.stmt] = []
        statements = body.body
        if skipped in body.flags:
            statements = [factory.assign(skipped, factory.constant(False)), *statements]
        node.broken = ""
        ends = broken in body.flags
        orelse = self._block(node.orelse)
        node.orelse = []
        if ends:
            self._read.add(broken)
            node.broken = broken
            before.append(factory.assign(broken, factory.constant(False)))
            if isinstance(node, ast.While):
                unbroken = factory.negation(factory.load(broken))
                known = isinstance(node.test, ast.Constant) and bool(node.test.value)
                node.endless = known  # type: ignore[attr-defined]
                node.test = (
                    unbroken
                    if known
                    else ast.BoolOp(ast.And(), [unbroken, node.test], **factory.position)
                )
            else:
                statements = self._guard(factory, frozenset([broken]), statements)
            after_loop = self._guard(factory, frozenset([broken]), orelse.body)
        else:
            after_loop = orelse.body
        node.body = statements or [ast.Pass(**factory.position)]
        flags = orelse.flags
        if body.returns:
            flags |= frozenset([self._level()])
        returns = (body.returns and bool(self._loops)) or orelse.returns
        always = (endless and bool(flags)) or (orelse.always and not breaks)
        return Lowered([*before, node, *after_loop], flags, always, returns)


_LEAVING = frozenset([ast.Return, ast.Break, ast.Continue])


def _may_leave_early(statements: Sequence[Any], last: ast.stmt) -> bool:
    for node in statements:
        kind = type(node)
        if kind in _LEAVING:
            if node is not last:
                return True
        elif (kind is ast.For or kind is ast.While) and node.orelse:
            return True
    return False


def _without_unread_flags(body: list[ast.stmt], read: set[str]) -> list[ast.stmt]:
    """Drop the assignments to flags that nothing tests."""
    kept: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name.startswith(PRIVATE) and name != RESULT and name not in read:
                continue
        kept.append(_clean(statement, read))
    return kept


def _clean(statement: ast.stmt, read: set[str]) -> ast.stmt:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement
    for field in ("body", "orelse", "finalbody"):
        nested = getattr(statement, field, None)
        if isinstance(nested, list) and nested:
            setattr(statement, field, _without_unread_flags(nested, read))
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        part.body = _without_unread_flags(part.body, read) or [
            ast.Pass(**Factory(statement).position)
        ]
    if isinstance(statement, ast.If) and not statement.body and statement.orelse:
        # What is left of `if c: return` is the rest, which runs when the condition does not hold.
        statement.test = Factory(statement.test).negation(statement.test)
        statement.body, statement.orelse = statement.orelse, []
    if hasattr(statement, "body") and not statement.body:
        statement.body = [ast.Pass(**Factory(statement).position)]
    return statement
