"""Styles of rosters, for property tests."""

from typing import Any, NamedTuple

from hypothesis import strategies as st


class RosterStyle(NamedTuple):
    """A random style of rosters; ``write`` applies it without reading any roster."""

    dash: str
    brackets: str
    indent: str
    mark: str
    blank_lines: int
    line_break: str
    start: str
    end: str

    def write(self, models: list[dict[str, Any]]) -> str:
        between = self.line_break * (1 + self.blank_lines)
        return self.start + between.join(map(self.model, models)) + self.end.replace("\n", self.line_break)

    def model(self, model: dict[str, Any]) -> str:
        margin = " " * len(self.dash)
        return self.dash + (self.line_break + margin).join(
            f"{key}: {self.scalar(value)}" if isinstance(value, str) else f"{key}:{self.list(value, margin)}"
            for key, value in model.items()
        )

    def list(self, items: list[str], margin: str) -> str:
        if self.brackets:
            opening, between, closing = self.brackets.split("|")
            return f" {opening}{between.join(map(self.scalar, items))}{closing}"
        return "".join(f"{self.line_break}{margin}{self.indent}- {self.scalar(item)}" for item in items)

    def scalar(self, text: str) -> str:
        return f"{self.mark}{text}{self.mark}"


ROSTER_STYLES = st.builds(
    RosterStyle,
    dash=st.sampled_from(["- ", "-   ", "  - "]),
    brackets=st.sampled_from(["", "[|, |]", "[|,|]", "[ |, | ]"]),
    indent=st.sampled_from(["", "  ", "    "]),
    mark=st.sampled_from(["", "'", '"']),
    blank_lines=st.integers(0, 2),
    line_break=st.sampled_from(["\n", "\r\n", "\r"]),
    start=st.sampled_from(["", "# the start\n\n", "---\n"]),
    end=st.sampled_from(["", "\n", "\n\n", "\n# the end\n", "\n\n# the end"]),
)
