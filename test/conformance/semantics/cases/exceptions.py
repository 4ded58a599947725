# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Exceptions, and statements that see them: `try`, `with`; generators and classes."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, REFUSED

case("a raise under a condition", "B[i] = 1\nif A[i] > 2:\n    raise ValueError('no')", REFUSED)
case(
    "a raise under a condition in a try",
    """
        r = 1
        try:
            if A[i] > 2:
                raise ValueError('no')
        except ValueError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "a raise in a range in a try",
    """
        r = 1
        try:
            for j in enigma.range(A[i] % 3):
                raise ValueError('no')
        except ValueError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "a raise of a helper in a try",
    "r = 1\ntry:\n    check(A[i])\nexcept ValueError:\n    r = 2\nB[i] = r",
    EITHER,
    prelude="@enigma.func\ndef check(v):\n    if v > 2:\n        raise ValueError('no')",
)
case(
    "an error of Python under a condition in a try",
    """
        r, xs = 1, []
        try:
            if A[i] > 2:
                r = xs[0]
        except IndexError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error of Python in a ternary in a try",
    "xs = []\ntry:\n    r = xs[0] if A[i] > 2 else 1\nexcept IndexError:\n    r = 2\nB[i] = r",
    EITHER,
)
case(
    "an error of Python in an and in a try",
    """
        d, r = {}, 1
        try:
            if A[i] > 2 and d['k']:
                r = 3
        except KeyError:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error that is caught in the arm",
    """
        r, xs = 1, []
        if A[i] > 2:
            try:
                r = xs[0]
            except IndexError:
                r = 2
        B[i] = r
        """,
)
case(
    "an error that is caught in the body of a loop",
    """
        r, xs = 1, []
        for j in enigma.range(3):
            try:
                r = xs[0]
            except IndexError:
                r += j
        B[i] = r
        """,
)
case(
    "an error that is caught outside of all control flow",
    "xs = []\ntry:\n    r = xs[0]\nexcept IndexError:\n    r = A[i]\nB[i] = r",
)
case(
    "a raise that is caught outside of all control flow",
    """
        try:
            raise ValueError('no')
        except ValueError as e:
            r = len(str(e)) + A[i]
        B[i] = r
        """,
)
case(
    "StopIteration under a condition in a try",
    """
        it, r = iter([]), 1
        try:
            if A[i] > 2:
                next(it)
        except StopIteration:
            r = 2
        B[i] = r
        """,
    EITHER,
)
case(
    "an error under a condition, suppressed",
    """
        r = 1
        with contextlib.suppress(ValueError):
            if A[i] > 2:
                r = 2
                raise ValueError
        B[i] = r
        """,
    EITHER,
    prelude="import contextlib",
)
case(
    "an index error under a condition", "xs = []\nB[i] = 1\nif A[i] > 2:\n    B[i] = xs[0]", REFUSED
)
case(
    "a division of Python by zero under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = 1 // 0",
    REFUSED,
)
case(
    "a name that does not exist under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = nothing",
    REFUSED,
)
case(
    "an attribute that does not exist under a condition",
    "B[i] = 1\nif A[i] > 2:\n    B[i] = (1).nothing",
    REFUSED,
)
case("an error in a condition of a ternary's arm", "B[i] = {}['k'] if A[i] > 2 else 1", REFUSED)
case(
    "a finally that the return passes",
    "r = [0]\nB[i] = give(r) + r[0]",
    prelude="""
@enigma.func
def give(r):
    try:
        return 3
    finally:
        r[0] = 5
""",
)
case(
    "a finally that a traced return passes",
    "r = [0]\nB[i] = give(r, A[i]) * 100 + r[0]",
    EITHER,
    prelude="""
    @enigma.func
    def give(r, v):
        try:
            if v > 2:
                return 3
            r[0] = 1
        finally:
            r[0] += 5
        return 4
    """,
)
case(
    "a finally that a traced break passes",
    """
        r = 0
        for j in range(3):
            try:
                if A[i] == j: break
                r += 1
            finally:
                r += 10
        B[i] = r
        """,
    EITHER,
)
case(
    "a finally that a traced continue passes",
    """
        r = 0
        for j in enigma.range(3):
            try:
                if A[i] == j: continue
                r += 1
            finally:
                r += 10
        B[i] = r
        """,
    EITHER,
)
case(
    "a finally that a traced return passes, in a loop",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        n = 0
        for j in enigma.range(4):
            try:
                if v == j:
                    return n
            finally:
                n += 3
        return n + 100
    """,
)
case(
    "a return in a finally",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        try:
            if v > 2:
                return 1
        finally:
            return 2
    """,
)
case(
    "a with that a traced return passes",
    "log = []\nB[i] = give(A[i], log) * 10 + len(log)",
    EITHER,
    prelude="""
    class Noting:
        def __init__(self, log): self.log = log
        def __enter__(self): return self
        def __exit__(self, *rest): self.log.append(1)
    @enigma.func
    def give(v, log):
        with Noting(log):
            if v > 2:
                return 1
        return 2
    """,
)
case(
    "the else of a try that a traced return passes",
    "B[i] = give(A[i])",
    EITHER,
    prelude="""
    @enigma.func
    def give(v):
        n = 1
        try:
            if v > 2:
                return n
        except ValueError:
            n = 5
        else:
            n = 2
        return n * 10
    """,
)

case(
    "a with that swallows what comes before a return",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        B[i] = [][0]
        return
    B[i] = 5
    """,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before a break",
    """
    r = 0
    for j in range(3):
        with contextlib.suppress(IndexError):
            r = [][0]
            break
        r += 2
    B[i] = r
    """,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before a traced return",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        if A[i] > 2:
            return
        B[i] = [][0]
    B[i] = 5
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a with that swallows what comes before returns on all paths",
    """
    B[i] = 1
    with contextlib.suppress(IndexError):
        if A[i] > 2:
            return
        B[i] = [][0]
        return
    B[i] = 5
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a return in a handler",
    """
    B[i] = 1
    try:
        B[i] = [][0]
    except IndexError:
        if A[i] > 2:
            return
    B[i] = 5
    """,
)
case(
    "a return in a try, and one in its handler",
    """
    B[i] = 1
    try:
        if A[i] > 2:
            return
        B[i] = [][0]
    except IndexError:
        return
    B[i] = 5
    """,
    EITHER,
)
case(
    "an error behind a traced break, caught in the loop",
    """
    r = 0
    for j in range(3):
        try:
            if A[i] == j:
                break
            r += [][0]
        except IndexError:
            r += 2
    B[i] = r
    """,
    EITHER,
)
case(
    "a class body with a traced condition",
    "class K:\n    n = 1\n    if A[i] > 2:\n        n = 5\nB[i] = K.n",
    EITHER,
)
case(
    "a class body with a traced value",
    "class K:\n    n = A[i]\n    m = n + 1\nB[i] = K.m * 10 + K.n",
)
case(
    "exec",
    "xs = [1]\nif A[i] > 2:\n    exec('xs.append(2)')\nB[i] = len(xs)",
    EITHER,
)
case("eval", "if A[i] > 2:\n    r = eval('3 + 4')\nelse:\n    r = 1\nB[i] = r", EITHER)
case("locals()", "x = 1\nif A[i] > 2:\n    x = 5\nB[i] = locals()['x']", EITHER)
case(
    "a generator with a traced condition",
    """
    def f():
        if A[i] > 2:
            yield 3
        yield 4
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator with a traced loop",
    """
    def f():
        for j in enigma.range(A[i] % 3):
            yield j
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator with a traced early return",
    """
    def f():
        yield 3
        if A[i] > 2:
            return
        yield 4
    B[i] = sum(f())
    """,
    EITHER,
)
case(
    "a generator that a traced break leaves",
    """
    def f():
        yield 3
        yield A[i]
        yield 5
    r = 0
    for v in f():
        if v > 4: break
        r += v
    B[i] = r
    """,
    EITHER,
)
case(
    "a context manager of a generator, under a condition",
    """
    log = []
    @contextlib.contextmanager
    def noting():
        log.append(1)
        yield 4
        log.append(2)
    r = 0
    if A[i] > 2:
        with noting() as r:
            r += 1
    B[i] = r * 10 + len(log)
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a context manager that is entered in one arm",
    """
    stack = contextlib.ExitStack()
    log = []
    with stack:
        if A[i] > 2:
            stack.callback(log.append, 1)
    B[i] = len(log)
    """,
    EITHER,
    prelude="import contextlib",
)
case(
    "a recursion over Python values with traced conditions",
    """
    def f(n, v):
        if n == 0:
            return v
        if v > n:
            return f(n - 1, v - 1)
        return f(n - 1, v + 2)
    B[i] = f(3, A[i])
    """,
    EITHER,
)
case(
    "an object's truth",
    """
    class Full:
        def __init__(self): self.asked = 0
        def __bool__(self):
            self.asked += 1
            return True
    f = Full()
    r = 0
    if A[i] > 2 and f:
        r = 5
    B[i] = r * 10 + f.asked
    """,
    EITHER,
)
case(
    "a sum by an operator of a class",
    """
    class Acc:
        def __init__(self): self.total = 0
        def __lshift__(self, v):
            self.total += v
            return self
    acc = Acc()
    for j in enigma.range(3):
        acc << A[i + j]
    if A[i] > 2:
        acc << 1 << 2
    B[i] = acc.total
    """,
)
case(
    "a matrix of rows, swapped for a pivot",
    """
    m = [[A[i], 1], [A[i + 1], 2]]
    if m[1][0] > m[0][0]:
        m[0], m[1] = m[1], m[0]
    m[0][1] += 10
    B[i] = m[0][0] * 100 + m[0][1] * 3 + m[1][1]
    """,
    EITHER,
)
case(
    "del in a nested function",
    """
    x = 1
    @enigma.func
    def f():
        nonlocal x
        del x
        x = A[i]
        return x
    B[i] = f() * 10 + x
    """,
    EITHER,
)
for name, statement in {
    "an if": "if A[i] > 2: x = 1",
    "a loop": "for j in enigma.range(A[i] % 3): x = j",
    "a while": "while B[i] < A[i]:\n    x = A[i]\n    B[i] += 3",
}.items():
    case(f"del of what only {name} assigns", f"B[i] = 0\n{statement}\ndel x\nB[i] = 4", REFUSED)
for name, frame in {
    "a try": "try:\n    del x\nfinally:\n    B[i] = 4",
    "a match": "match A[i + 1] & 1:\n    case 0: del x\n    case _: x = 3",
    "a with": "with contextlib.nullcontext():\n    del x",
}.items():
    case(
        f"del in {name} of what only an if assigns",
        f"B[i] = 4\nif A[i] > 2: x = 1\n{frame}",
        REFUSED,
        prelude="import contextlib",
    )
