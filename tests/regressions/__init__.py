"""Small models on which the lowering or the witness was once wrong, one file each.

Each file has a function `model` and says in its docstring what used to happen. A file with a constant REFUSED holds a model
outside the language: lowering must refuse it with that text.
"""
