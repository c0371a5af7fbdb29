"""Proofs by induction of the models of fork, with their lemmas: what is proved, and which step stands in the way."""

from __future__ import annotations

from typing import Any

import pytest

from explorer import load
from explorer.models.linux.kernels import kernel
from explorer.questions.proving import prove

LEMMAS = (
    "mapcount_is_entries",
    "references_cover_mappings_and_pins",
    "devices_page_is_pinned",
    "devices_page_stays_writable",
    "devices_page_is_exclusive",
)


def proof(model: str, version: str, **parameters: Any) -> dict[str, Any]:
    return prove(load(model)(kernel=kernel(version), **parameters), "pinned_page_stays")[0].to_json()


@pytest.mark.parametrize(
    ("model", "version"), [pytest.param("rdma_fork", "v6.8", marks=pytest.mark.long), ("pin_cow_reuse", "v5.12")]
)
def test_three_processes(model: str, version: str) -> None:
    """3 processes, 2 pages, 5 frames: proved, and every lemma too."""
    answer = proof(model, version, children=2, pages=2, frames=5)
    assert answer["proved"] and answer["lemmas"] == dict.fromkeys(LEMMAS, True)
    assert not answer["failures"] and not answer["given_up"] and set(answer["queries"]) <= {"sat", "unsat"}


@pytest.mark.parametrize(("model", "version"), [("rdma_fork", "v5.8"), ("pin_cow_reuse", "v5.9-rc4")])
def test_without_the_early_copy(model: str, version: str) -> None:
    """Fork write-protects a pinned page: the one lemma that is lost, and the step that breaks it."""
    answer = proof(model, version)
    assert not answer["proved"]
    assert [name for name, good in answer["lemmas"].items() if not good] == ["devices_page_stays_writable"]
    first = answer["failures"][0]
    assert (first["claim"], first["actor"], first["label"], first["answer"]) == (
        "lemma devices_page_stays_writable", "parent", "ptep_set_wrprotect", "sat",
    )  # fmt: skip
    assert first["changes"]["mm.pte[parent,0].writable"] == ["true", "false"]
