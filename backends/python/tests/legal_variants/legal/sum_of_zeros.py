"""The zeros that come of sums have the other sign: no clause speaks of it."""

from legal import change, change_methods, mapped, np, stand_for, taken


def flipped(host):
    if host.dtype.kind == "c":
        out = np.array(host)
        out.real, out.imag = np.where(host.real == 0, -host.real, host.real), np.where(host.imag == 0, -host.imag, host.imag)
        changed = (host.real == 0) | (host.imag == 0)
    elif host.dtype.kind == "f":
        out, changed = np.where(host == 0, -host, host), host == 0
    else:
        return None
    if changed.any():
        taken()
    return out.astype(host.dtype)


SUMS = ["sum", "mean", "cumulative_sum", "std", "var", "matmul", "vecdot", "tensordot"]
OF_MATRICES = ["cross", "det", "inv", "matmul", "matrix_norm", "pinv", "solve", "svdvals", "tensordot", "trace", "vecdot",
               "vector_norm"]  # fmt: skip
TRANSFORMS = ["fft", "ifft", "fftn", "ifftn", "rfft", "irfft", "rfftn", "irfftn", "hfft", "ihfft"]
change(SUMS + ["linalg." + n for n in OF_MATRICES] + ["fft." + n for n in TRANSFORMS], mapped(flipped))
change_methods(["__matmul__", "__rmatmul__"], mapped(flipped))
stand_for(__name__)
