"""The dtypes of the standard by name, and the memory layout of their elements."""

from __future__ import annotations

import struct
from typing import NamedTuple

from .own_builtins import use_own_builtins

use_own_builtins(globals())


class Layout(NamedTuple):
    """The memory layout of an element of a dtype, in little endian."""

    # The letter of the `struct` module for one component.
    letter: str
    # The number of components: 2 for complex dtypes, 1 for others.
    components: int
    # The size of an element in bytes.
    size: int


def layout(letter: str, components: int = 1) -> Layout:
    """The layout of elements with this number of components."""
    return Layout(letter, components, components * struct.calcsize("<" + letter))


LAYOUTS = {
    "bool": layout("?"),
    "int8": layout("b"), "int16": layout("h"), "int32": layout("i"), "int64": layout("q"),
    "uint8": layout("B"), "uint16": layout("H"), "uint32": layout("I"), "uint64": layout("Q"),
    "float32": layout("f"), "float64": layout("d"),
    "complex64": layout("f", 2), "complex128": layout("d", 2),
}  # fmt: skip
DTYPES = tuple(LAYOUTS)
