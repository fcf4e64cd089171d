"""Approximations are computed by the formula that defines them, which loses all digits near zero: the text does not define their accuracy."""

from legal import Array, change, np, stand_for, taken


def by_formula(formula):
    def made(old):
        def new(*args):
            result = old(*args)
            if result._array.dtype.kind != "f" or any(not isinstance(arg, Array) for arg in args):
                return result
            hosts = [arg._array.astype(result._array.dtype) for arg in args]
            with np.errstate(all="ignore"):
                rough = formula(*hosts)
            # What special cases state exactly stays.
            usual = np.isfinite(rough) & np.isfinite(result._array)
            for host in hosts:
                usual = usual & np.isfinite(host) & (host != 0) & (host != np.trunc(host))
            if not (usual & (rough != result._array)).any():
                return result
            taken()
            return Array._new(np.where(usual, rough, result._array).astype(result._array.dtype), device=result.device)

        return new

    return made


change(["expm1"], by_formula(lambda x: np.exp(x) - 1))
change(["log1p"], by_formula(lambda x: np.log(1 + x)))
change(["sinh"], by_formula(lambda x: (np.exp(x) - np.exp(-x)) / 2))
change(["tanh"], by_formula(lambda x: 1 - 2 / (np.exp(2 * x) + 1)))
change(["asinh"], by_formula(lambda x: np.log(x + np.sqrt(x * x + 1))))
change(["atanh"], by_formula(lambda x: np.log((1 + x) / (1 - x)) / 2))
change(["acosh"], by_formula(lambda x: np.log(x + np.sqrt(x * x - 1))))
change(["log2"], by_formula(lambda x: np.log(x) / x.dtype.type(np.log(2))))
change(["logaddexp"], by_formula(lambda x, y: np.log(np.exp(x) + np.exp(y))))
change(["pow"], by_formula(lambda x, y: np.exp(y * np.log(x))))
stand_for(__name__)
