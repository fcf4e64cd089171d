# What namespaces give has no type.
# mypy: no-warn-return-any
"""Functions element by element, with arguments that the verified compositions do not take."""

from __future__ import annotations

import math
from typing import Any, overload

from . import _composed
from . import _namespace as _n
from ._delegation import verified
from ._namespace import namespace
from ._typing import A, Array, Namespace, Scalar

__all__ = ["angle", "deg2rad", "isclose", "nan_to_num", "rad2deg", "sinc"]

_NUMBERS = ("integral", "real floating", "complex floating")


def angle(z: A, /, *, deg: bool = False, xp: Namespace | None = None) -> A:
    """
    Give the angle of each complex number.

    Parameters
    ----------
    z : array
        Any shape; a numeric dtype. A real number is one without an imaginary part.
    deg : bool, optional
        Whether to give degrees in place of radians.
    xp : namespace, optional
        The namespace of `z`; that of the argument by default.

    Returns
    -------
    array
        The shape of `z`; the real dtype of its precision, or the default one for integers. The angles are in [-pi, pi]. NaN stays NaN.

    Notes
    -----
    Composed as ``atan2(imag(z), real(z))``. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.angle(np.asarray([1.0, 1.0j, -1.0]), deg=True)
    array([  0.,  90., 180.])
    """
    ns = namespace(xp, z)
    y = _n.floating(ns, z)
    if _n.isdtype(ns, y.dtype, "complex floating"):
        out = _composed.angle(y, xp=ns)
    else:
        out = ns.atan2(ns.zeros_like(y), y)
    return out * (180.0 / math.pi) if deg else out


def deg2rad(x: A, /, *, xp: Namespace | None = None) -> A:
    """
    Convert degrees to radians.

    Parameters
    ----------
    x : array
        Any shape; a numeric dtype.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape of `x`, and its dtype, or the default one for integers. NaN stays NaN.

    Raises
    ------
    TypeError
        If `x` is not numeric.

    Notes
    -----
    Composed as ``x * (pi / 180)``. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.deg2rad(np.asarray([0.0, 180.0]))
    array([0.        , 3.14159265])
    """
    ns = namespace(xp, x)
    return _scaled(ns, x, math.pi / 180.0, "deg2rad")


def rad2deg(x: A, /, *, xp: Namespace | None = None) -> A:
    """
    Convert radians to degrees.

    Parameters
    ----------
    x : array
        Any shape; a numeric dtype.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape of `x`, and its dtype, or the default one for integers. NaN stays NaN.

    Raises
    ------
    TypeError
        If `x` is not numeric.

    Notes
    -----
    Composed as ``x * (180 / pi)``. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.rad2deg(np.asarray([0.0, np.pi]))
    array([  0., 180.])
    """
    ns = namespace(xp, x)
    return _scaled(ns, x, 180.0 / math.pi, "rad2deg")


def _scaled(ns: Namespace, x: Array, factor: float, name: str) -> Any:
    """A verified conversion of real numbers; of others a product."""
    if not _n.isdtype(ns, x.dtype, _NUMBERS):
        raise TypeError("`x` must have an integral, real floating, or complex floating dtype.")
    y = _n.floating(ns, x)
    if _n.isdtype(ns, y.dtype, "complex floating"):
        return y * factor
    return getattr(_composed, name)(y, xp=ns)


def isclose(
    a: Array | Scalar,
    b: Array | Scalar,
    *,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
    xp: Namespace | None = None,
) -> Any:
    """
    Tell which elements of two arrays are close to each other.

    Parameters
    ----------
    a, b : array or Python scalar
        Shapes that broadcast; any dtype.
    rtol, atol : float, optional
        The tolerances: ``abs(a - b) <= atol + rtol * abs(b)``.
    equal_nan : bool, optional
        Whether NaN is close to NaN.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        The broadcast shape; dtype bool. An infinity is close to itself only.

    Notes
    -----
    Integers are compared as floating numbers of the default dtype, so that no difference wraps. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.isclose(np.asarray([1.0, 1.0]), np.asarray([1.0 + 1e-9, 1.1]))
    array([ True, False])
    """
    ns = namespace(xp, a, b)
    x, y = _n.as_arrays(ns, a, b)
    native = verified(ns, "isclose", x)
    if native is not None and x.dtype == y.dtype:
        return native(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if _n.isdtype(ns, x.dtype, ("bool", *_NUMBERS[:2])) and _n.isdtype(ns, y.dtype, ("bool", *_NUMBERS[:2])):
        x, y = _one_kind(ns, x, y)
        return _composed.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan, xp=ns)
    finite = ns.isfinite(x) & ns.isfinite(y)
    # Elsewhere the difference would be NaN, with a warning: equality says all.
    near = ns.abs(ns.where(finite, x, ns.zeros_like(x)) - ns.where(finite, y, ns.zeros_like(y))) <= atol + rtol * ns.abs(
        ns.where(finite, y, ns.zeros_like(y))
    )
    out = (finite & near) | (x == y)
    return out | (ns.isnan(x) & ns.isnan(y)) if equal_nan else out


def _one_kind(ns: Namespace, x: Any, y: Any) -> tuple[Any, Any]:
    """The operands in dtypes that promote: the standard leaves open what integers and floating numbers give together."""
    floats = [z.dtype for z in (x, y) if _n.isdtype(ns, z.dtype, "real floating")]
    if len(floats) == 2:
        return x, y
    dtype = floats[0] if floats else _n.default_dtype(ns, device=_n.device(x))
    return ns.astype(x, dtype), ns.astype(y, dtype)


@overload
def nan_to_num(
    x: A,
    /,
    *,
    fill_value: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
    xp: Namespace | None = None,
) -> A: ...
@overload
def nan_to_num(
    x: Scalar,
    /,
    *,
    fill_value: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
    xp: Namespace | None = None,
) -> Any: ...
def nan_to_num(
    x: Any,
    /,
    *,
    fill_value: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
    xp: Namespace | None = None,
) -> Any:
    """
    Replace NaN by a number, and infinities by the greatest and least finite numbers.

    Parameters
    ----------
    x : array or Python scalar
        Any shape and dtype. The parts of a complex number are treated one by one.
    fill_value : float, optional
        What replaces NaN.
    posinf, neginf : float, optional
        What replaces the infinities; the greatest and the least finite number of the dtype by default.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        A new array of the shape and dtype of `x`.

    Raises
    ------
    TypeError
        If a replacement is complex.

    Notes
    -----
    Composed of `where`. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.nan_to_num(np.asarray([1.0, np.nan]), fill_value=7.0)
    array([1., 7.])
    """
    if isinstance(fill_value, complex) or isinstance(posinf, complex) or isinstance(neginf, complex):
        raise TypeError("Complex fill values are not supported.")
    ns = namespace(xp, x)
    y: Any = x if _n.is_array(x) else ns.asarray(x)
    if _n.isdtype(ns, y.dtype, "complex floating"):
        parts = [
            nan_to_num(part, fill_value=fill_value, posinf=posinf, neginf=neginf, xp=ns) for part in (ns.real(y), ns.imag(y))
        ]
        return parts[0] + parts[1] * 1j
    return _composed.nan_to_num(y, nan=fill_value, posinf=posinf, neginf=neginf, xp=ns)


def sinc(x: A, /, *, xp: Namespace | None = None) -> A:
    """
    Compute the normalized sinc function, ``sin(pi x) / (pi x)``.

    Parameters
    ----------
    x : array
        Any shape; a real floating dtype.
    xp : namespace, optional
        The namespace of `x`; that of the argument by default.

    Returns
    -------
    array
        The shape and dtype of `x`; one at zero, NaN for NaN and for infinities.

    Raises
    ------
    ValueError
        If the dtype is not real floating.

    Notes
    -----
    Composed of `where`, `sin` and a quotient. Cost: linear.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.sinc(np.asarray([0.0, 0.5]))
    array([1.        , 0.63661977])
    """
    ns = namespace(xp, x)
    if not _n.isdtype(ns, x.dtype, "real floating"):
        raise ValueError("`x` must have a real floating data type.")
    return _composed.sinc(x, xp=ns)
