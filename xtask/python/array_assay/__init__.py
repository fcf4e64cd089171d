"""Array Assay: how far an array library follows the Python Array API standard.

    >>> import array_assay
    >>> run = array_assay.run("python:mylib", select=["elementwise/*"])
    >>> run.passed
    False
    >>> print(run.failed[0].report)

The program itself is `array-assay`, or `python -m array_assay`; `pytest --array-assay python:mylib` makes a test of each check.
"""

from array_assay._binary import find_binary
from array_assay._errors import (
    ArrayAssayError,
    BackendError,
    BinaryNotFound,
    HarnessFault,
    Interrupted,
    NothingSelected,
    UsageError,
)
from array_assay._records import (
    Accuracy,
    BaselineEntry,
    Cell,
    Check,
    Clause,
    Counterexample,
    Gate,
    Library,
    Results,
    StaleEntry,
    Standing,
)
from array_assay._run import Run, checks, read, run

__all__ = [
    "Accuracy",
    "ArrayAssayError",
    "BackendError",
    "BaselineEntry",
    "BinaryNotFound",
    "Cell",
    "Check",
    "Clause",
    "Counterexample",
    "Gate",
    "HarnessFault",
    "Interrupted",
    "Library",
    "NothingSelected",
    "Results",
    "Run",
    "StaleEntry",
    "Standing",
    "UsageError",
    "checks",
    "find_binary",
    "read",
    "run",
]
