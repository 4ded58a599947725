# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MLIR's IR: of types and attributes, the classes that Enigma uses."""

from __future__ import annotations

from ._mlir_libs._mlir.ir import *  # noqa: F403
from ._mlir_libs._mlir.ir import DiagnosticInfo


class MLIRError(Exception):
    """What MLIR reports when it fails.

    Attributes
    ----------
    message : str
        What failed.
    error_diagnostics : list of DiagnosticInfo
        Why.
    """

    def __init__(self, message: str, error_diagnostics: list[DiagnosticInfo]) -> None:
        super().__init__(message, error_diagnostics)
        self.message = message
        self.error_diagnostics = error_diagnostics

    def __str__(self) -> str:
        """Give the message, and each error below it."""
        if not self.error_diagnostics:
            return self.message
        errors = [f"error: {info.location}: {info.message}" for info in self.error_diagnostics]
        return "\n".join([f"{self.message}:", *errors])
