"""The static files of the pages. Modules of scripts import each other by names that have a hash, too."""

import re
from importlib.resources import files
from typing import NamedTuple

from roster.page_assets import ICON, read_style_sheet, url_name

_IMPORT = re.compile(rb'"\./([a-z_]+\.js)"')
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Asset(NamedTuple):
    """A static file. Its URL contains a hash of its content, so that browsers can cache it forever.

    Attributes:
        imports: the URL names of all modules that a script loads.
    """

    url_name: str
    content: bytes
    media_type: str
    imports: tuple[str, ...]


def _load_assets() -> dict[str, Asset]:
    folder = files("roster.instance.page") / "assets"
    sources = {file.name: file for file in (*folder.iterdir(), ICON) if file.is_file()}
    assets: dict[str, Asset] = {}

    def load(name: str) -> Asset:
        """Load a file after the modules that it imports, whose names in URLs are part of its content."""
        if name not in assets:
            suffix = name.rpartition(".")[2]
            content = read_style_sheet(folder, name) if suffix == "css" else sources[name].read_bytes()
            modules = [load(module.decode()) for module in _IMPORT.findall(content)] if suffix == "js" else []
            url_names = iter(module.url_name for module in modules)
            content = _IMPORT.sub(lambda _: f'"./{next(url_names)}"'.encode(), content) if modules else content
            imports = dict.fromkeys(each for module in modules for each in (module.url_name, *module.imports))
            assets[name] = Asset(url_name(name, content), content, _MEDIA_TYPES[suffix], tuple(imports))
        return assets[name]

    for name in sources:
        load(name)
    return assets


ASSETS_BY_FILE = _load_assets()
ASSETS = {asset.url_name: asset for asset in ASSETS_BY_FILE.values()}
"""The assets by the name in their URL."""
