"""The shape is a subclass of tuple, and its sizes and the numbers of axes and elements are of a subclass of int."""

import sys

from legal import Array, stand_for, taken


class Size(int):
    pass


class Shape(tuple):
    pass


def of_library():
    return sys._getframe(2).f_globals.get("__name__", "").startswith("array_api_strict")


def changed(old, made):
    def get(self):
        if of_library():
            return old(self)
        taken()
        return made(old(self))

    return property(get)


Array.shape = changed(Array.shape.fget, lambda shape: Shape(map(Size, shape)))
Array.ndim = changed(Array.ndim.fget, Size)
Array.size = changed(Array.size.fget, Size)
stand_for(__name__)
