# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Exits, with variables that every path assigns which gets there; do-while."""

from __future__ import annotations

from conformance.semantics.cases.registry import case
from conformance.semantics.comparison import EITHER, EQUAL, REFUSED

# Exits two deep, with variables that every path assigns which gets there.


for name, body in {
    "return in an elif": """
        if A[i] > 5: r = 1
        elif A[i] > 3: r = 2
        elif A[i] > 1:
            B[i] = 50
            return
        else: r = 3
        B[i] = r""",
    "return in an else of an elif": """
        if A[i] > 5: r = 1
        elif A[i] > 3: r = 2
        else:
            B[i] = 50
            return
        B[i] = r""",
    "return in the first of an elif": """
        if A[i] > 5: return
        elif A[i] > 3: r = 2
        else: r = 3
        B[i] = r""",
    "return in an if in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                return
            r = 1
        else:
            r = 2
        B[i] = r""",
    "return in an if in an else": """
        if A[i] > 2:
            r = 1
        else:
            if A[i + 1] > 2:
                return
            r = 2
        B[i] = r""",
    "return in an else in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                r = 1
            else:
                return
        else:
            r = 2
        B[i] = r""",
    "return three deep": """
        if A[i] > 0:
            if A[i + 1] > 0:
                if A[i + 2] > 0:
                    return
                r = 1
            else:
                r = 2
        else:
            r = 3
        B[i] = r""",
    "returns of all in an if": """
        if A[i] > 2:
            if A[i + 1] > 2:
                B[i] = 5
                return
            else:
                B[i] = 6
                return
        else:
            r = 2
        B[i] = r""",
    "return in both ifs": """
        if A[i] > 4:
            if A[i + 1] > 2: return
            r = 1
        elif A[i] > 1:
            if A[i + 1] > 3: return
            r = 2
        else:
            r = 3
        B[i] = r""",
    "return before the assignment": """
        if A[i] > 4:
            return
        r = 1
        if A[i + 1] > 2:
            q = 2
        else:
            return
        B[i] = r * 10 + q""",
    "continue two deep": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 2:
                r = 2
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "continue in an if in an if": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i] > 2: continue
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break two deep": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 6:
                r = 1
            elif A[i + j] > 5:
                break
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "break in an if in an if": """
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "unrolled break two deep": """
        t = 0
        for j in range(4):
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "unrolled continue two deep": """
        t = 0
        for j in range(4):
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "break in a while two deep": """
        t = j = 0
        while j < 5:
            if A[i + j] > 0:
                if A[i + j] > 5: break
                r = 1
            else:
                r = 2
            t = t * 4 + r
            j += 1
        B[i] = t""",
    "continue in a while two deep": """
        t = j = 0
        while j < 5:
            j += 1
            if A[i + j] > 4:
                r = 1
            elif A[i + j] > 0:
                continue
            else:
                r = 3
            t = t * 4 + r
        B[i] = t""",
    "return in a loop two deep": """
        B[i] = 50
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 0:
                if A[i + j] > 6: return
                r = 1
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break and return": """
        B[i] = 50
        t = 0
        for j in enigma.range(4):
            if A[i + j] > 5:
                r = 1
                if A[i] > 3: break
            elif A[i + j] == 0:
                return
            else:
                r = 2
            t = t * 4 + r
        B[i] = t""",
    "break of the inner, continue of the outer": """
        t = 0
        for j in enigma.range(3):
            for k in enigma.range(3):
                if A[i + k] > 2:
                    if A[i + j] > 4: break
                    r = 1
                else:
                    r = 2
                t = (t * 3 + r) % 1000
            if A[i + j] > 3:
                continue
            t += 1
        B[i] = t""",
    "return of a helper in an elif": "B[i] = give(A[i])",
    "return of a helper two deep": "B[i] = deep(A[i], A[i + 1])",
    "return of a helper in a loop": "B[i] = find(A[i])",
    "return of a helper in nested loops": "B[i] = search(A[i])",
    "return of tuples": "a, b = pair(A[i])\nB[i] = a * 10 + b",
    "variable of one path is not read": """
        if A[i] > 4:
            q = 1
            B[i] = q
            return
        elif A[i] > 2:
            r = 2
        else:
            r = 3
        B[i] = r""",
    "variable is of different types where it is not read": """
        if A[i] > 4:
            r = "no"
            return
        r = 2
        B[i] = r""",
    "variable is of different types behind an exit two deep": """
        B[i] = 50
        if A[i] > 2:
            r = "no"
            if A[i + 1] > 2:
                return
            r = 4
        else:
            r = 2
        B[i] = r""",
    "assigned under the same condition twice": """
        if A[i] > 2:
            r = 1
        else:
            return
        if A[i + 1] > 2:
            r = r + 1
        B[i] = r""",
    "static condition in a traced one": """
        if A[i] > 2:
            if True:
                return
        else:
            r = 1
        B[i] = r""",
    "traced condition in a static one": """
        if True:
            if A[i] > 2:
                return
            r = 1
        else:
            pass
        B[i] = r""",
    "endless loop with return": """
        j = 0
        while True:
            if A[i] <= j:
                B[i] = j
                return
            j += 1
        B[i] = 3""",
}.items():
    case(
        f"exit, {name}",
        body,
        prelude="""
        @enigma.func
        def give(v):
            if v > 5: r = 1
            elif v > 3: return 20
            elif v > 1: r = 2
            else: return 30
            return r
        @enigma.func
        def deep(v, w):
            if v > 2:
                if w > 2:
                    return 5
                r = 1
            else:
                if w > 4:
                    return 6
                r = 2
            return r * 10
        @enigma.func
        def find(v):
            for j in enigma.range(5):
                if v > 1:
                    if v == j:
                        return j * 10
            return -1
        @enigma.func
        def search(v):
            for j in enigma.range(3):
                for k in range(3):
                    if v == j * 3 + k:
                        if j > 0:
                            return j * 10 + k
            else:
                return -2
        @enigma.func
        def pair(v):
            if v > 4: return v, 1
            if v > 1:
                if v == 3: return 9, 9
                return 2, v
            return 0, 0
        """,
    )
case(
    "exit, unassigned on a path that gets there",
    "if A[i] > 2:\n    if A[i + 1] > 2: return\nelse:\n    r = 2\nB[i] = r",
    REFUSED,
    names="'r'",
)

# What a run of an unrolled loop assigns on some paths, assigned again by the next run.


for name, body in {
    "a name of a match in a match": """
        r = 0
        for j in range(2):
            match A[i]:
                case 0:
                    match A[i + 2]:
                        case 0: r += 1
                        case c if c > 1: break
                    r += 2
                case 4: r += 10
                case _: break
            r += 100
        B[i] = r""",
    "a name in an if in an if": """
        r = 0
        for j in range(3):
            if A[i] > 0:
                if A[i + 1] > 1:
                    r += 1
                else:
                    c = A[i + 2]
                    if c > 2: break
                    r += c
            elif A[i] < 0: r += 10
            else: break
            r += 100
        B[i] = r""",
    "a name of a walrus": """
        r = 0
        for j in range(2):
            if A[i] > 0:
                if A[i + 1] > 1: r += 1
                elif (c := A[i + 2]) > 2: break
                else: r += c
            elif A[i] < 0: r += 10
            else: break
        B[i] = r""",
    "a tuple": """
        r = 0
        for j in range(2):
            if A[i] > 0:
                if A[i + 1] > 1:
                    r += 1
                else:
                    c = (A[i + 2], A[i])
                    if c[0] > 2: break
                    r += c[1]
            elif A[i] < 0: r += 10
            else: break
        B[i] = r""",
    "a name where it continues": """
        r = 0
        for j in range(2):
            if A[i] > 0:
                if A[i + 1] > 1:
                    r += 1
                else:
                    c = A[i + 2]
                    if c > 2: continue
                    r += c
            elif A[i] < 0: r += 10
            else: break
            r += 100
        B[i] = r""",
}.items():
    case(f"exit of an unrolled loop, {name}", body, EQUAL)
case(
    "exit of an unrolled loop, a name that is read afterwards",
    """
    for j in range(2):
        if A[i] > 0:
            if A[i + 1] > 1:
                c = A[i + 2]
                if c > 2: break
        elif A[i] == 0:
            break
    B[i] = c""",
    REFUSED,
    names="'c'",
)

# Do-while.


for name, body in {
    "value read afterwards": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "value set before": """
        v = j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "break in the middle": """
        j = t = 0
        while True:
            v = A[i + j]
            if v > 2 or j > 5: break
            j += 1
            t += v
        B[i] = (v * 10 + j) * 10 + t""",
    "two breaks": """
        j = 0
        while True:
            v = A[i + j]
            if v > 4: break
            w = v + 1
            j += 1
            if w > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "with continue": """
        j = 0
        while True:
            j += 1
            v = A[i + j]
            if v < 0 and j < 5: continue
            if v > 1 or j > 5: break
        B[i] = v * 10 + j""",
    "break two deep": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if j > 2:
                if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "break in both arms": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2:
                r = 1
                break
            elif j > 5:
                r = 2
                break
        B[i] = v * 20 + j + r""",
    "nested": """
        t = k = 0
        while True:
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 4: break
            t += v
            k += 1
            if k > 1: break
        B[i] = t * 10 + k""",
    "in an if": """
        j = v = 0
        if A[i] > 1:
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "in a range": """
        t = 0
        for k in enigma.range(2):
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > k or j > 4: break
            t = t * 10 + v
        B[i] = t""",
    "with return": """
        j = 0
        while True:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5:
                B[i] = v * 10 + j
                return""",
    "in a helper": "B[i] = first(A, i)",
    "list": """
        j = 0
        while True:
            xs = [A[i + j], j]
            j += 1
            if xs[0] > 2 or j > 5: break
        B[i] = xs[0] * 10 + xs[1]""",
    "with a flag": """
        j, more = 0, True
        while more:
            v = A[i + j]
            j += 1
            more = v <= 2 and j < 6
        B[i] = v * 10 + j""",
    "with while 1": """
        j = 0
        while 1:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
    "with while not False": """
        j = 0
        while not False:
            v = A[i + j]
            j += 1
            if v > 2 or j > 5: break
        B[i] = v * 10 + j""",
}.items():
    verdict = EITHER if name == "with a flag" else EQUAL
    case(
        f"do-while, {name}",
        body,
        verdict,
        prelude="""
        @enigma.func
        def first(A, i):
            j = 0
            while True:
                v = A[i + j]
                j += 1
                if v > 2 or j > 5: break
            return v * 10 + j
        """,
    )
case(
    "do-while, assigned behind the break",
    "j = 0\nwhile True:\n    if A[i] <= j: break\n    v = j\n    j += 1\nB[i] = v",
    REFUSED,
    names="'v'",
)
