"""Products of several complex numbers with an infinity or a NaN among them are NaN in both components."""

from legal import change, change_methods, mapped, np, stand_for, taken


def changed(host):
    odd = ~np.isfinite(host) if host.dtype.kind == "c" else np.zeros(())
    if not odd.any():
        return None
    taken()
    return np.where(odd, host.dtype.type(complex(np.nan, np.nan)), host)


change(["prod", "cumulative_prod", "matmul", "tensordot", "vecdot", "linalg.matmul", "linalg.tensordot", "linalg.vecdot"], mapped(changed))
change_methods(["__matmul__", "__rmatmul__"], mapped(changed))
stand_for(__name__)
