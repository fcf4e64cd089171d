"""Where the program `array-assay` lies, and how it is run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from array_assay._errors import BinaryNotFound, error_of

VARIABLE = "ARRAY_ASSAY_BINARY"
"""Names another program than the one of the wheel."""


def find_binary() -> Path:
    """The program that was installed with this package, or the one that `ARRAY_ASSAY_BINARY` names."""
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise BinaryNotFound(f"failed to find the program that {VARIABLE} names: there is no file {named}")
        return Path(named).absolute()
    places = list(_places())
    for place in places:
        if place.is_file():
            return place
    raise BinaryNotFound(
        f"failed to find the program array-assay: it is not in {', '.join(str(place.parent) for place in places)}; "
        f"install the package again, or name the program in {VARIABLE}"
    )


def _places() -> Iterator[Path]:
    name = "array-assay.exe" if sys.platform == "win32" else "array-assay"
    schemes = [None, sysconfig.get_preferred_scheme("user")]
    folders = [sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts") for scheme in schemes]
    # `pip install --target` puts scripts beside the packages.
    folders.append(str(Path(__file__).resolve().parent.parent / "bin"))
    for folder in dict.fromkeys(folders):
        yield Path(folder) / name


def call(
    arguments: Sequence[str], *, expected: Sequence[int] = (0,), extra_environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end. Exit codes that are not expected are errors."""
    environment = {**os.environ, **(extra_environment or {})}
    command = [str(find_binary()), *arguments]
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=environment,
    )
    if done.returncode not in expected:
        raise error_of(done.returncode, done.stderr)
    return done
