"""Arrays have no in-place operators: Python computes `x += y` by `x + y` and gives the name to the result."""

from legal import Array, stand_for, taken

for name in list(Array.__dict__):
    if name.startswith("__i") and "__" + name[3:] in Array.__dict__ and name not in ("__init__", "__invert__", "__int__", "__index__"):
        delattr(Array, name)
        taken()
stand_for(__name__)
