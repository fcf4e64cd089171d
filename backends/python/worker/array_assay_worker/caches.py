"""Caches of bounded size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .own_builtins import use_own_builtins

use_own_builtins(globals())

K = TypeVar("K")
V = TypeVar("V")

# The greatest number of entries in a cache, unless it sets its own.
LIMIT = 10_000


class Cache(dict[K, V]):
    """Values by key. `make(key)` makes a value when it is first asked for. If `make` raises, nothing is kept for the
    key."""

    def __init__(self, make: Callable[[K], V], limit: int = LIMIT) -> None:
        super().__init__()
        self.make = make
        self.limit = limit

    def __missing__(self, key: K) -> V:
        return keep(self, key, self.make(key), self.limit)


def keep(cache: dict[K, V], key: K, value: V, limit: int = LIMIT) -> V:
    """Puts a value into a cache and returns it. A full cache is emptied first."""
    if len(cache) >= limit:
        cache.clear()
    cache[key] = value
    return value
