"""Says in a few words what a call gives in `numpy.linalg` and in `scipy.linalg`, which do not agree on everything."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import numpy as np
import scipy.linalg

MODULES = {"numpy": np.linalg, "scipy": scipy.linalg}

#: An array of at most so many elements is shown with its elements.
SHOWN = 4


def outcome(module: str, expression: str) -> str:
    """What an expression gives, if `linalg` is that of the module: a value in a few words, or an exception, and the warnings."""
    names = {"np": np, "nan": float("nan"), "inf": float("inf"), "linalg": MODULES[module]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            said = described(eval(expression, names))
        except Exception as error:
            said = f"raises {type(error).__name__}"
    warned = sorted({warning.category.__name__ for warning in caught})
    return f"{said}, warns {', '.join(warned)}" if warned else said


def described(value: Any, whole: bool = True) -> str:
    """A value in a few words: its type, its dtype and shape, and the elements if they are few and all of the value."""
    if isinstance(value, int) or type(value) is tuple and all(isinstance(each, int) for each in value):
        return str(value)
    if isinstance(value, (tuple, list)):
        items = "; ".join(described(each, False) for each in value)
        return f"{type(value).__name__}({items})"
    if isinstance(value, np.ndarray):
        text = f"{value.dtype} {value.shape}"
        return f"{text} {elements(value)}" if whole and 0 < value.size <= SHOWN else text
    if isinstance(value, np.generic):
        return f"{value.dtype} {number(value)}" if whole else f"a number of {value.dtype}"
    return f"{type(value).__name__} {value}" if whole else type(value).__name__


def elements(array: np.ndarray[Any, Any]) -> str:
    """The elements of an array in C order, as text."""
    return "[" + ", ".join(number(each) for each in array.reshape(-1)) + "]"


def number(value: Any) -> str:
    """A number with six digits. Zero has no sign, and what is next to zero is zero."""
    if not np.issubdtype(np.asarray(value).dtype, np.inexact):
        return str(value)
    value = complex(value)
    parts = [0.0 if abs(part) < 1e-12 else part for part in (value.real, value.imag)]
    return f"{parts[0]:.6g}" if parts[1] == 0 else f"{parts[0]:.6g}{parts[1]:+.6g}j"


def run() -> None:
    """Reads pairs of a module and an expression from standard input, one as JSON a line, and prints what each gives."""
    for line in sys.stdin:
        module, expression = json.loads(line)
        print(json.dumps(outcome(module, expression)), flush=True)
