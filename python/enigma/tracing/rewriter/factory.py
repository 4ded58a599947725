# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Making syntax that stands at the place of the syntax it replaces."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from enigma.tracing.names import PRIVATE as PRIVATE

RUNTIME = "__enigma__"
# Items of loops; the body reads one at once and never again.
ITEM = f"{PRIVATE}item"
# The variable of a generator for what checks its values.
GENERATOR = f"{PRIVATE}generator"


# Nodes may share it.
_LOAD = ast.Load()
_STORE = ast.Store()
# Python's own constructors take the arguments apart, which takes longer than all else here.
_new: Any = ast.AST.__new__


class Factory:
    """Makes nodes with the position of one node of the user's source.

    Attributes
    ----------
    position : dict
        Line and column numbers for new nodes.
    """

    def __init__(self, node: Any) -> None:
        # Python gives a method call that spans lines the last of them, so a new node spans one.
        line, column = node.lineno, node.col_offset
        self.position: dict[str, Any] = {
            "lineno": line,
            "col_offset": column,
            "end_lineno": line,
            "end_col_offset": node.end_col_offset if line == node.end_lineno else column + 1,
        }

    def load(self, name: str) -> ast.Name:
        """Make a read of a variable that is not checked (see `Context.reads`)."""
        node: ast.Name = _new(ast.Name)
        node.__dict__ = fields = self.position.copy()
        fields["id"] = name
        fields["ctx"] = _LOAD
        return node

    def store(self, name: str) -> ast.Name:
        """Make the target of an assignment."""
        node: ast.Name = _new(ast.Name)
        node.__dict__ = fields = self.position.copy()
        fields["id"] = name
        fields["ctx"] = _STORE
        return node

    def constant(self, value: Any) -> ast.Constant:
        """Make a literal."""
        node: ast.Constant = _new(ast.Constant)
        node.__dict__ = fields = self.position.copy()
        fields["value"] = value
        return node

    def method(self, target: str, method: str, *arguments: ast.expr) -> ast.Call:
        """Make a call of a method of a variable."""
        function: ast.Attribute = _new(ast.Attribute)
        function.__dict__ = fields = self.position.copy()
        fields["value"] = self.load(target)
        fields["attr"] = method
        fields["ctx"] = _LOAD
        node: ast.Call = _new(ast.Call)
        node.__dict__ = fields = self.position.copy()
        fields["func"] = function
        fields["args"] = list(arguments)
        fields["keywords"] = []
        return node

    def runtime(self, method: str, *arguments: ast.expr) -> ast.Call:
        """Make a call of a method of the runtime."""
        return self.method(RUNTIME, method, *arguments)

    def runtime_attribute(self, name: str) -> ast.Attribute:
        """Make a read of an attribute of the runtime."""
        return ast.Attribute(self.load(RUNTIME), name, _LOAD, **self.position)

    def loads(self, names: Sequence[str]) -> ast.Tuple:
        """Make a tuple of variables."""
        return ast.Tuple([self.load(name) for name in names], _LOAD, **self.position)

    def strings(self, names: Sequence[str]) -> ast.Constant:
        """Make a tuple of names."""
        return self.constant(tuple(names))

    def assign(self, name: str, value: ast.expr) -> ast.Assign:
        """Make an assignment to one variable."""
        return ast.Assign([self.store(name)], value, **self.position)

    def unpack(self, names: Sequence[str], value: ast.expr) -> ast.stmt:
        """Make an assignment to several variables, or to none."""
        if not names:
            return self.expression(value)
        target = ast.Tuple([self.store(name) for name in names], _STORE, **self.position)
        return ast.Assign([target], value, **self.position)

    def expression(self, value: ast.expr) -> ast.Expr:
        """Make an expression statement."""
        return ast.Expr(value, **self.position)

    def if_(self, test: ast.expr, body: list[ast.stmt], orelse: Sequence[ast.stmt] = ()) -> ast.If:
        """Make an `if`."""
        return ast.If(test, body, list(orelse), **self.position)

    def if_expression(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.IfExp:
        """Make a conditional expression."""
        return ast.IfExp(test, body, orelse, **self.position)

    def named(self, name: str, value: ast.expr) -> ast.NamedExpr:
        """Make ``(name := value)``."""
        return ast.NamedExpr(self.store(name), value, **self.position)

    def in_order(self, values: list[ast.expr], result: int) -> ast.Subscript:
        """Evaluate expressions one after the other; the value is that of one of them."""
        every = ast.Tuple(values, _LOAD, **self.position)
        return ast.Subscript(every, self.constant(result), _LOAD, **self.position)

    def lambda_(self, body: ast.expr) -> ast.Lambda:
        """Make a function without parameters."""
        arguments = ast.arguments([], [], None, [], [], None, [])
        return ast.Lambda(arguments, body, **self.position)

    def negation(self, value: ast.expr) -> ast.UnaryOp:
        """Make `not value`."""
        return ast.UnaryOp(ast.Not(), value, **self.position)
