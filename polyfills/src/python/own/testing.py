"""Assertions on arrays of any library, and functions run lazily in tests."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import math
import warnings
from collections.abc import Generator, Iterator
from types import FunctionType, ModuleType
from typing import Any, Callable

from . import _namespace as _n
from ._namespace import array_api_compat
from ._tracing import jitted, put_back, take_out
from ._typing import Array, Namespace

__all__ = ["assert_close", "assert_close_nulp", "assert_equal", "assert_less", "lazy_xp_function", "patch_lazy_xp_functions"]

# Tags of functions that take no attributes, such as those compiled by Cython.
_TAGS: dict[Any, dict[str, Any]] = {}

_NOT_GIVEN: Any = object()

# Methods that wrap a function; without a type, so that checkers do not take the function for unknown.
_WRAPPED: Any = (staticmethod, classmethod)


def lazy_xp_function(
    func: Callable[..., Any] | tuple[type, str],
    *,
    allow_dask_compute: bool | int = False,
    jax_jit: bool = True,
    static_argnums: Any = _NOT_GIVEN,
    static_argnames: Any = _NOT_GIVEN,
) -> None:
    """
    Mark a function that tests run under `jax.jit`, and on Dask without computing.

    Parameters
    ----------
    func : callable or tuple of type and str
        The function, or a class and the name of a method.
    allow_dask_compute : bool or int, optional
        How often a call may compute Dask's arrays: never by default, any number of times for True.
    jax_jit : bool, optional
        Whether it can be traced by JAX.
    static_argnums, static_argnames : optional
        Without effect: all arguments without arrays are static.

    See Also
    --------
    patch_lazy_xp_functions : makes the marks work, within a test or a fixture.

    Examples
    --------
    >>> from array_assay_polyfills.testing import lazy_xp_function
    >>> def double(x):
    ...     return x + x
    >>> lazy_xp_function(double)
    """
    if static_argnums is not _NOT_GIVEN or static_argnames is not _NOT_GIVEN:
        message = "The `static_argnums` and `static_argnames` parameters are deprecated and ignored."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
    tags: dict[str, Any] = {"allow_dask_compute": allow_dask_compute, "jax_jit": jax_jit}
    if callable(func):
        marked: Any = func
    else:
        owner, name = func
        tags["owner"] = owner
        marked = _own_method(owner, name)
    try:
        marked._lazy_xp_function = tags
    except AttributeError:
        _TAGS[marked] = tags


def _own_method(owner: type, name: str) -> Any:
    """A copy of a method as the class's own, so that a mark on it does not reach the class it is inherited from."""
    raw: Any = inspect.getattr_static(owner, name)
    function: Any = raw.__func__ if isinstance(raw, _WRAPPED) else raw
    copy = FunctionType(
        function.__code__, function.__globals__, name=function.__name__, argdefs=function.__defaults__, closure=function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    functools.update_wrapper(copy, function)
    setattr(owner, name, type(raw)(copy) if isinstance(raw, _WRAPPED) else copy)
    return copy


def patch_lazy_xp_functions(
    request: Any, monkeypatch: Any = None, *, xp: Namespace
) -> contextlib.AbstractContextManager[None]:
    """
    Run marked functions lazily within a test.

    Parameters
    ----------
    request : pytest.FixtureRequest
        The request of the test, or of one of its fixtures.
    monkeypatch : pytest.MonkeyPatch, optional
        Deprecated: what undoes the changes in place of the context manager.
    xp : namespace
        The namespace under test. Only JAX and Dask are lazy.

    Returns
    -------
    context manager
        Within it the functions in the test's module, and in the modules of its list `lazy_xp_modules`, are replaced.

    Notes
    -----
    JAX: functions run under `jax.jit`. Dask: a call that computes more often than its mark allows raises; its results are computed
    afterwards, so that errors and warnings show in the test. Modules are changed, so that such tests must not run in several threads.

    Examples
    --------
    A fixture in ``conftest.py``::

        @pytest.fixture(params=[numpy, jax.numpy, dask.array])
        def xp(request):
            with patch_lazy_xp_functions(request, xp=request.param):
                yield request.param
    """
    module: ModuleType = request.module
    places: list[Any] = [module, *getattr(module, "lazy_xp_modules", [])]
    members: Iterator[Any] = (value for place in places for value in place.__dict__.values())
    places += list({value for value in members if isinstance(value, type)})
    undo: list[tuple[Any, str, Any]] = []

    def replace(place: Any, name: str, value: Any) -> None:
        undo.append((place, name, inspect.getattr_static(place, name)))
        setattr(place, name, value)

    if monkeypatch is not None:
        message = "The `monkeypatch` parameter is deprecated. Use `patch_lazy_xp_functions` as a context manager instead."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        replace = monkeypatch.setattr
    name = _n.library(xp)
    if name in ("dask", "jax"):
        for place, attribute, raw, function, tags in list(_marked(places)):
            if name == "dask":
                wrapped: Any = _without_compute(function, tags["allow_dask_compute"])
            elif tags["jax_jit"]:
                wrapped = jitted(function)
            else:
                continue
            replace(place, attribute, type(raw)(wrapped) if isinstance(raw, _WRAPPED) else wrapped)
    return _undone(undo)


@contextlib.contextmanager
def _undone(changes: list[tuple[Any, str, Any]]) -> Generator[None, None, None]:
    try:
        yield
    finally:
        for place, name, before in changes:
            setattr(place, name, before)


def _marked(places: list[Any]) -> Iterator[tuple[Any, str, Any, Callable[..., Any], dict[str, Any]]]:
    """The marked functions and methods: place, name, as it stands there, the function itself, and its mark."""
    for place in places:
        members: dict[str, Any] = place.__dict__
        for name, raw in list(members.items()):
            function: Any = raw.__func__ if isinstance(raw, _WRAPPED) else raw
            tags: dict[str, Any] | None = getattr(function, "_lazy_xp_function", None)
            if tags is None:
                try:
                    tags = _TAGS.get(function)
                except TypeError:  # It has no hash.
                    continue
            # A function that merely stands in a class keeps its own ways there.
            if isinstance(tags, dict) and (not isinstance(place, type) or tags.get("owner") is place):
                yield place, name, raw, function, tags


def _without_compute(func: Callable[..., Any], allowed: bool | int) -> Callable[..., Any]:
    """The function, which raises if it computes Dask's arrays more often than that."""
    dask: Any = importlib.import_module("dask")
    da: Any = importlib.import_module("dask.array")

    limit = math.inf if allowed is True else int(allowed)
    name = getattr(func, "__name__", str(func))

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        count = 0

        def scheduler(graph: Any, keys: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            often = f"only up to {limit}" if limit else "no"
            assert count <= limit, (
                f"Called `dask.compute()` or `dask.persist()` {count} times, but {often} calls are allowed. "
                f"Set `lazy_xp_function({name}, allow_dask_compute={count})` to allow for more."
            )
            return dask.get(graph, keys, **options)

        with dask.config.set({"scheduler": scheduler}):
            out = func(*args, **kwargs)
        arrays, rest = take_out(out, da.Array)
        return put_back(dask.persist(arrays, scheduler="threads")[0], rest)

    return wrapper


def _compared(
    actual: Any, desired: Any, xp: Namespace | None, dtype: bool, shape: bool, scalar: bool, device: bool
) -> tuple[Any, Any, Namespace] | None:
    """Both as arrays of NumPy after all but their elements was compared, and their namespace; None if there are no elements to see."""
    __tracebackhide__ = True
    np: Any = importlib.import_module("numpy")

    ns = array_api_compat.array_namespace(actual)
    if xp is not None:
        assert ns == xp, f"Namespace of actual array does not match the `xp` argument: {ns.__name__} != {xp.__name__}"
    else:
        other = array_api_compat.array_namespace(desired)
        assert ns == other, f"Namespaces of actual and desired arrays do not match: {ns.__name__} != {other.__name__}"
    name = _n.library(ns)
    if scalar and name == "numpy":
        assert np.isscalar(actual) == np.isscalar(desired), f"array-ness does not match: {type(actual)} != {type(desired)}"
    if name == "dask":
        for x in (actual, desired):
            if not all(_n.known(n) for n in getattr(x, "shape", ())):
                x.compute_chunk_sizes()
    expected = ns.asarray(desired)
    if shape:
        assert actual.shape == expected.shape, f"shapes do not match: {actual.shape} != {expected.shape}"
    elif expected.ndim > 0:
        counts = math.prod(actual.shape), math.prod(expected.shape)
        assert counts[0] == counts[1], f"sizes do not match: {counts[0]} != {counts[1]}"
    if dtype:
        assert actual.dtype == expected.dtype, f"dtypes do not match: {actual.dtype} != {expected.dtype}"
    if device:
        devices = _n.device(actual), _n.device(expected)
        assert devices[0] == devices[1], f"Devices do not match: {devices[0]} != {devices[1]}"
    if name == "torch" and _n.is_lazy(ns, actual):
        return None
    expected = ns.broadcast_to(expected, actual.shape)
    return _numpy(actual, ns), _numpy(expected, ns), ns


def _numpy(x: Any, ns: Namespace) -> Any:
    """An array of NumPy with the elements, wherever they are."""
    np: Any = importlib.import_module("numpy")

    name = _n.library(ns)
    if name == "cupy":
        return ns.asnumpy(x)
    if name == "sparse":
        return x.todense()
    if name == "mparray":
        return np.asarray(x._data, dtype=x.dtype)
    if name == "torch":
        x = x.detach().resolve_conj().cpu()
    elif name == "array_api_strict":
        x = array_api_compat.to_device(x, ns.Device("CPU_DEVICE"))
    elif name == "jax":
        jax: Any = importlib.import_module("jax")

        x = array_api_compat.to_device(x, jax.devices("cpu")[0])
    if hasattr(x, "__dlpack__"):
        with contextlib.suppress(TypeError, BufferError, RuntimeError):
            return np.from_dlpack(x)
    return np.asarray(x)


def assert_close(
    actual: Array,
    desired: Array,
    *,
    rtol: Any = None,
    atol: Any = 0,
    equal_nan: bool = True,
    err_msg: str = "",
    verbose: bool = True,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_scalar: bool = False,
    check_device: bool = True,
    xp: Namespace | None = None,
) -> None:
    """
    Assert that two arrays are of the same library, shape, dtype and device, and their elements close.

    Parameters
    ----------
    actual, desired : array
        What a function gave, and what was expected of it.
    rtol, atol : float or array, optional
        The tolerances: ``abs(actual - desired) <= atol + rtol * abs(desired)``. By default `rtol` is four times the square root of the
        precision of a floating dtype, and 1e-7 for other dtypes.
    equal_nan : bool, optional
        Whether NaN is close to NaN.
    err_msg : str, optional
        Text to print on failure.
    verbose : bool, optional
        Whether to print the arrays on failure.
    check_dtype, check_shape, check_device : bool, optional
        Whether to compare dtypes, shapes, devices. Without shapes the numbers of elements are compared.
    check_scalar : bool, optional
        Whether to tell NumPy's scalars from its arrays.
    xp : namespace, optional
        The namespace that both have to be of.

    Raises
    ------
    AssertionError
        If they differ.

    Examples
    --------
    >>> import numpy as np
    >>> from array_assay_polyfills.testing import assert_close
    >>> assert_close(np.asarray([0.1 + 0.2]), np.asarray([0.3]))
    """
    __tracebackhide__ = True
    np: Any = importlib.import_module("numpy")

    arrays = _compared(actual, desired, xp, check_dtype, check_shape, check_scalar, check_device)
    if arrays is None:
        return
    x, y, ns = arrays
    if rtol is None:
        floating = _n.isdtype(ns, actual.dtype, ("real floating", "complex floating"))
        rtol = 4 * float(ns.finfo(actual.dtype).eps) ** 0.5 if floating else 1e-7
    np.testing.assert_allclose(
        x, y, rtol=float(rtol), atol=float(atol), equal_nan=equal_nan, err_msg=err_msg, verbose=verbose
    )


def assert_equal(
    actual: Array,
    desired: Array,
    *,
    err_msg: str = "",
    verbose: bool = True,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_scalar: bool = False,
    check_device: bool = True,
    xp: Namespace | None = None,
) -> None:
    """
    Assert that two arrays are of the same library, shape, dtype and device, and their elements equal; NaN equals NaN.

    Parameters
    ----------
    actual, desired : array
        What a function gave, and what was expected of it.
    err_msg, verbose, check_dtype, check_shape, check_scalar, check_device, xp : optional
        As in `assert_close`.

    Raises
    ------
    AssertionError
        If they differ.

    Examples
    --------
    >>> import numpy as np
    >>> from array_assay_polyfills.testing import assert_equal
    >>> assert_equal(np.asarray([1.0, np.nan]), np.asarray([1.0, np.nan]))
    """
    __tracebackhide__ = True
    np: Any = importlib.import_module("numpy")

    arrays = _compared(actual, desired, xp, check_dtype, check_shape, check_scalar, check_device)
    if arrays is not None:
        np.testing.assert_array_equal(arrays[0], arrays[1], err_msg=err_msg, verbose=verbose)


def assert_less(
    x: Array,
    y: Array,
    *,
    err_msg: str = "",
    verbose: bool = True,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_scalar: bool = False,
    check_device: bool = True,
    xp: Namespace | None = None,
) -> None:
    """
    Assert that two arrays are of the same library, shape, dtype and device, and each element of the first one less than that of the second.

    Parameters
    ----------
    x, y : array
        The arrays.
    err_msg, verbose, check_dtype, check_shape, check_scalar, check_device, xp : optional
        As in `assert_close`.

    Raises
    ------
    AssertionError
        If they differ, or an element is not less.

    Examples
    --------
    >>> import numpy as np
    >>> from array_assay_polyfills.testing import assert_less
    >>> assert_less(np.asarray([1, 2]), np.asarray([2, 3]))
    """
    __tracebackhide__ = True
    np: Any = importlib.import_module("numpy")

    arrays = _compared(x, y, xp, check_dtype, check_shape, check_scalar, check_device)
    if arrays is not None:
        np.testing.assert_array_less(arrays[0], arrays[1], err_msg=err_msg, verbose=verbose)


def assert_close_nulp(
    actual: Array,
    desired: Array,
    *,
    nulp: int = 1,
    check_dtype: bool = True,
    check_shape: bool = True,
    check_scalar: bool = False,
    check_device: bool = True,
    xp: Namespace | None = None,
) -> None:
    """
    Assert that two arrays are of the same library, shape, dtype and device, and their elements apart by few units in the last place.

    Parameters
    ----------
    actual, desired : array
        What a function gave, and what was expected of it.
    nulp : int, optional
        How many units in the last place they may be apart.
    check_dtype, check_shape, check_scalar, check_device, xp : optional
        As in `assert_close`.

    Raises
    ------
    AssertionError
        If they differ by more.

    Examples
    --------
    >>> import numpy as np
    >>> from array_assay_polyfills.testing import assert_close_nulp
    >>> assert_close_nulp(np.asarray([1.0]), np.asarray([1.0 + 2.0**-52]))
    """
    __tracebackhide__ = True
    np: Any = importlib.import_module("numpy")

    arrays = _compared(actual, desired, xp, check_dtype, check_shape, check_scalar, check_device)
    if arrays is not None:
        np.testing.assert_array_almost_equal_nulp(arrays[0], arrays[1], nulp=nulp)
