# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command `enigma`. Each of its commands is a module, which `enigma.cli.main` names."""
