"""The paths of the catalogue's pages and other files."""

INDEX = "index.html"
FEATURES = "features.html"
DIFFERENCES = "differences.html"
CHANGES = "changes.html"
FEED = "changes.xml"
TIMELINE = "timeline.html"
TIMELINE_PICTURE = "timeline.svg"
ASSETS = "assets"
DATA = "data"


def environment(name: str) -> str:
    """Return the path of an environment's page, unless it is the first page."""
    return f"environments/{name}.html"


def model(id_: str) -> str:
    """Return the path of a model's page."""
    return f"models/{id_}.html"


def feature(name: str) -> str:
    """Return the path of a feature's page."""
    return f"features/{name}.html"
