"""The types of array objects: the attributes and methods that the worker uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Shape = tuple[int, ...]


class Array(Protocol):
    """An array of the library under test. A library may raise from each attribute and method."""

    @property
    def dtype(self) -> object:
        """The library's dtype object."""

    @property
    def shape(self) -> Shape:
        """The sizes of the axes. In some libraries a size may be None or an object of the library."""

    def __getitem__(self, index: tuple[int, ...]) -> Array:
        """The element at an index, as an array of rank 0 or a scalar."""

    # For arrays of rank 0 and scalars.
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


# Makes an array from a dtype (by name), a shape, and the bytes of its elements in C order. May raise anything.
ImportPath = Callable[[str, Shape, bytes], Array]
# Reads the shape and the bytes of an array. The name of its dtype is the second argument. May raise anything.
ExportPath = Callable[[Array, str], tuple[Shape, bytes]]
