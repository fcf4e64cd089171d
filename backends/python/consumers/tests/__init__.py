"""Tests of the package that traces consumers."""

import os

# SciPy reads this when it is imported.
os.environ["SCIPY_ARRAY_API"] = "1"
