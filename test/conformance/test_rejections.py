# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Text that Metal refuses and that the harness must refuse too."""

from __future__ import annotations

import pytest

from conformance import harness
from conformance.kernels import HEADER, declare

KERNEL = """
kernel void k(device float* out [[buffer(0)]], device const float* in [[buffer(1)]],
              constant uint& n [[buffer(2)]], device half* h [[buffer(3)]],
              device bfloat* b [[buffer(4)]], uint tid [[thread_position_in_grid]]) {{
  threadgroup float tile[32];
  threadgroup atomic_float total;
  tile[tid] = 0.0f;
  {body}
}}
"""

# Each with a part of the message.
BODIES = {
    # address spaces
    "device float* p = tile;": "cannot initialize a variable of type 'device float \\*'",
    "threadgroup float* p = out;": "cannot initialize",
    "device float* p = (device float*)tile;": "no matching conversion",
    "device float* p = reinterpret_cast<device float*>(tile);": "not allowed",
    "thread float* p = out;": "cannot initialize",
    "float* p = out;": "names no address space",
    "float& r = out[0];": "names no address space",
    "out[0] = *(float*)in;": "names no address space",
    "thread float& r = out[0];": "address space",
    # const
    "in[0] = 1.0f;": "read-only|const",
    "n = 3u;": "const",
    "const float x = 1.0f; x += 1.0f;": "const",
    # names
    "out[0] = missing;": "undeclared identifier 'missing'",
    "out[0] = sine(1.0f);": "undeclared identifier 'sine'",
    "out[0] = erf(out[1]);": "undeclared identifier 'erf'",
    "out[0] = sinf(out[1]);": "undeclared identifier 'sinf'",
    "out[0] = __builtin_nothing(out[1]);": "undeclared",
    # overloads
    "out[0] = sqrt(2);": "call to 'sqrt' is ambiguous",
    "out[0] = max(n, 3);": "call to 'max' is ambiguous",
    "out[0] = max(out[0], h[0]);": "call to 'max' is ambiguous",
    "out[0] = dot(out[0], out[1]);": "call to 'dot' is ambiguous",
    "out[0] = popcount(out[0]);": "call to 'popcount' is ambiguous",
    "out[0] = simd_sum(ulong(1)) ;": "no matching function for call to 'simd_sum'",
    "out[0] = simd_sum(b[0]);": "no matching function for call to 'simd_sum'",
    "out[0] = simd_and(out[0]);": "no matching function for call to 'simd_and'",
    "atomic_fetch_add_explicit(&total, 1.0f, memory_order_relaxed);": "no matching function",
    "atomic_fetch_add_explicit(out, 1.0f, memory_order_relaxed);": "no matching function",
    "total += 1.0f;": "invalid operands|no viable",
    "threadgroup_barrier(mem_threadgroup);": "undeclared identifier 'mem_threadgroup'",
    "float x = as_type<float>(h[0]);": "same size",
    # conversions
    "float4 v = int4(1);": "no viable conversion",
    "float4 v = float3(1.0f);": "no viable conversion",
    "float4 v = float4(1.0f, 2.0f);": "no matching constructor",
    "half4 v = float4(1.0f);": "no viable conversion",
    "float4 v = float4(1.0f) + int4(1);": "invalid operands",
    "int4 v = 1.5f;": "no viable conversion",
    "if (float2(1.0f) == float2(1.0f)) out[0] = 1.0f;": "not contextually convertible",
    "out[0] = float2(1.0f);": "incompatible type|no viable conversion",
    "out[0] = float2(1.0f).z;": "no member named 'z'",
    "float2 v; v.xx = float2(1.0f);": "assigned twice",
    "uint3 v = uint3(1u) << float3(1.0f);": "invalid operands",
    # bfloat
    "b[0] = h[0];": "incompatible type",
    "h[0] = b[0];": "incompatible type",
    "b[0] = out[0];": "implicit conversion loses .* to 'bfloat'",
    "out[0] = float(h[0] + b[0]);": "bfloat'.* to 'half'",
    "bfloat4 v = bfloat4(1.0f); v = sqrt(v);": "no matching function for call to 'sqrt'",
    "bfloat x = sqrt(b[0]); b[0] = x;": "implicit conversion loses .* to 'bfloat'",
    # literals and words
    "out[0] = 1.0;": "no suffix",
    "out[0] = 1e-3;": "no suffix",
    "double x = 1.0f;": "Metal has no 8-byte floats",
    "goto end; end: return;": "Metal has no goto",
    "device float* p = new float[4];": "Metal has no new",
    "auto f = [&](float x) { return x; };": "Metal has no lambdas",
    "try { } catch (...) { }": "Metal has no exceptions",
    # statements
    "out[0] = 1.0f": "expected ';'",
    "threadgroup float late[4] = {1.0f, 2.0f, 3.0f, 4.0f};": "cannot be initialized",
    "float x; out[0] = x;": "uninitialized",
    "uint x = 1u << 40u;": "shift count",
}
REJECTED = {body: declare(KERNEL.format(body=body)) for body in BODIES}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_rejected(body):
    with pytest.raises(harness.CompileError, match=BODIES[body]):
        harness.compile_only(REJECTED[body])


ACCEPTED = [
    "out[0] = sqrt(float(b[0])) + float(max(h[0], 1.0h));",
    "b[0] = bfloat(out[0]); b[1] = b[0] * b[0]; b[2] = 1.0bf; b[3] = 2;",
    "out[0] = b[0]; h[0] = out[0]; out[1] = h[0];",
    "device float4* p = (device float4*)out; p[0] = *(device const float4*)in;",
    "threadgroup half* p = (threadgroup half*)tile; p[0] = 1.0h;",
    "thread float x = 1.0f; thread float* p = &x; *p += 1.0f; out[0] = x;",
    "half4 v = half4(float4(out[0])); h[0] = v.x * 2; h[1] = half(n);",
    "float x = 1.f + .5f + 1e3f + 0x1p-2f + 2.0h; out[0] = x;",
    "out[0] = precise::sin(1.0f) + fast::exp(1.0f) + metal::cos(0.0f) + INFINITY + M_PI_F;",
    "float4 v = {1, 2, 3, 4}; out[0] = v[tid];",
    "bool2 c = out[0] > float2(1.0f, 2.0f); out[0] = any(c) ? 1.0f : 0.0f;",
]
ACCEPTED_TEXTS = {body: declare(KERNEL.format(body=body)) for body in ACCEPTED}


@pytest.mark.parametrize("body", ACCEPTED)
def test_a_body_is_accepted(body):
    harness.compile_only(ACCEPTED_TEXTS[body])


SIGNATURES = {
    "device float* a": "'a' has no attribute",
    "device float* a [[buffer(31)]]": "a buffer index is 0 to 30",
    "device float* a [[buffer(0)]], device float* b [[buffer(0)]]": "have the same attribute",
    "uint n [[buffer(0)]]": "passed by value: a scalar is 'constant uint&'",
    "float* a [[buffer(0)]]": "names no address space",
    "threadgroup float* a [[buffer(0)]]": "address space device or constant",
    "thread float* a [[buffer(0)]]": "address space device or constant",
    "device float* a [[threadgroup(0)]]": "to be a threadgroup pointer",
    "uint i [[thread_position]]": "unknown attribute 'thread_position'",
    "int i [[thread_position_in_grid]]": "thread_position_in_grid is of type",
    "uint4 i [[thread_position_in_grid]]": "thread_position_in_grid is of type",
    "uint3 i [[thread_index_in_simdgroup]]": "thread_index_in_simdgroup is of type",
    "uint3 i [[thread_position_in_grid]], uint2 j [[threads_per_threadgroup]]": (
        "different numbers of components"
    ),
    "uint i [[thread_position_in_grid]], uint3 j [[threads_per_grid]]": "must have the same type",
    "uint3 i [[thread_position_in_threadgroup]], ushort3 j [[threads_per_threadgroup]]": (
        "must have the same type"
    ),
    "device double* a [[buffer(0)]]": "Metal has no 8-byte floats",
}


@pytest.mark.parametrize("parameters", SIGNATURES)
def test_a_signature_is_rejected(parameters):
    source = f"{HEADER}kernel void k({parameters}) {{}}\n"
    with pytest.raises(harness.CompileError, match=SIGNATURES[parameters]):
        harness.compile_only(source)


TEXTS = {
    "kernel float k() { return 1.0f; }": "a kernel returns void",
    "constant uint n [[function_constant(0)]] = 3;": "is initialized",
    "device uint n [[function_constant(0)]];": "is not 'constant'",
    "threadgroup float tile[4]; kernel void k() {}": "is declared in a kernel",
    "kernel void k() { threadgroup_barrier(mem_flags::mem_all); }": "no member named 'mem_all'",
    "float f(float x) {} kernel void k() {}": "does not return a value",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_rejected(text):
    with pytest.raises(harness.CompileError, match=TEXTS[text]):
        harness.compile_only(HEADER + text)


def test_names_of_the_library_need_its_namespace():
    body = "kernel void k(device float* a [[buffer(0)]]) { a[0] = sqrt(a[0]); }"
    with pytest.raises(harness.CompileError, match="undeclared identifier 'sqrt'"):
        harness.compile_only("#include <metal_stdlib>\n" + body)
    harness.compile_only("#include <metal_stdlib>\n" + body.replace("sqrt", "metal::sqrt"))


def test_diagnostics_have_the_lines_of_the_text_and_spare_the_other_texts():
    bad = HEADER + "kernel void bad(device float* a [[buffer(0)]]) {\n\n  a[0] = nothing;\n}\n"
    good = HEADER + "kernel void good(device float* a [[buffer(0)]]) { a[0] = 1.0f; }\n"
    harness.declare(bad, "bad")
    harness.declare(good, "good")
    harness.compile_only(good, "good")
    with pytest.raises(harness.CompileError, match=r"(?m)^bad\.metal:5:10: error: .*'nothing'"):
        harness.compile_only(bad, "bad")
