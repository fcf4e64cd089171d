# What namespaces give has no type.
# mypy: no-warn-return-any
"""Sets of elements."""

from __future__ import annotations

import math
from typing import Any

from . import _composed
from . import _namespace as _n
from ._namespace import namespace
from ._delegation import verified
from ._typing import A, Array, Namespace, Scalar

__all__ = ["isin", "nunique", "setdiff1d", "union1d"]


def isin(
    a: Array | Scalar,
    b: Array | Scalar,
    /,
    *,
    assume_unique: bool = False,
    invert: bool = False,
    kind: str | None = None,
    xp: Namespace | None = None,
) -> Any:
    """
    Tell which elements of an array are among those of another one.

    Parameters
    ----------
    a, b : array or Python scalar
        Any shapes; dtypes that promote.
    assume_unique : bool, optional
        Whether each element stands once in each array. The result is the same without it.
    invert : bool, optional
        Whether to tell which elements are not among them.
    kind : str, optional
        The method of NumPy (`kind`) or JAX (`method`); other libraries choose one. It does not change the result.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        The shape of `a`; dtype bool. NaN is not among others.

    Notes
    -----
    The library's own function of the standard, or a table of all pairs. Cost of the latter: the product of the sizes.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.isin(np.asarray([1, 5]), np.asarray([5, 6]))
    array([False,  True])
    """
    ns = namespace(xp, a, b)
    x, y = _n.as_arrays(ns, a, b)
    name = _n.library(ns)
    if name == "numpy" and (kind is not None or assume_unique):
        return ns.isin(x, y, assume_unique=assume_unique, invert=invert, kind=kind)
    if name == "jax" and kind is not None:
        return ns.isin(x, y, assume_unique=assume_unique, invert=invert, method=kind)
    if _n.isdtype(ns, x.dtype, "integral") and _n.isdtype(ns, y.dtype, "integral"):
        found = _composed.isin(x, y, xp=ns)
    elif _sortable(ns, x, y):
        found = ns.reshape(_composed._is_among(ns.reshape(x, (-1,)), y, xp=ns), x.shape)
    else:  # The standard's own function takes integers alone.
        found = ns.any(x[..., None] == ns.reshape(y, (-1,)), axis=-1)
    # Not left to the library: array-api-strict 2.6 takes the argument and does nothing with it.
    return ~found if invert else found


def _sortable(ns: Namespace, x: Any, y: Any) -> bool:
    """Whether a look-up in order serves: it leaves NaN out, which needs shapes that depend on elements."""
    return bool(
        _n.isdtype(ns, x.dtype, ("integral", "real floating"))
        and _n.isdtype(ns, y.dtype, ("integral", "real floating"))
        and _n.has_boolean_indexing(ns, x)
    )


def nunique(x: A, /, *, xp: Namespace | None = None) -> A:
    """
    Count the elements that differ from each other.

    Parameters
    ----------
    x : array
        Any shape and dtype.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The count: no axes, the default dtype of integers. Each NaN counts, because it differs from itself.

    Notes
    -----
    Composed of `unique_values`, or of `sort` where the library has no shapes that depend on elements, as inside `jax.jit`.
    Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> int(ap.nunique(np.asarray([1, 1, 2])))
    2
    """
    ns = namespace(xp, x)
    name = _n.library(ns)
    integer = _n.default_dtype(ns, "integral", _n.device(x))
    if name != "jax" and _n.has_data_dependent_shapes(ns, x):
        # NumPy's `unique_values` looks elements up in a table, which takes longer than a sort where there are many.
        found = ns.unique_counts(x)[1] if name == "numpy" and math.prod(x.shape) > 10_000 else ns.unique_values(x)
        if all(_n.known(n) for n in found.shape):
            return ns.asarray(found.shape[0], dtype=integer, device=_n.device(x))
        return ns.sum(ns.ones_like(found, dtype=integer), dtype=integer)
    y = ns.reshape(x, (-1,))
    if y.shape[0] == 0:
        return ns.zeros((), dtype=integer, device=_n.device(x))
    if _n.isdtype(ns, y.dtype, "bool"):
        y = ns.astype(y, ns.uint8)
    ordered = ns.sort(y)
    return ns.sum(ns.astype(ordered[1:] != ordered[:-1], integer), dtype=integer) + 1


def setdiff1d(
    x1: Array | Scalar, x2: Array | Scalar, /, *, assume_unique: bool = False, xp: Namespace | None = None
) -> Any:
    """
    Give the unique elements of an array that are not among those of another one.

    Parameters
    ----------
    x1, x2 : array or Python scalar
        Any shapes; dtypes that promote.
    assume_unique : bool, optional
        Whether each element stands once in each array. The elements of `x1` then stay in their order.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        One axis, whose length depends on the elements; the dtype of `x1`. In order unless `assume_unique`.

    Notes
    -----
    Composed of `unique_values`, `sort` and `searchsorted`. It cannot be traced. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.setdiff1d(np.asarray([2, 1, 2, 4]), np.asarray([4, 6]))
    array([1, 2])
    """
    ns = namespace(xp, x1, x2)
    x, y = _n.as_arrays(ns, x1, x2)
    if not assume_unique:
        native = verified(ns, "setdiff1d")
        return native(x, y) if native is not None else _composed.setdiff1d(x, y, xp=ns)
    own = ns.reshape(x, (-1,))
    return own[isin(own, y, invert=True, xp=ns)]


def union1d(a: A, b: Array, /, *, xp: Namespace | None = None) -> A:
    """
    Give the unique elements of two arrays.

    Parameters
    ----------
    a, b : array
        Any shapes; dtypes that promote.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        One axis, whose length depends on the elements; the dtype to which the arguments promote.

    Notes
    -----
    Composed of `concat` and `unique_values`. It cannot be traced. Cost: that of a sort.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.union1d(np.asarray([-1, 1]), np.asarray([1, 2]))
    array([-1,  1,  2])
    """
    ns = namespace(xp, a, b)
    return _composed.union1d(a, b, xp=ns)
