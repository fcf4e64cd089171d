"""The libraries that are installed, and arrays of them."""

from __future__ import annotations

import importlib
import math

from array_assay_polyfills import _delegation

# Dtypes that a library has by name alone: it says so, and few of its functions take them.
BY_NAME_ALONE = {"torch": ("uint16", "uint32", "uint64")}


def libraries(*names):
    """The namespaces of these libraries, as far as they are installed."""
    found = []
    for name in names or ("array_api_compat.numpy", "array_api_strict", "array_api_compat.torch"):
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
        if name.endswith("torch"):  # The default dtypes of the cases.
            torch = importlib.import_module("torch")
            torch.set_default_dtype(torch.float64)
        if name.startswith("jax"):
            importlib.import_module("jax").config.update("jax_enable_x64", True)
    return found


def short(xp):
    """The name of a namespace for test ids."""
    return xp.__name__.removeprefix("array_api_compat.")


class composed:
    """Within it nothing is delegated."""

    def __init__(self, on=True):
        self.on = on

    def __enter__(self):
        _delegation.compose_all = self.on

    def __exit__(self, *_):
        _delegation.compose_all = False


def number(item):
    """A number of a case: text stands for what JSON cannot write."""
    if isinstance(item, str):
        return float(item)
    if isinstance(item, list):
        return complex(number(item[0]), number(item[1]))
    return item


def elements(data):
    return [number(item) for item in data]


def value(xp, given):
    """An argument of a case."""
    (kind, content), = given.items()
    if kind == "array":
        dtype = getattr(xp, content["dtype"])
        return xp.reshape(xp.asarray(elements(content["data"]), dtype=dtype), tuple(content["shape"]))
    if kind == "tuple":
        return tuple(value(xp, item) for item in content)
    if kind == "list":
        return [value(xp, item) for item in content]
    if kind == "dtype":
        return getattr(xp, content)
    if kind == "none":
        return None
    if kind == "str":
        return content
    return number(content)


def flat(xp, x):
    """The elements of an array as Python numbers."""
    x = xp.reshape(x, (-1,))
    kind = complex if xp.isdtype(x.dtype, "complex floating") else float if xp.isdtype(x.dtype, "real floating") else int
    return [kind(x[i]) for i in range(x.shape[0])]


def near(got, want, bound):
    """Whether two numbers are as near as the bound says."""
    if isinstance(got, complex) or isinstance(want, complex):
        got, want = complex(got), complex(want)
        if not (math.isfinite(want.real) and math.isfinite(want.imag)):
            return all(near(a, b, bound) for a, b in ((got.real, want.real), (got.imag, want.imag)))
        return abs(got - want) <= bound
    if bound == math.inf:
        return True
    if want != want:
        return got != got
    return got == want or abs(got - want) <= bound


def compare(xp, got, expected):
    """Asserts that a result is what a case expects."""
    (kind, content), = expected.items()
    if kind in ("tuple", "list"):
        assert isinstance(got, (tuple, list)) and len(got) == len(content)
        for g, e in zip(got, content):
            compare(xp, g, e)
        return
    if any(n != n for n in got.shape):  # Dask does not know it before the elements are computed.
        got = got.compute_chunk_sizes()
    assert got.dtype == getattr(xp, content["dtype"])
    assert tuple(got.shape) == tuple(content["shape"])
    if content["data"] is None:
        return
    wanted, bounds = elements(content["data"]), content["bounds"]
    for i, (g, w) in enumerate(zip(flat(xp, got), wanted)):
        assert near(g, w, number(bounds[i]) if bounds else 0), (i, g, w)
