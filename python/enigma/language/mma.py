# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Products of matrices by tiles: an atom, repeated over a threadgroup.

Tensors A, B and C have the shapes (M, K), (N, K) and (M, N). A partition is what one SIMD group, or
one thread, takes of a tile: ``(atom, m, k)``, ``(atom, n, k)`` and ``(atom, m, n)``, of which the
first mode holds the elements of one atom.

Where several groups lie along K, each sums its part of K, and `ThrMma.reduce_K` adds the parts. The
first of them has the tile of C: the others read zeros there, and write nothing.
"""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from enigma._functions import fma
from enigma.errors import DTypeMismatch, InvalidOption, OperandError, ShapeMismatch
from enigma.language import cooperative
from enigma.language.matrices import simdgroup_matrix_load, simdgroup_matrix_store
from enigma.language.memory import barrier, register_tensor, threadgroup_alloc
from enigma.layout import Layout, composition, flat_divide, group_modes, rank, select, size
from enigma.tensors.copies import Mover, copy
from enigma.tensors.making import make_tensor
from enigma.tensors.tensor import Tensor
from enigma.tensors.views import MOST_DERIVATIONS, View
from enigma.tracing.accesses import when
from enigma.tracing.buffers import Element, Indexable
from enigma.tracing.builder import Builder, require_builder
from enigma.tracing.checks import as_operand
from enigma.tracing.cooperative_tensor import CooperativeTensor, Product
from enigma.tracing.messages import describe
from enigma.tracing.simdgroup_matrix import (
    ELEMENTS,
    SIZE,
    SimdgroupMatrix,
    filled,
    multiply_accumulate,
)
from enigma.types import DType, DTypeLike, f32, resolve_dtype

if TYPE_CHECKING:
    from enigma.tracing.values import Value

# Where M, N and K are among the extents of an atom.
_M, _N, _K = range(3)
_SIMDGROUP_THREADS = 32

# In each kernel: the products whose groups along K hold parts of sums, and whether any were added.
_REDUCED: WeakKeyDictionary[Builder, dict[TiledMma, bool]] = WeakKeyDictionary()


@dataclass(frozen=True)
class MmaAtom:
    """The least product of a tiled one: what one SIMD group or one thread computes at once.

    Attributes
    ----------
    shape : tuple of int
        The extents M, N and K.
    dtype : DType
        Of the factors.
    accumulator : DType
        Of the sums.
    threads : int
        How many threads compute it together.
    """

    shape: tuple[int, int, int]
    dtype: DType
    accumulator: DType
    threads: int

    @property
    def matrices(self) -> Matrices | None:
        """What fragments of it consist of; nothing if they are tensors in registers."""
        return None


class Matrices:
    """What fragments of an atom consist of, where SIMD groups hold them together."""

    #: What such a value is called.
    noun: ClassVar[str]
    #: Whether factors are fragments, too; otherwise they stay in memory.
    has_factors: ClassVar[bool]

    @abstractmethod
    def is_one(self, thing: object) -> bool:
        """Whether something is such a value."""

    def part(self, t: Tensor, x: int, y: int) -> Any:
        """Give the elements of an atom in a partition, for the methods below."""
        return t[((None, None), x, y)]

    @abstractmethod
    def zeros(self, builder: Builder, dtype: DType) -> Any:
        """Make one of zeros."""

    @abstractmethod
    def load(self, builder: Builder, t: Any, dtype: DType) -> Any:
        """Read one from a tensor of the extents of the atom."""

    @abstractmethod
    def store(self, builder: Builder, matrix: Any, t: Any) -> None:
        """Write one to a tensor of the extents of the atom."""

    @abstractmethod
    def factor(self, t: Any) -> Any:
        """Give what `multiply_accumulate` takes of a factor in memory."""

    @abstractmethod
    def multiply_accumulate(self, function: str, a: Any, b: Any, c: Any) -> Any:
        """Build ``a b + c``."""


class _AtomOfPartition(Indexable):
    """The elements of an atom in a partition, of which no view is made.

    Attributes
    ----------
    layout : Layout
        That of the atom.
    """

    __slots__ = ("_partition", "_place", "dtype", "layout", "name")

    def __init__(self, partition: Tensor, x: int, y: int) -> None:
        self._partition = partition
        self._place = x, y
        self.name = partition.name
        self.dtype = partition.element_type
        self.layout = _first_mode(partition.layout)

    def element(self, position: object) -> Element:
        """Find the element at a coordinate of the atom."""
        return self._partition.element((position, *self._place))


@functools.lru_cache(maxsize=MOST_DERIVATIONS)
def _first_mode(layout: Layout) -> Layout:
    """Give the first mode of a layout."""
    return layout[0]


class _SimdgroupMatrices(Matrices):
    noun = "matrices of a SIMD group"
    has_factors = True

    def part(self, t: Tensor, x: int, y: int) -> Any:
        # Where a part of a swizzled layout begins is known to its view alone.
        plain = isinstance(t.layout, Layout)
        return _AtomOfPartition(t, x, y) if plain else super().part(t, x, y)

    def is_one(self, thing: object) -> bool:
        return isinstance(thing, SimdgroupMatrix)

    def zeros(self, builder: Builder, dtype: DType) -> Any:
        return filled(builder, dtype, 0)

    def load(self, builder: Builder, t: Any, dtype: DType) -> Any:
        return simdgroup_matrix_load(t)

    def store(self, builder: Builder, matrix: Any, t: Any) -> None:
        simdgroup_matrix_store(matrix, t)

    def factor(self, t: Any) -> Any:
        return simdgroup_matrix_load(t)

    def multiply_accumulate(self, function: str, a: Any, b: Any, c: Any) -> Any:
        return multiply_accumulate(function, a, b, c)


class _SimdgroupAtom(MmaAtom):
    @property
    def matrices(self) -> Matrices:
        return _SimdgroupMatrices()


class _CooperativeTensors(Matrices):
    noun = "cooperative tensors"
    has_factors = False

    def __init__(self, product: Product) -> None:
        self._product = product

    def is_one(self, thing: object) -> bool:
        return isinstance(thing, CooperativeTensor)

    def zeros(self, builder: Builder, dtype: DType) -> Any:
        return cooperative.zeros(builder, self._product, dtype)

    def load(self, builder: Builder, t: Any, dtype: DType) -> Any:
        return cooperative.load(builder, self._product, dtype, t)

    def store(self, builder: Builder, matrix: Any, t: Any) -> None:
        cooperative.store(builder, matrix, t)

    def factor(self, t: Any) -> Any:
        return t

    def multiply_accumulate(self, function: str, a: Any, b: Any, c: Any) -> Any:
        return cooperative.multiply_accumulate(function, self._product, a, b, c)


@dataclass(frozen=True)
class _Matmul2dAtom(MmaAtom):
    product: Product

    @property
    def matrices(self) -> Matrices:
        return _CooperativeTensors(self.product)


def simdgroup_mma(dtype: DTypeLike = "float", accumulator: DTypeLike = "float") -> MmaAtom:
    """Give the product of matrices of 8 rows and 8 columns, which a SIMD group computes.

    Parameters
    ----------
    dtype : dtype
        Of the factors: `f16`, `bf16` or `f32`.
    accumulator : dtype
        Of the sums: `f32`, or that of the factors.

    Returns
    -------
    MmaAtom
        For `make_tiled_mma`.

    Raises
    ------
    EnigmaError
        When there are no such matrices.
    """
    factors, sums = resolve_dtype(dtype), resolve_dtype(accumulator)
    if factors not in ELEMENTS:
        raise InvalidOption(
            option="dtype of enigma.simdgroup_mma",
            expected='"float", "half" or "bfloat"',
            found=factors,
            remedy="other elements are multiplied by enigma.scalar_mma",
        )
    if sums not in (factors, f32):
        raise InvalidOption(
            option="accumulator of enigma.simdgroup_mma",
            expected=f"f32 or {factors}",
            found=sums,
            remedy="sum in f32, and convert the sums",
        )
    return _SimdgroupAtom((SIZE, SIZE, SIZE), factors, sums, _SIMDGROUP_THREADS)


def matmul2d_mma(
    shape: tuple[int, int, int],
    dtype: DTypeLike = "half",
    accumulator: DTypeLike = "float",
    *,
    dtype_b: DTypeLike | None = None,
    a_major: str = "K",
    b_major: str = "K",
    relaxed_precision: bool = False,
    simdgroups: int = 1,
) -> MmaAtom:
    """Give the product of tiles that Metal Performance Primitives compute, of Metal 4.

    Its factors stay in device or threadgroup memory, and its sums are a cooperative tensor.

    Parameters
    ----------
    shape : tuple of int
        The extents M, N and K: M and N multiples of 8, one of them of 16, and K of 16.
    dtype : dtype
        Of the factors: `f16`, `bf16`, `f32` or `i8`.
    accumulator : dtype
        Of the sums: `i32` for two factors of `i8`, else `f32`; or `f16` or `bf16` where one of the
        factors is, and none is `f32`.
    dtype_b : dtype, optional
        Of B, where it is another one than that of A.
    a_major : {"K", "M"}
        The mode of A of which elements are contiguous in memory.
    b_major : {"K", "N"}
        The mode of B, of shape (N, K).
    relaxed_precision : bool
        Whether Metal may round factors to less than their precision.
    simdgroups : int
        How many SIMD groups multiply one tile together: all of a threadgroup, if it is not 1.

    Returns
    -------
    MmaAtom
        For `make_tiled_mma`.

    Raises
    ------
    EnigmaError
        When Metal has no such product.
    """
    product, sums = cooperative.make_product(
        shape, dtype, accumulator, dtype_b, (a_major, b_major), relaxed_precision, simdgroups
    )
    threads = simdgroups * _SIMDGROUP_THREADS
    return _Matmul2dAtom(product.shape, product.left, sums, threads, product)


def scalar_mma(dtype: DTypeLike = "float", accumulator: DTypeLike | None = None) -> MmaAtom:
    """Give the product of two numbers, which a thread adds to a sum by `fma`.

    Parameters
    ----------
    dtype : dtype
        Of the factors, a float.
    accumulator : dtype, optional
        Of the sums; that of the factors, by default.

    Returns
    -------
    MmaAtom
        For `make_tiled_mma`.

    Raises
    ------
    EnigmaError
        When a dtype is no float.
    """
    factors = resolve_dtype(dtype)
    sums = factors if accumulator is None else resolve_dtype(accumulator)
    for option, found in (("dtype", factors), ("accumulator", sums)):
        if found.kind != "f":
            raise InvalidOption(
                option=f"{option} of enigma.scalar_mma",
                expected="a float",
                found=found,
                remedy="multiply and add integers by operators",
            )
    return MmaAtom((1, 1, 1), factors, sums, 1)


class TiledMma(Mover):
    """An atom that is repeated over the SIMD groups or threads of a threadgroup.

    Attributes
    ----------
    atom : MmaAtom
        The atom.
    layout : Layout
        From (m, n), or (m, n, k), to the number of a SIMD group, or of a thread.
    values : tuple of int
        The atoms along M and N that lie side by side in a partition.
    """

    def __init__(self, atom: MmaAtom, layout: Layout, values: tuple[int, int]) -> None:
        self.atom = atom
        self.layout = layout
        self.values = values

    @property
    def size(self) -> int:
        """The threads of a threadgroup."""
        return int(size(self.layout)) * self.atom.threads

    @property
    def tile(self) -> tuple[int, int, int]:
        """The least tile, as extents M, N and K; a tile consists of whole ones."""
        m, n, k = (a * v * g for a, v, g in self._parts)
        return m, n, k

    @functools.cached_property
    def _groups(self) -> tuple[int, int, int]:
        """How many groups there are along M, N and K."""
        m, n, *k = self.layout.shape
        return m, n, k[0] if k else 1

    @functools.cached_property
    def _parts(self) -> list[tuple[int, int, int]]:
        """What `tile` consists of along M, N and K: an atom, those side by side, the groups."""
        return list(zip(self.atom.shape, (*self.values, 1), self._groups, strict=True))

    def get_slice(self, thread: Any) -> ThrMma:
        """Give the part of a thread.

        Parameters
        ----------
        thread : traced integer or int
            Its number in the threadgroup.

        Returns
        -------
        ThrMma
            That cuts tensors.
        """
        number = as_operand(thread, "TiledMma.get_slice", "thread")
        group: Any = number // self.atom.threads if self.atom.threads > 1 else number
        places: list[Any] = []
        for extent, step in zip(self.layout.shape, self.layout.stride, strict=True):
            place = group // step if step > 1 else group
            if extent == 1:
                place = 0
            elif extent * step < size(self.layout):
                place = place % extent
            places.append(place)
        m, n, *k = places
        return ThrMma(self, (m, n, k[0] if k else 0))

    def move(self, src: Any, dst: Any, mask: object) -> None:
        """Copy between a partition and a fragment."""
        builder = require_builder("enigma.copy")
        matrices = self.atom.matrices
        if matrices is None:
            self._move_elements(builder, src, dst, mask)
            return
        if mask is not None:
            raise InvalidOption(
                option="mask of enigma.copy",
                expected=f"left out for {matrices.noun}",
                found=describe(mask),
                remedy="copy the tile to threadgroup memory with the mask, and load it from there",
            )
        if isinstance(dst, list) and isinstance(src, Tensor):
            extents = _extents(matrices, dst)
            loaded = self._loaded(builder, matrices, src, dst[0][0].dtype, extents)
            for row, given in zip(dst, loaded, strict=True):
                if given and given[0].dtype is not row[0].dtype:
                    raise DTypeMismatch(
                        f"enigma.copy: tensor {src.name} has elements of {given[0].dtype}, the "
                        f"fragment of {row[0].dtype}",
                        remedy=f"make an atom of {given[0].dtype}, or convert the tensor's tile "
                        "on its way to threadgroup memory",
                    )
                row[:] = given
        elif isinstance(src, list) and isinstance(dst, Tensor):
            _check_partition(dst, _extents(matrices, src))

            def access() -> tuple[Value, ...]:
                for x, row in enumerate(src):
                    for y, matrix in enumerate(row):
                        matrices.store(builder, matrix, matrices.part(dst, x, y))
                return ()

            _where(builder, self._writes(builder, dst), access)
        else:
            raise OperandError(
                operation="enigma.copy",
                operand="dst" if isinstance(src, (list, Tensor)) else "src",
                found=describe(dst if isinstance(src, (list, Tensor)) else src),
                expected="a partition of a tensor and a fragment",
                remedy="partition the tensor with get_slice(thread).partition_A, and make the "
                "fragment with make_fragment_A",
            )

    def _move_elements(self, builder: Builder, src: Any, dst: Any, mask: object) -> None:
        """Copy between tensors, of which the fragments are in registers."""
        if isinstance(dst, Tensor) and dst.address_space != "thread":
            writes = self._writes(builder, dst)
        else:
            reads = _reads(src)
            if reads is not True and isinstance(dst, Tensor):
                dst.store(src.load(reads), mask)
                return
            writes = True

        def access() -> tuple[Value, ...]:
            copy(src, dst, mask=mask)
            return ()

        _where(builder, writes, access)

    def _loaded(
        self,
        builder: Builder,
        atoms: Matrices,
        t: Tensor,
        dtype: DType,
        extents: tuple[int, int],
    ) -> list[list[Any]]:
        """Load the matrices of a partition; those of C are zeros in groups that do not have it."""
        rows, columns = extents
        _check_partition(t, extents)

        def access() -> tuple[Value, ...]:
            spots = [(x, y) for x in range(rows) for y in range(columns)]
            return tuple(atoms.load(builder, atoms.part(t, x, y), dtype) for x, y in spots)

        reads = _reads(t)
        matrices: Sequence[Any]
        if reads is True:
            matrices = access()
        else:
            zeros = tuple(atoms.zeros(builder, dtype) for _ in range(rows * columns))
            matrices = (
                zeros if reads is False else when(builder, reads, "enigma.copy", access, zeros)
            )
        return [list(matrices[row * columns : (row + 1) * columns]) for row in range(rows)]

    def _writes(self, builder: Builder, t: Tensor) -> Any:
        """Tell whether this group writes what it has of C."""
        if self._groups[_K] == 1:
            return True
        part = _part_of(t)
        if part is None or part._tiled is not self:
            raise OperandError(
                operation="enigma.copy",
                operand="dst",
                found=describe(t),
                expected="a partition of C, which one of the groups along K has",
                remedy="partition the tensor with get_slice(thread).partition_C of this product",
            )
        if not _REDUCED.get(builder, {}).get(self, True):
            raise OperandError(
                operation="enigma.copy",
                operand="src",
                found="parts of sums, of which each group along K holds one",
                expected="sums",
                remedy="add them before, with get_slice(thread).reduce_K(sums)",
            )
        return part._has_c


class ThrMma:
    """What a thread, with its SIMD group, takes of the tiles of a `TiledMma`."""

    def __init__(self, tiled: TiledMma, place: tuple[Any, ...]) -> None:
        self._tiled = tiled
        self._place = place

    def partition_A(self, t: Any) -> Any:  # noqa: N802
        """Give its part of a tile of A, of shape (M, K), as ``(atom, m, k)``; modes may follow."""
        return self._partition("partition_A", t, (_M, _K))

    def partition_B(self, t: Any) -> Any:  # noqa: N802
        """Give its part of a tile of B, of shape (N, K), as ``(atom, n, k)``; modes may follow."""
        return self._partition("partition_B", t, (_N, _K))

    def partition_C(self, t: Any) -> Any:  # noqa: N802
        """Give its part of a tile of C, of shape (M, N), as ``(atom, m, n)``; modes may follow.

        Groups along K have the same part, which the first of them reads and writes in a copy.
        """
        view = self._partition("partition_C", t, (_M, _N))
        if self._tiled._groups[_K] > 1:
            view.cut_by = self
        return view

    def make_fragment_A(self, t: Any) -> Any:  # noqa: N802
        """Make a fragment for a partition of A."""
        return self._factor("make_fragment_A", t)

    def make_fragment_B(self, t: Any) -> Any:  # noqa: N802
        """Make a fragment for a partition of B."""
        return self._factor("make_fragment_B", t)

    def make_fragment_C(self, t: Any) -> Any:  # noqa: N802
        """Make a fragment of zeros for a partition of C: the sums.

        Parameters
        ----------
        t : Tensor
            The partition, of shape ``(atom, m, n)``.

        Returns
        -------
        list of list of SimdgroupMatrix or CooperativeTensor, or Tensor
            ``f[m][n]`` are the sums of an atom. For `scalar_mma`, a tensor in registers.
        """
        return self._fragment("make_fragment_C", t, self._tiled.atom.accumulator)

    def reduce_K(self, sums: Any) -> None:  # noqa: N802
        """Add what the groups along K have summed, in place: each of them has the sums then.

        All threads of the threadgroup have to come to it, as to a barrier. It takes threadgroup
        memory for one tile of C.

        Parameters
        ----------
        sums : fragment of C
            The parts of sums, that become the sums.

        Raises
        ------
        EnigmaError
            When it is no fragment of this product.
        """
        function = "ThrMma.reduce_K"
        builder = require_builder(function)
        matrices = self._tiled.atom.matrices
        if not (
            isinstance(sums, Tensor) and sums.address_space == "thread"
            if matrices is None
            else _is_fragment(matrices, sums)
        ):
            raise OperandError(
                operation=function,
                operand="sums",
                found=describe(sums),
                expected="a fragment of C",
                remedy="make it with make_fragment_C, and sum in it with enigma.gemm",
            )
        _REDUCED.setdefault(builder, {})[self._tiled] = True
        m, n, groups = self._tiled._groups
        if groups == 1:
            return
        place = self._place[_M] + self._place[_N] * m
        memory: _ElementExchange | _MatrixExchange
        if matrices is None:
            memory = _ElementExchange(sums, m * n, place)
        else:
            memory = _MatrixExchange(builder, self._tiled.atom, matrices, sums, m * n, place)
        # One after the other, so that one tile of memory is enough, and the order is always one.
        for group in range(groups):

            def access(first: bool = group == 0) -> tuple[Value, ...]:
                if first:
                    memory.store()
                else:
                    memory.add()
                return ()

            _where(builder, self._place[_K] == group, access)
            barrier()
        memory.load()
        barrier()

    @property
    def _has_c(self) -> Any:
        """Whether it is in the first group along K."""
        return self._place[_K] == 0

    def _partition(self, method: str, t: Any, modes: tuple[int, int]) -> Any:
        tiled = self._tiled
        letters = "MNK"
        if not isinstance(t, View) or rank(t.layout) < 2:
            raise OperandError(
                operation=f"ThrMma.{method}",
                operand="the tile",
                found=describe(t),
                expected=f"a tensor of shape ({', '.join(letters[mode] for mode in modes)})",
                remedy="cut one out with enigma.local_tile",
            )
        parts = [tiled._parts[mode] for mode in modes]
        view = flat_divide(t, tuple(a * v * g for a, v, g in parts))
        view = composition(view, tuple(map(Layout, parts)))
        mine = tuple((None, None, self._place[mode]) for mode in modes)
        more = rank(view.layout) - 2
        view = view[(*mine, *(None,) * more)]
        # The atom of B is a matrix of K rows and N columns.
        first = (2, 0) if modes == (_N, _K) else (0, 2)
        view = select(view, *first, 1, 4, 3, *range(5, more + 4))
        for mode in range(3):
            view = group_modes(view, mode, mode + 2)
        return view

    def _fragment(self, method: str, t: Any, dtype: DType) -> Any:
        function = f"ThrMma.{method}"
        builder = require_builder(function)
        extents = _partition_extents(t, function)
        matrices = self._tiled.atom.matrices
        if matrices is None:
            memory = register_tensor(size(t.layout), dtype)
            return make_tensor(memory, Layout(t.shape))
        rows, columns = extents
        return [[matrices.zeros(builder, dtype) for _ in range(columns)] for _ in range(rows)]

    def _factor(self, method: str, t: Any) -> Any:
        atoms = self._tiled.atom.matrices
        if atoms is not None and not atoms.has_factors:
            raise OperandError(
                operation=f"ThrMma.{method}",
                operand="the atom",
                found="one whose factors stay in memory",
                expected="an atom of matrices or of numbers",
                remedy="give enigma.gemm the partitions; it reads them from device or threadgroup "
                "memory",
            )
        return self._fragment(method, t, self._tiled.atom.dtype)


def make_tiled_mma(atom: MmaAtom, layout: Layout, values: tuple[int, int] = (1, 1)) -> TiledMma:
    """Repeat an atom over the SIMD groups or threads of a threadgroup.

    Parameters
    ----------
    atom : MmaAtom
        What one of them computes at once.
    layout : Layout
        From (m, n) to the number of a SIMD group, or of a thread for `scalar_mma`. Compact. Of
        (m, n, k) where groups share K, too: each multiplies its part, and `ThrMma.reduce_K` adds
        the sums.
    values : tuple of int
        How many atoms along M and N lie side by side in what one of them takes; the next ones of a
        larger tile follow after those of all others.

    Returns
    -------
    TiledMma
        The product.

    Raises
    ------
    EnigmaError
        When an argument is not as described.
    """
    function = "enigma.make_tiled_mma"
    if not isinstance(atom, MmaAtom):
        raise OperandError(
            operation=function,
            operand="atom",
            found=describe(atom),
            expected="an atom",
            remedy="make one with enigma.simdgroup_mma(dtype), enigma.matmul2d_mma(shape, dtype) "
            "or enigma.scalar_mma(dtype)",
        )
    if not (isinstance(layout, Layout) and layout.rank in (2, 3) and _is_arrangement(layout)):
        raise InvalidOption(
            option=f"layout of {function}",
            expected="a compact layout of two or three modes of numbers, such as (2,2):(2,1)",
            found=layout,
            remedy="say how SIMD groups, or threads, are arranged along M and N, and perhaps K",
        )
    if atom.threads > _SIMDGROUP_THREADS and size(layout) != 1:
        raise InvalidOption(
            option=f"layout of {function}",
            expected="1 everywhere, since all SIMD groups of the threadgroup multiply one tile",
            found=layout,
            remedy="arrange SIMD groups by the layout, of an atom with simdgroups=1; or let the "
            "atom have all of them",
        )
    if (
        not isinstance(values, (tuple, list))
        or len(values) != 2
        or not all(type(value) is int and value > 0 for value in values)
    ):
        raise InvalidOption(
            option=f"values of {function}",
            expected="two positive integers",
            found=values,
            remedy="say how many atoms lie side by side along M and N",
        )
    return TiledMma(atom, layout, (values[0], values[1]))


def _is_arrangement(layout: Layout) -> bool:
    """Whether a layout numbers its coordinates, each with a number of its own."""
    if not layout.is_static or layout.depth != 1:
        return False
    return sorted(layout(index) for index in range(size(layout))) == list(range(size(layout)))


def gemm(tiled_mma: TiledMma, d: Any, a: Any, b: Any, c: Any) -> None:
    """Compute ``d = a b + c`` of what a SIMD group, or a thread, has of a tile.

    Parameters
    ----------
    tiled_mma : TiledMma
        How the tile is shared.
    d : fragment of C
        What is assigned; it may be `c`.
    a, b : fragments or partitions of A and B
        The factors. Those of a partition are loaded as they are needed.
    c : fragment of C
        What the product is added to.

    Raises
    ------
    EnigmaError
        When shapes or dtypes do not go together, or an operand is none of these.
    """
    function = "enigma.gemm"
    builder = require_builder(function)
    if not isinstance(tiled_mma, TiledMma):
        raise OperandError(
            operation=function,
            operand="tiled_mma",
            found=describe(tiled_mma),
            expected="a tiled product",
            remedy="make one with enigma.make_tiled_mma",
        )
    matrices = tiled_mma.atom.matrices
    scalar = matrices is None
    in_registers = matrices is not None and matrices.has_factors
    extents = []
    for operand, given, memory, fragment in (
        ("d", d, scalar, not scalar),
        ("a", a, True, in_registers),
        ("b", b, True, in_registers),
        ("c", c, scalar, not scalar),
    ):
        if isinstance(given, Tensor) and memory:
            extents.append(_partition_extents(given, f"{function}: {operand}"))
        elif matrices is not None and fragment and _is_fragment(matrices, given):
            extents.append(_extents(matrices, given))
        else:
            raise OperandError(
                operation=function,
                operand=operand,
                found=describe(given),
                expected=" or ".join(
                    ["a partition"] * (operand in "ab") + ["a fragment"] * (scalar or fragment)
                ),
                remedy=f"cut it out with partition_{operand.upper()}"
                if memory and not scalar
                else f"make it with make_fragment_{operand.upper() if operand in 'ab' else 'C'}",
            )
    (rows, columns), (m, k), (n, depth), sums = extents
    if (m, n) != (rows, columns) or k != depth or sums != (rows, columns):
        raise ShapeMismatch(
            f"{function}: d has {rows} x {columns} atoms, a {m} x {k}, b {n} x {depth}, c "
            f"{sums[0]} x {sums[1]}",
            remedy="a has the rows of d, b its columns, and both the same depth",
        )
    if tiled_mma._groups[_K] > 1:
        _REDUCED.setdefault(builder, {}).setdefault(tiled_mma, False)
    if matrices is None:
        _scalar_gemm(tiled_mma, d, a, b, c, k)
        return
    for step in range(k):
        left = _factors(matrices, a, m, step)
        right = _factors(matrices, b, n, step)
        for i in range(m):
            for j in range(n):
                total = c[i][j] if step == 0 else d[i][j]
                d[i][j] = matrices.multiply_accumulate(function, left[i], right[j], total)


def _factors(matrices: Matrices, x: Any, count: int, step: int) -> list[Any]:
    """Give the factors of one step along K, of a fragment or a partition."""
    if isinstance(x, list):
        return [x[i][step] for i in range(count)]
    return [matrices.factor(matrices.part(x, i, step)) for i in range(count)]


def _scalar_gemm(tiled: TiledMma, d: Tensor, a: Tensor, b: Tensor, c: Tensor, depth: int) -> None:
    rows, columns = size(d.layout, 1), size(d.layout, 2)
    accumulator = tiled.atom.accumulator
    total: Any = c.load()
    for step in range(depth):
        factors = []
        for t, strides in ((a, (0, 1, 0)), (b, (0, 0, 1))):
            line = t[(0, None, step)]
            spread = composition(line, Layout((1, rows, columns), strides))
            factors.append(spread.load().to(accumulator))
        left, right = factors
        total = fma(left, right, total)
    d.store(total)


def _is_fragment(matrices: Matrices, thing: object) -> bool:
    """Whether something is a list of lists of matrices, all of one length."""
    if not isinstance(thing, list) or not thing:
        return False
    if not all(isinstance(row, list) and row and len(row) == len(thing[0]) for row in thing):
        return False
    return all(matrices.is_one(matrix) for row in thing for matrix in row)


def _extents(matrices: Matrices, fragment: Any) -> tuple[int, int]:
    if not _is_fragment(matrices, fragment):
        raise OperandError(
            operation="a product by tiles",
            operand="a fragment",
            found=describe(fragment),
            expected=f"a list of lists of {matrices.noun}",
            remedy="make it with make_fragment_A, make_fragment_B or make_fragment_C",
        )
    return len(fragment), len(fragment[0])


def _partition_extents(t: Any, function: str) -> tuple[int, int]:
    if not isinstance(t, Tensor) or rank(t.layout) != 3:
        raise OperandError(
            operation=function,
            operand="the partition",
            found=describe(t),
            expected="a tensor of three modes: an atom, and how many there are in two directions",
            remedy="take one of the tiles, as in part[None, None, None, tile]",
        )
    t._lanes(function)
    return size(t.layout, 1), size(t.layout, 2)


def _check_partition(t: Tensor, extents: tuple[int, int]) -> None:
    found = _partition_extents(t, "enigma.copy")
    if found != extents:
        raise ShapeMismatch(
            f"enigma.copy: the partition of {t.name} has {found[0]} x {found[1]} atoms, the "
            f"fragment {extents[0]} x {extents[1]}",
            remedy="make the fragment of this partition",
        )


def _part_of(t: Any) -> ThrMma | None:
    """Give the part of a thread that a partition of C, or a slice of it, was cut out by."""
    while isinstance(t, View):
        if isinstance(t.cut_by, ThrMma):
            return t.cut_by
        t = t._parent
    return None


def _reads(t: Any) -> Any:
    """Tell whether this group reads what is copied: of C, the first group along K alone."""
    part = _part_of(t)
    return True if part is None else part._has_c


def _where(builder: Builder, condition: Any, access: Callable[[], tuple[Value, ...]]) -> None:
    """Make an access where a condition holds, which may be known."""
    if isinstance(condition, bool):
        if condition:
            access()
    else:
        when(builder, condition, "a product by tiles", access, ())


class _MatrixExchange:
    """Memory through which SIMD groups exchange fragments: one matrix after the other."""

    def __init__(
        self,
        builder: Builder,
        atom: MmaAtom,
        matrices: Matrices,
        fragment: list[list[Any]],
        groups: int,
        place: Any,
    ) -> None:
        self._builder = builder
        self._matrices = matrices
        self._dtype: DType = fragment[0][0].dtype
        rows, columns, _ = atom.shape
        spots = [(row, y) for row in fragment for y in range(len(row))]
        memory = threadgroup_alloc(self._dtype, groups * len(spots) * rows * columns)
        strides = (columns, 1, rows * columns, rows * columns * len(spots))
        shared = make_tensor(memory, Layout((rows, columns, len(spots), groups), strides))
        self._spots = [
            (row, y, shared[(None, None, number, place)]) for number, (row, y) in enumerate(spots)
        ]

    def _stored(self, tile: Tensor) -> Any:
        return self._matrices.load(self._builder, tile, self._dtype)

    def store(self) -> None:
        for row, y, tile in self._spots:
            self._matrices.store(self._builder, row[y], tile)

    def add(self) -> None:
        for row, y, tile in self._spots:
            self._matrices.store(self._builder, self._stored(tile) + row[y], tile)

    def load(self) -> None:
        for row, y, tile in self._spots:
            row[y] = self._stored(tile)


class _ElementExchange:
    """Memory through which threads exchange fragments: neighbours lie side by side."""

    def __init__(self, fragment: Tensor, groups: int, place: Any) -> None:
        self._fragment = fragment
        memory = threadgroup_alloc(fragment.dtype, groups * int(size(fragment.layout)))
        shared = make_tensor(memory, Layout((groups, *fragment.shape)))
        self._memory = shared[(place, *(None,) * len(fragment.shape))]

    def store(self) -> None:
        self._memory.store(self._fragment.load())

    def add(self) -> None:
        self._memory.store(self._memory.load() + self._fragment.load())

    def load(self) -> None:
        self._fragment.store(self._memory.load())
