"""Linux memory management as parts: anonymous memory, fork, GUP, devices, locks, and the kernels whose rules hold."""
