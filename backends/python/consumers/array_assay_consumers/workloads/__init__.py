"""The workloads that are known by name, and those of a user's file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ..workload import Workload, Workloads
from . import estimators, metrics, scipy_other, scipy_signal, scipy_stats


def known() -> list[Workload]:
    """All workloads of scikit-learn and SciPy."""
    files = (estimators, metrics, scipy_stats, scipy_signal, scipy_other)
    return [workload for file in files for workload in file.WORKLOADS.all]


def of_file(path: Path) -> list[Workload]:
    """The workloads of a user's file: its object `WORKLOADS`."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"read {path}: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    spec.loader.exec_module(module)
    found = getattr(module, "WORKLOADS", None)
    if not isinstance(found, Workloads):
        raise ValueError(f"read {path}: it has no object `WORKLOADS` of the class `Workloads`")
    return found.all
