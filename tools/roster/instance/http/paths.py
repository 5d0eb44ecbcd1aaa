"""URL paths of the admin page and the API, relative to where the app is mounted."""

ROOT = "/"
PAGE = "/admin/model_selection"
TOKENS = f"{PAGE}/tokens"
MODELS = f"{PAGE}/models"
COMPARISON = f"{MODELS}/compare"
SIGN_IN = "/admin/sign_in"
SIGN_OUT = "/admin/sign_out"
ASSETS = "/admin/assets"
API = "/api/graphql"
NAVIGATION = {"Features": PAGE, "Tokens": TOKENS}
"""The pages in the header, by title."""
