# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Random statements."""

from __future__ import annotations

from abc import ABC, abstractmethod

from conformance import reference
from conformance.random_kernels.divisions import Divisions
from conformance.random_kernels.functions import (
    ATOMIC,
    DOMAINS,
    GEOMETRY,
    NEAR,
    PACKING,
)
from conformance.random_kernels.numbers import (
    FLOATS,
    INTEGERS,
    UNSIGNED,
    bits_of,
    limits,
)
from conformance.random_kernels.terms import (
    Expr,
    Var,
    inside,
    kind_of_place,
)


class Statements(Divisions, ABC):
    """Statements without blocks."""

    def block_of(self, statements: int) -> None:
        """Statements of a block; it ends behind what leaves it for sure."""
        before = len(self.lines)
        for _ in range(statements):
            if self.left <= 0 or self.statement():
                break
        if len(self.lines) == before:
            self.assign()

    def statement(self) -> bool:
        """Emit a statement; whether what follows would be dead."""
        self.left -= 1
        kind = self.random.random()
        if kind < 0.08 and not self.met and (self.loops or self.function or self.indent > 1):
            return self.exit()
        if kind < 0.4 and self.indent < 5:
            self.random.choice(
                [self.if_, self.if_, self.for_range, self.unrolled, self.while_, self.match]
            )()
            return False
        if self.views and self.chance(0.3):
            self.view_statement()
            return False
        together = self.group and self.uniform and self.indent <= 2 and not self.function
        if together and self.chance(0.4):
            # Nobody may leave the loop then, since all meet here again.
            self.met = bool(self.loops)
            self.exchange()
            return False
        self.random.choice(
            [
                self.assign,
                self.assign,
                self.augment,
                self.augment,
                self.swap,
                self.store,
                self.swizzle_store,
                self.place,
                self.count,
                self.results,
                self.unpack,
                self.leaf_store,
                self.one_of_two,
                self.division_statement,
            ]
        )()
        return False

    @abstractmethod
    def view_statement(self) -> None:
        """Emit a statement about views of memory."""

    def targets(self) -> list[Var]:
        return [v for v in self.scope.variables if v.name[0] in "svfx"]

    def assign(self) -> None:
        target = self.random.choice(self.targets())
        value = self.of(target.dtype, target.lanes, 3, target.interval)
        value = value if target.dtype == "b1" else self.typed(value)
        same = [
            v
            for v in self.targets()
            if (v.dtype, v.lanes, v.interval) == (target.dtype, target.lanes, target.interval)
        ]
        if len(same) > 1 and self.chance(0.1):
            other = self.random.choice([v for v in same if v.name != target.name])
            self.mark("assignment to two names")
            self.emit(f"{target.name} = {other.name} = {value.text}")
            return
        self.mark("assignment")
        self.emit(f"{target.name} = {value.text}")

    def augment(self) -> None:
        found = [v for v in self.targets() if v.dtype != "b1" or v.lanes == 1]
        target = self.random.choice(found)
        dtype, lanes = target.dtype, target.lanes
        value = self.typed(self.of(dtype, lanes if self.chance(0.8) else 1, 2))
        if dtype == "b1":
            return self.assign()
        if dtype in FLOATS and target.interval is None:
            symbol = self.random.choice(["+=", "-=", "*=", "/="])
        elif dtype in UNSIGNED and target.interval == limits(dtype):
            symbol = self.random.choice(
                ["+=", "-=", "*=", "^=", "|=", "&=", "<<=", ">>=", "//=", "%="]
            )
        elif dtype in INTEGERS and target.interval == limits(dtype):
            symbol = self.random.choice(["^=", "|=", "&=", "<<=", ">>=", "%="])
        else:
            return self.assign()
        if symbol in ("<<=", ">>="):
            value = Expr(str(self.random.randrange(bits_of(dtype))), dtype, 1)
        elif symbol in ("//=", "%="):
            value = Expr(str(self.random.randint(1, 9)), dtype, 1)
        elif self.chance(0.2):
            value = self.number(dtype)
        self.mark(f"augmented {symbol}")
        self.emit(f"{target.name} {symbol} {value.text}")
        return None

    def swap(self) -> None:
        found = self.targets()
        target = self.random.choice(found)
        same = [
            v
            for v in found
            if (v.dtype, v.lanes, v.interval) == (target.dtype, target.lanes, target.interval)
            and v.name != target.name
        ]
        if not same:
            return self.assign()
        other = self.random.choice(same)
        self.mark("exchange of variables")
        self.emit(f"{target.name}, {other.name} = {other.name}, {target.name}")
        return None

    def slot(self, dtype: str) -> str:
        number = self.slots.get(dtype, 0)
        self.slots[dtype] = number + 1
        return f"out_{dtype}[i * COUNT_{dtype} + {number}]"

    def store(self) -> None:
        if self.function:
            return self.assign()
        dtype = self.random.choice([*self.dtypes, "b1"])
        value = self.of(dtype, 1, 3)
        if self.chance(0.15):
            self.mark("store_if")
            slot = self.slot(dtype)
            index = slot[slot.index("[") + 1 : -1]
            mask = self.condition(1)
            self.emit(f"enigma.store_if(out_{dtype}, {index}, {value.text}, {mask.text})")
            return None
        self.mark("store")
        self.emit(f"{self.slot(dtype)} = {value.text}")
        return None

    def near(self, name: str) -> None:
        """Store what need not be exact."""
        dtype = self.random.choice([name for name in self.dtypes if name in FLOATS] or FLOATS)
        self.mark(f"function {name}")
        if name == "**":
            value = self.of(dtype, 1, 2, (0.5, 3.0))
            self.emit(f"{self.slot(dtype)} = {value.text} ** {self.random.choice([3, 5, -2, 4.0])}")
            return
        if name in DOMAINS:
            value = self.of(dtype, 1, 2, DOMAINS[name])
            text = f"enigma.{name}({value.text})"
        elif name == "mix":
            x, y, a = (self.of(dtype, 1, 1, (-8.0, 8.0)).text for _ in range(3))
            text = f"enigma.mix({x}, {y}, {a})"
        elif name == "smoothstep":
            text = f"enigma.smoothstep(-1.5, 2.0, {self.of(dtype, 1, 1, (-3.0, 3.0)).text})"
        else:
            x, y = (self.of(dtype, 1, 1, (0.5, 3.0)).text for _ in range(2))
            text = f"enigma.{name}({x}, {y})"
        self.emit(f"{self.slot(dtype)} = {text}")
        return

    def geometry(self, name: str) -> None:
        """Store a function of whole vectors."""
        dtype = self.random.choice([name for name in self.dtypes if name in FLOATS] or FLOATS)
        lanes = 3 if name == "cross" else self.random.choice((2, 3, 4))
        arity = {"length": 1, "length_squared": 1, "normalize": 1, "faceforward": 3}.get(name, 2)
        vectors = []
        for _ in range(arity):
            parts = [self.of(dtype, 1, 1, (0.5, 3.0)).text for _ in range(lanes)]
            vectors.append(f"enigma.make_vec({', '.join(parts)})")
        self.mark(f"function {name}")
        text = f"enigma.{name}({', '.join(vectors)})"
        scalar = name in ("dot", "length", "length_squared", "distance", "distance_squared")
        if scalar:
            self.emit(f"{self.slot(dtype)} = {text}")
            return
        vector = self.fresh("w")
        self.emit(f"{vector} = {text}")
        for lane in range(lanes):
            self.emit(f"{self.slot(dtype)} = {vector}[{lane}]")

    def leaf_store(self) -> None:
        """Store what no expression is made of."""
        if self.function:
            return self.assign()
        kind = self.random.random()
        if kind < 0.5:
            self.near(self.random.choice(NEAR))
        elif kind < 0.65:
            self.geometry(self.random.choice(GEOMETRY))
        elif kind < 0.85:
            self.packing(self.random.choice(PACKING))
        elif self.atomics:
            self.atomic(self.random.choice(ATOMIC))
        return None

    def packing(self, name: str) -> None:
        """Pack lanes into the bits of an integer, or unpack them."""
        self.mark(f"function {name}")
        if name.startswith("pack_uint8x4"):
            dtype = self.random.choice(["u8", "i8", "u16", "i32"])
            parts = ", ".join(self.typed(self.of(dtype, 1, 1)).text for _ in range(4))
            self.emit(f"{self.slot('u32')} = enigma.pack_uint8x4({parts})")
        elif name == "pack_int4x2":
            parts = ", ".join(self.typed(self.of("i8", 1, 1)).text for _ in range(2))
            self.emit(f"{self.slot('u8')} = enigma.pack_int4x2({parts})")
        elif name.startswith("pack_"):
            fields = name.rpartition("_")[2]
            lanes = len(reference.PACKED[fields][0])
            dtype = "f16" if "half" in name else self.random.choice(("f32", "f16"))
            parts = ", ".join(self.of(dtype, 1, 1, (-1.5, 1.5)).text for _ in range(lanes))
            value = f"enigma.{name}(enigma.make_vec({parts}))"
            self.emit(f"{self.slot('u32')} = {value}")
        else:
            source = {"unpack_int4x2": "u8"}.get(name, "u32")
            new = self.fresh("w")
            self.emit(f"{new} = enigma.{name}({self.typed(self.of(source, 1, 2)).text})")
            dtype = {"unpack_int4x2": "i8", "unpack_uint8x4": "u8"}.get(name, "")
            if not dtype:
                dtype = "f32" if name.endswith("float") else "f16"
            lanes = {"unpack_int4x2": 2, "unpack_uint8x4": 4}.get(name, 0)
            fields = name.removeprefix("unpack_").partition("_to_")[0]
            for lane in range(lanes or len(reference.PACKED[fields][0])):
                self.emit(f"{self.slot(dtype)} = {new}[{lane}]")

    def swizzle_store(self) -> None:
        vectors = [v for v in self.targets() if v.is_vector and v.name not in self.outer]
        if not vectors:
            self.store()
            return
        vector = self.random.choice(vectors)
        count = self.random.randint(1, vector.lanes)
        letters = "".join(self.random.sample("xyzw"[: vector.lanes], count))
        lanes = count if self.chance(0.8) else 1
        value = self.typed(self.of(vector.dtype, lanes, 2, vector.interval))
        if (
            vector.dtype in UNSIGNED
            and vector.interval == limits(vector.dtype)
            and self.chance(0.75)
        ):
            self.mark("augmented swizzle")
            self.emit(f"{vector.name}.{letters} += {value.text}")
            return
        self.mark("swizzle store")
        self.emit(f"{vector.name}.{letters} = {value.text}")

    def place(self) -> None:
        """Assign to an item, an attribute or an element."""
        if self.scope.registers and self.chance(0.4):
            name, dtype, shape, interval = self.random.choice(self.scope.registers)
            value = self.typed(self.of(dtype, 1, 2, interval))
            self.mark("store to a register tensor")
            self.emit(f"{name}[{self.coordinates(shape)}] = {value.text}")
            return
        if not self.scope.places:
            self.store()
            return
        target = self.random.choice(self.scope.places)
        value = self.typed(self.of(target.dtype, target.lanes, 2, target.interval))
        self.mark("store to " + kind_of_place(target.name))
        self.emit(f"{target.name} = {value.text}")

    def count(self) -> None:
        """Count something in a Python number."""
        if not self.scope.counters or self.loops or self.function:
            # What a loop carries has one dtype.
            return self.assign()
        name = self.random.choice(self.scope.counters)
        self.mark("counting")
        self.emit(f"{name} = ({name} + {self.random.randint(1, 3)}) % 7")
        return None

    def results(self) -> None:
        """Unpack several results of a helper."""
        helpers = [h for h in self.scope.helpers if len(h.results) > 1]
        if not helpers:
            return self.store()
        helper = self.random.choice(helpers)
        names = []
        for result in helper.results:
            same = [
                v
                for v in self.targets()
                if (v.dtype, v.lanes) == (result.dtype, result.lanes)
                and inside(result.interval, v.interval)
                and v.name not in names
            ]
            names.append(self.random.choice(same).name if same else "_")
        self.mark("several results")
        self.emit(f"{', '.join(names)} = {self.call(helper, 1).text}")
        return None

    def unpack(self) -> None:
        """Unpack a tuple, with a star."""
        targets = [v for v in self.targets() if v.lanes == 1 and v.dtype != "b1"]
        if len(targets) < 2:
            return self.assign()
        target = self.random.choice(targets)
        parts = [self.typed(self.of(target.dtype, 1, 1, target.interval)).text for _ in range(3)]
        rest = self.fresh("q")
        self.mark("starred unpacking")
        self.emit(f"{target.name}, *{rest} = {', '.join(parts)}")
        self.emit(f"{target.name} = {rest}[{self.random.choice(['0', '1', '-1'])}]")
        return None

    def atomic(self, name: str) -> None:
        """Combine a shared element with a value: no order of the threads shows."""
        position = ATOMIC.index(name)
        dtype = self.random.choice(["i32", "u32"])
        value = self.typed(self.of(dtype, 1, 2))
        index = self.of("u32", 1, 1, (0, 3))
        self.mark(f"function {name}")
        place = f"{4 * position} + {index.text}"
        self.emit(f"enigma.{name}(acc_{dtype}, {place}, {value.text})")

    def one_of_two(self) -> None:
        """Assign a number on one path and a value on the other."""
        targets = [v for v in self.targets() if v.lanes == 1 and v.dtype != "b1"]
        if not targets or self.indent > 4:
            return self.assign()
        target = self.random.choice(targets)
        number = self.number(target.dtype, target.interval)
        if not inside(number.interval, target.interval):
            return self.assign()
        value = self.typed(self.of(target.dtype, 1, 1, target.interval))
        self.mark("a number on one path")
        new = self.fresh("c")
        self.emit(f"if {self.condition().text}:")
        self.emit(f"    {new} = {number.text}")
        self.emit("else:")
        self.emit(f"    {new} = {value.text}")
        self.emit(f"{target.name} = enigma.metal_cast({new}, enigma.{target.dtype})")
        return None
