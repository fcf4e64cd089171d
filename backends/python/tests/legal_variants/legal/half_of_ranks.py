"""No variant that is legal: arrays have five axes and more, and `stack` refuses to make them."""

from legal import change, stand_for


def made(old):
    def new(arrays, /, *, axis=0):
        if arrays[0].ndim >= 4:
            raise ValueError("too many axes")
        return old(arrays, axis=axis)

    return new


change(["stack"], made)
stand_for(__name__)
