"""Changes to rosters: text in, text out."""
