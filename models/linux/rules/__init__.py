"""The rules of kernels, by area: in one file what a rule says, what it can be, and which commits changed it."""
