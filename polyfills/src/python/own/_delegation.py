"""A library's own function in place of a composition, where it was verified."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from ._namespace import library
from ._native import NATIVE, Range
from ._typing import Namespace

__all__: list[str] = []

# Compose every function, whatever the library has: for tests.
compose_all = False

# By name of the namespace, then by function: what was found, and the dtypes for which it does not count.
_FOUND: dict[str, dict[str, tuple[Callable[..., Any], frozenset[Any]]]] = {}


def verified(ns: Namespace, name: str, x: Any = None) -> Callable[..., Any] | None:
    """The library's own function, if it was verified for the dtype of `x`: in this version, or in one before it with the same first number."""
    of_library = _FOUND.get(ns.__name__)
    if of_library is None:
        of_library = _FOUND[ns.__name__] = _resolved(ns)
    found = of_library.get(name)
    if found is None or compose_all:
        return None
    function, refused = found
    if refused and x is not None and x.dtype in refused:
        return None
    return function


def own(ns: Namespace, name: str) -> Callable[..., Any] | None:
    """The library's own function of the standard."""
    return None if compose_all else getattr(ns, name, None)


def _resolved(ns: Namespace) -> dict[str, tuple[Callable[..., Any], frozenset[Any]]]:
    found: dict[str, tuple[Callable[..., Any], frozenset[Any]]] = {}
    name = library(ns)
    places = NATIVE.get(name)
    if places is None:
        return found
    version = _numbers(str(getattr(importlib.import_module(name), "__version__", "")))
    for function, ranges in places.items():
        place = _place(version, ranges)
        if place is None:
            continue
        value: Any = ns
        for part in place[2].split("."):
            value = getattr(value, part, None)
        if value is not None:
            # The dtype of an array, which is not what NumPy has under that name.
            refused = (ns.zeros((0,), dtype=getattr(ns, dtype)).dtype for dtype in place[3] if hasattr(ns, dtype))
            found[function] = value, frozenset(refused)
    return found


def _place(version: tuple[int, ...], ranges: tuple[Range, ...]) -> Range | None:
    """What is known of this version; the ranges are in order, each with its first and last version."""
    for one in ranges:
        if _numbers(one[0]) <= version <= _numbers(one[1]):
            return one
    newest = _numbers(ranges[-1][1])
    # A version after all that were tried is taken for one that behaves as the last of them, until the first number changes.
    return ranges[-1] if version > newest and version[:1] == newest[:1] else None


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: `2.4.6rc1` is (2, 4, 6)."""
    numbers: list[int] = []
    for part in version.split("+")[0].split("."):
        digits = ""
        for letter in part:
            if not letter.isdigit():
                break
            digits += letter
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)
