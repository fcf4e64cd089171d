"""Text from a library for the wire: of bounded length, valid UTF-8, and the same in every run."""

from __future__ import annotations

import re

from .own_builtins import use_own_builtins

use_own_builtins(globals())

# Characters of a representation, and of a name or version.
MAX_REPR = 2_000
MAX_NAME = 200

# The address of an object differs from run to run, and the harness records text.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")


def bounded(value: str, limit: int) -> str:
    """A string of at most `limit` characters that can be encoded: it says where it was cut, surrogates are escaped."""
    if len(value) > limit:
        value = value[: limit - 4] + " ..."
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def without_addresses(value: str) -> str:
    """A string without addresses of objects."""
    return ADDRESS.sub("", value)


def shown(value: object, limit: int = MAX_REPR) -> str:
    """The representation of an object of the library, whatever its `__repr__` does."""
    try:
        return bounded(without_addresses(repr(value)), limit)
    except Exception as error:
        return f"<{type(value).__qualname__} whose repr raised {type(error).__name__}>"


def type_name(kind: type) -> str:
    """The name of a type with its module, such as `numpy.float64`; that of a built-in type alone."""
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return bounded(name, MAX_NAME)


def summary(error: BaseException, limit: int) -> str:
    """Formats an exception as its type and message, and cuts the message to `limit` characters."""
    return f"{type(error).__name__}: {bounded(str(error), limit)}"
