"""How large the storms are: in the suite as large as six minutes allow, whole with `make storm`."""

from __future__ import annotations

import os

IS_WHOLE = "WHOLE_STORM" in os.environ
