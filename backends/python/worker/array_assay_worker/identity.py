"""The answer to `hello`: who the worker is, and what its library has."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

from .attempts import attempt, optional_import
from .functions import Functions
from .library import Library
from .messages import Wire
from .namespace import Namespace, NamespaceInfo
from .own_builtins import use_own_builtins
from .questions import ask, is_left_out
from .text import bounded

use_own_builtins(globals())

PROTOCOL = 1
EXTENSIONS = ("linalg", "fft")
# A Python number of each kind. If the library does not state its default dtype, the dtype of this number counts.
NUMBERS = {"real floating": 1.5, "complex floating": 1.5j, "integral": 3}
UNKNOWN = "unknown"
COMPAT = "array_api_compat."


def identity(library: Library, wanted: Sequence[str]) -> dict[str, Wire]:
    """The identity. `wanted` are the paths of the functions that the harness asks for."""
    namespace, settings = library.namespace, library.namespace.settings
    version, also = ask("version", lambda: versions(namespace)) or (UNKNOWN, {})
    return {
        "protocol": PROTOCOL,
        "name": namespace.name,
        "version": version,
        "language": language(),
        "platform": f"{platform.system()} {platform.machine()}",
        "devices": list(library.known.devices),
        "dtypes": list(namespace.dtypes),
        "default_dtypes": {**observed_default_dtypes(namespace), **stated_default_dtypes(namespace)},
        "revisions": ask("__array_api_version__", lambda: revisions(namespace.module)) or [],
        "extensions": [name for name in EXTENSIONS if has_extension(namespace, name)],
        "capabilities": {**stated_capabilities(namespace.info), **dict.fromkeys(settings.get("lacks", ()), False)},
        "functions": functions(library.functions, wanted),
        "reads_blocks": library.transfer.is_numpy,
        "also": also,
        "shapes": settings.get("shapes", []),
        "layouts": settings.get("layouts", {}),
        "representations": settings.get("representations", {}),
    }


def language() -> str:
    """The language with its version, and its implementation if that is not CPython."""
    implementation = platform.python_implementation()
    python = f"Python {platform.python_version()}"
    return python if implementation == "CPython" else f"{python} ({implementation})"


def functions(found: Functions, wanted: Sequence[str]) -> dict[str, Wire]:
    """The functions that exist, with their signatures if Python knows them."""
    existing: dict[str, Wire] = {}
    for path in wanted:
        if is_left_out(f"extension {path.partition('.')[0]}"):
            continue
        signature = ask(f"function {path}", lambda path=path: {"signature": found.signature(path)})  # type: ignore[misc]
        if signature is not None:
            existing[path] = signature
    return existing


def has_extension(namespace: Namespace, name: str) -> bool:
    """Whether the library has an extension, or a module stands in for it."""
    if ask(f"extension {name}", lambda: (getattr(namespace.module, name), True)[1]):
        return True
    return name in namespace.extension_modules


def versions(namespace: Namespace) -> tuple[str, dict[str, str]]:
    """The version of the library under test, and those of the modules around it."""
    path = namespace.path
    if path.startswith(COMPAT):
        wrapped = optional_import(root(path[len(COMPAT) :]))
        return version_of(wrapped), {"array-api-compat": version_of(optional_import(root(COMPAT)))}
    version = own_version(namespace.module, path)
    if not namespace.extension_modules:
        return version, {}
    # The modules that stand in for extensions are under test. The namespace belongs to another library.
    standing = {name: own_version(sys.modules.get(name), name) for name in namespace.settings["modules"].values()}
    return next(iter(standing.values())), {path: version, **standing}


def root(path: str) -> str:
    """The package of a module."""
    return path.split(".")[0]


def own_version(module: ModuleType | None, path: str) -> str:
    """The version of a module. If it has none, the version of its package."""
    version = version_of(module)
    return version if version != UNKNOWN else version_of(optional_import(root(path)))


def version_of(module: ModuleType | None) -> str:
    """The version that a module states. If it states none, the version of the package installed under its name."""
    version: object = getattr(module, "__version__", None)
    if version is None and module is not None:
        version = attempt(installed_version, module.__name__)
    return UNKNOWN if version is None else bounded(str(version), 100)


def installed_version(name: str) -> str:
    """The version of an installed package. Raises if there is no package of that name."""
    from importlib import (
        metadata,  # Most libraries say their version themselves, and this import takes long.
    )

    return metadata.version(name)


def revisions(module: ModuleType) -> list[str]:
    """The revision of the standard that the library claims."""
    version = getattr(module, "__array_api_version__", None)
    return [bounded(version, 100)] if isinstance(version, str) else []


def stated_default_dtypes(namespace: Namespace) -> dict[str, str]:
    """The default dtypes by kind, as the library states them."""
    info = namespace.info
    if info is None:
        return {}
    stated = ask(
        "default_dtypes", lambda: {kind: namespace.name_of(dtype) for kind, dtype in info.default_dtypes().items()}
    )
    return named(stated or {})


def observed_default_dtypes(namespace: Namespace) -> dict[str, str]:
    """The dtypes that the library gives to Python numbers, by kind."""
    observed: dict[str, str | None] = {}
    for kind, number in NUMBERS.items():
        observed[kind] = ask(
            f"default dtype, {kind}",
            lambda number=number: namespace.name_of(namespace.module.asarray(number).dtype),  # type: ignore[misc]
        )
    return named(observed)


def named(dtypes: Mapping[str, str | None]) -> dict[str, str]:
    """The dtypes for which the standard has a name."""
    return {bounded(str(kind), 100): name for kind, name in dtypes.items() if name is not None}


def stated_capabilities(info: NamespaceInfo | None) -> dict[str, bool]:
    """The capabilities that the library claims to have or to lack."""
    if info is None:
        return {}
    stated = ask(
        "capabilities",
        lambda: {bounded(str(name), 100): has for name, has in info.capabilities().items() if type(has) is bool},
    )
    return stated or {}
