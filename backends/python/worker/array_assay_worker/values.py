"""The wire form of values that calls return."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from .arrays import Array
from .errors import NotStandard, Unfit
from .known_objects import KnownObjects
from .messages import Wire
from .own_builtins import use_own_builtins
from .text import MAX_REPR, bounded, shown, type_name
from .transfer import Transfer

use_own_builtins(globals())

# The greatest depth of nested containers. Below it, only a representation is sent.
MAX_DEPTH = 16
# The greatest number of characters in a string that a call returns.
MAX_STRING = 1 << 20


class Encoder:
    """Encodes values in their wire form (the table "Values" of the protocol)."""

    def __init__(self, transfer: Transfer, known: KnownObjects) -> None:
        self.transfer = transfer
        self.known = known
        # Whether the harness can read values of the kind `unfit`.
        self.sends_unfit = False

    def encode(self, value: Any, depth: int = 0) -> Wire:
        """The wire form of a value inside `depth` containers.

        Raises `Transport` for an array that cannot be read. Raises whatever a lazy library raises while it computes an
        array.
        """
        kind = type(value)
        if kind is self.transfer.array_type:
            return self.encode_array(value)
        plain = ENCODERS.get(kind)
        if plain is not None:
            return plain(self, value, depth)
        if isinstance(value, self.transfer.array_types):
            return self.encode_array(cast(Array, value))
        if self.known.is_dtype(value):
            return {"dtype": self.known.dtype_names(value)}
        if isinstance(value, self.known.device_types):
            return {"device": self.known.device_names(value)}
        if is_array_like(value):
            encoded = self.encode_array(value)
            if "array" in encoded:
                return {"array_scalar": {"type": scalar_type_name(kind), "array": encoded["array"]}}
            if not isinstance(value, (int, float, complex)):  # A value with a foreign dtype may be a Python number.
                return encoded
        for base, encode in ENCODERS.items():
            if isinstance(value, base):
                return encode(self, value, depth)
        return {"opaque": shown(value)}

    def encode_array(self, array: Array) -> dict[str, Wire]:
        """The wire form of an array, or of an object with an array's attributes."""
        try:
            return {"array": self.transfer.read(array)}
        except NotStandard as error:
            return {"opaque": bounded(str(error), MAX_REPR)}
        except Unfit as error:
            if not self.sends_unfit:
                return {"opaque": bounded(str(error), MAX_REPR)}
            return {"unfit": {"dtype": error.dtype, "shape": error.shape, "at": error.at, "element": error.element}}


def is_array_like(value: object) -> bool:
    """Whether an object has an array's attributes without being an array of the library, as NumPy's scalars do."""
    kind = type(value)
    try:
        return all(hasattr(kind, name) for name in ("dtype", "shape", "ndim", "__array_namespace__"))
    except Exception:
        return False


def scalar_type_name(kind: type) -> str:
    """The name of a type of scalar objects with an array's attributes. It says whether they are Python numbers too."""
    number = next((base.__name__ for base in (float, complex) if issubclass(kind, base)), None)
    return type_name(kind) + (f" (a Python {number})" if number else "")


def float_hex(value: float) -> str:
    """As `float.hex`, but with the sign of a NaN, which `float.hex` omits."""
    value = float(value)
    if value != value:
        return "-nan" if math.copysign(1.0, value) < 0 else "nan"
    return value.hex()


def encode_bool(encoder: Encoder, value: bool, depth: int) -> Wire:
    """A Python bool."""
    return {"scalar": {"bool": bool(value)}}


def encode_int(encoder: Encoder, value: int, depth: int) -> Wire:
    """A Python int, in decimal. It is opaque if it does not fit into 128 bits."""
    value = int(value)
    if -(1 << 127) <= value < 1 << 127:
        return {"scalar": {"int": str(value)}}
    return {"opaque": f"an integer of {value.bit_length()} bits"}


def encode_float(encoder: Encoder, value: float, depth: int) -> Wire:
    """A Python float, in hexadecimal."""
    return {"scalar": {"float": float_hex(value)}}


def encode_complex(encoder: Encoder, value: complex, depth: int) -> Wire:
    """A Python complex, with its components in hexadecimal."""
    value = complex(value)
    return {"scalar": {"complex": [float_hex(value.real), float_hex(value.imag)]}}


def encode_str(encoder: Encoder, value: str, depth: int) -> Wire:
    """A string, or the device that some libraries represent as a string (NumPy's "cpu")."""
    if value in encoder.known.devices:
        names = encoder.known.device_names(value)
        if names:
            return {"device": names}
    return {"str": bounded(str(value), MAX_STRING)}


def encode_tuple(encoder: Encoder, value: tuple[object, ...], depth: int) -> Wire:
    """A tuple. A tuple with named fields keeps their names."""
    if depth >= MAX_DEPTH:
        return {"opaque": shown(value)}
    items = [encoder.encode(item, depth + 1) for item in value]
    names = field_names(value)
    if names:
        return {"named_tuple": list(zip(names, items))}
    return {"tuple": items}


def field_names(value: tuple[object, ...]) -> tuple[str, ...] | None:
    """The fields of a named tuple, or of a struct sequence (torch.return_types). None for a plain tuple."""
    kind = type(value)
    names = getattr(kind, "_fields", None) or (getattr(kind, "__match_args__", None) if kind is not tuple else None)
    if names and len(names) == len(value) and all(isinstance(name, str) for name in names):
        return cast("tuple[str, ...]", names)
    return None


def encode_list(encoder: Encoder, value: list[object], depth: int) -> Wire:
    """A list."""
    if depth >= MAX_DEPTH:
        return {"opaque": shown(value)}
    return {"list": [encoder.encode(item, depth + 1) for item in value]}


def encode_dict(encoder: Encoder, value: dict[object, object], depth: int) -> Wire:
    """A dictionary, in its order. It is opaque if a key is not a string."""
    items = [(key, item) for key, item in value.items() if isinstance(key, str)]
    if depth >= MAX_DEPTH or len(items) < len(value):
        return {"opaque": shown(value)}
    return {"dict": [[bounded(key, MAX_REPR), encoder.encode(item, depth + 1)] for key, item in items]}


def encode_none(encoder: Encoder, value: None, depth: int) -> Wire:
    """None."""
    return "none"


# Encoders by type. Values of exactly this type are tried first, then subclasses. The first type that fits is used.
ENCODERS: dict[type, Callable[[Encoder, Any, int], Wire]] = {
    bool: encode_bool,
    int: encode_int,
    float: encode_float,
    complex: encode_complex,
    str: encode_str,
    tuple: encode_tuple,
    list: encode_list,
    dict: encode_dict,
    type(None): encode_none,
}
