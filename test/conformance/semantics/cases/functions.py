# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Decorated and nested functions, and what they enclose."""

from __future__ import annotations

import textwrap

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, block

for name, body in {
    "func": "@enigma.func\ndef f(v):\n    if v > 2: return 5\n    return v\nB[i] = f(A[i])",
    "func with a closure": """
        n = A[i + 1]
        @enigma.func
        def f(v):
            if v > 2: return n
            return v
        B[i] = f(A[i])
        """,
    "func in a func": """
        @enigma.func
        def f(v):
            @enigma.func
            def g(w):
                return w * 2 if w > 1 else 0
            return g(v) + 1
        B[i] = f(A[i])
        """,
    "func in an if": """
        r = 0
        if A[i] > 2:
            @enigma.func
            def f(v):
                if v > 4: return 5
                return v
            r = f(A[i])
        B[i] = r
        """,
    "func in a range": """
        r = 0
        for j in enigma.range(3):
            @enigma.func
            def f(v):
                if v > j: return 5
                return v
            r += f(A[i])
        B[i] = r
        """,
    "func in an unrolled loop": """
        r = 0
        for j in range(3):
            @enigma.func
            def f(v):
                if v > j: return 5
                return v
            r += f(A[i])
        B[i] = r
        """,
    "func with a default": """
        @enigma.func
        def f(v, w=A[i + 1]):
            if v > 2: return w
            return v
        B[i] = f(A[i])
        """,
    "func with keywords": """
        @enigma.func
        def f(v, *, w=3, **more):
            if v > 2: return w
            return v
        B[i] = f(A[i], w=8)
        """,
    "func with a walrus": """
        @enigma.func
        def f(v):
            if v > 0 and (u := v * 2) > 4: return u
            return v
        B[i] = f(A[i])
        """,
    "func that changes a closure's list": """
        xs = [1, 2]
        @enigma.func
        def f(v):
            if v > 2: xs[0] = v
        f(A[i])
        B[i] = xs[0] * 10 + xs[1]
        """,
    "func called twice": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        B[i] = f(A[i]) * 10 + f(A[i + 1])
        """,
    "two funcs": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        @enigma.func
        def g(v):
            return f(v) + f(v + 1)
        B[i] = g(A[i])
        """,
    "func as an argument": """
        @enigma.func
        def f(v):
            if v > 2: return 5
            return v
        def apply(h, v):
            return h(v)
        B[i] = apply(f, A[i])
        """,
    "func of a lambda's closure": """
        f = lambda v: v * 2
        @enigma.func
        def g(v):
            if v > 2: return f(v)
            return v
        B[i] = g(A[i])
        """,
    "nested function": "def f(v):\n    if v > 2: return 5\n    return v\nB[i] = f(A[i])",
    "nested function with a loop": """
        def f(v):
            t = 0
            for j in enigma.range(v % 3):
                t += j + 1
            return t
        B[i] = f(A[i])
        """,
    "nested function that calls itself": """
        def f(n):
            if n == 0: return A[i]
            return f(n - 1) + n
        B[i] = f(3)
        """,
    "decorated by another": """
        def twice(f):
            return lambda v: f(f(v))
        @twice
        def g(v):
            return v + 3 if v > 2 else v
        B[i] = g(A[i])
        """,
    "decorated by functools.wraps": """
        def deco(f):
            @functools.wraps(f)
            def inner(v): return f(v) + 1
            return inner
        @deco
        def g(v):
            if v > 2: return 5
            return v
        B[i] = g(A[i])
        """,
    "func decorated once more": """
        def deco(f):
            return lambda v: f(v) + 1
        @deco
        @enigma.func
        def g(v):
            if v > 2: return 5
            return v
        B[i] = g(A[i])
        """,
    "partial": """
        @enigma.func
        def f(v, w):
            if v > 2: return w
            return v
        g = functools.partial(f, w=9)
        B[i] = g(A[i])
        """,
    "method": "class K:\n    def f(self, v):\n        return v * 2\nB[i] = K().f(A[i])",
    "func method": """
        class K:
            @enigma.func
            def f(self, v):
                if v > 2: return 5
                return v
        B[i] = K().f(A[i])
        """,
    "static func method": """
        class K:
            @staticmethod
            @enigma.func
            def f(v):
                if v > 2: return 5
                return v
        B[i] = K.f(A[i])
        """,
    "class with __call__": """
        class K:
            @enigma.func
            def __call__(self, v):
                if v > 2: return 5
                return v
        B[i] = K()(A[i])
        """,
}.items():
    loose = ("class with", "static func", "func method", "in a range", "a default", "func in an if")
    case(
        f"inner, {name}",
        body,
        EITHER if any(word in name for word in loose) else EQUAL,
        prelude="import functools",
    )
for name, body in {
    "set": "if A[i] > 2: xs[0] = 7",
    "traced": "if A[i] > 2: xs[0] = A[i]",
    "augmented": "if A[i] > 2: xs[0] += A[i]",
    "in else": "if A[i] > 2: pass\nelse: xs[0] = 7",
    "in a range": "for j in enigma.range(A[i] % 3): xs[0] += 2",
    "in a while": "while xs[0] < A[i]: xs[0] += 2",
    "two deep": "if A[i] > 0:\n    if A[i + 1] > 2: xs[0] = A[i]",
    "attribute": "if A[i] > 2: p.x = A[i]",
    "dict": 'if A[i] > 2: d["k"] = A[i]',
    "append": "if A[i] > 2: xs.append(3)",
}.items():
    verdict = EITHER if name == "append" else EQUAL
    read = "len(xs) * 1000 + xs[0] * 10 + p.x + d['k']"
    prelude = "class Point: x = 0\ndef make_point():\n    p = Point()\n    p.x = 1\n    return p"
    state = "xs, p, d = [1, 2], make_point(), {'k': 3}"
    indented = block(body).replace("\n", "\n    ")
    case(
        f"closure's list, {name}",
        f"{state}\ndef f():\n    {indented}\nf()\nB[i] = {read}",
        verdict,
        prelude=prelude,
    )
    case(
        f"closure's list of a func, {name}",
        f"{state}\n@enigma.func\ndef f():\n    {indented}\nf()\nB[i] = {read}",
        verdict,
        prelude=prelude,
    )
    case(
        f"module's list, {name}",
        f"{block(body)}\nB[i] = {read}",
        EITHER,
        prelude=f"{prelude}\n{state}",
    )
    case(
        f"parameter's list, {name}",
        f"{state}\nf(xs, p, d, A, i)\nB[i] = {read}",
        verdict,
        prelude=f"{prelude}\n@enigma.func\ndef f(xs, p, d, A, i):\n    {indented}",
    )

# Names that statements inside of others bind.

for what, (before, after, read) in {
    "def": ("def f(): return 1", "def f(): return 5", "f()"),
    "class": ("class f: n = 1", "class f: n = 5", "f.n"),
    "decorated def": ("def f(): return 1", "@enigma.func\ndef f(): return 5", "f()"),
    "import": ("import math as f", "import cmath as f", "len(f.__name__)"),
    "from import": ("from math import sqrt as f", "from math import fabs as f", "int(f(16))"),
    "with": ("f = 1", "with contextlib.nullcontext(5) as f: pass", "f"),
    "for": ("f = 1", "for f in (4, 5): pass", "f"),
    "match": ("f = 1", "match 5:\n    case f: pass", "f"),
    "star of a match": ("f = [1]", "match [5, 6]:\n    case [*f]: pass", "len(f)"),
    "rest of a match": ("f = {}", "match {1: 2}:\n    case {**f}: pass", "len(f)"),
    "except": ("f = 1", "try:\n    [][0]\nexcept IndexError as e:\n    f = len(e.args) + 4", "f"),
    "walrus": ("f = 1", "abs(f := 5)", "f"),
    "walrus of a comprehension": ("f = 1", "[f := v for v in (4, 5)]", "f"),
    "del": ("f = 1", "del f\nf = 5", "f"),
    "import of a name": ("import math as cmath", "import cmath", "len(cmath.__name__)"),
    "default of a def": ("f = 1", "def g(v=(f := 5)): return v", "f"),
    "default of a lambda": ("f = 1", "g = lambda v=(f := 5): v", "f"),
    "decorator": ("f = 1", "@[id, (f := 5)][0]\nclass g: pass", "f"),
    "base of a class": ("f = 1", "class g(*[(f := 5)][:0]): pass", "f"),
    "annotated": ("f = 1", "f: int = 5", "f"),
    "starred": ("f = [1]", "_, *f = (1, 2, 3)", "len(f)"),
    "augmented": ("f = 1", "f += 4", "f"),
}.items():
    for where, text in {
        "try": "try:\n    {}\nfinally:\n    pass",
        "handler": "try:\n    [][0]\nexcept IndexError:\n    {}",
        "else of try": "try:\n    pass\nexcept IndexError:\n    pass\nelse:\n    {}",
        "finally": "try:\n    pass\nfinally:\n    {}",
        "with": "with contextlib.nullcontext():\n    {}",
        "match": "match 1:\n    case 1:\n        {}",
        "loop": "for k in range(2):\n    {}",
        "while": "k = 0\nwhile k < 2:\n    k += 1\n    {}",
        "else of for": "for k in range(2):\n    pass\nelse:\n    {}",
        "if": "if True:\n    {}",
        "try in with": """
            with contextlib.nullcontext():
                try:
                    {}
                finally:
                    pass
            """,
    }.items():
        for condition in ("if A[i] > 2:", "for j in enigma.range(A[i] % 3):"):
            frame = block(text)
            indent = " " * (frame.index("{}") - frame.rindex("\n", 0, frame.index("{}")) - 1)
            inner = frame.replace("{}", textwrap.indent(after, indent).lstrip())
            case(
                f"bound by {what} in {where} in {condition.split()[0]}",
                f"{before}\n{condition}\n{textwrap.indent(inner, '    ')}\nB[i] = {read}",
                EITHER,
                prelude="import contextlib",
            )
