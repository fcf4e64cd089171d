"""Numbers that remember how they were computed from the shapes of arrays.

A consumer asks for `x.shape[0]` and computes with it. If the trace held only the number, a replay on a library whose
arrays have unknown sizes would use a size that the consumer would never get.
"""

from __future__ import annotations

import operator
from typing import Any, Callable


class Dim(int):
    """An int with the expression that gives it."""

    text: str


class Real(float):
    """A float that was computed from sizes, with the expression that gives it."""

    text: str


SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
}  # fmt: skip


def symbolic(value: object, text: str) -> Any:
    """The number with its expression. Any other value stays as it is."""
    kind = {int: Dim, float: Real}.get(type(value))
    if kind is None:
        return value
    number = kind(value)
    number.text = text
    return number


def number_text(value: float | complex) -> str:
    """A Python number in the notation of programs."""
    if isinstance(value, (Dim, Real)):
        return value.text
    if isinstance(value, complex):
        return f"complex({number_text(value.real)}, {number_text(value.imag)})"
    if isinstance(value, float):
        if value != value:
            return "nan"
        if value in (float("inf"), float("-inf")):
            return "inf" if value > 0 else "-inf"
    return repr(value)


def plain(value: object) -> object:
    """The value without the expressions of its numbers: a library may look at the type."""
    if isinstance(value, Dim):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if type(value) is tuple:
        return tuple(map(plain, value))
    if type(value) is list:
        return list(map(plain, value))
    if type(value) is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def arithmetic(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    """The method of an operator: its result has an expression too."""
    function = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if type(other) not in (int, float, Dim, Real):
            return NotImplemented
        left, right = (other, self) if reflected else (self, other)
        text = f"({number_text(left)} {SYMBOLS[name]} {number_text(right)})"
        return symbolic(function(plain(left), plain(right)), text)

    return method


def negated(self: Any) -> Any:
    """`-x`."""
    return symbolic(-plain(self), f"(-{self.text})")  # type: ignore[operator]


for _kind in (Dim, Real):
    for _name in SYMBOLS:
        setattr(_kind, f"__{_name}__", arithmetic(_name, False))
        setattr(_kind, f"__r{_name}__", arithmetic(_name, True))
    _kind.__neg__ = negated  # type: ignore[method-assign]
    _plain = int if _kind is Dim else float
    # Pickled and copied as the plain number.
    _kind.__reduce__ = lambda self, plain=_plain: (plain, (plain(self),))  # type: ignore[method-assign, misc]
