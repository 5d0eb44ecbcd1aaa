"""How much a file may ask of whoever reads it. A roster of 20,000 models stays below each of these."""

BYTES = 8 * 1024 * 1024
"""The size of a file."""
BYTES_SHOWN = 10_000
"""How much is kept of a larger one, for a report to show."""
LINES = 500_000
"""The lines of a file."""
NODES = 500_000
"""Keys, values, lists and mappings in a file, each time an alias repeats them counted."""
NODES_WITH_PROBLEMS = 100_000
"""The same in a file whose YAML has problems or anchors: the careful way takes twice as long as the quick one."""
DEPTH = 20
"""How deep lists and mappings may nest; a roster needs 4."""
ALIASED_NODES = 1_000
"""How many nodes aliases may repeat in all."""
FINDINGS = 1_000
"""How many problems of its YAML are told of one file."""
