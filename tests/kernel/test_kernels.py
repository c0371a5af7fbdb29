"""Kernels: the rules, their history, what a version has, and what `explore list kernels` and `explore diff` say.

UPDATE_DOCS=1 writes the tables of docs/kernels.md anew.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import pytest

from explorer import check, load
from explorer.cli.main import main
from explorer.errors import UsageError
from explorer.language.rules import any_of
from explorer.language.values import rule_text, rule_values
from explorer.models.linux.history import KERNELS, OLDEST, parse_version
from explorer.models.linux.kernels import (
    COMMITS,
    RULES,
    Area,
    Kernel,
    Rule,
    changing,
    kernel,
    rules_of,
)
from explorer.models.linux.rules.cow import Fork
from explorer.models.linux.rules.declare import rule as declared_rule

ROOT = Path(__file__).resolve().parents[2]

# version without, first version with, rule, value before, value after: mainline, release candidates, stable
BOUNDARIES = """
v4.17     v4.18     xfs_break_layouts        off               on
v4.18     v4.19     ext4_break_layouts       off               on
v4.18     v4.19     mremap_flush             off               on
v4.19-rc7 v4.19-rc8 mremap_flush             off               on
v4.18.15  v4.18.16  mremap_flush             off               on
v5.0      v5.1      reuse_ksm_page           off               on
v5.9-rc3  v5.9-rc4  reuse_ksm_page           on                off
v5.3      v5.4      madv_pageout             off               on
v5.5      v5.6      foll_pin                 off               on
v5.5      v5.6      umem_gup_fast            off               on
v5.5      v5.6      clear_refs_flush         on                off
v5.11     v5.12     clear_refs_flush         off               on
v5.10     v5.10.20  clear_refs_flush         off               on
v5.11     v5.11.3   clear_refs_flush         off               on
v5.6      v5.7      foll_pin_counted         off               on
v5.6      v5.7      uffd_wp                  off               on
v5.7      v5.8      gup_read                 plain             breaks_cow
v5.7      v5.8-rc1  gup_read                 plain             breaks_cow
v5.7.2    v5.7.3    gup_read                 plain             breaks_cow
v5.7.2    v5.7.y    gup_read                 plain             breaks_cow
v5.4      v5.4.y    gup_read                 plain             breaks_cow
v4.19     v4.19.y   gup_read                 plain             breaks_cow
v5.9-rc3  v5.9-rc4  gup_read                 breaks_cow        plain
v5.18     v5.19     gup_read                 plain             unshare
v5.7      v5.8      foll_force               foll_cow          foll_cow_unforced
v5.9-rc3  v5.9-rc4  foll_force               foll_cow_unforced foll_cow
v5.19     v6.0      foll_force               foll_cow          exclusive
v6.0-rc2  v6.0-rc3  foll_force               foll_cow          exclusive
v5.19.5   v5.19.6   foll_force               foll_cow          exclusive
v5.8      v5.9      reuse                    mapcount          page_count
v5.9-rc3  v5.9-rc4  reuse                    mapcount          page_count
v5.17     v5.18     reuse                    page_count        page_count_swapcache
v5.18     v5.19     reuse                    page_count_swapcache exclusive
v5.9-rc7  v5.9-rc8  fork                     plain             early_copy
v5.8      v5.9      fork                     plain             early_copy
v5.18     v5.19     fork                     early_copy        exclusive
v5.9-rc7  v5.9-rc8  has_pinned               off               on
v5.10     v5.11     write_protect_seq        off               on
v5.10     v5.10.7   write_protect_seq        off               on
v5.10     v5.10.y   write_protect_seq        off               on
v5.9      v5.10     stable_writes            device            superblock
v6.6      v6.7      stable_writes            superblock        mapping
v5.10     v5.11     swap_skips_pinned        off               on
v5.11-rc3 v5.11-rc4 swap_skips_pinned        off               on
v5.10.7   v5.10.10  swap_skips_pinned        off               on
v5.10.7   v5.10.10  clear_refs_skips_pinned  off               on
v5.11-rc3 v5.11-rc4 clear_refs_skips_pinned  off               on
v5.11-rc3 v5.11-rc4 clear_refs_write_lock    off               on
v5.10.7   v5.10.y   clear_refs_write_lock    off               on
v5.11     v5.12     uffd_wp_flush            off               on
v5.12-rc2 v5.12-rc3 uffd_wp_flush            off               on
v5.12     v5.13     copy_on_fork             off               on
v5.15     v5.16     uffd_continue_dirty      off               on
v5.17     v5.18     swap_in                  mapcount          page_count
v5.18     v5.19     swap_in                  page_count        exclusive
v5.17     v5.18     ext4_no_buffers          bug               warn
v5.15     v5.15.y   ext4_no_buffers          bug               warn
v5.18     v5.19     try_share_anon_rmap      off               on
v5.18     v5.19     defer_flush              any               shared
v6.0      v6.1      defer_flush              shared            any
v5.19     v6.0      mprotect_restores_write  off               on
v5.19     v6.0      migrate_flush            off               on
v6.0      v6.1      gup_fast_barriers        off               on
v6.1      v6.2      unshare_any              off               on
v6.1      v6.2      longterm_unshare         off               on
v6.1      v6.2      umem_force               on                off
v6.3      v6.4      per_vma_locks            off               on
v6.3      v6.4      reclaim_keeps_buffers    off               on
v6.3.1    v6.3.2    reclaim_keeps_buffers    off               on
v6.4      v6.5      vma_start_write          off               on
v6.4.2    v6.4.3    vma_start_write          off               on
v6.4      v6.5      refuse_longterm          off               on
v6.4      v6.5      folio_fast_pin_allowed   off               on
v6.4      v6.5      pin_zero_page            on                off
v6.4      v6.5      block_dio                get               pin
v6.8      v6.9      fuse_dio                 get               pin
v6.8      v6.8.y    fuse_dio                 get               pin
v6.9      v6.10     gup_fast_needs_mapping   off               on
v6.14     v6.15     dax_idle_refcount        one               zero
v6.14     v6.15     dax_break_layout_final   off               on
"""
ROWS = [line.split() for line in BOUNDARIES.strip().splitlines()]


def value(version: str, rule: str) -> str:
    return rule_text(rules_of(kernel(version))[rule])


def versions() -> list[str]:
    """Every mainline release, and every version that the table of boundaries names."""
    last = {4: 20, 5: 19, 6: 19, 7: 19}
    releases = [f"v{major}.{minor}" for major, end in last.items() for minor in range(end + 1)]
    releases = [v for v in releases if parse_number(v) >= OLDEST]
    return list(dict.fromkeys([*releases, *(v for row in ROWS for v in row[:2])]))


def parse_number(version: str) -> tuple[int, int]:
    major, minor = re.findall(r"\d+", version)[:2]
    return int(major), int(minor)


# ---------------------------------------------------------------- the rules


def test_every_rule_is_a_field() -> None:
    assert [f.name for f in fields(Kernel)] == [*RULES, "version"]
    for name, rule in RULES.items():
        assert rule.sentence and not rule.sentence.endswith("."), name
        assert re.fullmatch(r"\w+\(\)", rule.at), name
        assert rule.default in rule_values(rule.default) and len(set(rule_values(rule.default))) > 1


def test_every_commit_changes_something() -> None:
    """Each names rules and values that there are, and none sets what was there already."""
    assert len({(c.id, c.changes) for c in COMMITS}) == len(COMMITS)
    assert all(len({c.subject for c in COMMITS if c.id == id}) == 1 for id in {c.id for c in COMMITS})
    for commit in COMMITS:
        assert re.fullmatch("[0-9a-f]{12}", commit.id) and commit.tag in ("V", "Vx", "R") and commit.rules
        for rule, new in commit.rules.items():
            assert new in map(rule_text, rule_values(RULES[rule].default)), commit.id
            before = [c.rules[rule] for c in changing(rule) if c.version < commit.version]
            assert new != [rule_text(RULES[rule].default), *before][-1], commit.id


def test_a_recalled_release_has_its_bounds() -> None:
    for commit in COMMITS:
        if commit.tag == "R":
            assert commit.between is not None, commit.id
        if commit.between is not None:
            lacks, has = commit.between
            assert parse_version(lacks) < commit.version <= parse_version(has), commit.id


def test_protections_are_in_every_kernel() -> None:
    """What a rule says of every kernel, and what was never released, is so in each; any other rule has its commits."""
    for rule in RULES.values():
        always = rule.area in (Area.PROTECTION, Area.UNMERGED)
        assert always == (not list(changing(rule.name))), rule.name
        if always:
            assert {value(v, rule.name) for v in versions()} == {rule_text(rule.default)}


def test_a_rule_that_changed_has_its_commits() -> None:
    rules_have_commits()


def rules_have_commits() -> None:
    """There is no way to declare one without."""
    with pytest.raises(TypeError, match="first"):
        declared_rule(False, "fork asks first", "dup_mmap()")  # type: ignore[call-arg]


def test_what_no_kernel_has_is_marked() -> None:
    ablations_are_marked()


def ablations_are_marked() -> None:
    """A line that reads such a rule ends in ``# ablation``, so that a reader of mm/ knows; no other line does."""
    names = [name for name, rule in RULES.items() if rule.area in (Area.PROTECTION, Area.UNMERGED)]
    reads = re.compile(rf"\bkernel\.({'|'.join(names)})\b")
    found = set()
    for file in [*sorted((ROOT / "models").rglob("*.py")), *sorted((ROOT / "properties").glob("*.py"))]:
        module = import_module(
            ".".join(("explorer", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        )
        for number, line in enumerate(inspect.getsource(module).splitlines(), 1):  # its text as it was loaded
            found.update(reads.findall(line))
            assert bool(reads.search(line)) == ("  # ablation" in line), f"{file.name}:{number}: {line}"
    assert found == set(names)


def test_every_rule_is_read_by_a_model() -> None:
    """Of each that none reads it is said why."""
    source = "".join(f.read_text() for f in (ROOT / "models").rglob("*.py"))
    unread = {name for name in RULES if not re.search(rf'kernel\.{name}\b|rules_of\(.*\)\["{name}"\]', source)}
    assert unread == {name for name, rule in RULES.items() if rule.unread} == {"pin_zero_page", "stable_writes"}


def test_proposals_are_in_no_kernel() -> None:
    """Values that were proposed, and the one before v4.15, are chosen by hand alone."""
    released = {name: {value(v, name) for v in versions()} for name in RULES}
    never = {
        (name, rule_text(v))
        for name, rule in RULES.items()
        for v in rule_values(rule.default)
        if rule_text(v) not in released[name] and rule.area not in (Area.PROTECTION, Area.UNMERGED)
    }
    assert never == {("fork", "vm_nocow"), ("reuse", "mapcount_unshare"), ("foll_force", "drops_foll_write")}
    assert value("v5.10+fork=vm_nocow", "fork") == "vm_nocow"


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r[2]}-{r[1]}")
def test_boundary(row: list[str]) -> None:
    without, first, rule, before, after = row
    assert (value(without, rule), value(first, rule)) == (before, after)


def test_every_change_is_in_the_table() -> None:
    """The table has the mainline boundary, and a stable one, of each change of each commit."""
    there = {(rule, after, parse_version(first)) for _, first, rule, _, after in ROWS}
    for commit in COMMITS:
        for rule, after in commit.rules.items():
            release = parse_version(re.sub(r"-rc1$", "", commit.release))
            assert (rule, after, release) in there or (rule, after, commit.version) in there, (commit.id, rule)
        stable = {r for r, _, at in there if any(b.holds(at) for b in commit.backports)}
        assert not commit.backports or stable & commit.rules.keys(), commit.id


def test_nothing_else_changes() -> None:
    """Between neighbouring releases exactly the rules of the table differ."""
    releases = [v for v in versions() if v.count(".") == 1 and "-" not in v]
    for before, after in zip(releases, releases[1:], strict=False):
        differ = {n for n in RULES if value(before, n) != value(after, n)}
        low, high = parse_version(before), parse_version(after)
        assert differ == {r[2] for r in ROWS if low < parse_version(r[1]) <= high and r[1].count(".") == 1}


def test_the_list_of_kernels() -> None:
    """Each is a version, they ascend, "the same rules as" is true and the others differ from the one before."""
    names = [name for name, _ in KERNELS]
    assert [parse_version(n) for n in names] == sorted({parse_version(n) for n in names})
    for (before, _), (name, text) in zip(KERNELS, KERNELS[1:], strict=False):
        same = re.fullmatch(r"the same rules as (v[\d.]+)", text)
        if same:
            assert rules_of(kernel(name)) == rules_of(kernel(same[1])), name
        else:
            assert rules_of(kernel(name)) != rules_of(kernel(before)), name
    listed = {parse_number(n) for n in names}
    assert {parse_number(c.release) for c in COMMITS} <= listed


@pytest.mark.parametrize(
    ("version", "rules", "said"),
    [
        ("v5.9", "fork has_pinned reuse", []),
        ("v5.9-rc8", "fork", ["has 70e806e4e645 (believed): which release candidate merged it is recalled"]),
        ("v5.9-rc8", "reuse gup_read", []),
        ("v5.9-rc7", "fork", []),
        ("v5.10.y", "write_protect_seq", []),
        ("v5.10.3", "write_protect_seq", ["lacks 57efa1fe5957 (believed): which stable release got it was not read"]),
        ("v5.10.7", "swap_skips_pinned", []),
        ("v5.10.8", "swap_skips_pinned", ["lacks feb889fb40fa (believed): which stable release got it was not read"]),
        ("v5.10.y", "swap_skips_pinned", ["has feb889fb40fa (believed): which stable release got it is recalled"]),
        ("v5.7.2", "gup_read", []),
        ("v5.4.100", "gup_read", ["lacks 17839856fd58 (believed): which stable release got it was not read"]),
        ("v4.19.184", "gup_read", []),
        ("v4.19.185", "gup_read", ["lacks 17839856fd58 (believed): which stable release got it was not read"]),
        ("v5.8", "stable_writes", ["lacks 1cb039f3dc16 (believed): its release is recalled"]),
        ("v4.19", "stable_writes", []),
        (
            "v6.1",
            "defer_flush",
            ["has 088b8aa537c2 (believed): that swap-out puts the flush off again with this commit is recalled"],
        ),
        ("v6.8", "defer_flush stable_writes block_dio fork", []),
        ("v6.18", "", []),
        ("v6.18", "fork", ["has the rules of v6.8 for anonymous pages (assumed): nothing later was read"]),
        (
            "v6.18",
            "block_dio ext4_no_buffers",
            ["has the rules of v6.8 for anonymous and page-cache pages (assumed): nothing later was read"],
        ),
        ("v6.18+fork=plain", "fork", []),
        ("v5.9-rc8+fork=plain", "fork", []),
    ],
)
def test_assumptions(version: str, rules: str, said: list[str]) -> None:
    """What is recalled is said of the rules asked about, and not of those that the user set."""
    plain = version.partition("+")[0]
    assert list(kernel(version).assumptions_of(rules.split())) == [f"{plain} {s}" for s in said]


def test_assumptions_of_what_a_model_reads() -> None:
    """v5.10.y rests on recalled facts about swap and clear_refs: no word of them where nothing swaps."""
    result = check(load("rdma_fork")(kernel=kernel("v5.10.y")), depth=2)
    assert not [fact for fact in result.recalled if "feb889fb40fa" in fact or "1cb039f3dc16" in fact]
    assert check(load("rdma_fork")(kernel=kernel("v5.9-rc8")), depth=2).recalled


def test_a_rule_that_is_not_read_is_a_warning() -> None:
    result = check(load("rdma_fork")(kernel=kernel("v5.10+stable_writes=device+fork=plain")), depth=2)
    assert [w for w in result.warnings if "is set" in w] == [
        "the rule stable_writes is set, and nothing in this model reads it"
    ]


def test_names() -> None:
    assert kernel("v5.11+write_protect_seq=on").name == "v5.11"
    assert kernel("v5.11+fork=plain+reuse=mapcount").name == "v5.11+fork=plain+reuse=mapcount"
    assert replace(kernel("v5.10"), fork=any_of(Fork.PLAIN, Fork.EARLY_COPY)).name == "v5.10+fork=any"
    assert list(kernel("v5.11+fork=plain").changed()) == ["fork"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5.10", "did you mean v5.10?"),
        ("v4.14", "there is no 'v4.14' among them (did you mean v4.15?)"),
        ("v5.10+write_protect=on", "no kernel rule is named 'write_protect' (did you mean write_protect_seq?)"),
        ("v5.10+fork=early", "the kernel rule fork has no value 'early' (did you mean early_copy?)"),
        ("v5.10+fork", "the kernel rule fork has no value ''"),
        ("v5.10+has_pinned=maybe", "the kernel rule has_pinned is on or off, not 'maybe'"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        kernel(text)


# ---------------------------------------------------------------- explore list kernels


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Kernels, then every rule with its values, function and commits, in 100 columns."""
    assert main(["list", "kernels"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    for name, line in KERNELS:
        assert re.search(rf"^  {re.escape(name)} +{re.escape(line)}$", text, re.M)
    flat = " ".join(text.split())
    for rule in RULES.values():
        choice = "|".join(map(rule_text, rule_values(rule.default)))
        head = f"{rule.name}={rule_text(rule.default)} ({choice}) {rule.sentence}; {rule.at}"
        assert " ".join([head, *rule.commits]) in flat
        assert not rule.unread or f"recorded, read by no model: {rule.unread}" in flat
    assert "breaks_cow from v5.8, v5.7.3, v5.4.y, v4.19.y: 17839856fd58 [V]" in text


# ---------------------------------------------------------------- explore diff

V5_8_TO_V5_10 = """\
v5.8 to v5.10: 7 rules changed

  fork: plain -> early_copy
      what fork does with a private anonymous page that may be pinned; copy_present_pte()
      70e806e4e645 ("mm: Do early cow for pinned pages during fork() for ptes") v5.9-rc8 [R]

  has_pinned: off -> on
      fork copies a page early only for an mm that has ever pinned pages; page_needs_cow_for_dma()
      008cfe4418b3 ("mm: Introduce mm_struct.has_pinned") v5.9-rc8 [R]

  reuse: mapcount -> page_count
      when do_wp_page() makes a page writable in place instead of copying it; do_wp_page()
      09854ba94c6a ("mm: do_wp_page() simplification") v5.9-rc4 [V]

  reuse_ksm_page: on -> off
      do_wp_page() makes a KSM page writable in place if nobody else has it; reuse_ksm_page()
      1a0cf26323c8 ("mm/ksm: Remove reuse_ksm_page()") v5.9-rc4 [V]

  gup_read: breaks_cow -> plain
      what a reading get_user_pages() does with a page that is not writable; gup_must_unshare()
      a308c71bf1e6 ("mm/gup: Remove enforced COW mechanism") v5.9-rc4 [V]

  foll_force: foll_cow_unforced -> foll_cow
      when a FOLL_FORCE write takes a page whose entry is not writable; can_follow_write_pte()
      a308c71bf1e6 ("mm/gup: Remove enforced COW mechanism") v5.9-rc4 [V]

  stable_writes: device -> superblock
      what a wish for stable pages is a property of; folio_wait_stable()
      1cb039f3dc16 ("bdi: replace BDI_CAP_STABLE_WRITES with a queue and a sb flag") v5.10 [R]

rests on a recalled fact: v5.8 lacks 1cb039f3dc16 (believed): its release is recalled
"""


def diff(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["diff", *words])
    return code, capsys.readouterr().out


def test_diff(capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, "v5.8", "v5.10") == (0, V5_8_TO_V5_10)


def test_diff_backwards(capsys: pytest.CaptureFixture[str]) -> None:
    """The same commits, the values exchanged."""
    text = diff(capsys, "v5.10", "v5.8")[1]
    assert "  reuse: page_count -> mapcount\n" in text
    assert re.findall("^      [0-9a-f]{12} ", text, re.M) == re.findall("^      [0-9a-f]{12} ", V5_8_TO_V5_10, re.M)


def test_diff_of_what_was_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    text = diff(capsys, "v5.7", "v5.9")[1]
    assert "  the same in both, but not in between: gup_read, foll_force\n      17839856fd58" in text


def test_diff_of_a_rule_set_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    text = diff(capsys, "v5.11", "v5.11+write_protect_seq=off")[1]
    assert text.startswith("v5.11 to v5.11+write_protect_seq=off: 1 rule changed\n")
    assert text.endswith("      as given: +write_protect_seq=off\n")
    assert diff(capsys, "v6.7", "v6.8") == (0, "v6.7 to v6.8: no rule changed\n")


def test_diff_of_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    """Early copy keeps what v5.8 breaks: the run for each that is violated on one side, and for no other."""
    code, text = diff(capsys, "v5.8", "v5.10", "--model", "rdma_fork")
    assert code == 0 and text.startswith(V5_8_TO_V5_10)
    broken = ["pinned_page_stays", "no_lost_dma", "fork_isolation_dma", "fork_content"]
    broken += ["no_lost_cpu_write", "stored_is_somewhere"]
    assert re.findall(r"^  (\w+) +violated at depth \d+ +holds$", text, re.M) == broken
    assert re.findall(r"^on (\S+), (\w+) is violated: ", text, re.M) == [("v5.8", name) for name in broken]
    assert len(re.findall(r"^replay:   explore replay --model rdma_fork --kernel v5.8 ", text, re.M)) == len(broken)
    assert "of the rules that changed it reads: fork, has_pinned, reuse, gup_read" in text
    same = re.search(r"^the same verdict: ((?:.*\n)(?:  .*\n)*)", text, re.M)
    assert same is not None and "fork_isolation_cpu" in same[1] and "pinned_page_stays" not in same[1]


def test_diff_shows_what_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = diff(capsys, "v5.8", "v5.10", "--model", "rdma_fork", "--depth", "3")
    assert code == 4 and "v5.8: " in text and "checked to depth 3, bounded by --depth" in text


def test_diff_of_a_model_in_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It leaves a range on one of the two kernels."""
    (tmp_path / "mine.py").write_text(
        """
from explorer import Model, Part, Range, step, var
from explorer.models.linux.kernels import Kernel, kernel


class Counter(Part):
    def __init__(self, m: Model, kernel: Kernel) -> None:
        super().__init__(m, "counter")
        self.kernel = kernel
        self.x = var(Range(0, 1), 0)


def model(*, kernel: Kernel = kernel("v4.19")) -> Model:
    m = Model()
    counter = Counter(m, kernel)

    @m.thread("t")
    async def t() -> None:
        await step("add")
        counter.x += 2 if counter.kernel.has_pinned else 1

    return m
"""
    )
    monkeypatch.chdir(tmp_path)
    code, text = diff(capsys, "v5.8", "v5.9", "--model", "mine.py:model")
    assert code == 3 and "the model is in error on v5.9: " in text


def test_diff_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = diff(capsys, "v5.10", "v5.8", "--model", "rdma_fork", "--format", "json")
    answer = json.loads(text)
    assert code == 0
    assert (answer["schema"], answer["old"], answer["new"], answer["complete"]) == (1, "v5.10", "v5.8", True)
    reuse = next(r for r in answer["rules"] if r["name"] == "reuse")
    assert reuse == {
        "name": "reuse",
        "old": "page_count",
        "new": "mapcount",
        "sentence": RULES["reuse"].sentence,
        "function": "do_wp_page()",
        "commits": [
            {
                "id": "09854ba94c6a",
                "subject": "mm: do_wp_page() simplification",
                "release": "v5.9-rc4",
                "stable": [],
                "tag": "V",
                "value": "page_count",
            }
        ],
    }
    found = {v["property"]: v for v in answer["verdicts"]}
    assert found["pinned_page_stays"]["old"] == "holds" and found["pinned_page_stays"]["differ"]
    assert found["pinned_page_stays"]["new"].startswith("violated at depth ")
    assert found["pinned_page_stays"]["trace"]["schedule"]
    assert not found["fork_isolation_cpu"]["differ"] and found["fork_isolation_cpu"]["trace"] is None
    assert answer["results"]["new"]["states"] > answer["results"]["old"]["states"] > 100
    rules_alone = json.loads(diff(capsys, "v5.8", "v5.10", "--format", "json")[1])
    assert (rules_alone["model"], rules_alone["verdicts"], rules_alone["results"]) == (None, [], None)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("v5.8 v5.8", "diff compares two different kernels, and both are v5.8"),
        ("v5.8 v5.99", "there is no 'v5.99' among them"),
        ("v5.8 v5.10+forks=plain", "no kernel rule is named 'forks' (did you mean fork?)"),
        ("v5.8 v5.10 --depth 3", "--depth is about a model: say which with --model"),
        ("v5.8 v5.10 -p pages=1", "-p is about a model: say which with --model"),
        ("v5.8 v5.10 --model rdma_frok", "there is no model 'rdma_frok'; did you mean rdma_fork?"),
        ("v5.8 v5.10 --model rdma_fork -p kernel=v5.8", "the parameter kernel is given twice"),
        ("v5.8 v5.10 --model none.py:model", "has no kernel: its rules are its own"),
        ("v5.8 v5.10 --model rdma_fork --property pinned", "there is no property 'pinned'"),
    ],
)
def test_wrong_diff(
    words: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.py").write_text("from explorer import Model\n\n\ndef model() -> Model:\n    return Model()\n")
    monkeypatch.chdir(tmp_path)
    assert main(["diff", *words.split()]) == 2
    assert message in capsys.readouterr().err


# ---------------------------------------------------------------- docs/kernels.md


def rules_table() -> str:
    lines: list[str] = []
    for area in Area:
        lines += [
            "",
            f"**{area.value}**",
            "",
            "| rule | values | meaning | part of | changed by |",
            "|---|---|---|---|---|",
        ]
        lines += [row(rule) for rule in RULES.values() if rule.area is area]
    return "\n".join(lines[1:])


def row(rule: Rule) -> str:
    others = [rule_text(v) for v in rule_values(rule.default) if v != rule.default]
    values = ", ".join(f"`{v}`" for v in [rule_text(rule.default), *others])
    commits = "; ".join(f"{c.rules[rule.name]}: {c.id} ({c.releases})" for c in changing(rule.name))
    meaning = f"{rule.sentence} (read by no model: {rule.unread})" if rule.unread else rule.sentence
    return f"| `{rule.name}` | {values} | {meaning} | `{rule.at}` | {commits} |"


def history_table() -> str:
    lines = ["| release | commit | subject | tag | changes | stable |", "|---|---|---|---|---|---|"]
    for c in COMMITS:
        changes = ", ".join(f"`{change}`" for change in c.changes.split())
        stable = ", ".join(f"{b.first} [{b.tag}]" for b in c.backports)
        lines.append(f"| {c.release.removesuffix('-rc1')} | {c.id} | {c.subject} | {c.tag} | {changes} | {stable} |")
    return "\n".join(lines)


def test_tables_of_the_document() -> None:
    path = ROOT / "docs" / "kernels.md"
    text = path.read_text()
    new = text
    for name, made in (("rules", rules_table()), ("history", history_table())):
        before, start, rest = new.partition(f"<!-- generated {name} -->\n")
        assert start, f"docs/kernels.md has no place for the {name}"
        new = f"{before}{start}\n{made}\n\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    if os.environ.get("UPDATE_DOCS"):
        path.write_text(new)
    else:
        assert new == text, "the tables of docs/kernels.md: UPDATE_DOCS=1 writes them anew"
