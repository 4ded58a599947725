# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Show what is kept from run to run, by kind, with its folder; `enigma cache clear` removes it.

ENIGMA_CACHE_DIR is where it is kept, and ENIGMA_CACHE=0 keeps nothing.
"""

from __future__ import annotations

import argparse
import json

from enigma import _cache
from enigma.errors import CommandLineError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "action", nargs="?", choices=("show", "clear"), default="show", help="(default: show)"
    )
    parser.add_argument("--kind", help="only entries of one kind")
    parser.add_argument("--json", action="store_true", help="print an object")


def run(options: argparse.Namespace) -> int:
    """Show or remove."""
    folder = _cache.folder()
    found: dict[str, tuple[int, int]] = {}
    for entry in _cache.entries():
        if options.kind in (None, entry.kind):
            count, nbytes = found.get(entry.kind, (0, 0))
            found[entry.kind] = count + 1, nbytes + entry.nbytes
    if options.kind is not None and options.kind not in found:
        kinds = sorted({entry.kind for entry in _cache.entries()})
        raise CommandLineError(
            f"there are no entries of the kind {options.kind!r}",
            remedy=f"the kinds are {', '.join(kinds)}" if kinds else "the cache is empty",
            location=None,
        )
    if options.action == "clear":
        _cache.clear(options.kind)
    if options.json:
        kinds_found = {
            kind: {"entries": count, "bytes": nbytes}
            for kind, (count, nbytes) in sorted(found.items())
        }
        about = {"folder": folder, "cleared": options.action == "clear", "kinds": kinds_found}
        print(json.dumps(about, indent=1))
        return 0
    if folder is None:
        print("nothing is kept: ENIGMA_CACHE says so")
        return 0
    print(folder)
    for kind, (count, nbytes) in sorted(found.items()):
        print(f"  {kind}: {_counted(count)}, {_size(nbytes)}")
    entries = sum(count for count, _ in found.values())
    total = sum(nbytes for _, nbytes in found.values())
    done = " removed" if options.action == "clear" else f" of {_size(_cache.MOST_BYTES)}"
    print(f"{_counted(entries)}, {_size(total)}{done}")
    return 0


def _counted(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _size(nbytes: int) -> str:
    if nbytes < 1024:
        return f"{nbytes} bytes"
    if nbytes < 1024**2:
        return f"{nbytes / 1024:.1f} KiB"
    return f"{nbytes / 1024**2:.1f} MiB"
