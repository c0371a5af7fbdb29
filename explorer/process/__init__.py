"""What a run has to do with the world: signals and time, other processes, text for other languages, files from others.

It may import errors, and nothing else of the tool.
"""
