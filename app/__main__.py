"""`python -m app` is `nexus`."""

import sys

from app.cli import main

sys.exit(main())
