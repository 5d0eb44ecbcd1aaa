"""Untrusted text in Markdown for GitLab and GitHub.

GitLab's syntax: https://docs.gitlab.com/user/markdown/ (references, mentions, links, inline diffs), and
https://docs.gitlab.com/user/project/quick_actions/.
"""

import re

from roster.naming import printable

_JOINER = "\N{WORD JOINER}"
_REFERENCE_MARKS = re.compile(
    r"[@#!~%$&^:](?=\S)|[\[{](?=[+-])|(?<!\S)/(?=\S)|(?<![A-Za-z0-9])(?:[A-Za-z]\w*(?=-\d)|[Ww]{3}(?=\.))"
)
"""The start of a reference, mention, emoji, inline diff, quick action, external issue or host name."""
_COMMIT = re.compile(r"(?<![A-Za-z0-9])[0-9A-Fa-f]{7,}(?![A-Za-z0-9])")
_TOO_SHORT_FOR_COMMIT = re.compile(r".{1,6}")
_MARKDOWN_SYNTAX = re.compile(r"[\\`*_{}\[\]()#+!|~$^=:@%]")
_HTML_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_QUICK_ACTION = re.compile(r"(?m)^([ \t]*)/")


def escaped(text: str) -> str:
    """Return text that reads the same and has no meaning in Markdown, HTML, GitLab or GitHub.

    A backslash escapes Markdown syntax. References, mentions and addresses are recognized after that is parsed, so an
    invisible character that permits no line break is inserted into them.
    """
    text = _REFERENCE_MARKS.sub(rf"\g<0>{_JOINER}", printable(text))
    text = _COMMIT.sub(lambda match: _JOINER.join(_TOO_SHORT_FOR_COMMIT.findall(match[0])), text)
    return _MARKDOWN_SYNTAX.sub(r"\\\g<0>", text.translate(_HTML_ENTITIES))


def code(text: str) -> str:
    """Return text as a code span."""
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if not text or "`" in (text[0], text[-1]) else ""
    return f"{fence}{space}{text}{space}{fence}"


def without_quick_actions(document: str) -> str:
    """Return a document with slashes at the start of lines escaped.

    GitLab would run them as quick actions of the user whose token stores the document.
    """
    return _QUICK_ACTION.sub(r"\1\\/", document)
