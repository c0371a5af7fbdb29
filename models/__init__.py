"""One scenario a file; the model NAME is the function NAME in ``NAME.py``. ``linux/`` holds the reusable parts."""
