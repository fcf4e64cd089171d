"""The library does not have the extension fft."""

from legal import stand_for, xp

xp.set_array_api_strict_flags(enabled_extensions=("linalg",))
stand_for(__name__)
