"""Broken input by the hundred thousand: `python -m lab.fuzz`. See run.py."""
