"""Namespaces of arrays, and what is known of a namespace: looked up once, because small arrays make look-ups the greatest cost."""

from __future__ import annotations

import importlib
from typing import Any

import array_api_compat as _compat

from ._typing import Array, Device, DType, Namespace

__all__: list[str] = []

# The types of its functions name libraries that need not be installed.
array_api_compat: Any = _compat

# The namespace of each type of arrays that was met.
_OF_TYPE: dict[type, Namespace] = {}

# Types of arguments that have no namespace.
_WITHOUT: frozenset[type] = frozenset((bool, int, float, complex, str, type(None), slice, type(...)))


def namespace(xp: Namespace | None, *arguments: object) -> Namespace:
    """The namespace that was named, or that of the arrays among the arguments."""
    if xp is not None:
        return xp
    found: Namespace = None
    for argument in arguments:
        kind = type(argument)
        if kind in _WITHOUT:
            continue
        if kind is tuple or kind is list:
            items: Any = argument
            one = namespace(None, *items) if any(type(item) not in _WITHOUT for item in items) else None
        else:
            one = _OF_TYPE.get(kind)
            if one is None:
                if not array_api_compat.is_array_api_obj(argument):
                    continue
                one = _OF_TYPE[kind] = array_api_compat.array_namespace(argument)
        if found is None:
            found = one
        elif one is not None and one is not found:
            raise TypeError(f"arrays of several libraries meet: {found.__name__} and {one.__name__}")
    if found is None:
        raise TypeError("array_namespace requires at least one array input: without one the namespace has to be named, xp=")
    return found


_LIBRARY: dict[str, str] = {}


def library(ns: Namespace) -> str:
    """The name of the library behind a namespace: `numpy`, `torch`, `jax`, `dask`, ..."""
    name: str = ns.__name__
    found = _LIBRARY.get(name)
    if found is None:
        parts = name.split(".")
        # array_api_compat may be vendored below another name.
        after = parts.index("array_api_compat") + 1 if "array_api_compat" in parts else 0
        found = _LIBRARY[name] = parts[after] if after < len(parts) else name
    return found


def is_array(x: Any) -> bool:
    """Whether it is an array of some library."""
    return type(x) not in _WITHOUT and (type(x) in _OF_TYPE or bool(array_api_compat.is_array_api_obj(x)))


def is_scalar(x: object) -> bool:
    """Whether it is a Python scalar, and no scalar of NumPy, which is an array."""
    return isinstance(x, (bool, int, float, complex)) and not array_api_compat.is_numpy_array(x)


def device(x: Array) -> Device:
    """The device of an array."""
    return array_api_compat.device(x)


def known(n: Any) -> bool:
    """Whether a size is known: the standard writes None, and Dask NaN, where it is not."""
    return n is not None and n == n


def sizes(x: Array) -> tuple[int, ...]:
    """The shape, if all of it is known before the elements are."""
    shape = tuple(x.shape)
    if not all(known(n) for n in shape):
        raise TypeError(f"the shape {shape} is not known before the array is computed")
    return shape


def is_lazy(ns: Namespace, x: Array) -> bool:
    """Whether the elements are not there yet: an array of Dask, one that JAX traces, or one on PyTorch's device `meta`."""
    name = library(ns)
    if name == "dask":
        return True
    if name == "jax":
        jax: Any = importlib.import_module("jax")

        return isinstance(x, jax.core.Tracer)
    if name == "torch":
        return str(getattr(device(x), "type", "")) == "meta"
    return False


def is_traced(ns: Namespace) -> bool:
    """Whether the call runs inside `jax.jit`, also if its arrays are constants there."""
    if library(ns) != "jax":
        return False
    jax: Any = importlib.import_module("jax")

    return isinstance(ns.asarray(False), jax.core.Tracer)


def has_boolean_indexing(ns: Namespace, x: Array) -> bool:
    """Whether a boolean mask may select elements, which gives a shape that depends on the elements."""
    return _has(ns, x, "boolean indexing")


def has_data_dependent_shapes(ns: Namespace, x: Array) -> bool:
    """Whether functions may give shapes that depend on the elements."""
    return _has(ns, x, "data-dependent shapes")


_CAPABILITIES: dict[str, dict[str, Any]] = {}


def _has(ns: Namespace, x: Array, capability: str) -> bool:
    name = library(ns)
    if name == "torch" and is_lazy(ns, x):
        return False
    capabilities = _CAPABILITIES.get(ns.__name__)
    if capabilities is None:
        try:
            capabilities = ns.__array_namespace_info__().capabilities()
        except (AttributeError, RuntimeError):  # A library of a revision before 2023.12.
            capabilities = {}
        # The capabilities of array-api-strict change with its flags.
        if name != "array_api_strict":
            _CAPABILITIES[ns.__name__] = capabilities
    return bool(capabilities.get(capability, True))


# Whether a dtype is of a kind. The type of the dtype comes first in the key, so that no dtype is compared with one of another library, which may
# warn.
_IS_DTYPE: dict[Any, bool] = {}


def isdtype(ns: Namespace, dtype: DType, kind: DType | str | tuple[DType | str, ...]) -> bool:
    """Whether a dtype is of a kind, as the standard's function says, which is asked once."""
    try:
        found = _IS_DTYPE.get((type(dtype), dtype, kind))
    except TypeError:  # It has no hash.
        return bool(ns.isdtype(dtype, kind))
    if found is None:
        found = _IS_DTYPE[type(dtype), dtype, kind] = bool(ns.isdtype(dtype, kind))
    return found


def chunk_namespace(ns: Namespace, *arrays: Any) -> Namespace:
    """The namespace of the chunks of Dask's arrays; of other libraries the same."""
    if library(ns) != "dask":
        return ns
    return array_api_compat.array_namespace(*(getattr(x, "_meta", None) for x in arrays))


def as_arrays(ns: Namespace, a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands as arrays: a Python scalar takes the dtype and the device of the other operand, where that can hold its kind."""
    if is_scalar(a) and is_scalar(b):
        return ns.asarray(a), ns.asarray(b)
    if is_scalar(a):
        return _beside(ns, a, b), b
    if is_scalar(b):
        return a, _beside(ns, b, a)
    return a, b


def _beside(ns: Namespace, scalar: Any, x: Any) -> Any:
    if not is_array(x):
        return ns.asarray(scalar)
    kinds: dict[type, tuple[str, ...]] = {
        bool: ("bool",),
        int: ("integral", "real floating", "complex floating"),
        float: ("real floating", "complex floating"),
        complex: ("complex floating",),
    }
    kind = next(kind for kind in (bool, int, float, complex) if isinstance(scalar, kind))
    dtype = x.dtype if isdtype(ns, x.dtype, kinds[kind]) else None
    return ns.asarray(scalar, dtype=dtype, device=device(x))


_KINDS = ("real floating", "complex floating", "integral", "indexing")


def default_dtype(ns: Namespace, kind: str = "real floating", device: Device | None = None) -> DType:
    """The default dtype of a kind. A library may change it while a program runs, so it is asked each time."""
    found = ns.__array_namespace_info__().default_dtypes(device=device)
    if kind not in found:
        raise ValueError(f"unknown kind {kind!r}, expected one of {', '.join(map(repr, _KINDS))}")
    return found[kind]


def floating(ns: Namespace, x: Array) -> Any:
    """The array, or if its dtype is not floating, the same numbers in the default dtype."""
    if isdtype(ns, x.dtype, ("real floating", "complex floating")):
        return x
    return ns.astype(x, default_dtype(ns, device=device(x)))

