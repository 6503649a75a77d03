"""What a build of the site says of links that lead nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest


def _dead(site: Path) -> list[str]:
    from links import dead_links

    return list(dead_links(site))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "guide").mkdir()
    (tmp_path / "a picture.png").write_bytes(b"")
    (tmp_path / "guide" / "page.html").write_text('<h2 id="ä-part">There</h2>')
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        '<a href="guide/page.html">',
        '<a href="guide/page.html#%C3%A4-part">',
        '<a id="here" href="#here">',
        '<a href="#top">',
        '<a href="guide/">',
        '<img src="a%20picture.png?digest=1">',
        '<a href="https://example.org/none">',
        '<a href="mailto:nobody">',
        '<img src="data:,">',
    ],
)
def test_a_link_that_leads_somewhere_passes(site: Path, link: str) -> None:
    (site / "index.html").write_text(link)
    assert _dead(site) == []


@pytest.mark.parametrize(
    "link",
    [
        '<a href="guide/none.html">',
        '<a href="guide/page.html#none">',
        '<a href="#none">',
        '<iframe src="listening/index.html">',
        '<audio src="music/1.ogg">',
    ],
)
def test_a_dead_link_is_named_with_its_line(site: Path, link: str) -> None:
    (site / "index.html").write_text(f"<p>\n{link}")
    assert _dead(site) == [f"index.html:2: {link.split(chr(34))[1]} is not there"]


def test_the_templates_of_the_theme_are_no_pages(site: Path) -> None:
    (site / "_static").mkdir()
    (site / "_static" / "macros.html").write_text('<a href="{{ nowhere }}">')
    assert _dead(site) == []
