"""Measure `roster check` against check-jsonschema and against the floor, and hold it to the targets.

    python tests/benchmarks/run.py [S L W] [--runs N] [--work DIR] [--before CHECKOUT]

And `roster diff` of two commits against `roster check`: one model in a hundred has another endpoint, the last one is
gone.

This process imports the standard library only and leaves generating to another one: Linux counts the peak
memory of a process from before it starts its program, so a large parent would show up in every child.
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
OURS, DIFF, BEFORE = "roster check", "roster diff", "roster check before"
PLAIN, CLIB, FLOOR = "check-jsonschema", "check-jsonschema with C", "floor"
CHANGED_EACH = 100
# ruamel.yaml stopped installing its C library at 0.19, so both versions are pinned and `parses_in_c` looks.
CHECK_JSONSCHEMA = ("check-jsonschema==0.39.0", "ruamel.yaml==0.19.1")
CHECK_JSONSCHEMA_WITH_C = (*CHECK_JSONSCHEMA, "ruamel.yaml.clib==0.2.15")
# Settings such as PYTHONDONTWRITEBYTECODE or PYTHONDEVMODE would change what is measured.
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


@dataclass(frozen=True, slots=True)
class Size:
    """A repository, the rounds to measure on it, and what `roster check` and `roster diff` may take there.

    Each target is a multiple of another command's time; `diff` is one of `roster check`.
    """

    environments: int
    models: int
    rounds: int
    targets: dict[str, float]
    megabytes: int | None = None
    diff: float | None = None


SIZES = {
    "S": Size(3, 10, 15, {PLAIN: 0.35, CLIB: 0.35, FLOOR: 2.7}, diff=3),
    "L": Size(1, 20_000, 3, {PLAIN: 0.06, CLIB: 0.15, FLOOR: 10}, megabytes=120, diff=3),
    "W": Size(200, 50, 5, {PLAIN: 0.08, CLIB: 0.20, FLOOR: 8}),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process: milliseconds on the clock, milliseconds of processor time, peak resident MB."""

    wall: float
    cpu: float
    megabytes: float


Runs = dict[str, list[Run]]


def prepare(*command: str | Path) -> str:
    """What a preparing command prints; one that fails ends the benchmark."""
    done = subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"cannot prepare the benchmark: {' '.join(map(str, command))} exited with {done.returncode}")
    return done.stdout


def virtual_environment(folder: Path, requirements: str) -> Path:
    """The programs of a virtual environment, made anew when the requirements or this Python have changed."""
    made_for = folder / "made-for.txt"
    wanted = f"# Python {platform.python_version()}\n{requirements}"
    if not made_for.exists() or made_for.read_text(encoding="utf-8") != wanted:
        print(f"installing {folder.name}", file=sys.stderr)
        prepare(sys.executable, "-m", "venv", "--clear", folder)
        unfinished = folder / "requirements.txt"
        unfinished.write_text(wanted, encoding="utf-8")
        prepare(folder / "bin" / "pip", "install", "--quiet", "--compile", "--requirement", unfinished)
        unfinished.rename(made_for)
    return folder / "bin"


def install_ours(folder: Path, project: Path = PROJECT) -> Path:
    """The locked packages once; the project itself each time, as its code may have changed."""
    locks = (project / "requirements" / name for name in ("core.lock", "build.lock"))
    programs = virtual_environment(folder, "".join(lock.read_text(encoding="utf-8") for lock in locks))
    alone = ("--no-deps", "--no-build-isolation", "--force-reinstall")
    prepare(programs / "pip", "install", "--quiet", "--compile", *alone, project)
    return programs


def install_theirs(folder: Path, requirements: tuple[str, ...], *, in_c: bool) -> Path:
    programs = virtual_environment(folder, "\n".join(requirements))
    if parses_in_c(programs) is not in_c:
        language = "C" if in_c else "Python"
        sys.exit(f"an unfair comparison: {folder} should parse YAML in {language}, and does not")
    return programs


def parses_in_c(programs: Path) -> bool:
    """Whether ruamel.yaml, told what check-jsonschema tells it, finds its C library."""
    question = "import ruamel.yaml as r; print(r.YAML(typ='safe', pure=False).Parser is not r.parser.Parser)"
    return prepare(programs / "python", "-c", question).strip() == "True"


def install(work: Path, before: Path | None) -> dict[str, list[str]]:
    """The beginning of each command; check-jsonschema and the floor are told the rosters, too."""
    work.mkdir(parents=True, exist_ok=True)
    (work / ".gitignore").write_text("*\n", encoding="utf-8")
    ours = install_ours(work / "ours")
    plain = install_theirs(work / "plain", CHECK_JSONSCHEMA, in_c=False)
    clib = install_theirs(work / "clib", CHECK_JSONSCHEMA_WITH_C, in_c=True)
    earlier = {BEFORE: [f"{install_ours(work / 'before', before)}/roster", "check"]} if before else {}
    against = ["--schemafile", "schemas/offered_models_metadata.schema.json"]
    return {
        OURS: [f"{ours}/roster", "check"],
        **earlier,
        DIFF: [f"{ours}/roster", "diff", "HEAD~1", "HEAD"],
        PLAIN: [f"{plain}/check-jsonschema", *against],
        CLIB: [f"{clib}/check-jsonschema", *against],
        FLOOR: [f"{ours}/python", f"{HERE}/floor.py"],
    }


def generate(size: Size, folder: Path, python: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    counts = (str(size.environments), str(size.models))
    prepare(python, HERE / "generate.py", PROJECT / "schemas", folder, *counts)


def change(folder: Path) -> None:
    """Commit the repository, then a change to each of its rosters, which stays clean."""
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


def run(command: list[str], folder: Path) -> Run:
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)  # keeps Popen from waiting a second time
        if process.returncode != 0:
            said.seek(0)
            print(said.read(2000).decode(errors="replace"), file=sys.stderr)
            sys.exit(f"{folder} has no errors, but {command[0]} exited with {process.returncode}")
    return Run(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


def measure(commands: dict[str, list[str]], folder: Path, rounds: int) -> Runs:
    """Every command once a round; the first round warms up and does not count.

    The order changes from round to round. Processes that follow one another tend to alternate between two
    processors, so in a fixed order a processor that is busy elsewhere would slow the same commands each time.
    """
    found = folder.glob("env/*/offered_models_metadata.yaml")
    rosters = sorted(str(path.relative_to(folder)) for path in found)
    runs: Runs = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name in random.Random(number).sample(list(commands), len(commands)):
            command = commands[name] if name in (OURS, DIFF, BEFORE) else [*commands[name], *rosters]
            one = run(command, folder)
            if number > 0:
                runs[name].append(one)
    return runs


def print_medians(runs: Runs) -> None:
    print(f"  {'median of each (MB: highest)':<32}{'wall ms':>10}{'cpu ms':>10}{'peak MB':>10}")
    for name, several in runs.items():
        wall = statistics.median(one.wall for one in several)
        cpu = statistics.median(one.cpu for one in several)
        print(f"  {name:<32}{wall:>10.0f}{cpu:>10.0f}{peak(several):>10.0f}")


def peak(several: list[Run]) -> float:
    return max(one.megabytes for one in several)


def ratio(ours: list[Run], theirs: list[Run]) -> float:
    """The median of the rounds' ratios, so that a slow moment of the machine weighs on both."""
    return statistics.median(a.wall / b.wall for a, b in zip(ours, theirs, strict=True))


def hold_to_targets(size: Size, runs: Runs) -> bool:
    """Print each target; whether all are met."""
    rows = [(f"check: times {name}", ratio(runs[OURS], runs[name]), most) for name, most in size.targets.items()]
    if BEFORE in runs:
        print(f"  {'check: times before':<32}{ratio(runs[OURS], runs[BEFORE]):>10.3g}")
    if size.megabytes is not None:
        rows.append(("check: peak MB", peak(runs[OURS]), size.megabytes))
    if size.diff is not None:
        rows.append((f"diff: times {OURS}", ratio(runs[DIFF], runs[OURS]), size.diff))
    print(f"  {'roster takes':<32}{'measured':>10}{'at most':>10}")
    for label, measured, most in rows:
        print(f"  {label:<32}{measured:>10.3g}{most:>10.3g}{'met' if measured <= most else 'MISSED':>10}")
    return all(measured <= most for _, measured, most in rows)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hold the speed of roster check to its targets.")
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help="S, L or W; without any, all three")
    parser.add_argument("--runs", type=int, help="rounds, instead of 15 for S, 3 for L and 5 for W")
    parser.add_argument("--work", type=Path, default=PROJECT / ".bench", help="folder to work in, .bench by default")
    parser.add_argument("--before", type=Path, help="a checkout of an earlier commit to compare with")
    options = parser.parse_args()
    if unknown := set(options.sizes) - set(SIZES):
        parser.error(f"unknown size {', '.join(sorted(unknown))}: choose from S, L and W")
    if options.runs is not None and options.runs < 1:
        parser.error("--runs needs at least 1")
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
        measured = {command: line for command, line in commands.items() if command != DIFF or size.diff is not None}
        if DIFF in measured:
            change(work / name)
        print(f"{name}: {size.environments} x {size.models} models, {rounds} rounds", flush=True)
        runs = measure(measured, work / name, rounds)
        print_medians(runs)
        met.append(hold_to_targets(size, runs))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
