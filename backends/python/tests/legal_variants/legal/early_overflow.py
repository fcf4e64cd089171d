"""Approximations overflow to infinity near the greatest number: `cosh(710)` as `exp(710) / 2`, `hypot` by squares, and so on."""

from legal import Array, change, np, stand_for, taken, xp


def by_formula(formula):
    def made(old):
        def new(*args):
            result = old(*args)
            if result._array.dtype.kind != "f" or any(not isinstance(arg, Array) for arg in args):
                return result
            with np.errstate(all="ignore"):
                rough = formula(*(np.asarray(arg._array, dtype=result._array.dtype) for arg in args))
            # Beside a zero the length of a hypotenuse is exact.
            if old.__name__ == "hypot":
                rough = np.where((args[0]._array == 0) | (args[1]._array == 0), result._array, rough)
            lost = np.isinf(rough) & np.isfinite(result._array)
            if not lost.any():
                return result
            taken()
            return Array._new(np.where(lost, rough, result._array).astype(result._array.dtype), device=result.device)

        return new

    return made


change(["cosh"], by_formula(lambda x: (np.exp(x) + np.exp(-x)) / 2))
change(["sinh"], by_formula(lambda x: (np.exp(x) - np.exp(-x)) / 2))
change(["hypot"], by_formula(lambda x, y: np.sqrt(x * x + y * y)))
change(["logaddexp"], by_formula(lambda x, y: np.log(np.exp(x) + np.exp(y))))
change(["acosh"], by_formula(lambda x: np.log(x + np.sqrt(x * x - 1))))
stand_for(__name__)
