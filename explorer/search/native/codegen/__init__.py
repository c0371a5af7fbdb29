"""From a system to machine code: where cells lie in words, the step function as LLVM IR, and its compilation."""
