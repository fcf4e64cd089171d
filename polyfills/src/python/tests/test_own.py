"""The package's own Python against NumPy, on every library that is there."""

from __future__ import annotations

import itertools
import math
import warnings

import pytest

import array_assay_polyfills as ap
from array_assay_polyfills.testing import assert_close, assert_equal
from libraries import composed, libraries, short

np = pytest.importorskip("numpy")

ALL = libraries("array_api_compat.numpy", "array_api_strict", "array_api_compat.torch", "jax.numpy", "array_api_compat.dask.array")
EAGER = [xp for xp in ALL if "dask" not in xp.__name__]
everywhere = pytest.mark.parametrize("xp", ALL, ids=short)
eager = pytest.mark.parametrize("xp", EAGER, ids=short)

rng = np.random.default_rng(20240607)


def of(xp, x):
    """An array of NumPy as one of the library, which owns its elements."""
    return xp.asarray(np.array(x))


def close(xp, got, wanted, **options):
    assert_close(got, xp.asarray(np.asarray(wanted)), check_scalar=False, xp=xp, **options)


METHODS = (
    "linear", "hazen", "weibull", "median_unbiased", "normal_unbiased", "interpolated_inverted_cdf", "inverted_cdf",
    "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip


@eager
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("q", [0.5, 0.0, 1.0, [0.1, 0.25, 0.75, 0.9]], ids=str)
def test_quantile(xp, method, q):
    for n in (1, 2, 5, 8):
        x = rng.random((3, n, 2))
        shares = q if isinstance(q, float) else xp.asarray(q)
        close(xp, ap.quantile(of(xp, x), shares, axis=1, method=method), np.quantile(x, q, axis=1, method=method))
    x = rng.random((4, 6))
    got = ap.quantile(of(xp, x), shares, axis=(0, 1), keepdims=True, method=method)
    close(xp, got, np.quantile(x, q, axis=(0, 1), keepdims=True, method=method))
    close(xp, ap.percentile(of(xp, x), 30, method=method), np.percentile(x, 30, method=method))


@eager
@pytest.mark.parametrize("method", METHODS)
def test_nanquantile(xp, method):
    x = rng.random((5, 7))
    x[rng.random(x.shape) < 0.3] = np.nan
    for q in (0.0, 0.4, 0.5, 1.0):
        close(xp, ap.nanquantile(of(xp, x), q, axis=1, method=method), np.nanquantile(x, q, axis=1, method=method))
    close(xp, ap.nanpercentile(of(xp, x), 40, axis=0, method=method), np.nanpercentile(x, 40, axis=0, method=method))


@eager
def test_quantile_of_weights_of_nothing_and_of_nan(xp):
    x, w = rng.random((4, 6)), rng.integers(1, 5, size=6).astype(float)
    got = ap.quantile(of(xp, x), 0.3, axis=1, method="inverted_cdf", weights=of(xp, w))
    close(xp, got, np.quantile(x, 0.3, axis=1, method="inverted_cdf", weights=w))
    assert math.isnan(float(ap.quantile(xp.zeros((0,)), 0.5)))
    assert math.isnan(float(ap.quantile(xp.asarray([1.0, math.nan]), 0.5, method="lower")))
    with pytest.raises(ValueError, match="method"):
        ap.quantile(xp.zeros((2,)), 0.5, method="best")
    with pytest.raises(ValueError, match="weights"):
        ap.quantile(xp.zeros((2,)), 0.5, weights=xp.zeros((2,)))


@everywhere
@pytest.mark.parametrize("correction", [0, 1, 1.5])
def test_cov(xp, correction):
    x = rng.random((3, 8))
    d = x - x.mean(axis=1, keepdims=True)
    close(xp, ap.cov(of(xp, x), correction=correction), d @ d.T / (8 - correction))
    close(xp, ap.cov(of(xp, x.T), axis=0, ddof=correction), d @ d.T / (8 - correction))
    f, a = rng.integers(1, 4, size=8), rng.random(8)
    if correction != 1.5:
        wanted = np.cov(x, ddof=correction, fweights=f, aweights=a)
        close(xp, ap.cov(of(xp, x), correction=correction, fweights=of(xp, f), aweights=of(xp, a)), wanted)
    stack = rng.random((1, 2, 1, 8))
    assert ap.cov(of(xp, stack)).shape == (1, 2)
    with pytest.raises(TypeError):
        ap.cov(of(xp, x), correction=1, ddof=1)


@everywhere
def test_cov_keeps_the_dtype(xp):
    assert ap.cov(xp.asarray([[1.0, 2.0], [3.0, 5.0]], dtype=xp.float32)).dtype == xp.float32


@everywhere
@pytest.mark.parametrize("width", [0, 2, (1, 0), ((1, 2), (0, 3))], ids=str)
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
def test_pad(xp, width, mode):
    x = rng.integers(0, 9, size=(3, 4))
    assert_equal(ap.pad(of(xp, x), width, mode=mode), of(xp, np.pad(x, width, mode=mode)), check_scalar=False)


@everywhere
def test_pad_by_constants(xp):
    x = rng.random((2, 3))
    for values in (7.5, (1.0, 2.0), ((1.0, 2.0), (3.0, 4.0))):
        close(xp, ap.pad(of(xp, x), 2, constant_values=values), np.pad(x, 2, constant_values=values))
    close(xp, ap.pad(of(xp, 3.0), 2), 3.0)
    with pytest.raises(ValueError, match="pair"):
        ap.pad(of(xp, x), [(1, 2), (1, 2), (1, 2)])
    with pytest.raises(ValueError, match="negative"):
        ap.pad(of(xp, x), -1)


@eager
@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_partition(xp, axis):
    x = rng.integers(0, 20, size=(6, 9)).astype(float)
    x[0, 0] = math.inf
    for kth in range(6):
        wanted = np.take(np.sort(x, axis=axis), kth, axis=0 if axis is None else axis)
        for got in (ap.partition(of(xp, x), kth, axis=axis), chosen(xp, of(xp, x), kth, axis)):
            got = np.asarray(got)
            along = 0 if axis is None else axis
            assert np.array_equal(np.take(got, kth, axis=along), wanted)
            assert np.array_equal(np.sort(got, axis=along), np.sort(x, axis=axis))
            before, at, after = np.split(got, [kth, kth + 1], axis=along)
            assert (before <= at).all() and (at <= after).all()


def chosen(xp, x, kth, axis):
    """The elements in the order of `argpartition`."""
    order = ap.argpartition(x, kth, axis=axis)
    line = xp.reshape(x, (-1,)) if axis is None else x
    return ap.take_along_axis(line, order, axis=0 if axis is None else axis)


@everywhere
@pytest.mark.parametrize("offset", [-3, -1, 0, 2])
@pytest.mark.parametrize("shape", [(0,), (1,), (4,), (2, 3), (2, 0, 3)], ids=str)
def test_create_diagonal(xp, shape, offset):
    x = rng.integers(1, 9, size=shape)
    got = np.asarray(ap.create_diagonal(of(xp, x), offset=offset))
    n = shape[-1] + abs(offset)
    assert got.shape == (*shape[:-1], n, n)
    for index in np.ndindex(*shape[:-1]):
        assert np.array_equal(got[index], np.diag(x[index], k=offset))


def test_what_is_no_array_is_a_type_error():
    with pytest.raises(TypeError, match="at least one array"):
        ap.atleast_nd("abc", ndim=0)


def test_dtypes_of_one_library_are_not_compared_with_those_of_another():
    strict = pytest.importorskip("array_api_strict")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for xp in (strict, np, strict):
            ap.one_hot(xp.asarray([0, 1]), 2)


@everywhere
def test_one_hot(xp):
    x = rng.integers(0, 4, size=(2, 3))
    for axis in (-1, 0, 1, 2, -2):
        wanted = np.moveaxis(np.eye(4)[x], -1, axis)
        assert_equal(ap.one_hot(of(xp, x), 4, axis=axis, dtype=xp.float64), of(xp, wanted))
    with pytest.raises(TypeError):
        ap.one_hot(xp.asarray([1.0]), 2)


@everywhere
@pytest.mark.parametrize(("n", "m", "offset"), list(itertools.product((0, 1, 4), (None, 0, 3, 6), (-5, -1, 0, 2, 7))))
def test_triangles(xp, n, m, offset):
    for name in ("tril_indices", "triu_indices"):
        for compose in (False, True):
            with composed(compose):
                got = getattr(ap, name)(n, offset=offset, m=m, xp=xp)
            for g, w in zip(got, getattr(np, name)(n, offset, m)):
                assert np.array_equal(np.asarray(g), w)


@eager
@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(xp, side):
    x, y = np.sort(rng.integers(0, 6, size=(2, 3, 7)).astype(float), axis=-1), rng.integers(-1, 8, size=(2, 3, 5)).astype(float)
    x[0, 0, -2:] = math.nan
    x[1, :, 0] = -math.inf
    y[..., 0] = math.inf
    if "torch" not in xp.__name__:  # It puts NaN elsewhere.
        y[0, 0, 1] = math.nan
    else:
        x[0, 0] = np.arange(7.0)
    wanted = np.empty(y.shape, dtype=np.int64)
    for index in np.ndindex(2, 3):
        wanted[index] = np.searchsorted(x[index], y[index], side=side)
    assert_equal(ap.searchsorted(of(xp, x), of(xp, y), side=side), of(xp, wanted))
    assert int(ap.searchsorted(of(xp, x[1, 1]), 3.0, side=side)) == np.searchsorted(x[1, 1], 3.0, side=side)


@everywhere
def test_isclose(xp):
    a = np.asarray([1.0, 1.0, math.inf, -math.inf, math.nan, 0.0])
    b = np.asarray([1.0 + 1e-9, 1.1, math.inf, math.inf, math.nan, 1e-9])
    for equal_nan in (False, True):
        got = ap.isclose(of(xp, a), of(xp, b), equal_nan=equal_nan)
        assert np.asarray(got).tolist() == np.isclose(a, b, equal_nan=equal_nan).tolist()
    got = ap.isclose(of(xp, a + 1j), of(xp, b + 1j))
    assert np.asarray(got)[:2].tolist() == [True, False]
    assert np.asarray(ap.isclose(of(xp, a), 1.0)).tolist() == np.isclose(a, 1.0).tolist()
    assert np.asarray(ap.isclose(xp.asarray([1, 5]), xp.asarray([1, 6]), atol=1)).all()


@everywhere
def test_nan_to_num(xp):
    x = np.asarray([math.nan, math.inf, -math.inf, 3.0])
    close(xp, ap.nan_to_num(of(xp, x), fill_value=5.0, posinf=7.0, neginf=-8.0), [5.0, 7.0, -8.0, 3.0])
    z = np.asarray(ap.nan_to_num(of(xp, np.asarray([complex(math.nan, 2.0)]))))
    assert z.tolist() == [2j]
    assert float(ap.nan_to_num(math.nan, xp=xp)) == 0.0


@everywhere
def test_averages(xp):
    x, w = rng.random((3, 4)), rng.random(4)
    close(xp, ap.average(of(xp, x), axis=1, weights=of(xp, w)), np.average(x, axis=1, weights=w))
    close(xp, ap.trapezoid(of(xp, x), of(xp, w), axis=1), np.trapezoid(x, w, axis=1))
    y = x.copy()
    y[0, 1] = math.nan
    close(xp, ap.nanvar(of(xp, y), axis=1, ddof=1), np.nanvar(y, axis=1, ddof=1))
    close(xp, ap.nanstd(of(xp, y), axis=0, correction=1), np.nanstd(y, axis=0, ddof=1))


@everywhere
def test_nunique(xp):
    for x in ([], [3], [3, 3], [1, 2, 1], [[1, 2], [2, 4]]):
        assert int(ap.nunique(xp.asarray(x, dtype=xp.int64))) == np.unique(x).size


@eager
def test_sets(xp):
    x, y = np.asarray([3, 1, 2, 3, 9]), np.asarray([[2, 9], [5, 5]])
    assert np.asarray(ap.setdiff1d(of(xp, x), of(xp, y))).tolist() == [1, 3]
    assert np.asarray(ap.setdiff1d(of(xp, x[:3]), of(xp, y), assume_unique=True)).tolist() == [3, 1]
    assert np.asarray(ap.union1d(of(xp, x), of(xp, y))).tolist() == [1, 2, 3, 5, 9]
    for invert in (False, True):
        assert np.asarray(ap.isin(of(xp, x), of(xp, y), invert=invert)).tolist() == np.isin(x, y, invert=invert).tolist()
    assert not np.asarray(ap.isin(xp.asarray([math.nan]), xp.asarray([math.nan]))).any()


UPDATES = {
    "set": lambda x, i, y: x.__setitem__(i, y),
    "add": lambda x, i, y: x.__setitem__(i, x[i] + y),
    "subtract": lambda x, i, y: x.__setitem__(i, x[i] - y),
    "multiply": lambda x, i, y: x.__setitem__(i, x[i] * y),
    "divide": lambda x, i, y: x.__setitem__(i, x[i] / y),
    "power": lambda x, i, y: x.__setitem__(i, x[i] ** y),
    "min": lambda x, i, y: x.__setitem__(i, np.minimum(x[i], y)),
    "max": lambda x, i, y: x.__setitem__(i, np.maximum(x[i], y)),
}


@everywhere
@pytest.mark.parametrize("copy", [None, True])
@pytest.mark.parametrize("index", [(0, ...), (slice(1, None), ...), (..., 0), "mask"], ids=str)
@pytest.mark.parametrize("update", UPDATES)
def test_at(xp, update, index, copy):
    x = np.asarray([[1.0, 20.0], [3.0, 4.0]])
    wanted = x.copy()
    UPDATES[update](wanted, x > 3 if index == "mask" else index, 3.0)
    given = of(xp, x)
    key = given > 3 if index == "mask" else index
    close(xp, getattr(ap.at(given, key), update)(3.0, copy=copy), wanted)
    if copy:
        close(xp, given, x)


@everywhere
def test_at_without_a_copy(xp):
    x = xp.asarray([1.0, 2.0, 3.0])
    if short(xp) == "jax.numpy":
        with pytest.raises(ValueError, match="read-only"):
            ap.at(x)[1].set(5.0, copy=False)
        return
    ap.at(x)[1].set(5.0, copy=False)
    close(xp, x, [1.0, 5.0, 3.0])


def test_at_of_read_only_arrays():
    x = np.asarray([1.0, 2.0])
    x.flags.writeable = False
    assert ap.at(x)[0].set(5.0).tolist() == [5.0, 2.0]
    assert x.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        ap.at(x)[0].set(5.0, copy=False)


@everywhere
def test_apply_where(xp):
    a, b = np.asarray([5.0, 4.0, 3.0]), np.asarray([0.0, 2.0, 4.0])
    got = ap.apply_where(of(xp, b) != 0, (of(xp, a), of(xp, b)), lambda a, b: a / b, fill_value=-1.0)
    close(xp, got, [-1.0, 2.0, 0.75])
    got = ap.apply_where(of(xp, b) != 0, (of(xp, a), of(xp, b)), lambda a, b: a / b, lambda a, b: a + b)
    close(xp, got, [5.0, 2.0, 0.75])
    got = ap.apply_where(of(xp, b) != 0, of(xp, a), lambda a, b: a / b, fill_value=of(xp, a), kwargs={"b": of(xp, b)})
    close(xp, got, [5.0, 2.0, 0.75])
    with pytest.raises(TypeError, match="one of"):
        ap.apply_where(of(xp, b) != 0, of(xp, a), lambda a: a)


def test_apply_where_takes_scalars_of_numpy():
    got = ap.apply_where(np.float64(2.0) > 1, np.float64(2.0), lambda a: -a, fill_value=np.float64(7.0))
    assert got.shape == () and got.dtype == np.float64 and got == -2.0


@everywhere
def test_lazy_apply(xp):
    x = np.asarray([1.0, 2.0, 3.0])
    close(xp, ap.lazy_apply(np.cumsum, of(xp, x), as_numpy=True), np.cumsum(x))
    both = ap.lazy_apply(lambda x: (x[:1], x + 1), of(xp, x), shape=((1,), (3,)), as_numpy=True)
    close(xp, both[0], [1.0])
    close(xp, both[1], x + 1)
    with pytest.raises(ValueError, match="array"):
        ap.lazy_apply(np.cumsum, 1.0)


def test_shapes():
    assert ap.broadcast_shapes((4, 2, 3), (2, 1), (1, 3)) == (4, 2, 3)
    assert ap.broadcast_shapes((None, 1), (1, math.nan)) == (None, None)
    with pytest.raises(ValueError, match="broadcast"):
        ap.broadcast_shapes((2,), (3,))


@everywhere
def test_new_axes(xp):
    x = of(xp, rng.random((2, 3)))
    assert ap.expand_dims(x, axis=(0, -1, 2)).shape == (1, 2, 1, 3, 1)
    assert ap.atleast_nd(x, ndim=4).shape == (1, 1, 2, 3)
    assert ap.atleast_nd(x, ndim=1) is x
    with pytest.raises(ValueError, match="Duplicate"):
        ap.expand_dims(x, axis=(0, 0))


@everywhere
def test_angles(xp):
    z = np.asarray([1.0, 1j, -1.0, 1 + 1j])
    close(xp, ap.angle(of(xp, z), deg=True), np.angle(z, deg=True))
    x = np.asarray([-2, 0, 3])
    close(xp, ap.deg2rad(of(xp, x)), np.deg2rad(x))
    close(xp, ap.rad2deg(of(xp, x.astype(float))), np.rad2deg(x))
    close(xp, ap.kron(of(xp, x), 2), np.kron(x, 2))


def test_several_libraries_do_not_meet():
    xps = libraries("array_api_compat.numpy", "array_api_strict")
    if len(xps) == 2:
        with pytest.raises(TypeError):
            ap.kron(xps[0].ones(2), xps[1].ones(2))
    with pytest.raises(TypeError, match="namespace"):
        ap.isclose(1.0, 2.0)


def test_a_namespace_whose_new_arrays_are_read_only():
    class ReadOnly:
        __name__ = "numpy"

        def __getattr__(self, name):
            function = getattr(np, name)
            if not callable(function) or isinstance(function, type):
                return function

            def wrapped(*args, **kwargs):
                out = function(*args, **kwargs)
                if isinstance(out, np.ndarray):
                    out.flags.writeable = False
                return out

            return wrapped

    x = np.asarray([1, 2])
    assert ap.create_diagonal(x, xp=ReadOnly()).tolist() == [[1, 0], [0, 2]]
    assert ap.pad(x, 1, xp=ReadOnly()).tolist() == [0, 1, 2, 0]
