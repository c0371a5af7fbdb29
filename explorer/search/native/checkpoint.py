"""Levels in a folder, from which a search goes on after it was stopped; and what a stranger's folder must look like."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from functools import cached_property
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import UsageError
from explorer.search.native.codegen.emit import Event, emit
from explorer.search.native.loops import search_loops
from explorer.search.native.paths import Target
from explorer.search.native.storage.disk import Levels, Sealed, hashes_of, read_manifest
from explorer.search.native.storage.homes import InMemory
from explorer.search.native.storage.spill import SLACK, resident
from explorer.search.reference import ASSERTIONS, DEADLOCK
from explorer.system.form import Failure, System

if TYPE_CHECKING:
    from explorer.search.native.search import Search


class Checkpoint:
    """The folder of a search. `taken`: what was not searched here, but taken from somebody else's checkpoint, as a sentence."""

    def __init__(self, search: Search, folder: Folder) -> None:
        self.search, self.folder = search, folder
        words, resources = search.layout.words, search.resources
        if resources.resume:
            search.levels = Levels.open_earlier(folder, words)
        else:
            search.levels = Levels.begin(folder, words, resources.overwrite)
        self.levels = search.levels
        self.looked_at = (0, 0)  # the last level and hash of a stranger's checkpoint that was looked at
        self.taken = ""
        self.sealed = time.monotonic()

    def begin(self) -> None:
        """Take up what the folder holds; or make it a checkpoint's, from now on. Raises UsageError, DiskFull."""
        if self.search.resources.resume:
            self.restore()
        else:
            self.seal()

    def seal_if_due(self) -> None:
        """Seal, where the last time is long ago. Raises DiskFull."""
        if time.monotonic() - self.sealed >= self.search.resources.every:
            self.seal()

    def seal(self) -> None:
        """Keep the levels so far, and what was seen in them, for a search that goes on later. Raises DiskFull."""
        search = self.search
        search.write_levels()
        self.levels.seal(
            {
                "system": self.key,
                "about": dict(search.resources.about),
                "complete": search.complete,
                "transitions": search.transitions,
                "fired": search.fired.tolist(),
                "targets": {name: target.to_json() for name, target in search.targets.items()},
                "undefined": {name: target.to_json() for name, target in search.undefined.items()},
                "error": None if search.error is None else [search.error[0], search.error[1].to_json()],
                "seconds": search.clock.seconds,
                "taken": self.taken,
            }
        )
        self.sealed = time.monotonic()

    def restore(self) -> None:
        """Take up what the folder holds. Raises UsageError where it is not of this system, or damaged."""
        search = self.search
        sealed = read_manifest(self.folder)
        if sealed.system != self.key or sealed.words != search.layout.words:
            raise UsageError(
                f"{self.folder} is of another system: the model, its parameters, the properties or this tool have "
                "changed since"
            )
        if not self.fits(sealed):
            raise UsageError(f"{self.folder} is no checkpoint of this model: its manifest says what can't be")
        self.levels.restore(sealed, None if sealed.ours else self.look)
        if sealed.ours:
            self.taken = sealed.taken
        elif sealed.sizes:
            self.taken = (
                f"{self.folder} was not written by you on this machine: its levels 0 to {len(sealed.sizes) - 1}, "
                f"{sum(sealed.sizes):,} states, and what it says of them were taken from it and not searched here"
            )
        search.complete = sealed.complete and bool(sealed.sizes)
        search.transitions = sealed.transitions
        search.fired[:] = sealed.fired
        search.targets, search.undefined = dict(sealed.targets), dict(sealed.undefined)
        search.error = sealed.error
        search.clock.before = sealed.seconds
        needed = sum(self.levels.sizes) * (8 * search.layout.words + 11)
        memory = search.resources.memory
        if memory is not None and resident() + needed > memory - SLACK:
            search.use_disk()
        else:
            assert isinstance(search.home, InMemory)
            search.home.load(self.levels)

    def fits(self, sealed: Sealed) -> bool:
        """Whether what a manifest says can be so of this system."""
        actions, kinds = self.search.system.actions, {p.name: p.kind for p in self.search.system.properties}

        def claims(name: str, target: Target, kind: str) -> bool:
            if name not in kinds:
                if kind != "claim" or name == DEADLOCK:
                    return kind == "claim" and target.kind == "stuck"
                every = sealed.targets.get(ASSERTIONS)  # it has failed where one has
                if name in self.search.assertions and (
                    every is None or every.depth > target.depth or target.actions != self.search.assertions[name]
                ):
                    return False
                return name in (ASSERTIONS, *self.search.assertions) and fails(target, target.actions, True)
            where = "step" if kinds[name] == "always_step" else "state"
            known = target.event < len(self.search.meaning) and self.search.meaning[target.event] == Event(kind, name)
            return target.kind == where and known and not target.actions

        def fails(target: Target, which: Collection[int], asserts: bool) -> bool:
            return target.kind == "actions" and bool(which) and all(
                i < len(actions)
                and actions[i].outcome == "failure"
                and (failure_of(self.search.system, i).kind == "assert") == asserts
                for i in which
            )  # fmt: skip

        return (
            len(sealed.fired) == len(actions)
            and all(claims(name, target, "claim") for name, target in sealed.targets.items())
            and all(claims(name, target, "undefined") for name, target in sealed.undefined.items())
            and (sealed.error is None or fails(sealed.error[1], {sealed.error[0], *sealed.error[1].actions}, False))
        )

    def look(self, depth: int, rows: Any) -> str:
        """What is wrong with these states of a level that somebody else wrote, or "": the loops rely on it."""
        if depth == 0:
            first = {tuple(row) for row in self.initial().tolist()}
            if not {tuple(row) for row in rows.tolist()} <= first or self.levels.sizes[0] != len(first):
                return "are not the initial states"
        used = [0] * self.search.layout.words
        for cell, field in zip(self.search.system.cells, self.search.layout.fields, strict=True):
            used[field.word] |= field.mask
            codes = rows[:, field.word] >> np.uint64(field.shift) & np.uint64((1 << field.bits) - 1)
            if (codes > np.uint64(cell.domain.top - field.lo)).any():
                return f"{cell.name} has a value that it can't have"
        if any((rows[:, word] & np.uint64(~mask & (1 << 64) - 1)).any() for word, mask in enumerate(used)):
            return "there are bits that belong to no variable"
        hashes = hashes_of(self.search.words, rows)
        before, self.looked_at = self.looked_at, (depth, int(hashes[-1]))
        if before > (depth, int(hashes[0])):
            return "the states are not in their order"
        for i in np.flatnonzero(hashes[1:] <= hashes[:-1]).tolist():
            if hashes[i + 1] < hashes[i] or rows[i + 1].tolist() <= rows[i].tolist():
                return "the states are not in their order"
        return ""

    def initial(self) -> Any:
        """The initial states, or what stands for them, a row each, none twice."""
        rows = np.array([self.search.layout.pack(state) for state in self.search.semantics.initial], np.uint64)
        if self.search.canon:
            for row in rows:
                search_loops.canonical(self.search.canon, row.ctypes.data)
        return np.unique(rows, axis=0)

    @cached_property
    def key(self) -> str:
        """A digest of all that the search does: the compiled functions, and who acts."""
        functions = emit(
            self.search.system, self.search.layout, "expand", "check", "moves", symmetry=self.search.symmetry
        )
        actors = [a.actor for a in self.search.system.actions]
        tables = None if self.search.choice is None else self.search.choice.tables
        asserted = [(name, sorted(own)) for name, own in self.search.assertions.items()]
        return hashlib.sha256(
            repr((functions, self.search.layout, self.search.meaning, actors, tables, asserted)).encode()
        ).hexdigest()


def failure_of(system: System, action: int) -> Failure:
    failure = system.actions[action].failure
    assert failure is not None
    return failure
