# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of the explorer."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from collections.abc import Sequence

from enigma._files import checked_path, write_file
from enigma.errors import EnigmaError
from enigma.explorer.content import Content
from enigma.explorer.page import whole_page
from enigma.explorer.process import run
from enigma.explorer.server import Explorer, Server

_TIMEOUT = 60.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="enigma explore",
        description=(
            "Show a file of kernels beside what becomes of it: the dialect after each pass, MSL, "
            "LLVM IR and assembly of the CPU device, layouts as pictures. The file is run as a "
            "program, in a process of its own; what it compiles or launches is shown, and kernels "
            "whose annotations say all that is needed. The page follows the file as it is saved."
        ),
    )
    parser.add_argument("file", metavar="FILE.py", help="the file")
    parser.add_argument("--html", metavar="FILE", help="write the page into a file and end")
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        help="where to serve it on this machine (default: a free one)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=_TIMEOUT,
        metavar="SECONDS",
        help="how long the file may run (default: %(default)g)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the explorer.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, without the name of the program; by default those of the process.

    Returns
    -------
    int
        The exit code: 0, 1 where the file has errors (with ``--html``), 2 where there is nothing to
        show, and 130 after Ctrl-C.
    """
    options = _parser().parse_args(argv)
    path = os.path.abspath(options.file)
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        print(f"{options.file}: error: {error.strerror}", file=sys.stderr)
        return 2
    try:
        if options.html is not None:
            return _write(path, options.html, options.timeout)
        return _serve(path, options.port, options.timeout, not options.no_browser)
    except EnigmaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _write(path: str, target: str, limit: float) -> int:
    """Write the page into a file."""
    found = run(path, limit)
    assert found is not None
    for message in found.messages:
        if message["kind"] in ("error", "warning"):
            print(_as_compiler(message), file=sys.stderr)
    whole = whole_page(Content(path).of(found))
    write_file(checked_path(target, "the path of the page"), whole)
    return int(found.has_failed)


def _as_compiler(message: dict[str, object]) -> str:
    """Give a message as compilers print them."""
    place = message["place"]
    where = ""
    if isinstance(place, (tuple, list)):
        where = ":".join(str(part) for part in place if part) + ": "
    text = f"{where}{message['kind']}: {message['text']}"
    return f"{text}\n  help: {message['help']}" if message["help"] else text


def _serve(path: str, port: int, limit: float, opens: bool) -> int:
    """Serve the page until Ctrl-C."""
    explorer = Explorer(path, limit)
    try:
        server = Server(explorer, port)
    except OSError as error:
        print(f"error: port {port} cannot be used: {error.strerror}", file=sys.stderr)
        return 2
    except OverflowError:
        print(f"error: {port} is no port; they go from 0 to 65535", file=sys.stderr)
        return 2
    with server:
        explorer.start()
        print(f"{os.path.basename(path)} is shown at {server.url} (Ctrl-C ends this)", flush=True)
        if opens:
            webbrowser.open(server.url)
        try:
            server.serve_forever()
        finally:
            explorer.stop()
    return 0
