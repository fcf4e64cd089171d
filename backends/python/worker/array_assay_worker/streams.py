"""The standard streams of the process: frames come in on 0 and go out on 1, complaints go out on 2.

A frame is a length (4 bytes, little endian) and as many bytes of MessagePack.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from .own_builtins import use_own_builtins

use_own_builtins(globals())

# Bytes of the pipes, where the system lets them be enlarged.
PIPE_BYTES = 1 << 18
PROCESS = os.getpid()


def take_streams() -> tuple[BinaryIO, int]:
    """Takes the standard input and output away from the library.

    Returns a stream to read frames from and a descriptor to write to. From then on whatever the library prints goes to
    stderr, also from C, and its input is empty.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    try:  # A batch never waits for its reader in a larger pipe.
        import fcntl

        for pipe in (source, sink):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        pass
    return os.fdopen(source, "rb", buffering=PIPE_BYTES), sink


def read_frame(stream: BinaryIO) -> bytes | None:
    """The body of the next frame, or None at the end of the stream. Raises `EOFError` if the stream ends in a frame."""
    header = stream.read(4)
    if not header:
        return None
    length = int.from_bytes(header, "little")
    body = stream.read(length)
    if len(header) < 4 or len(body) < length:
        raise EOFError("the stream ended inside a frame")
    return body


def write_frame(sink: int, body: bytes) -> None:
    """Writes a frame to a descriptor. Raises `OSError` where it is closed."""
    if os.getpid() != PROCESS:  # A library forked, and this is the copy, which must not answer.
        os._exit(0)
    data = len(body).to_bytes(4, "little") + body
    written = os.write(sink, data)
    while written < len(data):
        data = data[written:]
        written = os.write(sink, data)


def complain(message: str) -> None:
    """Writes a line for the user to stderr."""
    os.write(2, f"array-assay worker: {message}\n".encode("utf-8", "replace"))
