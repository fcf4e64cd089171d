"""Shapes and axes: no array is needed for these."""

from __future__ import annotations

from ._namespace import known
from ._typing import Namespace

__all__ = ["broadcast_shapes"]


def broadcast_shapes(*shapes: tuple[float | None, ...], xp: Namespace | None = None) -> tuple[int | None, ...]:
    """
    Give the shape to which shapes broadcast.

    Parameters
    ----------
    *shapes : tuple of int, None or NaN
        The shapes. A size that is not known is None, as in the standard, or NaN, as in Dask.
    xp : namespace, optional
        Not needed, and not used: every library gives the same.

    Returns
    -------
    tuple of int or None
        The sizes; None where a size is not known before the arrays are.

    Raises
    ------
    ValueError
        If the shapes do not broadcast.

    Notes
    -----
    The standard has this function since revision 2025.12. Cost: the number of sizes.

    Examples
    --------
    >>> import array_assay_polyfills as ap
    >>> ap.broadcast_shapes((4, 2, 3), (2, 1), (1, 3))
    (4, 2, 3)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    out: list[int | None] = []
    for axis in range(-rank, 0):
        found = [shape[axis] for shape in shapes if len(shape) >= -axis]
        lengths = {int(n) for n in found if n is not None and known(n) and n != 1}
        if len(lengths) > 1:
            raise ValueError(f"shape mismatch: objects cannot be broadcast to a single shape: {shapes}")
        if not all(known(n) for n in found):
            out.append(None)
        else:
            out.append(lengths.pop() if lengths else 1)
    return tuple(out)


def normalize_axis(axis: int, rank: int) -> int:
    """The axis counted from the front."""
    if not -rank <= axis < rank:
        raise IndexError(f"axis {axis} is out of bounds for array of dimension {rank}")
    return axis % rank


def normalize_axes(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Axes counted from the front: all for None, one for an int."""
    if axis is None:
        return tuple(range(rank))
    axes = tuple(normalize_axis(i, rank) for i in (axis if isinstance(axis, (tuple, list)) else (axis,)))
    if len(set(axes)) < len(axes):
        raise ValueError("an axis is named twice")
    return axes
