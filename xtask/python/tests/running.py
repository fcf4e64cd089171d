"""Runs of pytest and of the program in a folder of their own, as a user would start them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from array_assay import find_binary

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent
LIBRARIES = HERE / "libraries"

LIBRARY = "python:moody_arrays"
SMALL = ("--array-assay-cases=20", "--array-assay-jobs=1", "--array-assay-select=elementwise/floor", "--array-assay-select=elementwise/ceil")


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    text: str

    def expect(self, code: int, *words: str) -> Said:
        """Asserts the exit code, and that all these words were printed."""
        assert self.code == code, self.text
        for word in words:
            assert word in self.text, f"`{word}` is not in\n{self.text}"
        return self

    def without(self, *words: str) -> Said:
        """Asserts that none of these words was printed."""
        for word in words:
            assert word not in self.text, f"`{word}` is in\n{self.text}"
        return self


def command(arguments: list[str], folder: Path, environment: dict[str, str] | None = None) -> Said:
    """Runs a command in a folder that is also the user's cache."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CARGO", "PYTEST", "MOODY", "GITHUB"))}
    path = os.pathsep.join([str(PACKAGE), str(LIBRARIES)])
    own = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "XDG_CACHE_HOME": str(folder / "cache"), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        arguments,
        check=False,
        cwd=folder,
        env={**inherited, **own, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    return Said(done.returncode, done.stdout)


def program(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Said:
    """Runs `array-assay`."""
    return command([str(find_binary()), *arguments], folder, environment)


def run_pytest(folder: Path, *arguments: str, mood: str = "", environment: dict[str, str] | None = None) -> Said:
    """Runs pytest with the plugin."""
    own = {"MOODY": mood, **(environment or {})}
    return command([sys.executable, "-m", "pytest", "-p", "array_assay.pytest_plugin", *arguments], folder, own)


def cases(path: Path) -> dict[str, str]:
    """What JUnit XML says of each test: by its class and name the element, or `passed`, with the text."""
    found = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        states = [child for child in case if child.tag in ("failure", "error", "skipped")]
        found[name] = f"{states[0].tag}: {states[0].get('message')}\n{states[0].text}" if states else "passed"
    return found
