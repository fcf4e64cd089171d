"""The outcomes of programs, in wire form."""

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

# The start of {"values": [...]} in MessagePack, up to the 4 bytes of the number of items. Then that of a frame.
VALUES_HEAD = b"\x81\xa6values\xdd"
FRAME_HEAD = b"\x81\xa8outcomes\x83\xa2id%b\xa5first%b\xa8outcomes\xdd"


class Outcomes:
    """Makes the outcomes of single programs. `pack` encodes a value in MessagePack."""

    def __init__(self, library: Library, pack: Callable[[object], bytes]) -> None:
        self.pack = pack
        self.transfer = library.transfer
        self.namespace = library.namespace
        self.encode = library.encoder.encode
        # The MessagePack of an array up to its bytes, by dtype and shape. A scalar object of NumPy has its type as the
        # key.
        self.heads: dict[tuple[object, object], bytes] = {}
        self.scalar_heads: dict[type, bytes] = {}
        # The MessagePack of values that never change. The type is in the key because 1 and True are equal.
        self.packed: dict[tuple[type, object], bytes] = {}
        self.lasting = (bool, str, type, *library.known.dtype_types)
        # Makes the outcome of a program from the values that it returned.
        self.answer = self.values_numpy if self.transfer.is_numpy else self.values

    def values(self, *values: object, steps: Sequence[int | None] = ()) -> bytes:
        """The outcome of a program that ran. `steps` gives the step that made each value, or None for an input."""
        encoded: list[Wire] = []
        self.transfer.compute(values)
        try:
            for value in values:
                encoded.append(self.encode(value))
        except Transport as error:
            return self.failure(error, None, encoded)
        except BaseException as error:  # The library raised while it computed a value that a step had promised.
            return self.failure(error, next(iter(steps[len(encoded) :]), None), encoded)
        finally:
            self.transfer.forget_computed()
        return self.pack({"values": encoded})

    # These values may be any object. If one is no array, the exception leads to `values`.
    def values_numpy(self, *values: Any, steps: Sequence[int | None] = ()) -> bytes:
        """As `values`, for NumPy. It makes the commonest outcomes without MessagePack."""
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
        except BaseException:  # `values` finds the value that raised, and returns those before it.
            return self.values(*values, steps=steps)
        return b"".join(parts)

    def packed_value(self, kind: type, value: Any) -> bytes:
        """The wire form of a value of type `kind`.

        The form is kept if the value never changes. For an array or scalar object, only the part before its bytes is
        kept.
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
        """The outcome of a program in which a step raised, or an input could not be made if `step` is None.

        `registers` are the values that were made before. As many of the registers in `returns` as possible are sent.
        """
        values: list[Wire] = []
        try:
            for register in returns if step is not None else ():
                values.append(self.encode(registers[register]))
        except BaseException:  # The value was not made or cannot be sent, and neither can those after it.
            pass
        return self.failure(error, step, values)

    def failure(self, error: BaseException, step: int | None, values: list[Wire]) -> bytes:
        """The outcome of a program whose step raised, with the values that were made before it."""
        outcome: Wire
        if isinstance(error, Missing):
            outcome = {"missing": {"name": error.name, "step": step, "values": values}}
        else:
            outcome = {"raised": {"exception": describe(error), "step": step, "values": values}}
        error.__traceback__ = None  # If a library keeps the exception, this would keep the registers alive.
        return self.pack(outcome)

    def frame(self, batch: int, first: int, outcomes: list[bytes]) -> bytes:
        """A frame with outcomes of a batch. `first` is the index of the program to which the first outcome belongs."""
        head = FRAME_HEAD % (self.pack(batch), self.pack(first))
        return b"".join((head, len(outcomes).to_bytes(4, "big"), *outcomes))


def is_numpy_scalar(kind: type, value: object) -> bool:
    """Whether a value of type `kind` is a scalar object of NumPy. An array of a subclass, such as `memmap`, is none."""
    is_scalar = any((base.__module__, base.__name__) == ("numpy", "generic") for base in kind.__mro__)
    return is_scalar and is_array_like(value)
