"""URL paths of the admin page and the API, relative to where the app is mounted."""

ROOT = "/"
PAGE = "/admin/model_selection"
TOKENS = f"{PAGE}/tokens"
MODELS = f"{PAGE}/models"
COMPARISON = f"{MODELS}/compare"
NAMESPACES = f"{PAGE}/namespaces"
EXPORT_CSV = f"{PAGE}/export.csv"
EXPORT_JSON = f"{PAGE}/export.json"
HISTORY = f"{PAGE}/history"
SYNCS = f"{PAGE}/syncs"
PREVIEW = f"{PAGE}/preview"
GRAPHIQL = f"{PAGE}/graphiql"
SIGN_IN = "/admin/sign_in"
SIGN_OUT = "/admin/sign_out"
ASSETS = "/admin/assets"
GRAPHIQL_ASSETS = f"{ASSETS}/graphiql"
API = "/api/graphql"
NAVIGATION = {
    "Features": PAGE,
    "Models": MODELS,
    "Namespaces": NAMESPACES,
    "History": HISTORY,
    "Syncs": SYNCS,
    "Preview": PREVIEW,
    "Tokens": TOKENS,
}
"""The pages in the header, by title."""
