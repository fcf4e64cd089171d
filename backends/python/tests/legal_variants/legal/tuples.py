"""Sequences of results are tuples though the library claims 2024.12, where the text says lists."""

from legal import change, stand_for, taken, xp


def made(old):
    def new(*args, **kwargs):
        taken()
        return tuple(old(*args, **kwargs))

    return new


change(["meshgrid", "broadcast_arrays", "unstack", "nonzero"], made)
xp.set_array_api_strict_flags(api_version="2024.12")
stand_for(__name__)
