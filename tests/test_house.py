"""The house stands on its floors: a module imports only from floors below its own, or from its own room."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tools" / "roster"
FLOORS = (
    {"source", "diagnostic", "naming"},
    {"roster", "registry", "repository", "git", "history", "publication", "commit", "result", "signature", "release"},
    {"rules", "schema"},
    {"check", "render", "report"},
    {"consume", "change", "docs"},
    {"gateway", "instance", "demo"},
    {"cli"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS, start=1) for room in rooms} | {"__main__": len(FLOORS) + 1}
WITHIN_A_FLOOR = {
    ("naming", "diagnostic"),
    ("source", "diagnostic"),
    ("source", "naming"),
    *((room, "git") for room in ("history", "publication", "commit")),
    *(("commit", room) for room in ("repository", "history")),
    *(("result", room) for room in ("roster", "registry", "repository")),
    ("docs", "change"),
}
"""The ground floor's own order: what a finding is comes first, YAML last; then what each of the others tells of."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(module: str) -> str:
    """Return the room of a dotted module name below ``roster``."""
    return module.split(".")[1] if "." in module else "roster"


def imports(path: Path) -> set[str]:
    """Return the rooms that a module imports from, those of late imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "roster" else {node.module}
            )
    return {room_of(name) for name in found if name.startswith("roster.") and name != "roster.__version__"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_floors_below(path: Path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        assert imports(path) == set()
        return
    too_high = {
        other for other in imports(path) - {room} if FLOOR[other] >= FLOOR[room] and (room, other) not in WITHIN_A_FLOOR
    }
    assert not too_high, f"{room} is on floor {FLOOR[room]} and imports from {too_high}"


def test_every_room_has_a_floor():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()} - {"__init__"}
    assert rooms <= FLOOR.keys()


def test_only_the_command_line_prints_or_exits():
    for path in modules():
        names = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert names.isdisjoint({"print", "exit", "input"}), path


def test_rules_and_reports_never_meet():
    assert all("rules" not in imports(path) for path in (PACKAGE / "report").glob("*.py"))


@pytest.mark.parametrize("room", ["rules", "render", "change"])
def test_what_is_pure_touches_no_file_clock_environment_or_network(room: str):
    impure = {
        "open",
        "os",
        "socket",
        "subprocess",
        "Path",
        "time",
        "now",
        "environ",
        "getenv",
        "read_text",
        "write_text",
    }
    for path in (PACKAGE / room).glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert impure.isdisjoint(used | {node.id for node in nodes if isinstance(node, ast.Name)}), path
