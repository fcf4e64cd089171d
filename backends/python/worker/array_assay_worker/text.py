"""Text from a library for the wire. It has a bounded length, is valid UTF-8, and is the same in every run."""

from __future__ import annotations

import re

from .own_builtins import use_own_builtins

use_own_builtins(globals())

# The greatest number of characters of a representation, and of a name or version.
MAX_REPR = 2_000
MAX_NAME = 200

# The address of an object differs between runs, and the harness records the text.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")


def bounded(value: str, limit: int) -> str:
    """A string of at most `limit` characters, in valid UTF-8. A cut is marked, and surrogates are escaped."""
    if len(value) > limit:
        value = value[: limit - 4] + " ..."
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def without_addresses(value: str) -> str:
    """The string without the addresses of objects."""
    return ADDRESS.sub("", value)


def shown(value: object, limit: int = MAX_REPR) -> str:
    """The representation of an object of the library. It is safe even if `__repr__` raises."""
    try:
        return bounded(without_addresses(repr(value)), limit)
    except Exception as error:
        return f"<{type(value).__qualname__} whose repr raised {type(error).__name__}>"


def type_name(kind: type) -> str:
    """The name of a type with its module, such as `numpy.float64`. A built-in type has only its name."""
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return bounded(name, MAX_NAME)


def summary(error: BaseException, limit: int) -> str:
    """The type and the message of an exception. The message is cut to `limit` characters."""
    return f"{type(error).__name__}: {bounded(str(error), limit)}"
