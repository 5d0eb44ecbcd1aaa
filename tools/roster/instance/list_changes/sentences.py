"""What changed between two offered lists, as sentences for admins, with titles and names instead of ids.

What may need a decision comes first: models that ended, then defaults that moved, retirements, new models and features,
and other changes. The sentences are stored with the sync, because nothing stores the list before it.
"""

from roster.instance.list_changes import feature_sentences, model_sentences
from roster.instance.list_changes.compared_lists import ComparedLists
from roster.instance.selection.list_difference import ListDifference
from roster.instance.selection.offered_list import OfferedList
from roster.naming import counted

MAX_SENTENCES = 100
"""How many sentences describe a difference; after them, one says how many more there are."""
_WRITERS = (
    model_sentences.ended_models,
    feature_sentences.ended_features,
    feature_sentences.moved_defaults,
    feature_sentences.changed_shares,
    model_sentences.announced_retirements,
    model_sentences.started_models,
    feature_sentences.started_features,
    model_sentences.changed_models,
    feature_sentences.renamed_features,
)


def describe_difference(before: OfferedList, after: OfferedList, difference: ListDifference) -> tuple[str, ...]:
    """Return the sentences about the difference between two lists, without a full stop."""
    if not before.models:
        features = sum(feature.offered for feature in after.features.values())
        return (f"The first list offers {counted(len(difference.added), 'model')} for {counted(features, 'feature')}",)
    lists = ComparedLists(before, after, difference)
    sentences = [sentence for write in _WRITERS for sentence in write(lists)]
    others = len(sentences) - MAX_SENTENCES
    return (*sentences[:MAX_SENTENCES], f"There are {others:,} more changes") if others > 1 else tuple(sentences)
