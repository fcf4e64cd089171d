"""Arrays on which the worker tries its import paths and export paths."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .arrays import Shape
from .dtypes import LAYOUTS
from .own_builtins import use_own_builtins

use_own_builtins(globals())

TrialArray = tuple[Shape, bytes]


def hard_elements(name: str, payload: bool) -> bytes:
    """Six elements of a dtype that are easily lost, such as infinity, zeros of both signs and the ends of the range.

    With `payload`, the last floating-point component is a NaN with a payload.
    """
    letter, components, size = LAYOUTS[name]
    width = size // components
    bits = 8 * width
    if letter == "?":
        words = [0, 1, 1, 0, 0, 1]
    elif letter == "f":
        words = [0x3FC00000, 0x80000000, 0x7F800000, 0x00000001, 0xC0490FDB, 0xFFC0BEEF if payload else 0x7F7FFFFF]
    elif letter == "d":
        last = 0xFFF800000000BEEF if payload else 0x7FE << 52
        words = [0x3FF8 << 48, 1 << 63, 0x7FF0 << 48, 1, 0xC00921FB54442D18, last]
    else:
        words = [0, 1, (1 << bits) - 1, 1 << bits - 1, (1 << bits - 1) - 1, 0x5A]
    return b"".join(word.to_bytes(width, "little") for word in (words * components)[: 6 * components])


def whole_arrays(name: str, payload: bool, edges: bool) -> Iterator[TrialArray]:
    """Arrays that lossless paths must all carry. The shape is (6,). With `edges`, also ranks 0 and 2, and no
    elements."""
    data = hard_elements(name, payload)
    yield (6,), data
    if edges:
        yield (2, 3), data
        yield (), data[: LAYOUTS[name].size]
        yield (0,), b""
        yield (2, 0), b""


def single_elements(name: str) -> Iterator[TrialArray]:
    """Arrays of which lossy paths carry some: plain elements first, then each hard element alone, then other shapes."""
    letter, components, size = LAYOUTS[name]
    plain = struct.pack("<" + letter, 1) * components
    yield (2,), plain * 2
    for payload in (False, True):
        data = hard_elements(name, payload)
        yield from [((1,), data[at : at + size]) for at in range(0, len(data), size)]
    yield (2, 3), plain * 6
    yield (), plain
    yield (0,), b""
    yield (2, 0), b""
