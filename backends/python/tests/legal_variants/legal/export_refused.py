"""`__dlpack__` raises BufferError, for memory that is not to be laid out as DLPack has it."""

from legal import Array, stand_for, taken


def dlpack(self, /, *, stream=None, max_version=None, dl_device=None, copy=None):
    taken()
    raise BufferError("no strided memory")


Array.__dlpack__ = dlpack
stand_for(__name__)
