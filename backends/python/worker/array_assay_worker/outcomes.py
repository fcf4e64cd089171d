"""What programs gave, in wire form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .caches import keep
from .errors import Missing, Transport
from .library import Library
from .messages import Wire
from .own_builtins import use_own_builtins
from .raised import describe
from .values import is_array_like

use_own_builtins(globals())

# MessagePack of {"values": [...]}, and of a frame of outcomes, up to the number of items in 4 bytes.
VALUES_HEAD = b"\x81\xa6values\xdd"
FRAME_HEAD = b"\x81\xa8outcomes\x83\xa2id%b\xa5first%b\xa8outcomes\xdd"


class Outcomes:
    """Makes the outcomes of single programs. `pack` makes MessagePack of a value."""

    def __init__(self, library: Library, pack: Callable[[object], bytes]) -> None:
        self.pack = pack
        self.transfer = library.transfer
        self.namespace = library.namespace
        self.encode = library.encoder.encode
        # MessagePack of an array up to its bytes, by dtype and shape; the same of a scalar object of NumPy's, by type.
        self.heads: dict[tuple[object, object], bytes] = {}
        self.scalar_heads: dict[type, bytes] = {}
        # MessagePack of values that never change, by type and value: 1 and True are equal.
        self.packed: dict[tuple[type, object], bytes] = {}
        self.lasting = (bool, str, type, *library.known.dtype_types)
        # The outcome of a program that returned these values.
        self.answer = self.values_numpy if self.transfer.is_numpy else self.values

    def values(self, *values: object, steps: Sequence[int | None] = ()) -> bytes:
        """The outcome of a program that ran. `steps` has for each value the step that made it, None for an input."""
        encoded: list[Wire] = []
        self.transfer.compute(values)
        try:
            for value in values:
                encoded.append(self.encode(value))
        except Transport as error:
            return self.failure(error, None, encoded)
        except BaseException as error:  # The library's own, while it computed what a step had promised.
            return self.failure(error, next(iter(steps[len(encoded) :]), None), encoded)
        finally:
            self.transfer.forget_computed()
        return self.pack({"values": encoded})

    # Values here may be any object: where one is no array, the exception leads to `values`.
    def values_numpy(self, *values: Any, steps: Sequence[int | None] = ()) -> bytes:
        """As `values`, for NumPy: the commonest outcomes are made without MessagePack."""
        array_type, heads, scalar_heads = self.transfer.array_type, self.heads, self.scalar_heads
        parts = [VALUES_HEAD, len(values).to_bytes(4, "big")]
        try:
            for value in values:
                kind = type(value)
                head = heads.get((value.dtype, value.shape)) if kind is array_type else scalar_heads.get(kind)
                if head is None:
                    parts.append(self.packed_value(kind, value))
                else:
                    parts += head, value.tobytes()
        except BaseException:  # `values` says at which value, and returns those before it.
            return self.values(*values, steps=steps)
        return b"".join(parts)

    def packed_value(self, kind: type, value: Any) -> bytes:
        """The wire form of a value of type `kind`.

        It is kept for a value that never changes; for an array or scalar object the part before its bytes is kept.
        """
        if issubclass(kind, self.lasting):
            packed = self.packed.get((kind, value))
            if packed is None:
                packed = keep(self.packed, (kind, value), self.pack(self.encode(value)))
            return packed
        packed = self.pack(self.encode(value))
        is_array = kind is self.transfer.array_type
        if (is_array or is_numpy_scalar(kind, value)) and self.namespace.name_of(value.dtype) is not None:
            head = packed[: len(packed) - value.nbytes]
            if is_array:
                keep(self.heads, (value.dtype, value.shape), head)
            else:
                self.scalar_heads[kind] = head
        return packed

    def failed(
        self, error: BaseException, step: int | None, registers: Mapping[int, object], returns: Sequence[int]
    ) -> bytes:
        """The outcome where a step raised, or without one the making of an input.

        `registers` holds what was made before it; of that the registers `returns` are sent as far as possible.
        """
        values: list[Wire] = []
        try:
            for register in returns if step is not None else ():
                values.append(self.encode(registers[register]))
        except BaseException:  # It was not made or cannot be handed back, and so nothing after it is.
            pass
        return self.failure(error, step, values)

    def failure(self, error: BaseException, step: int | None, values: list[Wire]) -> bytes:
        """The outcome of a program that raised in a step, with the values that were made before it."""
        outcome: Wire
        if isinstance(error, Missing):
            outcome = {"missing": {"name": error.name, "step": step, "values": values}}
        else:
            outcome = {"raised": {"exception": describe(error), "step": step, "values": values}}
        error.__traceback__ = None  # It would keep the registers alive where the library keeps the exception.
        return self.pack(outcome)

    def frame(self, batch: int, first: int, outcomes: list[bytes]) -> bytes:
        """A frame of outcomes of a batch; `first` is the index of the program that the first one belongs to."""
        head = FRAME_HEAD % (self.pack(batch), self.pack(first))
        return b"".join((head, len(outcomes).to_bytes(4, "big"), *outcomes))


def is_numpy_scalar(kind: type, value: object) -> bool:
    """Whether a value of type `kind` is a scalar object of NumPy's."""
    return kind.__module__ == "numpy" and is_array_like(value)
