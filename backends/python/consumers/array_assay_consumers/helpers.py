"""array-api-extra's helpers as single steps, and the questions by which consumers tell libraries apart.

Each consumer carries its own copies of array-api-compat and array-api-extra. array-api-extra answers differently for
libraries whose arrays cannot be changed (JAX) and for those that compute later (Dask), and consumers ask
`is_lazy_array` of both. A trace has a *face*: the kind of library that it plays.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Callable, Iterator

from .patches import answered, unwrapped
from .recorder import RECORDER
from .symbols import plain

FACES = ("eager", "immutable", "deferred")


def copies(package: str) -> Iterator[ModuleType]:
    """The loaded modules of all copies of a package."""
    for name, module in list(sys.modules.items()):
        if package in name and isinstance(module, ModuleType):
            yield module


def replace_everywhere(old: object, new: object) -> None:
    """Replaces the object `old` by `new` in all loaded modules, under each name that refers to it."""
    for module in list(sys.modules.values()):
        names = vars(module) if isinstance(module, ModuleType) else {}
        for name in [name for name, value in names.items() if value is old]:
            setattr(module, name, new)


def install() -> None:
    """Replaces the helpers in all copies that are loaded."""
    for module in copies("array_api_compat"):
        ask = vars(module).get("is_lazy_array")
        if ask is not None and ask.__module__ == module.__name__:
            replace_everywhere(ask, is_lazy_array(ask))
    for module in copies("array_api_extra"):
        found = vars(module)
        at, apply_where = found.get("at"), found.get("apply_where")
        if isinstance(at, type) and at.__module__ == module.__name__:
            at._op = updated(at._op)  # type: ignore[attr-defined]
        if apply_where is not None and apply_where.__module__ == module.__name__:
            replace_everywhere(apply_where, applied(apply_where))


def is_lazy_array(ask: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """array-api-compat's `is_lazy_array`, as it answers for the library that the trace plays."""

    def answer(x: Any) -> bool:
        if RECORDER.active and isinstance(x, RECORDER.array_type):
            return RECORDER.face != "eager"
        return ask(x)

    return answer


def updated(function: Callable[..., Any]) -> Callable[..., Any]:
    """`at(x, key).set(y)` and its like as one step."""

    def wrapper(self: Any, at_op: Any, in_place: Any, out_of_place: Any, y: Any, /, copy: bool | None, xp: Any) -> Any:
        def answer() -> Any:
            return function(self, at_op, in_place, out_of_place, plain(y), copy=copy, xp=xp)

        if not RECORDER.records:
            return answer()
        x, key = self._x, self._idx
        namespace = x.__array_namespace__()
        masked = isinstance(key, RECORDER.array_type) and key.dtype == namespace.bool and key.shape == x.shape
        if RECORDER.face != "eager" and masked:
            value = namespace.asarray(y, dtype=x.dtype, device=x.device)
            if value.ndim == 0:
                if out_of_place:
                    value = out_of_place(x, value)
                return namespace.where(key, value, x)
        RECORDER.depth += 1
        try:
            name = RECORDER.register(x)
            copied = ", copy=True" if copy else ""
            text = f"at_{at_op.value}({name}, {RECORDER.text(key)}, {RECORDER.text(y)}{copied})"
            self._idx = plain(key)

            def lenient() -> Any:
                data, place, value = x._array, unwrapped(key), unwrapped(y)
                data[place] = in_place(data[place], value) if in_place else value
                return x

            result = answered(f"at.{at_op.value}", answer, (), {}, lenient)
            target = RECORDER.name(result, name if result is x else None)
            RECORDER.add(f"{target} = {text}")
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def applied(function: Callable[..., Any]) -> Callable[..., Any]:
    """`apply_where`. For a library that computes later it is a `where` of whole arrays: Dask does the same in each
    chunk."""

    def wrapper(cond: Any, args: Any, f1: Any, f2: Any = None, /, *, fill_value: Any = None, xp: Any = None, **rest: Any) -> Any:
        if not RECORDER.records or RECORDER.face != "deferred":
            return function(cond, args, f1, f2, fill_value=fill_value, xp=xp, **rest)
        namespace = cond.__array_namespace__()
        cond, *each = namespace.broadcast_arrays(cond, *(args if isinstance(args, tuple) else (args,)))
        return namespace.where(cond, f1(*each), fill_value if f2 is None else f2(*each))

    return wrapper
