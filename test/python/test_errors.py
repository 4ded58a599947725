# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every error says what was found and what to do: each class, each place that raises one."""

from __future__ import annotations

import ast
import itertools
import pickle
import re
import rlcompleter
import string
from pathlib import Path

import numpy as np
import pytest

import enigma
from enigma import errors
from enigma.errors import EnigmaError, FaultSide
from enigma.spelling import ELSEWHERE

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "enigma"


def subclasses(cls):
    found = cls.__subclasses__()
    return {cls, *found, *(each for sub in found for each in subclasses(sub))}


CLASSES = {
    cls.__name__: cls for cls in subclasses(EnigmaError) if cls.__module__ == "enigma.errors"
}

THREAD = FaultSide(None, "writes", (3, 0, 0), (0, 0, 0))
REMEDY = "do it otherwise"
# What each class is made of. The remedy stands here where each place that raises it has its own.
EXAMPLES = {
    "ArgumentError": dict(
        kernel="add", name="A", expected="an array", found="a list", remedy=REMEDY
    ),
    "CarriedVariableError": dict(name="s", reason="it is f32, and f16 behind the loop"),
    "CommandLineError": ("--port is x", dict(remedy=REMEDY)),
    "CompilationError": ("the alignment is 3", dict(remedy=REMEDY)),
    "DTypeMismatch": ("f32 and i32", dict(remedy=REMEDY)),
    "DeviceUnavailable": dict(kind="metal", why="this is no Mac"),
    "EndlessUnrolling": dict(iterations=100_000),
    "EnigmaError": ("both were given", dict(remedy=REMEDY)),
    "EscapedValue": dict(where="in a loop"),
    "FileConflict": dict(path="add.metal", name="add"),
    "FormatError": dict(function="enigma.print", problem="it has no field 3", remedy=REMEDY),
    "HostError": ("unsupported operand", dict(remedy=REMEDY)),
    "IndexRangeError": ("subscript 4 of 4 lanes", dict(remedy=REMEDY)),
    "InlineTextError": dict(problem="the text has no field 0", remedy=REMEDY),
    "IntegerDivision": dict(left="i32", right="u32"),
    "InvalidJson": dict(form="kernel", found="a list"),
    "InvalidKernel": ("it is a generator", dict(remedy=REMEDY)),
    "InvalidLaunch": ("grid=0", dict(remedy=REMEDY)),
    "InvalidOption": dict(option="name", expected="a str", found=3, remedy=REMEDY),
    "InvalidRecord": dict(record="Pair", reason="has no fields", remedy=REMEDY),
    "InvalidVecWidth": dict(expected="2 or 4", found=3),
    "KernelFault": dict(
        kernel="add", kind="race", message="two threads write", advice="use a barrier", side=THREAD
    ),
    "LaunchCountError": ("main launches nothing", dict(remedy=REMEDY)),
    "LaunchFailed": ("add: page fault",),
    "LayoutError": ("4 is not divisible by 3", REMEDY),
    "LayoutOperandError": ("a str is no shape", REMEDY),
    "MisplacedCall": dict(what="kernel add", where="in a kernel", remedy=REMEDY),
    "MissingAnnotation": dict(name="A", kernel="add"),
    "MissingKernel": dict(path="add.py", reason="has no kernel", remedy=REMEDY),
    "NoVariant": dict(variant="fast", name="rint", remedy=REMEDY),
    "NotCompilable": dict(found="a list"),
    "NotInMemory": dict(attribute="dtype"),
    "NumberError": dict(operation="+", number=300, dtype="u8", reason="it is over 255"),
    "ObjectChanged": dict(name="xs", reason="a path makes it longer"),
    "OperandError": dict(
        operation="enigma.sin", operand="x", found="a str", expected="a number", remedy=REMEDY
    ),
    "OutsideKernel": dict(what="enigma.barrier"),
    "RaisedInKernel": dict(what="ValueError", where="in a branch"),
    "RecursionNotSupported": dict(name="f", cycle="f, g, f"),
    "ResourceLimitError": ("32 arguments", dict(remedy=REMEDY)),
    "ShapeMismatch": ("(2, 3) and (3, 2)", dict(remedy=REMEDY)),
    "SourceChanged": dict(name="add"),
    "SourceFileError": dict(path="add.py", reason="it is a folder"),
    "SourceUnavailable": dict(name="add"),
    "StaticShapeError": ("n is not known", dict(remedy=REMEDY)),
    "StaticValueError": dict(use="range", dtype="i32", remedy=REMEDY),
    "SubinterpreterError": dict(),
    "SubscriptError": ("a float", dict(remedy=REMEDY)),
    "TooDeeplyNested": dict(name="add", depth=300),
    "ToolchainError": dict(
        problem="xcrun failed",
        shown="xcrun metal",
        exit_code=1,
        stderr="error",
        kept="; in a.metal",
    ),
    "TruthValueError": dict(dtype="f32"),
    "UnassignedVariable": dict(name="s", reason="one path does not assign it"),
    "UnexpectedArguments": ("add takes 2", dict(remedy=REMEDY)),
    "UnknownAttribute": dict(found="a tensor", name="lenght", remedy=REMEDY),
    "UnknownName": dict(name="lenght", remedy=REMEDY),
    "UnknownDType": dict(found="quux", hint="", known="f32, f16"),
    "UnknownDevice": dict(found="tpu", source="", known="cpu, metal"),
    "UnreachableFunction": dict(name="add", reason="stands in a function"),
    "UnsupportedSyntax": dict(construct="`yield`", name="add", remedy=REMEDY),
    "UnsupportedUse": dict(found="a traced f32", role="hashed", remedy=REMEDY),
    "UserCodeError": dict(what="add.py raised ValueError"),
    "VariantsFailed": dict(count=1, total=2, errors="add: f32 and i32"),
    "WorkDirError": dict(what="", path="/x", reason="it is a file"),
}


def made(name):
    example = EXAMPLES[name]
    given = example if isinstance(example, tuple) else (example,)
    fields = given[-1] if isinstance(given[-1], dict) else {}
    return CLASSES[name](*(each for each in given if not isinstance(each, dict)), **fields), fields


def test_every_class_has_an_example():
    assert set(EXAMPLES) == set(CLASSES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_error_names_what_was_found_and_the_remedy(name):
    error, fields = made(name)
    text = str(error)
    for field, value in fields.items():
        if field not in ("kind", "side"):
            assert str(value) in text, field
    assert error.help
    assert text.endswith(f"\n  help: {error.help}")
    assert not re.search(r"\{[a-z_]*\}", text)
    if name != "KernelFault":
        # It names the lines of its threads.
        assert text.startswith(f"{__file__}:")
        assert "error, fields = made(name)" in text or "CLASSES[name](" in text
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.help) == (type(error), text, error.help)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_remedy_of_a_class_has_the_fields_of_its_message(name):
    def fields(text):
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    cls = CLASSES[name]
    _, given = made(name)
    if cls.remedy and name != "KernelFault":
        assert fields(cls.remedy) <= set(given)


# Places that raise an error.

# By file and class: why there is nothing to do for whoever meets it.
WITHOUT_REMEDY = {
    ("tracing/session.py", "CompilationError"): "a type that Enigma itself has written",
}


def has_remedy(cls):
    return bool(cls.remedy) or cls.__name__.startswith("Layout")


def raised():
    """Where an error is made: the file, the line, its class, and whether it is given a remedy."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in CLASSES:
                options = {option.arg: option.value for option in node.keywords}
                # One that may come with other options, by `**`, may be missing.
                remedy = options.get("remedy")
                empty = isinstance(remedy, ast.Constant) and not remedy.value
                file = path.relative_to(PACKAGE).as_posix()
                yield file, node.lineno, CLASSES[name], bool(remedy) and not empty


def test_every_place_that_raises_an_error_has_a_remedy():
    places = list(raised())
    without = [
        (file, line, cls.__name__)
        for file, line, cls, is_given in places
        if not is_given and not has_remedy(cls)
    ]
    assert [place for place in without if place[::2] not in WITHOUT_REMEDY] == []
    assert {place[::2] for place in without} == set(WITHOUT_REMEDY)
    # It sees them.
    assert {cls for _, _, cls, _ in places} >= set(CLASSES.values()) - MADE_ELSEWHERE


# The base, and what the algebra of layouts and faults of kernels are raised by.
MADE_ELSEWHERE = {errors.LayoutError}


# Places in the compiler, from the passes on: of what the verifiers refuse, Python builds nothing.

# By the reason: errors without a remedy, since no kernel of Python's brings them about.
UNMET = {
    "passes in another order, or IR that is not flat": [
        "copies consecutive elements; run ",
        "accesses a view as a whole; run ",
        "asks what a view was made of; run ",
        "uses a layout or tensor in a way that has no lowering",
        "argument '' is ",
        "the flat form has one dimension",
        "a module holds 'enigma.kernel's",
        "holds no 'enigma.kernel' to translate",
        "expected a module or an 'enigma.kernel'",
    ],
    "values that Python's variables are no values of: layouts, buffers": [
        "chooses between buffers at run time",
        "carries , which is not known where the kernel is compiled",
        "chooses  at run time; choose between the integers",
        "leaves the range of 64-bit integers",
    ],
    "options that enigma.compile refuses": ["'width' must be the lanes of a vector"],
    "types that no dtype has": ["it has no type for "],
    "texts that Python reads before": ["the format ", "the text "],
    "memory that is written where Python refuses it": ["a store to constant memory"],
    "operations that no function or operator of the language builds": [
        "works on , and has no form for vectors",
        "a call that is no expression",
        "MSL has no variant '' of it",
        "arithmetic on booleans",
        "a conversion to booleans",
        "the lowest bits of a vector",
        "a truncation to booleans",
        "the bits of booleans",
        "a change of  to ",
        "memory that is no argument or array of the kernel",
        "an expression of more than one line",
        "a comparison with a constant result",
        "an access to ",
        "a constant whose value is not here",
        "an extraction of more than a lane",
        "an insertion of more than a lane",
        "an insertion at a lane that is not constant",
        "a broadcast of a vector",
        "a reduction ",
        "this reduction of booleans",
        "the translation does not know this operation",
        "an operand has no value here",
    ],
}
FOLDERS = ("lib/Analysis", "lib/Transforms", "lib/Target/MSL")
SITE = re.compile(r"\b(?:emitOpError|emitError|(?:lowering\.|return |= )refuse)\(")
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"|;')


def sites():
    """Where the compiler makes an error: the file, what it says, and whether it has a remedy."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.cpp")):
            if path.name == "VectorizeAnalysis.cpp":
                # It gives remarks.
                continue
            code = re.sub(r"^ *//.*", "", path.read_text(), flags=re.MULTILINE)
            for function in re.split(r"^}", code, flags=re.MULTILINE):
                # What it begins, others end.
                if "Lowering::refuse(" not in function:
                    yield from ((path.name, *site) for site in _sites_of(function))


def _sites_of(function):
    found = list(SITE.finditer(function))
    for site, following in itertools.zip_longest(found, found[1:]):
        said = ""
        for text in TEXT.finditer(function, site.end()):
            if text[0] == ";":
                break
            said += text[1]
        before = function[function.rfind(";", 0, site.start()) + 1 : site.start()]
        rest = function[site.start() : following.start() if following else None]
        if "emitError()" not in before and said:
            yield said, "attachRemedy(" in before or "help: " in rest


def test_every_error_of_the_compiler_that_kernels_meet_has_a_remedy():
    unmet = {part for parts in UNMET.values() for part in parts}
    found = list(sites())
    for file, said, helps in found:
        assert helps or any(part in said for part in unmet), f"{file}: {said}"
    for part in unmet:
        assert any(part in said and not helps for _, said, helps in found), part


@enigma.kernel
def deep(A: enigma.f32):
    # Each of the calls opens a branch in that of the one before.
    def inside(level):
        if A[level] > 0:
            A[level] = 1
            if level < 240:
                inside(level + 1)

    inside(0)


@enigma.kernel
def old(A: enigma.bf16):
    A[0] = A[1]


@enigma.kernel
def header(A: enigma.f32):
    enigma.inline_msl("sin(1);", header="float sin(float x);")


# Of the compiler, not of Python: a kernel, options and what it says.
MET = {
    "scopes": (deep, {}, "more than 240 nested scopes"),
    "version": (old, {"metal_std": "2.4"}, "needs MSL 3.1"),
    "header": (header, {}, "a name of Metal or Enigma"),
}


@pytest.mark.parametrize(("kernel", "options", "said"), MET.values(), ids=MET)
def test_an_error_of_the_compiler_has_the_line_and_the_remedy(kernel, options, said):
    with pytest.raises(EnigmaError) as caught:
        enigma.compile(kernel, **options)
    error = caught.value
    assert said in error.summary
    assert error.location.filename == __file__
    assert error.help


# Names that there are none of.

NAMES = {
    "thread_position_in_gird": "did you mean enigma.thread_position_in_grid?",
    "simdgroup_barrier": "did you mean enigma.simd_barrier?",
    "program_id": "write enigma.threadgroup_position_in_grid.x",
    "syncthreads": "write enigma.barrier()",
    "theadgroup_alloc": "did you mean enigma.threadgroup_alloc?",
    "Kernel": "did you mean enigma.kernel?",
    "float32": "did you mean enigma.f32?",
    "float": "did you mean enigma.f32?",
    "half": "did you mean enigma.f16?",
    "uint8": "did you mean enigma.u8?",
    "bool": "did you mean enigma.b1?",
    "qqqqqqqqqqqq": "dir(enigma) lists what it has",
}


@pytest.mark.parametrize(("name", "remedy"), NAMES.items(), ids=NAMES)
def test_a_name_that_enigma_has_none_of(name, remedy):
    with pytest.raises(AttributeError) as caught:
        getattr(enigma, name)
    error = caught.value
    assert isinstance(error, errors.UnknownAttribute)
    assert f"enigma has no attribute {name!r}" in str(error)
    assert error.help == remedy
    assert error.location.filename == __file__


def test_names_of_elsewhere_lead_to_names_of_enigma():
    for name, remedy in ELSEWHERE.items():
        assert name not in enigma.__all__
        for known in re.findall(r"enigma\.(\w+)", remedy):
            assert known in enigma.__all__, name
    for name in re.findall(r"enigma\.arch\.(\w+)", " ".join(ELSEWHERE.values())):
        assert hasattr(enigma.arch, name)


def test_a_name_that_enigma_has_none_of_in_a_kernel():
    @enigma.kernel
    def copy(A: enigma.f32):
        A[enigma.thread_position_in_gird] = 1

    with pytest.raises(errors.UnknownAttribute) as caught:
        enigma.compile(copy)
    assert caught.value.location.source_line == "A[enigma.thread_position_in_gird] = 1"


def test_what_asks_for_names_still_does():
    assert not hasattr(enigma, "thread_position_in_gird")
    assert getattr(enigma, "thread_position_in_gird", 3) == 3
    assert set(enigma.__all__) <= set(dir(enigma))
    for name in ("_repr_html_", "__wrapped__", "_nothing"):
        with pytest.raises(AttributeError) as caught:
            getattr(enigma, name)
        # What tools ask for costs no search.
        assert not isinstance(caught.value, EnigmaError)
    with pytest.raises(ImportError):
        from enigma import nothing_of_that_name  # noqa: F401
    from enigma.runtime import selftest  # noqa: F401

    completer = rlcompleter.Completer({"enigma": enigma})
    assert completer.complete("enigma.thread_position_in_gr", 0).startswith(
        "enigma.thread_position_in_grid"
    )
    assert pickle.loads(pickle.dumps(enigma.ceil_div)) is enigma.ceil_div


# What is no dtype, and which it means.


class OfTorch:
    """A dtype of torch or of MLX: it only has a text."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text


MEANT = {
    "float": (float, "enigma.f32"),
    "int": (int, "enigma.i32"),
    "bool": (bool, "enigma.b1"),
    "np.float32": (np.float32, "enigma.f32"),
    "np.float16": (np.float16, "enigma.f16"),
    "np.uint8": (np.uint8, "enigma.u8"),
    "np.bool_": (np.bool_, "enigma.b1"),
    "np.dtype": (np.dtype("int64"), "enigma.i64"),
    "torch.float32": (OfTorch("torch.float32"), "enigma.f32"),
    "torch.bfloat16": (OfTorch("torch.bfloat16"), "enigma.bf16"),
    "mlx.core.int16": (OfTorch("mlx.core.int16"), "enigma.i16"),
    "float32": ("float32", "enigma.f32"),
    "uint64": ("uint64", "enigma.u64"),
}
DTYPES = {
    "annotation": lambda d: enigma.compile(annotated(d)),
    "Scalar": enigma.Scalar,
    "Threadgroup": enigma.Threadgroup,
    "vec": lambda d: enigma.vec(d, 2),
    "Tensor": lambda d: enigma.Tensor("A", 0, d, enigma.Layout(4)),
    "simdgroup_mma": enigma.simdgroup_mma,
    "scalar_mma": enigma.scalar_mma,
    "matmul2d_mma": lambda d: enigma.matmul2d_mma((16, 16, 16), d),
    "to": lambda d: in_kernel(lambda A: A[0].to(d)),
    "metal_cast": lambda d: in_kernel(lambda A: enigma.metal_cast(A[0], d)),
    "as_type": lambda d: in_kernel(lambda A: enigma.as_type(A[0], d)),
    "make_vec": lambda d: in_kernel(lambda A: enigma.make_vec(A[0], 1, dtype=d)),
    "make_matrix": lambda d: in_kernel(lambda A: enigma.make_matrix((1, 2), (A[0], 4), dtype=d)),
    "make_fragment": lambda d: in_kernel(lambda A: enigma.make_fragment(4, d)),
    "register_tensor": lambda d: in_kernel(lambda A: enigma.register_tensor(4, d)),
    "threadgroup_alloc": lambda d: in_kernel(lambda A: enigma.threadgroup_alloc(d, 4)),
    "pipeline": lambda d: in_kernel(lambda A: enigma.pipeline(d, 4)),
    "constant_array": lambda d: in_kernel(lambda A: enigma.constant_array([1, 2], d)),
    "function_constant": lambda d: in_kernel(lambda A: enigma.function_constant(d, 0)),
    "recast_tensor": lambda d: in_kernel(
        lambda A: enigma.recast_tensor(enigma.make_tensor(A, enigma.Layout(4)), d)
    ),
    "for_range": lambda d: in_kernel(lambda A: enigma.for_range(0, 4, 1, d)),
    "inline_msl": lambda d: in_kernel(lambda A: enigma.inline_msl("1", result=d)),
    "make_filled_simdgroup_matrix": lambda d: in_kernel(
        lambda A: enigma.make_filled_simdgroup_matrix(0, d)
    ),
}


def annotated(dtype):
    @enigma.kernel
    def kernel(A: dtype):
        A[0] = 0

    return kernel


def in_kernel(use):
    @enigma.kernel
    def kernel(A: enigma.f32):
        use(A)

    enigma.compile(kernel)


@pytest.mark.parametrize("spec", MEANT)
@pytest.mark.parametrize("place", DTYPES)
def test_a_dtype_of_another_library_is_told_as_ours(place, spec):
    given, meant = MEANT[spec]
    with pytest.raises(errors.UnknownDType) as caught:
        DTYPES[place](given)
    assert f"did you mean {meant}?" in str(caught.value)
    assert caught.value.location.filename == __file__
