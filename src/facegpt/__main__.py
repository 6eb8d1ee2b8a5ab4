"""`python -m facegpt` is the command `facegpt`."""

import sys

from facegpt.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
