"""There is one device, and no default device is known."""

from legal import inform, stand_for, taken, xp


def devices(self):
    taken()
    return (xp.Device("CPU_DEVICE"),)


inform(devices=devices, default_device=lambda self: None)
stand_for(__name__)
