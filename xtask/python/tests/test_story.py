"""A gate over time, as a library changes: terminal, pytest and JUnit tell the same."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.running import Said, cases, program, run_pytest

LIBRARY = '''\
"""A small library: NumPy's functions, and some of its own, which may be wrong for integers."""

import numpy
from numpy import *
from numpy import __array_namespace_info__

__version__ = "1.0"
__array_api_version__ = "2024.12"


def off_by(result, amount):
    return numpy.asarray(result + numpy.asarray(amount, dtype=result.dtype)) if amount and result.dtype.kind in "iu" else result


def square(x, /):
    return off_by(numpy.square(x), SQUARE)


def negative(x, /):
    return off_by(numpy.negative(x), NEGATIVE)
'''

OPTIONS = {"select": "elementwise/negative", "cases": "30", "jobs": "1", "baseline": "known.yaml"}


class Story:
    """A folder with the library, its baseline, and what was last said of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, *, square: int, negative: int) -> None:
        package = self.folder / "mylib"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text(LIBRARY.replace("SQUARE", str(square)).replace("NEGATIVE", str(negative)))

    def conform(self, *more: str) -> Said:
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        python = f"--python={sys.executable}"
        return program(self.folder, "conform", "python:mylib", "--select=elementwise/square", python, *options, *more)

    def pytest(self) -> Said:
        options = [f"--array-assay-{name}={value}" for name, value in OPTIONS.items()]
        select = "--array-assay-select=elementwise/square"
        return run_pytest(self.folder, "--array-assay=python:mylib", select, *options, "--junitxml=junit.xml", "-q")

    def told_again(self) -> Said:
        """The outcome of the run that pytest made, on the terminal; nothing runs."""
        (out,) = self.folder.glob(".pytest_cache/d/array-assay/python-mylib")
        return self.conform("--resume", f"--out={out}")

    def failures(self) -> list[str]:
        return sorted(name for name, said in cases(self.folder / "junit.xml").items() if said.startswith("failure"))


def test_a_gate_over_time(tmp_path: Path) -> None:
    story = Story(tmp_path)
    known = tmp_path / "known.yaml"

    # What deviates today is written down, and explained.
    story.write(square=1, negative=0)
    story.conform("--update-baseline").expect(0, "without an explanation")
    known.write_text(known.read_text().replace("not yet explained", "the square of an integer is one off"))
    story.pytest().expect(0, " passed", " xfailed")

    # One function breaks: it is named everywhere, and nothing else is.
    story.write(square=1, negative=1)
    story.pytest().expect(1, "1 failed", "FAILED array-assay::python:mylib::elementwise/negative::value", "# mylib: wrong-value in `negative(")
    assert story.failures() == ["array-assay.python:mylib.elementwise/negative::value"]
    story.told_again().expect(1, "nothing is left to run", "1 unexpected deviation;", "elementwise/negative::value")
    (own,) = tmp_path.glob(".pytest_cache/d/array-assay/*/*/junit.xml")
    assert [name for name, said in cases(own).items() if said.startswith("failure")] == ["elementwise.negative::elementwise/negative::value"]

    # It is mended, and so is what was known: the line to remove is named.
    story.write(square=0, negative=0)
    line = next(number for number, text in enumerate(known.read_text().splitlines(), 1) if "elementwise/square::value" in text)
    story.pytest().expect(1, "1 failed", "remove the entry", f"known.yaml:{line}: - check: elementwise/square::value")
    story.told_again().expect(1, f"elementwise/square::value (wrong-value) is in the baseline but did not occur: remove the entry (known.yaml, lines {line}")

    # The baseline is brought up to date.
    story.conform("--update-baseline").expect(0, "whose deviation no longer occurs")
    story.pytest().expect(0, " passed").without("xfailed")
