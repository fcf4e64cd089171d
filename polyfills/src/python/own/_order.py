# What namespaces give has no type.
# mypy: no-warn-return-any
"""Partial orders, and places in sorted arrays."""

from __future__ import annotations

from typing import Any, Literal

from . import _composed
from . import _namespace as _n
from ._namespace import namespace
from ._shapes import normalize_axis
from ._typing import A, Array, Namespace

__all__ = ["argpartition", "partition", "searchsorted"]


def partition(a: A, kth: int, /, axis: int | None = -1, *, xp: Namespace | None = None) -> A:
    """
    Put the element at one place where it would stand in order, no greater one before it and no smaller one after it.

    Parameters
    ----------
    a : array
        At least one axis; a real dtype.
    kth : int
        The place, from the front.
    axis : int or None, optional
        The axis; None for all elements as one line.
    xp : namespace, optional
        The namespace of `a`; that of the argument by default.

    Returns
    -------
    array
        The shape and dtype of `a`. The order on both sides is open, and so is the place of NaN.

    Raises
    ------
    TypeError
        If `a` has no axis, or its length is not known.
    ValueError
        If `kth` is out of bounds.

    Notes
    -----
    The library's selection where it has one, at a linear cost (PyTorch: `kthvalue` and a scatter); else a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.partition(np.asarray([3, 1, 2]), 0)[0].item()
    1
    """
    ns = namespace(xp, a)
    x, along = _line(ns, a, kth, axis)
    if _n.library(ns) == "torch" and not _n.is_lazy(ns, x):
        return _moved(ns, x, x, kth, along)
    return _composed.partition(x, kth, axis=along, xp=ns)


def argpartition(a: A, kth: int, /, axis: int | None = -1, *, xp: Namespace | None = None) -> A:
    """
    Give the indices that put the element at one place where it would stand in order.

    Parameters
    ----------
    a : array
        At least one axis; a real dtype.
    kth : int
        The place, from the front.
    axis : int or None, optional
        The axis; None for all elements as one line.
    xp : namespace, optional
        The namespace of `a`; that of the argument by default.

    Returns
    -------
    array
        Indices of the shape of `a`, in the default dtype of indices.

    Raises
    ------
    TypeError
        If `a` has no axis, or its length is not known.
    ValueError
        If `kth` is out of bounds.

    Notes
    -----
    As `partition`.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.argpartition(np.asarray([3, 1, 2]), 0)[0].item()
    1
    """
    ns = namespace(xp, a)
    x, along = _line(ns, a, kth, axis)
    if _n.library(ns) == "torch" and not _n.is_lazy(ns, x):
        places = ns.arange(x.shape[along], device=_n.device(x))
        shape = [1] * x.ndim
        shape[along] = -1
        return _moved(ns, x, ns.broadcast_to(ns.reshape(places, tuple(shape)), tuple(x.shape)), kth, along)
    return _composed.argpartition(x, kth, axis=along, xp=ns)


def _line(ns: Namespace, a: Array, kth: int, axis: int | None) -> tuple[Any, int]:
    """The array and the axis to partition along."""
    if a.ndim < 1:
        raise TypeError("`a` must be at least 1-dimensional")
    x, along = (ns.reshape(a, (-1,)), 0) if axis is None else (a, normalize_axis(axis, a.ndim))
    n = x.shape[along]
    if not _n.known(n):
        raise TypeError(f"the length of axis {along} is not known before the array is computed")
    if not 0 <= kth < n:
        raise ValueError(f"kth(={kth}) out of bounds [0 {n})")
    return x, along


def _moved(ns: Namespace, x: Any, source: Any, kth: int, axis: int) -> Any:
    """PyTorch: the elements of `source` moved to where those of `x` belong on either side of the one at `kth`."""
    split = ns.kthvalue(x, kth + 1, dim=axis, keepdim=True).values
    less, same = x < split, x == split
    if x.dtype.is_floating_point:
        # NaN counts as the greatest.
        missing = ns.isnan(split)
        less, same = less | (missing & ~ns.isnan(x)), same | (missing & ns.isnan(x))
    before = ns.sum(less, axis=axis, keepdims=True)
    equal = ns.sum(same, axis=axis, keepdims=True)
    after = ~(less | same)
    place = ns.where(less, less.cumsum(axis), ns.where(same, before + same.cumsum(axis), before + equal + after.cumsum(axis)))
    return ns.empty_like(x, dtype=source.dtype).scatter_(axis, place - 1, source)


def searchsorted(
    x1: A, x2: Array, /, *, side: Literal["left", "right"] = "left", sorter: Array | None = None, xp: Namespace | None = None
) -> A:
    """
    Find the places in sorted lines before which elements would be inserted.

    Parameters
    ----------
    x1 : array
        The shape ``(n,)`` or ``(..., n)``; a real dtype; each line in ascending order, NaN last.
    x2 : array
        Any shape if `x1` has one axis; else ``(..., m)``; a real dtype.
    side : {'left', 'right'}, optional
        Whether the place is before or after elements that are equal.
    sorter : array, optional
        Indices that sort `x1`, if it is a line that is not in order.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        Places from zero to `n`, of the shape of `x2`, in the library's default dtype of integers. That of JAX is int32 unless
        `jax_enable_x64` is set.

    Raises
    ------
    ValueError
        If `side` is another word.

    Notes
    -----
    The library's own function for one line; else a search by halves, composed of `take_along_axis`.
    Cost: the number of elements of `x2` times the logarithm of `n`.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.searchsorted(np.asarray([[1.0, 2.0], [5.0, 6.0]]), np.asarray([[1.5], [9.0]]))
    array([[1],
           [2]])
    """
    ns = namespace(xp, x1, x2)
    if side not in ("left", "right"):
        raise ValueError("`side` must be either 'left' or 'right'.")
    integer = _n.default_dtype(ns, "integral")
    values: Any = x2 if _n.is_array(x2) else ns.asarray(x2, dtype=x1.dtype, device=_n.device(x1))
    if x1.ndim <= 1 or _n.library(ns) == "torch":
        line = x1 if sorter is None else ns.take(x1, sorter, axis=0)
        return ns.astype(_composed.searchsorted(line, values, side=side, xp=ns), integer, copy=False)
    n = _n.sizes(x1)[-1]
    low = ns.zeros(values.shape, dtype=integer, device=_n.device(x1))
    if n == 0 or values.size == 0:
        return low
    high = low + n
    for _ in range(n.bit_length()):
        middle = (low + high) // 2
        # Where the search is over, the middle may be one beyond the last element.
        found = _composed.take_along_axis(x1, ns.clip(middle, 0, n - 1), axis=-1, xp=ns)
        before = found < values if side == "left" else found <= values
        if _n.isdtype(ns, x1.dtype, "real floating"):
            before = before | (ns.isnan(values) if side == "right" else ns.isnan(values) & ~ns.isnan(found))
        open_ = low < high
        low = ns.where(open_ & before, middle + 1, low)
        high = ns.where(open_ & ~before, middle, high)
    return low
