# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random kernels with one wrong piece, which have to be refused with their line."""

from __future__ import annotations

import ast
import itertools
import random
import re
from collections.abc import Callable, Iterator

from conformance.random_kernels.checking import Program
from conformance.random_kernels.generator import Generator
from conformance.random_kernels.numbers import INTEGERS
from conformance.semantics.comparison import Outcome, Raised, Text, compiler

_PYTHONS = ("AttributeError", "NameError", "TypeError")
REFUSED = "refused"
# What a refusal must not be.
ACCEPTED, BROKEN = "accepted", "broken"


def _kernel(tree: ast.Module) -> ast.FunctionDef:
    """The kernel of a module."""
    (*_, found) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return found


def _traced(kernel: ast.FunctionDef) -> Iterator[ast.AST]:
    """What is certainly traced: not what is in functions that may not be called."""
    # The first statement gives the position of the thread its name.
    pending: list[ast.AST] = list(reversed(kernel.body[1:]))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.IfExp) and _is_known(node.test):
            pending.append(node.test)
        elif not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)):
            pending += reversed(list(ast.iter_child_nodes(node)))


def _is_known(test: ast.expr) -> bool:
    """Whether Python may know a condition: one of a size or of the number of a loop."""
    names = [node.id for node in ast.walk(test) if isinstance(node, ast.Name)]
    return all(re.fullmatch(r"size|[jk]\d*", name) for name in names)


def _is_reached(kernel: ast.FunctionDef) -> bool:
    """Whether what stands behind is certainly reached: it is left under conditions only."""
    exits = (ast.Return, ast.Break, ast.Continue)
    leaving = [node for node in _traced(kernel) if isinstance(node, exits)]
    conditional = [
        last
        for node in _traced(kernel)
        if isinstance(node, ast.If) and not node.orelse
        for last in node.body[-1:]
    ]
    return all(node in conditional for node in leaving)


def _variables(kernel: ast.FunctionDef, letters: str = "s") -> list[str]:
    """The variables that the kernel stores in the end."""
    assigned = [
        node.targets[0].id
        for node in kernel.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    stored = {
        ast.unparse(node.value).split("[")[0] for node in _stores(kernel) if node in kernel.body
    }
    return sorted({name for name in assigned if name[0] in letters and name in stored})


def _stores(kernel: ast.FunctionDef, prefix: str = "out_") -> list[ast.Assign]:
    return [
        node
        for node in _traced(kernel)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Subscript)
        and ast.unparse(node.targets[0].value).startswith(prefix)
    ]


def _calls(kernel: ast.FunctionDef) -> list[ast.Call]:
    """Calls of functions of the language that take a fixed number of operands."""
    free = {"make_vec", "barrier", "simd_barrier", "load_if", "arch", "thread_position_in_grid"}
    return [
        node
        for node in _traced(kernel)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith("enigma.")
        and not ast.unparse(node.func).startswith(("enigma.make_", "enigma.thread", "enigma.simd"))
        and ast.unparse(node.func).removeprefix("enigma.") not in free
        and ast.unparse(node.func) != "enigma.range"
        and "[" not in ast.unparse(node.func)
        and node.args
        and not node.keywords
    ]


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _statements(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


Change = Callable[[ast.FunctionDef, random.Random], bool]


def _wrong_dtype(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Store a float among integers."""
    found = [s for s in _stores(kernel) if "f" not in ast.unparse(s.targets[0]).split("[")[0][4:]]
    if not found:
        return False
    store = rng.choice(found)
    store.value = _expression("enigma.f32(1.5)" if rng.random() < 0.5 else "A[i] * enigma.f32(2)")
    return True


def _wrong_arity(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Give a function an operand more, or none."""
    found = _calls(kernel)
    if not found:
        return False
    call = rng.choice(found)
    if rng.random() < 0.5:
        call.args = [*call.args, *(ast.Constant(1) for _ in range(4))]
    else:
        call.args = []
    return True


def _unknown_operand(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Give an operand a name that there is none of."""
    found = _calls(kernel)
    if not found:
        return False
    rng.choice(found).keywords = [ast.keyword("nonsense", ast.Constant(1))]
    return True


def _replaced(
    kernel: ast.FunctionDef, rng: random.Random, wanted: Callable[[ast.AST], bool], text: str
) -> bool:
    """Put another expression into the place of a random one."""
    places = []
    for node in _traced(kernel):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and wanted(value):
                places.append((node, name, -1))
            if isinstance(value, list):
                places += [
                    (node, name, k)
                    for k, item in enumerate(value)
                    if isinstance(item, ast.expr) and wanted(item)
                ]
    if not places:
        return False
    node, name, position = rng.choice(places)
    old = getattr(node, name) if position < 0 else getattr(node, name)[position]
    new = _expression(text.replace("OLD", f"({ast.unparse(old)})"))
    if position < 0:
        setattr(node, name, new)
    else:
        getattr(node, name)[position] = new
    return True


def _is_read(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and re.fullmatch(r"s\d+", node.id) is not None
    )


def _unknown_name(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, "nothing_of_that_name")


def _unknown_function(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, "enigma.no_such_function(OLD)")


def _text(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, rng.choice(["(OLD + 'text')", "('text' * OLD)"]))


def _no_value(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, rng.choice(["(OLD + None)", "([1, 2] - OLD)"]))


def _too_large(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, "(enigma.u8(3) + 300)")


def _float_subscript(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, rng.choice(["A[1.5]", "A[enigma.f32(1)]", "A[-1]"]))


def _letters(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    vector = "enigma.make_vec(OLD, OLD)"
    return _replaced(
        kernel, rng, _is_read, rng.choice([f"{vector}.q", f"{vector}.z", f"{vector}[2]", "OLD.xy"])
    )


def _lanes(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(
        kernel, rng, _is_read, "(enigma.make_vec(OLD, OLD) + enigma.make_vec(OLD, OLD, OLD))"
    )


def _vector_condition(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, "(1 if enigma.make_vec(OLD, OLD) else 2)")


def _bits_of_floats(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    symbol = rng.choice("&|^")
    return _replaced(kernel, rng, _is_read, f"(OLD.to(enigma.f32) {symbol} 3)")


def _integer_quotient(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    dtype = rng.choice(INTEGERS)
    return _replaced(kernel, rng, _is_read, f"(OLD.to(enigma.{dtype}) / 3)")


def _by_zero(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, f"(A[i] {rng.choice(['//', '%'])} 0)")


def _shift(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    return _replaced(kernel, rng, _is_read, f"(A[i] << {rng.choice([32, -1, 1.5])})")


def _unassigned(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Assign a variable, which is read, on one path only."""
    names = _variables(kernel)
    for position, node in enumerate(kernel.body):
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in names):
            continue
        frame = rng.choice(["if A[i] > 2:\n    pass", "for lap in enigma.range(A[i]):\n    pass"])
        (frame_node,) = _statements(frame)
        frame_node.body = [node]  # type: ignore[attr-defined]
        kernel.body[position] = frame_node
        return True
    return False


def _two_dtypes(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Give a variable another dtype on one path."""
    names = _variables(kernel)
    if not names:
        return False
    name = rng.choice(names)
    value = f"enigma.make_vec({name}, {name}, {name})"
    text = rng.choice(
        [
            f"if A[i] > 2:\n    {name} = {value}",
            f"for lap in enigma.range(A[i]):\n    {name} = {value}",
            f"while A[i] > {name}:\n    {name} = {value}\n    break",
        ]
    )
    first = next(k for k, node in enumerate(kernel.body) if node in _stores(kernel))
    last = next(
        k for k in range(len(kernel.body)) if all(n in _stores(kernel) for n in kernel.body[k:])
    )
    kernel.body[max(first, last) : max(first, last)] = _statements(text)
    return True


def _grown(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Make a list longer on one path."""
    text = "w0 = [A[i], 2]\nif A[i] > 2:\n    w0.append(3)\nA[0] if len(w0) > 2 else 1"
    kernel.body[1:1] = _statements(text)
    return True


def _truth_in_python(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Hand a traced value to what needs one of Python's."""
    text = rng.choice(
        ["range({0})", "int({0})", "float({0})", "f'{{{0}}}'", "sorted([{0}, 2])", "{{{0}: 1}}"]
    )
    text = text.format("A[i]")
    kernel.body[1:1] = _statements(f"w0 = {text}")
    return True


def _called_wrong(kernel: ast.FunctionDef, rng: random.Random) -> bool:
    """Call a helper with an argument more."""
    kernel.body[1:1] = _statements("@enigma.func\ndef w0(a):\n    return a\nw1 = w0(A[i], 2)")
    return True


CHANGES: dict[str, Change] = {
    change.__name__.strip("_"): change
    for change in (
        *(_wrong_dtype, _wrong_arity, _unknown_operand, _unknown_name, _unknown_function, _text),
        *(_no_value, _too_large, _float_subscript, _letters, _lanes, _vector_condition),
        *(_bits_of_floats, _integer_quotient, _by_zero, _shift, _unassigned, _two_dtypes),
        *(_grown, _truth_in_python, _called_wrong),
    )
}


def wrong_program(seed: int) -> Program:
    """A kernel with one wrong piece: the first, from that of a seed on, that has a place for it."""
    names = list(CHANGES)
    name = names[seed % len(names)]
    for each in itertools.count(seed, 1_000_000):
        tree = ast.parse(Generator(each, grafts=False).source)
        kernel = _kernel(tree)
        if _is_reached(kernel) and CHANGES[name](kernel, random.Random(each)):
            break
    return Program(f"{name} {each}", ast.unparse(ast.fix_missing_locations(tree)))


def refusal(program: Program) -> Outcome:
    """What becomes of a wrong kernel."""
    found = compiler().compile(program)
    if isinstance(found, Text):
        return Outcome(ACCEPTED, found.metal_source)
    problem = _problem(found)
    return (
        Outcome(BROKEN, f"{problem}\n{found.kind}: {found.text}\n{found.details}")
        if (problem)
        else Outcome(REFUSED, found.text)
    )


def _problem(found: Raised) -> str:
    """What is wrong with a refusal."""
    if not found.own:
        # What Python raises where the kernel is run to be compiled.
        shown = 'File "<case ' in found.details and "__enigma" not in found.text
        return "" if found.kind in _PYTHONS and shown else "it is no error of Enigma's"
    if not found.line:
        return "it names no line"
    if not found.help:
        return "it names no remedy"
    if found.internal:
        return f"there is a fault behind it: {found.internal}"
    if "__enigma" in found.text or "see current operation" in found.text:
        return "it shows what the user has not written"
    return ""
