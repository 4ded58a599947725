# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The messages of language servers: JSON-RPC, each behind a header that says how long it is."""

import json


def encoded(**message):
    """Give the bytes of a message."""
    text = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


def decoded(stream):
    """Read a message from a file of bytes; None at its end."""
    size = None
    while (header := stream.readline()) not in (b"", b"\r\n"):
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    if size is None:
        assert header == b"", "a message without a length"
        return None
    text = stream.read(size)
    assert len(text) == size
    return json.loads(text)
