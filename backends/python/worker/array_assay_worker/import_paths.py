"""Import paths: ways to bring arrays into the library, bit for bit."""

from __future__ import annotations

import struct
from collections.abc import Callable
from types import ModuleType
from typing import cast

from .arrays import Array, HostArray, ImportPath, Shape
from .dtypes import DTYPES, LAYOUTS
from .namespace import Namespace
from .own_builtins import use_own_builtins

use_own_builtins(globals())


def import_paths(namespace: Namespace, numpy: ModuleType | None) -> list[ImportPath]:
    """All import paths, the preferred ones first: through NumPy if it is installed, then through Python numbers."""
    paths = numpy_imports(namespace, numpy) if numpy is not None else []
    return [*paths, numbers_import(namespace)]


def numpy_dtypes(numpy: ModuleType) -> dict[str, object]:
    """NumPy's dtype objects by the standard's names."""
    return {name: numpy.dtype(name) for name in DTYPES}


def numpy_imports(namespace: Namespace, numpy: ModuleType) -> list[ImportPath]:
    """Import paths through a NumPy array that owns its memory: the one in the settings, `asarray`, `from_dlpack`."""
    library, dtypes, hosts = namespace.module, namespace.dtypes, numpy_dtypes(numpy)

    def host(name: str, shape: Shape, data: bytes) -> HostArray:
        return cast(HostArray, numpy.ndarray(shape, hosts[name], data).copy())

    def through_asarray(name: str, shape: Shape, data: bytes) -> Array:
        return cast(Array, library.asarray(host(name, shape, data)))

    def through_asarray_with_dtype(name: str, shape: Shape, data: bytes) -> Array:
        return cast(Array, library.asarray(host(name, shape, data), dtype=dtypes[name]))

    def through_dlpack(name: str, shape: Shape, data: bytes) -> Array:
        return cast(Array, library.from_dlpack(host(name, shape, data)))

    paths: list[ImportPath] = [through_asarray, through_asarray_with_dtype, through_dlpack]
    if "into" in namespace.settings:
        own: Callable[[HostArray, object], Array] = namespace.evaluated(
            "host, dtype", namespace.settings["into"], numpy
        )
        paths.insert(0, lambda name, shape, data: own(host(name, shape, data), dtypes[name]))
    return paths


def numbers_import(namespace: Namespace) -> ImportPath:
    """The import path through Python numbers in nested lists, for libraries without support for NumPy."""
    library = namespace.module

    def make(name: str, shape: Shape, data: bytes) -> Array:
        dtype = namespace.dtypes[name]
        if 0 in shape:
            return cast(Array, library.zeros(shape, dtype=dtype))
        numbers = numbers_of(name, data)
        if len(shape) > 1 and hasattr(library, "reshape"):
            return cast(Array, library.reshape(library.asarray(numbers, dtype=dtype), shape))
        return cast(Array, library.asarray(nested(numbers, shape), dtype=dtype))

    return make


def numbers_of(name: str, data: bytes) -> list[object]:
    """The elements of a dtype as Python numbers."""
    letter, components, size = LAYOUTS[name]
    numbers = struct.unpack(f"<{components * len(data) // size}{letter}", data)
    if components == 2:
        return [complex(*pair) for pair in zip(numbers[::2], numbers[1::2])]
    return list(numbers)


def nested(flat: list[object], shape: Shape) -> object:
    """The elements of an array of that shape as nested lists. For shape () it is the element itself."""
    if not shape:
        return flat[0]
    for size in reversed(shape[1:]):
        flat = [flat[i : i + size] for i in range(0, len(flat), size)]
    return flat
