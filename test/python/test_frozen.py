# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Frozen dataclasses that are made quickly, beside those that Python makes of the same classes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import enigma
from enigma._frozen import frozen_dataclass


def classes(decorate: Callable[..., Any], is_own: bool) -> dict[str, Any]:
    """Make the same classes by a decorator; Python's writes what takes the fields itself."""

    def taking(kind: type) -> type:
        names = [*kind.__annotations__]

        def init(self: Any, *values: Any, **named: Any) -> None:
            given = {name: getattr(kind, name) for name in names if hasattr(kind, name)}
            vars(self).update(given | dict(zip(names, values, strict=False)) | named)

        if is_own:
            kind.__init__ = init  # type: ignore[misc]
        return kind

    @decorate(frozen=True)
    @taking
    class Value:
        a: int
        b: Any = 2

    @decorate(frozen=True, eq=False)
    @taking
    class Same:
        a: int
        b: Any = 2

    @decorate(frozen=True)
    @taking
    class Quiet:
        a: int
        b: Any = dataclasses.field(default=2, repr=False)

    @decorate(frozen=True)
    @taking
    class Spoken:
        a: int

        def __repr__(self) -> str:
            return "spoken"

    @decorate(frozen=True, eq=False, kw_only=True)
    @taking
    class Named:
        a: int
        b: Any = 2

    return {kind.__name__: kind for kind in (Value, Same, Quiet, Spoken, Named)}


OWN, PYTHON = classes(frozen_dataclass, True), classes(dataclasses.dataclass, False)


def told(do: Callable[[], object]) -> object:
    """Give what something gives, or the error that it raises."""
    try:
        return do()
    except Exception as error:
        return type(error), str(error)


# What is asked of a class and of two equal objects of it.
ASKED: dict[str, Callable[[Any, Any, Any], object]] = {
    "repr": lambda kind, a, b: repr(a).rpartition(".")[2],
    "equal": lambda kind, a, b: (a == a, a == b, a != b, a == (1, 2), a == None),  # noqa: E711
    "hash": lambda kind, a, b: (hash(a) == hash(b), len({a, b})),
    "hash of a list": lambda kind, a, b: told(lambda: type(hash(made(kind, [])))),
    "assign": lambda kind, a, b: told(lambda: setattr(a, "a", 3)),
    "assign another": lambda kind, a, b: told(lambda: setattr(a, "c", 3)),
    "delete": lambda kind, a, b: told(lambda: delattr(a, "a")),
    "fields": lambda kind, a, b: [
        (each.name, each.type, each.default is dataclasses.MISSING, each.repr, each.kw_only)
        for each in dataclasses.fields(kind)
    ],
    "frozen": lambda kind, a, b: kind.__dataclass_params__.frozen,
    "match": lambda kind, a, b: kind.__match_args__,
    "dict": lambda kind, a, b: dataclasses.asdict(a),
    "replace": lambda kind, a, b: vars(dataclasses.replace(a, a=5)),
    "copy": lambda kind, a, b: (vars(copy.copy(a)), vars(copy.deepcopy(a))),
}


def made(kind: Any, value: Any) -> Any:
    return kind(a=value)


@pytest.mark.parametrize("name", list(OWN))
@pytest.mark.parametrize("asked", list(ASKED))
def test_it_is_as_python_makes_it(name: str, asked: str) -> None:
    given = []
    for kinds in (OWN, PYTHON):
        kind = kinds[name]
        given.append(ASKED[asked](kind, made(kind, 1), made(kind, 1)))
    assert given[0] == given[1]


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("name", list(OWN))
def test_who_inherits_is_frozen_too(name: str, frozen: bool) -> None:
    def derive(base: Any) -> str:
        class Derived(base):
            c: int = 3

        return repr(dataclasses.dataclass(frozen=frozen, eq=False)(Derived).__dataclass_params__)

    own, python = (told(lambda kinds=kinds: derive(kinds[name])) for kinds in (OWN, PYTHON))
    assert own == python


def test_one_class_is_not_equal_to_another() -> None:
    assert made(OWN["Value"], 1) != made(PYTHON["Value"], 1)
    assert made(OWN["Value"], 1) != made(OWN["Quiet"], 1)


def test_a_class_that_inherits() -> None:
    @frozen_dataclass(frozen=True)
    class Base:
        a: int

        def __init__(self, **named: Any) -> None:
            vars(self).update(named)

    @frozen_dataclass(frozen=True)
    class Derived(Base):
        b: int = 2

    assert repr(Derived(a=1, b=3)).endswith("Derived(a=1, b=3)")
    assert Derived(a=1, b=3) == Derived(a=1, b=3) != Derived(a=1, b=2)
    assert Base(a=1) != Derived(a=1, b=2)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'b'"):
        Derived(a=1, b=3).b = 4  # type: ignore[misc]


@enigma.kernel
def filled(A: enigma.f32) -> None:
    A[enigma.thread_position_in_grid] = 1.0


def test_those_of_the_package() -> None:
    compiled = enigma.compile(filled, emit_only=True)
    (parameter,) = compiled.parameters
    location = compiled.source_map[compiled.source_map.last]
    constant = enigma.FunctionConstant("c", 0, enigma.i32, 3)
    for each in (parameter, location, constant):
        again = pickle.loads(pickle.dumps(each))
        assert again == each
        assert again is not each
        assert hash(again) == hash(each)
        name = dataclasses.fields(each)[0].name
        assert dataclasses.replace(each, **{name: "other"}) != each
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(each, name, "other")
    other = dataclasses.replace(compiled, kernel_name="other")
    assert (other.kernel_name, other.metal_source) == ("other", compiled.metal_source)
    assert other != compiled
    assert "flat_ir" not in repr(compiled)


@pytest.mark.parametrize(
    ("placed", "named", "message"),
    [
        ((), {}, "was not given 'metal_source', 'metal_std', 'kernel_name' and 'parameters'"),
        ((), {"metal_sauce": ""}, "has no option 'metal_sauce'"),
        (("", "3.0"), {}, "takes no arguments by position, and was given 2"),
    ],
)
def test_an_artifact_of_other_attributes_is_refused(
    placed: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    with pytest.raises(enigma.EnigmaError, match=f"enigma.CompiledKernel {message}"):
        enigma.CompiledKernel(*placed, **named)


def test_artifacts_are_frozen() -> None:
    for kind in (enigma.CompiledKernel, enigma.CompiledProgram, enigma.Parameter):
        for base in kind.__mro__[:-2]:
            params = vars(base).get("__dataclass_params__")
            assert params is None or params.frozen, base


def test_an_artifact_has_its_defaults() -> None:
    kernel = enigma.CompiledKernel(metal_source="", metal_std="3.0", kernel_name="k", parameters=())
    assert len(kernel.source_map) == 0
    assert (kernel.grid, kernel.fast_math, kernel.flat_ir) == (None, True, b"")
