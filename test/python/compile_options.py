# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Options each of which makes another kernel than none does."""

OPTIONS = (
    {"fast_math": False},
    {"debug": True},
    {"metal_std": "3.1"},
    {"name": "other"},
    {"index_bits": 64},
)
