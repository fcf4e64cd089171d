"""The extension linalg lacks some functions: to have all is an aim."""

from legal import _linalg, stand_for, taken

for name in ("cholesky", "matrix_rank", "pinv", "eig", "eigvals"):
    if hasattr(_linalg, name):
        delattr(_linalg, name)
        taken()
stand_for(__name__)
