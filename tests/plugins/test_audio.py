"""Sound: right in length and pitch, the same each time, and bounded."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from sound import sound_or_skip

from textmusic import api
from textmusic.errors import MissingDependencyError, PluginError
from textmusic.registry import formats
from textmusic.score import Note, Score, Tempo, Track
from textmusic_audio import _synth
from textmusic_audio._notes import played


@pytest.fixture
def with_sound() -> None:
    sound_or_skip()


def heard(data: bytes) -> tuple[np.ndarray, int]:
    import soundfile

    return soundfile.read(io.BytesIO(data))


def strongest(samples: np.ndarray, rate: int) -> float:
    """The frequency, in hertz, that has most of the energy."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.usefixtures("with_sound")
@pytest.mark.parametrize("name", ["wav", "ogg", "flac"])
def test_an_a_is_heard_at_440_hertz_for_as_long_as_it_lasts(name):
    score = Score((Track((Note(480, 960, 69),), program=73),), 480, (Tempo(0, 60),))
    samples, rate = heard(formats.get(name)().encode(score).data)
    assert len(samples) / rate == pytest.approx(3 + _synth.TAIL, abs=0.001)
    assert np.abs(samples[: rate - 2000]).max() < 0.01
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.05)
    assert strongest(samples[rate : 3 * rate, 0], rate) == pytest.approx(440, rel=0.01)


@pytest.mark.usefixtures("with_sound")
def test_a_bend_is_heard():
    note = Note(0, 1920, 69, string=0, marks=frozenset({"bend:2"}))
    score = Score((Track((note,), program=73, tuning=(64,)),), 480, (Tempo(0, 60),))
    samples, rate = heard(formats.get("wav")().encode(score).data)
    assert strongest(samples[2 * rate : 4 * rate, 0], rate) == pytest.approx(493.9, rel=0.01)


@pytest.mark.usefixtures("with_sound")
def test_what_lasts_for_hours_ends_after_twenty_minutes(monkeypatch):
    monkeypatch.setattr(_synth, "MOST_SECONDS", 3)
    notes = (Note(0, 480, 60), Note(480 * 36_000, 480, 60))
    written = formats.get("flac")().encode(Score((Track(notes),)))
    samples, rate = heard(written.data)
    assert len(samples) / rate == pytest.approx(3 + _synth.TAIL, abs=0.001)
    assert [issue.code for issue in written.issues] == ["audio.long"]


@pytest.mark.usefixtures("with_sound")
def test_title_and_provenance_stand_in_the_file():
    import soundfile

    score = Score(meta={"title": "A tune", "provenance": "textmusic\n1"})
    with soundfile.SoundFile(io.BytesIO(formats.get("ogg")().encode(score).data)) as file:
        assert (file.title, file.comment) == ("A tune", "textmusic 1")


def test_seconds_follow_the_tempo_as_the_score_reckons():
    notes = tuple(Note(at, 100, 60) for at in range(0, 4000, 500))
    score = Score((Track(notes),), 480, (Tempo(200, 90), Tempo(1500, 33), Tempo(1501, 200)))
    found = [(note.start, note.end) for note in played(score.tracks[0], score)]
    expected = [(score.seconds(note.onset), score.seconds(note.end)) for note in notes]
    assert np.allclose(found, expected)


def test_grace_notes_come_before_and_dead_notes_are_short():
    notes = (
        Note(960, 0, 62, marks=frozenset({"grace:1"})),
        Note(960, 960, 64),
        Note(1920, 960, 60, marks=frozenset({"dead"})),
    )
    score = Score((Track(notes),))
    grace, main, dead = played(score.tracks[0], score)
    assert grace.start < grace.end <= main.start == 1
    assert dead.end - dead.start < 0.1


def test_what_is_missing_is_named_with_what_to_install(monkeypatch, tmp_path):
    score = Score((Track((Note(0, 480, 60),)),))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fluidsynth", None)
        with pytest.raises(MissingDependencyError, match=r"pip install 'textmusic\[audio\]'"):
            api.write(score, tmp_path / "a.wav")
    sound_or_skip()
    monkeypatch.setenv("TEXTMUSIC_SOUNDFONT", str(tmp_path / "none.sf2"))
    with pytest.raises(PluginError, match="TEXTMUSIC_SOUNDFONT names"):
        api.write(score, tmp_path / "a.wav")
    (tmp_path / "none.sf2").write_bytes(b"RIFF")
    with pytest.raises(PluginError, match="cannot read it"):
        api.write(score, tmp_path / "a.wav")
    monkeypatch.delenv("TEXTMUSIC_SOUNDFONT")
    monkeypatch.setattr(_synth, "_FOLDERS", ())
    with pytest.raises(PluginError, match="apt-get install timgm6mb-soundfont"):
        api.write(score, tmp_path / "a.wav")
    assert not (tmp_path / "a.wav").exists()
