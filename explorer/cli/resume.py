"""explore resume: a search that was stopped goes on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

EPILOG = """The folder is that of an earlier `explore --checkpoint DIR`, stopped in whatever way. The search goes on behind the
last level that it finished, and ends as if it had never stopped. Its limits are not kept: give them again, or others.
  explore --model rdma_fork -p pages=2 --checkpoint run1 --max-seconds 60
  explore resume run1"""


def arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.run import limits

    parser.add_argument("checkpoint", metavar="DIR", help="the folder of the checkpoint")
    limits(parser)


def run(options: argparse.Namespace) -> int:
    from explorer.cli.run import run as search
    from explorer.errors import UsageError

    folder = Path(options.checkpoint)
    try:
        from explorer.search.native.disk import read_manifest
    except ImportError as e:
        raise UsageError(f"a checkpoint is of the compiled search, which needs numba ({e})") from e
    about = read_manifest(folder)["about"]
    options.checkpoint = str(folder.resolve())
    directory = about.pop("directory", "")
    if about.get("model", "").partition(":")[0].endswith(".py") and os.path.isdir(directory):
        os.chdir(directory)  # where the model's file is named from
    for name, value in about.items():
        setattr(options, name, value)
    options.resume, options.engine = True, "native"
    return search(options)
