# What namespaces give has no type.
# mypy: no-warn-return-any
"""Arrays made and moved: diagonals, one-hot codes, new axes, padding, Kronecker products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _composed
from . import _namespace as _n
from ._at import at
from ._namespace import namespace
from ._shapes import normalize_axis
from ._typing import A, Array, DType, Namespace, Scalar

__all__ = ["atleast_nd", "create_diagonal", "expand_dims", "kron", "one_hot", "pad"]


def atleast_nd(x: A, /, *, ndim: int, xp: Namespace | None = None) -> A:
    """
    Put axes of length one before those of an array, until there are enough.

    Parameters
    ----------
    x : array
        Any shape and dtype.
    ndim : int
        The least number of axes.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        `x` itself if it has enough axes, or the same elements with `ndim` axes.

    Notes
    -----
    Composed as one `reshape`. Cost: constant where the library has views.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.atleast_nd(np.asarray([1]), ndim=3)
    array([[[1]]])
    """
    ns = namespace(xp, x)
    if x.ndim >= ndim:
        return x
    if all(_n.known(n) for n in x.shape):
        return ns.reshape(x, (1,) * (ndim - x.ndim) + tuple(x.shape))
    y: Any = x
    for _ in range(ndim - x.ndim):
        y = ns.expand_dims(y, axis=0)
    return y


def expand_dims(a: A, /, *, axis: int | tuple[int, ...] = (0,), xp: Namespace | None = None) -> A:
    """
    Insert axes of length one at places of the result.

    Parameters
    ----------
    a : array
        Any shape and dtype.
    axis : int or tuple of int, optional
        The places of the new axes in the shape of the result, from the front or from the back, each once.
    xp : namespace, optional
        The namespace of `a`; that of the argument by default.

    Returns
    -------
    array
        The same elements with new axes.

    Raises
    ------
    IndexError
        If a place is out of bounds.
    ValueError
        If a place is named twice.

    Notes
    -----
    The standard has tuples of axes since revision 2025.12. Cost: constant where the library has views.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.expand_dims(np.asarray([1, 2]), axis=(0, 2)).shape
    (1, 2, 1)
    """
    ns = namespace(xp, a)
    given = axis if isinstance(axis, tuple) else (axis,)
    rank = a.ndim + len(given)
    places = sorted(normalize_axis(i, rank) for i in given)
    if len(set(places)) < len(places):
        raise ValueError("Duplicate dimensions specified in `axis`.")
    y: Any = a
    for place in places:
        y = ns.expand_dims(y, axis=place)
    return y


def create_diagonal(x: A, /, *, offset: int = 0, xp: Namespace | None = None) -> A:
    """
    Make matrices with given diagonals, and zeros elsewhere.

    Parameters
    ----------
    x : array
        The shape ``(..., k)``; any dtype.
    offset : int, optional
        The diagonal: positive ones are above the main diagonal.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape ``(..., k + abs(offset), k + abs(offset))``; the dtype of `x`.

    Raises
    ------
    ValueError
        If `x` has no axis.
    TypeError
        If its shape is not known before it is computed.

    Notes
    -----
    Composed as a row of zeros behind each element, cut to the size of the matrix. Cost: linear in the result.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.create_diagonal(np.asarray([2, 4]), offset=1)
    array([[0, 2, 0],
           [0, 0, 4],
           [0, 0, 0]])
    """
    ns = namespace(xp, x)
    if x.ndim == 0:
        raise ValueError("`x` must be at least 1-dimensional.")
    name = _n.library(ns)
    if name == "torch":
        return ns.diag_embed(x, offset=offset, dim1=-2, dim2=-1)
    *batch, k = _n.sizes(x)
    n = k + abs(offset)
    if name in ("numpy", "cupy"):
        out = ns.zeros((*batch, n * n), dtype=x.dtype)
        return ns.reshape(at(out, (..., _diagonal(k, n, offset))).set(x), (*batch, n, n))
    if name == "jax" and x.ndim == 1:
        return ns.diag(x, k=offset)
    if k == 0:
        return ns.zeros((*batch, n, n), dtype=x.dtype, device=_n.device(x))
    # Each row of this has an element and n zeros: element i comes i * (n + 1) after the first.
    spaced = ns.concat(
        [ns.expand_dims(x, axis=-1), ns.zeros((*batch, k, n), dtype=x.dtype, device=_n.device(x))], axis=-1
    )
    line = ns.reshape(spaced, (*batch, k * (n + 1)))
    before = offset if offset >= 0 else -offset * n
    after = n * n - before - k * (n + 1)
    if after < 0:
        line = line[(...,) * (x.ndim > 1) + (slice(None, after),)]
    pieces = [(before, 0), (0, line), (max(after, 0), 0)]
    parts = [
        ns.zeros((*batch, size), dtype=x.dtype, device=_n.device(x)) if size else part
        for size, part in pieces
        if size or not isinstance(part, int)
    ]
    return ns.reshape(ns.concat(parts, axis=-1) if len(parts) > 1 else parts[0], (*batch, n, n))


def _diagonal(k: int, n: int, offset: int) -> slice:
    """Where a diagonal of k elements stands in the elements of an n by n matrix."""
    start = offset if offset >= 0 else -offset * n
    return slice(start, start + k * (n + 1), n + 1) if k else slice(0, 0)


def one_hot(
    x: A, /, num_classes: int, *, dtype: DType | None = None, axis: int = -1, xp: Namespace | None = None
) -> A:
    """
    Code each index as a vector with a one at its place.

    Parameters
    ----------
    x : array
        Any shape; integers in [0, num_classes). What others give depends on the library.
    num_classes : int
        The length of the new axis.
    dtype : dtype, optional
        The dtype of the result; the default real floating one by default.
    axis : int, optional
        The place of the new axis in the result.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        Zeros and ones of the shape of `x` with the new axis.

    Raises
    ------
    TypeError
        If `x` does not hold integers.

    Notes
    -----
    Composed as a comparison with a range. Cost: linear in the result.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.one_hot(np.asarray([1, 0]), 2)
    array([[0., 1.],
           [1., 0.]])
    """
    ns = namespace(xp, x)
    if not _n.isdtype(ns, x.dtype, "integral"):
        raise TypeError("x must have an integral dtype.")
    wanted = _n.default_dtype(ns, device=_n.device(x)) if dtype is None else dtype
    classes = ns.arange(num_classes, dtype=x.dtype, device=_n.device(x))
    if axis not in (-1, x.ndim):
        place = normalize_axis(axis, x.ndim + 1)
        classes = ns.reshape(classes, (num_classes,) + (1,) * (x.ndim - place))
        return ns.astype(ns.expand_dims(x, axis=place) == classes, wanted)
    return ns.astype(x[..., None] == classes, wanted)


def kron(a: Array | Scalar, b: Array | Scalar, /, *, xp: Namespace | None = None) -> Any:
    """
    Compute the Kronecker product of two arrays.

    Parameters
    ----------
    a, b : array or Python scalar
        Any shapes; numeric dtypes that promote. At least one is an array.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        Each axis is as long as the product of those of `a` and `b`; the dtype to which they promote.

    Notes
    -----
    Composed of two `reshape` and a product. Cost: linear in the result.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.kron(np.asarray([1, 10]), np.asarray([5, 6]))
    array([ 5,  6, 50, 60])
    """
    ns = namespace(xp, a, b)
    x, y = _n.as_arrays(ns, a, b)
    return _composed.kron(x, y, xp=ns)


# Without a type, so that checkers do not take their items for unknown.
_SEQUENCE: Any = (tuple, list)


def _pairs(given: Any, rank: int, what: str) -> list[tuple[Any, Any]]:
    """A pair for each axis: from one value, from one pair, or from a sequence of pairs."""
    if not isinstance(given, _SEQUENCE):
        return [(given, given)] * rank
    items: list[Any] = list(given)
    if len(items) == 2 and not any(isinstance(item, _SEQUENCE) for item in items):
        return [(items[0], items[1])] * rank
    pairs: list[tuple[Any, ...]] = [tuple(item) if isinstance(item, _SEQUENCE) else (item, item) for item in items]
    if len(pairs) == 1:
        pairs = pairs * rank
    if len(pairs) != rank or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{what} needs a pair for each of the {rank} axes, not {given!r}")
    return [(pair[0], pair[1]) for pair in pairs]


_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(
    x: A,
    pad_width: int | tuple[int, int] | Sequence[tuple[int, int]],
    mode: str = "constant",
    *,
    constant_values: Any = 0,
    xp: Namespace | None = None,
) -> A:
    """
    Put elements around those of an array.

    Parameters
    ----------
    x : array
        Any shape and dtype.
    pad_width : int, pair of int or sequence of pairs
        How many elements come before and after those of each axis: one number or pair for all axes, or a pair for each.
    mode : {'constant', 'edge', 'reflect', 'symmetric', 'wrap'}, optional
        Which elements: a constant, the one at the edge, those mirrored without or with the one at the edge, those from the other end.
    constant_values : scalar, pair of scalars or sequence of pairs, optional
        The constants, in the forms of `pad_width`.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The greater shape; the dtype of `x`.

    Raises
    ------
    ValueError
        If a width is negative or does not fit the axes, or if an axis without elements has to be continued.
    NotImplementedError
        If the mode is another one.

    Notes
    -----
    Composed as a full array into which `x` is written, or of `concat` and `take`. Cost: linear in the result.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.pad(np.asarray([1, 2, 3]), (2, 1), constant_values=9)
    array([9, 9, 1, 2, 3, 9])
    >>> ap.pad(np.asarray([1, 2, 3]), 2, mode="reflect")
    array([3, 2, 1, 2, 3, 2, 1])
    """
    ns = namespace(xp, x)
    widths = _pairs(pad_width, x.ndim, "pad_width")
    if any(before < 0 or after < 0 for before, after in widths):
        raise ValueError("pad_width has a negative number")
    if mode not in _MODES:
        raise NotImplementedError(f"mode has to be one of {', '.join(_MODES)}, not {mode!r}")
    if mode == "constant":
        return _padded(ns, x, widths, _pairs(constant_values, x.ndim, "constant_values"))
    y: Any = x
    for axis, (before, after) in enumerate(widths):
        if before == 0 and after == 0:
            continue
        n = _n.sizes(x)[axis]
        if n == 0:
            raise ValueError(f"axis {axis} has no elements that could be continued")
        places = [_continued(i, n, mode) for i in range(-before, n + after)]
        y = ns.take(y, ns.asarray(places, dtype=_n.default_dtype(ns, "indexing"), device=_n.device(x)), axis=axis)
    return y


def _continued(i: int, n: int, mode: str) -> int:
    """The element that stands at place i of an axis of n elements that goes on beyond both ends."""
    if mode == "edge" or n == 1:
        return min(max(i, 0), n - 1)
    if mode == "wrap":
        return i % n
    period = 2 * n if mode == "symmetric" else 2 * n - 2
    i %= period
    return i if i < n else period - i - (1 if mode == "symmetric" else 0)


def _padded(ns: Namespace, x: Any, widths: list[tuple[int, int]], values: list[tuple[Any, Any]]) -> Any:
    """Padding by constants: written into a full array where arrays can be written to and one constant serves, else joined."""
    name = _n.library(ns)
    # Constants of an axis without padding are not used.
    used = [v for pair, width in zip(values, widths) for v, n in zip(pair, width) if n > 0]
    same = all(v is used[0] or v == used[0] for v in used)
    if same and name == "torch":
        flat = [n for pair in reversed(widths) for n in pair]
        return ns.nn.functional.pad(x, tuple(flat), value=used[0] if used else 0)
    # JAX's function takes no array without axes.
    if same and widths and (name == "jax" or (name == "numpy" and x.size > 10_000)):
        return ns.pad(x, widths, constant_values=used[0] if used else 0)
    if same and name in ("numpy", "cupy", "array_api_strict", "mparray"):
        shape = tuple(n + before + after for n, (before, after) in zip(_n.sizes(x), widths))
        out = ns.full(shape, used[0] if used else 0, dtype=x.dtype, device=_n.device(x))
        return at(out, tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, widths))).set(x)
    y = x
    for axis, (pair, value) in enumerate(zip(widths, values)):
        shape = _n.sizes(y)
        sides = [
            ns.full(shape[:axis] + (n,) + shape[axis + 1 :], v, dtype=x.dtype, device=_n.device(x)) if n else None
            for n, v in zip(pair, value)
        ]
        parts = [part for part in (sides[0], y, sides[1]) if part is not None]
        y = ns.concat(parts, axis=axis) if len(parts) > 1 else y
    return y

