"""Tests of the Python worker.

cargo test -p array-assay-python worker_package     in the interpreter of the environment `numpy`
python -m unittest                                         in the folder above, with NumPy and MessagePack
"""

import sys
from pathlib import Path

WORKER = Path(__file__).parents[1]
# Tiny libraries, which the tests in Rust use as well.
FIXTURES = WORKER.parent / "tests" / "fixtures"
sys.path.append(str(FIXTURES))
