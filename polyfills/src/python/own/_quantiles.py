# What namespaces give has no type.
# mypy: no-warn-return-any
"""Quantiles by all methods of NumPy."""

from __future__ import annotations

import math
from typing import Any

from . import _composed
from . import _namespace as _n
from ._namespace import namespace
from ._shapes import normalize_axes
from ._typing import A, Array, Namespace, Scalar

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

# The place of the quantile q among n elements in order, counted from zero, is n * q + a + q * (1 - a - b) - 1 (Hyndman and Fan, 1996).
_CONTINUOUS = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1.0 / 3.0, 1.0 / 3.0),
    "normal_unbiased": (3.0 / 8.0, 3.0 / 8.0),
}
_STEPS = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation")
_COMPOSED = ("linear", "lower", "higher", "midpoint", "nearest")


def quantile(
    x: A,
    q: Array | Scalar,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    weights: Array | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute quantiles: the elements below which given shares of all elements lie.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    q : array or float
        The shares, in [0, 1]: at most one axis.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    method : str, optional
        How to choose between neighbours: 'linear', 'hazen', 'weibull', 'median_unbiased', 'normal_unbiased', 'interpolated_inverted_cdf',
        'inverted_cdf', 'averaged_inverted_cdf', 'closest_observation', 'lower', 'higher', 'midpoint' or 'nearest'.
    weights : array, optional
        The weights of the elements, in the shape of `x` or as a vector along the one axis that is reduced. Only for 'inverted_cdf'.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the arguments by default.

    Returns
    -------
    array
        The axes of `q`, then those of `x` that are left; the dtype of `x`. NaN if an element is NaN, or if there is none.

    Raises
    ------
    ValueError
        If the method is unknown, or if it takes no weights and some are given.

    Notes
    -----
    Composed of `sort` and `take`. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.quantile(np.asarray([1.0, 2.0, 3.0, 4.0]), 0.5))
    2.5
    """
    ns = namespace(xp, x, q)
    if method == "linear" and weights is None and _n.is_scalar(q):
        return _at_share(ns, x, float(q), axis, keepdims)  # type: ignore[arg-type]
    return _quantile(ns, x, _shares(ns, q, x), axis, method, weights, keepdims, False)


def nanquantile(
    x: A,
    q: Array | Scalar,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    weights: Array | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute quantiles of the elements that are not NaN.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    q : array or float
        The shares, in [0, 1]: at most one axis.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    method : str, optional
        How to choose between neighbours, as in `quantile`.
    weights : array, optional
        The weights of the elements, as in `quantile`.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the arguments by default.

    Returns
    -------
    array
        The axes of `q`, then those of `x` that are left; the dtype of `x`. NaN where nothing is left.

    Raises
    ------
    ValueError
        If the method is unknown, or if it takes no weights and some are given.

    Notes
    -----
    Composed of `sort` and `take_along_axis`. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.nanquantile(np.asarray([1.0, np.nan, 3.0]), 0.5))
    2.0
    """
    ns = namespace(xp, x, q)
    return _quantile(ns, x, _shares(ns, q, x), axis, method, weights, keepdims, True)


def percentile(
    x: A,
    q: Array | Scalar,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    weights: Array | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute percentiles: the elements below which given hundredths of all elements lie.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    q : array or float
        The hundredths, in [0, 100]: at most one axis.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    method : str, optional
        How to choose between neighbours, as in `quantile`.
    weights : array, optional
        The weights of the elements, as in `quantile`.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the arguments by default.

    Returns
    -------
    array
        The axes of `q`, then those of `x` that are left; the dtype of `x`. NaN if an element is NaN, or if there is none.

    Raises
    ------
    ValueError
        If the method is unknown, or if it takes no weights and some are given.

    Notes
    -----
    Composed as `quantile` of ``q / 100``. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.percentile(np.asarray([1.0, 2.0, 3.0]), 50))
    2.0
    """
    ns = namespace(xp, x, q)
    if method == "linear" and weights is None and _n.is_scalar(q):
        return _at_share(ns, x, float(q) / 100.0, axis, keepdims)  # type: ignore[arg-type]
    return _quantile(ns, x, _shares(ns, q, x) / 100.0, axis, method, weights, keepdims, False)


def nanpercentile(
    x: A,
    q: Array | Scalar,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    weights: Array | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute percentiles of the elements that are not NaN.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    q : array or float
        The hundredths, in [0, 100]: at most one axis.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    method : str, optional
        How to choose between neighbours, as in `quantile`.
    weights : array, optional
        The weights of the elements, as in `quantile`.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the arguments by default.

    Returns
    -------
    array
        The axes of `q`, then those of `x` that are left; the dtype of `x`. NaN where nothing is left.

    Raises
    ------
    ValueError
        If the method is unknown, or if it takes no weights and some are given.

    Notes
    -----
    Composed as `nanquantile` of ``q / 100``. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.nanpercentile(np.asarray([1.0, np.nan, 3.0]), 50))
    2.0
    """
    ns = namespace(xp, x, q)
    return _quantile(ns, x, _shares(ns, q, x) / 100.0, axis, method, weights, keepdims, True)


def _shares(ns: Namespace, q: Any, x: Any) -> Any:
    if _n.is_array(q):
        return ns.astype(q, x.dtype, copy=False)
    return ns.asarray(q, dtype=x.dtype, device=_n.device(x))


def _left(x: Any, axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    """The shape without the reduced axes."""
    return tuple((1 if i in axes else x.shape[i]) for i in range(x.ndim) if keepdims or i not in axes)


def _lines(ns: Namespace, x: Any, axes: tuple[int, ...]) -> Any:
    """The elements along axes as the last axis, the other axes before it."""
    rest = [i for i in range(x.ndim) if i not in axes]
    if x.ndim == 1 and axes:
        return x
    moved = ns.permute_dims(x, (*rest, *axes)) if x.ndim > 1 else x
    return ns.reshape(moved, tuple(x.shape[i] for i in rest) + (math.prod(x.shape[i] for i in axes),))


def _at_share(ns: Namespace, x: Any, share: float, axis: Any, keepdims: bool) -> Any:
    """The quantile for one share, given as a Python number. Only its two neighbours are selected; nothing is sorted."""
    if not 0.0 <= share <= 1.0:
        raise ValueError("a quantile is that of a share from zero to one")
    axes = normalize_axes(axis, x.ndim)
    shape = _left(x, axes, keepdims)
    y = _lines(ns, x, axes)
    n = _n.sizes(y)[-1]
    if n == 0:
        return ns.full(shape, math.nan, dtype=x.dtype, device=_n.device(x))
    low, part = divmod(share * (n - 1), 1.0)
    return ns.reshape(_between(ns, y, int(low), part), shape)


def _between(ns: Namespace, lines: Any, place: int, part: float) -> Any:
    """The element at a place of each line in order, or a part of the way from it to the next one. NaN if an element is NaN."""
    n = lines.shape[-1]
    if _n.library(ns) == "torch" and not _n.is_lazy(ns, lines):
        low = ns.kthvalue(lines, place + 1, dim=-1).values
        high = ns.kthvalue(lines, place + 2, dim=-1).values if part else low
    else:
        ordered = _composed.partition(lines, place, axis=-1, xp=ns)
        low = ordered[..., place]
        high = ns.min(ordered[..., place + 1 : n], axis=-1) if part else low
    if part:
        # Equal infinities have no difference.
        low = ns.where(low == high, low, low + part * ns.where(low == high, ns.zeros_like(low), high - low))
    missing = ns.any(ns.isnan(lines), axis=-1)
    return ns.where(missing, ns.asarray(math.nan, dtype=lines.dtype, device=_n.device(lines)), low)


def median(
    x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, xp: Namespace | None = None
) -> A:
    """
    Compute the median: the middle element in order, or the mean of the two in the middle.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape without the reduced axes; the dtype of `x`. NaN if an element is NaN, or if there is none.

    Notes
    -----
    The library's own function where it was verified; else composed of `partition`, and `kthvalue` of PyTorch.
    Cost: linear where the library selects, and that of a sort elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.median(np.asarray([3.0, 1.0, 2.0, 10.0])))
    2.5
    """
    ns = namespace(xp, x)
    if _n.library(ns) != "torch" or _n.is_lazy(ns, x):
        return _composed.median(x, axis=axis, keepdims=keepdims, xp=ns)
    axes = normalize_axes(axis, x.ndim)
    shape = _left(x, axes, keepdims)
    y = _lines(ns, x, axes)
    if y.shape[-1] == 0:
        return ns.full(shape, math.nan, dtype=x.dtype, device=_n.device(x))
    return ns.reshape(_middle(ns, y, ns.median), shape)


def nanmedian(
    x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, xp: Namespace | None = None
) -> A:
    """
    Compute the median of the elements that are not NaN.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape without the reduced axes; the dtype of `x`. NaN where nothing is left.

    Notes
    -----
    The library's own function where it was verified; else composed of `sort` and `take_along_axis`, and `nanmedian` of PyTorch.
    Cost: linear where the library selects, and that of a sort elsewhere.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.nanmedian(np.asarray([1.0, np.nan, 3.0])))
    2.0
    """
    ns = namespace(xp, x)
    if _n.library(ns) != "torch" or _n.is_lazy(ns, x):
        return _composed.nanmedian(x, axis=axis, keepdims=keepdims, xp=ns)
    axes = normalize_axes(axis, x.ndim)
    shape = _left(x, axes, keepdims)
    y = _lines(ns, x, axes)
    if y.shape[-1] == 0:
        return ns.full(shape, math.nan, dtype=x.dtype, device=_n.device(x))
    return ns.reshape(_middle(ns, y, ns.nanmedian), shape)


def _middle(ns: Namespace, lines: Any, function: Any) -> Any:
    """PyTorch's medians are the lower of two in the middle; the negative of that of the negatives is the upper one."""
    low = function(lines, dim=-1).values
    high = -function(-lines, dim=-1).values
    # Halved before they are added, so that the sum does not overflow.
    return ns.where(low == high, low, low / 2.0 + high / 2.0)


def _quantile(
    ns: Namespace, x: Any, q: Any, axis: Any, method: str, weights: Any, keepdims: bool, missing: bool
) -> Any:
    known = [*_CONTINUOUS, *_STEPS, *_COMPOSED]
    if method not in known:
        raise ValueError(f"the method {method!r} is unknown, take one of {', '.join(known)}")
    if weights is not None and method != "inverted_cdf":
        raise ValueError("only the method 'inverted_cdf' takes weights")
    axes = normalize_axes(axis, x.ndim)
    n, shape = math.prod(x.shape[i] for i in axes), _left(x, axes, keepdims)
    if n == 0:
        return ns.full(tuple(q.shape) + shape, math.nan, dtype=x.dtype, device=_n.device(x))
    if method in _COMPOSED:
        function = _composed.nanquantile if missing else _composed.quantile
        return function(x, q, axis=axis, method=method, keepdims=keepdims, xp=ns)

    def number(value: float) -> Any:
        return ns.asarray(value, dtype=x.dtype, device=_n.device(x))

    values = _lines(ns, x, axes)
    absent = ns.isnan(values)
    nothing = ns.all(absent, axis=-1, keepdims=True)
    # What is missing comes last; where nothing is left, any numbers serve.
    filled = ns.where(absent, ns.where(nothing, number(0.0), number(math.inf)), values)
    shares = ns.reshape(q, (-1,))
    if weights is None:
        ordered = ns.sort(filled, axis=-1)
        count = ns.sum(ns.astype(~absent, x.dtype), axis=-1, keepdims=True) if missing else ns.full_like(values[..., :1], float(n))
        out = _by_place(ns, ordered, count, shares, method)
    else:
        whole = _whole_weights(ns, weights, x, axes)
        out = _by_weight(ns, filled, ns.where(absent, ns.zeros_like(values), _lines(ns, whole, axes)), shares)
    out = ns.where(nothing if missing else ns.any(absent, axis=-1, keepdims=True), number(math.nan), out)
    return ns.reshape(ns.moveaxis(out, -1, 0), tuple(q.shape) + shape)


def _whole_weights(ns: Namespace, weights: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """The weights in the shape and dtype of the array."""
    w = ns.astype(weights, x.dtype, copy=False)
    if tuple(w.shape) != tuple(x.shape):
        if len(axes) != 1 or tuple(w.shape) != (x.shape[axes[0]],):
            raise ValueError("the weights have neither the shape of the array nor that of the reduced axis")
        w = ns.reshape(w, tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
    return ns.broadcast_to(w, tuple(x.shape))


def _by_place(ns: Namespace, ordered: Any, count: Any, q: Any, method: str) -> Any:
    """The quantiles of lines in order, of whose elements the first `count` are there."""
    index = _n.default_dtype(ns, "indexing")
    zero = ns.zeros_like(count)
    last = ns.where(count > 0, count - 1.0, zero)

    def at(place: Any) -> Any:
        inside = ns.where(place > last, last + ns.zeros_like(place), place)
        inside = ns.where(inside < 0, ns.zeros_like(inside), inside)
        return _composed.take_along_axis(ordered, ns.astype(inside, index), axis=-1, xp=ns)

    if method in _CONTINUOUS:
        a, b = _CONTINUOUS[method]
        place = count * q + (a + q * (1.0 - a - b)) - 1.0
        start = ns.floor(place)
        low, high = at(start), at(start + 1.0)
        return ns.where(low == high, low, low + (place - start) * (high - low))
    place = count * q
    whole = ns.floor(place)
    exact = place == whole
    if method == "closest_observation":
        # Of two that are as near, the one at an even place, counted from one.
        place = place - 0.5
        whole = ns.floor(place)
        even = (place == whole) & (ns.remainder(whole, ns.full_like(whole, 2.0)) == 0)
        return at(ns.where(even, whole - 1.0, whole))
    low, high = at(ns.where(exact, whole - 1.0, whole)), at(whole)
    if method == "inverted_cdf":
        return low
    return ns.where(low == high, low, ns.where(exact, low / 2.0 + high / 2.0, high))


def _by_weight(ns: Namespace, values: Any, weights: Any, q: Any) -> Any:
    """The first element of each line at which the sum of weights reaches the share q of all."""
    order = ns.argsort(values, axis=-1, stable=True)
    ordered = _composed.take_along_axis(values, order, axis=-1, xp=ns)
    sums = _composed.cumulative_sum(_composed.take_along_axis(weights, order, axis=-1, xp=ns), axis=-1, xp=ns)
    wanted = q * sums[..., -1:]
    before = (sums[..., None, :] < wanted[..., :, None]) | (sums[..., None, :] == 0)
    index = _n.default_dtype(ns, "indexing")
    place = ns.sum(ns.astype(before, index), axis=-1, dtype=index)
    place = ns.where(place < values.shape[-1], place, ns.full_like(place, values.shape[-1] - 1))
    return _composed.take_along_axis(ordered, place, axis=-1, xp=ns)
