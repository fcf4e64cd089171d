"""Dtype objects compare and have no hash: the text asks for `==` alone."""

import sys

from legal import stand_for, taken
from array_api_strict._dtypes import DType

old = DType.__hash__


def hash_of_library(self):
    # The library itself keeps its dtypes in sets.
    if sys._getframe(1).f_globals.get("__name__", "").startswith(("array_api_strict", "legal")):
        return old(self)
    taken()
    raise TypeError("unhashable type: 'DType'")


DType.__hash__ = hash_of_library
stand_for(__name__)
