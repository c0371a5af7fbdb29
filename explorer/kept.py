"""What is kept between runs, under XDG_CACHE_HOME or ~/.cache: answers, by the content of what they were computed from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any


def cache_folder() -> Path:
    """The folder of all that is kept."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "mm-explorer"


def recall(kind: str, key: str) -> Any:
    """The plain data kept under the key, if it is whole: its digest stands before it. None where there is none."""
    try:
        digest, _, text = (cache_folder() / kind / key).read_bytes().partition(b"\n")
        return json.loads(text) if hashlib.sha256(text).hexdigest().encode() == digest else None
    except (OSError, ValueError):
        return None


def keep(kind: str, key: str, value: Any) -> None:
    """Keep plain data. A cache that can't be written is no fault: the next run computes again."""
    path = cache_folder() / kind / key
    beside = path.with_name(f"{key}.{os.getpid()}.tmp")
    text = json.dumps(value).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
