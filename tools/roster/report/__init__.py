"""How a check's result is written: one module for each format."""
