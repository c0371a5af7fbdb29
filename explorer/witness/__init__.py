"""The coroutines under CPython: they replay every counterexample. It shares no code with the lowering or a search.

It knows the language alone.
"""
