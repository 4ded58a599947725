# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Sums of products of tiles, which the threads of SIMD groups hold together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from enigma.errors import OperandError
from enigma.tracing.accesses import when
from enigma.tracing.builder import Builder
from enigma.tracing.checks import as_operand, with_its_dtype
from enigma.tracing.conversions import cast
from enigma.tracing.elementwise import Elementwise, ElementwiseLanes
from enigma.tracing.messages import describe
from enigma.tracing.values import Value, constant, result, use, wrap
from enigma.types import DType, b1, bf16, f16, f32, i8, i32

#: What an element of a factor can be.
FACTORS = (f32, f16, bf16, i8)


def sums_of(left: DType, right: DType) -> tuple[DType, ...]:
    """Give the dtypes that products of such factors are summed in, as Metal's header lists them."""
    if left is i8 and right is i8:
        return (i32,)
    narrow = (dtype for dtype in (f16, bf16) if dtype in (left, right))
    return (f32,) if f32 in (left, right) else (f32, *narrow)


class Product(NamedTuple):
    """A product of tiles: all that a type of its sums says, but for their dtype.

    Attributes
    ----------
    shape : tuple of int
        The extents M, N and K.
    left, right : DType
        Of the factors.
    transposed : tuple of bool
        Whether rows of the left factor lie in memory as columns, and those of the right one.
    relaxed_precision : bool
        Whether Metal may round factors to less than their precision.
    simdgroups : int
        How many SIMD groups compute it together.
    """

    shape: tuple[int, int, int]
    left: DType
    right: DType
    transposed: tuple[bool, bool]
    relaxed_precision: bool
    simdgroups: int


class CooperativeTensor(Elementwise):
    """Sums of a product of tiles: a value that never changes, like a number.

    The threads of one or several SIMD groups hold it together; which elements each of them has
    differs between GPUs. ``+``, ``-``, ``*``, ``/`` act on each element, with other sums of the
    same product or a scalar, and so does `map` with any function.
    """

    __slots__ = ()

    _made_by = "the product of enigma.matmul2d_mma(...)"

    lanes: CooperativeLanes

    def map(self, function: Callable[..., Any], *others: Any) -> CooperativeTensor:
        """Compute sums element by element.

        Parameters
        ----------
        function : callable
            Takes an element of these sums and one of each of the others; gives the element of the
            result. It is asked twice, and runs in a loop over what a thread holds.
        *others : CooperativeTensor, traced value or number
            Further operands; a scalar stands for equal elements.

        Returns
        -------
        CooperativeTensor
            Of the dtype that the function gives.

        Raises
        ------
        OperandError
            When it is no function, or gives nothing that sums of this product can be.
        """
        self._check_function(function)
        builder = self.builder
        operands: list[Any] = []
        for number, other in enumerate(others, 1):
            operand = f"operand {number}"
            if isinstance(other, CooperativeTensor):
                same_product(self, other, "CooperativeTensor.map", operand)
            else:
                other = with_its_dtype(other, self.builder)
                other = as_operand(other, "CooperativeTensor.map", operand)
            operands.append(other)

        product = self.lanes.product
        dtypes = sums_of(product.left, product.right)
        expected = " or ".join(dtype.name for dtype in dtypes)
        expected += f", which products of {product.left} and {product.right} are summed in"

        def computed(index: Value) -> Value:
            parts = [
                extract(each, index) if isinstance(each, CooperativeTensor) else each
                for each in (self, *operands)
            ]
            return self._computed(function(*parts), dtypes, 1, expected)

        first = builder.speculate("in the function of CooperativeTensor.map")
        outer = first.enclosing
        try:
            dtype = computed(constant(builder, i32, 0)).dtype
        finally:
            while builder.scope is not first and builder.scope is not outer:
                builder.pop(builder.scope)
            builder.drop(first)
        start = result(builder, "enigma.cooperative_tensor_make", dtype, self.lanes, ())
        capacity = result(builder, "enigma.cooperative_tensor_capacity", i32, 1, (use(self),))
        bounds = constant(builder, i32, 0), capacity, constant(builder, i32, 1), start
        carried = use(start).type
        loop = builder.op("scf.for", (carried,), tuple(map(use, bounds)), None, 1)
        types = builder.session.value_type(i32), carried
        scope, arguments = builder.push_block(
            loop, 0, "in CooperativeTensor.map", types, (None, None)
        )
        index = wrap(builder, arguments[0], i32)
        sums = wrap(builder, arguments[1], dtype, self.lanes)
        here = use(self), use(index)
        has = result(builder, "enigma.cooperative_tensor_has_element", b1, 1, here)

        def access() -> tuple[Value, ...]:
            name = "enigma.cooperative_tensor_insert"
            parts = computed(index), sums, index
            return (result(builder, name, dtype, self.lanes, tuple(map(use, parts))),)

        (after,) = when(builder, has, "CooperativeTensor.map", access, (sums,))
        builder.op("scf.yield", (), (use(after),))
        builder.pop(scope)
        mapped = wrap(builder, loop.results[0], dtype, self.lanes)
        mapped.operation = loop
        assert isinstance(mapped, CooperativeTensor)
        return mapped


class CooperativeLanes(ElementwiseLanes):
    """The lanes of the sums of a product of tiles, of which each thread holds some."""

    matrix = CooperativeTensor
    fill_operation = "enigma.cooperative_tensor_make"
    part = "each element: sums.map(function)"

    product: Product

    def __new__(cls, product: Product) -> CooperativeLanes:
        """Make the lanes of the sums of a product."""
        m, n, _ = product.shape
        made = super().__new__(cls, m * n)
        made.product = product
        return made

    @property
    def text(self) -> str:
        """What has those lanes, for messages."""
        m, n, _ = self.product.shape
        return f"cooperative tensor of {m} x {n}"

    def type_name(self, dtype: DType) -> str:
        """Spell the IR type."""
        product = self.product
        m, n, k = product.shape
        words = [f"m = {m}, n = {n}, k = {k}"]
        for name, of in (("left", product.left), ("right", product.right), ("element", dtype)):
            words.append(f"{name} = {of.element_name}")
        for name, flag in (
            ("transpose_left", product.transposed[0]),
            ("transpose_right", product.transposed[1]),
            ("relaxed_precision", product.relaxed_precision),
        ):
            words.append(f"{name} = {str(flag).lower()}")
        words.append(f"simdgroups = {product.simdgroups}")
        return f"!enigma.cooperative_tensor<{', '.join(words)}>"


def same_product(sums: CooperativeTensor, other: Any, operation: str, operand: str) -> None:
    """Check that an operand is sums of the same product.

    Raises
    ------
    OperandError
        When it is not.
    """
    if not isinstance(other, CooperativeTensor) or other.lanes != sums.lanes:
        raise OperandError(
            operation=operation,
            operand=operand,
            found=describe(other),
            expected=f"a {sums.lanes.text} of the same product",
            remedy="make both with make_fragment_C of one tiled product",
        )


def extract(sums: CooperativeTensor, index: Value) -> Value:
    """Give an element that a thread holds."""
    name = "enigma.cooperative_tensor_extract"
    return result(sums.builder, name, sums.dtype, 1, (use(sums), use(index)))


def filled(
    builder: Builder, dtype: DType, value: Any, lanes: CooperativeLanes
) -> CooperativeTensor:
    """Make sums of one value."""
    element = value if isinstance(value, Value) else constant(builder, dtype, value)
    name = "enigma.cooperative_tensor_make"
    sums = result(builder, name, dtype, lanes, (use(cast(element, dtype)),))
    assert isinstance(sums, CooperativeTensor)
    return sums
