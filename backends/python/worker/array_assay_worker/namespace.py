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

# Names of dtypes that some libraries have instead of the standard's. The worker recognises a mask by it.
OTHER_NAMES = {"bool": "bool_"}


class NamespaceInfo(Protocol):
    """What `__array_namespace_info__()` returns. A library may raise from each of these."""

    def default_device(self) -> object: ...
    def devices(self) -> list[object]: ...
    def default_dtypes(self) -> Mapping[str, object]: ...
    def capabilities(self) -> Mapping[str, object]: ...


class Namespace:
    """The module under test and the modules that stand for its extensions."""

    def __init__(self, module: ModuleType, path: str, name: str, settings: Settings) -> None:
        """`path` is what the module was imported by, `name` what the harness calls it."""
        self.module = module
        self.path = path
        self.name = name
        self.settings = settings
        self.extension_modules = {
            extension: importlib.import_module(path) for extension, path in settings.get("modules", {}).items()
        }
        # The library's dtype objects by the standard's names, as far as it has them.
        self.dtypes = dtypes_of(module)
        self.dtype_names: Cache[object, str | None] = Cache(self.find_name)
        self.info = ask("__array_namespace_info__", lambda: info_of(module))

    def name_of(self, dtype: object) -> str | None:
        """The standard's name of a dtype object, or None."""
        try:
            return self.dtype_names[dtype]
        except TypeError:  # It is not hashable.
            return self.find_name(dtype)

    def find_name(self, dtype: object) -> str | None:
        """As `name_of`, by comparison with `==`."""
        for name, standard in self.dtypes.items():
            if equal(standard, dtype):
                return name
        return None

    def evaluated(self, parameters: str, expression: str, numpy: ModuleType) -> Callable[..., Any]:
        """An expression of the settings as a function of the parameters; `xp` is the library in it, `np` NumPy."""
        names = {"xp": self.module, "np": numpy}
        return cast(Callable[..., Any], eval(f"lambda {parameters}: {expression}", names))


def info_of(module: ModuleType) -> NamespaceInfo:
    """What the module says of itself. Raises where it has no such function."""
    return cast(NamespaceInfo, module.__array_namespace_info__())


def dtypes_of(module: ModuleType) -> dict[str, object]:
    """The dtype objects of a module by the standard's names; those that it lacks are left out."""
    dtypes: dict[str, object] = {}
    for name in DTYPES:
        for spelling in filter(None, (name, OTHER_NAMES.get(name))):
            found = ask(f"dtype {spelling}", lambda spelling=spelling: (getattr(module, spelling),))  # type: ignore[misc]
            if found is not None:
                dtypes[name] = found[0]
                break
    return dtypes
