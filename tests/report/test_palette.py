"""The colors of terminal output: contrast, and commands that use them."""

from pathlib import Path

from roster.report import palette
from roster.roster import roster_path
from tests.conftest import Run, edit

COLORS = {name: value for name, value in vars(palette).items() if isinstance(value, int)}
BACKGROUNDS = {"white": (255, 255, 255), "solarized light": (253, 246, 227), "black": (0, 0, 0), "dark": (30, 30, 30)}
STEPS = (0, 95, 135, 175, 215, 255)
"""The values of red, green and blue in the color cube of 256-color terminals."""
MIN_CONTRAST = 3


def rgb(color: int) -> tuple[int, int, int]:
    """Return the color of an index from 16 to 231: https://en.wikipedia.org/wiki/ANSI_escape_code#8-bit."""
    red, rest = divmod(color - 16, 36)
    return STEPS[red], STEPS[rest // 6], STEPS[rest % 6]


def luminance(color: tuple[int, int, int]) -> float:
    """Return the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    red, green, blue = (
        value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colors_are_legible_on_light_and_dark_backgrounds():
    for name, color in COLORS.items():
        for background, value in BACKGROUNDS.items():
            darker, lighter = sorted((luminance(rgb(color)), luminance(value)))
            assert (lighter + 0.05) / (darker + 0.05) >= MIN_CONTRAST, (name, background)


def painted(text: str, color: int) -> str:
    return f"\x1b[38;5;{color}m{text}\x1b[0m"


def test_commands_distinguish_by_color(roster: Run, checkout: Path):
    edit(checkout / roster_path("production"), "Small open-weight coding model", "Small model")
    keys = {"AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY": "x"}
    shown = {
        command: roster(*command.split(), FORCE_COLOR="1", **keys).stdout
        for command in ("drift", "rules", "gateway preflight production")
    }
    assert painted("differs: description", palette.WARNING) in shown["drift"], shown["drift"]
    assert painted("warning", palette.WARNING) in shown["rules"]
    assert painted("error  ", palette.BAD) in shown["rules"]
    assert painted("set    ", palette.GOOD) in shown["gateway preflight production"]
    assert painted("not set", palette.BAD) in shown["gateway preflight production"]
    assert "\x1b" not in roster("drift").stdout + roster("rules").stdout
