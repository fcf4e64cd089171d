"""The attributes of `finfo` are objects of NumPy's float64, which is a subclass of Python's float."""

from legal import change, np, stand_for, taken


class FInfo:
    def __init__(self, old):
        for name in ("eps", "max", "min", "smallest_normal"):
            setattr(self, name, np.float64(getattr(old, name)))
        self.bits, self.dtype = old.bits, old.dtype


def made(old):
    def new(type, /):
        taken()
        return FInfo(old(type))

    return new


change(["finfo"], made)
stand_for(__name__)
