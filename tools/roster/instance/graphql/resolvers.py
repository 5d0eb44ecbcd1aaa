"""The root types: queries read through the request's context, mutations write through it.

All root fields are nullable, so that the error of one leaves the others in the response.
"""

from functools import partial
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry import ID, UNSET, Info

from roster import __version__
from roster.instance.graphql import inputs, types
from roster.instance.graphql.attention_resolvers import AttentionMutation, AttentionQuery
from roster.instance.graphql.bulk_resolvers import BulkMutation, BulkQuery
from roster.instance.graphql.history_resolvers import HistoryQuery
from roster.instance.graphql.namespace_resolvers import NamespaceQuery
from roster.instance.graphql.payloads import changed_settings, conflicts_of
from roster.instance.graphql.request_context import RequestContext, parse_namespace_id
from roster.instance.graphql.schema_members import given, resolver_field
from roster.instance.graphql.setting_builder import SettingBuilder, feature_names
from roster.instance.graphql.token_resolvers import TokenMutation, TokenQuery
from roster.instance.selection.requested_selection import RequestedSelection, follow_roster
from roster.instance.selection.selection_changes import change_selections
from roster.instance.selection.selections import SelectionMode
from roster.naming import did_you_mean, quote

_Info: TypeAlias = Info[RequestContext, None]
_Payload = TypeVar("_Payload", bound=types.AiFeatureSettingUpdatePayload)
_FEATURES = strawberry.argument(description="Return only these features, in this order.")
_NAMESPACE = strawberry.argument(
    description="Return the settings of this namespace: a numeric ID, or a global ID such as gid://gitlab/Group/7."
)
_UPDATE = strawberry.argument(description="The selection to create or change.")
_DELETE = strawberry.argument(description="The selection to delete.")


@strawberry.type(name="Query", description="The queries available while the feature flag is off.")
class DisabledQuery:
    @resolver_field("The version of roster that runs the instance.")
    def roster_version(self) -> str | None:
        return __version__


@strawberry.type(description="The queries.")
class Query(DisabledQuery, NamespaceQuery, HistoryQuery, AttentionQuery, BulkQuery, TokenQuery):
    @resolver_field("The features, each with its offered models, its selection, and the model that serves it.")
    def ai_feature_settings(
        self,
        info: _Info,
        features: Annotated[list[str] | None, _FEATURES] = UNSET,
        namespace_id: Annotated[ID | None, _NAMESPACE] = UNSET,
    ) -> types.AiFeatureSettingConnection | None:
        features, namespace_id = given(features), given(namespace_id)
        number = None if namespace_id is None else parse_namespace_id(namespace_id)
        state = info.context.state(number)
        names = feature_names(state)
        for name in features or ():
            if name not in names:
                hint = did_you_mean(name, names)
                raise GraphQLError(f"there is no feature {quote(name)}" + (f": {hint}" if hint else ""))
        selected = names if features is None else dict.fromkeys(features)
        nodes = [SettingBuilder(state, number, name).build() for name in selected]
        return types.AiFeatureSettingConnection(nodes=nodes)

    @resolver_field("The sync state of the list of offered models.")
    def ai_model_selection_sync(self, info: _Info) -> types.AiModelSelectionSync | None:
        status, now = info.context.status, info.context.now()
        contact, run = status.last_contact_at, status.failure
        failure = run and types.AiModelSelectionSyncFailure(
            reason=run.reason or "", message=run.message, at=run.finished_at
        )
        return types.AiModelSelectionSync(
            version=status.list and status.list.version,
            replaced_at=status.list and status.list.replaced_at,
            checked_at=status.checked_at,
            age_seconds=max(0, int((now - contact).total_seconds())) if status.list and contact else None,
            last_failure=failure,
            left_out=list(status.left_out),
        )


@strawberry.type(description="The mutations.")
class Mutation(AttentionMutation, BulkMutation, TokenMutation):
    @resolver_field("Select the allowed models of a feature and its default for the instance.")
    def ai_feature_setting_update(
        self, info: _Info, input: Annotated[inputs.AiFeatureSettingUpdateInput, _UPDATE]
    ) -> types.AiFeatureSettingUpdatePayload | None:
        mode = SelectionMode(input.mode.value)
        requested = RequestedSelection(
            input.feature,
            tuple(input.models),
            given(input.default_model) or "",
            mode=mode,
            version=given(input.version),
        )
        return _write(info, requested, input, types.AiFeatureSettingUpdatePayload)

    @resolver_field(
        "Delete the instance's selection for a feature; the roster's default applies again. "
        "Selections of namespaces are kept."
    )
    def ai_feature_setting_delete(
        self, info: _Info, input: Annotated[inputs.AiFeatureSettingDeleteInput, _DELETE]
    ) -> types.AiFeatureSettingDeletePayload | None:
        requested = follow_roster(input.feature, version=given(input.version))
        return _write(info, requested, input, types.AiFeatureSettingDeletePayload)

    @resolver_field("Select a model of a feature for a namespace, from the models that the instance allows.")
    def ai_model_selection_namespace_update(
        self, info: _Info, input: Annotated[inputs.AiModelSelectionNamespaceUpdateInput, _UPDATE]
    ) -> types.AiModelSelectionNamespaceUpdatePayload | None:
        namespace_id = parse_namespace_id(input.namespace_id)
        requested = RequestedSelection(
            input.feature, (input.model,), input.model, namespace_id, version=given(input.version)
        )
        return _write(info, requested, input, types.AiModelSelectionNamespaceUpdatePayload)

    @resolver_field("Delete a namespace's selection for a feature; the instance's selection applies again.")
    def ai_model_selection_namespace_delete(
        self, info: _Info, input: Annotated[inputs.AiModelSelectionNamespaceDeleteInput, _DELETE]
    ) -> types.AiModelSelectionNamespaceDeletePayload | None:
        namespace_id = parse_namespace_id(input.namespace_id)
        requested = follow_roster(input.feature, namespace_id, given(input.version))
        return _write(info, requested, input, types.AiModelSelectionNamespaceDeletePayload)


def _write(info: _Info, requested: RequestedSelection, input: Any, payload: type[_Payload]) -> _Payload:
    outcome, state = info.context.write(partial(change_selections, requested=[requested]))
    return payload(
        ai_feature_setting=next(changed_settings(state, outcome), None),
        errors=[error.message for error in outcome.errors],
        conflicts=list(conflicts_of(outcome.errors)),
        batch=ID(outcome.batch) if outcome.batch else None,
        client_mutation_id=given(input.client_mutation_id),
    )
