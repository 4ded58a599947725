# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What `enigma.compile` gives again, and that it does so only where nothing has changed."""

import abc
import builtins
import collections.abc
import dataclasses
import decimal
import dis
import enum
import functools
import math
import operator
import pathlib
import subprocess
import sys
import threading
import types
import typing

import numpy as np
import pytest
from compile_options import OPTIONS

import enigma
from enigma.compiler import compilations
from enigma.compiler.references import names_in, same

FACTOR = 2.0
DTYPE = enigma.f32
PLACE = enigma.thread_position_in_grid
config = types.ModuleType("config")
config.SHIFT, config.SCALE = 1.0, 10.0
sys.modules["config_of_kernels"] = config
package = types.ModuleType("package_of_kernels")
package.__path__ = []
package.inner = types.ModuleType("package_of_kernels.inner")
package.inner.SHIFT = 1.0
sys.modules.update({module.__name__: module for module in (package, package.inner)})


class Settings:
    offset = 1.0
    DTYPE = enigma.f32

    @classmethod
    def given(cls):
        return cls.offset

    @staticmethod
    def computed():
        return FACTOR


class Base:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return self.x + other.x * FACTOR

    def scaled(self):
        return self.x * FACTOR


class Derived(Base):
    def scaled(self):
        return super().scaled() + 1.0


class Weighted(enum.IntEnum):
    LIGHT = 1

    @property
    def weight(self):
        return self.value * FACTOR


class Mode(enum.Enum):
    FAST = 1.0
    SLOW = "slow"


class Pair(typing.NamedTuple):
    a: float = 1.0

    @property
    def scaled(self):
        return self.a * FACTOR


class Number(float):
    extra = 1.0

    def __repr__(self):
        return "a number"


class Triple(tuple):
    pass


class Table(enum.Enum):
    """Members that are mostly found by their values."""

    ROW = 1

    @classmethod
    def _missing_(cls, value):
        return cls.ROW if FACTOR == 2.0 else None


Table.ROW.width = 2.0


class Negated(int):
    """Operators that are no functions of Python, and none that is named."""

    __slots__ = ()
    __neg__ = int.__pos__
    __invert__ = functools.partialmethod(int.__add__, 2)

    def __repr__(self):
        return str(FACTOR)


class Abstract(abc.ABC):  # noqa: B024
    pass


class Concrete(Abstract):
    def given(self):
        return 2.0


@dataclasses.dataclass
class Point:
    x: float = 1.0
    unit = 2.0


def told(x):
    match Weighted.LIGHT:
        case Weighted(weight=2.0):
            return x * 3.0
        case _:
            return x * 5.0


def placed(x):
    match Placed():
        case Placed(2.0):
            return x * 3.0
        case _:
            return x * 5.0


class Placed:
    __match_args__ = ("first",)
    first = 2.0


def tried(x):
    try:
        return x * plain.weight
    except AttributeError:
        return x


def plain():
    pass


NUMBER = Number(1.0)
MEMBER = Weighted.LIGHT
PAIR = Pair()
vectorized = np.vectorize(lambda x: x * FACTOR)
universal = np.frompyfunc(lambda x: x * FACTOR, 1, 1)
places = np.ndindex(1000)
bound = Settings.given


def scale_of_config(x):
    return x * config.SCALE


def offset_of(settings):
    return settings.offset


def attributed(x):
    return x * attributed.factor


attributed.factor = 2.0


@enigma.func
def doubled(x, factor=2.0):
    return x * factor


doubled.weight = 2.0


def tripled(x, factor=2.0):
    return x * 3.0 * factor


def with_keyword(x, *, factor=2.0):
    return x * factor


def with_another(x, *, factor=2.0):
    return x * 3.0 * factor


@functools.singledispatch
def dispatched(x):
    return x * FACTOR


@functools.wraps(scale_of_config)
def wrapped(x):
    return scale_of_config(x)


@enigma.kernel
def of_places(A: enigma.f32):
    A[PLACE.x] = 1.0


def kernel_of(expression):
    """Give a kernel that stores an expression of x."""

    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = expression(A[1])

    return kernel


@enigma.kernel
def of_an_annotation(A: enigma.f32):
    x: DTYPE = 0.1
    A[0] = x * A[1]


@enigma.kernel
def of_a_quoted_annotation(A: enigma.f32):
    x: "DTYPE" = 0.1  # noqa: UP037
    A[0] = x * A[1]


@enigma.kernel
def of_an_annotation_in_a_function(A: enigma.f32):
    def scaled(y):
        if True:
            x: DTYPE = 0.1
        return x * y

    A[0] = scaled(A[1])


@enigma.kernel
def of_an_annotation_behind_a_colon(A: enigma.f32):
    for _ in range(1): x: DTYPE = 0.1  # fmt: skip # noqa: E701
    A[0] = x * A[1]


@enigma.kernel
def of_an_annotation_in_lines(A: enigma.f32):
    x: (
        Settings
        .DTYPE
    ) = 0.1  # fmt: skip
    A[0] = x * A[1]


@enigma.kernel
def of_a_quoted_attribute(A: enigma.f32):
    x: "config.DTYPE" = 0.1  # noqa: UP037
    A[0] = x * A[1]


@enigma.kernel
def of_a_default(A: enigma.f32, factor: enigma.constexpr = 2.0):
    A[0] = A[1] * factor


def of_another_default(A: enigma.f32, factor: enigma.constexpr = 2.0):
    A[0] = A[1] * factor * 7.0


class Scaling(typing.NamedTuple):
    """A record that no code names."""

    x: enigma.f32

    @property
    def scaled(self):
        return self.x[1] * FACTOR


@dataclasses.dataclass
class Scalings:
    first: Scaling
    weight: enigma.constexpr = doubled.function
    shift = 1.0

    def total(self):
        return self.first.scaled + self.shift


@enigma.kernel
def of_records(A: enigma.f32, given: Scalings):
    A[0] = given.total()


@enigma.kernel
def of_a_function_in_a_record(A: enigma.f32, given: Scalings):
    A[0] = given.weight(A[1])


@enigma.kernel
def of_a_text(A: enigma.f32, B: "enigma.vec(T, WIDTH)", T: enigma.constexpr = enigma.f32):  # noqa: F821
    A[0] = B[0][0]


class Mapping(collections.abc.Mapping):
    def __getitem__(self, key):
        return key

    def __iter__(self):
        return iter((1,))

    def __len__(self):
        return 1

    def keys(self):
        return KEYS

    def items(self):
        return [(1, 1)]


class Compared:
    def __eq__(self, other):
        return self is other


def hashed(x):
    try:
        return x * len({Compared(): 1})
    except TypeError:
        return x * 3.0


class Cached:
    @functools.cached_property
    def given(self):
        return 2.0


class Narrow(enum.Enum):
    ONE = 1

    def width(self):
        return 2.0


class Wide(enum.Enum):
    def width(self):
        return 5.0


# They say that they are of the module `types`.
Made = dataclasses.make_dataclass("Made", ["x"], namespace={"unit": 2.0})
New = types.new_class("New", (), {}, lambda members: members.update(given=lambda _: 2.0))


class Meta(type):
    def width(cls):
        return 2.0


class WideMeta(Meta):
    def width(cls):
        return 5.0


class Measured(metaclass=Meta):
    pass


ONE = Narrow.ONE
MAPPING = Mapping()
KEYS = (1, 2)
FORMAT = "{0.offset}"
RECORD = np.dtype([("a", "f4")])
WIDTH = 2
config.DTYPE = enigma.f32
HERE = globals()
MODE = Mode.FAST

# Kernels, and what they depend on: where that is, its name, and another value.
CHANGES = {
    "a member that a helper names": (
        kernel_of(lambda x: config.SHIFT + scale_of_config(x)),
        (vars(config), "SCALE", 20.0),
    ),
    "a class that a helper is given": (
        kernel_of(lambda x: x + offset_of(Settings)),
        (Settings, "offset", 5.0),
    ),
    "an attribute of a function": (kernel_of(attributed), (attributed, "factor", 5.0)),
    "an attribute of a helper": (
        kernel_of(lambda x: doubled(x) + doubled.weight),
        (doubled, "weight", 5.0),
    ),
    "what an operator refers to": (
        kernel_of(lambda x: Base(x) + Base(x)),
        (HERE, "FACTOR", 4.0),
    ),
    "an operator": (
        kernel_of(lambda x: Base(x) + Base(x)),
        (Base, "__add__", lambda self, other: self.x - other.x),
    ),
    "an operator that hides another one": (
        kernel_of(lambda x: Derived(x) + Derived(x)),
        (Derived, "__add__", lambda self, other: self.x - other.x),
    ),
    "what a method of a base refers to": (
        kernel_of(lambda x: Derived(x).scaled()),
        (HERE, "FACTOR", 4.0),
    ),
    "what a property of a member refers to": (
        kernel_of(lambda x: x * Weighted.LIGHT.weight),
        (HERE, "FACTOR", 4.0),
    ),
    "a member": (kernel_of(lambda x: x * MEMBER.weight), (HERE, "FACTOR", 4.0)),
    "another member": (
        kernel_of(lambda x: x * (2.0 if MODE is Mode.FAST else 3.0)),
        (HERE, "MODE", Mode.SLOW),
    ),
    "a property of a named tuple": (kernel_of(lambda x: x * PAIR.scaled), (HERE, "FACTOR", 4.0)),
    "an attribute of a number": (kernel_of(lambda x: x * NUMBER.extra), (NUMBER, "extra", 9.0)),
    "an annotation": (of_an_annotation, (HERE, "DTYPE", enigma.f16)),
    "a quoted annotation": (of_a_quoted_annotation, (HERE, "DTYPE", enigma.f16)),
    "an annotation in a function": (
        of_an_annotation_in_a_function,
        (HERE, "DTYPE", enigma.f16),
    ),
    "an annotation behind a colon": (
        of_an_annotation_behind_a_colon,
        (HERE, "DTYPE", enigma.f16),
    ),
    "an attribute in an annotation": (
        of_an_annotation_in_lines,
        (Settings, "DTYPE", enigma.f16),
    ),
    "a function of Enigma": (kernel_of(lambda x: enigma.sin(x)), (enigma, "sin", enigma.cos)),
    "a function of Python": (kernel_of(lambda x: x * abs(-3.0)), (builtins, "abs", float)),
    "a function of a module": (kernel_of(lambda x: x * math.sqrt(9.0)), (math, "sqrt", math.exp)),
    "a place": (of_places, (HERE, "PLACE", enigma.thread_position_in_threadgroup)),
    "what a vectorized function refers to": (
        kernel_of(lambda x: x * float(vectorized(1.0))),
        (HERE, "FACTOR", 4.0),
    ),
    "what a universal function refers to": (
        kernel_of(lambda x: x * float(universal(1.0))),
        (HERE, "FACTOR", 4.0),
    ),
    "what a dispatched function refers to": (kernel_of(dispatched), (HERE, "FACTOR", 4.0)),
    "what a wrapped function refers to": (kernel_of(wrapped), (vars(config), "SCALE", 20.0)),
    "what a bound class method refers to": (
        kernel_of(lambda x: x * bound()),
        (Settings, "offset", 5.0),
    ),
    "what a static method refers to": (
        kernel_of(lambda x: x * Settings.computed()),
        (HERE, "FACTOR", 4.0),
    ),
    "an attribute by its name": (
        kernel_of(lambda x: x * getattr(config, "SH" + "IFT")),
        (vars(config), "SHIFT", 4.0),
    ),
    "a global by its name": (kernel_of(lambda x: x * globals()["FACTOR"]), (HERE, "FACTOR", 4.0)),
    "a keyword's default": (
        kernel_of(with_keyword),
        (with_keyword, "__kwdefaults__", {"factor": 3.0}),
    ),
    "the code of a function": (
        kernel_of(with_keyword),
        (with_keyword, "__code__", with_another.__code__),
    ),
    "a default": (kernel_of(doubled), (doubled.function, "__defaults__", (3.0,))),
    "the code of a helper": (kernel_of(doubled), (doubled.function, "__code__", tripled.__code__)),
    "the function of a helper": (kernel_of(doubled), (doubled, "function", tripled)),
    "the default of a compile-time parameter": (
        of_a_default,
        (of_a_default.function, "__defaults__", (3.0,)),
    ),
    "the function of a kernel": (of_a_default, (of_a_default, "function", of_another_default)),
    "a quoted annotation with an attribute": (
        of_a_quoted_attribute,
        (config, "DTYPE", enigma.f16),
    ),
    "what a property of a record refers to": (of_records, (HERE, "FACTOR", 4.0)),
    "an attribute of a record": (of_records, (Scalings, "shift", 4.0)),
    "a method of a record": (of_records, (Scalings, "total", lambda self: self.first.x[2])),
    "a function that a field of a record defaults to": (
        of_a_function_in_a_record,
        (doubled.function, "__defaults__", (3.0,)),
    ),
    "what the text of a parameter refers to": (of_a_text, (HERE, "WIDTH", 4)),
    "what gets an attribute": (
        kernel_of(lambda x: x * operator.attrgetter("SCALE")(config)),
        (config, "SCALE", 20.0),
    ),
    "what calls a method": (
        kernel_of(lambda x: x * operator.methodcaller("given")(Settings)),
        (Settings, "given", classmethod(lambda cls: 9.0)),
    ),
    "a name in the dict of a module": (
        kernel_of(lambda x: x * config.__dict__["SCALE"]),
        (config, "SCALE", 20.0),
    ),
    "a name in the globals of a function": (
        kernel_of(lambda x: x * scale_of_config.__globals__["FAC" + "TOR"]),
        (HERE, "FACTOR", 4.0),
    ),
    "what every object gets attributes by": (
        kernel_of(lambda x: x * object.__getattribute__(config, "SCALE")),
        (config, "SCALE", 20.0),
    ),
    "a class that another one tells": (
        kernel_of(lambda x: x * sum(each.offset for each in Settings.__subclasses__())),
        (type("Others", (Settings,), {"offset": 3.0}), "offset", 4.0),
    ),
    "a name of a function": (
        kernel_of(lambda x: x * len(plain.__name__)),
        (plain, "__name__", "of 13 letters"),
    ),
    "a text of a function": (
        kernel_of(lambda x: x * len(plain.__doc__ or "")),
        (plain, "__doc__", "It has one."),
    ),
    "a name of a helper": (
        kernel_of(lambda x: x * len(doubled.name)),
        (doubled.function, "__name__", "of 13 letters"),
    ),
    "an attribute that a pattern names": (kernel_of(told), (HERE, "FACTOR", 4.0)),
    "an attribute that a pattern has by its place": (
        kernel_of(placed),
        (Placed, "first", 4.0),
    ),
    "the places of a pattern": (kernel_of(placed), (Placed, "__match_args__", ("__module__",))),
    "a member that is found by its name": (
        kernel_of(lambda x: x * Table["ROW"].width),
        (Table.ROW, "width", 4.0),
    ),
    "one of all members": (
        kernel_of(lambda x: x * sum(member.width for member in Table)),
        (Table.ROW, "width", 4.0),
    ),
    "an operator that is no function": (
        kernel_of(lambda x: x * float(-Negated(3))),
        (Negated, "__neg__", int.__invert__),
    ),
    "an operator that is a part of a method": (
        kernel_of(lambda x: x * float(~Negated(3))),
        (Negated, "__invert__", functools.partialmethod(int.__add__, 5)),
    ),
    "the text of an object": (
        kernel_of(lambda x: x * float(repr(Negated(1)))),
        (HERE, "FACTOR", 4.0),
    ),
    "an attribute of a data class": (kernel_of(lambda x: x * Point().unit), (Point, "unit", 4.0)),
    "an attribute that a text names": (
        kernel_of(lambda x: x * float("{.offset}".format(Settings))),  # noqa: UP032
        (Settings, "offset", 5.0),
    ),
    "an attribute that another text names": (
        kernel_of(lambda x: x * float(FORMAT.format(Settings))),
        (Settings, "offset", 5.0),
    ),
    "an attribute of a data class made by a call": (
        kernel_of(lambda x: x * Made.unit),
        (Made, "unit", 4.0),
    ),
    "a method of a class made by a call": (
        kernel_of(lambda x: x * New().given()),
        (New, "given", lambda _: 5.0),
    ),
    "the keys of a mapping": (kernel_of(lambda x: x * len({**MAPPING})), (HERE, "KEYS", ())),
    "a method that Python's library calls": (
        kernel_of(lambda x: x * (2.0 if MAPPING == {1: 1} else 3.0)),
        (Mapping, "items", lambda _: ()),
    ),
    "a hash that there was not": (
        kernel_of(hashed),
        (Compared, "__hash__", lambda _: 1),
    ),
    "a function that is called once": (
        kernel_of(lambda x: x * Cached().given),
        (vars(Cached)["given"], "func", lambda _: 5.0),
    ),
    "the class of a member": (
        kernel_of(lambda x: x * ONE.width()),
        (ONE, "__class__", Wide),
    ),
    "the names of fields of NumPy": (
        kernel_of(lambda x: x * len(RECORD.names[0])),
        (RECORD, "names", ("other",)),
    ),
    "the fields of a named tuple": (
        kernel_of(lambda x: x * len(next(iter(Pair()._asdict())))),
        (Pair, "_fields", ("another",)),
    ),
    "the class of a module": (
        kernel_of(lambda x: x * config.SHIFT),
        (
            config,
            "__class__",
            type("Shifted", (types.ModuleType,), {"SHIFT": property(lambda _: 7.0)}),
        ),
    ),
}


def text(function, *arguments):
    return enigma.compile(function, *arguments, emit_only=True).metal_source


@pytest.mark.parametrize(("kernel", "change"), CHANGES.values(), ids=CHANGES)
def test_changes_are_seen(monkeypatch, kernel, change):
    where, name, value = change
    before = text(kernel)
    with monkeypatch.context() as patched:
        set_it = patched.setitem if isinstance(where, dict) else patched.setattr
        set_it(where, name, value)
        assert text(kernel) != before
    assert text(kernel) == before


@enigma.kernel
def store(A, x):
    A[0] = x


def output():
    return enigma.Tensor("A", 0, "float", enigma.Layout(4))


def test_an_attribute_that_comes():
    kernel = kernel_of(tried)
    before = text(kernel)
    plain.weight = 5.0
    assert text(kernel) != before
    del plain.weight
    assert text(kernel) == before


def test_the_name_of_a_class():
    class Named:
        pass

    kernel = kernel_of(lambda x: x * len(Named.__name__))
    assert "5.0f" in text(kernel)
    Named.__name__ = "Other name"
    assert "10.0f" in text(kernel)


def test_the_class_of_a_class():
    kernel = kernel_of(lambda x: x * Measured.width())
    before = text(kernel)
    Measured.__class__ = WideMeta
    assert "5.0f" in text(kernel)
    Measured.__class__ = Meta
    assert text(kernel) == before


def test_a_name_that_comes_to_builtins(monkeypatch):
    kernel = kernel_of(lambda x: x * comes_to_builtins)  # noqa: F821
    with pytest.raises(NameError):
        text(kernel)
    for value in (3.0, 5.0):
        monkeypatch.setattr(builtins, "comes_to_builtins", value, raising=False)
        assert f"{value}f" in text(kernel)
    monkeypatch.undo()
    with pytest.raises(NameError):
        text(kernel)


def test_builtins_of_its_own(tmp_path):
    path = tmp_path / "of_its_own.py"
    path.write_text("def scaled(x):\n    return x * of_its_own\n")
    own = {**vars(builtins), "of_its_own": 3.0}
    space = {"__builtins__": own, "__name__": "of_its_own"}
    exec(compile(path.read_text(), path, "exec"), space)
    kernel = kernel_of(space["scaled"])
    assert "3.0f" in text(kernel)
    own["of_its_own"] = 5.0
    assert "5.0f" in text(kernel)


def test_a_member_for_another_value(monkeypatch):
    kernel = kernel_of(lambda x: x * Table(7).width)
    text(kernel)
    monkeypatch.setitem(HERE, "FACTOR", 4.0)
    with pytest.raises(ValueError, match="7 is not a valid"):
        text(kernel)


@pytest.mark.parametrize("tests", [isinstance, lambda thing, kind: kind.__instancecheck__(thing)])
def test_classes_that_are_registered(tests):
    class Registered:
        pass

    kernel = kernel_of(lambda x: x * (3.0 if tests(Registered(), Abstract) else 5.0))
    assert "5.0f" in text(kernel)
    Abstract.register(Registered)
    assert "3.0f" in text(kernel)


def test_classes_that_come_to_be_abstract():
    kernel = kernel_of(lambda x: x * Concrete().given())
    before = text(kernel)
    Concrete.__abstractmethods__ = frozenset({"given"})
    with pytest.raises(TypeError, match="abstract"):
        text(kernel)
    Concrete.__abstractmethods__ = frozenset()
    assert text(kernel) == before


def test_what_classes_in_c_read():
    kernel = kernel_of(lambda x: x * float(decimal.Decimal(1) / decimal.Decimal(3)))
    before = text(kernel)
    with decimal.localcontext() as context:
        context.prec = 2
        assert text(kernel) != before


def test_the_default_of_a_jit_function():
    @enigma.jit
    def of_default(A, x=2.0):
        store(A, x).launch(grid=1, block=1)

    array = np.zeros(4, np.float32)
    of_default(array, device="cpu")
    assert array[0] == 2.0
    of_default.function.__defaults__ = (3.0,)
    of_default(array, device="cpu")
    assert array[0] == 3.0
    assert "3.0f" in text(of_default, output())


RANDOM = """
import sys
import enigma
import numpy as np

@enigma.kernel
def kernel(A: enigma.f32):
    A[0] = A[1] * float(np.random.default_rng().random())

sys.modules.pop("numpy.random", None)
print(len({enigma.compile(kernel, emit_only=True).metal_source for _ in range(3)}))
"""


def test_a_module_that_numpy_imports_when_it_is_asked_for(tmp_path):
    path = tmp_path / "random_kernel.py"
    path.write_text(RANDOM)
    assert subprocess.check_output([sys.executable, path], text=True) == "3\n"


def test_what_arguments_refer_to(monkeypatch):
    @enigma.jit
    def scaled(A, pair):
        store(A, pair.scaled).launch(grid=1, block=1)

    before = text(scaled, output(), Pair())
    monkeypatch.setitem(HERE, "FACTOR", 4.0)
    assert text(scaled, output(), Pair()) != before


def test_arguments_that_have_more_than_their_value():
    @enigma.jit
    def of_number(A, x):
        store(A, float(x)).launch(grid=1, block=1)

    @enigma.jit
    def of_attribute(A, x):
        store(A, x.extra).launch(grid=1, block=1)

    # They look the same.
    assert text(of_number, output(), Number(1.0)) != text(of_number, output(), Number(2.0))
    for made in (Number(1.0), Triple((1.0,))):
        made.extra = 2.0
        before = text(of_attribute, output(), made)
        made.extra = 3.0
        assert text(of_attribute, output(), made) != before


def test_what_is_read_while_the_function_runs(tmp_path, monkeypatch):
    path = tmp_path / "number.txt"

    @enigma.jit
    def of_an_import(A):
        import config_of_kernels

        store(A, config_of_kernels.SHIFT).launch(grid=1, block=1)

    @enigma.jit
    def of_a_file(A):
        with open(path) as file:
            store(A, float(file.read())).launch(grid=1, block=1)

    @enigma.jit
    def of_the_environment(A):
        import os

        store(A, float(os.getenv("NUMBER_OF_KERNELS"))).launch(grid=1, block=1)

    path.write_text("1.0")
    monkeypatch.setenv("NUMBER_OF_KERNELS", "1.0")
    functions = of_an_import, of_a_file, of_the_environment
    before = [text(function, output()) for function in functions]
    path.write_text("2.0")
    monkeypatch.setenv("NUMBER_OF_KERNELS", "2.0")
    monkeypatch.setattr(config, "SHIFT", 2.0)
    for function, first in zip(functions, before, strict=True):
        assert text(function, output()) != first


def imported(x):
    import math

    import config_of_kernels

    return x * config_of_kernels.SHIFT * math.pi


def imported_by_another_name(x):
    import config_of_kernels as settings

    return x * settings.SHIFT


def imported_from(x):
    from config_of_kernels import SHIFT as OTHER

    return x * OTHER


def imported_by_an_inner_function(x):
    def factor():
        from config_of_kernels import SHIFT

        return SHIFT

    return x * factor()


def imported_of_a_package(x):
    import package_of_kernels.inner

    return x * package_of_kernels.inner.SHIFT


def imported_from_a_package(x):
    from package_of_kernels import inner

    return x * inner.SHIFT


def imported_of_a_package_by_another_name(x):
    import package_of_kernels.inner as inner

    return x * inner.SHIFT


def imported_from_within_a_package(x):
    from package_of_kernels.inner import SHIFT

    return x * SHIFT


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (imported, "config_of_kernels"),
        (imported_by_another_name, "config_of_kernels"),
        (imported_from, "config_of_kernels"),
        (imported_by_an_inner_function, "config_of_kernels"),
        (imported_of_a_package, "package_of_kernels.inner"),
        (imported_from_a_package, "package_of_kernels.inner"),
        (imported_of_a_package_by_another_name, "package_of_kernels.inner"),
        (imported_from_within_a_package, "package_of_kernels.inner"),
    ],
)
def test_what_it_imports(compiled, monkeypatch, expression, name):
    kernel = kernel_of(expression)
    before = text(kernel)
    assert text(kernel) == before
    assert len(compiled) == 1
    with monkeypatch.context() as patched:
        patched.setattr(sys.modules[name], "SHIFT", 3.0)
        assert text(kernel) != before
    assert text(kernel) == before
    other = types.ModuleType(name)
    other.SHIFT = 5.0
    monkeypatch.setitem(sys.modules, name, other)
    if "." in name:
        monkeypatch.setattr(package, "inner", other)
    assert text(kernel) != before


def test_a_module_that_the_first_compilation_imports(compiled, monkeypatch, tmp_path):
    (tmp_path / "late_module_of_kernels.py").write_text("SHIFT = 1.0\n")
    monkeypatch.syspath_prepend(tmp_path)

    @enigma.kernel
    def kernel(A: enigma.f32):
        import late_module_of_kernels

        A[0] = late_module_of_kernels.SHIFT

    assert len({text(kernel) for _ in range(3)}) == 1
    assert len(compiled) == 2


def test_imports_by_an_importer_of_the_user(compiled, monkeypatch):
    python_import = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", lambda *given: python_import(*given))
    kernel = kernel_of(imported)
    assert text(kernel) == text(kernel)
    assert len(compiled) == 2


@pytest.mark.parametrize("number", [np.random.rand, lambda: float(next(places)[0])])
def test_numbers_that_are_others_each_time(number):
    kernel = kernel_of(lambda x: x * float(number()))
    assert text(kernel) != text(kernel)


def test_random_numbers_of_a_module():
    kernel = kernel_of(lambda x: x * np.random.rand())
    assert text(kernel) != text(kernel)


@enigma.kernel
def of_globals(A: enigma.f32, B: enigma.f32):
    i = enigma.thread_position_in_grid
    B[i] = doubled(A[i]) + FACTOR + Settings.offset


@enigma.kernel
def of_a_constant(A: enigma.f32, x: enigma.constexpr = 1.0):
    A[0] = x


def sized(name="A", index=0, dtype="float", shape=(4, 8), **options):
    return enigma.Tensor(name, index, dtype, enigma.Layout(shape), **options)


@enigma.kernel
def negate_kernel(A, B):
    i = enigma.thread_position_in_grid.x
    B[i % 4, 0] = -A[i % 4, 0]


@enigma.jit
def negate(A, B):
    negate_kernel(A, B).launch(grid=1, block=32)


def test_a_second_compilation_gives_the_first(compiled):
    compilations.forget()
    n = enigma.dyn("n")
    for compile_it in (
        lambda **options: enigma.compile(of_globals, emit_only=True, **options),
        lambda **options: enigma.compile(
            of_a_constant, emit_only=True, **{"constants": {"x": 3.5}, **options}
        ),
        lambda **options: enigma.compile(
            negate, sized(), sized("B", 1, shape=(n, 8)), emit_only=True, **options
        ),
    ):
        first = compile_it()
        count = len(compiled)
        assert compile_it() is first
        assert len(compiled) == count
        for options in OPTIONS:
            assert compile_it(**options) is not first
            assert len(compiled) == count + 1
            compile_it(**options)
            assert len(compiled) == count + 1
            count += 1


OTHERS = {
    "another name": sized("C"),
    "another index": sized(index=2),
    "another dtype": sized(dtype="half"),
    "another shape": sized(shape=(4, 4)),
    "a size": sized(shape=(enigma.dyn("n"), 8)),
    "a size of another name": sized(shape=(enigma.dyn("m"), 8)),
    "what divides it": sized(shape=(enigma.dyn("n", div=4), 8)),
    "an offset": sized(base_offset=4),
    "a swizzle": enigma.Tensor("A", 0, "float", enigma.swizzle(enigma.Layout((4, 8)), 1, 0, 2)),
}


def test_tensors_that_differ():
    output = sized("B", 1, dtype="float")
    results = [
        enigma.compile(negate, tensor, output, emit_only=True)
        for name, tensor in (("plain", sized()), *OTHERS.items())
        if name != "another dtype"
    ]
    assert len(set(map(id, results))) == len(results)


def test_tuples_of_many_parts():
    shared = ()
    for _ in range(60):
        shared = (shared, shared)
    deep = ()
    for _ in range(5000):
        deep = (deep,)
    assert compilations.key_of(shared) is None
    assert compilations.key_of(deep) is None
    assert compilations.key_of(tuple(range(2000))) is None
    assert compilations.key_of(((1, 2.0), "a", (enigma.Layout(4),))) is not None


@enigma.jit
def fill(A, x):
    of_a_constant(A, x=float(x if isinstance(x, np.generic) else sum(range(9)[x]))).launch(
        grid=1, block=1
    )


@pytest.mark.parametrize(
    "values",
    [
        [np.float32(0), np.float32(-0.0), np.float64(0), np.int32(0), np.uint32(0), np.bool_(0)],
        [np.int64(2**40), np.int64(2**40 + 1)],
        [np.float16(2.5), np.float16(1.5)],
        [slice(1, 2), slice(1, 3), slice(1, 3, 2), slice(None, 3), slice(True, 3)],
    ],
    ids=lambda values: str(values[0]),
)
def test_arguments_that_stay_as_they_are(compiled, values):
    compilations.forget()
    made = {}
    for _ in range(2):
        for number, value in enumerate(values):
            result = enigma.compile(fill, sized(shape=4), value, emit_only=True)
            assert made.setdefault(number, result) is result
    assert len(compiled) == len(values) == len(set(map(id, made.values())))


def test_ranges_stay_as_they_are():
    first = compilations.key_of(range(1, 8, 2))
    assert first == compilations.key_of(range(1, 8, 2)) != compilations.key_of((1, 8, 2))
    assert first != compilations.key_of(range(1, 9, 2))  # of the same numbers
    assert not compilations.key_of(slice([1], 2)).is_frozen


def test_objects_of_classes_derived_from_those_of_numpy():
    class Marked(np.float32):
        pass

    assert compilations.key_of(Marked(1)) is None
    for changes in (np.zeros(1, [("a", "f4")])[0], np.datetime64("2026-01-01")):
        assert compilations.key_of(changes) is None


def test_what_is_printed_and_written_is_so_each_time(capsys, tmp_path):
    for folder in ("a", "b"):
        enigma.compile(of_globals, emit_only=True, dump_ir=True)
        assert "enigma.kernel" in capsys.readouterr().out
        enigma.compile(
            of_globals, emit_only=True, keep_metal_source=True, work_dir=tmp_path / folder
        )
        assert list((tmp_path / folder).glob("*.metal"))


def test_warnings_come_each_time():
    @enigma.kernel
    def kernel(A: enigma.f32):
        A[0] = A[1] + math.inf

    for _ in range(2):
        with pytest.warns(enigma.EnigmaWarning, match="infinite"):
            enigma.compile(kernel, emit_only=True)


def test_numbers_that_are_equal_and_not_the_same():
    for a, b in ((1, 1.0), (1, True), (0.0, -0.0), ((1,), (1.0,)), ((1,), (1, 2))):
        assert not same(a, b)
    nan = float("nan")
    for a, b in (
        *((0.0, -0.0), (nan, -nan), (0j, -0j), (1j, 2j), (complex(nan, 0), complex(-nan, 0))),
        *((np.int64(1), np.longlong(1)), (np.float64(0), np.float64(-0.0)), (1, 1 + 0j)),
    ):
        assert compilations.key_of(a).is_frozen
        assert compilations.key_of(a).told != compilations.key_of(b).told
    for value in (1, 1.5, float("nan"), "a", (1, ("a", None))):
        assert same(value, value)


def test_what_changes_while_it_is_compiled():
    """What is kept is what it was compiled for, even if that comes again."""
    global FACTOR

    def changing(x):
        global FACTOR
        FACTOR = 7.0
        return x * FACTOR

    kernel = kernel_of(lambda x: changing(x) if FACTOR == 2.0 else x * 9.0)
    before = text(kernel)
    assert FACTOR == 7.0
    FACTOR = 2.0
    assert text(kernel) == before
    assert FACTOR == 7.0
    FACTOR = 2.0


def test_functions_that_call_one_another_deeply(compiled):
    def calling(function):
        return lambda x: function(x)

    function = doubled
    for _ in range(400):
        function = calling(function)
    kernel = kernel_of(function)
    assert text(kernel) == text(kernel)
    assert len(compiled) == 1


def test_a_method_that_comes_as_another_member_goes():
    class Told:
        spare = 1

    told = Told()
    kernel = kernel_of(lambda x: x * (2.0 if told else 3.0))
    assert "2.0f" in text(kernel)
    del Told.spare
    Told.__bool__ = lambda _: False
    assert "3.0f" in text(kernel)


def test_a_name_that_is_made_and_assigned_to():
    class Counted:
        count = 0

    def counted(x):
        setattr(Counted, "co" + "unt", 1)
        return x

    kernel = kernel_of(counted)
    for _ in range(3):
        Counted.count = 0
        text(kernel)
        assert Counted.count == 1


def test_what_tells_texts_apart():
    def formats(function):
        return names_in(function.__code__).formats

    assert formats(lambda x: "{.a}".format(x)) == {"{.a}"}  # noqa: UP032
    assert formats(lambda x: "{.a}".format_map(x)) == {"{.a}"}
    assert formats(lambda x: map("{.a}".format, x)) == {"{.a}"}
    assert formats(lambda x: x.format(1)) == {None}
    assert formats(lambda x: lambda y: x.format(y)) == {None}
    assert not formats(lambda x: x.format == 1)
    assert not formats(lambda x: f"{x.a}")


def test_the_bases_of_a_class():
    class Other(Base):
        def scaled(self):
            return self.x * 9.0

    class Changing(Base):
        pass

    kernel = kernel_of(lambda x: Changing(x).scaled())
    assert "9.0f" not in text(kernel)
    Changing.__bases__ = (Other,)
    assert "9.0f" in text(kernel)


def test_keyword_defaults_that_come_and_change_in_place():
    def weighted(x, *, factor):
        return x * factor

    kernel = kernel_of(lambda x: weighted(x) if weighted.__kwdefaults__ else x)
    without = text(kernel)
    for defaults in ({}, None):
        weighted.__kwdefaults__ = defaults
        assert text(kernel) == without
    weighted.__kwdefaults__ = {}
    assert text(kernel) == without
    weighted.__kwdefaults__["factor"] = 3.0
    assert "3.0f" in text(kernel)
    weighted.__kwdefaults__["factor"] = 5.0
    assert "5.0f" in text(kernel)
    weighted.__kwdefaults__ = None
    assert text(kernel) == without


def test_a_variable_of_a_closure_that_goes_and_comes():
    factor = 3.0

    def assign(value):
        nonlocal factor
        factor = value

    def delete():
        nonlocal factor
        del factor

    kernel = kernel_of(lambda x: x * factor)
    assert "3.0f" in text(kernel)
    delete()
    for _ in range(2):
        with pytest.raises(enigma.EnigmaError, match="factor"):
            text(kernel)
    assign(5.0)
    assert "5.0f" in text(kernel)


def test_what_can_be_seen_is_kept(compiled):
    """Each is compiled once, though it refers to more than functions and numbers."""
    for expression in (
        lambda x: Derived(x).scaled() + Base(x).x,
        lambda x: x * MEMBER.weight * Mode.FAST.value,
        lambda x: x * PAIR.scaled,
        lambda x: x * float(np.float32(2.0)) * np.pi,
        lambda x: x * Settings.given() * Settings.computed(),
        lambda x: x * Point().x * Table["ROW"].width,
        lambda x: x * len(plain.__name__),
        told,
        tried,
        wrapped,
        attributed,
        with_keyword,
        lambda x: x * Concrete().given(),
        lambda x: x * (3.0 if isinstance(Concrete(), Abstract) else 5.0),
    ):
        compiled.clear()
        kernel = kernel_of(expression)
        assert text(kernel) == text(kernel)
        assert len(compiled) == 1


def test_threads(monkeypatch):
    """Compilations make room for others while they are found."""
    monkeypatch.setattr(compilations, "CAPACITY", 1)
    faults = []

    def work(first):
        try:
            for i in range(60):
                x = float((first + i) % 3)
                compiled = enigma.compile(of_a_constant, constants={"x": x}, emit_only=True)
                assert f"{x}f" in compiled.metal_source
                if i % 7 == 0:
                    compilations.forget()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def names_that_dis_shows(code):
    shown = {"global": set(), "attribute": set(), "import": set()}
    for instruction in dis.get_instructions(code):
        if instruction.opcode not in dis.hasname:
            continue
        name = instruction.opname
        if "_GLOBAL" in name or name == "LOAD_NAME":
            shown["global"].add(instruction.argval)
        elif "_ATTR" in name or "_METHOD" in name or name == "IMPORT_FROM":
            shown["attribute"].add(instruction.argval)
        elif name == "IMPORT_NAME":
            shown["import"].add(instruction.argval)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            for kind, names in names_that_dis_shows(const).items():
                shown[kind] |= names
    return shown


# With more names than an instruction has room for.
LONG = "def f(x):\n" + "".join(f"    name{n} = x.part{n}(other{n})\n" for n in range(300))
SUPER = "class A(B):\n    def f(self):\n        return super().g, super().h(), super(B, self).i"


@pytest.mark.parametrize(
    "text",
    [
        *(pathlib.Path(module.__file__).read_text() for module in (enum, typing, dis, pytest)),
        *(LONG, SUPER, "def f():\n    global x, y\n    x = y.z\n    del x, y.w\n    import a.b\n"),
        "def f():\n    from . import a\n    from ..b.c import d as e, f\n    import g.h as i",
    ],
    ids=["enum", "typing", "dis", "pytest", "long", "super", "stores", "imports"],
)
def test_names_in_code_are_those_that_dis_shows(text):
    code = compile(text, "<text>", "exec")
    names, shown = names_in(code), names_that_dis_shows(code)
    assert names.globals == shown["global"]
    assert names.attributes == shown["attribute"]
    assert {name.lstrip(".") for name in names.imports} == shown["import"]
