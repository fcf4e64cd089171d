"""The messages of protocol 1 as types (backends/protocol/README.md says what they mean).

MessagePack decodes lists as tuples. Readers ignore keys that are not named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict, Union, final

# Everything that MessagePack can represent. The worker's answers consist of these.
Wire = Union[None, bool, int, float, str, bytes, Sequence["Wire"], Mapping[str, "Wire"]]

# The dtype, the shape and the bytes of an array.
WireArray = tuple[str, tuple[int, ...], bytes]

# The dtype and the shape of an input, and the offset of its bytes in the data of the batch.
Input = tuple[str, tuple[int, ...], int]
Inputs = Sequence[Input]
# The index of a plan, the inputs, and for a block the number of runs.
Program = Union[tuple[int, Inputs], tuple[int, Inputs, int]]

# Exactly one of the keys is present. The functional form is needed because `bool`, `int` and others name types too.
Scalar = TypedDict("Scalar", {"bool": bool, "int": str, "float": str, "complex": tuple[str, str]}, total=False)


class Slice(TypedDict, total=False):
    """The ends of a slice. An end that is absent or None is open."""

    start: int | None
    stop: int | None
    step: int | None


# Exactly one of the keys is present.
TaggedArgument = TypedDict(
    "TaggedArgument",
    {
        "register": int,
        "scalar": Scalar,
        "str": str,
        "dtype": str,
        "device": str,
        "slice": Slice,
        "tuple": Sequence["Argument"],
        "list": Sequence["Argument"],
    },
    total=False,
)
Argument = Union[Literal["none", "ellipsis"], TaggedArgument]


class NamedStep(TypedDict):
    """The part of a step that is always present."""

    function: str


class Step(NamedStep, total=False):
    """A call: the path of a function, and its positional and keyword arguments."""

    args: Sequence[Argument]
    kwargs: Sequence[tuple[str, Argument]]


class Plan(TypedDict):
    """A program without its inputs: the number of inputs, the steps, and the registers to return."""

    inputs: int
    steps: Sequence[Step]
    returns: Sequence[int]


class Batch(TypedDict):
    """Programs with the plans that they refer to. `data` holds the bytes of all inputs."""

    id: int
    plans: Sequence[bytes]
    programs: Sequence[Program]
    data: bytes


class Hello(TypedDict, total=False):
    """The first message: the paths of functions to look for, and later additions to the protocol that the harness
    reads."""

    functions: Sequence[str]
    reads: Sequence[str]


@final
class HelloFrame(TypedDict):
    """A frame with `hello`."""

    hello: Hello


@final
class BatchFrame(TypedDict):
    """A frame with a batch."""

    batch: Batch


HostFrame = Union[Literal["stop"], HelloFrame, BatchFrame]


# A parameter of a function: `name`, `kind` and `default`. The default is a representation, or None if there is none.
Parameter = dict[str, Union[str, None]]


class Settings(TypedDict, total=False):
    """The keys of a library's entry in libraries.yaml that concern the worker."""

    # Python expressions: an array made of the NumPy array `host` and the library's `dtype`; a NumPy array made of the
    # array `x`; a list of NumPy arrays made of the list of arrays `xs`.
    into: str
    out: str
    together: str
    # The modules that stand in for extensions.
    modules: dict[str, str]
    # The capabilities that the library lacks.
    lacks: list[str]
    # The shapes of generated arrays.
    shapes: list[list[int]]
    # The library's functions that make a layout, by the layout's name.
    layouts: dict[str, str]
    # Python expressions that make a form of the array `x`, by the name of the form.
    representations: dict[str, str]
