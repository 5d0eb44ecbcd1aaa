"""Rosters that several rules use as examples."""

CLAUDE = "- name: Claude\n  features: [duo_chat]\n"
GEMINI = "- name: Gemini\n  features: [duo_chat]\n"
DEFAULT_CLAUDE = f"{CLAUDE}  default_for: [duo_chat]\n"
DEFAULT_GEMINI = f"{GEMINI}  default_for: [duo_chat]\n"
PAST = ("2025-01-01", "2025-12-31")
FUTURE = ("2030-01-01", "2031-01-01")
"""The notice and the last day of a retirement."""


def retirement_yaml(notice: str, last_day: str, replacement: str) -> str:
    """Return a retirement for the model above it."""
    return f"  retirement:\n    notice: {notice}\n    last_day: {last_day}\n    replacement: {replacement}\n"


def retiring(notice: str, last_day: str, replacement: str = "gemini") -> str:
    """Return a roster in which Claude retires and Gemini is the default."""
    return CLAUDE + retirement_yaml(notice, last_day, replacement) + DEFAULT_GEMINI


def retiring_default(notice: str, last_day: str) -> str:
    """Return a roster in which Claude retires but is the default."""
    return DEFAULT_CLAUDE + retirement_yaml(notice, last_day, "gemini") + GEMINI
