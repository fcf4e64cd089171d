"""Legal variants of array-api-strict: each module takes one freedom that the standard leaves to libraries, and changes nothing else.

A module changes `array_api_strict` where it stands and puts it in its own place, so that what a worker imports by the module's name is the
changed library. `taken` tells the test that the freedom was really taken.
"""

import functools
import os
import sys

import array_api_strict as xp
import numpy as np
from array_api_strict import _fft, _linalg
from array_api_strict._array_object import Array

PLACES = {"": xp, "linalg": _linalg, "fft": _fft}

# What the standard says of arithmetic, by the names of the operators; the others are spelled out where they are needed.
ARITHMETIC = ["add", "subtract", "multiply", "divide"]
APPROXIMATIONS = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1", "hypot", "log", "log1p", "log2", "log10",
    "logaddexp", "pow", "sin", "sinh", "tan", "tanh",
]  # fmt: skip
OPERATORS = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "floor_divide": "floordiv", "remainder": "mod", "pow": "pow",
    "bitwise_left_shift": "lshift", "bitwise_right_shift": "rshift", "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor",
    "matmul": "matmul", "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge",
}  # fmt: skip
UNARY = {"abs": "abs", "negative": "neg", "positive": "pos", "bitwise_invert": "invert"}

NOTED = set()


def taken():
    """Says once a process that the freedom was taken."""
    folder = os.environ.get("LEGAL_VARIANTS_TAKEN")
    if folder and NAME not in NOTED:
        NOTED.add(NAME)
        if NAME:
            open(os.path.join(folder, NAME), "w").close()


NAME = ""


def stand_for(module):
    """Puts the changed library in the place of a variant's module."""
    global NAME
    NAME = module.rpartition(".")[2]
    if NOTED:  # While the module was imported.
        taken()
    sys.modules[module] = xp


def place_of(path):
    first, _, last = path.rpartition(".")
    return PLACES[first], last


def change(paths, made):
    """Replaces functions by what `made` makes of each."""
    for path in paths:
        place, name = place_of(path)
        old = getattr(place, name)
        setattr(place, name, functools.wraps(old)(made(old)))


def change_methods(names, made):
    """Replaces methods of arrays by what `made` makes of each, where arrays have it."""
    for name in names:
        old = Array.__dict__.get(name)
        if old is not None:
            setattr(Array, name, functools.wraps(old)(made(old)))


def methods_of(names):
    """The methods by which Python calls operators of the element-wise functions of these names."""
    found = []
    for name in names:
        if name in OPERATORS:
            found += ["__%s%s__" % (prefix, OPERATORS[name]) for prefix in ("", "r", "i")]
        elif name in UNARY:
            found.append("__%s__" % UNARY[name])
    return found


def change_elementwise(names, made):
    """Replaces functions of the main namespace, and the operators that compute the same."""
    change(names, made)
    change_methods(methods_of(names), made)


def inform(**changed):
    """Has the library's inspection answer otherwise: `changed` holds methods by name, whose first argument is the old inspection."""
    old = xp.__array_namespace_info__

    class Info:
        def __init__(self):
            self._old = old()

        def __getattr__(self, name):
            return getattr(self._old, name)

    for name, method in changed.items():
        setattr(Info, name, method)
    xp.__array_namespace_info__ = Info


def host_of(value):
    return value._array if isinstance(value, Array) else value


def mapped(of_host):
    """Makes of a function one whose results are changed: `of_host` takes a result's NumPy array and gives the changed one, or None."""

    def of_value(value):
        if isinstance(value, Array):
            changed = of_host(value._array)
            if changed is None:
                return value
            if changed.dtype != value._array.dtype or changed.shape != value._array.shape:
                raise AssertionError("the variant changes more than it may")
            return Array._new(changed, device=value.device)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(of_value, value))
        if isinstance(value, (tuple, list)):
            return type(value)(map(of_value, value))
        return value

    def made(old):
        def new(*args, **kwargs):
            return of_value(old(*args, **kwargs))

        return new

    return made


def functions(place=xp):
    """The names of the functions of the standard in a namespace."""
    skipped = {"set_array_api_strict_flags", "get_array_api_strict_flags", "reset_array_api_strict_flags", "ArrayAPIStrictFlags", "Device"}
    names = [name for name in place.__all__ if name not in skipped]
    return [name for name in names if callable(getattr(place, name)) and not isinstance(getattr(place, name), type)
            and type(getattr(place, name)).__name__ == "function"]  # fmt: skip


def all_functions():
    return functions() + ["linalg." + n for n in functions(_linalg)] + ["fft." + n for n in functions(_fft)]


def all_operators():
    return [name for name in Array.__dict__ if name.startswith("__") and name[2:-2].lstrip("ri") and name[2:-2] in OPERATOR_METHODS]


OPERATOR_METHODS = {m[2:-2] for m in methods_of(list(OPERATORS) + list(UNARY))}


def is_floating(host):
    return host.dtype.kind in "fc"


def is_integer(host):
    return host.dtype.kind in "iu"
