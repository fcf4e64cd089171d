"""NumPy with functions that go wrong in the ways that MOODY names, as NAME=HOW. MOODY_LOG gets the parent of each process that imports it."""

import os
import sys

import numpy
from numpy import *  # noqa: F403
from numpy import __array_namespace_info__, __version__  # noqa: F401

__array_api_version__ = "2024.12"

MOOD = dict(word.split("=") for word in os.environ.get("MOODY", "").split())

# What it prints shall disturb nobody.
print("::error::from the library\n::set-output name=x::y", flush=True)
print("\x1b[31mred\x1b[0m", file=sys.stderr, flush=True)

if "MOODY_LOG" in os.environ:
    with open(os.environ["MOODY_LOG"], "a") as _file:
        print(os.getppid(), file=_file)


class Rude(Exception):
    """An exception whose text would be markup or a command elsewhere."""

    def __str__(self):
        return "]]></failure><b>`*|` \x1b[2J\n::error::forged\n</details>"


def changed(name):
    how, right = MOOD[name], getattr(numpy, name)

    def wrong(x, /):
        result = right(x)
        if how == "off":
            return numpy.asarray(result + numpy.ones((), dtype=result.dtype))
        if how == "rude":
            raise Rude
        os._exit(3)

    return wrong


for _name in MOOD:
    if MOOD[_name] == "missing":
        del globals()[_name]
    else:
        globals()[_name] = changed(_name)
