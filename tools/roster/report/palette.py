"""The colors of terminal output, by meaning.

They are numbers of the 256 colors that no theme changes, because themes show the eight basic ones as they like, and
yellow is hard to read on white. Each has a contrast of at least 3 to 1 on light and on dark backgrounds. No text
depends on its color alone.
"""

BAD = 160
"""Errors, breaking changes, removed lines, and what is missing."""
WARNING = 136
"""Warnings, risky changes, and what needs attention."""
GOOD = 28
"""Safe changes, added lines, and what is as it must be."""
NOTE = 31
"""Hints and positions."""
