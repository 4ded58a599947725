# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random Python functions of one int, for comparing kernels with Python itself."""

import random

INPUTS = range(-20, 44)


class Program:
    """A function ``program(a)`` with random control flow, which always ends."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lines: list[str] = []
        self._counters = 0
        self._loops: list[str] = []
        self._names = ["a", "x", "y", "z"]
        self._emit(0, "def program(a):")
        self._emit(1, f"x = {self._random.choice(['0', '1', 'a', 'a + 1'])}")
        self._emit(1, f"y = {self._random.choice(['0', '-3', 'a * 2'])}")
        self._emit(1, f"z = {self._random.choice(['5', 'a'])}")
        self._block(1, 3, self._random.randint(3, 6))
        self._emit(1, "return (x * 7 + y * 3 + z) % 1009")
        self.source = "\n".join(self._lines) + "\n"

    def _emit(self, depth: int, line: str) -> None:
        self._lines.append("    " * depth + line)

    def _value(self, depth: int = 2) -> str:
        kind = self._random.randrange(9) if depth else self._random.randrange(3)
        if kind == 0:
            return str(self._random.randint(-4, 9))
        if kind <= 2:
            return self._random.choice(self._names)
        left, right = self._value(depth - 1), self._value(depth - 1)
        if kind == 3:
            return f"({left} if {self._condition(1)} else {right})"
        if kind == 4:
            return f"({left} % {self._random.choice([3, 4, 7, -5])})"
        if kind == 5:
            return f"({left} // {self._random.choice([2, 3, -4])})"
        return f"({left} {self._random.choice('+-')} {right})"

    def _condition(self, depth: int = 2) -> str:
        kind = self._random.randrange(6) if depth else 0
        if kind <= 2:
            operator = self._random.choice(["<", "<=", ">", ">=", "==", "!="])
            return f"{self._value(1)} {operator} {self._value(1)}"
        if kind == 3:
            return f"{self._value(0)} < {self._value(0)} <= {self._value(0)}"
        if kind == 4:
            return f"not ({self._condition(depth - 1)})"
        operator = self._random.choice(["and", "or"])
        return f"({self._condition(depth - 1)}) {operator} ({self._condition(depth - 1)})"

    def _block(self, depth: int, nesting: int, statements: int) -> None:
        for _ in range(statements):
            if self._statement(depth, nesting):
                return

    def _statement(self, depth: int, nesting: int) -> bool:
        """Emit a statement; whether what follows would be dead."""
        kind = self._random.randrange(10)
        if kind <= 3 or not nesting:
            name = self._random.choice(["x", "y", "z"])
            operator = self._random.choice(["=", "=", "+=", "-="])
            self._emit(depth, f"{name} {operator} {self._value()} % 97")
        elif kind == 4:
            self._emit(depth, "x, y = y, x")
        elif kind <= 6:
            self._branch(depth, nesting)
        elif kind == 7:
            self._for(depth, nesting)
        elif kind == 8:
            self._while(depth, nesting)
        else:
            return self._exit(depth)
        return False

    def _branch(self, depth: int, nesting: int) -> None:
        if self._random.random() < 0.3:
            self._twice(depth, nesting)
        else:
            self._choice(depth, nesting, self._condition())

    def _twice(self, depth: int, nesting: int) -> None:
        """Emit two branches on one condition."""
        self._counters += 1
        name = f"c{self._counters}"
        self._emit(depth, f"{name} = {self._condition()}")
        self._choice(depth, nesting, name)
        self._block(depth, 0, self._random.randint(0, 2))
        self._choice(depth, nesting, name)

    def _choice(self, depth: int, nesting: int, condition: str) -> None:
        self._emit(depth, f"if {condition}:")
        self._block(depth + 1, nesting - 1, self._random.randint(1, 3))
        if self._random.random() < 0.4:
            self._emit(depth, f"elif {self._condition()}:")
            self._block(depth + 1, nesting - 1, self._random.randint(1, 2))
        if self._random.random() < 0.5:
            self._emit(depth, "else:")
            self._block(depth + 1, nesting - 1, self._random.randint(1, 3))

    def _for(self, depth: int, nesting: int) -> None:
        self._counters += 1
        name = f"i{self._counters}"
        bounds = self._random.choice(
            [
                "range(3)",
                "loop(4)",
                "loop(1, 9, 3)",
                "loop(x % 5)",
                "loop(5, -2, -2)",
                "loop(x % 6, y % 3, -1)",
            ]
        )
        self._emit(depth, f"for {name} in {bounds}:")
        self._names.append(name)
        self._body(depth + 1, nesting - 1)
        self._names.remove(name)
        self._else(depth, nesting)

    def _while(self, depth: int, nesting: int) -> None:
        self._counters += 1
        name = f"k{self._counters}"
        self._emit(depth, f"{name} = 0")
        endless = self._random.random() < 0.3
        test = "True" if endless else f"{name} < 5 and ({self._condition()})"
        self._emit(depth, f"while {test}:")
        self._emit(depth + 1, f"{name} += 1")
        if endless:
            self._emit(depth + 1, f"if {name} > 6 or {self._condition(1)}:")
            self._emit(depth + 2, "break")
        self._names.append(name)
        self._body(depth + 1, nesting - 1)
        self._names.remove(name)
        self._else(depth, nesting)

    def _body(self, depth: int, nesting: int) -> None:
        self._loops.append("loop")
        self._block(depth, nesting, self._random.randint(1, 3))
        self._loops.pop()

    def _else(self, depth: int, nesting: int) -> None:
        if self._random.random() < 0.2:
            self._emit(depth, "else:")
            self._block(depth + 1, nesting - 1, 1)

    def _exit(self, depth: int) -> bool:
        if self._random.random() < 0.5:
            self._emit(depth, f"if {self._condition(1)}:")
            depth += 1
            always = False
        else:
            always = True
        choices = ["return", "break", "continue"] if self._loops else ["return"]
        choice = self._random.choice(choices)
        self._emit(depth, f"return {self._value(1)}" if choice == "return" else choice)
        return always
