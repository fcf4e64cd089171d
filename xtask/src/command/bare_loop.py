"""The rate of bare calls in a Python loop: the programs' subject calls on arrays made beforehand.

usage: bare_loop.py MODULE FILE, where FILE holds one frame of the protocol with a batch. Prints the calls of all passes and their seconds.
"""

import importlib
import operator
import struct
import sys
import time
import warnings

import msgpack
import numpy as np

# Long enough to meet what else the machine does, as a run does.
PASSES = 20

warnings.simplefilter("ignore")
np.seterr(all="ignore")


def main():
    xp = importlib.import_module(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        (length,) = struct.unpack("<I", file.read(4))
        batch = msgpack.unpackb(file.read(length), raw=False, strict_map_key=False)["batch"]
    plans = [msgpack.unpackb(plan, raw=False) for plan in batch["plans"]]
    data = bytearray(batch["data"])
    calls = []
    for plan, inputs in batch["programs"]:
        registers = [np.ndarray(shape, dtype, data, offset).copy() for dtype, shape, offset in inputs]

        def resolve(arg):
            if isinstance(arg, str):
                return {"none": None, "ellipsis": ...}[arg]
            ((kind, value),) = arg.items()
            if kind == "register":
                return registers[value]
            if kind == "scalar":
                ((scalar, text),) = value.items()
                if scalar == "int":
                    return int(text)
                if scalar == "float":
                    return float.fromhex(text)
                if scalar == "complex":
                    return complex(*map(float.fromhex, text))
                return text
            if kind == "slice":
                return slice(value["start"], value["stop"], value["step"])
            if kind in ("tuple", "list"):
                return {"tuple": tuple, "list": list}[kind](map(resolve, value))
            if kind == "dtype":
                return getattr(xp, value)
            if kind in ("str", "device"):
                return value
            raise ValueError(kind)

        for step in plans[plan]["steps"]:
            name = step["function"]
            args = [resolve(arg) for arg in step.get("args", ())]
            kwargs = {key: resolve(arg) for key, arg in step.get("kwargs", ())}
            subject = step.get("role", "subject") == "subject"
            try:
                function = lookup(xp, name)
                registers.append(function(*args, **kwargs))
            except Exception:  # A function that is missing, or a call that has to raise.
                break
            if subject:
                calls.append((function, args, kwargs))
                break  # What follows only looks at the result.
    one_pass(calls)  # The first pass finds nothing in the caches.
    print(PASSES * len(calls), sum(one_pass(calls) for _ in range(PASSES)))


def lookup(xp, path):
    """What a step calls."""
    first, _, rest = path.partition(".")
    if first == "attribute":
        return operator.attrgetter(rest)
    if first == "method":
        return lambda x, *args, **kwargs: getattr(x, rest)(*args, **kwargs)
    if first in ("operator", "builtins"):
        return getattr(importlib.import_module(first), rest)
    function = operator.attrgetter(path)(xp)
    return function if callable(function) else lambda: function


def one_pass(calls):
    began = time.perf_counter()
    for function, args, kwargs in calls:
        function(*args, **kwargs)
    return time.perf_counter() - began


main()
