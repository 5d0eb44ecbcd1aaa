"""The floor: what any Python program on PyYAML has to spend on these files.

Start Python, import yaml, let libyaml parse each file and drop its events. Any other import would count too.
"""

import sys

from yaml._yaml import CParser

for path in sys.argv[1:]:
    with open(path, "rb") as roster:
        CParser(roster.read()).raw_parse()
