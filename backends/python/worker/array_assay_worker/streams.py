"""The standard streams of the process: frames arrive on 0 and leave on 1, and complaints go to 2.

A frame is a length (4 bytes, little endian), followed by that many bytes of MessagePack.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from .own_builtins import use_own_builtins

use_own_builtins(globals())

# The size of the pipes in bytes, where the system can enlarge them.
PIPE_BYTES = 1 << 18
PROCESS = os.getpid()


def take_streams() -> tuple[BinaryIO, int]:
    """Takes the standard input and output away from the library.

    Returns a stream to read frames from, and a descriptor to write to. From then on, everything that the library prints
    goes to stderr, even from C, and the library's standard input is empty.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    try:  # A larger pipe takes a whole batch, so the writer does not wait.
        import fcntl

        for pipe in (source, sink):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        pass
    return os.fdopen(source, "rb", buffering=PIPE_BYTES), sink


def read_frame(stream: BinaryIO) -> bytes | None:
    """The body of the next frame, or None at the end of the stream. Raises `EOFError` if the stream ends within a
    frame."""
    header = stream.read(4)
    if not header:
        return None
    length = int.from_bytes(header, "little")
    body = stream.read(length)
    if len(header) < 4 or len(body) < length:
        raise EOFError("the stream ended inside a frame")
    return body


def write_frame(sink: int, body: bytes) -> None:
    """Writes a frame to a descriptor. Raises `OSError` if it is closed."""
    if os.getpid() != PROCESS:  # The library forked. This is the copy, and it must not answer.
        os._exit(0)
    data = len(body).to_bytes(4, "little") + body
    written = os.write(sink, data)
    while written < len(data):
        data = data[written:]
        written = os.write(sink, data)


def complain(message: str) -> None:
    """Writes a line to stderr, for the user."""
    os.write(2, f"array-assay worker: {message}\n".encode("utf-8", "replace"))
