"""What the manifest of a checkpoint says, and one that somebody else wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def forged(folder: Path, **changes: Any) -> None:
    """Change what the manifest says, with the right digest: anybody can compute that. What is `...` is taken out."""
    from explorer.search.native.storage import disk  # what it needs may be missing

    outer = json.loads((folder / "manifest.json").read_text())
    inner = {**json.loads(outer["manifest"]), **changes}
    text = json.dumps({k: v for k, v in inner.items() if v is not ...})
    (folder / "manifest.json").write_text(json.dumps({**outer, "manifest": text, "digest": disk.digest(text)}))


def of(folder: Path, name: str) -> Any:
    return json.loads(json.loads((folder / "manifest.json").read_text())["manifest"])[name]
