"""The transition system: its form, its expressions, what they mean, and its state as text.

Everything else speaks of this form. It knows no model, no Linux, no search and no picture; it may import errors.
"""
