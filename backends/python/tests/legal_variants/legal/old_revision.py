"""The library claims 2022.12 and has nothing that came later."""

from legal import stand_for, xp

xp.set_array_api_strict_flags(api_version="2022.12")
stand_for(__name__)
