# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Hand-written MSL for the tests of the harness itself."""

from __future__ import annotations

from conformance import harness

HEADER = "#include <metal_stdlib>\nusing namespace metal;\n"


def declare(body: str) -> str:
    """`body` with the header, to be compiled with the others of its module."""
    source = HEADER + body
    harness.declare(source)
    return source


def elementwise(result: str, expression: str, **inputs: str) -> str:
    """A kernel `apply` that computes `expression` of one element of each input.

    `elementwise("float", "a + b", a="float", b="float")` has the buffers a, b
    and `out`, in this order.
    """
    parameters = [
        f"device const {dtype}* {name}_ [[buffer({i})]]"
        for i, (name, dtype) in enumerate(inputs.items())
    ]
    parameters.append(f"device {result}* out [[buffer({len(inputs)})]]")
    loads = "".join(f"  {dtype} {name} = {name}_[i];\n" for name, dtype in inputs.items())
    return declare(
        f"kernel void apply({', '.join(parameters)}, uint i [[thread_position_in_grid]]) {{\n"
        f"{loads}  out[i] = {expression};\n}}\n"
    )
