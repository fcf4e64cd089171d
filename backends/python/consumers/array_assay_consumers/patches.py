"""Patches array-api-strict in place, so that what a consumer calls is recorded."""

from __future__ import annotations

import functools
import operator
import types
from typing import Any, Callable, Iterator

import array_api_compat.numpy as lenient_namespace
import array_api_strict
import numpy as np
from array_api_strict._array_object import Array

from .recorder import RECORDER, consumer_line
from .symbols import plain, symbolic

OPERATORS = (
    "abs add and eq floordiv ge getitem gt invert le lshift lt matmul mod mul ne neg or pos pow rshift sub truediv xor"
).split()
REFLECTED = "add and floordiv lshift matmul mod mul or pow rshift sub truediv xor".split()
IN_PLACE = REFLECTED
CONVERSIONS = {"__bool__": "bool", "__int__": "int", "__float__": "float", "__complex__": "complex", "__index__": "index"}
DETOURS = ("__array__", "__buffer__", "__dlpack__")
# What is only asked, and computes nothing.
QUESTIONS = {"finfo", "iinfo", "isdtype", "result_type", "can_cast", "broadcast_shapes", "__array_namespace_info__"}
# Floats that many computations give: where they come from cannot be told by value.
COMMON_FLOATS = {0.0, 1.0, 2.0, -1.0, 0.5, float("inf"), float("-inf")}


def direct(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """The library's own answer, to plain numbers."""
    return function(*map(plain, args), **{name: plain(each) for name, each in kwargs.items()})


def unwrapped(value: Any) -> Any:
    """NumPy's own object behind one of array-api-strict."""
    if isinstance(value, Array):
        return value._array
    if type(value) is RECORDER.dtype_type:
        return value._np_dtype
    if isinstance(value, (tuple, list)):
        return type(value)(unwrapped(each) for each in value)
    return plain(value)


def lenient(path: str, args: Any, kwargs: Any) -> Any:
    """NumPy's answer to a call that the standard does not allow."""
    kind, _, rest = path.partition(".")
    function: Any = lenient_namespace
    if kind == "operator":
        function = getattr(operator, {"and": "and_", "or": "or_"}.get(rest, rest))
    else:
        for name in path.split("."):
            function = getattr(function, name)

    given = {name: unwrapped(each) for name, each in kwargs.items() if name != "device"}
    result = function(*map(unwrapped, args), **given)
    return None if result is None else array_api_strict.asarray(np.asarray(result))


def answered(
    path: str, function: Callable[..., Any], args: Any, kwargs: Any, instead: Callable[[], Any] | None = None
) -> Any:
    """The library's own answer, or NumPy's to a call that the standard does not allow and that the trace may go on
    behind."""
    number = RECORDER.calls
    RECORDER.calls += 1
    try:
        return direct(function, args, kwargs)
    except Exception as error:
        if number not in RECORDER.lenient:
            RECORDER.raised = (error, number)
            raise
        place, message = consumer_line()[0], str(error).split("\n")[0]
        RECORDER.trace.beyond.append(f"{path} at {place}: {type(error).__name__}: {message}")
        return lenient(path, args, kwargs) if instead is None else instead()


def recorded(path: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the namespace, an operator or a property."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not RECORDER.records:
            return function(*args, **kwargs)
        RECORDER.depth += 1
        try:
            result = answered(path, function, args, kwargs)
            if path not in QUESTIONS and result is not NotImplemented:
                RECORDER.call(path, args, kwargs, result)
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def reflected(path: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator whose left operand is a Python number."""

    @functools.wraps(function)
    def wrapper(self: Any, other: Any) -> Any:
        if not RECORDER.records:
            return function(self, other)
        RECORDER.depth += 1
        try:
            result = direct(function, (self, other), {})
            if result is not NotImplemented:
                RECORDER.call(path, (other, self), {}, result)
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def in_place(symbol: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator that changes its left operand. The register keeps its name."""

    @functools.wraps(function)
    def wrapper(self: Any, other: Any) -> Any:
        if not RECORDER.records:
            return function(self, other)
        RECORDER.depth += 1
        try:
            name, text = RECORDER.register(self), RECORDER.text(other)
            result = direct(function, (self, other), {})
            if result is not NotImplemented:
                RECORDER.add(f"{name} {symbol}= {text}")
                RECORDER.name(result, name)
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def assigned(function: Callable[..., Any]) -> Callable[..., Any]:
    """`x[key] = value`."""

    @functools.wraps(function)
    def wrapper(self: Any, key: Any, value: Any) -> None:
        if not RECORDER.records:
            function(self, key, value)
            return
        RECORDER.depth += 1
        try:
            text = f"{RECORDER.register(self)}[{RECORDER.key(key)}] = {RECORDER.text(value)}"
            answered("operator.setitem", function, (self, key, value), {})
            RECORDER.add(text)
        finally:
            RECORDER.depth -= 1

    return wrapper


def converted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A conversion to a Python number. The program has the number that the trace got."""

    @functools.wraps(function)
    def wrapper(self: Any) -> Any:
        if not RECORDER.records:
            return function(self)
        RECORDER.depth += 1
        try:
            result = function(self)
            register = RECORDER.new_name()
            RECORDER.add(f"{register} = {name}({RECORDER.register(self)})  # {result!r}")
            RECORDER.left(name)
            if type(result) is float:
                RECORDER.results[result] = register
                if result == result and result not in COMMON_FLOATS:
                    RECORDER.floats[result] = register
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def detour(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A way to NumPy."""

    @functools.wraps(function)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not RECORDER.records:
            return function(self, *args, **kwargs)
        RECORDER.depth += 1
        try:
            result = function(self, *args, **kwargs)
            RECORDER.add(f"host({RECORDER.register(self)})")
            RECORDER.left("host")
            return result
        finally:
            RECORDER.depth -= 1

    return wrapper


def sized(name: str, ask: Callable[[Any], Any]) -> property:
    """`shape` or `size`, as numbers that remember where they come from."""

    def get(self: Any) -> Any:
        if not RECORDER.records:
            return ask(self)
        register = RECORDER.register(self)
        if name == "size":
            return symbolic(self._array.size, f"{register}.size")
        return tuple(symbolic(n, f"{register}.shape[{i}]") for i, n in enumerate(self._array.shape))

    return property(get)


def iterated(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Iteration, and with it `value in x`. It is lazy, because consumers ask `np.iterable(x)`."""

    def rows(self: Any) -> Iterator[Any]:
        RECORDER.depth += 1
        try:
            each = [self[i, ...] for i in range(self._array.shape[0])]
            text = f"list({RECORDER.register(self)})"
            RECORDER.add(f"{RECORDER.targets(each)} = {text}" if each else text)
        finally:
            RECORDER.depth -= 1
        yield from each

    def wrapper(self: Any) -> Any:
        if not RECORDER.records:
            return function(self)
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d array")
        if self._array.ndim > 1:
            return answered("iteration", function, (self,), {}, lambda: rows(self))  # It refuses.
        return rows(self)

    return wrapper


def install() -> None:
    """Patches the namespace and its arrays. To be called once."""
    RECORDER.array_type, RECORDER.dtype_type = Array, type(array_api_strict.float64)
    functions = (name for name in array_api_strict.__all__ if "flags" not in name.lower())
    for name in functions:
        function = getattr(array_api_strict, name)
        if isinstance(function, types.FunctionType):
            setattr(array_api_strict, name, recorded(name, function))
    for extension in ("linalg", "fft"):
        module = getattr(array_api_strict, extension)
        for name in module.__all__:
            function = getattr(module, name)
            if isinstance(function, types.FunctionType):
                setattr(module, name, recorded(f"{extension}.{name}", function))
    patch = functools.partial(setattr, Array)
    for name in OPERATORS:
        patch(f"__{name}__", recorded(f"operator.{name}", getattr(Array, f"__{name}__")))
    for name in REFLECTED:
        patch(f"__r{name}__", reflected(f"operator.{name}", getattr(Array, f"__r{name}__")))
    from .recorder import BINARY

    for name in IN_PLACE:
        patch(f"__i{name}__", in_place(BINARY[name], getattr(Array, f"__i{name}__")))
    patch("__setitem__", assigned(Array.__setitem__))
    for method, name in CONVERSIONS.items():
        patch(method, converted(name, getattr(Array, method)))
    for method in filter(functools.partial(hasattr, Array), DETOURS):
        patch(method, detour(method, getattr(Array, method)))
    patch("to_device", recorded("method.to_device", Array.to_device))
    patch("__iter__", iterated(Array.__iter__))
    for name in ("T", "mT"):
        patch(name, property(recorded(f"attribute.{name}", getattr(Array, name).fget)))
    for name in ("shape", "size"):
        patch(name, sized(name, getattr(Array, name).fget))
