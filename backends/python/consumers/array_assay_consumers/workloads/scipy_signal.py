"""Functions of scipy.signal and scipy.fft."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ..workload import Data, Workload, Workloads, random

WORKLOADS = Workloads()


def signals(n: int) -> Data:
    """A signal, a filter, and an image."""
    state = random(n + 2)
    return {
        "x": np.sin(np.arange(n) * 0.3) + 0.1 * state.standard_normal(n),
        "h": state.standard_normal(7),
        "rows": state.standard_normal((3, n)),
        "image": state.standard_normal((8, 8)),
        "kernel": state.standard_normal((3, 3)),
    }


def add(path: str, *names: Any, form: str = "", **options: Any) -> None:
    """A function of arrays that are named; other arguments are passed on."""
    arrays = [each for each in names if isinstance(each, str)]
    module, _, function = path.rpartition(".")

    def data(n: int) -> Data:
        every = signals(n)
        return {each: every[each] for each in arrays}

    def run(a: Any) -> dict[str, Any]:
        given = [getattr(a, each) if isinstance(each, str) else each for each in names]
        result = getattr(importlib.import_module(f"scipy.{module}"), function)(*given, **options)
        return {f"r{i}": each for i, each in enumerate(result)} if isinstance(result, tuple) else {"r": result}

    says = ", ".join([str(each) for each in names] + [f"{key}={each!r}" for key, each in options.items()])
    WORKLOADS.add(Workload("scipy", path + (f".{form}" if form else ""), f"scipy.{path}({says})", data, run, calls=(f"scipy.{path}",)))


add("signal.fftconvolve", "x", "h")
add("signal.fftconvolve", "image", "kernel", form="same", mode="same")
add("signal.convolve", "x", "h")
add("signal.oaconvolve", "x", "h")
add("signal.detrend", "x")
add("signal.detrend", "rows", form="constant", type="constant")
add("signal.welch", "x", nperseg=16)
add("signal.hilbert", "x")
add("signal.resample", "x", 20)
add("signal.freqz", "h", worN=8)
add("signal.savgol_filter", "x", 5, 2)
add("signal.envelope", "x")
add("signal.lfilter", "h", [1.0], "x")
add("signal.upfirdn", "h", "x", 2)
add("fft.fft", "x")
add("fft.ifft", "x")
add("fft.rfft", "x")
add("fft.fft2", "image")
add("fft.dct", "x")
add("fft.dst", "x")
add("fft.fftshift", "x")
add("fft.fht", "x", 0.1, 1.0)
