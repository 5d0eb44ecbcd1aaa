// Apollo Client with its defaults reads settings, changes one, and reads the cache.
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";

import { countingFetch, headers, input, report, SETTINGS, UPDATE, url } from "./operations.mjs";

const client = new ApolloClient({
  link: new HttpLink({ uri: url, headers, fetch: countingFetch }),
  cache: new InMemoryCache(),
});
const query = gql(SETTINGS);
const instance = { features: ["duo_chat"] };
const namespace = { features: ["duo_chat"], namespaceId: "7" };
const read = async (variables, fetchPolicy) => (await client.query({ query, variables, fetchPolicy })).data;

const results = { before: await read(instance), namespaceBefore: await read(namespace) };
await client.mutate({ mutation: gql(UPDATE), variables: { input } });
results.after = await read(instance, "cache-only");
results.namespaceAfter = await read(namespace, "cache-only");
report(results);
