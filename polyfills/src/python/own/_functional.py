"""Functions of functions: on a part of the elements, and later, when lazy arrays are computed."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Callable, overload

from . import _namespace as _n
from ._namespace import array_api_compat, namespace
from ._shapes import broadcast_shapes
from ._typing import Array, Device, DType, Namespace, Scalar

__all__ = ["apply_where", "default_dtype", "lazy_apply"]

# Without a type, so that checkers do not take the items of a tuple for unknown.
_TUPLE: Any = tuple


def default_dtype(xp: Namespace, kind: str = "real floating", *, device: Device | None = None) -> DType:
    """
    Give the default dtype of a namespace for a kind of numbers.

    Parameters
    ----------
    xp : namespace
        A namespace of the standard, of revision 2023.12 or later.
    kind : {'real floating', 'complex floating', 'integral', 'indexing'}, optional
        The kind of numbers.
    device : device, optional
        The device whose default is asked for; the current one by default.

    Returns
    -------
    dtype
        What ``xp.__array_namespace_info__().default_dtypes(device=device)[kind]`` gives.

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.default_dtype(np)
    dtype('float64')
    """
    try:
        return _n.default_dtype(xp, kind, device)
    except ValueError as error:
        raise ValueError(f"Unknown kind {kind!r}: {error}") from None


@overload
def apply_where(
    cond: Array,
    args: Any,
    f1: Callable[..., Any],
    f2: Callable[..., Any],
    /,
    *,
    kwargs: Mapping[str, Any] | None = None,
    xp: Namespace | None = None,
) -> Any: ...
@overload
def apply_where(
    cond: Array,
    args: Any,
    f1: Callable[..., Any],
    /,
    *,
    fill_value: Array | Scalar,
    kwargs: Mapping[str, Any] | None = None,
    xp: Namespace | None = None,
) -> Any: ...
def apply_where(
    cond: Array,
    args: Any,
    f1: Callable[..., Any],
    f2: Callable[..., Any] | None = None,
    /,
    *,
    fill_value: Array | Scalar | None = None,
    kwargs: Mapping[str, Any] | None = None,
    xp: Namespace | None = None,
) -> Any:
    """
    Compute a function where a condition holds, and another one, or a value, elsewhere.

    Parameters
    ----------
    cond : array
        The condition: any shape, dtype bool.
    args : array or tuple of arrays
        The arguments of the functions. They are broadcast against `cond`.
    f1 : callable
        Computes the elements where `cond` holds: it takes `args` and gives an array of their shape, element by element.
    f2 : callable, optional
        Computes the other elements. Either `f2` or `fill_value` is needed.
    fill_value : array or Python scalar, optional
        The other elements; an array is broadcast.
    kwargs : mapping of str to array, optional
        Arguments that the functions take by name.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.

    Returns
    -------
    array
        The broadcast shape; the dtype to which both results promote.

    Raises
    ------
    TypeError
        Unless exactly one of `f2` and `fill_value` is given.

    Notes
    -----
    Where the library has boolean masks, each function sees only its own elements, so it neither warns nor wastes time on the others.
    JAX, and libraries without masks, compute both and choose by `where`: there the gradient of the part that was not taken may be NaN.
    Dask calls the functions on chunks: they have to use the namespace of the chunks, and may be called on arrays without elements.
    Cost: linear, beside that of the functions.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> a, b = np.asarray([5.0, 4.0, 3.0]), np.asarray([0.0, 2.0, 2.0])
    >>> ap.apply_where(b != 0, (a, b), lambda a, b: a / b, fill_value=np.nan)
    array([nan, 2. , 1.5])
    """
    if (f2 is None) == (fill_value is None):
        raise TypeError("Exactly one of f2 and fill_value has to be given")
    positional: list[Any] = list(args) if isinstance(args, _TUPLE) else [args]
    names = list(kwargs or ())
    given = [*positional, *(kwargs or {}).values()]
    ns = namespace(xp, cond, fill_value, *given)
    if fill_value is None or _n.is_scalar(fill_value):
        condition, *given = ns.broadcast_arrays(cond, *given)
        fill: Any = fill_value
    else:
        condition, fill, *given = ns.broadcast_arrays(cond, fill_value, *given)
    if _n.library(ns) == "dask":
        inner = _n.chunk_namespace(ns, condition, fill, *given)
        return ns.map_blocks(_chosen, condition, f1, f2, fill, *given, names=names, ns=inner)
    return _chosen(condition, f1, f2, fill, *given, names=names, ns=ns)


def _chosen(
    cond: Any, f1: Callable[..., Any], f2: Callable[..., Any] | None, fill: Any, *given: Any, names: list[str], ns: Namespace
) -> Any:
    """The elements of `apply_where` for operands of one shape."""

    def of(function: Callable[..., Any], items: Sequence[Any]) -> Any:
        first = len(items) - len(names)
        return function(*items[:first], **dict(zip(names, items[first:])))

    masked = _n.library(ns) != "jax" and _n.has_boolean_indexing(ns, cond)
    if not masked:
        then = of(f1, given)
        otherwise = of(f2, given) if f2 is not None else fill
        return ns.where(cond, *_n.as_arrays(ns, then, otherwise))
    then = of(f1, [x[cond] for x in given])
    if f2 is None:
        _, other = _n.as_arrays(ns, then, fill)
        dtype = ns.result_type(then, other)
        if _n.is_scalar(fill):
            out = ns.full(cond.shape, fill, dtype=dtype, device=_n.device(cond))
        else:
            # NumPy's own scalar has no elements to assign.
            out = ns.asarray(ns.astype(other, dtype, copy=True))
    else:
        rest = ~cond
        otherwise = of(f2, [x[rest] for x in given])
        dtype = ns.result_type(then, otherwise)
        out = ns.empty(cond.shape, dtype=dtype, device=_n.device(cond))
        out[rest] = ns.astype(otherwise, dtype, copy=False)
    out[cond] = ns.astype(then, dtype, copy=False)
    return out


@overload
def lazy_apply(
    func: Callable[..., Any],
    *args: Array | Scalar | None,
    shape: tuple[int | None, ...] | None = None,
    dtype: DType | None = None,
    as_numpy: bool = False,
    xp: Namespace | None = None,
    **kwargs: Any,
) -> Any: ...
@overload
def lazy_apply(
    func: Callable[..., Any],
    *args: Array | Scalar | None,
    shape: Sequence[tuple[int | None, ...]],
    dtype: Sequence[DType] | None = None,
    as_numpy: bool = False,
    xp: Namespace | None = None,
    **kwargs: Any,
) -> tuple[Any, ...]: ...
def lazy_apply(
    func: Callable[..., Any],
    *args: Array | Scalar | None,
    shape: Any = None,
    dtype: Any = None,
    as_numpy: bool = False,
    xp: Namespace | None = None,
    **kwargs: Any,
) -> Any:
    """
    Call an eager function on lazy arrays, when they are computed; on others at once.

    Parameters
    ----------
    func : callable
        A function without side effects. It takes `args` and `kwargs`, and gives an array-like or a sequence of them.
    *args : array, Python scalar or None
        The arguments; at least one is an array.
    shape : tuple of int or None, or sequence of such tuples, optional
        The shape of the result, or one for each result; None stands for a size that is not known yet.
        By default there is one result, of the shape to which the arguments broadcast.
    dtype : dtype or sequence of dtypes, optional
        The dtype of each result; by default that to which the arguments promote.
    as_numpy : bool, optional
        Whether `func` gets arrays of NumPy, whatever the library.
    xp : namespace, optional
        The namespace of the arrays; that of the arguments by default.
    **kwargs : Any, optional
        More arguments of `func`, none of which is an array.

    Returns
    -------
    array or tuple of arrays
        One array unless `shape` is a sequence of shapes.

    Raises
    ------
    ValueError
        If no argument is an array, if shapes and dtypes differ in number, or inside `jax.jit` if a size is not known.

    Notes
    -----
    Dask: each argument becomes one chunk, and so does each result. Inside `jax.jit`: `jax.pure_callback`; `func` must not raise there.
    Any other array: `func` is called at once. The results come back on the device of the first array.

    Examples
    --------
    >>> import numpy as np
    >>> import array_assay_polyfills as ap
    >>> ap.lazy_apply(np.cumsum, np.asarray([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    given = [arg for arg in args if arg is not None]
    arrays: list[Any] = [arg for arg in given if not _n.is_scalar(arg)]
    if not arrays:
        raise ValueError("Must have at least one argument array")
    ns = namespace(xp, *args)
    shapes, dtypes, several = _results(ns, given, arrays, shape, dtype)
    name = _n.library(ns)
    if name == "dask":
        return _by_dask(ns, func, args, kwargs, arrays, shapes, dtypes, several, as_numpy)
    if name == "jax" and _n.is_traced(ns):
        jax: Any = importlib.import_module("jax")

        if any(None in one for one in shapes):
            raise ValueError("Output shape must be fully known when running inside jax.jit")
        # What is handed to the callback becomes arrays, so the other arguments are bound before.
        call = _eager(functools.partial(func, **kwargs), as_numpy, several, ns)
        out = jax.pure_callback(call, tuple(jax.ShapeDtypeStruct(s, d) for s, d in zip(shapes, dtypes)), *args)
    else:
        out = _eager(func, as_numpy, several, ns)(*args, **kwargs)
    return tuple(out) if several else out[0]


def _results(
    ns: Namespace, given: list[Any], arrays: list[Any], shape: Any, dtype: Any
) -> tuple[list[tuple[int | None, ...]], list[DType], bool]:
    """The shapes and dtypes of the results, and whether there are several."""
    several = shape is not None and any(not (n is None or isinstance(n, int)) for n in shape)
    if shape is None:
        shapes = [broadcast_shapes(*(x.shape for x in arrays))]
    else:
        shapes = list(shape) if several else [tuple(shape)]
    if dtype is None:
        dtypes = [ns.result_type(*given)] * len(shapes)
    elif isinstance(dtype, Sequence) != several:
        raise ValueError("Got multiple shapes but only one dtype" if several else "Got single shape but multiple dtypes")
    else:
        dtypes = list(dtype) if several else [dtype]
    if len(shapes) != len(dtypes):
        raise ValueError(f"Got {len(shapes)} shapes and {len(dtypes)} dtypes")
    return shapes, dtypes, several


def _by_dask(
    ns: Namespace,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    arrays: list[Any],
    shapes: list[tuple[int | None, ...]],
    dtypes: list[DType],
    several: bool,
    as_numpy: bool,
) -> Any:
    dask: Any = importlib.import_module("dask")

    metas = [x._meta for x in arrays]
    inner = array_api_compat.array_namespace(*metas)
    delayed = dask.delayed(_eager(func, as_numpy, several, inner), pure=True)(*args, **kwargs)
    out = tuple(
        ns.from_delayed(delayed[i], shape=tuple(math.nan if n is None else n for n in shape), dtype=dtype, meta=metas[0])
        for i, (shape, dtype) in enumerate(zip(shapes, dtypes))
    )
    return out if several else out[0]


def _eager(func: Callable[..., Any], as_numpy: bool, several: bool, ns: Namespace) -> Callable[..., tuple[Any, ...]]:
    """`func` on eager arrays, with a tuple of arrays of the namespace as its result."""

    # Dask names the step after the function.
    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
        where = next(_n.device(arg) for arg in args if arg is not None and not _n.is_scalar(arg))
        if as_numpy:
            np: Any = importlib.import_module("numpy")

            args = tuple(arg if arg is None or _n.is_scalar(arg) else np.asarray(arg) for arg in args)
        out = func(*args, **kwargs)
        return tuple(ns.asarray(one, device=where) for one in (out if several else (out,)))

    return call
