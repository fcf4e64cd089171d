"""Runs workloads on a real library, each in a process of its own with limits of time and memory."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from types import ModuleType
from typing import Any, Callable, Sequence

import numpy as np

from .tracing import dispatch, expected, steady
from .workload import Workload, arguments, data_of

MEMORY = 8 << 30
NUMPY_KINDS = ("numpy", "builtins")

Answer = dict[str, Any]


def run(workloads: Sequence[Workload], module: str, out: str | None, limit: float) -> None:
    """Reads the cases from the standard input, one JSON list of name and case a line, and prints the versions of the packages and then an
    answer for each case."""
    known = {f"{each.consumer}/{each.name}": each for each in workloads}
    # The child processes share what is imported. No array is made here, so no thread of the library runs yet.
    library = importlib.import_module(module)
    print(json.dumps({"versions": versions(module)}), flush=True)
    for line in sys.stdin:
        name, case = json.loads(line)
        answer = in_process(lambda: attempt(known[name], case, library, out), limit)
        print(json.dumps({"workload": name, "case": case, **answer}), flush=True)


def versions(module: str) -> dict[str, str]:
    """The versions of the consumers, of NumPy, and of the package that has the library."""
    top = module.split(".")[0]
    packages = {"scikit-learn", "scipy", "numpy", *importlib.metadata.packages_distributions().get(top, [])}
    return {name: importlib.metadata.version(name) for name in sorted(package.replace("_", "-").lower() for package in packages)}


def in_process(work: Callable[[], Answer], limit: float) -> Answer:
    """The answer of a child process, or what became of it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        silent = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silent, descriptor)
        try:
            answer = work()
        except BaseException as error:  # Even an exit of the library is an answer.
            answer = failure(error)
        with os.fdopen(writing, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    text, ends = b"", time.monotonic() + limit
    try:
        while True:
            ready, _, _ = select.select([reading], [], [], max(0.0, ends - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return {"verdict": "timeout", "why": f"it did not end within {limit:g} s"}
            part = os.read(reading, 1 << 16)
            if not part:
                break
            text += part
    finally:
        os.close(reading)
    status = os.waitpid(child, 0)[1]
    if not text:
        return {"verdict": "crash", "why": f"the process ended with status {status}"}
    read: Answer = json.loads(text)
    return read


def attempt(workload: Workload, case: str, library: ModuleType, out: str | None) -> Answer:
    """Runs a workload on the library."""
    dtype, _, size = case.rpartition("-")
    data = data_of(workload, int(size), dtype)
    reference = expected(workload, data)
    with dispatch(True):
        try:
            arrays = {name: into(library, a) for name, a in data.items()}
            results = workload.run(arguments(arrays, namespace_of(library, arrays)))
        except Exception as error:
            return failure(error)
    try:
        values = {name: host(value, out) for name, value in results.items()}
    except Exception as error:  # A lazy library computes only here.
        return {**failure(error), "late": True}
    wrong = [name for name in reference if differs(values[name], reference[name], name, workload, dtype)]
    if wrong:
        return {"verdict": "differs", "why": ", ".join(wrong), "lines": []}
    own = type(next(iter(arrays.values()))).__module__.split(".")[0] if arrays else ""
    kinds = {name: type(value).__module__.split(".")[0] for name, value in results.items()}
    foreign = sorted(name for name, kind in kinds.items() if kind == "numpy" and own != "numpy")
    return {"verdict": "elsewhere" if foreign else "works", "why": ", ".join(foreign), "lines": []}


def namespace_of(library: ModuleType, arrays: dict[str, Any]) -> ModuleType:
    """The namespace that consumers use for the library's arrays."""
    from sklearn.externals.array_api_compat import array_namespace

    return array_namespace(*arrays.values()) if arrays else library


def into(library: ModuleType, array: np.ndarray[Any, Any]) -> Any:
    """An array of the library. Dask's has one chunk."""
    if hasattr(library, "from_array"):
        return library.from_array(array, chunks=-1)
    return library.asarray(array.copy())


def host(value: Any, out: str | None) -> np.ndarray[Any, Any]:
    """A result as an array of NumPy."""
    if out is not None and type(value).__module__.split(".")[0] not in NUMPY_KINDS:
        value = eval(out, {"x": value})  # noqa: S307  # The expression is one of libraries.yaml.
    return np.asarray(value)


def failure(error: BaseException) -> Answer:
    """An exception, and the lines of consumers on its way, the innermost last."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        file = frame.filename.replace("\\", "/")
        for folder in ("/site-packages/", "/dist-packages/"):
            file = file.rsplit(folder, 1)[-1]
        if not file.startswith("/"):
            lines.append(f"{file}:{frame.lineno}")
    return {"verdict": "fails", "why": steady(f"{type(error).__name__}: {error}")[:300], "lines": lines}


def differs(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any], name: str, workload: Workload, dtype: str) -> bool:
    """Whether a result is off by more than the tolerance, relative to the largest expected element."""
    if got.shape != want.shape:
        return True
    a, b = got.astype(np.complex128), want.astype(np.complex128)
    rtol = workload.rtol[1 if dtype == "float32" else 0]
    if name in workload.free_signs:
        a = a * np.where((a * b.conj()).sum(axis=0).real < 0, -1.0, 1.0)
    finite = b[np.isfinite(b)]
    scale = np.abs(finite).max() if finite.size else 0.0
    return not np.allclose(a, b, rtol=rtol, atol=rtol * scale, equal_nan=True)
