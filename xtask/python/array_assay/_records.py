"""The records of a run: what `results.jsonl` and `gate.json` hold, typed.

Fields that a later version adds are ignored, as the format demands of its readers.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from array_assay._errors import UsageError

Level = Literal["must", "should", "quality"]
Verdict = Literal["pass", "not-tested", "blocked", "unsupported", "flaky", "missing", "fail", "timeout", "crash"]
Outcome = Literal["passed", "failed", "known", "skipped", "uncounted"]
Record = Mapping[str, Any]

FORMAT = 1
"""The version of both formats that this package reads."""


@dataclass(frozen=True)
class Library:
    """The library that was judged: as the command line names it, and as it names itself."""

    name: str
    library: str
    version: str
    language: str
    platform: str
    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    claims: tuple[str, ...]

    @classmethod
    def of(cls, record: Record) -> Library:
        name, library, version, language, platform = (
            str(record.get(field, "")) for field in ("name", "library", "version", "language", "platform")
        )
        devices, dtypes, claims = (tuple(record.get(field, ())) for field in ("devices", "dtypes", "claims"))
        return cls(name, library, version, language, platform, devices, dtypes, claims)


@dataclass(frozen=True)
class Clause:
    """What the standard says, in the notation of Array Assay, and the page that says it."""

    says: str
    url: str


@dataclass(frozen=True)
class Counterexample:
    """The smallest call found that deviates. `snippet` is a script that shows it."""

    call: str
    expected: str
    got: str
    note: str | None
    snippet: str

    @classmethod
    def of(cls, record: Record) -> Counterexample:
        return cls(record["call"], record["expected"], record["got"], record.get("note"), record.get("snippet", ""))


@dataclass(frozen=True)
class Accuracy:
    """The greatest and the mean error in units in the last place, infinite ones included; the limit of the accuracy profile, if it has one."""

    max_ulp: float
    mean_ulp: float
    worst: str | None
    limit: float | None

    @classmethod
    def of(cls, record: Record | None) -> Accuracy | None:
        if record is None or "max_ulp" not in record:
            return None
        # JSON has no infinity.
        greatest, mean = (float("inf") if record[key] is None else float(record[key]) for key in ("max_ulp", "mean_ulp"))
        return cls(greatest, mean, record.get("worst"), record.get("limit"))


@dataclass(frozen=True)
class Cell:
    """A check on one dtype, or a pair such as `int8+uint8`; the dtype is empty where the check has none."""

    dtype: str
    verdict: Verdict
    cause: str | None
    cases: int
    failures: int
    kinds: Mapping[str, Mapping[str, int]]
    accuracy: Accuracy | None
    counterexample: Counterexample | None
    note: str | None

    @classmethod
    def of(cls, record: Record) -> Cell:
        example = record.get("counterexample")
        return cls(
            dtype=record["dtype"],
            verdict=record["verdict"],
            cause=record.get("cause"),
            cases=record["cases"],
            failures=record["failures"],
            kinds=record.get("kinds", {}),
            accuracy=Accuracy.of(record.get("accuracy")),
            counterexample=Counterexample.of(example) if example else None,
            note=record.get("note"),
        )


@dataclass(frozen=True)
class BaselineEntry:
    """An entry of a baseline, and where it stands."""

    check: str
    reason: str
    link: str | None
    file: str | None
    first_line: int | None
    last_line: int | None

    @classmethod
    def of(cls, record: Record) -> BaselineEntry:
        optional = {field: record.get(field) for field in ("link", "file", "first_line", "last_line")}
        return cls(check=record["check"], reason=record["reason"], **optional)

    @property
    def place(self) -> str:
        """The file and the lines, such as `known.yaml:12-17`; empty where they are not known."""
        if self.file is None or self.first_line is None:
            return self.file or ""
        last = f"-{self.last_line}" if self.last_line not in (None, self.first_line) else ""
        return f"{self.file}:{self.first_line}{last}"


@dataclass(frozen=True)
class StaleEntry:
    """An entry of the baseline that names what no longer occurs. `check` is where it shows; `says` what to remove."""

    check: str
    entry: BaselineEntry
    says: str

    @classmethod
    def of(cls, record: Record) -> StaleEntry:
        return cls(record["check"], BaselineEntry.of(record["entry"]), record["says"])


@dataclass(frozen=True)
class Standing:
    """What the gate makes of a check, at its revision and level.

    `message` says in one line why it did not pass; `report` is the bug report of one that failed; `known` are the entries of the baseline that
    name what deviates in it.
    """

    check: str
    outcome: Outcome
    verdict: Verdict
    message: str
    known: tuple[BaselineEntry, ...]
    report: str | None

    @classmethod
    def of(cls, record: Record) -> Standing:
        known = tuple(BaselineEntry.of(entry) for entry in record.get("known", ()))
        return cls(record["id"], record["outcome"], record["verdict"], record.get("message", ""), known, record.get("report"))


@dataclass(frozen=True)
class Gate:
    """What the gate says of a run: `gate.json`, without the records."""

    revision: str
    level: Level
    open: bool
    standings: tuple[Standing, ...]
    stale: tuple[StaleEntry, ...]

    @classmethod
    def of(cls, record: Record) -> Gate:
        standings = tuple(Standing.of(check) for check in record["checks"])
        stale = tuple(StaleEntry.of(entry) for entry in record["stale"])
        return cls(record["revision"], record["level"], record["open"], standings, stale)

    @classmethod
    def read(cls, path: Path) -> Gate:
        """Reads `gate.json`."""
        record = json.loads(path.read_text("utf-8"))
        _check_format(record, path)
        return cls.of(record)


@dataclass(frozen=True)
class Check:
    """One property of one function, and what came of it on each dtype."""

    id: str
    function: str
    category: str
    property: str
    level: Level
    since: str
    until: str | None
    verdict: Verdict
    cells: tuple[Cell, ...]
    clause: Clause | None
    doubt: str | None
    blocked_by: str | None

    @classmethod
    def of(cls, record: Record) -> Check:
        clause = record.get("clause")
        plain = {field: record[field] for field in ("id", "function", "category", "property", "level", "since", "verdict")}
        return cls(
            **plain,
            until=record.get("until"),
            cells=tuple(Cell.of(cell) for cell in record["cells"]),
            clause=Clause(clause["says"], clause["url"]) if clause else None,
            doubt=record.get("doubt"),
            blocked_by=record.get("blocked_by"),
        )

    # A field has the name of the built-in function.
    @builtins.property
    def counterexample(self) -> Counterexample | None:
        """The shortest call of its dtypes that deviates."""
        examples = [cell.counterexample for cell in self.cells if cell.counterexample]
        return min(examples, key=lambda example: len(example.call), default=None)


@dataclass(frozen=True)
class Results:
    """A results file."""

    library: Library
    revisions: tuple[str, ...]
    seed: int
    cases: int
    checks: tuple[Check, ...]
    calls: int
    conforms: Mapping[str, bool]

    @classmethod
    def read(cls, path: Path) -> Results:
        """Reads `results.jsonl`, which has to be complete."""
        header: Record | None = None
        footer: Record | None = None
        checks = []
        for record in _lines(path):
            match record.get("kind"):
                case "header":
                    _check_format(record, path)
                    header = record
                case "check":
                    checks.append(Check.of(record))
                case "footer":
                    footer = record
        if header is None or footer is None:
            raise UsageError(f"failed to read {path}: it is no complete results file; run it again, or go on with --resume")
        return cls(
            library=Library.of(header["backend"]),
            revisions=tuple(header["revisions"]),
            seed=header["seed"],
            cases=header["cases"],
            checks=tuple(checks),
            calls=footer["calls"],
            conforms=footer["conforms"],
        )

    @cached_property
    def by_id(self) -> Mapping[str, Check]:
        """The checks by their ids."""
        return {check.id: check for check in self.checks}

    def __getitem__(self, check: str) -> Check:
        return self.by_id[check]


def _lines(path: Path) -> Iterator[Record]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield cast(Record, json.loads(line))
                except ValueError as error:
                    raise UsageError(f"failed to read {path}, line {number}: {error}") from error
    except OSError as error:
        raise UsageError(f"failed to read {path}: {error.strerror}") from error


def _check_format(record: Record, path: Path) -> None:
    if record.get("format") != FORMAT:
        raise UsageError(f"failed to read {path}: its format is {record.get('format')}, and this package reads format {FORMAT}; update one of the two")
