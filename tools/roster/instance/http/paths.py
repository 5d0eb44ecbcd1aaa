"""URL paths of the admin page and the API, relative to where the app is mounted."""

ROOT = "/"
PAGE = "/admin/model_selection"
SIGN_IN = "/admin/sign_in"
SIGN_OUT = "/admin/sign_out"
ASSETS = "/admin/assets"
API = "/api/graphql"
NAVIGATION = {"Features": PAGE}
"""The pages in the header, by title."""
