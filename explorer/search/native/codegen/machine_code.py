"""LLVM IR to machine code, kept on disk by its content so that a second run compiles nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from explorer.cache import kept
from explorer.process.stop import patiently

LARGE = 1 << 20  # characters of IR above which the optimizer takes longer than it saves


@dataclass(frozen=True)
class MachineCode:
    """Compiled functions: name -> address. They live as long as this does."""

    addresses: dict[str, int]
    engine: Any


def machine_code(text: str, names: tuple[str, ...]) -> MachineCode:
    """The functions `names` of the IR. LLVM does not return before it is done, and calls back: it is waited for patiently."""
    return patiently(lambda: machine_code_here(text, names))


def machine_code_here(text: str, names: tuple[str, ...]) -> MachineCode:
    """The functions `names` of the IR, compiled in this thread."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    key = hashlib.sha256("\0".join([text, llvmlite.__version__, cpu, features]).encode()).hexdigest()
    target = llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=1)
    module = llvm.parse_assembly(text)
    found = kept.recall("machine-code", key)
    if found is None:
        module.verify()
        optimize(module, target, len(text) > LARGE)
    engine = llvm.create_mcjit_compiler(module, target)
    engine.set_object_cache(lambda _, code: kept.keep("machine-code", key, code), lambda _: found)
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
