"""Rosters that several rules use as examples."""

CLAUDE = "- name: Claude\n  features: [duo_chat]\n"
GEMINI = "- name: Gemini\n  features: [duo_chat]\n"
DEFAULT_CLAUDE = f"{CLAUDE}  default_for: [duo_chat]\n"
DEFAULT_GEMINI = f"{GEMINI}  default_for: [duo_chat]\n"
ANNOUNCED = "  retirement:\n    notice: 2030-01-01\n    last_day: 2031-01-01\n    replacement: gemini\n"
SOON = "  retirement:\n    notice: 2026-01-01\n    last_day: 2026-07-01\n    replacement: gemini\n"
COMPLETED = "  retirement:\n    notice: 2025-01-01\n    last_day: 2025-12-31\n    replacement: gemini\n"
"""A retirement of the model above it."""
SUSPENDED = "  suspended: {since: 2026-06-01, reason: provider incident}\n"
"""A suspension of the model above it."""
RETIRING = CLAUDE + ANNOUNCED + DEFAULT_GEMINI
RETIRED = CLAUDE + COMPLETED + DEFAULT_GEMINI
