"""Finds functions by the paths that steps name."""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .attempts import optional_import
from .caches import Cache
from .errors import Missing, Unresolved
from .known_objects import KnownObjects
from .messages import Parameter
from .namespace import Namespace
from .own_builtins import use_own_builtins
from .text import MAX_NAME, shown

use_own_builtins(globals())

Function = Callable[..., object]


class Constant:
    """A constant of the library as a function without arguments."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __call__(self) -> object:
        return self.value


class Functions:
    """The functions that steps call, by path. Each is looked up once.

    `add`, `linalg.svd`: a name in the library. `operator.add`, `builtins.float`: a function of a module of Python
    itself. `method.to_device`, `attribute.shape`: a method or an attribute of the first argument.
    `representation.NAME`: an expression of the settings.
    """

    def __init__(self, namespace: Namespace, known: KnownObjects, sample: object) -> None:
        """`sample` is an array whose methods have signatures."""
        self.namespace = namespace
        self.known = known
        self.sample = sample
        self.found: Cache[str, Function] = Cache(self.resolve)

    def find(self, path: str) -> Function:
        """The function of a path.

        Raises `Missing` if it does not exist. Raises `Unresolved` if the library raises during the lookup, which is
        then the outcome of the step.
        """
        try:
            return self.found[path]
        except Missing:
            raise
        except Exception as error:
            raise Unresolved(path) from error

    def resolve(self, path: str) -> Function:
        """As `find`, but lets the library's own exceptions through."""
        first, _, rest = path.partition(".")
        if first == "operator" and rest:
            return as_function(lookup(operator, rest, path))
        if first == "builtins" and rest:
            return as_function(lookup(builtins, rest, path))
        if first == "method" and rest:
            return lambda x, /, *args, **kwargs: attribute(x, rest, path)(*args, **kwargs)
        if first == "attribute" and rest:
            return lambda x, /: attribute(x, rest, path)
        if first == "representation" and rest:
            return self.representation(rest, path)
        module = self.namespace.extension_modules.get(first) if rest else None
        found = lookup(module, rest, path) if module else lookup(self.namespace.module, path, path)
        # If dtypes are classes, they are callable too.
        return Constant(found) if self.known.is_dtype(found) else as_function(found)

    def representation(self, name: str, path: str) -> Function:
        """A function that makes a form of an array."""
        try:
            expression = self.namespace.settings["representations"][name]
        except KeyError:
            raise Missing(path) from None
        return self.namespace.evaluated("x", expression, optional_import("numpy"))

    def signature(self, path: str) -> list[Parameter] | None:
        """The parameters of the function at `path`, or None if Python does not know them. Raises if it does not
        exist."""
        first, _, rest = path.partition(".")
        if first == "attribute" and rest:
            if not hasattr(type(self.sample), rest):  # A property may raise for this very array.
                attribute(self.sample, rest, path)
            return None
        if first == "method" and rest:
            return parameters_of(attribute(self.sample, rest, path))
        return parameters_of(self.resolve(path))


def as_function(found: object) -> Function:
    """The object that a name stands for, as something to call."""
    return found if callable(found) else Constant(found)


def parameters_of(function: Function) -> list[Parameter] | None:
    """The parameters of a function, or None if Python does not know them."""
    if isinstance(function, Constant):
        return None
    try:
        parameters = inspect.signature(function).parameters.values()
    except BaseException:  # The library may raise even `SystemExit`.
        return None
    return [
        {
            "name": parameter.name,
            "kind": parameter.kind.name.lower(),
            "default": None if parameter.default is parameter.empty else shown(parameter.default, MAX_NAME),
        }
        for parameter in parameters
    ]


def lookup(root: ModuleType, names: str, path: str) -> object:
    """The attribute `a.b.c` of a module. Raises `Missing` if there is none, and whatever the library raises."""
    found: object = root
    for name in names.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise Missing(path) from None
    return found


def attribute(x: object, name: str, path: str) -> Any:
    """An attribute of an object. Raises `Missing` if there is none. An attribute that exists and raises is not
    missing."""
    try:
        return getattr(x, name)
    except AttributeError:
        if hasattr(type(x), name):
            raise
        raise Missing(path) from None


def raiser(error: Missing | Unresolved) -> Function:
    """A function without arguments that raises the exception of an earlier lookup of a function or an argument."""
    cause = error.__cause__ or error

    def raise_again() -> object:
        raise cause.with_traceback(None)

    return raise_again
