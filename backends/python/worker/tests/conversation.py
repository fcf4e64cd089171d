"""Talks to a worker as the harness does: in this process, so that a test can also look inside."""

from __future__ import annotations

import functools
import importlib
import io
import tempfile
from collections.abc import Sequence
from typing import Any

from array_assay_worker.library import Library
from array_assay_worker.messages import Settings
from array_assay_worker.server import Server

# It has no types of its own.
msgpack = importlib.import_module("msgpack")

# A register, and arguments that are no scalars, are written as they are on the wire: {"register": 0}, "none".
X, Y = {"register": 0}, {"register": 1}


def integer(value: int) -> Any:
    """A Python int as an argument."""
    return {"scalar": {"int": str(value)}}


def real(value: float) -> Any:
    """A Python float as an argument."""
    return {"scalar": {"float": value.hex()}}


def frame(value: Any) -> bytes:
    """A frame of the harness."""
    body: bytes = msgpack.packb(value)
    return len(body).to_bytes(4, "little") + body


def frames_in(data: bytes) -> list[Any]:
    """What the frames in `data` hold. All of them have to be whole."""
    stream, found = io.BytesIO(data), []
    while header := stream.read(4):
        length = int.from_bytes(header, "little")
        body = stream.read(length)
        assert len(header) == 4 and len(body) == length, "a frame is cut short"
        found.append(msgpack.unpackb(body, strict_map_key=False))
    return found


def batch(programs: Sequence[Any], identifier: int = 7) -> Any:
    """A batch of programs, each `(plan, arrays)` or `(plan, arrays, runs)`, an array being `[dtype, shape, bytes]`."""
    plans, rows, data = [], [], bytearray()
    for plan, arrays, *runs in programs:
        inputs = []
        for dtype, shape, elements in arrays:
            data += bytes(-len(data) % 16)
            inputs.append([dtype, shape, len(data)])
            data += elements
        plans.append(msgpack.packb(plan))
        rows.append([len(plans) - 1, inputs, *runs])
    return {"batch": {"id": identifier, "plans": plans, "programs": rows, "data": bytes(data)}}


def call(function: str, *args: Any, **kwargs: Any) -> Any:
    """A step."""
    return {"function": function, "args": list(args), "kwargs": [list(pair) for pair in kwargs.items()]}


class Worker:
    """A worker around a module."""

    def __init__(self, module: str, settings: Settings | None = None) -> None:
        self.library = Library(importlib.import_module(module), module, module, settings or {})

    def answers(self, *frames: Any) -> list[Any]:
        """What it answers to frames, before the input ends."""
        with tempfile.TemporaryFile() as sink:
            stream = io.BytesIO(b"".join(map(frame, frames)))
            Server(self.library, stream, sink.fileno(), msgpack).serve()
            sink.seek(0)
            return frames_in(sink.read())

    def outcomes(self, *programs: Any) -> list[Any]:
        """The outcomes of the programs of a batch."""
        answered = self.answers(batch(programs))
        return [outcome for answer in answered for outcome in answer["outcomes"]["outcomes"]]

    def run(self, steps: Sequence[Any], arrays: Sequence[Any] = (), returns: Sequence[int] | None = None) -> Any:
        """The outcome of one program; it returns what the last step gives, if it does not say otherwise."""
        last = len(arrays) + len(steps) - 1
        plan = {"inputs": len(arrays), "steps": steps, "returns": [last] if returns is None else returns}
        (outcome,) = self.outcomes((plan, arrays))
        return outcome

    def values(self, steps: Sequence[Any], arrays: Sequence[Any] = (), returns: Sequence[int] | None = None) -> Any:
        """The values of one program, of which no step may fail."""
        outcome = self.run(steps, arrays, returns)
        assert list(outcome) == ["values"], outcome
        return outcome["values"]

    def value(self, step: Any, *arrays: Any) -> Any:
        """What one step gives."""
        return self.values([step], arrays)[0]


@functools.cache
def worker(module: str = "numpy") -> Worker:
    """The worker of a module with no settings."""
    return Worker(module)
