"""The files of the catalogue: pages, assets, the artifacts that they link, and a list of all of them.

The same source gives the same bytes: the pages contain no time of their own, only the day and the commit.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from jinja2 import Environment

from roster.catalogue import pages
from roster.catalogue.changes import grouped
from roster.catalogue.differences import differences, notices
from roster.catalogue.public_model import state_words
from roster.catalogue.source import Source
from roster.catalogue.view_model import STATUSES, Catalogue, EnvironmentView, by_category, state_choices
from roster.display_text import category_title, day, minute
from roster.naming import join_names, printable
from roster.page_assets import ICON, read_style_sheet, url_name
from roster.publishing.sequence import UNVERSIONED
from roster.templates import template_environment
from roster.timeline import timeline_svg
from roster.timeline.events import Timeline, build_timeline
from roster.timeline.timeline_rows import Rows

MANIFEST = "catalogue.json"
"""The list of all files of a catalogue, with its commit and day."""
FORMAT = 1
"""The version of the list. It is raised when an older reader could misread the rest."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
"""The Content Security Policy of every page: nothing from elsewhere, no inline script or style."""


def build_site(source: Source) -> dict[str, bytes]:
    """Return the content of each file of the catalogue, by path."""
    catalogue, assets = Catalogue(source), _assets()
    rendered = dict(_rendered(catalogue, source, {name: path for name, (path, _) in assets.items()}))
    site = {path: text.encode() for path, text in rendered.items()}
    site |= dict(assets.values()) | {f"{pages.DATA}/{path}": data for path, data in source.artifacts.items()}
    return dict(sorted((site | {MANIFEST: _manifest(source, [*site, MANIFEST])}).items()))


def _rendered(catalogue: Catalogue, source: Source, assets: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each page with its path."""
    timeline = build_timeline(source.rosters.values(), source.on, source.registries)
    common = _common_values(catalogue, assets)

    def page(template: str, path: str, **context: Any) -> tuple[str, str]:
        values = common | context | {"root": "../" * path.count("/"), "path": path}
        return path, _templates().get_template(template).render(values)

    for environment in catalogue.environments:
        name = "environment.html" if not environment.problem else "no_roster.html"
        yield page(name, _environment_path(catalogue, environment), environment=environment)
    environments = [each.name for each in catalogue.shown]
    differing = {id_: differences(each, environments, catalogue.features) for id_, each in catalogue.models.items()}
    for id_, models in catalogue.models.items():
        context = {"models": models, "differences": differing[id_], "notices": notices(models)}
        yield page("model.html", pages.model(id_), id=id_, **context)
    for feature in catalogue.features:
        yield page("feature.html", pages.feature(feature.name), feature=feature)
    yield page("features.html", pages.FEATURES, categories=by_category(catalogue.features))
    yield page(
        "differences.html", pages.DIFFERENCES, differences={id_: rows for id_, rows in differing.items() if rows}
    )
    yield page("changes.html", pages.CHANGES)
    yield page("changes.xml", pages.FEED, feed_id=_urn(source.first_commit), urn=_urn)
    yield page("timeline.html", pages.TIMELINE, events=_events(timeline), others=Rows.of(timeline).others)
    yield pages.TIMELINE_PICTURE, timeline_svg.write(timeline, {})


@cache
def _templates() -> Environment:
    return template_environment(
        "roster.catalogue",
        day=day,
        minute=minute,
        category_title=category_title,
        state_words=state_words,
        grouped=grouped,
    )


def _common_values(catalogue: Catalogue, assets: dict[str, str]) -> dict[str, Any]:
    """Return the values that every template gets."""
    return {
        "catalogue": catalogue,
        "assets": assets,
        "pages": pages,
        "policy": POLICY,
        "is_versioned": catalogue.published.revision != UNVERSIONED.revision,
        "states": state_choices(),
        "statuses": STATUSES,
        "environment_path": lambda environment: _environment_path(catalogue, environment),
    }


def _environment_path(catalogue: Catalogue, environment: EnvironmentView) -> str:
    return pages.INDEX if environment is catalogue.main else pages.environment(environment.name)


def _events(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the rows of the timeline's table, without events that nobody notices."""
    return [
        {
            "day": row.day,
            "environment": join_names(map(printable, row.environments)),
            "id": row.events[0].subject.model,
            "model": row.model,
            "text": row.text,
        }
        for row in Rows.of(timeline).shown
    ]


def _assets() -> dict[str, tuple[str, bytes]]:
    """Return the path and the content of each asset. The path has a hash, because browsers keep assets."""
    folder = files("roster.catalogue") / "assets"
    contents = {
        "catalogue.css": read_style_sheet(folder, "catalogue.css"),
        "catalogue.js": (folder / "catalogue.js").read_bytes(),
        ICON.name: ICON.read_bytes(),
    }
    return {name: (f"{pages.ASSETS}/{url_name(name, content)}", content) for name, content in contents.items()}


def _urn(name: str) -> str:
    """Return the identifier of an entry in the feed, always the same for a name."""
    return uuid5(NAMESPACE_OID, f"roster catalogue {name}").urn


def _manifest(source: Source, paths: list[str]) -> bytes:
    content = {
        "format": FORMAT,
        "revision": source.published.revision,
        "sequence": source.published.sequence,
        "at": source.on.isoformat(),
        "files": sorted(paths),
    }
    return (json.dumps(content, indent=2) + "\n").encode()
