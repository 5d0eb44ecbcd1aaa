// A component's queries as Relay's compiler reads them: a fragment of a connection's edges, and a mutation.
graphql`
  query settingsQuery($namespaceId: ID, $first: Int) {
    aiFeatureSettings(namespaceId: $namespaceId) {
      edges { cursor node { feature resolution { model { ref } } } }
      pageInfo { hasNextPage endCursor }
    }
    ...settings_history
  }
`;

graphql`
  fragment settings_history on Query @argumentDefinitions(cursor: { type: "String" }) {
    aiModelSelectionAuditEvents(first: $first, after: $cursor)
      @connection(key: "settings_aiModelSelectionAuditEvents") {
      edges { node { summary } }
    }
  }
`;

graphql`
  mutation settingsMutation($input: AiFeatureSettingUpdateInput!) {
    aiFeatureSettingUpdate(input: $input) { errors aiFeatureSetting { version } }
  }
`;
