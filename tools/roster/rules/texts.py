"""Rules on the content of texts: values themselves instead of placeholders, and plain text where people read it."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import islice, pairwise
from typing import Any

from roster.findings import Finding, Place, Pointer, Replace
from roster.naming import quote
from roster.rules.base.placeholders import PLACEHOLDER, PROSE_KEYS
from roster.rules.base.rule import Context, document_rule
from roster.schema.model_keys import expected_value, model_keys
from roster.secret_redaction import find_secrets
from roster.yaml.document import Document
from roster.yaml.parser import MAX_FINDINGS

CONTENT_RULES = ("placeholder-value", "not-plain-text")
"""The names of the rules on what a text says."""
_MAX_LENGTH = 2_000
"""Of values that are examined; longer ones are reported as too long."""
_WORDS = (
    r"[<>{}`\\%*~…]"
    r"|todo|to do|fix.?me|tb[acd]|change.?(?:me|it|this)|replace[-_ ](?:me|this)|replaceme[^n]|xxx|placeholder|dummy"
    r"|your|lorem|[ -]here|environ|getenv|process\.env|env[:.\[]|enc\[|vault:|op:|ssm:|sm:|secrets?[:/]"
    r"|secretsmanager|akv:|\x24[a-z_({]|drop (?:table|data|schema)|truncate |alter |union |select |insert into"
    r"|delete from|' ?or |; *--|; ?(?:rm|curl|wget|bash|sh|cat|nc) |javascript:|data:text|/etc/passwd|file:"
    r"|object object|\.\./|\]\(|\(\(|__|www\.|name: .?http|provider: .?http|[^:] https?://|ftp://|s3://"
    r"|gs://|&[a-z0-9#]+;|pass(?:word|wd|phrase)|secret ?=|token ?=|token:|api key|apikey|api_key="
    r"|: =|: @|: \?|: \.|: -"
    r"|(?:n/a|none|null|nil|nan|undefined|string|text|foo|foobar)[\x22'\n,]"
    r"|: [\x22']?(?:name|display|description|provider|endpoint|identifier|family|features)"
)
_USER_AND_PASSWORD = r"[^\s/]:[^\s/@]+@"
_AFTER_QUOTES = "'\"-+#>=@.?"
"""What a text in lower case contains if there is a finding; most rosters contain none."""

_Text = tuple[Place, str, str, bool]
"""A text that needs a closer look: its place, key and value, and whether it has one of these marks."""
_examined: list[tuple[object, list[_Text]]] = []
"""The value of the last file, and its texts that need a closer look, which two rules examine."""


@document_rule(
    summary="Placeholder or reference instead of a value.",
    reason="Nothing replaces it: the text itself would be used, for example as the host that receives all prompts.",
    remedy="Write the value itself. Only api-key is a reference: the name of an environment variable, without $.",
    bad="- name: Claude\n  endpoint: os.environ/CLAUDE_API_BASE\n",
    good="- name: Claude\n  endpoint: https://example-models.com/v1\n",
)
def placeholder_value(document: Document, _: Context) -> Iterator[Finding]:
    yield from islice(_placeholders(document), MAX_FINDINGS + 1)


def _placeholders(document: Document) -> Iterator[Finding]:
    for place, key, value, has_mark in _suspicious_values(document):
        from roster.rules.base.placeholders import placeholder_kind  # few rosters have suspicious values

        kind = placeholder_kind(key, value) if has_mark else ""
        # api-key-not-a-reference reports it, and does not show the value; secret-in-roster reports secrets
        if kind and key != "api-key" and not find_secrets(value):
            verb = "is" if kind == PLACEHOLDER and "/" not in value else "contains"
            shown = "this value" if "@" in value else quote(value)  # it may be too short to recognize a password in
            message = f"{shown} {verb} {kind}, which nothing replaces"
            yield Finding(place, message, f"write {expected_value(place.pointer[1:])}")


@document_rule(
    summary="Text that is not plain text.",
    reason="Admins and users see the text as it is: markup, code and quotes have no effect.",
    remedy="Write plain text, without quotes around it.",
    bad="- name: <b>Claude</b>\n",
    good="- name: Claude\n",
)
def not_plain_text(document: Document, _: Context) -> Iterator[Finding]:
    yield from islice(_not_plain(document), MAX_FINDINGS + 1)


def _not_plain(document: Document) -> Iterator[Finding]:
    for place, key, value, has_mark in _suspicious_values(document):
        from roster.rules.base.placeholders import placeholder_kind
        from roster.rules.base.plain_text import misread, not_plain, surrounding_quotes

        problem = surrounding_quotes(value)
        if not problem and key in PROSE_KEYS:
            problem = not_plain(key, value) if has_mark else misread(key, value)
        if problem and not placeholder_kind(key, value) and not find_secrets(value):
            fix = (Replace(place, problem.correction),) if problem.correction else ()
            yield Finding(place, problem.message, problem.hint, "", fix)


def title_problem(title: str) -> tuple[str, str] | None:
    """Return the message and the hint for a title in a registry that is not plain text; None for plain text."""
    if not is_suspicious(f"title: {title}\n"):
        return None
    from roster.rules.base.placeholders import placeholder_kind
    from roster.rules.base.plain_text import not_plain, surrounding_quotes

    if kind := placeholder_kind("name", title):
        return f'"title" contains {kind}, which nothing replaces', "write the title itself"
    problem = surrounding_quotes(title) or not_plain("title", title)
    return (problem.message, problem.hint) if problem else None


def _suspicious_values(document: Document) -> list[_Text]:
    if not _examined or _examined[0][0] is not document.value:
        _examined[:] = [(document.value, list(_find_suspicious_values(document)))]
    return _examined[0][1]


def _find_suspicious_values(document: Document) -> Iterator[_Text]:
    known = {*model_keys()} - {"gateway"}  # that is for the gateway's clients: prompts with marks, for example
    for index in _suspicious_models(document):
        model = document.value[index]
        for key, value in model.items() if isinstance(model, dict) else ():
            for pointer, inner, text in _strings((index, key), key, value) if key in known else ():
                if len(text) <= _MAX_LENGTH:
                    has_mark = _has_mark(f'{inner}: "{text}"\n')
                    if has_mark or not text.isascii():
                        yield Place(document.path, pointer), inner, text, has_mark


def _suspicious_models(document: Document) -> Iterable[int]:
    text, models = document.text, document.value
    if not isinstance(models, list) or not _is_file_suspicious(text):
        return ()
    from roster.yaml.node_ranges import item_starts  # few rosters are suspicious

    starts = item_starts(text, models)
    if not starts:
        return range(len(models))
    return (index for index, (start, end) in enumerate(pairwise(starts)) if is_suspicious(text[start:end]))


@lru_cache(maxsize=1)  # for the second rule
def _is_file_suspicious(text: str) -> bool:
    has_schema_line = text.startswith("# yaml-language-server")  # its path would be suspicious
    return is_suspicious(text[text.find("\n") :] if has_schema_line else text)


def is_suspicious(text: str) -> bool:
    """Return whether a text may contain something that these rules report."""
    return not text.isascii() or _has_mark(text)


def _has_mark(text: str) -> bool:
    """Return whether a text contains a character or a word that placeholders, references or code contain."""
    if not _unmarked()(text.lower()):
        return True
    return "@" in text and not _search(_USER_AND_PASSWORD).is_valid(text)


def _strings(pointer: Pointer, key: str, value: object) -> Iterator[tuple[Pointer, str, str]]:
    if isinstance(value, str):
        yield pointer, key, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings((*pointer, index), key, item)
    elif isinstance(value, dict):
        for inner, item in value.items():
            yield from _strings((*pointer, inner), inner, item)


@cache
def _unmarked() -> Callable[[str], bool]:
    """Return the function that decides whether a text in lower case has no mark."""
    quotes = "|".join(f"{mark}{re.escape(after)}" for mark in ("'", '"') for after in _AFTER_QUOTES)
    is_valid: Callable[[str], bool] = _search(f"{_WORDS}|{quotes}").is_valid
    return is_valid


@cache
def _search(pattern: str) -> Any:
    import jsonschema_rs  # its regular expressions search ten times as fast as Python's

    return jsonschema_rs.validator_for({"not": {"pattern": pattern}})
