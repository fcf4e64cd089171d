"""No variant that is legal: arrays have `__dlpack_device__` and not `__dlpack__`."""

from legal import Array, stand_for

del Array.__dlpack__
stand_for(__name__)
