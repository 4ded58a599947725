# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Names, attributes and arguments that there are none of, of everything that is public.

Each wrong use stands on a line of its own of a file that is written here, on the host or in what a
kernel calls: it is an error of Enigma with that line, and a remedy that names what is near.
"""

from __future__ import annotations

import copy
import inspect
import runpy
import subprocess
import sys

import pytest

import enigma
from enigma import errors

PARAMETERS = inspect.Parameter
NAMED = (PARAMETERS.POSITIONAL_OR_KEYWORD, PARAMETERS.KEYWORD_ONLY)

SETTING = """\
import enigma
from enigma import Layout

A = enigma.Tensor("A", 0, "float", Layout((4, 8)))


@enigma.kernel
def plain(X: enigma.f32, Y: enigma.f32):
    i = enigma.thread_position_in_grid
    Y[i] = X[i]


@enigma.jit
def launched(X):
    plain(X, X).launch(grid=(1, 1, 1), block=(1, 1, 1))


compiled = enigma.compile(plain)
layout = Layout((4, 8))
swizzle = enigma.Swizzle(1, 2, 3)
swizzled = enigma.SwizzledLayout(swizzle, 0, Layout((4, 8)))
symbol = enigma.dyn("n")
cpu = enigma.device("cpu")


class Kernel:
    def __init__(self, X):
        self.buffer = X
        self.i = enigma.thread_position_in_grid()
        self.value = X[self.i]
        self.vector = enigma.make_float4(*[self.value] * 4)
        self.tensor = enigma.make_tensor(X, Layout((4, 8)))
        self.fragment = enigma.make_fragment(4, enigma.f32)
        self.registers = enigma.register_tensor(4)
        self.matrix = enigma.make_filled_simdgroup_matrix(1.0)
        self.columns = enigma.make_float2x2(*[self.value] * 4)
        self.identity = enigma.make_identity_tensor((4, 8))


@enigma.kernel
def traced(X: enigma.f32):
    X[0] = X[1]
    case(Kernel(X))

"""


#: Uses in one file: where one is wrong, the whole file is read.
MANY = 40


def wrong(folder, uses, in_kernel, kind):
    """What is wrong with how uses fail: each with this kind, on its line, and with what is near."""
    found = []
    items = list(uses.items())
    for start in range(0, len(items), MANY):
        part = items[start : start + MANY]
        path = folder / f"uses{len(list(folder.iterdir()))}.py"
        lines = [f"def case{n}(k): {use}\n" for n, (use, _) in enumerate(part)]
        path.write_text(SETTING + "".join(lines))
        scope = runpy.run_path(str(path))
        for number, (use, near) in enumerate(part):
            line = SETTING.count("\n") + 1 + number
            try:
                run(scope, scope[f"case{number}"], in_kernel)
            except enigma.EnigmaError as error:
                place = error.location and (error.location.filename, error.location.line)
                if not isinstance(error, kind):
                    found.append(f"{use}: {type(error).__name__}: {error}")
                elif place != (str(path), line):
                    found.append(f"{use}: not its line: {error}")
                elif not error.help or near not in error.help:
                    found.append(f"{use}: not the remedy, {near!r}: {error}")
            except Exception as error:
                found.append(f"{use}: {type(error).__name__}: {error}")
            else:
                found.append(f"{use}: no error")
    return found


def run(scope, case, in_kernel):
    if in_kernel:
        scope["traced"].function.__globals__["case"] = case
        enigma.compile(scope["traced"])
    else:
        case(None)


def misspelt(name):
    return f"{name}{name[-1]}"


def parameters_of(thing):
    found = inspect.signature(thing).parameters.values()
    return [each for each in found if each.name not in ("self", "cls")]


def wrong_calls(name, parameters):
    """Calls that do not fit these parameters, with what the remedy of each has to say."""
    kinds = {each.kind for each in parameters}
    if PARAMETERS.VAR_KEYWORD not in kinds:
        yield f"{name}(no_such_argument=1)", ""
        for each in parameters:
            if each.kind in NAMED:
                yield f"{name}({misspelt(each.name)}=1)", f"did you mean {each.name!r}?"
    if PARAMETERS.VAR_POSITIONAL not in kinds:
        yield f"{name}({', '.join('1' * 40)})", ""
    needed = [each.name for each in parameters if each.default is each.empty]
    if needed and not kinds & {PARAMETERS.VAR_POSITIONAL, PARAMETERS.VAR_KEYWORD}:
        yield f"{name}()", needed[0]


# What C++ makes has no signature that Python knows.
WRITTEN = {
    "Layout": "shape, stride=None",
    "Swizzle": "bits, base, shift",
    "SwizzledLayout": "swizzle, offset, layout",
}


def written(parameters):
    return parameters_of(eval(f"lambda {parameters}: None"))


def public():
    """All that `enigma` has and that is called, with its parameters."""
    for name in enigma.__all__:
        thing = getattr(enigma, name)
        is_error = isinstance(thing, type) and issubclass(thing, BaseException)
        if not callable(thing) or is_error or name in ("Dyn", "Device"):
            continue
        if name in WRITTEN:
            yield name, thing, written(WRITTEN[name])
        else:
            yield name, thing, parameters_of(thing)


# The modules of what is called on the host, too; of classes there, those that users call.
HOST = ("enigma._layout", "enigma._algebra", "enigma.layout", "enigma.compiler", "enigma.runtime")
HOST_NAMES = ("Tensor", "Scalar", "Threadgroup", "vec", "function_constant", "IdentityTensor")
METHODS = {
    "compiled": ["export_metal", "to_json", "from_json", "llvm_ir", "assembly"],
    "cpu": ["synchronize", "described"],
    "enigma.Timing((1.0,), (1.0,), 'x')": ["quantile"],
    "layout": ["size", "cosize"],
}
PLAIN_METHODS = {
    "layout.evaluate": "values",
    "Layout.parse": "text",
    "swizzled.parse": "text",
    "symbol.evaluate": "values",
    "symbol.to": "dtype",
    "swizzle": "offset, /",
    "layout.svg": "path=None, *, tile=None, bits=None, limit=64",
    "layout.show": "*, tile=None, bits=None, limit=None",
}


# What is said of these, whatever they are given.
DECORATORS = dict.fromkeys(("kernel", "func", "jit"), "decorator")


def is_of_host(name, thing):
    module = getattr(thing, "__module__", "")
    return name in HOST_NAMES or module.startswith(HOST)


def of_host():
    uses = {}
    for name, thing, parameters in public():
        if is_of_host(name, thing):
            uses |= wrong_calls(f"enigma.{name}", parameters)
    for name, parameters in PLAIN_METHODS.items():
        uses |= wrong_calls(name, written(parameters))
    uses["layout(i=1)"] = uses["layout(1, j=2)"] = "*coord"
    return uses


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.mark.needs_positions
def test_calls_in_a_kernel(folder):
    uses = {}
    for name, thing, parameters in public():
        calls = wrong_calls(f"enigma.{name}", parameters)
        # Of what is never made by its class, it is said what makes it.
        said = getattr(thing, "_made_by", DECORATORS.get(name))
        uses |= {use: said if near and said else near for use, near in calls}
    assert len(uses) > 1500
    assert wrong(folder, uses, True, errors.UnexpectedArguments) == []


def test_calls_on_the_host(folder):
    uses = of_host()
    assert len(uses) > 250
    assert wrong(folder, uses, False, errors.UnexpectedArguments) == []


def test_methods_on_the_host(folder):
    path = folder / "setting.py"
    path.write_text(SETTING)
    scope = runpy.run_path(str(path))
    calls = {}
    for name, methods in METHODS.items():
        thing = eval(name, scope)
        for method in methods:
            calls |= wrong_calls(f"{name}.{method}", parameters_of(getattr(thing, method)))
    assert len(calls) > 30
    assert wrong(folder, calls, False, errors.UnexpectedArguments) == []


#: What a kernel has, with methods of it.
TRACED = {
    "value": ["to"],
    "vector": ["to"],
    "fragment": ["to", "reduce"],
    "tensor": ["load", "store", "fill"],
    "buffer": ["atomic_load", "atomic_fetch_add"],
    "registers": [],
    "matrix": ["map"],
    "columns": ["map"],
    "identity": [],
}


def test_methods_in_a_kernel(folder):
    kinds = {"value": enigma.Value, "vector": enigma.Vector, "fragment": enigma.Fragment}
    kinds |= {"tensor": enigma.Tensor, "buffer": enigma.Buffer, "matrix": enigma.SimdgroupMatrix}
    kinds |= {"columns": enigma.Matrix}
    calls = {}
    for name, methods in TRACED.items():
        for method in methods:
            parameters = parameters_of(getattr(kinds[name], method))
            if method.startswith("atomic"):
                parameters = parameters[1:]  # the memory itself
            calls |= wrong_calls(f"k.{name}.{method}", parameters)
    assert len(calls) > 30
    assert wrong(folder, calls, True, errors.UnexpectedArguments) == []


#: Attributes with a letter twice, by what has them.
ATTRIBUTES = {
    "k.value": ["dtype", "to"],
    "k.vector": ["dtype"],
    "k.fragment": ["shape", "size", "reduce"],
    "k.tensor": ["shape", "stride", "layout", "load", "store"],
    "k.buffer": ["atomic_load", "name"],
    "k.registers": ["shape", "size"],
    "k.identity": ["shape", "layout"],
    "layout": ["shape", "stride", "is_static", "show"],
    "enigma.f32": ["bits", "name"],
    "enigma.arch": ["thread_idx"],
}
OF_HOST = {
    "layout": ["shape", "stride", "size", "cosize", "rank", "depth", "is_static", "show", "svg"],
    "swizzle": ["bits", "base", "shift"],
    "swizzled": ["shape", "layout", "swizzle", "offset"],
    "symbol": ["name", "symbols", "evaluate"],
    "enigma.IdentityTensor((4, 8))": ["shape", "layout"],
    "compiled": ["metal_source", "launch", "parameters", "remarks"],
    "cpu": ["name", "limits", "synchronize"],
    "plain": ["launch", "name"],
    "launched": ["launch", "name"],
    "enigma.Timing((1.0,), (1.0,), 'x')": ["median", "minimum", "seconds"],
    "enigma.Scalar(enigma.u32)": ["dtype"],
    "compiled.parameters[0]": ["name", "dtype", "index"],
    "enigma": ["exp", "kernel", "Layout", "make_tensor"],
}


def typos(table):
    return {
        f"{thing}.{misspelt(name)}": name if "arch" in thing or thing == "enigma" else f".{name}"
        for thing, names in table.items()
        for name in names
    }


def test_attributes_in_a_kernel(folder):
    assert wrong(folder, typos(ATTRIBUTES), True, errors.UnknownAttribute) == []


def test_attributes_on_the_host(folder):
    assert wrong(folder, typos(OF_HOST), False, errors.UnknownAttribute) == []


@pytest.mark.parametrize(
    "use", ["A.shapee", "enigma.f32.bitss", "enigma.vec(enigma.f32, 4).laness"]
)
def test_what_kernels_read_often_has_what_python_says(use, folder):
    """On the host: looking up their attributes otherwise would make each of them slower."""
    path = folder / "typo.py"
    path.write_text(SETTING + use + "\n")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert f"Did you mean: '{use.rpartition('.')[2][:-1]}'" in done.stderr
    assert f'{path}", line {SETTING.count(chr(10)) + 1}' in done.stderr


def test_nothing_near_lists_what_there_is(folder):
    uses = {"layout.zqzqzq": "shape", "swizzle.zqzqzq": "bits", "cpu.zqzqzq": "synchronize"}
    assert wrong(folder, uses, False, errors.UnknownAttribute) == []
    uses = {"k.value.zqzqzq": ".dtype", "k.tensor.zqzqzq": ".layout"}
    assert wrong(folder, uses, True, errors.UnknownAttribute) == []


def test_what_tools_ask_for_is_a_plain_error():
    for thing in (enigma.Layout(4), enigma.Swizzle(1, 2, 3), enigma.dyn("n"), enigma.device("cpu")):
        with pytest.raises(AttributeError) as caught:
            _ = thing._repr_latex_
        assert not isinstance(caught.value, enigma.EnigmaError)
        assert not hasattr(thing, "no_such_attribute")
        assert copy.copy(thing) is not None


#: Names that there are none of, and what is meant.
NAMES = {
    "k + ii": "",
    "valeu": "",
    "layuot.shape": "did you mean 'layout'?",
    "lenn(k)": "did you mean 'len'?",
    "exp(k.value)": "write enigma.exp",
    "thread_position_in_grid": "write enigma.thread_position_in_grid",
    "make_tensr(k.buffer, layout)": "did you mean enigma.make_tensor?",
    "program_id(0)": "enigma.threadgroup_position_in_grid",
    "math.pi": "import it: `import math`",
    "zqzqzq": "at the top of the file",
}


def test_names(folder):
    assert wrong(folder, NAMES, True, errors.UnknownName) == []


NAMED_IN_PLACE = """\
import enigma as eg


@eg.func
def helper(total, limit):
    if limit > 2:
        total = totl + 1  # did you mean 'total'?
    return total


@eg.kernel
def in_a_branch(X: eg.f32, Y: eg.f32):
    i = eg.thread_position_in_grid
    Y[i] = helper(X[i], X[0])


@eg.kernel
def in_a_loop(X: eg.f32, Y: eg.f32):
    value = X[0]
    for i in eg.range(4):
        value = value + vaule  # did you mean 'value'?
    Y[0] = value


@eg.kernel
def unqualified(X: eg.f32, Y: eg.f32):
    Y[0] = rsqrt(X[0])  # write eg.rsqrt


@eg.jit
def launches(X, Y):
    in_a_loop(X, YY).launch(grid=(1, 1, 1), block=(1, 1, 1))  # did you mean 'Y'?
"""


@pytest.mark.parametrize("name", ["in_a_branch", "in_a_loop", "unqualified", "launches"])
def test_names_where_they_stand(folder, name):
    path = folder / "places.py"
    path.write_text(NAMED_IN_PLACE)
    scope = runpy.run_path(str(path))
    tensors = [enigma.Tensor(each, n, "float", enigma.Layout(4)) for n, each in enumerate("XY")]
    with pytest.raises(NameError) as caught:
        enigma.compile(scope[name], *(tensors if name == "launches" else ()))
    error = caught.value
    assert isinstance(error, errors.UnknownName)
    assert error.location.filename == str(path)
    assert error.location.source_line.endswith(f"# {error.help}")


def test_a_name_of_a_local_that_python_has_not_assigned(folder):
    path = folder / "unassigned.py"
    path.write_text(
        "import enigma\n\n\ndef plain(x):\n    if x is None:\n        y = 1\n    return x + y\n\n\n"
        "@enigma.kernel\ndef kernel(X: enigma.f32):\n    X[0] = plain(X[1])\n"
    )
    with pytest.raises(errors.UnassignedVariable, match="variable 'y'") as caught:
        enigma.compile(runpy.run_path(str(path))["kernel"])
    assert caught.value.location.line == 7


def test_a_name_error_that_the_user_raises_is_his():
    @enigma.kernel
    def kernel(X: enigma.f32):
        X[0] = 1
        raise NameError("mine")

    with pytest.raises(NameError, match="mine") as caught:
        enigma.compile(kernel)
    assert not isinstance(caught.value, errors.UnknownName)


@pytest.mark.skipif(sys.platform == "darwin", reason="has Metal")
@pytest.mark.parametrize("use", ["enigma.device('metal')", "compiled.launch(device='metal')"])
def test_a_device_that_is_not_there(folder, use):
    found = wrong(folder, {use: "enigma.devices()"}, False, errors.DeviceUnavailable)
    assert found == []
