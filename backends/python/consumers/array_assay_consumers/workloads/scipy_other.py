"""Functions of scipy.cluster, integrate, interpolate, linalg, ndimage, optimize, spatial and special."""

from __future__ import annotations

import importlib
from typing import Any, Callable

import numpy as np

from ..workload import Data, Workload, Workloads, random

WORKLOADS = Workloads()


def arrays(n: int) -> Data:
    """Points, numbers and matrices."""
    state = random(n + 3)
    half = n // 2
    return {
        "points": np.concatenate([state.standard_normal((half, 2)), state.standard_normal((half, 2)) + 4]),
        "x": state.standard_normal(n),
        "sorted": np.cumsum(state.random_sample(n) + 0.1),
        "positive": state.random_sample(n) + 0.1,
        "vectors": state.standard_normal((6, 3)),
        "others": state.standard_normal((6, 3)),
        "image": state.standard_normal((8, 8)),
        "roots": np.array([0.5, 1.5, 3.0]),
        "low": np.zeros(3),
        "high": np.full(3, 4.0),
        "codes": np.array([[0.0, 0.0], [4.0, 4.0]]),
    }


def workload(path: str, names: tuple[str, ...], run: Callable[[Any], dict[str, Any]], says: str, **options: Any) -> None:
    """Adds a workload of SciPy."""
    WORKLOADS.add(Workload("scipy", path, says, lambda n: {each: arrays(n)[each] for each in names}, run, **options))


def add(path: str, *names: Any, form: str = "", **options: Any) -> None:
    """A function of arrays that are named; other arguments are passed on."""
    module, _, function = path.rpartition(".")

    def run(a: Any) -> dict[str, Any]:
        given = [getattr(a, each) if isinstance(each, str) else each for each in names]
        result = getattr(importlib.import_module(f"scipy.{module}"), function)(*given, **options)
        return {f"r{i}": each for i, each in enumerate(result)} if isinstance(result, tuple) else {"r": result}

    says = ", ".join([str(each) for each in names] + [f"{key}={each!r}" for key, each in options.items()])
    of_arrays = tuple(each for each in names if isinstance(each, str))
    workload(path + (f".{form}" if form else ""), of_arrays, run, f"scipy.{path}({says})", calls=(f"scipy.{path}",))


add("cluster.vq.whiten", "points")
add("cluster.vq.vq", "points", "codes")
add("cluster.hierarchy.linkage", "points")
add("special.logsumexp", "x")
add("special.softmax", "x")
add("special.log_softmax", "x")
add("special.expit", "x")
add("special.gammaln", "positive")
add("special.xlogy", "positive", "positive")
add("special.ndtr", "x")
add("special.entr", "positive")
add("special.rel_entr", "positive", "positive")
add("integrate.trapezoid", "x")
add("integrate.simpson", "x")
add("integrate.cumulative_trapezoid", "x")
add("integrate.cumulative_simpson", "x")
add("linalg.orthogonal_procrustes", "vectors", "others")
add("ndimage.gaussian_filter", "image", 1.0)


def kmeans2(a: Any) -> dict[str, Any]:
    """Two clusters, from given points."""
    from scipy.cluster.vq import kmeans2

    centres, labels = kmeans2(a.points, a.codes, minit="matrix", iter=3)
    return {"centres": centres, "labels": labels}


def rotation(make: str) -> Callable[[Any], dict[str, Any]]:
    """Rotations of vectors."""

    def run(a: Any) -> dict[str, Any]:
        from scipy.spatial.transform import Rotation

        turned = Rotation.from_rotvec(a.vectors)
        if make == "apply":
            return {"r": turned.apply(a.others)}
        return {"r": getattr(turned, make)()}

    return run


def align(a: Any) -> dict[str, Any]:
    """The rotation between two sets of vectors."""
    from scipy.spatial.transform import Rotation

    found, distance = Rotation.align_vectors(a.vectors, a.others)
    return {"r": found.as_matrix(), "distance": distance}


def slerp(a: Any) -> dict[str, Any]:
    """Euler angles to quaternions."""
    from scipy.spatial.transform import Rotation

    return {"r": Rotation.from_euler("xyz", a.vectors).as_quat()}


def find_root(a: Any) -> dict[str, Any]:
    """Square roots."""
    from scipy.optimize.elementwise import find_root

    return {"x": find_root(lambda x, c: x * x - c, (a.low, a.high), args=(a.roots,)).x}


def find_minimum(a: Any) -> dict[str, Any]:
    """Minima of parabolas."""
    from scipy.optimize.elementwise import find_minimum

    return {"x": find_minimum(lambda x, c: (x - c) ** 2, (a.low, a.roots + 0.1, a.high), args=(a.roots,)).x}


def bracket_root(a: Any) -> dict[str, Any]:
    """Brackets around square roots."""
    from scipy.optimize.elementwise import bracket_root

    left, right = bracket_root(lambda x, c: x * x - c, a.low, args=(a.roots,)).bracket
    return {"left": left, "right": right}


def derivative(a: Any) -> dict[str, Any]:
    """The derivative of the exponential function."""
    from scipy.differentiate import derivative

    return {"df": derivative(a.xp.exp, a.roots).df}


def pchip(a: Any) -> dict[str, Any]:
    """A monotone interpolation."""
    from scipy.interpolate import PchipInterpolator

    return {"r": PchipInterpolator(a.sorted, a.x)(a.sorted[1:4] + 0.01)}


def turned(*methods: str) -> tuple[str, ...]:
    """The paths of methods of rotations."""
    return tuple(f"scipy.spatial.transform.Rotation.{method}" for method in methods)


TOLERANCE = (1e-6, 1e-2)
workload("cluster.vq.kmeans2", ("points", "codes"), kmeans2, 'scipy.cluster.vq.kmeans2(points, codes, minit="matrix")', calls=("scipy.cluster.vq.kmeans2",))
workload("spatial.Rotation.apply", ("vectors", "others"), rotation("apply"), "Rotation.from_rotvec(vectors).apply(others)",
    calls=turned("from_rotvec", "apply"))  # fmt: skip
workload("spatial.Rotation.as_matrix", ("vectors",), rotation("as_matrix"), "Rotation.from_rotvec(vectors).as_matrix()",
    calls=turned("from_rotvec", "as_matrix"))  # fmt: skip
workload("spatial.Rotation.mean", ("vectors",), lambda a: {"r": mean_rotation(a)}, "Rotation.from_rotvec(vectors).mean().as_matrix()",
    calls=turned("from_rotvec", "mean", "as_matrix"))  # fmt: skip
workload("spatial.Rotation.from_euler", ("vectors",), slerp, 'Rotation.from_euler("xyz", vectors).as_quat()',
    calls=turned("from_euler", "as_quat"))  # fmt: skip
workload("spatial.Rotation.align_vectors", ("vectors", "others"), align, "Rotation.align_vectors(vectors, others)", rtol=TOLERANCE,
    calls=turned("align_vectors", "as_matrix"))  # fmt: skip
workload("optimize.find_root", ("roots", "low", "high"), find_root, "find_root(x**2 - c, (low, high))", rtol=TOLERANCE,
    calls=("scipy.optimize.elementwise.find_root",))  # fmt: skip
workload("optimize.find_minimum", ("roots", "low", "high"), find_minimum, "find_minimum((x - c)**2, (low, c + 0.1, high))", rtol=(1e-4, 5e-2),
    calls=("scipy.optimize.elementwise.find_minimum",))  # fmt: skip
workload("optimize.bracket_root", ("roots", "low"), bracket_root, "bracket_root(x**2 - c, low)", rtol=TOLERANCE,
    calls=("scipy.optimize.elementwise.bracket_root",))  # fmt: skip
workload("differentiate.derivative", ("roots",), derivative, "derivative(exp, roots)", rtol=(1e-6, 2e-2),
    calls=("scipy.differentiate.derivative",))  # fmt: skip
workload("interpolate.PchipInterpolator", ("sorted", "x"), pchip, "PchipInterpolator(sorted, x)(q)", rtol=TOLERANCE,
    calls=("scipy.interpolate.PchipInterpolator",))  # fmt: skip


def mean_rotation(a: Any) -> Any:
    """The mean of rotations."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(a.vectors).mean().as_matrix()
