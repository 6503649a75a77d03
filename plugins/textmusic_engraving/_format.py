"""The formats `.svg`, `.png` and `.pdf` of score pictures; written, not read."""

from __future__ import annotations

from typing import ClassVar

from textmusic.format import Format, Written
from textmusic.score import Score

__all__ = ["ScorePdf", "ScorePng", "ScoreSvg"]


class ScoreSvg(Format):
    """One picture of a score, as tall as the piece is long.

    Tracks on strings are drawn as tablature with the rhythm below, and drums with them; all others
    in standard notation, by Verovio. Silent tracks are left out.
    """

    name: ClassVar[str] = "svg"
    title: ClassVar[str] = "SVG picture"
    writes: ClassVar[bool] = True

    def encode(self, score: Score) -> Written:
        """Return the picture.

        Raises:
            FormatError: it cannot be drawn.
            MissingDependencyError: Verovio is needed and not installed.
        """
        from textmusic_engraving._picture import tall

        picture, issues = tall(score)
        return Written(picture.encode(), issues)


class ScorePng(Format):
    """The picture of `ScoreSvg` in grey pixels, 1,500 of them wide."""

    name: ClassVar[str] = "png"
    title: ClassVar[str] = "PNG picture"
    writes: ClassVar[bool] = True

    def encode(self, score: Score) -> Written:
        """Return the picture.

        Raises:
            FormatError: it cannot be drawn, or is too tall.
            MissingDependencyError: a package that draws is not installed.
        """
        from textmusic_engraving._paper import png_of
        from textmusic_engraving._picture import tall

        picture, issues = tall(score)
        return Written(png_of(picture, 1.5), issues)


class ScorePdf(Format):
    """A score on sheets of A4, as `ScoreSvg` draws it."""

    name: ClassVar[str] = "score.pdf"
    title: ClassVar[str] = "PDF of a score"
    writes: ClassVar[bool] = True

    def encode(self, score: Score) -> Written:
        """Return the document.

        Raises:
            FormatError: it cannot be drawn.
            MissingDependencyError: a package that draws is not installed.
        """
        from textmusic_engraving._paper import pdf_of
        from textmusic_engraving._picture import sheets

        pictures, issues = sheets(score)
        return Written(pdf_of(pictures), issues)
