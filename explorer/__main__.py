"""`python -m explorer ...` runs the command line. `python path/to/explorer ...`, in a checkout, makes its environment first."""

import sys

if __package__:
    from explorer.cli.main import main

    raise SystemExit(main())
else:
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # this folder itself holds names of the standard library
    from explorer.environment import run

    run("explorer", sys.argv[1:])
