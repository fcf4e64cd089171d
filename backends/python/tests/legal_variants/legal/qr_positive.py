"""The diagonal of R is not negative."""

from legal import Array, change, np, stand_for, taken


def made(old):
    def new(x, /, *, mode="reduced"):
        result = old(x, mode=mode)
        q, r = result.Q._array, result.R._array
        diagonal = np.diagonal(r, axis1=-2, axis2=-1)
        k = diagonal.shape[-1]
        factor = np.ones(q.shape[:-2] + (q.shape[-1],), dtype=q.dtype)
        with np.errstate(all="ignore"):
            factor[..., :k] = np.where(diagonal == 0, 1, diagonal / np.abs(diagonal))
        if (factor != 1).any():
            taken()
        r = np.conj(factor)[..., : r.shape[-2], None] * r
        return type(result)(Array._new(q * factor[..., None, :], device=x.device), Array._new(r, device=x.device))

    return new


change(["linalg.qr"], made)
stand_for(__name__)
