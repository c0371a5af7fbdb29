"""`python tests` runs the test suite from any directory; in a fresh checkout it makes the environment first.

`python tests --long` runs the tests that the suite leaves out for their length: the mutants but one for each file of tests, and
others that say so with `@pytest.mark.long`. Other arguments are pytest's.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    from explorer.environment import run

    chosen = sys.argv[1:]
    if chosen in ([], ["--long"]):
        chosen += ["-n", "auto", str(ROOT / "tests")]
    run("pytest", ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), *chosen], "test")
