# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Show a file of kernels beside what each pass of the compiler makes of it.

  enigma explore kernel.py
  enigma explore kernel.py --html kernel.html

That is the dialect after each pass, MSL, LLVM IR and assembly of the CPU device, and layouts as
pictures. The page is served on this machine alone, asks for nothing from elsewhere, and follows the
file as it is saved. The file is run as a program, in a process of its own. What it compiles or
launches is shown, and kernels besides whose annotations say all that they need.
"""

from __future__ import annotations

import argparse
import os
import webbrowser

from enigma._files import checked_path, write_file
from enigma.cli.reports import placeless, remember, report_at
from enigma.errors import CommandLineError, SourceFileError
from enigma.explorer.content import Content
from enigma.explorer.page import whole_page
from enigma.explorer.process import run as run_file
from enigma.explorer.server import Explorer, Server
from enigma.locations import SourceLocation

#: Seconds that a file may take.
TIMEOUT = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("file", metavar="FILE.py", help="the file")
    parser.add_argument("--html", metavar="FILE", help="write the page into a file, and end")
    parser.add_argument(
        "--port", type=int, default=0, help="where to serve the page (default: a free port)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT,
        metavar="SECONDS",
        help="how long the file may run (default: %(default)g)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")


def run(options: argparse.Namespace) -> int:
    """Run the command.

    Returns
    -------
    int
        0, or 1 where a page was written of a file that has errors.
    """
    if not options.timeout > 0:
        raise CommandLineError(
            f"--timeout is {options.timeout:g}", remedy="give it some seconds", location=None
        )
    with placeless():
        path = checked_path(options.file, "the file")
        if options.html is not None:
            checked_path(options.html, "the path of the page")
    remember(options.file)
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceFileError(path=options.file, reason=reason, location=None) from None
    if options.html is not None:
        return _write(path, options.html, options.timeout)
    return _serve(path, options.port, options.timeout, not options.no_browser)


def _write(path: str, target: str, limit: float) -> int:
    """Write the page into a file."""
    found = run_file(path, limit)
    assert found is not None
    for message in found.messages:
        if message["kind"] in ("error", "warning"):
            place = message["place"]
            location = None if place is None else SourceLocation(*place)
            report_at(location, message["kind"], message["text"], message["help"])
    with placeless():
        target = checked_path(target, "the path of the page")
        write_file(target, whole_page(Content(path).of(found)))
    return int(found.has_failed)


def _serve(path: str, port: int, limit: float, opens: bool) -> int:
    """Serve the page until Ctrl-C."""
    explorer = Explorer(path, limit)
    try:
        server = Server(explorer, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "ports go from 0 to 65535"
        raise CommandLineError(
            f"port {port} cannot be used: {reason}",
            remedy="leave --port out for a free one",
            location=None,
        ) from None
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
