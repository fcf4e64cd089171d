"""Built-in functions of the worker's own: a library that replaces some in the module `builtins` breaks only itself."""

from __future__ import annotations

import builtins

OWN_BUILTINS = dict(vars(builtins))


def use_own_builtins(module: dict[str, object]) -> None:
    """Gives the functions that a module defines from here on the worker's built-in functions.

    `module` is the module's `globals()`. A function looks up built-in names where `__builtins__` of its module points
    at the time of its definition, so each module of the worker calls this after its imports.
    """
    module["__builtins__"] = OWN_BUILTINS
