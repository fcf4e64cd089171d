"""Updates of elements, for arrays that can be written to and for those that cannot."""

from __future__ import annotations

import operator as _operator
from typing import Any, Callable, Generic, TypeVar, cast

from ._functional import apply_where
from ._namespace import array_api_compat, chunk_namespace, device, is_array, library, namespace
from ._typing import Array, Namespace, Scalar

__all__ = ["at"]

_A = TypeVar("_A", bound=Array)

# Its functions take operands of any type.
operator: Any = _operator

# No index was given.
_UNSET: Any = object()


class at(Generic[_A]):
    """
    Update elements of an array, and give the updated array.

    ``at(x, idx).set(y)`` and ``at(x)[idx].set(y)`` are the same. The other updates are `add`, `subtract`, `multiply`, `divide`, `power`,
    `min` and `max`. Use only the array that comes back: whether `x` changed, too, depends on the library and on `copy`.

    Parameters
    ----------
    x : array
        Array of any shape and dtype.
    idx : index, optional
        An index of the standard: integers, slices, ``...`` or a boolean mask. It may be given in brackets instead.
        What an array of integers does, and above all one that has an integer twice, depends on the library.

    Notes
    -----
    Each update takes ``(y, /, copy=None, xp=None)``:

    - ``copy=None`` writes into `x` where that is possible, and makes a copy where it is not (JAX, read-only arrays of NumPy);
    - ``copy=True`` never changes `x`;
    - ``copy=False`` writes into `x`, and raises `ValueError` where that is not possible.

    The result has the dtype of `x`. A `y` that this dtype cannot hold is refused or cast, as the library's own ``x[idx] += y`` does.
    Cost: the selected elements, and all elements if a copy is made.
    With a boolean mask of the shape of `x` and a `y` without axes, updates of Dask's arrays and inside `jax.jit` are composed of
    `where`, so that they stay lazy; other updates by a mask are not possible there.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> x = np.asarray([1.0, 2.0, 3.0])
    >>> ap.at(x, slice(1, None)).add(10, copy=True)
    array([ 1., 12., 13.])
    >>> ap.at(x)[x > 2].set(0)
    array([1., 2., 0.])
    """

    __slots__ = ("_idx", "_x")

    def __init__(self, x: _A, idx: Any = _UNSET, /) -> None:
        self._x = x
        self._idx = idx

    def __getitem__(self, idx: Any, /) -> at[_A]:
        """The same array with an index."""
        if self._idx is not _UNSET:
            raise ValueError("Index has already been set")
        return at(self._x, idx)

    def set(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] = y``."""
        return self._updated("set", None, y, copy, xp)

    def add(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] += y``."""
        return self._updated("add", (operator.iadd, operator.add), y, copy, xp)

    def subtract(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] -= y``."""
        return self._updated("subtract", (operator.isub, operator.sub), y, copy, xp)

    def multiply(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] *= y``."""
        return self._updated("multiply", (operator.imul, operator.mul), y, copy, xp)

    def divide(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] /= y``."""
        return self._updated("divide", (operator.itruediv, operator.truediv), y, copy, xp)

    def power(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] **= y``."""
        return self._updated("power", (operator.ipow, operator.pow), y, copy, xp)

    def min(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] = minimum(x[idx], y)``."""
        return self._bounded("min", "minimum", y, copy, xp)

    def max(self, y: Array | Scalar, /, copy: bool | None = None, xp: Namespace | None = None) -> _A:
        """Give the array after ``x[idx] = maximum(x[idx], y)``."""
        return self._bounded("max", "maximum", y, copy, xp)

    def _bounded(self, method: str, function: str, y: Array | Scalar, copy: bool | None, xp: Namespace | None) -> _A:
        ns = namespace(xp, self._x)
        bound = y if is_array(y) else ns.asarray(y, device=device(self._x))
        # Dask hands the chunks on, which are arrays of another library.
        operate = getattr(chunk_namespace(ns, self._x), function)
        return self._updated(method, (operate, operate), bound, copy, ns)

    def _updated(
        self,
        method: str,
        operators: tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]] | None,
        y: Any,
        copy: bool | None,
        xp: Namespace | None,
    ) -> _A:
        """The updated array. `operators`: an update in place and the same as an expression; None to set the elements."""
        x: Any = self._x
        idx = self._idx
        if idx is _UNSET:
            raise ValueError("Index has not been set: write at(x, idx).set(y) or at(x)[idx].set(y)")
        if copy not in (True, False, None):
            raise ValueError(f"copy must be True, False or None, not {copy!r}")
        ns = namespace(xp, x, y)
        name = library(ns)
        if name in ("dask", "jax") and is_array(idx) and idx.dtype == ns.bool and idx.shape == x.shape:
            value = ns.asarray(y, dtype=x.dtype, device=device(x))
            if value.ndim == 0:
                return cast(_A, _masked(ns, x, idx, operators, value, copy))
        writeable = array_api_compat.is_writeable_array(x)
        if copy is False and not writeable:
            raise ValueError("the array is read-only: it cannot be updated without a copy")
        if copy or not writeable:
            if name == "jax":
                # Division gives other dtypes than that of the array.
                return cast(_A, ns.astype(getattr(x.at[idx], method)(y), x.dtype, copy=False))
            x = ns.asarray(x, copy=True)
            if not array_api_compat.is_writeable_array(x):
                raise ValueError("arrays of this library cannot be updated")
        if name == "torch" and is_array(y) and y.dtype != x.dtype:
            # PyTorch sets elements from some other dtypes only.
            y = ns.astype(y, x.dtype)
        x[idx] = y if operators is None else operators[0](x[idx], y)
        return cast(_A, x)


def _masked(ns: Namespace, x: Any, mask: Any, operators: Any, value: Any, copy: bool | None) -> Any:
    """An update by a mask as a choice between two arrays, which needs no shape that depends on elements."""
    if operators is None:
        out = ns.where(mask, value, x)
    else:
        out = ns.astype(apply_where(mask, (x, value), operators[1], fill_value=x, xp=ns), x.dtype, copy=False)
    if copy is False:
        if not array_api_compat.is_writeable_array(x):
            raise ValueError("the array is read-only: it cannot be updated without a copy")
        x[()] = out
        return x
    return out
