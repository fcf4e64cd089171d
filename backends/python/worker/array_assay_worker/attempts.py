"""Calls into a library that may raise anything, and imports of modules that may be absent."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from .own_builtins import use_own_builtins

use_own_builtins(globals())

T = TypeVar("T")


def attempt(function: Callable[..., T], *args: object) -> T | None:
    """What a function returns, or None if it raises an `Exception`."""
    try:
        return function(*args)
    except Exception:
        return None


def equal(a: object, b: object) -> bool:
    """Whether `a == b` is true. It counts as false if the comparison raises."""
    try:
        return bool(a == b)
    except Exception:
        return False


def optional_import(name: str) -> ModuleType | None:
    """The module of that name, or None if it cannot be imported."""
    return attempt(importlib.import_module, name)
