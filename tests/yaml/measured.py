"""Runs a command and says what it cost: exit status, seconds of the processor, MiB at the peak.

A process of its own, because a child's peak is never below what its parent held when it started it.
"""

import os
import subprocess
import sys

process = subprocess.Popen(sys.argv[1:], stdout=open("out", "wb"), stderr=open("err", "wb"))  # noqa: SIM115
_, status, used = os.wait4(process.pid, 0)
sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}\n")
