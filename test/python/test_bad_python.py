# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whatever Python or NumPy is asked to do with traced objects works, or is refused with a remedy.

The uses are generated: every function of Python, `math` and NumPy, every kind of subscript, call
and statement, on every kind of traced object.
"""

import builtins
import importlib.util
import inspect
import itertools
import linecache
import math
import re
import runpy

import numpy as np
import pytest

import enigma
from enigma.tracing import misnamed
from enigma.tracing.protocol import STAND_INS, HostProtocol

KINDS = {
    "scalar": "A[i]",
    "integer": "V[i]",
    "bool": "A[i] > 0",
    "parameter": "n",
    "constant": "enigma.function_constant(enigma.i32, 0)",
    "query": "enigma.thread_index_in_simdgroup",
    "position": "enigma.thread_position_in_grid",
    "vector": "enigma.make_float2(A[i], A[i + 1])",
    "fragment": "enigma.make_fragment((2, 2), 'float', 1.0)",
    "buffer": "A",
    "shared": "enigma.threadgroup_alloc(enigma.f32, 8)",
    "registers": "enigma.register_tensor((2, 2))",
    "tensor": "enigma.make_tensor(A, enigma.Layout((2, 2)))",
    "coordinates": "enigma.make_identity_tensor((2, 2))",
    "range": "enigma.range(4)",
}
# Comparisons that a dtype decides are warned of elsewhere; here it is errors that count.
pytestmark = pytest.mark.filterwarnings("ignore::enigma.EnigmaWarning")

SCALARS = ("scalar", "integer", "bool", "parameter", "constant", "query", "position")
VALUES = (*SCALARS, "vector", "fragment")

HEAD = """import copy, functools, json, math, operator, pickle, statistics
import numpy as np
import enigma
"""
KERNEL = """
@enigma.kernel
def kernel{number}(A: enigma.f32, B: enigma.f32, V: enigma.i32, n: enigma.Scalar(enigma.i32)):
    i = enigma.thread_position_in_grid.x
    x = {thing}
    {use}
"""
CHUNK = 60


class Checker:
    """Compiles kernels with one use each."""

    def __init__(self, folder):
        self._folder = folder
        self._count = itertools.count()

    def passing(self, kind, uses, plain=False, remedy=True):
        """Give the uses that compile; others must be refused as they should be.

        With `plain`, Python's own error will do where it has one for numbers, too; without
        `remedy`, an error that says what must be needs no more.
        """
        uses = list(uses)
        passing = []
        for start in range(0, len(uses), CHUNK):
            passing += self._chunk(kind, uses[start : start + CHUNK], plain, remedy)
        return passing

    def _chunk(self, kind, uses, plain, remedy):
        text = HEAD
        lines = []
        for number, use in enumerate(uses):
            indented = use.replace("\n", "\n    ")
            text += KERNEL.format(number=number, thing=KINDS[kind], use=indented)
            last = text.count("\n")
            lines.append((last - use.count("\n"), last))
        path = self._folder / f"uses{next(self._count)}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        passing = []
        for number, use in enumerate(uses):
            try:
                enigma.compile(getattr(module, f"kernel{number}"), emit_only=True)
                passing.append(use)
            except enigma.EnigmaError as error:
                check(error, kind, use, str(path), lines[number], remedy)
            except Exception as error:
                if not (plain and fails_for_numbers(use)):
                    raise AssertionError(f"{kind}: {use}: {error!r}") from error
        return passing


def check(error, kind, use, path, lines, remedy):
    """The error is on the line of the use, and its remedy names what there is."""
    what = f"{kind}: {use}: {error}"
    assert error.location is not None, what
    assert error.location.filename == path, what
    assert lines[0] <= error.location.line <= lines[1], what
    assert error.help or (not remedy and re.search("must be|expected", str(error))), what
    for name in re.findall(r"enigma\.(\w+)", error.help):
        assert hasattr(enigma, name), what
    for internal in ("'Value'", "Operand.", "View.", "nanobind", "current operation"):
        assert internal not in str(error), what


def fails_for_numbers(use):
    """Whether Python has the same objection to an int and to a float."""
    for x in (3, 2.5):
        try:
            exec(use, {"x": x, "math": math, "np": np, "A": [1.0], "i": 0})
        except Exception:
            continue
        return False
    return True


@pytest.fixture(scope="module")
def checker(tmp_path_factory):
    return Checker(tmp_path_factory.mktemp("uses"))


# Functions of Python.

# These would wait for someone, end the session, or print.
_NOT_CALLED = {"breakpoint", "copyright", "credits", "exit", "help", "input", "license", "open"}
_NOT_CALLED |= {"quit", "__import__", "__build_class__", "print"}
FUNCTIONS = [
    name
    for name, function in vars(builtins).items()
    if callable(function)
    and name not in _NOT_CALLED
    and not name.startswith("__")
    and not (isinstance(function, type) and issubclass(function, BaseException))
]
# Of a value, those mean what they say; the others look at the object, or hold it.
MEANINGFUL = {"abs", "bool", "divmod", "max", "min", "pow", "round"}
LOOKING = {"ascii", "callable", "dir", "id", "repr", "type", "vars"}
HOLDING = {"classmethod", "property", "slice", "staticmethod"}
# A list of values is a list.
OF_A_LIST = {"all", "any", "enumerate", "iter", "len", "list", "reversed", "sum", "tuple", "zip"}
# Memory is no number, and has no order; it is what it is, so sets and dicts may hold it.
OF_MEMORY = {"format", "frozenset", "hash", "set", "str"}


@pytest.mark.parametrize("kind", KINDS)
def test_functions_of_python(checker, kind):
    alone = [f"z = {name}(x)" for name in FUNCTIONS]
    listed = [f"z = {name}([x, x])" for name in FUNCTIONS]
    passing = checker.passing(kind, alone, plain=True)
    allowed = LOOKING | HOLDING
    if kind in VALUES:
        allowed |= MEANINGFUL
    else:
        allowed |= OF_MEMORY
    if kind in ("vector", "fragment", "registers"):
        allowed |= OF_A_LIST | {"max", "min"}
    if kind == "shared":
        allowed |= {"len", "reversed"}
    assert {re.search(r"= (\w+)", use)[1] for use in passing} <= allowed
    if kind in SCALARS:
        assert {"z = abs(x)", "z = bool(x)", "z = repr(x)"} <= set(passing)
    passing = checker.passing(kind, listed, plain=True)
    allowed = LOOKING | HOLDING | OF_A_LIST | MEANINGFUL
    if kind not in VALUES:
        allowed |= OF_MEMORY
    assert {re.search(r"= (\w+)", use)[1] for use in passing} <= allowed


@pytest.mark.parametrize("kind", ["integer", "vector", "position", "tensor"])
def test_functions_of_python_with_a_number(checker, kind):
    uses = [f"z = {name}(x, 2)" for name in FUNCTIONS]
    uses += [f"z = {name}(2, x)" for name in FUNCTIONS]
    passing = checker.passing(kind, uses, plain=True)
    allowed = MEANINGFUL | HOLDING
    if kind in ("vector", "position"):
        allowed |= {"enumerate", "iter", "map", "filter", "sum"}
    assert {re.search(r"= (\w+)", use)[1] for use in passing} <= allowed


# Functions of libraries.


def functions_of(module, name):
    return [
        f"{name}.{function}"
        for function, value in vars(module).items()
        if callable(value) and not function.startswith("_")
    ]


@pytest.mark.parametrize("kind", ["integer", "buffer"])
def test_math(checker, kind):
    uses = [
        f"z = {name}({given})"
        for name in functions_of(math, "math")
        for given in ("x", "x, x", "x, x, x")
    ]
    uses += [f"z = {name}([x, x])" for name in functions_of(math, "math")]
    passing = checker.passing(kind, uses, plain=True)
    names = {use[len("z = ") :].partition("(")[0] for use in passing}
    # A product of a list is made of `*`.
    given = {f"math.{name}" for name in dir(math) if f"math.{name}" in STAND_INS}
    assert names - {"math.prod"} == (given if kind == "integer" else set())


# They write files, or set what NumPy does from then on.
_NOT_OF_NUMPY = re.compile(r"np\.(save|load|from|gen|mem|set|show|info|test|DataSource|print)")
# Operators under another name.
_OPERATORS = "add subtract multiply divide true_divide floor_divide mod remainder divmod power pow"
_COMPARISONS = "equal not_equal less less_equal greater greater_equal"
_BITS = "bitwise_and bitwise_or bitwise_xor left_shift right_shift"
_BITS += " bitwise_left_shift bitwise_right_shift"


@pytest.mark.needs_positions
@pytest.mark.parametrize("kind", ["integer", "buffer"])
def test_numpy(checker, kind):
    names = [name for name in functions_of(np, "np") if not _NOT_OF_NUMPY.match(name)]
    uses = [f"z = {name}(x)" for name in names if kind == "integer"]
    universal = [name for name in names if isinstance(getattr(np, name[3:]), np.ufunc)]
    uses += [f"z = {name}(x, x)" for name in universal]
    passing = checker.passing(kind, uses, plain=True)
    names = {use[len("z = np.") :].partition("(")[0] for use in passing}
    # NumPy looks at the type only.
    looks = {"isscalar", "iterable", "bmat", "iscomplexobj", "isrealobj", "vectorize"}
    if kind in ("integer", "scalar"):
        looks |= set(f"{_OPERATORS} {_COMPARISONS} {_BITS}".split())
        looks |= {n for n in names if f"np.{getattr(np, n).__name__}" in STAND_INS}
    else:
        looks |= {"equal", "not_equal", "str_"}
    assert names <= looks


# Statements and expressions.

USES = """
with x: pass
x()
x(1)
del x[0]
del x.foo
z = x.foo
z = x.astype
x.foo = 1
z = [*x]
z = {*x}
z = {**x}
z = max(*x)
z = dict(**x)
for q in x: pass
z = x[0:2]
z = [1, 2][x]
z = [1, 2][x:]
z = [1, 2][::x]
z = 'abc'[x]
z = (1, 2)[x]
z = [0]; z[x] = 1
z = {1: 2}.get(x)
z = {x: 1}
z = {x}
z = {}; z[x] = 1
z = 1 in x
z = x in [1]
z = x in {1}
z = x in 'abc'
z = x in range(3)
z = x in enigma.range(3)
z = x not in [1]
z = (x, 1) in [(1, 1)]
z = f'{x}'
z = f'{x:>3}'
z = f'{x!s}'
z = f'{[x]}'
z = '%s' % x
z = '%d' % x
z = '{}'.format(x)
z = ''.join([x])
z = 'a' + x
z = x + 'a'
z = [1] + x
z = x + [1]
z = [1] * x
z = x @ x
z = x < 'a'
z = x == None
z = x is True
assert x
assert not x, 'text'
print(x)
z = range(x)
z = enigma.range_constexpr(x)
z = copy.copy(x)
z = copy.deepcopy([x])
z = pickle.dumps(x)
z = json.dumps(x)
z = operator.index(x)
z = operator.contains([1], x)
z = functools.reduce(max, [x, x])
z = functools.lru_cache(lambda q: q)(x)
z = statistics.median([x, x])
z = statistics.mean([x, x])
z = np.ones(3)[x]
z = np.ones(3)[x, 0]
z = np.ones((3, 3))[:x]
z = np.ones(3); z[x] = 1
z = np.ones(3); z[0] = x
z = np.ones(3) * x
z = x * np.ones(3)
z = x ** None
z = -x
z = ~x
z = not x
z = x and 1
z = 1 if x else 2
z = 1 < x < 3
z = [q for q in [x] if q]
z = pow(x, 2, 7)
z = pow(2, x, 7)
z = x.to('nonsense')
z = x.to()
z = x.to(1, 2)
z = type(x)()
z = enigma.sqrt(x, x)
z = enigma.sqrt(y=x)
z = enigma.imax(a=x, b=x)
z = enigma.imax(x)
z = enigma.threadgroup_position_in_grid(x)
z = enigma.threadgroup_position_in_grid(np.ones(3))
A[x, 0] = 1
A[x:3] = 1
z = A[[x]]
z = x[2**63]
x[2**63] = 1.0
x[2**64] = 1.0
setattr(x, 'nothing', 1)
z = getattr(x, 'nothing')
async def f(): pass
match x:
    case float(): pass
match x:
    case [1, 2]: pass
match (x, 1):
    case (1, 1): pass
""".strip()
USES = re.split(r"\n(?! )", USES)
# What Python refuses of a number, too.
PLAIN = ["raise x", "a, b = x", "a, b, c, d = x", "z = {1: 2}[x]"]
# What means the same for a value as it does for a number.
MEANT = {
    "z = x in [1]",
    "z = x in {1}",
    "z = x in range(3)",
    "z = x not in [1]",
    "z = -x",
    "z = ~x",
    "z = not x",
    "z = x and 1",
    "z = 1 if x else 2",
    "z = 1 < x < 3",
    "z = copy.copy(x)",
    "z = copy.deepcopy([x])",
}
# What has elements that are known by number.
ELEMENTS = {"z = [*x]", "z = max(*x)", "a, b = x", "a, b, c, d = x", "for q in x: pass"}
ELEMENTS |= {"z = 1 in x"}
# What is no number is an object, with an identity.
OBJECTS = {
    "z = x in [1]",
    "z = x not in [1]",
    "z = x in {1}",
    "z = x in range(3)",
    "z = (x, 1) in [(1, 1)]",
    "z = {1: 2}.get(x)",
    "z = {x: 1}",
    "z = {x}",
    "z = {}; z[x] = 1",
    "z = f'{x}'",
    "z = f'{x!s}'",
    "z = f'{[x]}'",
    "z = '%s' % x",
    "z = '{}'.format(x)",
    "z = x == None",
    "z = x is True",
    "print(x)",
    "z = functools.lru_cache(lambda q: q)(x)",
    "match x:\n    case float(): pass",
    "match x:\n    case [1, 2]: pass",
    "z = operator.contains([1], x)",
}


@pytest.mark.needs_positions
@pytest.mark.parametrize("kind", KINDS)
def test_uses(checker, kind, capsys):
    uses = [use for use in USES if kind != "coordinates" or "pickle" not in use]
    passing = set(checker.passing(kind, uses)) | set(checker.passing(kind, PLAIN, plain=True))
    if kind in VALUES:
        allowed = set(MEANT)
        if kind in ("vector", "fragment"):
            allowed |= ELEMENTS
    else:
        allowed = set(OBJECTS)
        if kind == "registers":
            allowed |= ELEMENTS
        if kind == "range":
            allowed |= {"for q in x: pass", "z = copy.copy(x)", "z = copy.deepcopy([x])"}
            allowed |= {"match (x, 1):\n    case (1, 1): pass", "z = pickle.dumps(x)"}
            allowed |= {"x.foo = 1", "setattr(x, 'nothing', 1)"}
        if kind in ("tensor", "coordinates"):
            allowed |= {"x.foo = 1", "setattr(x, 'nothing', 1)"}
            allowed |= {"z = copy.copy(x)", "z = copy.deepcopy([x])"}
            allowed |= {"match (x, 1):\n    case (1, 1): pass"}
    if kind == "position":
        allowed.add("x()")
    if kind == "query":
        allowed.add("x()")
    assert passing <= allowed
    if kind in ("integer", "parameter", "position"):
        assert passing >= MEANT


def test_carries(checker):
    uses = [
        f"with enigma.for_range(0, 4, init={init}) as (k, c): {use}"
        for init in ("1.0", "(1.0, 2)")
        for use in (
            "z = f'{c}'",
            "z = c.foo",
            "z = [1][c]",
            "z = c[7]",
            "z = c['a']",
            "z = c[k]",
            "z = {c}",
            "z = math.gamma(c)",
            "z = np.cbrt(c)",
            "c.set(1, 2, 3)",
        )
    ]
    assert not checker.passing("scalar", uses)


# Functions of the language.

_ODD = "2**63;np.ones(3);None;'x';2**100;object();1.5;[];A;float('nan');np.uint64(2**63);x;-2**63"
_ODD += ";{};enigma.range(3);b'x';True;slice(0, 2);enigma.Layout(4);1j;lambda: 0;(x, x);-1;int"
ODD = itertools.cycle(_ODD.split(";"))
FITTING = {
    "A": "A",
    "buf": "V",
    "condition": "x > 0",
    "dtype": "'f32'",
    "index": "0",
    "layout": "enigma.Layout(4)",
    "mask": "True",
    "memory": "A",
    "order": "'relaxed'",
    "shape": "4",
    "size": "4",
}
NOT_OF_THE_LANGUAGE = (
    "Buffer",
    "CompileSpec",
    "CompiledKernel",
    "CompiledProgram",
    "DType",
    "FunctionConstant",
    "Manifest",
    "compile",
    "compile_many",
    "func",
    "jit",
    "kernel",
)


@pytest.mark.needs_positions
def test_arguments_of_the_language(checker):
    uses = []
    for name in enigma.__all__:
        function = getattr(enigma, name)
        if not callable(function) or name in NOT_OF_THE_LANGUAGE or name.endswith("Error"):
            continue
        try:
            given = [p.name for p in inspect.signature(function).parameters.values()]
        except (TypeError, ValueError):
            given = ["x"]
        for place in range(len(given)):
            for _ in range(2):
                arguments = [FITTING.get(parameter, "x") for parameter in given[: place + 1]]
                arguments[place] = next(ODD)
                uses.append(f"z = enigma.{name}({', '.join(arguments)})")
        uses.append(f"z = enigma.{name}(nonsense=x)")
    for use in checker.passing("integer", uses, remedy=False):
        assert "nonsense" not in use


@pytest.mark.needs_positions
@pytest.mark.parametrize("more", [None, (), (2, 2), (2, "f32", None)])
@pytest.mark.parametrize(
    ("kind", "maker"),
    [
        ("Value", "enigma.f32(x)"),
        ("Vector", "enigma.make_vec("),
        ("Matrix", "enigma.make_matrix("),
        ("Fragment", "enigma.make_fragment("),
        ("SimdgroupMatrix", "enigma.simdgroup_matrix_load("),
        ("CooperativeTensor", "enigma.matmul2d_mma("),
    ],
)
def test_kinds_of_values_are_not_called(kind, maker, more):
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            x = A[0]
            called = getattr(enigma, kind)
            A[1] = called() if more is None else called(x, *more)

        return kernel

    _, text = message(build)
    assert f"enigma.{kind}" in text
    assert maker in text.partition("help: ")[2]


# What is said.


def message(build):
    with pytest.raises(enigma.EnigmaError) as caught:
        enigma.compile(build())
    assert caught.value.location.filename == __file__
    return linecache.getline(__file__, caught.value.location.line).strip(), str(caught.value)


def undecorated(x):
    return "large" if x > 3 else "small"


def test_decoration_is_advised_where_it_helps():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = len(undecorated(A[1]))

        return kernel

    line, text = message(build)
    assert line.startswith('return "large"')
    assert "@enigma.func" in text


@pytest.mark.needs_positions
def test_decoration_is_not_advised_where_there_is_one():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = sum([v for v in [A[1], A[2]] if v > 0])

        return kernel

    line, text = message(build)
    assert line.startswith("A[0] = sum([v for")
    assert "@enigma" not in text
    assert "in a loop, with an `if`" in text


def test_a_class_in_a_kernel_is_not_rewritten():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            class Helper:
                def choose(self, x):
                    return 1.0 if x > 0 else 2.0

            A[0] = Helper().choose(A[1])

        return kernel

    line, text = message(build)
    assert line.startswith("return 1.0 if")
    assert "@enigma.func" in text


def test_the_library_of_python_is_not_the_user():
    import statistics

    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            A[0] = statistics.median([A[1], A[2]])

        return kernel

    line, text = message(build)
    assert line.startswith("A[0] = statistics")
    assert "@enigma.func" not in text


@pytest.mark.parametrize(
    "opened", ["if x > 0:", "for k in enigma.range(4):", "while x > 0:", "with enigma.if_(x > 0):"]
)
@pytest.mark.parametrize("taken", ["for t in g(): pass", "t = sum(g())", "t = next(g())"])
def test_generators_that_the_kernel_decides_on(checker, opened, taken):
    body = f"def g():\n    {opened}\n        yield 1.0\nt = 0.0\n{taken}\nA[i] = t"
    assert not checker.passing("scalar", [body, body.replace("yield 1.0", "yield from (x, 2)")])


def test_generators():
    @enigma.kernel
    def kernel(A: enigma.f32):
        def every(count):
            for k in range(count):
                if k != 1:
                    yield A[k]

        A[9] = sum(every(4))

    text = enigma.compile(kernel).metal_source
    assert [f"A[{k}]" in text for k in range(4)] == [True, False, True, True]


@pytest.mark.needs_positions
def test_the_line_of_a_pattern():
    def build():
        @enigma.kernel
        def kernel(A: enigma.f32):
            x = A[0]
            match (x, 1):
                case (1, 1):
                    A[1] = 2

        return kernel

    line, text = message(build)
    assert line == "case (1, 1):"
    assert "`if` and `elif`" in text


@pytest.mark.needs_positions
@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda x: np.cbrt(x), "x ** (1 / 3)"),
        (lambda x: np.hypot(x, x), "enigma.sqrt"),
        (lambda x: np.interp(x, [1], [2]), "enigma.mix"),
        (lambda x: np.float32(x), ".to(enigma.f32)"),
        (lambda x: np.uint8(x), ".to(enigma.u8)"),
        (lambda x: np.ones(3)[x], "enigma.Tensor"),
        (lambda x: math.hypot(x, x), "enigma.sqrt(x * x + y * y)"),
        (lambda x: math.log(x), "enigma.log"),
        (lambda x: math.gcd(x, 3), "enigma's own functions"),
        (lambda x: round(x, 2), "round(x * 100) / 100"),
        (lambda x: int(x), ".to(enigma.i32)"),
        (lambda x: sorted([x, x]), "min(x, y), max(x, y)"),
        (lambda x: f"{x}", "repr(x)"),
        (lambda x: {1: 2}[x], "enigma.where"),
        (lambda x: list(enigma.range(x)), "for i in enigma.range(n)"),
        (lambda x: pow(x, 2, 7), "x ** y % m"),
        (lambda x: x.astype(np.float32), ".to(dtype)"),
        (lambda x: x.item(), "no number in Python"),
        (lambda x: enigma.imax(a=x), "call it as enigma.imax(x, y)"),
    ],
)
def test_remedies(use, said):
    def build():
        @enigma.kernel
        def kernel(V: enigma.i32):
            use(V[0])

        return kernel

    assert said in message(build)[1]


def test_errors_of_the_user_pass_through():
    def build(error):
        @enigma.kernel
        def kernel(V: enigma.i32):
            raise error

        return kernel

    for error in (TypeError("'Value' is mine"), AttributeError("mine"), ValueError("mine")):
        with pytest.raises(type(error), match="mine") as caught:
            enigma.compile(build(error))
        assert caught.value is error


def test_functions_are_named_as_in_the_source():
    @enigma.kernel
    def kernel(A: enigma.i32):
        i = enigma.thread_position_in_grid

        def twice(x):
            return 2 * x

        A[i] = twice(A[i], 3)

    with pytest.raises(TypeError) as caught:
        enigma.compile(kernel)
    assert "<locals>.kernel.<locals>.twice() takes 1" in str(caught.value)

    @enigma.kernel
    def branching(A: enigma.i32):
        i = enigma.thread_position_in_grid
        if A[i] > 0:

            def twice(x):
                return 2 * x

            A[i] = twice()

    with pytest.raises(enigma.EnigmaError) as refused:
        enigma.compile(branching)
    assert "<locals>.branching.<locals>.twice() missing 1" in str(refused.value)
    for text in (str(caught.value), str(refused.value)):
        assert "__enigma" not in text


@pytest.mark.parametrize("divide", [lambda x: x // 0, lambda x: x % 0, lambda x: enigma.idiv(x, 0)])
def test_a_division_by_zero_has_a_remedy(divide):
    @enigma.kernel
    def kernel(A: enigma.i32):
        i = enigma.thread_position_in_grid
        A[i] = divide(A[i])

    with pytest.raises(
        enigma.EnigmaError, match="is 0; expected a number other than zero"
    ) as error:
        enigma.compile(kernel)
    assert "if y != 0" in error.value.help


def test_queries_are_objects_outside_of_kernels():
    query = enigma.thread_position_in_grid
    assert str(query) == f"{query}" == repr(query)
    assert query in {query: 1}


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda x: np.cbrt(x), "x ** (1 / 3)"),
        (lambda x: np.float32(x), ".to(dtype)"),
        (lambda x: math.log(x), "enigma's own functions"),
        (lambda x: [v for v in [x] if v > 0], "enigma.where"),
        (lambda x: enigma.imax(a=x), "call it as enigma.imax(x, y)"),
        (lambda x: x(), "not callable"),
    ],
)
def test_where_python_keeps_no_positions(use, said, monkeypatch):
    monkeypatch.setattr("enigma.tracing.protocol.running_syntax", lambda *place: [])
    monkeypatch.setattr("enigma.tracing.refusals.running_syntax", lambda *place: [])

    def build():
        @enigma.kernel
        def kernel(V: enigma.i32):
            use(V[0])

        return kernel

    assert said in message(build)[1]


def test_every_kind_of_traced_object_has_a_name_in_messages():
    """Python's own messages name a class, for which the kernel's author has another word."""

    def subclasses(kind):
        for each in kind.__subclasses__():
            yield each
            yield from subclasses(each)

    # What only others derive from.
    bases = {"Elementwise", "MemoryProtocol", "RangeProtocol", "ValueProtocol"}
    names = {each.__name__ for each in subclasses(HostProtocol)} - bases
    assert len(names) > 10
    assert names <= set(misnamed.KINDS)


@pytest.mark.needs_positions
@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("enigma.make_float2x2(v, v)", "a matrix"),
        ("enigma.make_filled_simdgroup_matrix(1.0)", "a matrix of a SIMD group"),
        ("enigma.constant_array([1.0, 2.0])", "a constant array"),
    ],
)
def test_statements_that_matrices_and_tables_do_not_know(tmp_path, value, word):
    path = tmp_path / "kernels.py"
    path.write_text(
        f"""import enigma


@enigma.kernel
def kernel(A: enigma.f32):
    v = enigma.make_float2(A[0], 1.0)
    x = {value}
    with x:
        A[0] = v.x
"""
    )
    kernel = runpy.run_path(str(path))["kernel"]
    with pytest.raises(enigma.EnigmaError, match="context manager") as caught:
        enigma.compile(kernel, emit_only=True)
    assert word in str(caught.value)
    assert "kernels.py:8" in str(caught.value)
    assert "help: " in str(caught.value)
