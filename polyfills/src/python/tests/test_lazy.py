"""Which functions can be traced by JAX, and which keep Dask's graphs lazy."""

from __future__ import annotations

import json
import pathlib

import pytest

from array_assay_polyfills import _composed
from array_assay_polyfills._tracing import jitted
from array_assay_polyfills.testing import _without_compute
from libraries import compare, libraries, value

CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())

SHAPE = "the shape of the result depends on the elements"

# What cannot be traced, and why.
NOT_TRACED = dict.fromkeys(("argwhere", "bincount", "flatnonzero", "intersect1d", "setdiff1d", "setxor1d", "union1d", "nunique", "repeat"), SHAPE)

# What is not lazy on Dask, or does not run there at all, and why. Where the shape of the result depends on the elements, it is unknown until
# they are computed, and the function is lazy nevertheless.
NOT_LAZY = {
    "argwhere": "Dask stacks no arrays of unknown length",
    "bincount": "the length of the result is that of an element",
    "digitize": "Dask's own function computes the bins",
    "diff": "Dask's own function computes what comes before or after",
    "repeat": "Dask's own function needs an axis",
    "roll": "Dask's own function takes no empty tuple of axes",
    "searchsorted": "Dask's own function takes neither a sorter nor a Python scalar",
}


def attempts(name, xp, wrapped):
    """The outcome of some cases, because compilations take long: None, or the error."""
    for case in CASES[name][:: max(len(CASES[name]) // 3, 1)]:
        args = [value(xp, given) for given in case["args"]]
        kwargs = {key: value(xp, given) for key, given in case["kwargs"].items()}
        try:
            yield args, kwargs, case["expected"], wrapped(*args, **kwargs, xp=xp), None
        except Exception as error:
            yield args, kwargs, case["expected"], None, error


def same(xp, got, plain):
    """Whether two results have the same structure, dtypes, shapes and elements, up to what a compiler may reorder."""
    if isinstance(plain, (tuple, list)):
        return len(got) == len(plain) and all(same(xp, g, p) for g, p in zip(got, plain))
    alike = got.dtype == plain.dtype and got.shape == plain.shape
    return alike and bool(xp.all(xp.isclose(got, plain, rtol=1e-5, equal_nan=True)))


@pytest.mark.parametrize("name", sorted(CASES))
def test_traced(name):
    pytest.importorskip("jax")
    (xp,) = libraries("jax.numpy")
    function, outcomes = getattr(_composed, name), []
    for args, kwargs, _, got, error in attempts(name, xp, jitted(function)):
        # Whether JAX is right is another question: it is compared with itself.
        if error is not None or not same(xp, got, function(*args, **kwargs, xp=xp)):
            outcomes.append(error or got)
    assert bool(outcomes) == (name in NOT_TRACED), outcomes[:1]


@pytest.mark.parametrize("name", sorted(CASES))
def test_lazy(name):
    pytest.importorskip("dask")
    (xp,) = libraries("array_api_compat.dask.array")
    outcomes = []
    for _, _, expected, got, error in attempts(name, xp, _without_compute(getattr(_composed, name), 0)):
        try:
            if error is not None:
                raise error
            compare(xp, got, expected)
        except Exception as why:
            outcomes.append(why)
    assert bool(outcomes) == (name in NOT_LAZY), outcomes[:1]
