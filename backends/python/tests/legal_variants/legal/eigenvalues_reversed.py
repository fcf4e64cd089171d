"""Eigenvalues come in descending order, for their order is unspecified."""

from legal import Array, change, np, stand_for, taken


def flipped(part):
    if part.shape[-1] > 1:
        taken()
    return Array._new(np.flip(part._array, -1), device=part.device)


def made(old):
    def new(x, /):
        result = old(x)
        return flipped(result) if isinstance(result, Array) else type(result)(*map(flipped, result))

    return new


change(["linalg.eig", "linalg.eigh", "linalg.eigvals", "linalg.eigvalsh"], made)
stand_for(__name__)
