"""The connection of namespaces' selections."""

from typing import Annotated

import strawberry
from graphql import GraphQLError
from strawberry import ID, UNSET, Info

from roster.instance.graphql import namespace_types as types
from roster.instance.graphql.connections import After, Before, First, Last, page_request, paginated
from roster.instance.graphql.global_ids import global_id
from roster.instance.graphql.request_context import RequestContext, parse_namespace_id
from roster.instance.graphql.schema_members import argument, given, resolver_field
from roster.instance.graphql.setting_builder import SettingBuilder
from roster.instance.selection.namespace_selections import (
    KEY_LENGTH,
    NamespaceFilter,
    NamespaceResolver,
    NamespaceSelection,
    count_namespace_selections,
    load_namespace_page,
    selectable_models,
)
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.state import InstanceState
from roster.naming import did_you_mean, quote


@strawberry.type
class NamespaceQuery:
    """The field of namespaces' selections."""

    @resolver_field("The selections of all namespaces, sorted by namespace, with the model that serves each.")
    def ai_model_selection_namespace_selections(
        self,
        info: Info[RequestContext, None],
        feature: Annotated[str | None, argument("Return only selections for this feature.")] = UNSET,
        model: Annotated[ID | None, argument("Return only selections of this model.")] = UNSET,
        namespace_id: Annotated[
            ID | None, argument("Return only selections of this namespace: a numeric ID, or a global ID.")
        ] = UNSET,
        effective: Annotated[
            bool | None, argument("If false, return only selections where another model, or none, serves.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> types.AiModelSelectionNamespaceSelectionConnection | None:
        context = info.context
        context.cacheable = False  # the state does not have the selections of all namespaces
        state = context.state(None)
        filter = _filter(state.offered, given(feature), given(model), given(namespace_id), given(effective))
        request = page_request(given(first), given(after), given(last), given(before), KEY_LENGTH)
        resolver = NamespaceResolver(state)
        page = load_namespace_page(context.connection, resolver, filter, request)
        nodes = [_node(state, resolver, each) for each in page.items]
        return paginated(
            types.AiModelSelectionNamespaceSelectionConnection,
            types.AiModelSelectionNamespaceSelectionEdge,
            nodes,
            page,
            lambda each: each.key,
            total=lambda: count_namespace_selections(context.connection, resolver, filter),
        )


def _filter(
    offered: OfferedList, feature: str | None, model: str | None, namespace_id: str | None, effective: bool | None
) -> NamespaceFilter:
    """Return the filter of the arguments, with the current id of the model.

    Raises:
        GraphQLError: an argument fits nothing that was ever offered.
    """
    current = None if model is None else offered.current_id(model)
    for kind, name, known in (("feature", feature, offered.features), ("model", current, selectable_models(offered))):
        if name is not None and name not in known:
            hint = did_you_mean(name, known)
            raise GraphQLError(f"there is no {kind} {quote(name)}" + (f": {hint}" if hint else ""))
    number = None if namespace_id is None else parse_namespace_id(namespace_id)
    return NamespaceFilter(feature, current, number, effective)


def _node(
    state: InstanceState, resolver: NamespaceResolver, selection: NamespaceSelection
) -> types.AiModelSelectionNamespaceSelection:
    resolution = resolver.resolve(selection.feature, selection.model, selection.alias)
    builder = SettingBuilder(state, selection.namespace_id, selection.feature)
    return types.AiModelSelectionNamespaceSelection(
        id=global_id("AiModelSelectionNamespaceSelection", selection.id),
        namespace_id=ID(str(selection.namespace_id)),
        feature=selection.feature,
        title=state.offered.title(selection.feature),
        model=builder.model(selection.model),
        effective=resolver.is_effective(selection.feature, selection.model),
        resolution=builder.resolution(resolution),
        explanation=resolution.describe(),
        version=selection.version,
        changed_by=selection.changed_by,
        changed_at=selection.changed_at,
    )
