# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The server: the page, the data, and word of what is new, for this machine alone."""

from __future__ import annotations

import functools
import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from enigma.explorer.content import Content
from enigma.explorer.page import POLICY, file_of
from enigma.explorer.process import Found, run

HOST = "127.0.0.1"
#: Seconds between two looks at the files, and between two signs of life of an open connection.
_LOOK = 0.2
_SIGN = 10.0
#: Seconds from one part of a result to the next.
_PART = 0.5

Stamp = tuple[tuple[int, int, int] | None, ...]


def stamp_of(paths: Iterable[str]) -> Stamp:
    """Give what changes when one of some files does; editors may write a new one in its place."""
    stamps: list[tuple[int, int, int] | None] = []
    for path in paths:
        try:
            status = os.stat(path)
            stamps.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            stamps.append(None)
    return tuple(stamps)


class Explorer:
    """A file that is run again when it changes.

    Parameters
    ----------
    path : str
        Absolute.
    limit : float
        Seconds that a run may take.

    Attributes
    ----------
    data : dict
        What the page shows, with the ``version`` of it, and whether the file is running (``busy``).
    """

    def __init__(self, path: str, limit: float) -> None:
        self.path = path
        self._limit = limit
        self._content = Content(path)
        self._changed = threading.Condition()
        self._ends = threading.Event()
        self._next_part = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.data: dict[str, Any] = {
            "name": os.path.basename(path),
            "path": path,
            "version": 0,
            "content": 0,
            "busy": True,
            "units": [],
            "messages": [],
            "sources": [],
            "output": "",
        }

    def start(self) -> None:
        """Begin to watch the file."""
        self._thread.start()

    def stop(self) -> None:
        """End that, and what is running."""
        self._ends.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether it was stopped."""
        return self._ends.is_set()

    def news(self, version: int, timeout: float) -> dict[str, Any]:
        """Wait until there is another version of the data than one; give what there is then."""
        with self._changed:
            self._changed.wait_for(lambda: self.data["version"] != version or self.is_over, timeout)
            return self.data

    def _watch(self) -> None:
        files: list[str] = []
        while not self.is_over:
            paths = [self.path, *files]
            stamp = stamp_of(paths)
            is_wanted = functools.partial(self._is_unchanged, paths, stamp)
            self._publish({**self.data, "busy": True})
            found = run(
                self.path,
                self._limit,
                is_wanted,
                self._publish_part,
            )
            if found is None:
                continue
            self._publish({**self._content.of(found), "busy": False})
            if found.files:
                files = [file for file in found.files if file != self.path]
                stamp, paths = (stamp[0], *stamp_of(files)), [self.path, *files]
            while stamp_of(paths) == stamp and not self._ends.wait(_LOOK):
                pass

    def _is_unchanged(self, paths: list[str], stamp: Stamp) -> bool:
        """Whether files are what they were, and anyone wants to know."""
        return not self.is_over and stamp_of(paths) == stamp

    def _publish_part(self, found: Found) -> None:
        """Show what a run found so far, now and then."""
        if time.monotonic() >= self._next_part:
            self._publish({**self._content.of(found), "busy": True})
            self._next_part = time.monotonic() + _PART

    def _publish(self, data: dict[str, Any]) -> None:
        with self._changed:
            version = self.data["version"] + 1
            # What changes with the content alone; a page keeps its own until then.
            content = self.data["content"] if data.get("units") is self.data["units"] else version
            self.data = {**data, "version": version, "content": content}
            self._changed.notify_all()


class Server(ThreadingHTTPServer):
    """Serves an explorer on this machine.

    Parameters
    ----------
    explorer : Explorer
        What to show.
    port : int
        Where; 0 is a free one.
    """

    daemon_threads = True

    def __init__(self, explorer: Explorer, port: int) -> None:
        self.explorer = explorer
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of pages that are closed while they are sent something."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Enigma"
    sys_version = ""

    def do_GET(self) -> None:
        # A page from elsewhere may lead its own name to this machine, and so ask as if it were of
        # here; its name stands in the request.
        if self.headers.get("Host") not in {
            f"{name}:{self.server.server_port}" for name in (HOST, "localhost")
        }:
            self._send(HTTPStatus.FORBIDDEN, b"this server answers to localhost alone\n")
            return
        path = self.path.partition("?")[0]
        if path == "/data":
            data = json.dumps(self.server.explorer.data).encode()
            self._send(HTTPStatus.OK, data, "application/json")
        elif path == "/news":
            self._send_news()
        else:
            known = file_of(path)
            if known is None:
                self._send(HTTPStatus.NOT_FOUND, b"there is no such page\n")
            else:
                self._send(HTTPStatus.OK, *known)

    def _send(
        self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8"
    ) -> None:
        self._begin(status, kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _begin(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")

    def _send_news(self) -> None:
        """Send a line whenever there is a new version, as server-sent events."""
        self._begin(HTTPStatus.OK, "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        explorer, version = self.server.explorer, -1
        while not explorer.is_over:
            data = explorer.news(version, _SIGN)
            is_new = data["version"] != version
            version = data["version"]
            line = f"data: {version}\n\n" if is_new else ": still here\n\n"
            self.wfile.write(line.encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""
