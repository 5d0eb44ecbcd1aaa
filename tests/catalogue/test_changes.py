"""The history and the changes of the catalogue, in sentences for customers."""

from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from roster.catalogue.changes import changes
from roster.catalogue.public_model import public_models
from roster.catalogue.site import build_site
from roster.catalogue.source import Source, Version
from roster.registries import Registries
from roster.roster import Roster
from tests.catalogue.test_site import (
    COMMITTED,
    ENVIRONMENTS,
    FEATURES,
    HAIKU,
    HOSTILE,
    ON,
    PRIVATE,
    PUBLISHED,
    RETIREMENT,
    SONNET,
    TOOLS,
    Elements,
    cells,
)

REGISTRIES = Registries.of([FEATURES[0], FEATURES[1] | {"title": "Fix"}], [], ENVIRONMENTS, capabilities=[TOOLS])
TITLES = tuple(REGISTRIES.features.values())
SOLE = SONNET | {"default_for": ["duo_chat"]}
OTHER = HAIKU | {"default_for": []}
STOP = {"suspended": {"since": "2026-11-01", "reason": "Errors"}}
CASES = [
    ([SOLE], [SOLE], []),
    ([SOLE], [SOLE | {"identifier": "bedrock/other", "endpoint": "https://other.example", "owner": "x"}], []),
    ([SOLE], [SOLE, OTHER], ["Claude Haiku 5 (Bedrock) is new, for General Chat and Fix."]),
    ([SOLE, OTHER], [SOLE], ["Claude Haiku 5 (Bedrock) is no longer offered."]),
    (
        [SOLE, OTHER],
        [SOLE | {"default_for": []}, OTHER | {"default_for": ["duo_chat"]}],
        ["The default for General Chat changes from Claude Sonnet 5 (Bedrock) to Claude Haiku 5 (Bedrock)."],
    ),
    (
        [SOLE],
        [SOLE | {"default_for": []}],
        ["The default for General Chat is no longer Claude Sonnet 5 (Bedrock); there is none."],
    ),
    ([SOLE | {"default_for": []}], [SOLE], ["The default for General Chat is Claude Sonnet 5 (Bedrock)."]),
    ([SOLE], [SOLE | {"features": ["duo_chat"]}], ["Claude Sonnet 5 (Bedrock) no longer serves Fix."]),
    ([SOLE | {"features": ["duo_chat"]}], [SOLE], ["Claude Sonnet 5 (Bedrock) also serves Fix."]),
    (
        [OTHER],
        [OTHER | {"release_state": "GA"}],
        ["Claude Haiku 5 (Bedrock) moves from Beta to GA for General Chat and Fix."],
    ),
    (
        [SOLE, OTHER],
        [SOLE, OTHER | {"retirement": RETIREMENT | {"replacement": "sonnet"}}],
        [
            (
                "Claude Haiku 5 (Bedrock) retires after 1 March 2027 for General Chat; "
                "Claude Sonnet 5 (Bedrock) replaces it."
            ),
        ],
    ),
    (
        [OTHER | {"retirement": RETIREMENT}],
        [OTHER | {"retirement": RETIREMENT | {"notice": "2026-11-02"}}],
        ["Claude Haiku 5 (Bedrock): Notice of the retirement: 1 November 2026 → 2 November 2026."],
    ),
    ([OTHER | {"retirement": RETIREMENT}], [OTHER], ["Claude Haiku 5 (Bedrock) no longer retires."]),
    ([OTHER], [OTHER | STOP], ["Claude Haiku 5 (Bedrock) is suspended: Errors."]),
    ([OTHER | STOP], [OTHER], ["Claude Haiku 5 (Bedrock) is no longer suspended."]),
    (
        [OTHER],
        [OTHER | {"id": "new", "name": "New", "aliases": ["haiku"]}],
        [
            "Claude Haiku 5 (Bedrock) is now called New (Bedrock).",
            "New (Bedrock) has a new id, new; haiku still works.",
        ],
    ),
    (
        [SOLE],
        [SOLE | {"id": "new", "aliases": ["sonnet"]}],
        ["Claude Sonnet 5 (Bedrock) has a new id, new; sonnet still works."],
    ),
    (
        [OTHER],
        [OTHER | {"context_window": 1000, "description": "Small"}],
        [
            "Claude Haiku 5 (Bedrock): Context window: 200,000 tokens → 1,000 tokens.",
            "Claude Haiku 5 (Bedrock) has another description.",
        ],
    ),
    (
        [OTHER | {"aliases": ["small"]}],
        [OTHER | {"aliases": ["tiny"], "documentation": "https://docs.example.com"}],
        [
            "Claude Haiku 5 (Bedrock) no longer has the earlier id small.",
            "Claude Haiku 5 (Bedrock) also has the earlier id tiny.",
            "Claude Haiku 5 (Bedrock) has a page of documentation.",
        ],
    ),
    (
        [OTHER | {"retirement": [RETIREMENT | {"features": ["duo_chat"]}, RETIREMENT | {"features": ["fix"]}]}],
        [OTHER | {"retirement": [RETIREMENT | {"features": ["fix"]}]}],
        ["Claude Haiku 5 (Bedrock) no longer retires after 1 March 2027 for General Chat."],
    ),
]


def roster(models: list[dict[str, Any]]) -> Roster:
    return Roster.of("path", "production", models, registries=REGISTRIES)


def version(number: int, models: list[dict[str, Any]]) -> Version:
    return Version(number, f"{number}" * 40, datetime(2026, 10, number, 12, tzinfo=UTC), roster(models))


def site_of(versions: list[Version], is_complete: bool = True, base: Roster | None = None) -> dict[str, bytes]:
    """Return the site of versions, the newest first."""
    source = Source(REGISTRIES, {"production": versions[0].roster}, {}, ON, PUBLISHED, COMMITTED, {})
    history = {"production": (tuple(versions), is_complete)}
    return build_site(
        source._replace(history=history, first_commit="1" * 40, base={"production": base} if base else None)
    )


def test_models_with_the_same_name_are_told_apart_by_id():
    twin = OTHER | {"id": "haiku_eu"}
    old, new = (public_models(roster(entries), ON, REGISTRIES) for entries in ([OTHER, twin], [OTHER, SOLE]))
    assert [change.text for change in changes(old, new, TITLES)] == [
        "The default for General Chat is Claude Sonnet 5 (Bedrock).",
        "Claude Haiku 5 (Bedrock) haiku_eu is no longer offered.",
        "Claude Sonnet 5 (Bedrock) is new, for General Chat and Fix.",
    ]
    page = Elements(site_of([version(1, [SOLE, OTHER, twin])])["features/fix.html"]).words
    assert "Claude Haiku 5 Bedrock haiku_eu Beta" in page
    assert "Claude Sonnet 5 Bedrock GA" in page


def test_changes_are_sentences_for_customers():
    wrong = []
    for before, after, expected in CASES:
        old, new = (public_models(roster(entries), ON, REGISTRIES) for entries in (before, after))
        sentences = [change.text for change in changes(old, new, TITLES)]
        if sentences != expected:
            wrong.append((sentences, expected))
    assert not wrong


def test_models_that_change_alike_share_a_sentence():
    twins = [OTHER | {"id": f"haiku_{region}", "provider": region} for region in ("eu", "us")]
    before, after = [SOLE, OTHER, *twins], [SOLE, *(entry | {"features": ["fix"]} for entry in (OTHER, *twins))]
    site = site_of([version(2, after), version(1, before)], base=roster(before))
    sentence = "Each of these 3 models no longer serves General Chat."
    listed = "1 change that customers notice production " + sentence + " haiku haiku_eu haiku_us"
    assert listed in Elements(site["index.html"]).words
    assert f"{sentence} haiku haiku_eu haiku_us" in Elements(site["changes.html"]).words
    names = "Claude Haiku 5 (Bedrock), Claude Haiku 5 (eu), Claude Haiku 5 (us)"
    assert f"production: {sentence} ({names})\n" in site["changes.xml"].decode()
    assert "Claude Haiku 5 (eu) no longer serves General Chat." in Elements(site["models/haiku_eu.html"]).words


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    hostile = OTHER | {"name": HOSTILE}
    return site_of([version(3, [SOLE, hostile]), version(2, [SOLE, OTHER]), version(1, [SOLE])])


def test_page_lists_changes_of_each_publication(site: dict[str, bytes]):
    words = Elements(site["changes.html"]).words
    newest = words.index("3 October 2026 333333333333 production Claude Haiku 5 (Bedrock) is now called <script>")
    assert newest < words.index("2 October 2026 222222222222 production Claude Haiku 5 (Bedrock) is new")
    assert "1 October 2026" not in words


def test_model_has_history_and_first_day(site: dict[str, bytes]):
    words = Elements(site["models/haiku.html"]).words
    assert "Offered since 2 October 2026" in words
    assert "2 October 2026, production Claude Haiku 5 (Bedrock) is new, for General Chat and Fix." in words
    assert "Offered since 1 October 2026" in Elements(site["models/sonnet.html"]).words
    cut = site_of([version(2, [SOLE, OTHER]), version(1, [SOLE])], is_complete=False)
    assert "Offered since 1 October 2026 or earlier" in Elements(cut["models/sonnet.html"]).words
    assert "Offered since 2 October 2026 " in Elements(cut["models/haiku.html"]).words


def test_history_has_no_private_values(site: dict[str, bytes]):
    values = [value for value in PRIVATE.values() if isinstance(value, str)]
    assert not [(path, value) for path, data in site.items() for value in values if value in data.decode()]


def test_interruption_starts_offer_again():
    site = site_of([version(3, [SOLE, OTHER]), version(2, [SOLE]), version(1, [SOLE, OTHER])])
    assert "Offered since 3 October 2026" in Elements(site["models/haiku.html"]).words


def test_suspended_model_is_not_offered_since_a_day():
    later = {"suspended": {"since": "2026-11-29", "reason": "Errors"}}
    site = site_of([version(1, [SOLE, OTHER | later])])
    assert "Offered since –" in Elements(site["models/haiku.html"]).words


def test_feed_has_an_entry_for_each_publication(site: dict[str, bytes]):
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(site["changes.xml"])
    entries = feed.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}updated") for entry in entries] == [
        "2026-10-03T12:00:00+00:00", "2026-10-02T12:00:00+00:00"
    ]  # fmt: skip
    assert HOSTILE.removesuffix("\u202e") in str(entries[0].findtext(f"{atom}content"))
    ids = [element.text for element in feed.iter(f"{atom}id")]
    assert len({*ids}) == len(ids) == 3
    assert ids[0] == ElementTree.fromstring(site_of([version(2, [SOLE])])["changes.xml"]).findtext(f"{atom}id")


def test_change_is_listed_and_its_cells_are_marked():
    before = roster([SOLE, OTHER | {"features": ["duo_chat"], "release_state": "GA"}])
    site = site_of([version(1, [SOLE | {"features": ["duo_chat"]}, OTHER])], base=before)
    words = Elements(site["index.html"]).words
    assert "What this change does 3 changes that customers notice production Claude Sonnet 5 (Bedrock) no" in words
    assert cells(site["index.html"], "Claude Sonnet 5") == ["Default", "– was GA"]
    assert cells(site["index.html"], "Claude Haiku 5") == ["Beta was GA", "Beta new"]
    same = site_of([version(1, [SOLE])], base=roster([SOLE]))
    assert "Nothing changes for customers in the models that are shown." in Elements(same["index.html"]).words
    assert b'class="changed' not in same["index.html"]


def test_days_of_earlier_versions_do_not_matter():
    """A retirement that ended between two versions was announced before; the next version changes nothing."""
    retiring = OTHER | {"retirement": RETIREMENT | {"last_day": "2026-10-02", "features": ["duo_chat", "fix"]}}
    site = site_of([version(3, [SOLE, retiring]), version(1, [SOLE, retiring])])
    assert "The history has no changes." in Elements(site["changes.html"]).words
    assert date(2026, 10, 2) < ON
