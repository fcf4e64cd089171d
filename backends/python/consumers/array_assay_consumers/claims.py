"""What consumers themselves say of libraries, read from the installed packages.

SciPy has a table of capabilities, from which it renders the tables of its documentation. scikit-learn has a tag of
estimators, and a table of the metrics that its own tests run on each library. What its documentation says alone comes from
the standard input. A function that nobody mentions is neither claimed nor denied.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, Iterable, Sequence

import numpy as np

from .tracing import dispatch
from .workload import SIZES, Workload, arguments, data_of

# The files of scikit-learn's tests with a table of metrics, and the name of the table.
TABLES = ("sklearn.metrics.tests.test_common", "sklearn.metrics.cluster.tests.test_common")
TABLE = "array_api_metric_checkers"

Claim = dict[str, Any]


def run(workloads: Sequence[Workload]) -> None:
    """Prints what consumers say of each workload, one JSON object a line. The standard input has the names that only documentation says are
    supported, each a JSON string on a line."""
    documented = frozenset(str(json.loads(line)) for line in sys.stdin)
    tested = frozenset(name for table in TABLES for name in keys_of_table(Path(str(origin(table))).read_text(encoding="utf-8")))
    for each in workloads:
        claim = of_scipy(each.calls) if each.consumer == "scipy" else of_sklearn(each, tested, documented)
        if claim is not None:
            print(json.dumps({"workload": f"{each.consumer}/{each.name}", **claim}), flush=True)


def origin(module: str) -> str | None:
    """The file that holds a module. The module is not imported, because some need packages that are not installed."""
    spec = find_spec(module)
    return spec.origin if spec else None


def found(path: str) -> Any:
    """The object with a dotted path, such as a method of a class."""
    parts = path.split(".")
    for at in range(len(parts) - 1, 0, -1):
        if find_module(".".join(parts[:at])):
            thing: Any = importlib.import_module(".".join(parts[:at]))
            for name in parts[at:]:
                thing = getattr(thing, name)
            return thing
    raise ValueError(f"find {path}: no such module")


def find_module(name: str) -> bool:
    """Whether there is a module with this name."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


# SciPy


def of_scipy(paths: Iterable[str]) -> Claim | None:
    """What SciPy says of all these functions together. `None` if it says nothing of one."""
    from scipy._lib._array_api import xp_capabilities_table

    paths = tuple(paths)
    entries = [xp_capabilities_table.get(found(path)) for path in paths]
    if not entries or any(entry is None for entry in entries):
        return None
    return {"by": "table", "of": list(paths), **together([capabilities(entry) for entry in entries])}


def capabilities(entry: dict[str, Any]) -> Claim:
    """An entry of SciPy's table, as its documentation shows it: where a function is supported, and why not elsewhere."""
    from scipy._lib._array_api import _make_sphinx_capabilities

    # A function that is out of scope has no columns. For all others the default is support.
    columns = _make_sphinx_capabilities(**{**entry, "out_of_scope": False, "np_only": entry["np_only"] or entry["out_of_scope"]})
    reasons = {module: str(reason) for module, reason in [*entry["skip_backends"], *entry["xfail_backends"]] if reason}
    other = "out of scope" if entry["out_of_scope"] else entry["reason"] or ("NumPy alone" if entry["np_only"] else "")
    return {
        "supports": sorted(module for module, on in columns.items() if on.cpu),
        "denies": {module: reasons.get(module, other) for module, on in sorted(columns.items()) if on.cpu is False},
        "gpu": sorted(module for module, on in columns.items() if on.gpu),
        "jit": bool(entry["jax_jit"] and columns["jax.numpy"].cpu),
        "lazy": bool(not entry["allow_dask_compute"] and columns["dask.array"].cpu),
    }


def together(claims: Sequence[Claim]) -> Claim:
    """What several claims say together: support of all, or the reasons of those that deny."""
    denies: dict[str, str] = {}
    for claim in claims:
        for module, reason in claim["denies"].items():
            known = denies.get(module, "")
            denies[module] = reason if known in ("", reason) else f"{known}; {reason}" if reason else known
    common = set.intersection(*(set(claim["supports"]) for claim in claims))
    return {
        "supports": sorted(common),
        "denies": dict(sorted(denies.items())),
        "gpu": sorted(set.intersection(*(set(claim["gpu"]) for claim in claims))),
        "jit": all(claim["jit"] for claim in claims),
        "lazy": all(claim["lazy"] for claim in claims),
    }


# scikit-learn


def of_sklearn(workload: Workload, tested: frozenset[str], documented: frozenset[str]) -> Claim | None:
    """What scikit-learn says of a workload: of the estimators that it uses, and of its functions. `None` if it says nothing.

    Support means the libraries on which scikit-learn runs its own tests. What its documentation says goes before a tag.
    """
    from sklearn.utils import get_tags
    from sklearn.utils._array_api import yield_namespaces

    supports = sorted(set(yield_namespaces()))
    tags = {type(each).__name__: bool(get_tags(each).array_api_support) for each in estimators_of(workload)}
    refused = [name for name, tag in tags.items() if not tag]
    names = list(tags) or [path.rsplit(".", 1)[-1] for path in workload.calls]
    known = {path.rsplit(".", 1)[-1] for path in documented}
    if tags and not refused:
        return {"by": "tag", "of": names, "supports": supports, "denies": {}}
    if not tags and names and tested.issuperset(names):
        return {"by": "tests", "of": names, "supports": supports, "denies": {}}
    if names and known.issuperset(refused or names):
        return {"by": "documentation", "of": names, "supports": supports, "denies": {}, "tag": not refused if tags else None}
    if refused:
        why = f"the tag of {', '.join(refused)} says no"
        return {"by": "tag", "of": names, "supports": [], "denies": {module: why for module in supports if module != "numpy"}}
    return None


def keys_of_table(text: str) -> list[str]:
    """The functions that are keys of the table of metrics, alone or with arguments."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and any(name_of(each) == TABLE for each in node.targets):
            keys = [key.args[0] if isinstance(key, ast.Call) else key for key in node.value.keys]
            return sorted({name for name in map(name_of, keys) if name})
    raise ValueError(f"read the table of metrics: no dictionary is called {TABLE}")


def name_of(node: ast.AST | None) -> str:
    """The name that a node of a syntax tree is."""
    return node.id if isinstance(node, ast.Name) else ""


def estimators_of(workload: Workload) -> list[Any]:
    """The estimators whose methods the workload itself calls, in order, with the parameters that it gives them."""
    from sklearn.base import BaseEstimator

    used: list[Any] = []
    files = {workload.run.__code__.co_filename}

    def seen(frame: FrameType, event: str, _: object) -> None:
        code, caller = frame.f_code, frame.f_back
        if event != "call" or code.co_name == "__init__" or not code.co_argcount or caller is None or caller.f_code.co_filename not in files:
            return
        first = frame.f_locals.get(code.co_varnames[0])
        if isinstance(first, BaseEstimator) and all(first is not each for each in used):
            used.append(first)

    arrays = data_of(workload, SIZES[0], "float64")
    with dispatch(False):
        sys.setprofile(seen)
        try:
            workload.run(arguments(arrays, np))
        finally:
            sys.setprofile(None)
    return used
