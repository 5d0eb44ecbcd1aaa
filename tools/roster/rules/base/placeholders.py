"""Recognition of placeholders and of references that another tool would replace; nothing replaces them in a roster."""

import re
from functools import cache

PROSE_KEYS = ("name", "display_name", "description", "provider", "reason")
"""The keys whose values people read."""

VARIABLE, TEMPLATE, SECRET_STORE = "a reference to a variable", "a template", "a reference to a secret store"
PLACEHOLDER = "a placeholder"

_REFERENCES = {
    VARIABLE: (
        r"\bos\.environ\b|\bgetenv\(|\bprocess\.env\b|\bENV\[|(?i:\benv(?::(?://)?|\.)\w)"
        r"|\$(?:env:)?[A-Za-z_]\w+|\$\{[^}]*\}?|\$\([^)]*\)?|%[A-Z_][A-Z0-9_]{2,}%|\(\([a-z][\w./-]*\)\)"
    ),
    TEMPLATE: r"\{\{|\}\}|\{%|%\}|<%|%>|#\{|__[A-Z][A-Z0-9_]+__|(?<!\S)@[A-Za-z]\w*@"
    r"|(?<![\w%])%(?:\(\w+\))?[sd]\b",
    SECRET_STORE: (
        r"(?i:\b(?:vault|op|ssm|sm|secrets?|akv)(?::|://)\w)|arn:aws:secretsmanager|\bENC\[|projects/\S+/secrets/"
    ),
}
_BRACES = r"\{(?:[A-Za-z_][\w.:-]*|\d*)\}"
_HTML_TAGS = (
    "a|abbr|audio|b|big|blink|blockquote|body|br|button|center|cite|code|del|div|em|embed|font|form|frame|h[1-6]|head"
    "|hr|html|i|iframe|img|input|ins|kbd|li|link|mark|marquee|meta|object|ol|p|pre|q|s|samp|script|select|small|span"
    "|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|th|thead|title|tr|tt|u|ul|var|video"
)
HTML_TAG = (
    rf"(?i)</?(?:{_HTML_TAGS})(?:\s[^<>]*|/)?>|</[a-z][^<>]*>|<[a-z]\w*\s+\w+\s*=[^<>]*>|<!--|<!doctype"
    r"|<(?:script|iframe)\b"
)
_ANGLES = r"<[A-Za-z][^<>]*>"
_WHOLE = (
    r"(?i)\W*(?:to[-_ ]?do|fix[-_ ]?me|tbd|tba|tbc|change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this)|x{3,}|foo|foobar"
    r"|n/?a|none|null|nil|nan|undefined|placeholder|dummy|string|text|lorem ipsum.*|\[object object\]"
    r"|(?:insert|enter|add|put|set)[-_ ].*\bhere|(?:my|your)[-_ ].*[-_ ]here"
    r"|your[-_ ](?:[\w-]+[-_ ])*"
    r"(?:name|key|model|provider|description|value|endpoint|url|host|id|identifier|resource))\W*"
    r"|[-?.…*_ ]+"
)
_START = r"(?:TODO|FIXME|TBD|XXX|CHANGEME)\b(?!-)|(?i:todo|fixme|tbd)\s*[:(]"
_END = r".*(?<!\S)(?:TODO|FIXME|TBD|CHANGEME)\W*"
_TOKEN = (
    r"(?i)(?<![a-z0-9])(?:todo|fixme|tbd|change[-_]?me|replace[-_]?me|placeholder|dummy|x{3,}"
    r"|your[-_.][a-z0-9]+|your(?:company|domain|resource|endpoint|org|host|account|project|name|model|key))(?![a-z0-9])"
)
_NAME = r"(?:[A-Z_][A-Z0-9_]*|[a-z_]+)"
"""Of a variable that a setting refers to. A text in mixed case, or in lower case with digits, may be a key."""
_WHOLE_REFERENCE = (
    rf"\bos\.environ(?:/{_NAME}\b|\[[\"']{_NAME}[\"']\])|\bprocess\.env\.{_NAME}\b|\benv(?::(?://)?|[./]){_NAME}\b"
    rf"|\${_NAME}\b|\$\{{[ ]*(?:env[:.])?{_NAME}[ ]*\}}|\$\({_NAME}\)|%{_NAME}%"
    rf"|\$?\{{\{{(?:[^{{}}\"']|\"{_NAME}\"|'{_NAME}')*\}}\}}"
    r"|\barn:aws:secretsmanager:[a-z0-9-]+:\d+:secret:[\w/+=.@-]+|\bprojects/[\w-]+/secrets/[\w-]+(?:/versions/\w+)?"
)
_PROMPT_TOKEN = r"</?[|\uff5c]?[A-Za-z_\u2581-]{1,40}\d{0,3}[|\uff5c]?>|\[/?[A-Z_]{1,16}\]"
"""A special token of a prompt format, such as ``<|fim_prefix|>``, ``</s>`` or ``[INST]``; DeepSeek's are written with a
full-width bar and a block instead of an underscore."""
_VARIABLE_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"


def placeholder_kind(key: str, value: str) -> str:
    """Return the kind of reference or placeholder that a value is or contains; empty for any other value."""
    if key in ("endpoint", "identifier") and re.fullmatch(_VARIABLE_NAME, value):
        return VARIABLE
    kind = next((kind for kind, pattern in _compiled().items() if pattern.search(value)), "")
    if not kind and re.search(_BRACES, value) and (key != "description" or re.fullmatch(_BRACES, value)):
        kind = TEMPLATE
    if not kind and re.search(_ANGLES, value) and not re.search(HTML_TAG, value):
        kind = PLACEHOLDER
    return kind or (PLACEHOLDER if _is_placeholder(key, value) else "")


def without_references(value: str) -> str:
    """Return what a value contains apart from complete references and special tokens of prompts."""
    return re.sub(rf"{_WHOLE_REFERENCE}|{_PROMPT_TOKEN}", "", value)


def _is_placeholder(key: str, value: str) -> bool:
    if re.fullmatch(_WHOLE, value) or value.strip().lower() in (key, key.replace("_", " ")):
        return True
    if key not in PROSE_KEYS:
        return re.search(_TOKEN, value) is not None
    return re.match(_START, value) is not None or (key != "description" and re.fullmatch(_END, value) is not None)


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {kind: re.compile(pattern) for kind, pattern in _REFERENCES.items()}
