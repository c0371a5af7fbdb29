"""`python tests` runs the test suite from any directory; in a fresh checkout it makes the environment first."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    from explorer.environment import run

    chosen = sys.argv[1:] or ["-n", "auto", str(ROOT / "tests")]
    run("pytest", ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *chosen], "test")
