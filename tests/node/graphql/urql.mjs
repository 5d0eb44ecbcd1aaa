// urql with Graphcache and its defaults reads settings, changes one, and reads the cache.
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";

import { countingFetch, headers, input, report, SETTINGS, UPDATE, url } from "./operations.mjs";

const client = new Client({
  url,
  fetch: countingFetch,
  fetchOptions: { headers },
  exchanges: [cacheExchange(), fetchExchange],
});
const instance = { features: ["duo_chat"] };
const namespace = { features: ["duo_chat"], namespaceId: "7" };
const read = async (variables, requestPolicy) => {
  const { data, error } = await client.query(SETTINGS, variables, { requestPolicy }).toPromise();
  if (error) throw error;
  return data;
};

const results = { before: await read(instance), namespaceBefore: await read(namespace) };
await client.mutation(UPDATE, { input }).toPromise();
results.after = await read(instance, "cache-only");
results.namespaceAfter = await read(namespace, "cache-only");
report(results);
