"""Entry point of the ``roster`` command.

The garbage collector is off: a run builds many objects, drops few and ends soon.
"""

import gc

gc.disable()

from roster.cli.main import run  # noqa: E402 (imported after the collector is off)


def main() -> None:
    """Run the ``roster`` command and exit with its status."""
    status = run()
    gc.freeze()  # so that the interpreter does not visit every object at exit
    raise SystemExit(status)


if __name__ == "__main__":
    main()
