"""Arrays taken out of any object and put back, so that functions of any arguments run under `jax.jit` or on graphs of Dask."""

from __future__ import annotations

import functools
import importlib
import io
import pickle
import types
from collections.abc import Iterator
from typing import Any, Callable, ParamSpec, TypeVar, cast

__all__: list[str] = []

P = ParamSpec("P")
T = TypeVar("T")

# Plain values and containers: pickle goes on into them.
_PLAIN: tuple[type, ...] = (
    bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice, type(None), type(...),
)  # fmt: skip
# Kept as they are: their pickles would be names only.
_KEPT = (type, types.BuiltinFunctionType, types.FunctionType, types.ModuleType)


class _Taking(pickle.Pickler):
    """Writes an object and takes the arrays out of it; what cannot be pickled is kept beside the bytes."""

    def __init__(self, file: io.BytesIO, kind: type | tuple[type, ...]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.kind = kind
        self.taken: list[Any] = []
        self.kept: list[Any] = []

    def persistent_id(self, obj: Any) -> bool | None:
        if isinstance(obj, self.kind):
            self.taken.append(obj)
            return True
        if type(obj) in _PLAIN:
            return None
        if not isinstance(obj, _KEPT):
            try:
                obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
                return None
            except Exception:  # Any object may refuse, in its own way.
                pass
        self.kept.append(obj)
        return False


class _Restoring(pickle.Unpickler):
    """Reads an object and puts arrays back, and what was kept."""

    def __init__(self, file: io.BytesIO, taken: Any, kept: Any) -> None:
        super().__init__(file)
        self.items = {True: iter(taken), False: iter(kept)}

    def persistent_load(self, pid: bool) -> Any:
        return next(self.items[pid])


def take_out(obj: Any, kind: type | tuple[type, ...]) -> tuple[list[Any], tuple[Any, ...]]:
    """The instances of a type within an object, and the rest of the object."""
    file = io.BytesIO()
    pickler = _Taking(file, kind)
    pickler.dump(obj)
    return pickler.taken, (file.getvalue(), *pickler.kept)


def put_back(taken: Any, rest: tuple[Any, ...]) -> Any:
    """The object again, with other instances in their places."""
    return _Restoring(io.BytesIO(rest[0]), taken, rest[1:]).load()


class _Carried:
    """Any object as a tree of JAX: the arrays in it are the leaves. Iterators are read to their end."""

    registered = False

    def __init__(self, obj: Any) -> None:
        self.register()
        self.is_iterator = isinstance(obj, Iterator)
        self.obj = list(obj) if self.is_iterator else obj

    @property
    def value(self) -> Any:
        return iter(self.obj) if self.is_iterator else self.obj

    @classmethod
    def register(cls) -> None:
        """Once, and not before it is needed, because it imports JAX."""
        if not cls.registered:
            jax: Any = importlib.import_module("jax")

            def flatten(carried: Any) -> tuple[list[Any], tuple[Any, ...]]:
                return take_out(carried, jax.Array)

            def unflatten(rest: Any, leaves: Any) -> _Carried:
                return cast(_Carried, put_back(leaves, rest))

            jax.tree_util.register_pytree_node(cls, flatten, unflatten)
            cls.registered = True


def jitted(func: Callable[P, T]) -> Callable[P, T]:
    """`jax.jit`, where all that is no array is static, and arrays are found in arguments and results of any type."""
    jax: Any = importlib.import_module("jax")
    untyped: Any = func

    def traced(carried: Any) -> Any:
        args, kwargs = carried.value
        return _Carried(untyped(*args, **kwargs))

    inner = jax.jit(traced)

    @functools.wraps(func)
    def outer(*args: P.args, **kwargs: P.kwargs) -> T:
        return cast(T, inner(_Carried((args, kwargs))).value)

    return outer
