"""One property a file; the property NAME is the function NAME in ``NAME.py``."""
