"""Run a command, and print its exit status, CPU seconds and peak memory in MiB.

It runs in a process of its own, because a child's peak is never below its parent's memory at the start.
"""

import os
import subprocess
import sys

process = subprocess.Popen(sys.argv[1:], stdout=open("out", "wb"), stderr=open("err", "wb"))  # noqa: SIM115
_, status, used = os.wait4(process.pid, 0)
sys.stdout.write(f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}\n")
