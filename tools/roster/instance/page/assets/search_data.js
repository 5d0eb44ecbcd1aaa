// What the page searches, as the server wrote it into the page: the models with their facts, and more on some pages.

export const data = JSON.parse(document.getElementById("search-data").textContent);

const names = Object.keys(data.models);

/** The models; the server writes the values of all models for each fact, which is shorter. */
export const models = data.models.id.map((_, index) =>
  Object.fromEntries(names.map((name) => [name, data.models[name][index]])),
);
