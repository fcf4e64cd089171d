"""Arguments of calls: from their wire form to Python objects and objects of the library."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import Missing
from .known_objects import KnownObjects
from .messages import Argument, Scalar, TaggedArgument
from .own_builtins import use_own_builtins
from .text import shown

use_own_builtins(globals())

NAMED_CONSTANTS: dict[str, object] = {"none": None, "ellipsis": ...}


class Decoder:
    """Decodes arguments into the objects that a call takes."""

    def __init__(self, known: KnownObjects) -> None:
        self.known = known

    def decode(self, argument: Argument, registers: Sequence[object]) -> object:
        """The object of an argument. Raises `Missing` if the library has no dtype of that name."""
        if isinstance(argument, str):
            return NAMED_CONSTANTS[argument]
        if "register" in argument:
            return registers[argument["register"]]
        if "tuple" in argument:
            return tuple([self.decode(item, registers) for item in argument["tuple"]])
        if "list" in argument:
            return [self.decode(item, registers) for item in argument["list"]]
        return self.decode_leaf(argument)

    def decode_leaf(self, argument: TaggedArgument) -> object:
        """The object of an argument that is neither a register nor a container."""
        if "scalar" in argument:
            return decode_scalar(argument["scalar"])
        if "str" in argument:
            return argument["str"]
        if "dtype" in argument:
            try:
                return self.known.dtypes[argument["dtype"]]
            except KeyError:
                raise Missing(argument["dtype"]) from None
        if "device" in argument:
            return self.known.devices.get(argument["device"], argument["device"])
        if "slice" in argument:
            ends = argument["slice"]
            return slice(ends.get("start"), ends.get("stop"), ends.get("step"))
        raise ValueError(f"an argument of kind {shown(argument, 80)}")


def decode_scalar(scalar: Scalar) -> complex:
    """A Python bool, int, float or complex."""
    if "bool" in scalar:
        return scalar["bool"]
    if "int" in scalar:
        return int(scalar["int"])
    if "float" in scalar:
        return float.fromhex(scalar["float"])
    return complex(*map(float.fromhex, scalar["complex"]))


def is_constant(argument: Argument) -> bool:
    """Whether an argument is the same object in every run of its plan. A list is not, because a call may change it."""
    if isinstance(argument, str):
        return True
    if "tuple" in argument:
        return all(map(is_constant, argument["tuple"]))
    return "register" not in argument and "list" not in argument
