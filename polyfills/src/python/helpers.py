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


def is_array(x: Any) -> bool:
    """Whether it is an array of some library."""
    return array_api_compat.is_array_api_obj(x)


def is_tuple(x: Any) -> bool:
    """Whether it is a tuple or a list."""
    return isinstance(x, (tuple, list))


def is_integer(x: Any) -> bool:
    """Whether it is an int, and no bool."""
    return isinstance(x, int) and not isinstance(x, bool)


def is_text(x: Any) -> bool:
    """Whether it is a string."""
    return isinstance(x, str)


def device(x: Array) -> Any:
    """The device of an array."""
    return array_api_compat.device(x)


def shape(x: Array) -> tuple[int, ...]:
    """The shape of an array."""
    return tuple(x.shape)


def size(x: Array) -> int:
    """The number of elements of an array."""
    return math.prod(x.shape)


def known_size(x: Array) -> bool:
    """Whether the shape is known before the elements are."""
    return all(isinstance(n, int) for n in x.shape)


def product(items: Any) -> int:
    """The product of integers."""
    return math.prod(items)


def smallest(*items: int) -> int:
    """The smallest of integers."""
    return min(items)


def largest(*items: int) -> int:
    """The greatest of integers."""
    return max(items)


def normalize_axis(axis: int, rank: int) -> int:
    """The axis counted from the front."""
    if not -rank <= axis < rank:
        raise IndexError(f"axis {axis} is out of bounds for rank {rank}")
    return axis % rank


def normalize_axes(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Axes counted from the front: all for None, one for an int."""
    if axis is None:
        return tuple(range(rank))
    axes = tuple(normalize_axis(i, rank) for i in (axis if is_tuple(axis) else (axis,)))
    if len(set(axes)) < len(axes):
        raise ValueError("an axis is named twice")
    return axes


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


def real_dtype(ns: Namespace, dtype: DType) -> DType:
    """The real dtype of the components of a complex one, otherwise the same."""
    if not ns.isdtype(dtype, "complex floating"):
        return dtype
    return ns.float32 if dtype == ns.complex64 else ns.float64


def complex_dtype(ns: Namespace, dtype: DType) -> DType:
    """The complex dtype of that precision, otherwise the same."""
    if not ns.isdtype(dtype, "real floating"):
        return dtype
    return ns.complex64 if dtype == ns.float32 else ns.complex128


def default_dtype(ns: Namespace, kind: str) -> DType:
    """The default dtype of a kind: real floating, complex floating, integral, indexing."""
    return ns.__array_namespace_info__().default_dtypes()[kind]
