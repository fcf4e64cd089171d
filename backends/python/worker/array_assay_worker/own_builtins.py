"""The worker's own built-in functions. A library that replaces some in the module `builtins` breaks only itself."""

from __future__ import annotations

import builtins

OWN_BUILTINS = dict(vars(builtins))


def use_own_builtins(module: dict[str, object]) -> None:
    """Gives the worker's own built-in functions to the functions that a module defines after this call.

    `module` is the module's `globals()`. A function takes its built-in names from `__builtins__` of its module, as it
    is at the time of the definition. So each module of the worker calls this after its imports.
    """
    module["__builtins__"] = OWN_BUILTINS
