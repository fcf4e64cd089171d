# What namespaces give has no type.
# mypy: no-warn-return-any
"""Statistics with the parameters of NumPy."""

from __future__ import annotations

import warnings
from typing import Any

from . import _composed
from . import _namespace as _n
from ._namespace import namespace
from ._shapes import normalize_axes, normalize_axis
from ._typing import A, Array, Namespace

__all__ = ["average", "cov", "nanstd", "nanvar", "trapezoid"]


def cov(
    m: A,
    /,
    *,
    axis: int = -1,
    correction: float | None = None,
    ddof: float | None = None,
    fweights: Array | None = None,
    aweights: Array | None = None,
    xp: Namespace | None = None,
) -> A:
    """
    Estimate the covariances of variables from observations.

    Parameters
    ----------
    m : array
        The shape ``(..., variables, observations)``, or one axis for one variable; a numeric dtype.
    axis : int, optional
        The axis of the observations.
    correction, ddof : float, optional
        The sum of products is divided by the number of observations less this, which is 1 by default. Both names mean the same.
    fweights : array, optional
        How often each observation counts: integers, one for each.
    aweights : array, optional
        The weight of each observation: numbers that are not negative, one for each.
    xp : namespace, optional
        The namespace of `m`; that of the arguments by default.

    Returns
    -------
    array
        The shape ``(..., variables, variables)``; without these axes for one variable.
        The dtype of `m`, or the default one for integers. NaN in a variable makes its covariances NaN, and so do no observations at all.

    Raises
    ------
    IndexError
        If `axis` is out of bounds.
    ValueError
        If there are not as many weights as observations.

    Warns
    -----
    RuntimeWarning
        If nothing is left after the correction, and the elements are there to see it.

    Notes
    -----
    Composed as a matrix product of what is left without the means. Cost: the square of the number of variables, times the observations.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.cov(np.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    ns = namespace(xp, m, fweights, aweights)
    normalize_axis(axis, max(m.ndim, 1))
    free = _correction(correction, ddof, 1)
    x = _n.floating(ns, m)
    if x.ndim < 2:
        x = ns.reshape(x, (1, -1))
    elif axis not in (-1, x.ndim - 1):
        x = ns.moveaxis(x, axis, -1)
    if x.ndim == 2 and fweights is None and aweights is None and free == 1 and _n.known(x.shape[1]) and x.shape[1] > 1:
        if _n.isdtype(ns, x.dtype, "real floating") and _n.known(x.shape[0]) and x.shape[0] > 0:
            return _composed.cov(x, xp=ns)
    return _weighted_cov(ns, x, free, _weights(ns, fweights, x), _weights(ns, aweights, x))


def _correction(correction: float | None, ddof: float | None, default: float) -> float:
    if correction is not None and ddof is not None:
        raise TypeError("correction and ddof mean the same: give one of them")
    return default if correction is None and ddof is None else ddof if correction is None else correction  # type: ignore[return-value]


def _weights(ns: Namespace, weights: Any, x: Any) -> Any:
    """Weights of observations, in the dtype of the variables."""
    if weights is None:
        return None
    if weights.ndim != 1:
        raise ValueError(f"weights have one axis, not {weights.ndim}")
    n, k = x.shape[-1], weights.shape[0]
    if _n.known(n) and _n.known(k) and n != k:
        raise ValueError(f"there are {k} weights for {n} observations")
    return ns.astype(weights, x.dtype)


def _weighted_cov(ns: Namespace, x: Any, free: float, repeated: Any, weighted: Any) -> Any:
    given = [w for w in (repeated, weighted) if w is not None]
    w = None if not given else given[0] if len(given) == 1 else given[0] * given[1]
    divisor: Any
    if w is None:
        # Counted by the library where the number is not known before the elements are.
        n = x.shape[-1]
        divisor = (n if _n.known(n) else ns.sum(ns.ones_like(x[0, :]))) - free
        mean = ns.mean(x, axis=-1, keepdims=True)
    else:
        total = ns.sum(w)
        mean = ns.sum(x * w, axis=-1, keepdims=True) / total
        divisor = total - (free if weighted is None else free * ns.sum(w * weighted) / total)
    if _is_spent(ns, divisor):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
        divisor = ns.zeros((), dtype=x.dtype, device=_n.device(x))
    d = x - mean
    transposed = ns.matrix_transpose(d if not _n.isdtype(ns, x.dtype, "complex floating") else ns.conj(d))
    out = ((d if w is None else d * w) @ transposed) / divisor
    return out[..., 0, 0] if x.shape[-2] == 1 else out


def _is_spent(ns: Namespace, divisor: Any) -> bool:
    """Whether the divisor is there to be seen, and is not positive."""
    if not _n.is_array(divisor):
        return bool(divisor <= 0)
    if _n.is_lazy(ns, divisor):
        return False
    real = ns.real(divisor) if _n.isdtype(ns, divisor.dtype, "complex floating") else divisor
    return bool(real <= 0)


def nanvar(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: float | None = None,
    ddof: float | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute the variance of the elements that are not NaN.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    correction, ddof : float, optional
        The sum of squares is divided by the number of elements less this, which is 0 by default. Both names mean the same.
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
    Composed of `nanmean`, `where` and `sum`. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.nanvar(np.asarray([1.0, np.nan, 3.0]), ddof=1))
    2.0
    """
    return _composed.nanvar(x, axis=axis, correction=_correction(correction, ddof, 0), keepdims=keepdims, xp=xp)


def nanstd(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: float | None = None,
    ddof: float | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute the standard deviation of the elements that are not NaN.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    correction, ddof : float, optional
        The sum of squares is divided by the number of elements less this, which is 0 by default. Both names mean the same.
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
    Composed as the square root of `nanvar`. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.nanstd(np.asarray([1.0, np.nan, 3.0])))
    1.0
    """
    return _composed.nanstd(x, axis=axis, correction=_correction(correction, ddof, 0), keepdims=keepdims, xp=xp)


def average(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    weights: Array | None = None,
    keepdims: bool = False,
    xp: Namespace | None = None,
) -> A:
    """
    Compute the mean, in which each element may have a weight.

    Parameters
    ----------
    x : array
        Any shape; a floating dtype.
    axis : int or tuple of int, optional
        The axes to reduce; all by default.
    weights : array, optional
        The weights: the shape of `x`, or that of the reduced axes.
    keepdims : bool, optional
        Whether the reduced axes stay, with length one.
    xp : namespace, optional
        The namespace of `x`; that of the arguments by default.

    Returns
    -------
    array
        The shape without the reduced axes; the dtype of `x`. NaN if an element is NaN.

    Raises
    ------
    ValueError
        If the weights have another shape.

    Notes
    -----
    Composed of two `sum`. Weights that sum to zero give NaN or an infinity. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.average(np.asarray([1.0, 4.0]), weights=np.asarray([2.0, 1.0])))
    2.0
    """
    ns = namespace(xp, x, weights)
    w: Any = weights
    if w is not None:
        w = ns.astype(w, x.dtype, copy=False)
        if tuple(w.shape) != tuple(x.shape):
            axes = normalize_axes(axis, x.ndim)
            if tuple(w.shape) != tuple(x.shape[i] for i in axes):
                raise ValueError("the weights have neither the shape of the array nor that of the reduced axes")
            order = sorted(range(len(axes)), key=lambda i: axes[i])
            w = ns.permute_dims(w, tuple(order)) if len(order) > 1 else w
            w = ns.reshape(w, tuple(x.shape[i] if i in axes else 1 for i in range(x.ndim)))
            w = ns.broadcast_to(w, tuple(x.shape))
    axes_or_axis: Any = axis
    return _composed.average(x, axis=axes_or_axis, weights=w, keepdims=keepdims, xp=ns)


def trapezoid(
    y: A, x: Array | None = None, /, *, dx: float = 1.0, axis: int = -1, xp: Namespace | None = None
) -> A:
    """
    Integrate by the trapezoidal rule.

    Parameters
    ----------
    y : array
        At least one axis; a floating dtype.
    x : array, optional
        The points: a vector as long as the axis, or the shape of `y`.
    dx : float, optional
        The distance of the points if none are given.
    axis : int, optional
        The axis of the points.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        The shape without the axis; the dtype of `y`. Zero for fewer than two points; NaN if an element is NaN.

    Notes
    -----
    Composed of two slices, a product and a sum. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> float(ap.trapezoid(np.asarray([1.0, 2.0, 3.0]), np.asarray([4.0, 6.0, 8.0])))
    8.0
    """
    ns = namespace(xp, y, x)
    if x is None:
        return _composed.trapezoid(y, dx=dx, axis=axis, xp=ns)
    values = ns.moveaxis(y, axis, -1)
    points: Any = x if x.ndim == 1 else ns.moveaxis(x, axis, -1)
    if values.shape[-1] < 2:
        return ns.sum(values, axis=-1) * 0.0
    return ns.sum((points[..., 1:] - points[..., :-1]) * (values[..., 1:] + values[..., :-1]) / 2.0, axis=-1)
