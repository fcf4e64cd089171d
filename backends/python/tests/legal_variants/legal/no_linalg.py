"""The library does not have the extension linalg."""

from legal import stand_for, xp

xp.set_array_api_strict_flags(enabled_extensions=("fft",))
stand_for(__name__)
