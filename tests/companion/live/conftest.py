"""What the tests of live figures share: the witnesses can be imported."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "witnesses"))
