"""Sound files on the page: written where there is a synthesizer, and known as sound."""

from __future__ import annotations

import pytest
from listened import shown, texts

from textmusic.errors import PluginError
from textmusic.format import Format, Written
from textmusic.listening import listen
from textmusic.registry import formats
from textmusic.score import Score

pytestmark = pytest.mark.usefixtures("vendor")


def sounding(monkeypatch: pytest.MonkeyPatch, made: Written | PluginError) -> None:
    """A synthesizer that gives or refuses the same for each piece."""

    def encode(self: Format, score: Score) -> Written:
        if isinstance(made, PluginError):
            raise made
        return made

    monkeypatch.setattr(formats.get("ogg"), "encode", encode)


def test_sound_is_written_beside_the_other_files_and_known_as_such(tmp_path, monkeypatch) -> None:
    sounding(monkeypatch, Written(b"OggS of music"))
    page = listen(texts(tmp_path / "in", "abc", 2), tmp_path / "page", to=["mid"], audio="ogg")
    for card in shown(page.parent)["cards"]:
        kinds = {file["suffix"]: file["audio"] for file in card["downloads"]}
        assert kinds == {".mid": "", ".ogg": "audio/ogg", ".txt": ""}
        (sound,) = (file for file in card["downloads"] if file["audio"])
        assert (page.parent / sound["href"]).read_bytes() == b"OggS of music"


@pytest.mark.parametrize("options", [{"audio": "ogg"}, {"to": ["ogg"]}])
def test_a_synthesizer_that_is_missing_is_said_before_any_work(
    tmp_path, monkeypatch, options
) -> None:
    sounding(monkeypatch, PluginError("sound needs FluidSynth"))
    with pytest.raises(PluginError, match="FluidSynth"):
        listen(tmp_path / "missing.mid", tmp_path / "page", **options)
