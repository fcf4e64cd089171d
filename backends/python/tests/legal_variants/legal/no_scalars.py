"""Functions refuse Python scalars, and the library claims 2023.12, which does not know them."""

from legal import stand_for, xp

xp.set_array_api_strict_flags(api_version="2023.12")
stand_for(__name__)
