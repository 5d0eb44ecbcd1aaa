"""Static files of pages, and the style sheets that the admin page and the catalogue share."""

import re
from importlib.resources import files

import pytest

from roster import page_assets

SHEETS = [("roster.instance.page", "page.css"), ("roster.catalogue", "catalogue.css")]


def test_url_name_has_a_hash_of_the_content():
    assert page_assets.url_name("swagger.ui.js", b"a") == "swagger.ui.ca978112ca1bbdca.js"
    assert page_assets.url_name("swagger.ui.js", b"b") != page_assets.url_name("swagger.ui.js", b"a")


@pytest.mark.parametrize(("package", "name"), SHEETS)
def test_style_sheet_has_no_imports_left_and_defines_its_colors(package: str, name: str):
    sheet = page_assets.read_style_sheet(files(package) / "assets", name).decode()
    assert "@import" not in sheet
    assert set(re.findall(r"var\((--[a-z-]+)", sheet)) <= set(re.findall(r"(--[a-z-]+):", sheet))


def test_every_style_sheet_of_the_admin_page_is_imported():
    folder = files("roster.instance.page") / "assets"
    imported = re.findall('"styles/(.*)"', (folder / "page.css").read_text(encoding="utf-8"))
    assert sorted(imported) == sorted(file.name for file in (folder / "styles").iterdir())
