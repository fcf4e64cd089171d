"""Runs: the program judges a library, and the records are read."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from array_assay._binary import call
from array_assay._errors import HarnessFault, Interrupted
from array_assay._records import BaselineEntry, Check, Gate, Level, Results, StaleEntry, Standing

__all__ = ["Run", "checks", "read", "run"]

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Run:
    """A run: the records, and what the gate says of them.

    `directory` holds `results.jsonl`, `gate.json` and `junit.xml`; it is `None` where the run was asked to leave no files.
    """

    results: Results
    gate: Gate
    directory: Path | None

    @property
    def passed(self) -> bool:
        """Whether nothing deviates but what the baseline names, and all of that still does."""
        return self.gate.open

    @property
    def failed(self) -> tuple[Standing, ...]:
        """The checks that deviate in a way the baseline does not name."""
        return tuple(standing for standing in self.gate.standings if standing.outcome == "failed")

    @property
    def known(self) -> tuple[Standing, ...]:
        """The checks whose deviations the baseline names."""
        return tuple(standing for standing in self.gate.standings if standing.outcome == "known")

    @property
    def stale(self) -> tuple[StaleEntry, ...]:
        """The entries of the baseline that name what no longer occurs."""
        return self.gate.stale

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks that ran, of any level and revision."""
        return self.results.checks

    def __getitem__(self, check: str) -> Check:
        return self.results[check]


def run(
    library: str,
    *,
    select: str | Sequence[str] = (),
    dtypes: Sequence[str] = (),
    cases: int | None = None,
    seed: int = 0,
    revision: str = "claimed",
    level: Level | str = "must",
    baseline: PathLike | Sequence[PathLike] = (),
    no_baseline: bool = False,
    python: PathLike | None = None,
    jobs: int | None = None,
    out: PathLike | None = None,
) -> Run:
    """Judges a library, by its name or as `python:MODULE`, and gives the records.

    A module is imported by `python`, or else by the interpreter that calls this function, in a process of its own. `baseline` names files of
    known deviations. `out` is the folder for results and report; without it no file is left. Deviations are no error: see `Run.passed`.
    """
    arguments = conform_arguments(
        library,
        select=[select] if isinstance(select, str) else select,
        dtypes=dtypes,
        baselines=[baseline] if isinstance(baseline, (str, os.PathLike)) else baseline,
        no_baseline=no_baseline,
        python=python,
        values={"cases": cases, "seed": seed, "revision": revision, "level": level, "jobs": jobs},
    )
    if out is not None:
        return conform(arguments, Path(out))
    with tempfile.TemporaryDirectory(prefix="array-assay-") as folder:
        done = conform(arguments, Path(folder))
        return Run(done.results, done.gate, None)


def conform_arguments(
    library: str,
    *,
    select: Iterable[str] = (),
    dtypes: Iterable[str] = (),
    baselines: Iterable[PathLike] = (),
    no_baseline: bool = False,
    python: PathLike | None = None,
    values: Mapping[str, int | str | None],
) -> list[str]:
    """The arguments of `array-assay conform` for a library. `values` are those of other options by name, `None` for the default."""
    arguments = ["conform", *(f"--{name}={value}" for name, value in values.items() if value is not None)]
    arguments += [f"--select={glob}" for glob in select]
    arguments += [f"--dtype={dtype}" for dtype in dtypes]
    arguments += [f"--baseline={os.fspath(path)}" for path in baselines]
    if no_baseline:
        arguments.append("--no-baseline")
    if python is not None:
        arguments.append(f"--python={os.fspath(python)}")
    elif "python:" in library:
        arguments.append(f"--python={sys.executable}")
    return [*arguments, "--", library]


def conform(arguments: Sequence[str], out: Path, *, python_path: Sequence[str] = ()) -> Run:
    """Runs `array-assay conform` with results below `out`, and reads them. `python_path` comes before what PYTHONPATH has."""
    for old in out.glob("*/gate.json"):
        old.unlink()
    path = os.pathsep.join([*python_path, *filter(None, [os.environ.get("PYTHONPATH")])])
    command, *rest = arguments
    done = call([command, f"--out={out}", *rest], expected=(0, 1), extra_environment={"PYTHONPATH": path} if python_path else None)
    written = list(out.glob("*/gate.json"))
    if not written:
        # Exit code 1 without results: it was stopped.
        error = Interrupted if done.returncode == 1 else HarnessFault
        raise error(done.stderr.strip() or "failed to judge the library: the run left no results")
    return read(written[0].parent)


def read(directory: PathLike) -> Run:
    """Reads what a run left in a folder, such as `target/conform/numpy`."""
    folder = Path(directory)
    return Run(Results.read(folder / "results.jsonl"), Gate.read(folder / "gate.json"), folder)


def checks(select: str | Sequence[str] = (), *, level: Level | str | None = None, revision: str | None = None) -> list[str]:
    """The ids of the checks that there are, of those that a gate at `level` counts, without running anything."""
    arguments = ["checks", *(f"--select={glob}" for glob in ([select] if isinstance(select, str) else select))]
    arguments += [f"--{name}={value}" for name, value in {"level": level, "revision": revision}.items() if value is not None]
    return call(arguments).stdout.split()


def describe(entry: BaselineEntry) -> str:
    """The reason of a known deviation, with its link."""
    return f"{entry.reason} ({entry.link})" if entry.link else entry.reason
