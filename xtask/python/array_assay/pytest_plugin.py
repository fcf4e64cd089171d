"""The pytest plugin: `pytest --array-assay python:mylib` makes a test of each check.

The checks are listed at collection; the program judges the library once a session, when the first of them is to run, and only the functions whose
checks are to run. What a check came to is what the gate of the program makes of it.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from array_assay._errors import ArrayAssayError, error_named
from array_assay._records import StaleEntry, Standing
from array_assay._run import Run, checks, conform, conform_arguments, describe, read

PREFIX = "array-assay::"
"""What the ids of these tests begin with; an argument of pytest may be such an id, or the beginning of one."""

MARKER = "array_assay"

_SINGLE = {
    "cases": ("N", "cases a stream"),
    "seed": ("N", "the seed; the same one gives the same verdicts"),
    "revision": ("REVISION", "the revision of the standard: `claimed`, or one such as 2024.12"),
    "level": ("LEVEL", "the level that counts, with all more binding ones: must, should, quality"),
    "python": ("PYTHON", "the interpreter that has the module [default: the one that runs pytest]"),
    "jobs": ("N", "worker processes at once"),
}
"""Options by name, each with what stands for its value, and its help."""

_BASELINE = "a file of known deviations, which are expected to fail; may be repeated"
_SELECT = "the checks, such as 'elementwise/*' or '*::special/*'; may be repeated"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--array-assay` and `--array-assay-NAME`, and ini options of the same names."""
    group = parser.getgroup("array-assay", "conformance to the Python Array API standard")
    text = "judge a library: its name, such as numpy, or python:MODULE; may be repeated"
    group.addoption("--array-assay", action="append", default=[], metavar="LIBRARY", dest="array_assay", help=text)
    parser.addini("array_assay", text, type="linelist", default=[])
    for name, (metavar, text) in _SINGLE.items():
        group.addoption(f"--array-assay-{name}", metavar=metavar, dest=f"array_assay_{name}", help=text)
        parser.addini(f"array_assay_{name}", text, type="string", default="")
    for name, metavar, text in (("baseline", "FILE", _BASELINE), ("select", "GLOB", _SELECT)):
        group.addoption(f"--array-assay-{name}", action="append", metavar=metavar, dest=f"array_assay_{name}", help=text)
    parser.addini("array_assay_baseline", _BASELINE, type="paths", default=[])
    parser.addini("array_assay_select", _SELECT, type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Takes ids of these tests out of the arguments, which pytest would look for among the files."""
    config.addinivalue_line("markers", f"{MARKER}: a check of an array library against the Python Array API standard")
    ids = [argument for argument in config.args if argument.startswith(PREFIX) or argument == PREFIX.rstrip(":")]
    asked = list(config.getoption("array_assay"))
    if ids:
        config.args[:] = [argument for argument in config.args if argument not in ids]
    # As with files: whoever names some tests means no others.
    elif config.args_source is not pytest.Config.ArgsSource.ARGS:
        asked += config.getini("array_assay")
    named = [argument[len(PREFIX) :].partition("::") for argument in ids if len(argument) > len(PREFIX)]
    if len(named) < len(ids):
        asked += config.getini("array_assay")
    libraries = {library: Judged(config, library) for library in dict.fromkeys(asked)}
    for library, _, check in named:
        judged = libraries.setdefault(library, Judged(config, library))
        judged.named.append(check)
    for judged in libraries.values():
        try:
            judged.collected()
        except ArrayAssayError as error:
            # Here and not at collection: of that the workers of pytest-xdist tell nothing.
            raise pytest.UsageError(f"--array-assay {judged.library}: {error}") from error
    if libraries:
        config.pluginmanager.register(Plugin(list(libraries.values())), "array-assay-session")


@dataclass
class Judged:
    """A library that is judged in this session."""

    config: pytest.Config
    library: str
    named: list[str] = field(default_factory=list)
    """The ids, or beginnings of ids, that the arguments name; none stands for all."""
    wanted: list[str] = field(default_factory=list)
    """The checks that are to run."""
    run: Run | None = None
    failed: bool = False
    """Whether the run failed, and some test said why."""

    def option(self, name: str) -> str | None:
        """The value of an option, or of the ini option of its name."""
        given = self.config.getoption(f"array_assay_{name}")
        return given or self.config.getini(f"array_assay_{name}") or None

    def options(self, name: str) -> list[str]:
        """The values of an option that may be repeated."""
        given = self.config.getoption(f"array_assay_{name}") or self.config.getini(f"array_assay_{name}")
        return [os.fspath(value) for value in given]

    @cached_property
    def listed(self) -> list[str]:
        """The ids of the checks that the options select."""
        revision = self.option("revision")
        return checks(
            self.options("select"),
            level=self.option("level") or "must",
            revision=None if revision in (None, "claimed") else revision,
        )

    def collected(self) -> list[str]:
        """The ids of the checks to collect: of those listed the ones that the arguments name."""
        if not any(self.named):
            return self.listed
        return [check for check in self.listed if any(_names(name, check) for name in self.named)]

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """What the gate makes of each check."""
        self.run = self._judged()
        return {standing.check: standing for standing in self.run.gate.standings}

    @cached_property
    def stale(self) -> dict[str, list[StaleEntry]]:
        """The stale entries of the baseline, by the check at which they show."""
        stale: dict[str, list[StaleEntry]] = {}
        for entry in self.run.gate.stale if self.run else ():
            stale.setdefault(entry.check, []).append(entry)
        return stale

    def _judged(self) -> Run:
        """The run; of several workers of pytest-xdist one runs it, and the others read what it left."""
        worker = getattr(self.config, "workerinput", None)
        session = str(worker["testrunuid"]) if worker else uuid.uuid4().hex
        out = self.folder()
        done = out / "session.json"
        with _locked(out / "lock"):
            if worker and done.exists():
                record = json.loads(done.read_text("utf-8"))
                if record["session"] == session:
                    if record["error"] is not None:
                        raise error_named(*record["error"])
                    return read(out / record["folder"])
            record = {"session": session, "error": None, "folder": ""}
            try:
                run = conform(self.arguments(), out, python_path=[os.fspath(path) for path in self.config.getini("pythonpath")])
                record["folder"] = run.directory.name if run.directory else ""
            except ArrayAssayError as error:
                record["error"] = [type(error).__name__, str(error)]
                raise
            finally:
                done.write_text(json.dumps(record), "utf-8")
        return run

    def folder(self) -> Path:
        """Where results and report go: below the cache of pytest, or in a temporary folder."""
        name = re.sub(r"[^A-Za-z0-9._-]", "-", self.library)
        cache = getattr(self.config, "cache", None)
        if cache is not None:
            return Path(cache.mkdir("array-assay")) / name
        # Workers of pytest-xdist have to meet here.
        return Path(tempfile.gettempdir()) / f"array-assay-{getpass.getuser()}" / name

    def arguments(self) -> list[str]:
        """The arguments of the program. The functions are selected whose checks are to run."""
        functions = dict.fromkeys(check.partition("::")[0] for check in self.wanted)
        whole = functions == dict.fromkeys(check.partition("::")[0] for check in self.listed)
        return conform_arguments(
            self.library,
            select=self.options("select") if whole else functions,
            baselines=self.options("baseline"),
            python=self.option("python"),
            values={name: self.option(name) for name in _SINGLE if name != "python"},
        )


def _names(name: str, check: str) -> bool:
    """Whether an argument names a check: by its id, or by its function or category."""
    return check == name or check.startswith((f"{name}::", f"{name}/"))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock between processes; it ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass
class Plugin:
    """The libraries of a session."""

    libraries: list[Judged]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Adds the checks after the tests of files, before `-k` and `-m` choose."""
        for judged in self.libraries:
            node = LibraryNode.from_parent(session, name=judged.library, nodeid=f"{PREFIX}{judged.library}", judged=judged)
            items.extend(session.genitems(node))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes which checks are to run."""
        for judged in self.libraries:
            judged.wanted = [item.name for item in session.items if isinstance(item, CheckItem) and item.judged is judged]

    def pytest_report_header(self) -> str:
        """Says what is judged."""
        return f"array-assay: {', '.join(judged.library for judged in self.libraries)}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says where results and report are."""
        runs = [(judged.library, judged.run) for judged in self.libraries if judged.run and judged.run.directory]
        for library, run in runs:
            found = run.results.library
            assert run.directory is not None
            terminalreporter.write_line(
                f"array-assay: {found.library} {found.version}, standard {run.gate.revision}; "
                f"results of {library}: {run.directory}, report: {run.directory.parent / 'index.html'}"
            )


class LibraryNode(pytest.Collector):
    """A library, as an IDE shows it: its functions."""

    def __init__(self, *, judged: Judged, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = judged

    def collect(self) -> Iterable[pytest.Collector]:
        """The functions whose checks are collected."""
        functions: dict[str, list[str]] = {}
        for check in self.judged.collected():
            functions.setdefault(check.partition("::")[0], []).append(check)
        for function, of_function in functions.items():
            yield FunctionNode.from_parent(
                self, name=function, nodeid=f"{self.nodeid}::{function}", judged=self.judged, checks=of_function
            )


class FunctionNode(pytest.Collector):
    """A function of the standard: its checks."""

    def __init__(self, *, judged: Judged, checks: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = judged
        self.checks = checks

    def collect(self) -> Iterable[pytest.Item]:
        """The checks."""
        for check in self.checks:
            yield CheckItem.from_parent(self, name=check, nodeid=f"{PREFIX}{self.judged.library}::{check}", judged=self.judged)


class Deviation(Exception):
    """A check that the gate counts, with what to show of it."""


class CheckItem(pytest.Item):
    """A check."""

    def __init__(self, *, judged: Judged, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.judged = judged
        self.add_marker(MARKER)

    def runtest(self) -> None:
        """Says what the gate makes of the check; the first one has the library judged."""
        if self.judged.failed:
            pytest.skip(f"the run of {self.judged.library} failed")
        try:
            standings = self.judged.standings
        except ArrayAssayError as error:
            self.judged.failed = True
            raise Deviation(str(error)) from error
        standing = standings.get(self.name)
        stale = self.judged.stale.get(self.name, [])
        if stale:
            raise Deviation("\n\n".join(_stale_text(entry) for entry in stale))
        if standing is None:
            revision = self.judged.run.gate.revision if self.judged.run else "of the run"
            pytest.skip(f"the standard {revision} does not have it, or it did not run")
        if standing.outcome == "known":
            pytest.xfail("; ".join(describe(entry) for entry in standing.known) or standing.message)
        # With --runxfail what is known is a failure, too.
        if standing.outcome in ("failed", "known"):
            raise Deviation(standing.report or _example_text(self.judged.run, standing))
        if standing.outcome != "passed":
            pytest.skip(standing.message)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The counterexample, without a traceback."""
        if isinstance(excinfo.value, Deviation):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Its name; it stands in no file."""
        return self.config.rootpath, None, f"{self.judged.library} {self.name}"


def _example_text(run: Run | None, standing: Standing) -> str:
    """The smallest call that deviates, of a check that has no report."""
    example = run[standing.check].counterexample if run else None
    return f"{standing.message}\n\n{example.snippet}" if example else standing.message


def _stale_text(stale: StaleEntry) -> str:
    """What to remove, as it stands in the file."""
    text = stale.says
    entry = stale.entry
    if entry.file is not None and entry.first_line is not None and entry.last_line is not None:
        try:
            lines = Path(entry.file).read_text("utf-8").splitlines()[entry.first_line - 1 : entry.last_line]
        except OSError:
            return text
        numbered = (f"{entry.file}:{number}: {line}" for number, line in enumerate(lines, entry.first_line))
        text += "\n\n" + "\n".join(numbered)
    return text
