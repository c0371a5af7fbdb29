"""Answers that are kept between runs: what is kept in another form than theirs is not taken."""

from __future__ import annotations

from typing import Any

from explorer.cache import kept
from explorer.process.data import of_plain, plain
from explorer.process.foreign import Malformed


def recall_answer(kind: str, key: str, form: Any) -> Any:
    """The answer, of the type `form`, that `keep_answer` kept; None where there is none."""
    data = kept.recall_json(kind, key)
    try:
        return None if data is None else of_plain(data, form)
    except Malformed:
        return None


def keep_answer(kind: str, key: str, answer: Any) -> None:
    """Keep an answer, or a tuple of them."""
    kept.keep_json(kind, key, plain(answer))
