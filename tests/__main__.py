"""`python tests` runs the test suite from any directory; in a fresh checkout it makes the environment first."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    from explorer.environment import run

    run(
        "pytest",
        ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *(sys.argv[1:] or [str(ROOT / "tests")])],
        "test",
    )
