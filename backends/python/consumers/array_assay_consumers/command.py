"""The command line of the package. It is called by `array-assay consumers` and prints JSON."""

from __future__ import annotations

import argparse
import fnmatch
import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Sequence

from .workload import Workload

PACKAGES = ("scikit-learn", "scipy", "numpy", "array-api-strict", "array-api-compat", "array-api-extra")


def main(argv: list[str]) -> int:
    """Runs a command, and returns the exit status."""
    # SciPy reads this when it is imported.
    os.environ["SCIPY_ARRAY_API"] = "1"
    parser = argparse.ArgumentParser(prog="array_assay_consumers")
    parser.add_argument("command", choices=("list", "trace", "truth", "claims", "freedoms", "names", "evaluate", "lda"))
    parser.add_argument("--select", default="*", help="a glob over CONSUMER/NAME")
    parser.add_argument("--out", type=Path, help="the folder for profiles")
    parser.add_argument("--file", type=Path, help="a Python file with workloads of one's own")
    parser.add_argument("--module", default="numpy", help="the namespace of the library, or of several after commas")
    parser.add_argument("--site", type=Path, action="append", default=[], help="a folder with a library's packages")
    parser.add_argument("--out-expression", dest="out_expression", help="a NumPy array of the library's array `x`")
    parser.add_argument("--limit", type=float, default=60.0, help="the seconds that a workload may take")
    parser.add_argument("--samples", type=int, default=0, help="the number of samples to time")
    parser.add_argument("--dtype", default="float64", choices=("float64", "float32"), help="the dtype of the samples to time")
    parser.add_argument("--turns", type=int, default=3, help="how often everything is timed")
    parser.add_argument("--freedom", default="", help="the freedom of the standard to take")
    options = parser.parse_args(argv)
    sys.path.extend(str(folder) for folder in options.site)

    if options.command == "names":
        from .freedoms import FREEDOMS

        for name in FREEDOMS:
            print(json.dumps(name))
        return 0
    if options.command == "evaluate":
        from . import evaluate

        evaluate.run()
        return 0
    if options.command == "lda":
        from . import lda

        lda.run(options.module.split(","), options.out_expression, options.samples, options.turns, options.dtype)
        return 0
    from .workloads import known, of_file

    every = of_file(options.file) if options.file else known()
    chosen = [each for each in every if fnmatch.fnmatchcase(f"{each.consumer}/{each.name}", options.select)]
    if options.command == "list":
        for each in chosen:
            print(json.dumps({"consumer": each.consumer, "name": each.name, "says": each.says}))
        return 0
    if options.command == "trace":
        return trace(chosen, options.out)
    if options.command == "claims":
        from . import claims

        claims.run(chosen)
        return 0
    if options.command == "freedoms":
        from . import freedoms

        freedoms.take(chosen, options.freedom, options.limit)
        return 0
    from . import truth

    truth.run(chosen, options.module, options.out_expression, options.limit)
    return 0


def version_of(package: str) -> str:
    """The version of a package."""
    return importlib.metadata.version(package)


def trace(workloads: Sequence[Workload], out: Path) -> int:
    """Writes the profile of each workload, and prints what was written."""
    from . import helpers, patches
    from .profiles import profile

    versions = {package: version_of(package) for package in PACKAGES}
    for each in workloads:
        if each.consumer not in versions:
            versions[each.consumer] = version_of(each.consumer)
    patches.install()
    helpers.install()
    for each in workloads:
        folder = out / f"{each.consumer}-{versions[each.consumer]}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{each.name}.yaml"
        path.write_text(profile(each, versions), encoding="utf-8")
        print(json.dumps({"profile": str(path), "consumer": each.consumer, "name": each.name}), flush=True)
    return 0
