"""Values of models that several formats derive in the same way."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from roster.gitlab_versions import release_day
from roster.importing.report import Report
from roster.naming import derive_id
from roster.registries import FAMILIES, Registries
from roster.render.gitlab_models import BASE_FAMILY
from roster.roster import entry_id
from roster.schema.compilation import is_date

_NO_FAMILIES = "the file has no families"


def family_of(text: str, registries: Registries, id_: str, report: Report) -> str:
    """Return the family whose name is in an identifier or a name, the longest of several; ``base`` if none is."""
    words = derive_id(text)
    family = max((family for family in registries.families if family in words), key=len, default=BASE_FAMILY)
    reason = "this one is in the name" if family in words else f"models of {BASE_FAMILY} use the general prompts"
    report.changed("", f"family: {family}", f"{_NO_FAMILIES}; {reason}", id_)
    return family


def new_families(entries: Sequence[Mapping[str, Any]], registries: Registries, report: Report) -> list[str]:
    """Return the families that the registry lacks, and report them."""
    new = [entry for entry in entries if entry["family"] not in registries.families]
    for entry in new:
        report.changed("family", FAMILIES, f"the registry had no family {entry['family']}", entry_id(entry))
    return list(dict.fromkeys(entry["family"] for entry in new))


def retirement_of(
    announcement: Mapping[str, Any], key: str, today: date, report: Report, id_: str
) -> dict[str, str] | None:
    """Return the dates of an announcement with a date or a version of GitLab; None if a roster cannot have them."""
    notice, removal = str(announcement.get("deprecation_date")), str(announcement.get("removal_version"))
    last_day = date.fromisoformat(removal) if is_date(removal) else release_day(removal)
    if last_day is None:
        report.not_carried(f"{key}.removal_version", f"the release of {removal} has no known date", id_)
        return None
    if last_day < today:
        reason = f"the models are still offered although their last day was {last_day}"
        report.not_carried(f"{key}.removal_version", reason, id_)
        return None
    if not is_date(notice) or date.fromisoformat(notice) > last_day:
        report.not_carried(f"{key}.deprecation_date", "it is no date before the removal", id_)
        return None
    if is_date(removal):
        report.carried(f"{key}.removal_version", "retirement.last_day", id_)
    else:
        reason = f"the day on which {removal} is released"
        report.changed(f"{key}.removal_version", "retirement.last_day", reason, id_)
    report.carried(f"{key}.deprecation_date", "retirement.notice", id_)
    replacement = announcement.get("replacement")
    return {"notice": notice, "last_day": last_day.isoformat()} | ({"replacement": replacement} if replacement else {})
