"""What the bodies of the functions use beside the namespace: shapes, dtypes, and arithmetic on axes."""

from __future__ import annotations

import math
from typing import Any

from ._namespace import array_api_compat
from ._namespace import device as device
from ._namespace import isdtype as isdtype
from ._shapes import broadcast_shapes as broadcast_shapes
from ._typing import Array, DType, Namespace

__all__: list[str] = []

inf = math.inf
nan = math.nan
pi = math.pi
e = math.e


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def shape(x: Array) -> Any:
    """The shape of an array, a tuple: sizes need not be int."""
    return tuple(x.shape)


def size(x: Array) -> int:
    """The number of elements of an array."""
    return math.prod(x.shape)
