"""The tests of this folder import its list of cases and the script that makes the files."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
