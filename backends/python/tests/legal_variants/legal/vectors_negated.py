"""Singular vectors and eigenvectors have another sign, complex ones another phase; the diagonal of R is negative."""

import cmath

from legal import Array, change, np, stand_for, taken

PHASE = cmath.exp(2j)


def factors(n, dtype):
    """A factor for each vector: signs that alternate, or phases."""
    if dtype.kind == "c":
        return np.asarray([PHASE ** (i + 1) for i in range(n)], dtype=dtype)
    return np.asarray([-1 if i % 2 == 0 else 1 for i in range(n)], dtype=dtype)


def changed(like, host):
    if host.size:
        taken()
    return Array._new(host.astype(like._array.dtype), device=like.device)


def svd(old):
    def new(x, /, *, full_matrices=True):
        U, S, Vh = old(x, full_matrices=full_matrices)
        k = S.shape[-1]
        factor = factors(k, U._array.dtype)
        u, vh = np.array(U._array), np.array(Vh._array)
        u[..., :, :k] = u[..., :, :k] * factor
        vh[..., :k, :] = np.conj(factor)[:, None] * vh[..., :k, :]
        return type(old(x, full_matrices=full_matrices))(changed(U, u), S, changed(Vh, vh))

    return new


def eig(old):
    def new(x, /):
        result = old(x)
        vectors = result.eigenvectors
        factor = factors(vectors.shape[-1], vectors._array.dtype)
        return type(result)(result.eigenvalues, changed(vectors, vectors._array * factor))

    return new


def qr(old):
    def new(x, /, *, mode="reduced"):
        result = old(x, mode=mode)
        Q, R = result
        k = min(Q.shape[-1], R.shape[-2])
        factor = np.ones(Q.shape[-1], dtype=Q._array.dtype)
        factor[:k] = factors(k, Q._array.dtype)
        return type(result)(changed(Q, Q._array * factor), changed(R, np.conj(factor)[: R.shape[-2], None] * R._array))

    return new


change(["linalg.svd"], svd)
change(["linalg.eigh", "linalg.eig"], eig)
change(["linalg.qr"], qr)
stand_for(__name__)
