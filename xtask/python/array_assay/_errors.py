"""What can go wrong, as exceptions with the message of the program."""

from __future__ import annotations


class ArrayAssayError(Exception):
    """A run that gave no results. `exit_code` is that of the program."""

    exit_code: int = 5


class BinaryNotFound(ArrayAssayError):
    """The program `array-assay` is not where a wheel puts it."""

    exit_code = 2


class UsageError(ArrayAssayError):
    """An argument, or a file that it names, is wrong."""

    exit_code = 2


class BackendError(ArrayAssayError):
    """The library could not be provisioned or started."""

    exit_code = 3


class NothingSelected(ArrayAssayError):
    """No check was selected."""

    exit_code = 4


class HarnessFault(ArrayAssayError):
    """The program itself is at fault."""


class Interrupted(ArrayAssayError):
    """The run was stopped before its end."""

    exit_code = 1


_BY_EXIT_CODE: dict[int, type[ArrayAssayError]] = {
    error.exit_code: error for error in (UsageError, BackendError, NothingSelected, HarnessFault, Interrupted)
}


def error_of(exit_code: int, said: str) -> ArrayAssayError:
    """The exception for an exit code of the program, with what it said on stderr."""
    marker = "error: "
    lines = said.strip().splitlines()
    begins = [i for i, line in enumerate(lines) if line.startswith(marker)]
    # Lines of progress come before the error; what the error itself quotes may take several.
    message = "\n".join(lines[begins[-1] :])[len(marker) :] if begins else "\n".join(lines[-8:])
    return _BY_EXIT_CODE.get(exit_code, HarnessFault)(message or f"array-assay ended with exit code {exit_code}")


def error_named(name: str, message: str) -> ArrayAssayError:
    """The exception that another process raised."""
    by_name: dict[str, type[ArrayAssayError]] = {error.__name__: error for error in (*_BY_EXIT_CODE.values(), BinaryNotFound)}
    return by_name.get(name, ArrayAssayError)(message)
