"""Sequences of results are lists where the revisions before 2025.12 let them be, and the library claims 2024.12."""

from legal import change, stand_for, taken, xp


def made(old):
    def new(*args, **kwargs):
        result = old(*args, **kwargs)
        taken()
        return list(result)

    return new


change(["meshgrid", "broadcast_arrays", "unstack"], made)
xp.set_array_api_strict_flags(api_version="2024.12")
stand_for(__name__)
