"""Export paths: ways to read the elements of the library's arrays, bit for bit."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .arrays import Array, ExportPath, HostArray, Shape
from .attempts import attempt
from .dtypes import LAYOUTS
from .errors import NotStandard, Transport, Unfit
from .import_paths import numpy_dtypes
from .own_builtins import use_own_builtins
from .text import MAX_NAME, shown

use_own_builtins(globals())


def numpy_exports(numpy: ModuleType) -> list[ExportPath]:
    """Export paths through NumPy: `asarray`, `from_dlpack`, and `from_dlpack` of a copy on the CPU."""
    converts: list[Callable[[Array], object]] = [numpy.asarray]
    if hasattr(numpy, "from_dlpack"):
        converts += [numpy.from_dlpack, lambda array: numpy.from_dlpack(array, device="cpu")]
    return [numpy_export(numpy, convert) for convert in converts]


def numpy_export(
    numpy: ModuleType, convert: Callable[[Array], object], computed: dict[int, HostArray] | None = None
) -> ExportPath:
    """The export path through a NumPy array that `convert` makes.

    `computed` maps the `id` of an array to a NumPy array that was made before. Such an array is not converted again,
    and is used once. The path raises `Transport` if NumPy returns something other than an array of the dtype. It raises
    `NotStandard` if the array claims a different shape from the one that it has.
    """
    dtypes = numpy_dtypes(numpy)

    def read(array: Array, name: str) -> tuple[Shape, bytes]:
        host: Any = computed.pop(id(array), None) if computed else None
        if host is None:
            host = convert(array)
        if isinstance(host, numpy.generic):
            host = numpy.asarray(host)
        if type(host) is not numpy.ndarray or host.dtype != dtypes[name]:
            raise Transport(f"NumPy made {getattr(host, 'dtype', type(host))} of an array of dtype {name}")
        shape = array.shape
        if all(type(n) is int for n in shape) and tuple(shape) != host.shape:
            raise NotStandard(f"array that says shape {tuple(shape)} and holds {host.shape}")
        return host.shape, host.tobytes()

    return read


def elements_export(array: Array, name: str) -> tuple[Shape, bytes]:
    """The export path that reads element by element, by indexing and by Python's own conversions.

    Raises `NotStandard` for a negative size, which a lazy library may promise for a call that it should have refused.
    Raises `Unfit` for an element that the dtype cannot represent.
    """
    shape = tuple(map(int, array.shape))
    if any(n < 0 for n in shape):
        raise NotStandard(f"array that says shape {shape}")
    packed = element_packer(name)
    data = bytearray()
    for at, index in enumerate(itertools.product(*map(range, shape))):
        element = array[index] if index else array
        try:
            data += packed(element)
        except Overflow as error:
            raise Unfit(name, shape, at, shown(error.element, MAX_NAME)) from None
    return shape, bytes(data)


class Overflow(Exception):
    """A Python number that a dtype cannot represent."""

    def __init__(self, element: object) -> None:
        self.element = element


def element_packer(name: str) -> Callable[[Array], bytes]:
    """A function that returns the bytes of an element, which is an array of rank 0 or a scalar. It raises `Overflow`,
    or whatever the conversion to a Python number raises."""
    letter, components, _ = LAYOUTS[name]
    pack = struct.Struct("<" + letter * components).pack
    convert: Callable[[Array], complex] = {"?": bool, "f": float, "d": float}.get(letter, int)
    if components == 2:
        convert = complex

    def packed(element: Array) -> bytes:
        try:
            number = convert(element)
        except Exception:
            # The array claims a real dtype, but the element is a complex number.
            wider = None if components == 2 else attempt(complex, element)
            if wider is None:
                raise
            raise Overflow(wider) from None
        try:
            return pack(number.real, number.imag) if components == 2 else pack(number)
        except (struct.error, OverflowError):
            raise Overflow(number) from None

    return packed
