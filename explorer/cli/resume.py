"""explore resume: a search that was stopped goes on."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EPILOG = """The folder is that of an earlier `explore --checkpoint DIR`, stopped in whatever way. The search goes on behind the
last level that it finished, and ends as if it had never stopped. Its limits are not kept: give them again, or others.
  explore --model rdma_fork -p pages=2 --checkpoint run1 --max-seconds 60
  explore resume run1
A folder is data, whoever made it: no code is run because it says so. A model in a file of your own is given again:
  explore --model mine.py:model --checkpoint run2 --depth 1
  explore resume run2 --model mine.py:model"""


def arguments(parser: argparse.ArgumentParser) -> None:
    from explorer.cli.run import limits

    parser.add_argument("checkpoint", metavar="DIR", help="the folder of the checkpoint")
    parser.add_argument(
        "--model",
        metavar="NAME|FILE.py:FUNCTION",
        help="its model, where that is not shipped with the tool; it must be the same",
    )
    limits(parser)


def run(options: argparse.Namespace) -> int:
    from explorer.answer.model_names import shipped_model
    from explorer.cli.run import run as search
    from explorer.errors import UsageError
    from explorer.process.foreign import Malformed

    folder = Path(options.checkpoint)
    try:
        from explorer.search.native.storage.disk import MANIFEST, read_manifest
    except ImportError as e:
        raise UsageError(f"a checkpoint is of the compiled search, which needs numba ({e})") from e
    try:
        about = asked_options(read_manifest(folder).about)
    except Malformed as e:
        raise UsageError(f"{folder / MANIFEST} does not say what was searched: {e}") from None
    about["model"] = shipped_model(about["model"], options.model, str(folder), ["resume", str(folder)])
    for name, value in about.items():
        setattr(options, name, value)
    options.resume, options.engine, options.overwrite = True, "native", False
    return search(options)


def asked_options(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint says was asked: nothing but these options, each with a value that it can have. Raises Malformed."""
    from explorer.cli.run import ABOUT
    from explorer.process.foreign import flag, mapping, one_of, text, texts

    given = mapping(about, ABOUT)
    return {
        "model": text(given["model"]),
        "parameters": list(texts(given["parameters"])),
        "kernel": None if given["kernel"] is None else text(given["kernel"]),
        "property": None if given["property"] is None else list(texts(given["property"])),
        "first": flag(given["first"]),
        "reduce": one_of(given["reduce"], (None, "symmetry", "none")),
    }
