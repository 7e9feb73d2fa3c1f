"""Inputs that nobody would write, given to all that reads: only errors with a name may come out."""
