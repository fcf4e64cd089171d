"""What the functions share: the namespace of their arguments, its dtypes, and arithmetic on axes and shapes."""

from __future__ import annotations

import importlib
import math
from typing import Any, Callable, TypeAlias

import array_api_compat

from ._native import NATIVE

Array: TypeAlias = Any
DType: TypeAlias = Any
Namespace: TypeAlias = Any

inf = math.inf
nan = math.nan
pi = math.pi
e = math.e

# Compose every function, whatever the library has: for tests.
compose_all = False


def namespace(xp: Namespace | None, *arguments: Any) -> Namespace:
    """The namespace that was named, or that of the arrays among the arguments."""
    if xp is not None:
        return xp
    arrays: list[Array] = []
    for argument in arguments:
        arrays += [item for item in (argument if is_tuple(argument) else [argument]) if is_array(item)]
    if not arrays:
        raise TypeError("without an array among the arguments the namespace has to be named: xp=")
    return array_api_compat.array_namespace(*arrays)


def own(ns: Namespace, name: str) -> Callable[..., Any] | None:
    """The library's own function of the standard."""
    return None if compose_all else getattr(ns, name, None)


def verified(ns: Namespace, name: str) -> Callable[..., Any] | None:
    """The library's own function of that name, where this very version was verified."""
    places = NATIVE.get(name)
    if places is None or compose_all:
        return None
    library = ns.__name__.removeprefix("array_api_compat.").split(".")[0]
    version = getattr(importlib.import_module(library), "__version__", "")
    path = places.get((library, version))
    found: Any = ns
    for part in path.split(".") if path else ():
        found = getattr(found, part, None)
    return found if path else None


def device(x: Array) -> Any:
    """The device of an array."""
    return array_api_compat.device(x)


def shape(x: Array) -> tuple[int, ...]:
    """The shape of an array."""
    return tuple(x.shape)


def size(x: Array) -> int:
    """The number of elements of an array."""
    return math.prod(x.shape)


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape to which shapes broadcast."""
    rank = max((len(s) for s in shapes), default=0)
    result = [1] * rank
    for s in shapes:
        for i, n in enumerate(s, start=rank - len(s)):
            if n != 1:
                if result[i] not in (1, n):
                    raise ValueError(f"sizes {result[i]} and {n} do not broadcast")
                result[i] = n
    return tuple(result)
