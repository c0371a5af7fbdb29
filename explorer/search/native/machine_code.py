"""LLVM IR to machine code, kept on disk by its content so that a second run compiles nothing."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from explorer.kept import cache_folder

LARGE = 1 << 20  # characters of IR above which the optimizer takes longer than it saves


@dataclass(frozen=True)
class MachineCode:
    """Compiled functions: name -> address. They live as long as this does."""

    addresses: dict[str, int]
    engine: Any


def compiled(text: str, names: tuple[str, ...]) -> MachineCode:
    """The functions `names` of the IR."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    key = hashlib.sha256("\0".join([text, llvmlite.__version__, cpu, features]).encode()).hexdigest()
    kept = cache_folder() / "functions" / key
    target = llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=1)
    module = llvm.parse_assembly(text)
    found = read(kept)
    if found is None:
        module.verify()
        optimize(module, target, len(text) > LARGE)
    engine = llvm.create_mcjit_compiler(module, target)
    engine.set_object_cache(lambda _, code: write(kept, code), lambda _: found)
    engine.finalize_object()
    return MachineCode({name: engine.get_function_address(name) for name in names}, engine)


def optimize(module: Any, target: Any, large: bool) -> None:
    """Run the passes that pay: all of -O1, or for large functions registers instead of memory and little else."""
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=1))
    if not large:
        builder.getModulePassManager().run(module, builder)
        return
    passes = llvm.create_new_function_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    for function in module.functions:
        if not function.is_declaration:
            passes.run(function, builder)


def read(path: Path) -> bytes | None:
    """The object code kept there, if it is whole: its digest stands before it."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    digest, code = whole[:32], whole[32:]
    return code if hashlib.sha256(code).digest() == digest else None


def write(path: Path, code: bytes) -> None:
    """Keep the object code. A cache that can't be written is no fault: the next run compiles again."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(hashlib.sha256(code).digest() + code)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
