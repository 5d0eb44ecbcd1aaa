"""Benchmark of `roster check` and `roster diff`, compared with their targets.

    python tests/benchmarks/run.py [SIZE ...] [--runs N] [--work DIR] [--before CHECKOUT]

`roster check` is compared with check-jsonschema and with the floor; `roster diff` with `roster check`, on two commits
between which one model in a hundred changes its endpoint and the last one is removed.

This process imports only the standard library, and another one generates the repositories: on Linux, the peak memory
of a process includes the time before exec, so a large parent would raise the result of every child.
"""

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
CHECK, DIFF, BEFORE = "roster check", "roster diff", "roster check before"
PLAIN, CLIB, FLOOR = "check-jsonschema", "check-jsonschema with C", "floor"
CHANGED_EACH = 100
# Since version 0.19, ruamel.yaml does not install its C library. Both are pinned, and `parses_in_c` checks the result.
CHECK_JSONSCHEMA = ("check-jsonschema==0.39.0", "ruamel.yaml==0.19.1")
CHECK_JSONSCHEMA_WITH_C = (*CHECK_JSONSCHEMA, "ruamel.yaml.clib==0.2.15")
# Settings such as PYTHONDONTWRITEBYTECODE or PYTHONDEVMODE would distort the results.
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a repository, the number of rounds, and the targets of `roster check` and `roster diff`.

    A target is a multiple of another command's duration; `diff` is a multiple of that of `roster check`. Models with a
    misspelled family are findings.
    """

    environments: int
    models: int
    rounds: int
    targets: dict[str, float]
    megabytes: int | None = None
    diff: float | None = None
    misspelled: int = 0


SIZES = {
    "S": Size(3, 10, 15, {PLAIN: 0.35, CLIB: 0.35, FLOOR: 2.3}, diff=3),
    "L": Size(1, 20_000, 3, {PLAIN: 0.06, CLIB: 0.15, FLOOR: 8}, megabytes=120, diff=3),
    "L1": Size(1, 20_000, 5, {FLOOR: 10}, megabytes=120, misspelled=1),
    "L200": Size(1, 20_000, 5, {FLOOR: 11}, megabytes=120, misspelled=200),
    "W": Size(200, 50, 5, {PLAIN: 0.08, CLIB: 0.20, FLOOR: 8}),
}
SIZE_NAMES = ", ".join(SIZES)


@dataclass(frozen=True, slots=True)
class Run:
    """The resources of a process: wall-clock and CPU time in milliseconds, and peak resident memory in MB."""

    wall: float
    cpu: float
    megabytes: float


Runs = dict[str, list[Run]]


def prepare(*command: str | Path) -> str:
    """Run a command, and return its output; exit if it fails."""
    result = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"cannot prepare the benchmark: {' '.join(map(str, command))} exited with {result.returncode}")
    return result.stdout


def virtual_environment(folder: Path, requirements: str) -> Path:
    """Return the bin folder of a virtual environment; recreate it if the requirements or this Python changed."""
    marker = folder / "made-for.txt"
    expected = f"# Python {platform.python_version()}\n{requirements}"
    if not marker.exists() or marker.read_text(encoding="utf-8") != expected:
        print(f"installing {folder.name}", file=sys.stderr)
        prepare(sys.executable, "-m", "venv", "--clear", folder)
        unfinished = folder / "requirements.txt"
        unfinished.write_text(expected, encoding="utf-8")
        prepare(folder / "bin" / "pip", "install", "--quiet", "--compile", "--requirement", unfinished)
        unfinished.rename(marker)
    return folder / "bin"


def install_toolkit(folder: Path, project: Path = PROJECT) -> Path:
    """Install the locked packages once, and the project on each call, because its code may have changed."""
    locks = (project / "requirements" / name for name in ("core.lock", "build.lock"))
    programs = virtual_environment(folder, "".join(lock.read_text(encoding="utf-8") for lock in locks))
    options = ("--no-deps", "--no-build-isolation", "--force-reinstall")
    prepare(programs / "pip", "install", "--quiet", "--compile", *options, project)
    return programs


def install_check_jsonschema(folder: Path, requirements: tuple[str, ...], *, in_c: bool) -> Path:
    programs = virtual_environment(folder, "\n".join(requirements))
    if parses_in_c(programs) is not in_c:
        language = "C" if in_c else "Python"
        sys.exit(f"unfair comparison: {folder} does not parse YAML in {language}")
    return programs


def parses_in_c(programs: Path) -> bool:
    """Return whether ruamel.yaml uses its C library with the options that check-jsonschema sets."""
    script = "import ruamel.yaml as r; print(r.YAML(typ='safe', pure=False).Parser is not r.parser.Parser)"
    return prepare(programs / "python", "-c", script).strip() == "True"


def install(work: Path, before: Path | None) -> dict[str, list[str]]:
    """Install all commands; return them without the rosters, which are arguments of check-jsonschema and the floor."""
    work.mkdir(parents=True, exist_ok=True)
    (work / ".gitignore").write_text("*\n", encoding="utf-8")
    toolkit = install_toolkit(work / "ours")
    plain = install_check_jsonschema(work / "plain", CHECK_JSONSCHEMA, in_c=False)
    clib = install_check_jsonschema(work / "clib", CHECK_JSONSCHEMA_WITH_C, in_c=True)
    earlier = {BEFORE: [f"{install_toolkit(work / 'before', before)}/roster", "check"]} if before else {}
    against = ["--schemafile", "schemas/offered_models_metadata.schema.json"]
    return {
        CHECK: [f"{toolkit}/roster", "check"],
        **earlier,
        DIFF: [f"{toolkit}/roster", "diff", "HEAD~1", "HEAD"],
        PLAIN: [f"{plain}/check-jsonschema", *against],
        CLIB: [f"{clib}/check-jsonschema", *against],
        FLOOR: [f"{toolkit}/python", f"{HERE}/floor.py"],
    }


def generate(size: Size, folder: Path, python: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    counts = (str(size.environments), str(size.models), str(size.misspelled))
    prepare(python, HERE / "generate.py", PROJECT / "schemas", folder, *counts)


def change(folder: Path) -> None:
    """Commit the repository, then a change to each roster that introduces no findings."""
    git = ("git", "-C", folder, "-c", "user.name=A", "-c", "user.email=a@example.com")
    prepare(*git, "init", "--quiet")
    for number in range(2):
        for path in folder.glob("env/*/offered_models_metadata.yaml") if number else ():
            text, _, _ = path.read_text(encoding="utf-8").rpartition("\n- name:")
            first, *models = text.split("\n  endpoint: ")
            for index in range(0, len(models), CHANGED_EACH):
                models[index] = models[index].replace("\n", "/moved\n", 1)
            path.write_text("\n  endpoint: ".join([first, *models]), encoding="utf-8")
        prepare(*git, "add", "--all")
        prepare(*git, "commit", "--quiet", "--message", "another")


def run(command: list[str], folder: Path, status: int = 0) -> Run:
    """Run a command that should exit with ``status``."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=output, stderr=output)
        _, waited, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(waited)  # keeps Popen from waiting a second time
        if process.returncode != status:
            output.seek(0)
            print(output.read(2000).decode(errors="replace"), file=sys.stderr)
            sys.exit(f"{command[0]} exited with {process.returncode} in {folder}, not with {status}")
    return Run(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


def measure(commands: dict[str, list[str]], folder: Path, rounds: int, size: Size) -> Runs:
    """Run every command once per round; the first round is a warm-up and is discarded.

    The order is random in each round. Consecutive processes tend to alternate between two processors, so with a fixed
    order, other load on one of them would always slow down the same commands.
    """
    paths = folder.glob("env/*/offered_models_metadata.yaml")
    rosters = sorted(str(path.relative_to(folder)) for path in paths)
    runs: Runs = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name in random.Random(number).sample(list(commands), len(commands)):
            command = commands[name] if name in (CHECK, DIFF, BEFORE) else [*commands[name], *rosters]
            one = run(command, folder, status=1 if size.misspelled and name in (CHECK, BEFORE) else 0)
            if number > 0:
                runs[name].append(one)
    return runs


def print_medians(runs: Runs) -> None:
    print(f"  {'medians (peak MB: maximum)':<32}{'wall ms':>10}{'cpu ms':>10}{'peak MB':>10}")
    for name, several in runs.items():
        wall = statistics.median(one.wall for one in several)
        cpu = statistics.median(one.cpu for one in several)
        print(f"  {name:<32}{wall:>10.0f}{cpu:>10.0f}{peak(several):>10.0f}")


def peak(several: list[Run]) -> float:
    return max(one.megabytes for one in several)


def ratio(runs: list[Run], baseline: list[Run]) -> float:
    """Return the median of the rounds' ratios, so that other load on the machine affects both commands."""
    return statistics.median(a.wall / b.wall for a, b in zip(runs, baseline, strict=True))


def print_targets(size: Size, runs: Runs) -> bool:
    """Print each target; return whether all are met."""
    rows = [(f"check: times {name}", ratio(runs[CHECK], runs[name]), most) for name, most in size.targets.items()]
    if BEFORE in runs:
        print(f"  {'check: times before':<32}{ratio(runs[CHECK], runs[BEFORE]):>10.3g}")
    if size.megabytes is not None:
        rows.append(("check: peak MB", peak(runs[CHECK]), size.megabytes))
    if size.diff is not None:
        rows.append((f"diff: times {CHECK}", ratio(runs[DIFF], runs[CHECK]), size.diff))
    print(f"  {'roster':<32}{'measured':>10}{'at most':>10}")
    for label, measured, most in rows:
        print(f"  {label:<32}{measured:>10.3g}{most:>10.3g}{'met' if measured <= most else 'MISSED':>10}")
    return all(measured <= most for _, measured, most in rows)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Benchmark roster check and roster diff.")
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=f"{SIZE_NAMES} (default: all)")
    parser.add_argument("--runs", type=int, help="rounds (default: 15 for S, 3 for L, 5 for others)")
    parser.add_argument("--work", type=Path, default=PROJECT / ".bench", help="working folder (default: .bench)")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit to compare with")
    options = parser.parse_args()
    if unknown := set(options.sizes) - set(SIZES):
        parser.error(f"unknown size {', '.join(sorted(unknown))}: choose from {SIZE_NAMES}")
    if options.runs is not None and options.runs < 1:
        parser.error("--runs must be at least 1")
    return options


def main() -> None:
    options = read_options()
    work = options.work.resolve()
    commands = install(work, options.before)
    met = []
    for name in options.sizes or SIZES:
        size = SIZES[name]
        rounds = options.runs or size.rounds
        generate(size, work / name, commands[FLOOR][0])
        compared = {CHECK, BEFORE, *size.targets, *([DIFF] if size.diff is not None else ())}
        if DIFF in compared:
            change(work / name)
        print(f"{name}: {size.environments} x {size.models} models, {rounds} rounds", flush=True)
        measured = {command: line for command, line in commands.items() if command in compared}
        runs = measure(measured, work / name, rounds, size)
        print_medians(runs)
        met.append(print_targets(size, runs))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
