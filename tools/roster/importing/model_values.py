"""Values of models that several formats derive in the same way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from roster.gitlab_versions import next_release, release_day
from roster.importing.report import Report
from roster.model import entry_id
from roster.naming import derive_id
from roster.registries import FAMILIES, Registries
from roster.render.gitlab_models import BASE_FAMILY
from roster.schema.compilation import is_date

_NO_FAMILIES = "the file has no families"


def family_of(identifier: str, names: Iterable[object], registries: Registries, id_: str, report: Report) -> str:
    """Return the family whose name is in an identifier, or else in one of some names; ``base`` if none is.

    Of several in the same text, it is the longest. The prefix of the provider does not count: vertex is a family, too.
    """
    texts = [derive_id(str(text)) for text in (identifier.partition("/")[2], *names)]
    found = (max((name for name in registries.families if name in text), key=len, default="") for text in texts)
    family = next(filter(None, found), "")
    reason = "this one is in the name" if family else f"models of {BASE_FAMILY} use the general prompts"
    family = family or BASE_FAMILY
    report.changed("", f"family: {family}", f"{_NO_FAMILIES}; {reason}", id_)
    return family


def new_families(entries: Sequence[Mapping[str, Any]], registries: Registries, report: Report) -> list[str]:
    """Return the families that the registry lacks, and report them."""
    new = [entry for entry in entries if entry["family"] not in registries.families]
    for entry in new:
        report.changed("family", FAMILIES, f"the registry had no family {entry['family']}", entry_id(entry))
    return list(dict.fromkeys(entry["family"] for entry in new))


def retirement_of(
    announcement: Mapping[str, Any], key: str, today: date, report: Report, id_: str, *, otherwise: str = ""
) -> dict[str, str] | None:
    """Return the dates of an announcement with a version of GitLab or a date; None if a roster cannot have them.

    ``otherwise``: where the announcement is kept then, if rendering gives it back unchanged: only versions can be so.
    """
    notice, removal = str(announcement.get("deprecation_date")), str(announcement.get("removal_version"))
    last_day = _last_day(removal, only_versions=bool(otherwise))
    name, reason = _problem(notice, last_day, today)
    if reason or last_day is None:
        if otherwise:
            report.changed(f"{key}.{name}", otherwise, reason, id_)
        else:
            report.not_carried(f"{key}.{name}", reason, id_)
        return None
    if is_date(removal):
        report.carried(f"{key}.removal_version", "retirement.last_day", id_)
    else:
        reason = "the day on which that version is released"
        report.changed(f"{key}.removal_version", "retirement.last_day", reason, id_)
    report.carried(f"{key}.deprecation_date", "retirement.notice", id_)
    replacement = None if otherwise else announcement.get("replacement")
    return {"notice": notice, "last_day": last_day.isoformat()} | ({"replacement": replacement} if replacement else {})


def _last_day(removal: str, *, only_versions: bool) -> date | None:
    if is_date(removal):
        return None if only_versions else date.fromisoformat(removal)
    day = release_day(removal)
    return day if day and (not only_versions or next_release(day) == removal) else None


def _problem(notice: str, last_day: date | None, today: date) -> tuple[str, str]:
    """Return the key and the reason why a roster cannot have the dates; empty texts if it can."""
    if last_day is None:
        return "removal_version", "that version has no known release date"
    if last_day < today:
        return "removal_version", "that day has passed, but the models are still offered"
    if not is_date(notice) or date.fromisoformat(notice) > last_day:
        return "deprecation_date", "it is no date before the removal"
    return "", ""
