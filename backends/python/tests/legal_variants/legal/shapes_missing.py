"""The functions whose output shape depends on values are not there, masks are refused, and no inspection says so."""

from legal import Array, stand_for, taken, xp

for name in ("nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"):
    delattr(xp, name)

repeat, getitem, setitem = xp.repeat, Array.__getitem__, Array.__setitem__


def repeat_by_number(x, repeats, /, *, axis=None):
    if isinstance(repeats, Array):
        taken()
        raise NotImplementedError("an array of repeats")
    return repeat(x, repeats, axis=axis)


def refuse_masks(key):
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, Array) and part._array.dtype.kind == "b" for part in parts):
        taken()
        raise NotImplementedError("a mask")


def get(self, key, /):
    refuse_masks(key)
    return getitem(self, key)


def put(self, key, value, /):
    refuse_masks(key)
    return setitem(self, key, value)


xp.repeat, Array.__getitem__, Array.__setitem__ = repeat_by_number, get, put
xp.set_array_api_strict_flags(api_version="2022.12")
stand_for(__name__)
