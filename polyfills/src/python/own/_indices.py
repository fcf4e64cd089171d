"""Indices of diagonals and triangles."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from . import _namespace as _n
from ._delegation import verified
from ._typing import Device, Namespace

__all__ = ["diag_indices", "tril_indices", "triu_indices"]


def diag_indices(n: int, /, *, ndim: int = 2, device: Device | None = None, xp: Namespace) -> tuple[Any, ...]:
    """
    Give the indices of the main diagonal of an array of equal sizes.

    Parameters
    ----------
    n : int
        The length of each axis.
    ndim : int, optional
        The number of axes, at least one.
    device : device, optional
        The device of the indices; the current one by default.
    xp : namespace
        The namespace of the indices.

    Returns
    -------
    tuple of arrays
        `ndim` times the integers from zero to ``n - 1``, in the default dtype of indices.

    Raises
    ------
    ValueError
        If `n` is negative or `ndim` is less than one.

    Notes
    -----
    Composed as one `arange`. Cost: linear in `n`.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.diag_indices(2, xp=np)
    (array([0, 1]), array([0, 1]))
    """
    if n < 0:
        raise ValueError(f"`n` must be non-negative, got {n}")
    if ndim < 1:
        raise ValueError(f"`ndim` must be >= 1, got {ndim}")
    return (xp.arange(n, dtype=_n.default_dtype(xp, "indexing"), device=device),) * ndim


def tril_indices(
    n: int, /, *, offset: int = 0, m: int | None = None, device: Device | None = None, xp: Namespace
) -> tuple[Any, Any]:
    """
    Give the indices of a matrix on and below a diagonal.

    Parameters
    ----------
    n : int
        The number of rows.
    offset : int, optional
        The diagonal: positive ones are above the main diagonal.
    m : int, optional
        The number of columns; as many as rows by default.
    device : device, optional
        The device of the indices; the current one by default.
    xp : namespace
        The namespace of the indices.

    Returns
    -------
    tuple of arrays
        The rows and the columns, row by row, in the default dtype of indices.

    Raises
    ------
    ValueError
        If `n` or `m` is negative.

    Notes
    -----
    Composed of `arange`, `searchsorted` and `take`: the number of indices is known beforehand, so it can be traced.
    Cost: linear in the result, times the logarithm of `n`.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.tril_indices(2, xp=np)
    (array([0, 1, 1]), array([0, 0, 1]))
    """
    columns = _columns(n, m)
    native = verified(xp, "tril_indices")
    if native is not None and device is None:
        return tuple(native(n, k=offset, m=m))
    return _rows(xp, [(0, i + offset + 1) for i in range(n)], columns, device)


def triu_indices(
    n: int, /, *, offset: int = 0, m: int | None = None, device: Device | None = None, xp: Namespace
) -> tuple[Any, Any]:
    """
    Give the indices of a matrix on and above a diagonal.

    Parameters
    ----------
    n : int
        The number of rows.
    offset : int, optional
        The diagonal: positive ones are above the main diagonal.
    m : int, optional
        The number of columns; as many as rows by default.
    device : device, optional
        The device of the indices; the current one by default.
    xp : namespace
        The namespace of the indices.

    Returns
    -------
    tuple of arrays
        The rows and the columns, row by row, in the default dtype of indices.

    Raises
    ------
    ValueError
        If `n` or `m` is negative.

    Notes
    -----
    Composed of `arange`, `searchsorted` and `take`: the number of indices is known beforehand, so it can be traced.
    Cost: linear in the result, times the logarithm of `n`.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.triu_indices(2, xp=np)
    (array([0, 0, 1]), array([0, 1, 1]))
    """
    columns = _columns(n, m)
    native = verified(xp, "triu_indices")
    if native is not None and device is None:
        return tuple(native(n, k=offset, m=m))
    return _rows(xp, [(i + offset, columns) for i in range(n)], columns, device)


def _columns(n: int, m: int | None) -> int:
    """The number of columns; raises where a number is negative."""
    if n < 0:
        raise ValueError(f"`n` must be non-negative, got {n}")
    if m is not None and m < 0:
        raise ValueError(f"`m` must be non-negative, got {m}")
    return n if m is None else m


def _rows(ns: Namespace, spans: list[tuple[int, int]], columns: int, device: Device | None) -> tuple[Any, Any]:
    """The indices of a matrix whose rows have elements from one column to another."""
    index = _n.default_dtype(ns, "indexing", device)
    firsts = [min(max(first, 0), columns) for first, _ in spans]
    counts = [max(min(max(last, 0), columns) - first, 0) for first, (_, last) in zip(firsts, spans)]
    ends = list(accumulate(counts))
    places = ns.arange(ends[-1] if ends else 0, dtype=index, device=device)
    if not ends or ends[-1] == 0:
        return places, ns.arange(0, dtype=index, device=device)
    rows = ns.astype(ns.searchsorted(ns.asarray(ends, dtype=index, device=device), places, side="right"), index)
    # The place of a row's first element, less the column where it stands.
    shifts = ns.asarray([end - count - first for end, count, first in zip(ends, counts, firsts)], dtype=index, device=device)
    return rows, places - ns.take(shifts, rows, axis=0)
