"""Overflow of integers raises, in every function that computes with them."""

from legal import OPERATORS, UNARY, Array, change, change_methods, host_of, np, stand_for, taken
from legal.integers import EXACT, fits, objects


def refuse(exact, dtype):
    if not fits(exact, dtype):
        taken()
        raise OverflowError("integer overflow")


def elementwise(name):
    exact = np.frompyfunc(EXACT[name], 1 if name in ("negative", "abs", "square") else 2, 1)

    def made(old):
        reflected = old.__name__.startswith("__r") and old.__name__ != "__rshift__"

        def new(*args):
            result = old(*args)
            if isinstance(result, Array) and result._array.dtype.kind in "iu":
                elements = [objects(value) for value in args]
                refuse(exact(*(reversed(elements) if reflected else elements)), result._array.dtype)
            return result

        return new

    return made


def in_place(name):
    exact = np.frompyfunc(EXACT[name], 2, 1)

    def made(old):
        def new(self, other, /):
            if self._array.dtype.kind in "iu":
                refuse(exact(objects(self), objects(other)), self._array.dtype)
            return old(self, other)

        return new

    return made


for name in EXACT:
    change([name], elementwise(name))
    if name in UNARY:
        change_methods(["__%s__" % UNARY[name]], elementwise(name))
    elif name in OPERATORS:
        change_methods(["__%s__" % OPERATORS[name], "__r%s__" % OPERATORS[name]], elementwise(name))
        change_methods(["__i%s__" % OPERATORS[name]], in_place(name))


def reduction(of_objects, refuse):
    def made(old):
        def new(x, /, *args, **kwargs):
            result = old(x, *args, **kwargs)
            if x._array.dtype.kind in "iu" and result._array.dtype.kind in "iu":
                refuse(of_objects(x._array.astype(object), kwargs), result._array.dtype)
            return result

        return new

    return made


def axes(kwargs):
    return {"axis": kwargs.get("axis")} if kwargs.get("axis") is not None else {}


def refuse_product(exact, dtype):
    """As `refuse`, of a product of magnitudes, that of the least integer included."""
    refuse(np.asarray(exact, dtype=object) - (1 if dtype.kind == "i" else 0), dtype)


# Of sums and products every partial one is looked at: an order of evaluation is open as well.
def magnitudes(host):
    return np.asarray(np.frompyfunc(abs, 1, 1)(host), dtype=object) if host.size else host


def summation(of_sum):
    """Every partial sum lies between that of the negative elements and that of the positive ones."""
    return reduction(lambda x, k: [of_sum(np.where(x > 0, x, 0), k), of_sum(np.where(x < 0, x, 0), k)], refuse)


def axis(kwargs):
    return kwargs.get("axis") if kwargs.get("axis") is not None else 0


change(["sum"], summation(lambda x, k: np.sum(x, **axes(k), initial=0)))
change(["prod"], reduction(lambda x, k: np.prod(np.where(x == 0, 1, magnitudes(x)), **axes(k), initial=1), refuse_product))
change(["cumulative_sum"], summation(lambda x, k: np.cumsum(x, axis=axis(k)) if x.size else x))
change(["cumulative_prod"], reduction(lambda x, k: np.cumprod(np.where(x == 0, 1, magnitudes(x)), axis=axis(k)) if x.size else x, refuse_product))
change(["linalg.trace"], summation(lambda x, k: np.diagonal(x, k.get("offset", 0), -2, -1).sum(axis=-1)))


def product(of_objects):
    def made(old):
        def new(x1, x2, /, **kwargs):
            hosts = [host_of(x).astype(object) for x in (x1, x2)]
            result = old(x1, x2, **kwargs)
            if isinstance(result, Array) and result._array.dtype.kind in "iu" and result._array.size:
                refuse(of_objects(*hosts, **kwargs), result._array.dtype)
            return result

        return new

    return made


def tensordot(a, b, *, axes=2):
    return np.tensordot(a, b, axes=axes if isinstance(axes, int) else tuple(map(list, axes)))


def vecdot(a, b, *, axis=-1):
    return np.sum(np.multiply(*np.broadcast_arrays(np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1))), axis=-1)


def cross(a, b, *, axis=-1):
    a, b = np.broadcast_arrays(np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1))
    return np.stack([a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((0, 1), (1, 2), (0, 2))])


for names, of_objects in [
    (["matmul", "linalg.matmul"], np.matmul), (["tensordot", "linalg.tensordot"], tensordot), (["vecdot", "linalg.vecdot"], vecdot),
    (["linalg.outer"], lambda a, b: np.multiply.outer(a, b)), (["linalg.cross"], cross),
]:  # fmt: skip
    change(names, product(of_objects))
change_methods(["__matmul__", "__imatmul__"], product(np.matmul))
change_methods(["__rmatmul__"], product(lambda a, b: np.matmul(b, a)))


def differences(old):
    def new(x, /, *, axis=-1, n=1, prepend=None, append=None):
        result = old(x, axis=axis, n=n, prepend=prepend, append=append)
        if x._array.dtype.kind in "iu":
            parts = [part._array.astype(object) for part in (prepend, x, append) if part is not None]
            exact = np.concatenate(parts, axis=axis)
            for _ in range(n):
                exact = np.diff(exact, axis=axis)
                refuse(exact, x._array.dtype)
        return result

    return new


change(["diff"], differences)
stand_for(__name__)
