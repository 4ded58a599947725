# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels for Apple GPUs, written in Python."""

import typing as _typing

from enigma import _process  # noqa: F401

# isort: split
from enigma import _functions
from enigma._version import __version__ as __version__
from enigma.compiler.compile import (
    compile,
)
from enigma.compiler.kernel import (
    CompiledKernel,
)
from enigma.compiler.manifest import Manifest
from enigma.compiler.many import CompileSpec, compile_many
from enigma.compiler.program import (
    CompiledProgram,
)
from enigma.errors import (
    EnigmaError,
    EnigmaWarning,
    KernelFault,
    ToolchainError,
)
from enigma.language import builtins as _builtins  # noqa: F401
from enigma.language import host_functions as _host_functions  # noqa: F401
from enigma.language import lent as _lent  # noqa: F401
from enigma.language import saturation as _saturation  # noqa: F401
from enigma.language.async_copies import (
    async_copy_1d_d2t,
    async_copy_1d_t2d,
    async_copy_2d_d2t,
    async_copy_2d_t2d,
    async_copy_wait,
)
from enigma.language.atomics import (
    atomic_max,
    atomic_min,
    atomic_update,
)
from enigma.language.constants import constant_array, function_constant
from enigma.language.control import (
    for_range,
    if_,
    range,
    range_constexpr,
    while_,
)
from enigma.language.debug import assert_, print
from enigma.language.inline import inline_msl
from enigma.language.memory import (
    atomic_thread_fence,
    barrier,
    load_if,
    register_tensor,
    simd_barrier,
    store_if,
    threadgroup_alloc,
)
from enigma.language.mma import (
    MmaAtom,
    ThrMma,
    TiledMma,
    gemm,
    make_tiled_mma,
    matmul2d_mma,
    scalar_mma,
    simdgroup_mma,
)
from enigma.language.pipelines import (
    Pipeline,
    pipeline,
)
from enigma.language.thread import (
    arch,
    grid_size,
    thread_position_in_grid_xyz,
)
from enigma.language.variants import (
    fast,
    precise,
)
from enigma.layout import (
    Dyn,
    Layout,
    Swizzle,
    SwizzledLayout,
    append,
    blocked_product,
    ceil_div,
    coalesce,
    complement,
    composition,
    cosize,
    crd2idx,
    depth,
    dice,
    dyn,
    filter,
    flat_divide,
    flat_product,
    flatten,
    get,
    group_modes,
    idx2crd,
    left_inverse,
    local_partition,
    local_tile,
    logical_divide,
    logical_product,
    make_identity_layout,
    make_layout,
    make_layout_tv,
    make_ordered_layout,
    max_common_vector,
    prepend,
    product,
    product_each,
    raked_product,
    rank,
    recast_layout,
    repeat_like,
    replace,
    right_inverse,
    round_up,
    select,
    shape_div,
    size,
    slice,
    slice_and_offset,
    swizzle,
    take,
    tile_to_shape,
    tiled_divide,
    tiled_product,
    zipped_divide,
    zipped_product,
)
from enigma.runtime import cpu_device as _cpu_device  # noqa: F401
from enigma.runtime import launching as _launching  # noqa: F401
from enigma.runtime import metal_device as _metal_device  # noqa: F401
from enigma.runtime.device import Device, device, devices
from enigma.runtime.timing import Timing, benchmark
from enigma.tensors.coordinates import IdentityTensor, elem_less, in_bounds
from enigma.tensors.copies import (
    copy,
)
from enigma.tensors.making import (
    domain_offset,
    full_like,
    make_fragment,
    make_fragment_like,
    make_identity_tensor,
    make_tensor,
    recast_tensor,
    tensor_composition,
    tensor_zipped_divide,
    zeros_like,
)
from enigma.tensors.registers import RegisterTensor
from enigma.tensors.tensor import Tensor
from enigma.tensors.tiled_copies import ThrCopy, TiledCopy, make_tiled_copy
from enigma.tracing.buffers import Buffer
from enigma.tracing.cooperative_tensor import CooperativeTensor
from enigma.tracing.fragments import Fragment
from enigma.tracing.functions import (
    func,
    jit,
    kernel,
)
from enigma.tracing.matrix import Matrix
from enigma.tracing.parameters import FunctionConstant, Parameter
from enigma.tracing.simdgroup_matrix import SimdgroupMatrix
from enigma.tracing.values import Value, Vector
from enigma.types import (
    BFloat16,
    Bool,
    DType,
    Float16,
    Float32,
    Int8,
    Int16,
    Int32,
    Int64,
    Scalar,
    Threadgroup,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    VectorType,
    b1,
    bf16,
    constexpr,
    f16,
    f32,
    i8,
    i16,
    i32,
    i64,
    u8,
    u16,
    u32,
    u64,
    vec,
)
from enigma.types import unknown_name as _unknown_name

__all__ = [
    *_functions.__all__,
    "BFloat16",
    "Bool",
    "Buffer",
    "CompileSpec",
    "CompiledKernel",
    "CompiledProgram",
    "DType",
    "Dyn",
    "EnigmaError",
    "EnigmaWarning",
    "Device",
    "Float16",
    "Float32",
    "Fragment",
    "FunctionConstant",
    "IdentityTensor",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "KernelFault",
    "Layout",
    "Manifest",
    "Matrix",
    "MmaAtom",
    "Parameter",
    "Pipeline",
    "RegisterTensor",
    "Scalar",
    "SimdgroupMatrix",
    "Swizzle",
    "SwizzledLayout",
    "Tensor",
    "ThrCopy",
    "CooperativeTensor",
    "ThrMma",
    "Threadgroup",
    "TiledCopy",
    "TiledMma",
    "Timing",
    "ToolchainError",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Value",
    "Vector",
    "VectorType",
    "append",
    "arch",
    "assert_",
    "async_copy_1d_d2t",
    "async_copy_1d_t2d",
    "async_copy_2d_d2t",
    "async_copy_2d_t2d",
    "async_copy_wait",
    "atomic_max",
    "atomic_min",
    "atomic_thread_fence",
    "atomic_update",
    "b1",
    "barrier",
    "benchmark",
    "bf16",
    "blocked_product",
    "ceil_div",
    "coalesce",
    "compile",
    "compile_many",
    "complement",
    "composition",
    "constant_array",
    "constexpr",
    "copy",
    "cosize",
    "crd2idx",
    "depth",
    "device",
    "devices",
    "dice",
    "domain_offset",
    "dyn",
    "elem_less",
    "f16",
    "f32",
    "fast",
    "filter",
    "flat_divide",
    "flat_product",
    "flatten",
    "for_range",
    "full_like",
    "func",
    "function_constant",
    "gemm",
    "get",
    "grid_size",
    "group_modes",
    "i8",
    "i16",
    "i32",
    "i64",
    "idx2crd",
    "if_",
    "in_bounds",
    "inline_msl",
    "jit",
    "kernel",
    "left_inverse",
    "load_if",
    "local_partition",
    "local_tile",
    "logical_divide",
    "logical_product",
    "make_fragment",
    "make_fragment_like",
    "make_identity_layout",
    "make_identity_tensor",
    "make_layout",
    "make_layout_tv",
    "make_ordered_layout",
    "make_tensor",
    "make_tiled_copy",
    "make_tiled_mma",
    "matmul2d_mma",
    "max_common_vector",
    "pipeline",
    "precise",
    "prepend",
    "print",
    "product",
    "product_each",
    "raked_product",
    "range",
    "range_constexpr",
    "rank",
    "recast_layout",
    "recast_tensor",
    "register_tensor",
    "repeat_like",
    "replace",
    "right_inverse",
    "round_up",
    "scalar_mma",
    "select",
    "shape_div",
    "simd_barrier",
    "simdgroup_mma",
    "size",
    "slice",
    "slice_and_offset",
    "store_if",
    "swizzle",
    "take",
    "tensor_composition",
    "tensor_zipped_divide",
    "thread_position_in_grid_xyz",
    "threadgroup_alloc",
    "tile_to_shape",
    "tiled_divide",
    "tiled_product",
    "u8",
    "vec",
    "u16",
    "u32",
    "u64",
    "while_",
    "zeros_like",
    "zipped_divide",
    "zipped_product",
]

# Not by a star: completion by jedi would offer whatever that module imports.
globals().update({name: getattr(_functions, name) for name in _functions.__all__})

if not _typing.TYPE_CHECKING:
    # To a type checker it would mean that there is every name.
    def __getattr__(name):
        raise _unknown_name(name, __all__)


def __dir__() -> list[str]:
    # What may be completed: modules of the package are no part of it.
    return [*__all__, "__version__"]
