"""Arrays for tests in their wire form: `[dtype, shape, bytes]`."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from array_assay_worker.dtypes import DTYPES, LAYOUTS


def float64(*elements: float, shape: Sequence[int] | None = None) -> Any:
    """An array of dtype float64, of rank 1 if no shape is given."""
    return [
        "float64",
        list(shape) if shape is not None else [len(elements)],
        struct.pack(f"<{len(elements)}d", *elements),
    ]


def int64(*elements: int) -> Any:
    """An array of dtype int64 and rank 1."""
    return ["int64", [len(elements)], struct.pack(f"<{len(elements)}q", *elements)]


# The bits of six numbers, by the number of bytes: zeros of both signs, infinity, a subnormal number, and NaNs with
# payloads, the first of them negative.
FLOAT_BITS = {
    4: (0x80000000, 0x00000000, 0x7F800000, 0x00000001, 0xFFC0BEEF, 0x7F800001),
    8: (1 << 63, 0, 0x7FF0 << 48, 1, 0xFFF8DEADBEEF0001, 0x7FF0000000000001),
}


def hard_bytes(dtype: str) -> bytes:
    """Six elements of a dtype that a careless worker loses."""
    letter, components, size = LAYOUTS[dtype]
    width = size // components
    if letter == "?":
        bits: Sequence[int] = (0, 1, 1, 0, 0, 1)
    elif letter in "fd":
        bits = FLOAT_BITS[width]
    else:
        top = 1 << 8 * width
        bits = (0, 1, top - 1, top // 2, top // 2 - 1, 0x5A)
    return b"".join((bits[i % 6]).to_bytes(width, "little") for i in range(6 * components))


def hard_arrays() -> Iterator[Any]:
    """Arrays of every dtype, with such elements, of several ranks and without elements."""
    for dtype in DTYPES:
        data, size = hard_bytes(dtype), LAYOUTS[dtype].size
        for shape, count in (([6], 6), ([2, 3], 6), ([1, 3, 1, 2], 6), ([], 1), ([0], 0), ([2, 0, 3], 0)):
            yield [dtype, shape, data[: count * size]]
