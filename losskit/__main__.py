"""`python -m losskit` is `losskit`."""

import sys

from losskit.cli import main

if __name__ == "__main__":
    sys.exit(main())
