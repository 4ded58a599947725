# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is a tensor: memory seen through a layout; its views, its elements, and making them."""
