"""Mixed kinds promote, and functions take dtypes that they need not: the text leaves both to libraries."""

from legal import Array, change, np, stand_for, taken, xp


def made(old):
    def new(*args):
        try:
            return old(*args)
        except TypeError:
            if not all(isinstance(arg, Array) for arg in args):
                raise
            taken()
            return Array._new(getattr(np, old.__name__)(*(arg._array for arg in args)), device=args[0].device)

    return new


change(["add", "subtract", "multiply", "divide", "equal", "maximum", "less"], made)
stand_for(__name__)
