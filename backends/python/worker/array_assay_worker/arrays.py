"""What the worker uses of an array object, as types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Shape = tuple[int, ...]


class Array(Protocol):
    """An array of the library under test. Nothing here is certain: a library may raise from each of these."""

    @property
    def dtype(self) -> object:
        """The library's dtype object."""

    @property
    def shape(self) -> Shape:
        """The sizes of the axes; some libraries have None or an object of their own for a size."""

    def __getitem__(self, index: tuple[int, ...]) -> Array:
        """The element at an index, as an array of rank 0 or a scalar."""

    # Of arrays of rank 0 and scalars.
    def __bool__(self) -> bool: ...
    def __int__(self) -> int: ...
    def __float__(self) -> float: ...
    def __complex__(self) -> complex: ...


class HostArray(Array, Protocol):
    """An array or scalar object of NumPy."""

    @property
    def ndim(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def __len__(self) -> int: ...
    def tobytes(self) -> bytes:
        """The elements in C order."""


# Makes an array of a dtype (by name) and a shape from the bytes of its elements, in C order. May raise anything.
ImportPath = Callable[[str, Shape, bytes], Array]
# Reads the shape and the bytes of an array whose dtype has the given name. May raise anything.
ExportPath = Callable[[Array, str], tuple[Shape, bytes]]
