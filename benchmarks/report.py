"""Parts of reports/benchmarks.md: each benchmark replaces its own and leaves the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "reports" / "benchmarks.md"


def put(part: str, lines: Sequence[str]) -> None:
    """Replace the part between its two marks, or add it at the end."""
    text = FILE.read_text() if FILE.exists() else "# Benchmarks\n"
    new = f"<!-- {part} -->\n" + "\n".join(lines) + f"\n<!-- end of {part} -->\n"
    pattern = re.compile(rf"<!-- {part} -->\n.*?<!-- end of {part} -->\n", re.DOTALL)
    text = pattern.sub(lambda _: new, text) if pattern.search(text) else f"{text}\n## {part}\n\n{new}"
    replace_text(FILE, text)


def replace_text(file: Path, text: str) -> None:
    """Put the text in the place of what the file has: whole, or not at all."""
    file.parent.mkdir(exist_ok=True)
    beside = file.with_suffix(".tmp")
    beside.write_text(text)
    beside.replace(file)
