"""The reasons why the worker has no value to return. None of these classes is an exception of the library."""

from __future__ import annotations

from .own_builtins import use_own_builtins

use_own_builtins(globals())


class Missing(Exception):
    """The library has no function or dtype of this name."""

    def __init__(self, name: str) -> None:
        self.name = name


class NotStandard(Exception):
    """An array that the standard does not describe, for example one with a foreign dtype. The message describes it."""


class Unfit(Exception):
    """An array with an element that its dtype cannot represent."""

    def __init__(self, dtype: str, shape: tuple[int, ...], at: int, element: str) -> None:
        """`at` is the position of the element in C order. `element` is its representation."""
        super().__init__(f"an array of dtype {dtype} with the element {element}")
        self.dtype = dtype
        self.shape = shape
        self.at = at
        self.element = element


class Unresolved(Exception):
    """The library raised while the worker looked up a name. The cause is the library's exception."""


class Transport(Exception):
    """The worker cannot create an array or read one. This says nothing about the call under test."""

    __module__ = "builtins"  # Tracebacks show it without the worker's module.
