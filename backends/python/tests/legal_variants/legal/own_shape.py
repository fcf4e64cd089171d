"""The shape is an object of the library's own: immutable, indexable, and like a tuple otherwise."""

from legal import Array, stand_for, taken


class Shape:
    __slots__ = ("_sizes",)

    def __init__(self, sizes):
        object.__setattr__(self, "_sizes", sizes)

    def __setattr__(self, name, value):
        raise AttributeError("a shape does not change")

    def __len__(self):
        return len(self._sizes)

    def __getitem__(self, key):
        return self._sizes[key]

    def __iter__(self):
        return iter(self._sizes)

    def __eq__(self, other):
        return self._sizes == (other._sizes if isinstance(other, Shape) else other)

    def __hash__(self):
        return hash(self._sizes)

    def __add__(self, other):
        return Shape(self._sizes + tuple(other))

    def __radd__(self, other):
        return tuple(other) + self._sizes

    def __repr__(self):
        return "Shape%s" % (self._sizes,)


shape = Array.shape.fget


def own_shape(self):
    import sys

    # The library's own code goes on with tuples.
    if sys._getframe(1).f_globals.get("__name__", "").startswith("array_api_strict"):
        return shape(self)
    taken()
    return Shape(shape(self))


Array.shape = property(own_shape)
stand_for(__name__)
