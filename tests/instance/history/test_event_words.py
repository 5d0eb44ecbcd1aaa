"""What a change of a selection did, as a sentence and in names."""

from roster.instance.history.audit_log import FOLLOWS_ROSTER, AuditValue
from roster.instance.history.event_words import compare, summarize
from tests.instance.history.recorded import audit_event, chosen, own_default
from tests.instance.page.sample_state import LIST

ALL = tuple(LIST.models)


def summary(old: AuditValue, new: AuditValue, namespace_id: int | None = None, feature: str = "duo_chat") -> str:
    event = audit_event(1, feature, old, new, namespace_id=namespace_id)
    return summarize(event.actor, compare(event, LIST))


def test_summary_of_each_kind_of_change():
    sonnet, opus = "GitLab: Claude Sonnet 4", "GitLab: Claude Opus 4"
    gemini, no_longer = "GitLab: Gemini 2.5 Flash", "no longer allowed: GitLab: Codestral 25.01"
    for old, new, sentence in (
        (chosen("sonnet_4"), FOLLOWS_ROSTER, "reset General Chat to the roster's default"),
        (FOLLOWS_ROSTER, own_default("opus_4"), f"made {opus} the default of General Chat with all models allowed"),
        (
            FOLLOWS_ROSTER,
            chosen("opus_4", "sonnet_4"),
            f"made {opus} the default of General Chat and allowed only {opus} and {sonnet}",
        ),
        (
            own_default("opus_4"),
            own_default("gemini"),
            f"changed General Chat: the default went from {opus} to {gemini}",
        ),
        (own_default("opus_4"), chosen("opus_4"), f"changed General Chat: only {opus} is allowed"),
        (chosen("opus_4"), own_default("opus_4"), "changed General Chat: all models are allowed"),
        (
            chosen("sonnet_4", "opus_4", "codestral"),
            chosen("opus_4", "sonnet_4", "gemini"),
            f"changed General Chat: the default went from {sonnet} to {opus}; also allowed: {gemini}; {no_longer}",
        ),
        (chosen("opus_4", "gemini"), chosen("opus_4", "gemini"), "saved General Chat without a change"),
    ):
        assert summary(old, new) == f"alice {sentence}."


def test_summary_of_changes_of_a_namespace():
    sonnet, opus, where = "GitLab: Claude Sonnet 4", "GitLab: Claude Opus 4", "General Chat in namespace 7"
    for old, new, sentence in (
        (FOLLOWS_ROSTER, chosen("opus_4"), f"selected {opus} for {where}"),
        (chosen("opus_4"), chosen("sonnet_4"), f"selected {sonnet} instead of {opus} for {where}"),
        (chosen("opus_4"), FOLLOWS_ROSTER, f"reset {where} to the instance's default"),
    ):
        assert summary(old, new, namespace_id=7) == f"alice {sentence}."


def test_unknown_feature_and_models_have_their_ids():
    assert summary(FOLLOWS_ROSTER, own_default("gone"), feature="ended") == (
        "alice made gone the default of ended with all models allowed."
    )


def test_renamed_model_is_no_change():
    event = audit_event(1, "duo_chat", chosen("sonnet", "opus_4"), chosen("sonnet_4", "opus_4"))
    difference = compare(event, LIST._replace(aliases={"sonnet": "sonnet_4"}))
    assert (difference.allowed, difference.disallowed, difference.has_new_default) == ((), (), False)
    assert difference.old == difference.new


def test_summary_of_a_hostile_name_is_printable_and_of_many_models_short():
    sentence = summary(FOLLOWS_ROSTER, chosen(*ALL, *map(str, range(200))))
    assert sentence.isprintable()
    assert len(sentence) < 500
