"""Answers the frames of the harness, one after another."""

from __future__ import annotations

import functools
import gc
import time
from types import ModuleType
from typing import BinaryIO, cast

from .blocks import BlockCompiler, RunBlock
from .caches import Cache
from .identity import identity
from .joined import JoinedOutcomes
from .library import Library
from .messages import Batch, Hello, HostFrame, Plan
from .outcomes import Outcomes
from .own_builtins import use_own_builtins
from .programs import Run, prepare_program
from .streams import read_frame, write_frame
from .surroundings import Surroundings
from .text import shown

use_own_builtins(globals())

# Outcomes are sent at least this often.
FLUSH_SECONDS = 0.05
# The number of batches between two runs of the garbage collector.
COLLECT_BATCHES = 2048
# The number of prepared plans that are kept.
MAX_PLANS = 5_000


class Server:
    """Reads frames from `stream` and writes answers to the descriptor `sink`."""

    def __init__(self, library: Library, stream: BinaryIO, sink: int, msgpack: ModuleType) -> None:
        self.library = library
        self.stream = stream
        self.sink = sink
        self.unpack = functools.partial(msgpack.unpackb, raw=False, use_list=False, strict_map_key=False)
        self.outcomes = Outcomes(library, msgpack.Packer(use_bin_type=True, autoreset=True).pack)
        self.compiler = BlockCompiler(library, JoinedOutcomes(library, self.outcomes))
        # The functions that run programs. The keys are the bytes of their plans on the wire.
        self.programs: Cache[bytes, Run] = Cache(self.prepare_program, MAX_PLANS)
        self.blocks: Cache[bytes, RunBlock] = Cache(self.prepare_block, MAX_PLANS)
        self.surroundings = Surroundings()
        self.batches = 0

    def serve(self) -> None:
        """Answers frames until `stop` or the end of the stream. Raises if it cannot read or answer a frame."""
        while True:
            body = read_frame(self.stream)
            if body is None:
                return
            frame = cast(HostFrame, self.unpack(body))
            if frame == "stop":
                return
            if "batch" in frame:
                self.answer_batch(frame["batch"])
            elif "hello" in frame:
                self.answer_hello(frame["hello"])
            else:
                raise ValueError(f"a frame of kind {shown(frame, 80)}")

    def answer_hello(self, hello: Hello) -> None:
        """Sends the identity of the worker."""
        self.library.encoder.sends_unfit = "unfit" in hello.get("reads", ())
        answer = {"identity": identity(self.library, hello.get("functions", ()))}
        write_frame(self.sink, self.outcomes.pack(answer))

    def answer_batch(self, batch: Batch) -> None:
        """Runs the programs of a batch and writes their outcomes. If it takes long, it writes several frames."""
        self.surroundings.restore()
        now, programs, blocks = time.monotonic, self.programs, self.blocks
        plans, buffer = batch["plans"], bytearray(batch["data"])
        # The number of programs whose outcomes were sent, and the number of those that ran.
        sent, done = 0, 0
        outcomes: list[bytes] = []
        due = now() + FLUSH_SECONDS
        for program in batch["programs"]:
            if len(program) == 3:
                plan, inputs, runs = program
                outcomes += blocks[plans[plan]](buffer, inputs)
                done += runs
            else:
                plan, inputs = program
                outcomes.append(programs[plans[plan]](buffer, inputs))
                done += 1
            if now() >= due:
                write_frame(self.sink, self.outcomes.frame(batch["id"], sent, outcomes))
                sent, outcomes, due = done, [], now() + FLUSH_SECONDS
        if outcomes or sent == 0:
            write_frame(self.sink, self.outcomes.frame(batch["id"], sent, outcomes))
        self.batches += 1
        if self.batches % COLLECT_BATCHES == 0:
            gc.collect()

    def prepare_program(self, raw: bytes) -> Run:
        """The function that runs the single programs of a plan."""
        return prepare_program(self.library, self.outcomes, cast(Plan, self.unpack(raw)))

    def prepare_block(self, raw: bytes) -> RunBlock:
        """The function that runs the blocks of a plan."""
        return self.compiler.prepare(cast(Plan, self.unpack(raw)))
