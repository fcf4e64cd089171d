"""What variants share that raise where the text leaves integers open: exact results in Python's integers."""

from legal import Array, np

EXACT = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b, "negative": lambda a: -a, "abs": abs,
    "square": lambda a: a * a, "pow": lambda a, b: a**b if 0 <= b < 200 else 0,
    "bitwise_left_shift": lambda a, b: a << b if 0 <= b < 64 else 0,
    "floor_divide": lambda a, b: a // b if b else 0,
}  # fmt: skip


def objects(value):
    """The elements as Python integers; None where it holds no integers."""
    if isinstance(value, Array):
        return value._array.astype(object) if value._array.dtype.kind in "iu" else None
    return np.asarray(value, dtype=object) if type(value) is int else None


def fits(exact, dtype):
    info = np.iinfo(dtype)
    return all(info.min <= element <= info.max for element in np.asarray(exact, dtype=object).ravel())
