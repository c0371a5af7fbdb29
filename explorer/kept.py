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


def recall(kind: str, key: str) -> bytes | None:
    """What is kept under the key, if it is whole: its digest stands before it. None where there is none."""
    try:
        whole = (cache_folder() / kind / key).read_bytes()
    except OSError:
        return None
    digest, data = whole[:32], whole[32:]
    return data if hashlib.sha256(data).digest() == digest else None


def keep(kind: str, key: str, data: bytes) -> None:
    """Keep the data. A cache that can't be written is no fault: the next run computes again."""
    path = cache_folder() / kind / key
    beside = path.with_name(f"{key}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(hashlib.sha256(data).digest() + data)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def recall_json(kind: str, key: str) -> Any:
    """The plain data that `keep_json` kept, None where there is none."""
    data = recall(kind, key)
    return None if data is None else json.loads(data)


def keep_json(kind: str, key: str, value: Any) -> None:
    """Keep plain data, as `keep`."""
    keep(kind, key, json.dumps(value).encode())
