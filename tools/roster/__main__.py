"""The command's start. The garbage collector rests: a run builds many objects, drops few and ends soon."""

import gc

gc.disable()

from roster.cli.main import run  # noqa: E402 (nothing is imported before the collector rests)


def main() -> None:
    """Run the ``roster`` command and leave with its exit status."""
    status = run()
    gc.freeze()  # so that the interpreter's end does not walk every object
    raise SystemExit(status)


if __name__ == "__main__":
    main()
