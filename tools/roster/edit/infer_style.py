"""Style inference: how the last models of a roster are written, so that new text looks the same."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from roster.edit import quoting
from roster.edit.ranges import ModelSample, Ranges, line_break
from roster.edit.style import BlockStyle, FlowStyle, Style
from roster.yaml.line_index import LINE_BREAK, Range


def infer_style(sample: ModelSample) -> Style:
    """Return the style of a roster."""
    bullet, indent = _bullet(sample)
    quotes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    required: Counter[str] = Counter()
    for key, mark, value in _scalars(sample):
        if mark:
            required[mark] += 1
        if quoting.is_plain(value):
            quotes[key][mark] += 1
            quotes[""][mark] += 1
    return Style(
        line_break=line_break(sample.text),
        bullet=bullet,
        indent=indent,
        blank_lines=sample.blank_lines,
        separator=infer_flow_style(sample, sample.value(), sample.items).separator,
        flow=_model_flow_style(sample),
        lists=_list_styles(sample),
        quotes={key: _most_common(count, quoting.PLAIN) for key, count in quotes.items()},
        required_quotes=_most_common(required, quoting.DOUBLE),
        key_quotes=_most_common(Counter(_key_quotes(sample)), quoting.PLAIN),
        key_order=tuple(list(sample.models.values())[-1]) if sample.models else (),
    )


def infer_flow_style(ranges: Ranges, outer: Range, items: list[Range]) -> FlowStyle:
    """Return the spacing of a flow collection; the default where it contains comments."""
    default = FlowStyle()
    if not items:
        return default
    text = ranges.text
    opening, closing = text[outer[0] + 1 : items[0][0]], text[items[-1][1] : outer[1] - 1]
    separator = f",{opening}" if re.search(LINE_BREAK, opening) else default.separator
    if len(items) > 1:
        separator = text[items[-2][1] : items[-1][0]]
    return FlowStyle(
        default.opening if opening.strip() else opening,
        separator if separator.strip() == "," else default.separator,
        default.closing if closing.strip(" \t\r\n,") else closing,
    )


def _bullet(sample: ModelSample) -> tuple[str, str]:
    """Return the text before a model's first key, including the dash, and before its other keys."""
    dash = " " * sample.column(sample.value()[0])
    for index in reversed(sample.models):
        start, _ = sample.value(index)
        before = sample.text[start - sample.column(start) : start]
        if re.fullmatch("[ \t]*-[ \t]+", before):
            return before, " " * len(before)
        if not before.strip():  # the dash is on a line of its own
            return f"{dash}-{line_break(sample.text)}{before}", before
    return f"{dash}- ", f"{dash}  "


def _model_flow_style(sample: ModelSample) -> FlowStyle | None:
    """Return the spacing of the last model if it is in braces."""
    for index, model in reversed(sample.models.items()):
        if not sample.starts_with("{", index):
            break
        return infer_flow_style(sample, sample.value(index), [sample.pair(index, key) for key in model])
    return None


def _list_styles(sample: ModelSample) -> dict[str, FlowStyle | BlockStyle]:
    """Return the style of the last list at each key."""
    styles: dict[str, FlowStyle | BlockStyle] = {}
    for index, key, value in sample.values_of_type(list):
        outer = sample.value(index, key)
        items = [sample.value(index, key, position) for position in range(len(value))]
        if sample.starts_with("[", index, key):
            styles[key] = infer_flow_style(sample, outer, items)
        elif sample.starts_with("-", index, key):
            indent = sample.column(outer[0]) - sample.column(sample.key(index, key)[0])
            gap = sample.text[outer[0] + 1 : items[0][0]]
            styles[key] = BlockStyle(" " * indent, gap if gap and not gap.strip(" ") else " ")
    return styles


def _scalars(sample: ModelSample) -> Iterator[tuple[str, str, str]]:
    """Yield the key, the quotes and the value of each text at a key or in a list."""
    texts = [(key, sample.value(index, key), value) for index, key, value in sample.values_of_type(str)]
    for index, key, value in sample.values_of_type(list):
        texts += [(key, sample.value(index, key, position), item) for position, item in enumerate(value)]
    for key, (start, _), value in texts:
        if isinstance(value, str) and not sample.text.startswith(("|", ">", "*"), start):
            yield key, quoting.quotes_at(sample.text, start), value


def _key_quotes(sample: ModelSample) -> Iterator[str]:
    for index, model in sample.models.items():
        for key in model:
            yield quoting.quotes_at(sample.text, sample.key(index, key)[0])


def _most_common(counts: Counter[str], default: str) -> str:
    return counts.most_common(1)[0][0] if counts else default
