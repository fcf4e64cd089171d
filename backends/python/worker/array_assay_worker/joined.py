"""The outcomes of a block of programs. They are joined into one piece if the results are alike."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .caches import keep
from .library import Library
from .outcomes import Outcomes, is_numpy_scalar
from .own_builtins import use_own_builtins

use_own_builtins(globals())

# The parts of {"joined": {"runs": ..., "values": ...}} in MessagePack, before and after the number of runs.
JOINED_HEAD = b"\x81\xa6joined\x82\xa4runs"
JOINED_VALUES = b"\xa6values"
ONE_VALUE = b"\x91"
# The byte before the number of values, which takes 4 bytes.
MANY_VALUES = b"\xdd"
DTYPE_OF, SHAPE_OF = operator.attrgetter("dtype"), operator.attrgetter("shape")


class FailedRun:
    """The outcome of a program in a block that returned no values."""

    def __init__(self, outcome: bytes) -> None:
        self.outcome = outcome


class JoinedOutcomes:
    """Makes the outcomes of blocks, for NumPy."""

    def __init__(self, library: Library, outcomes: Outcomes) -> None:
        self.outcomes = outcomes
        self.pack = outcomes.pack
        self.encode = library.encoder.encode
        self.array_type = library.transfer.array_type
        # The MessagePack of a register's values in all runs, up to their bytes. Keys: dtype (or type), shape and runs.
        self.heads: dict[tuple[object, object, int], bytes] = {}

    def join_single(self, results: list[Any]) -> list[bytes]:
        """The outcomes of a block whose programs return one register. There is only one outcome if their arrays are
        alike."""
        part = self.part(results)
        if part is not None:
            return [b"".join((JOINED_HEAD, self.pack(len(results)), JOINED_VALUES, ONE_VALUE, part))]
        answer = self.outcomes.answer
        return [result.outcome if type(result) is FailedRun else answer(result) for result in results]

    def join(self, results: list[Any]) -> list[bytes]:
        """The outcomes of a block whose programs return several registers. Each item of `results` is a tuple of
        them."""
        if FailedRun not in map(type, results):
            parts = [self.part(values) for values in zip(*results)]
            if None not in parts:
                head = JOINED_HEAD, self.pack(len(results)), JOINED_VALUES, MANY_VALUES, len(parts).to_bytes(4, "big")
                return [b"".join((*head, *filter(None, parts)))]
        answer = self.outcomes.answer
        return [result.outcome if type(result) is FailedRun else answer(*result) for result in results]

    def part(self, values: Sequence[Any]) -> bytes | None:
        """MessagePack of a register's values in all runs, along a first axis. None unless they are arrays alike."""
        first, runs = values[0], len(values)
        kind = type(first)
        if list(map(type, values)).count(kind) != runs:
            return None
        if kind is self.array_type:
            dtype, shape = first.dtype, first.shape
            if list(map(DTYPE_OF, values)).count(dtype) != runs or list(map(SHAPE_OF, values)).count(shape) != runs:
                return None
        elif is_numpy_scalar(kind, first):
            dtype, shape = kind, ()
        else:
            return None
        try:
            head = self.heads[dtype, shape, runs]
        except KeyError:
            made = self.head(first, shape, runs)
            if made is None:
                return None
            head = keep(self.heads, (dtype, shape, runs), made)
        try:
            return b"".join((head, *values))
        except (BufferError, TypeError, ValueError):  # Some are not contiguous in C order.
            to_bytes: Callable[[Any], bytes] = kind.tobytes
            return b"".join((head, *map(to_bytes, values)))

    def head(self, first: object, shape: tuple[int, ...], runs: int) -> bytes | None:
        """MessagePack of arrays like `first` in this many runs, up to their bytes. None if their dtype is foreign."""
        encoded: Any = self.encode(first)
        ((kind, value),) = encoded.items()
        if kind not in ("array", "array_scalar"):
            return None
        dtype, _, data = value if kind == "array" else value["array"]
        room = bytes(runs * len(data))
        array = dtype, (runs, *shape), room
        packed = self.pack({kind: array if kind == "array" else dict(value, array=array)})
        return packed[: len(packed) - len(room)]

    def failed(
        self, error: BaseException, step: int | None, names: Mapping[str, object], returns: Sequence[int], made: int
    ) -> FailedRun:
        """The outcome of a program in a block whose step raised.

        `names` are the local variables of the block's code: `r2` is register 2. The registers from `made` on may still
        belong to the run before.
        """
        returns = tuple(itertools.takewhile(lambda register: register < made, returns))
        registers = {register: names[f"r{register}"] for register in returns}
        return FailedRun(self.outcomes.failed(error, step, registers, returns))
