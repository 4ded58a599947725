# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Names of the package that most programs do not use: their modules are imported with them."""

from __future__ import annotations

from types import CodeType
from typing import Any

from enigma._process import import_late

#: Where each of these names is.
MODULES = {
    name: module
    for module, names in {
        "enigma.compiler.manifest": ("Manifest",),
        "enigma.compiler.many": ("CompileSpec", "compile_many"),
        "enigma.language.async_copies": (
            "async_copy_1d_d2t",
            "async_copy_1d_t2d",
            "async_copy_2d_d2t",
            "async_copy_2d_t2d",
            "async_copy_wait",
        ),
        "enigma.language.debug": ("assert_", "print"),
        "enigma.language.inline": ("inline_msl",),
        "enigma.language.mma": (
            "MmaAtom",
            "ThrMma",
            "TiledMma",
            "gemm",
            "make_tiled_mma",
            "matmul2d_mma",
            "scalar_mma",
            "simdgroup_mma",
        ),
        "enigma.language.pipelines": ("Pipeline", "pipeline"),
        "enigma.runtime.device": ("Device", "device", "devices"),
        "enigma.runtime.timing": ("Timing", "benchmark"),
        "enigma.tensors.coordinates": ("IdentityTensor", "elem_less", "in_bounds"),
        "enigma.tensors.copies": ("copy",),
        "enigma.tensors.making": (
            "domain_offset",
            "full_like",
            "make_fragment",
            "make_fragment_like",
            "make_identity_tensor",
            "make_tensor",
            "recast_tensor",
            "tensor_composition",
            "tensor_zipped_divide",
            "zeros_like",
        ),
        "enigma.tensors.tiled_copies": ("ThrCopy", "TiledCopy", "make_tiled_copy"),
        "enigma.tracing.cooperative_tensor": ("CooperativeTensor",),
    }.items()
    for name in names
}


def module_of(name: str) -> Any:
    """Import the module of a name."""
    return import_late(MODULES[name])


def import_named(code: CodeType) -> None:
    """Import what a function may ask for by name when it runs."""
    for name in code.co_names:
        if name in MODULES:
            module_of(name)
