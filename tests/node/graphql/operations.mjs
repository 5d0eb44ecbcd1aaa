// The operations that the clients run, as an app would write them: with the IDs, and without knowing the cache.

export const SETTINGS = `query Settings($features: [String!], $namespaceId: ID) {
  aiFeatureSettings(features: $features, namespaceId: $namespaceId) {
    nodes {
      id
      feature
      mode
      version
      defaultModel { id ref }
      offeredModels { id ref available namespaceCount }
      resolution { model { id ref } source }
    }
  }
}`;

export const UPDATE = `mutation Update($input: AiFeatureSettingUpdateInput!) {
  aiFeatureSettingUpdate(input: $input) {
    errors
    aiFeatureSetting { id mode version resolution { model { id ref } source } }
  }
}`;

const [, , origin, token] = process.argv;
export const url = `${origin}/api/graphql`;
export const headers = { authorization: `Bearer ${token}` };
export const input = { feature: "duo_chat", models: ["mistral", "gemini"], defaultModel: "mistral" };

let requests = 0;
export function countingFetch(...parameters) {
  requests += 1;
  return fetch(...parameters);
}

/** Print what the caches have: for the instance and a namespace, before the mutation and after it. */
export function report(results) {
  const shown = (data) =>
    data.aiFeatureSettings.nodes.map(({ mode, version, resolution }) => [mode, version, resolution.model.ref]);
  const entries = Object.entries(results).map(([name, data]) => [name, shown(data)]);
  console.log(JSON.stringify({ ...Object.fromEntries(entries), requests }));
}
