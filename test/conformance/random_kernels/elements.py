# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random memory whose elements are vectors."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.random_kernels.numbers import FLOATS, UNSIGNED
from conformance.random_kernels.terms import Interval, Var, given_range, whole_range
from conformance.random_kernels.tilings import Tilings

_LOCAL = "enigma.thread_index_in_threadgroup"


@dataclass
class VectorMemory:
    """Memory whose elements are vectors; the kernel writes the one of each thread only."""

    name: str
    dtype: str
    lanes: int
    # What its elements are, as text.
    element: str
    is_packed: bool
    interval: Interval


class Elements(Tilings):
    """Vectors in memory."""

    def vector_elements(self) -> None:
        """Read and write vectors in memory."""
        source = self._vectors_of_host("source")
        target = self._vectors_of_host("target", source if self.chance(0.5) else None)
        # Each thread has its element of what is written.
        target.interval = whole_range(target.dtype)
        kinds = [
            self._read,
            self._lane,
            self._conditional,
            self._given,
            self._made,
            self._viewed,
            self._recast_to_scalars,
            self._recast_to_vectors,
            self._in_registers,
            self._in_threadgroup,
        ]
        writes = [self._write, self._write_lanes, self._augment, self._store_if, self._copy]
        for _ in range(self.random.randint(3, 5)):
            self.random.choice(kinds)(source)
            self.random.choice(writes)(target, source)
        self._keep(f"{target.name}[i]", target)

    def _vectors_of_host(self, letter: str, like: VectorMemory | None = None) -> VectorMemory:
        """A parameter, whose vectors may be like those of another."""
        dtype, lanes = self.random.choice(self.dtypes), self.random.choice((2, 3, 4))
        is_packed = self.chance(0.4)
        if like is not None:
            dtype, lanes, is_packed = like.dtype, like.lanes, like.is_packed
        packed = ", packed=True" if is_packed else ""
        if is_packed:
            self.mark("vector element: packed")
        element, name = f"enigma.vec(enigma.{dtype}, {lanes}{packed})", self.fresh(letter)
        self.given.append(f"{name}: {element}")
        interval = given_range(dtype)
        return VectorMemory(name, dtype, lanes, element, is_packed, interval)

    def _keep(self, text: str, memory: VectorMemory, lanes: int = 0) -> None:
        """Give a value a name; all variables are stored in the end."""
        name = self.fresh("v" if lanes != 1 else "s")
        self.emit(f"{name} = {text}")
        variable = Var(name, memory.dtype, lanes or memory.lanes, memory.interval)
        self.scope.variables.append(variable)

    def _value(self, memory: VectorMemory, lanes: int = 0) -> str:
        """What is written to an element, or to some lanes: a scalar becomes all of them."""
        lanes = 1 if self.chance(0.2) else lanes or memory.lanes
        return self.typed(self.of(memory.dtype, lanes, 2)).text

    # What is read.

    def _read(self, source: VectorMemory) -> None:
        self.mark("vector element")
        self._keep(f"{source.name}[{self.index(self.threads)}]", source)

    def _lane(self, source: VectorMemory) -> None:
        self.mark("vector element: lane")
        lane = self.random.randrange(source.lanes)
        subscript = self.random.choice([f".{'xyzw'[lane]}", f"[{lane}]"])
        self._keep(f"{source.name}[{self.index(self.threads)}]{subscript}", source, 1)

    def _conditional(self, source: VectorMemory) -> None:
        self.mark("vector element: load_if")
        place = f"{source.name}, {self.index(self.threads)}"
        default = self.number(source.dtype, source.interval)
        self._keep(f"enigma.load_if({place}, {self.condition(1).text}, {default.text})", source)

    def _given(self, source: VectorMemory) -> None:
        self.mark("vector element: scalar parameter")
        name = self.fresh("given")
        # One vector has no neighbours to be packed with.
        element = source.element.replace(", packed=True", "")
        self.given.append(f"{name}: enigma.Scalar({element})")
        self._keep(f"{name} + {self.number(source.dtype, (0, 0)).text}", source)

    def _made(self, source: VectorMemory) -> None:
        self.mark("vector element: type called")
        parts = [
            self.typed(self.of(source.dtype, 1, 1, source.interval)).text
            for _ in range(source.lanes)
        ]
        self._keep(f"{source.element}({', '.join(parts)})", source)

    def _viewed(self, source: VectorMemory) -> None:
        self.mark("vector element: make_tensor")
        layout = self.random.choice(["(2, 8), (8, 1)", "(2, 8)", "(2, 4), (1, 3)"])
        columns = 4 if "4" in layout else 8
        view = f"enigma.make_tensor({source.name}, enigma.Layout({layout}))"
        self._keep(f"{view}[{self.position(2)}, {self.position(columns)}]", source)

    def _recast_to_scalars(self, source: VectorMemory) -> None:
        if source.lanes == 3 and not source.is_packed:
            return self._read(source)
        self.mark("vector element: recast to scalars")
        view = f"enigma.make_tensor({source.name}, enigma.Layout({self.threads}))"
        place = self.position(self.threads * source.lanes)
        text = f"enigma.recast_tensor({view}, enigma.{source.dtype})[{place}]"
        return self._keep(text, source, 1)

    def _recast_to_vectors(self, source: VectorMemory) -> None:
        readable = [dtype for dtype in self.dtypes if dtype in self.reads]
        if not readable:
            return self._read(source)
        self.mark("vector element: recast to vectors")
        dtype, lanes = self.random.choice(readable), self.random.choice((2, 4))
        view = f"enigma.make_tensor(in_{dtype}, enigma.Layout({self.threads}))"
        interval = given_range(dtype)
        seen = VectorMemory(
            "", dtype, lanes, f"enigma.vec(enigma.{dtype}, {lanes})", False, interval
        )
        place = self.position(self.threads // lanes)
        return self._keep(f"enigma.recast_tensor({view}, {seen.element})[{place}]", seen)

    def _in_registers(self, source: VectorMemory) -> None:
        self.mark("vector element: register_tensor")
        name, lane = self.fresh("w"), "xyzw"[self.random.randrange(source.lanes)]
        self.emit(f"{name} = enigma.register_tensor(2, {source.element})")
        self.emit(f"{name}[{self.position(2)}] = {source.name}[{self.index(self.threads)}]")
        value = self.typed(self.of(source.dtype, 1, 1, source.interval)).text
        self.emit(f"{name}[{self.random.randrange(2)}].{lane} = {value}")
        home = source.interval
        assert home is not None
        kept = VectorMemory(
            "", source.dtype, source.lanes, "", False, (min(home[0], 0), max(home[1], 0))
        )
        self._keep(f"{name}[{self.position(2)}]", kept)

    def _in_threadgroup(self, source: VectorMemory) -> None:
        self.mark("vector element: threadgroup_alloc")
        name, lane = self.fresh("b"), "xyzw"[self.random.randrange(source.lanes)]
        self.emit(f"{name} = enigma.threadgroup_alloc({source.element}, {self.block})")
        self.emit(f"{name}[{_LOCAL}] = {source.name}[i]")
        value = self.typed(self.of(source.dtype, 1, 1, source.interval)).text
        self.emit(f"{name}[{_LOCAL}].{lane} = {value}")
        self.emit("enigma.barrier()")
        self._keep(f"{name}[{self.random.choice([f'{self.block - 1} - {_LOCAL}', '3'])}]", source)

    # What is written.

    def _write(self, target: VectorMemory, source: VectorMemory) -> None:
        self.mark("vector element: store")
        self.emit(f"{target.name}[i] = {self._value(target)}")

    def _write_lanes(self, target: VectorMemory, source: VectorMemory) -> None:
        self.mark("vector element: lanes")
        count = self.random.randint(1, target.lanes)
        letters = "".join(self.random.sample("xyzw"[: target.lanes], count))
        self.emit(f"{target.name}[i].{letters} = {self._value(target, count)}")

    def _augment(self, target: VectorMemory, source: VectorMemory) -> None:
        if target.dtype not in (*FLOATS, *UNSIGNED):
            # What is there may be anything, and sums of it do not fit.
            return self._write(target, source)
        self.mark("vector element: augmented")
        letters, count = self.random.choice([("", target.lanes), (".x", 1), (".yx", 2)])
        symbol = self.random.choice(["+=", "-=", "*="])
        self.emit(f"{target.name}[i]{letters} {symbol} {self._value(target, count)}")
        return None

    def _store_if(self, target: VectorMemory, source: VectorMemory) -> None:
        self.mark("vector element: store_if")
        value, mask = self._value(target), self.condition(1).text
        self.emit(f"enigma.store_if({target.name}, i, {value}, {mask})")

    def _copy(self, target: VectorMemory, source: VectorMemory) -> None:
        if source.element != target.element:
            return self._write(target, source)
        self.mark("vector element: copy")
        self.emit(f"enigma.copy({source.name}, {target.name}, 1, {self.index(self.threads)}, i)")
        return None
