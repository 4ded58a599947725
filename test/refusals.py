# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What tests look for in an error that refuses what a user wrote."""

import enigma


def check_said(error: enigma.EnigmaError, *parts: str) -> None:
    """It says `parts`: not in the line of the source, where they may stand as well."""
    said = error.summary + error.help
    for part in parts:
        assert part in said, str(error)


def check_refusal(error: enigma.EnigmaError, file: str, *parts: str) -> None:
    """It names a line of a file and a remedy, and says `parts`."""
    text = str(error)
    assert text.startswith(f"{file}:"), text
    assert "\n  help: " in text, text
    check_said(error, *parts)
