"""Starts the Python worker of Array Assay.

    python __main__.py --module numpy [--name NAME] [--append-path DIR] [--cwd] [--settings JSON]

Exit status: 0 after `stop` or the end of the input, 2 on bad usage or a frame that it cannot read, 3 where the library
or MessagePack cannot be imported.
"""

import os
import sys

if __name__ == "__main__":
    # This folder is on the path only while the package is imported, so that the library under test finds nothing here.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(__file__))
    from array_assay_worker.command import main

    del sys.path[0]
    status = main()
    # Without the interpreter's teardown: a library that crashes there has answered already.
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except Exception:
        pass
    os._exit(status)
