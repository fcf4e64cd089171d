"""The module under test: its names and its dtypes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Protocol, cast

from .attempts import equal
from .caches import Cache
from .dtypes import DTYPES
from .messages import Settings
from .own_builtins import use_own_builtins
from .questions import ask

use_own_builtins(globals())

# Names of dtypes that some libraries use instead of the standard's. The worker needs them to recognise a mask.
OTHER_NAMES = {"bool": "bool_"}


class NamespaceInfo(Protocol):
    """The result of `__array_namespace_info__()`. A library may raise from each method."""

    def default_device(self) -> object: ...
    def devices(self) -> list[object]: ...
    def default_dtypes(self) -> Mapping[str, object]: ...
    def capabilities(self) -> Mapping[str, object]: ...


class Namespace:
    """The module under test, and the modules that stand in for its extensions."""

    def __init__(self, module: ModuleType, path: str, name: str, settings: Settings) -> None:
        """`path` is the path by which the module was imported. `name` is the harness's name for the library."""
        self.module = module
        self.path = path
        self.name = name
        self.settings = settings
        self.extension_modules = {
            extension: importlib.import_module(path) for extension, path in settings.get("modules", {}).items()
        }
        # The library's dtype objects by the standard's names. Names that the library lacks are absent.
        self.dtypes = dtypes_of(module)
        self.dtype_names: Cache[object, str | None] = Cache(self.find_name)
        self.info = ask("__array_namespace_info__", lambda: info_of(module))

    def name_of(self, dtype: object) -> str | None:
        """The standard's name of a dtype object, or None."""
        try:
            return self.dtype_names[dtype]
        except TypeError:  # The object is not hashable.
            return self.find_name(dtype)

    def find_name(self, dtype: object) -> str | None:
        """As `name_of`, but compares with `==`."""
        for name, standard in self.dtypes.items():
            if equal(standard, dtype):
                return name
        return None

    def evaluated(self, parameters: str, expression: str, numpy: ModuleType | None) -> Callable[..., Any]:
        """A function of the parameters that evaluates an expression of the settings. In it `xp` is the library, `np` is
        NumPy."""
        names = {"xp": self.module, "np": numpy}
        return cast(Callable[..., Any], eval(f"lambda {parameters}: {expression}", names))


def info_of(module: ModuleType) -> NamespaceInfo:
    """The module's description of itself. Raises if it has no such function."""
    return cast(NamespaceInfo, module.__array_namespace_info__())


def dtypes_of(module: ModuleType) -> dict[str, object]:
    """The dtype objects of a module by the standard's names. Names that the module lacks are absent."""
    dtypes: dict[str, object] = {}
    for name in DTYPES:
        for spelling in filter(None, (name, OTHER_NAMES.get(name))):
            found = ask(f"dtype {spelling}", lambda spelling=spelling: (getattr(module, spelling),))  # type: ignore[misc]
            if found is not None:
                dtypes[name] = found[0]
                break
    return dtypes
