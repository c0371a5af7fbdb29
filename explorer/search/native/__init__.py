"""The compiled search: the step function as LLVM IR, the loop around it in numba. Same answers as `search.reference`."""
