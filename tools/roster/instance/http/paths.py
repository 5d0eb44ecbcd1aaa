"""Where the page is, below wherever the app is mounted."""

PAGE = "/admin/model_selection"
SIGN_IN = "/admin/sign_in"
SIGN_OUT = "/admin/sign_out"
ASSETS = "/admin/assets"
API = "/api/graphql"
