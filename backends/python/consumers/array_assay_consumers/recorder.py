"""Records what a consumer calls, as the lines of a program."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Sequence

import numpy as np

from .symbols import Dim, Real, number_text

# Modules between the consumer and the library: a line of theirs is no line of the consumer.
BETWEEN = ("array_api_strict", "array_api_compat", "array_api_extra", "array_assay_consumers", "numpy")
# Modules of consumers whose functions only adapt the standard. The line that called them says more.
ADAPTERS = ("sklearn.utils._array_api", "scipy._lib._array_api")

BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
UNARY = {"neg": "-", "pos": "+", "invert": "~"}

# Python's types where a dtype belongs. The standard has no such arguments; libraries take them.
PYTHON_DTYPES = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}


@dataclass
class Input:
    """An array that a program starts from."""

    name: str
    data: np.ndarray[Any, Any]
    # Whether the consumer brought it from NumPy in between.
    host: bool


@dataclass
class Line:
    """A statement of a program, and the consumer's line that makes the call."""

    text: str
    at: str
    via: str


@dataclass
class Trace:
    """What a workload called."""

    inputs: list[Input] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    # The register, `host`, or `python` for a number that was no register, by the name of a result.
    returns: dict[str, str] = field(default_factory=dict)
    # Calls that the standard does not allow and that this trace answers with NumPy, with the exception.
    beyond: list[str] = field(default_factory=list)
    # How often the consumer converts an array to something else, by conversion.
    leaves: dict[str, int] = field(default_factory=dict)
    # Why the trace is not whole.
    cut: str = ""


def site(frame: FrameType) -> str:
    """The place of a frame: the file below the folder of packages, and the line."""
    file = frame.f_code.co_filename.replace("\\", "/")
    for folder in ("/site-packages/", "/dist-packages/"):
        file = file.rsplit(folder, 1)[-1]
    return f"{file.rsplit('/', 1)[-1] if file.startswith('/') else file}:{frame.f_lineno}"


def consumer_line() -> tuple[str, str]:
    """The innermost line of the consumer on the stack, and the helper between it and the call."""
    frame: FrameType | None = sys._getframe(1)
    at = via = ""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if "array_api_extra" in module:
            via = "xpx." + frame.f_code.co_qualname  # The outermost one counts.
        elif module.startswith(ADAPTERS):
            via = frame.f_code.co_qualname
            at = at or site(frame)
        elif not any(name in module for name in BETWEEN):
            return site(frame), via
        frame = frame.f_back
    return at, via


class Recorder:
    """Records one trace at a time. Calls inside a recorded call are not recorded."""

    def __init__(self) -> None:
        self.active = False
        self.depth = 0
        # `eager`, `immutable` or `deferred`: the kind of library that the consumer is told to have.
        self.face = "eager"
        # The calls, by their number, that the standard does not allow and NumPy answers.
        self.lenient: frozenset[int] = frozenset()
        self.array_type: Any = object
        self.dtype_type: Any = object
        self.start()

    def start(self) -> None:
        """Begins a trace."""
        self.trace = Trace()
        self.names: dict[int, str] = {}
        self.alive: list[object] = []
        self.count = 0
        self.calls = 0
        self.raised: tuple[BaseException, int] | None = None
        # The registers of floats that left arrays, by value: Python's floats do not remember where they come from.
        self.floats: dict[float, str] = {}
        # The same with floats that occur everywhere, for the results of a workload.
        self.results: dict[float, str] = {}

    @property
    def records(self) -> bool:
        """Whether a call that is made now is the consumer's."""
        return self.active and not self.depth

    # Registers

    def new_name(self) -> str:
        """The name of a new register."""
        name = f"r{self.count}"
        self.count += 1
        return name

    def name(self, value: object, name: str | None = None) -> str:
        """Gives an array a name, or a new one."""
        name = name or self.new_name()
        self.names[id(value)] = name
        self.alive.append(value)
        return name

    def add_input(self, array: Any, name: str) -> None:
        """An input of the workload."""
        self.name(array, name)
        self.trace.inputs.append(Input(name, np.array(array._array), host=False))

    def add_host(self, data: np.ndarray[Any, Any]) -> str:
        """An array that comes from NumPy."""
        name = f"h{sum(each.host for each in self.trace.inputs)}"
        self.trace.inputs.append(Input(name, np.array(data), host=True))
        return name

    def register(self, array: Any) -> str:
        """The name of an array. One that no recorded call made is an input from outside."""
        known = self.names.get(id(array))
        if known is None:
            known = self.name(array, self.add_host(array._array))
        return known

    # Text

    def text(self, value: Any) -> str:
        """An argument in the notation of programs."""
        if isinstance(value, self.array_type):
            return self.register(value)
        if isinstance(value, self.dtype_type):
            return str(value).rsplit(".", 1)[-1].strip("'>)")
        if isinstance(value, (Dim, Real)):
            return value.text
        if type(value) is float and value in self.floats:
            return self.floats[value]
        if value is None or isinstance(value, bool):
            return repr(value)
        if type(value) in (int, float, complex):
            return number_text(value)
        if isinstance(value, str):
            return f'"{value}"'
        if value is Ellipsis:
            return "..."
        if isinstance(value, slice):
            return f"slice({self.text(value.start)}, {self.text(value.stop)}, {self.text(value.step)})"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.text, value))}{',' if len(value) == 1 else ''})"
        if isinstance(value, (list, range)):
            return f"[{', '.join(map(self.text, value))}]"
        if isinstance(value, np.ndarray):
            return self.add_host(value)
        if isinstance(value, np.generic):
            return number_text(value.item())
        if isinstance(value, type) and value in PYTHON_DTYPES:
            return PYTHON_DTYPES[value]
        if type(value).__name__ == "Device":
            return "device" if "CPU" in str(value) else f'device("{value}")'
        self.trace.cut = self.trace.cut or f"an argument that no program can have: {type(value).__name__}"
        return "None"

    def operand(self, value: Any) -> str:
        """An operand in the notation of programs. A sign binds less than `**`."""
        text = self.text(value)
        return f"({text})" if text.startswith("-") else text

    def key(self, key: Any) -> str:
        """An index in the notation of programs."""
        if isinstance(key, slice):
            parts = ["" if each is None else self.text(each) for each in (key.start, key.stop, key.step)]
            return ":".join(parts if parts[2] else parts[:2])
        if isinstance(key, tuple) and key:
            return ", ".join(map(self.key, key)) + ("," if len(key) == 1 else "")
        return self.text(key)

    def call_text(self, path: str, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
        """A call in the notation of programs."""
        kind, _, name = path.partition(".")
        if kind == "operator" and name in BINARY:
            return f"{self.operand(args[0])} {BINARY[name]} {self.operand(args[1])}"
        if kind == "operator" and name in UNARY:
            return f"{UNARY[name]}{self.text(args[0])}"
        if kind == "operator" and name == "getitem":
            return f"{self.text(args[0])}[{self.key(args[1])}]"
        given = [self.text(each) for each in args] + [f"{key}={self.text(each)}" for key, each in kwargs.items()]
        if kind == "attribute":
            return f"{given[0]}.{name}"
        if kind == "method":
            return f"{given[0]}.{name}({', '.join(given[1:])})"
        if kind in ("operator", "builtins"):
            return f"{name}({', '.join(given)})"
        return f"{path}({', '.join(given)})"

    def targets(self, result: Any) -> str:
        """Names for the arrays of a result."""
        if isinstance(result, self.array_type):
            return self.name(result)
        if isinstance(result, (tuple, list)):
            names = [self.name(each) if isinstance(each, self.array_type) else "_" for each in result]
            return ", ".join(names) + ("," if len(names) == 1 else "")
        return ""

    # Lines

    def add(self, text: str, where: tuple[str, str] | None = None) -> None:
        """A line of the program."""
        at, via = where or consumer_line()
        self.trace.lines.append(Line(text, at, via))

    def call(self, path: str, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        """A call that gave a result."""
        if path == "from_dlpack" and isinstance(args[0], np.ndarray) and consumer_line()[1] == "move_to":
            # scikit-learn goes on with `asarray` where a library refuses, so this is one step that each library answers its own way.
            path = "asarray"
        text = self.call_text(path, args, kwargs)
        targets = self.targets(result)
        self.add(f"{targets} = {text}" if targets else text)

    def left(self, kind: str) -> None:
        """Counts that the consumer left the world of arrays."""
        self.trace.leaves[kind] = self.trace.leaves.get(kind, 0) + 1


RECORDER = Recorder()
