"""Starts the commands of the package."""

import os
import sys

if __name__ == "__main__":
    # Python was started with -I, so the folder of this file is not on the path.
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from array_assay_consumers.command import main

    sys.exit(main(sys.argv[1:]))
