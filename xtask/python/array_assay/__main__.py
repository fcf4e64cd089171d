"""`python -m array_assay` is the program `array-assay`."""

import os
import subprocess
import sys

from array_assay._binary import find_binary
from array_assay._errors import BinaryNotFound


def main() -> int:
    """Becomes the program, with the arguments of this one."""
    try:
        command = [str(find_binary()), *sys.argv[1:]]
    except BinaryNotFound as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if sys.platform == "win32":
        # There a replaced process would return to the shell at once.
        return subprocess.run(command, check=False).returncode
    sys.stdout.flush()
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
