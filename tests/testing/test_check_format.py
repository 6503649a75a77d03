"""check_format: a clean format passes, and every planted defect is named by its law alone."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest
from kit_toys import JsonFormat

from textmusic.codec import Feature
from textmusic.errors import FormatError, Issue
from textmusic.format import Loaded, Written
from textmusic.score import Note, Score, Tempo, Track
from textmusic.testing import LawError, _format_laws, _shrink, check_format

COUNTER = itertools.count()


def test_a_clean_format_keeps_every_law() -> None:
    check_format(JsonFormat(), files=[b'{"tracks": []}'])


def test_formats_of_one_direction_are_checked_in_it() -> None:
    class Reads(JsonFormat):
        writes = False

        def encode(self, score: Score) -> Written:
            raise FormatError("cannot be written")

    class Writes(JsonFormat):
        reads = False

        def decode(self, data: bytes) -> Loaded:
            raise FormatError("cannot be read")

    check_format(Reads(), files=[JsonFormat().encode(Score()).data], examples=5)
    check_format(Writes(), examples=5)


class Untitled(JsonFormat):
    title = ""


class EncodeRaises(JsonFormat):
    def encode(self, score: Score) -> Written:
        if len(score.tracks) > 16:
            raise IndexError("channels")
        return super().encode(score)


class ReportsErrors(JsonFormat):
    def encode(self, score: Score) -> Written:
        written = super().encode(score)
        return replace(written, issues=tuple(replace(i, severity="error") for i in written.issues))


class Stamped(JsonFormat):
    def encode(self, score: Score) -> Written:
        written = super().encode(score)
        return replace(written, data=written.data + b" " * next(COUNTER))


class ReadsNothing(JsonFormat):
    def decode(self, data: bytes) -> Loaded:
        return Loaded(super().decode(data).scores * 2)


class SilentlyClipsTempo(JsonFormat):
    def encode(self, score: Score) -> Written:
        tempos = tuple(replace(t, qpm=max(t.qpm, 50)) for t in score.tempos)
        return super().encode(replace(score, tempos=tempos))


class Drifts(JsonFormat):
    def encode(self, score: Score) -> Written:
        if not any(note.velocity < 127 for note in score.notes()):
            return super().encode(score)
        louder = [
            replace(t, notes=tuple(replace(n, velocity=min(127, n.velocity + 1)) for n in t.notes))
            for t in score.tracks
        ]
        written = super().encode(replace(score, tracks=tuple(louder)))
        issue = Issue("toyjson.velocity", "velocities are changed", 0, 0, "warning")
        return replace(written, issues=(issue,))

    keeps = JsonFormat.keeps - {Feature.DRUM}


class LosesKeys(JsonFormat):
    def encode(self, score: Score) -> Written:
        written = super().encode(replace(score, keys=()))
        issue = Issue("toyjson.keys", "keys are lost", 0, 0, "warning")
        return replace(written, issues=(*written.issues, *([issue] if score.keys else [])))


class DecodeRaises(JsonFormat):
    def decode(self, data: bytes) -> Loaded:
        return super().decode(data) if data else Loaded((Score(tempos=(Tempo(data[0], 1),)),))


class PointsOutside(JsonFormat):
    def decode(self, data: bytes) -> Loaded:
        try:
            return super().decode(data)
        except FormatError:
            return Loaded((), (Issue("toyjson.bad", "bad", len(data) + 1),))


class Dawdles(JsonFormat):
    def decode(self, data: bytes) -> Loaded:
        time.sleep(0.12 if data.startswith(b"\xff" * 9) else 0)
        return super().decode(data)


class RefusesAll(JsonFormat):
    def encode(self, score: Score) -> Written:
        raise FormatError("not today")


class Shy(JsonFormat):
    name = "shy.json"


class Hasty(JsonFormat):
    @classmethod
    def recognises(cls, data: bytes) -> bool:
        return data[0] == ord("{")


DEFECTS = {
    "declares": Untitled(),
    "encode-total": EncodeRaises(),
    "encode-issues": ReportsErrors(),
    "deterministic": Stamped(),
    "reads-own": ReadsNothing(),
    "says-loss": SilentlyClipsTempo(),
    "stable": Drifts(),
    "keeps": LosesKeys(),
    "recognises-own": Shy(),
    "recognises": Hasty(),
    "decode-total": DecodeRaises(),
    "issue-places": PointsOutside(),
    "bounded": Dawdles(),
    "accepts": RefusesAll(),
}


@pytest.mark.parametrize("law", DEFECTS)
def test_a_planted_defect_is_named_by_its_law_alone(law, monkeypatch) -> None:
    monkeypatch.setattr(_shrink, "_ATTEMPTS", 20)
    if law == "bounded":
        monkeypatch.setattr(_format_laws, "SECONDS", 0.1)
    with pytest.raises(LawError) as caught:
        check_format(DEFECTS[law], examples=16)
    assert [failure.law for failure in caught.value.failures] == [law], str(caught.value)


def test_every_law_has_a_planted_defect() -> None:
    tables = (
        _format_laws.DECLARED_LAWS,
        _format_laws.WRITING_LAWS,
        _format_laws.ROUND_TRIP_LAWS,
        _format_laws.RECOGNISING_LAWS,
        _format_laws.KEEPS_LAWS,
        _format_laws.READING_LAWS,
    )
    laws = {law.name for table in tables for law in table}
    assert laws | {"accepts"} == set(DEFECTS) | {"name"}


def test_a_format_offered_under_other_names_only_is_reported(tmp_path, monkeypatch) -> None:
    info = tmp_path / "kit_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kit-dist\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[textmusic.formats]\nother = kit_toys:JsonFormat\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(LawError) as caught:
        check_format(JsonFormat(), examples=4)
    assert [failure.law for failure in caught.value.failures] == ["name"]


def test_the_message_shows_the_smallest_score() -> None:
    with pytest.raises(LawError) as caught:
        check_format(SilentlyClipsTempo(), scores=[Score((Track((Note(0, 480, 60),) * 9),),
                     tempos=(Tempo(0, 20), Tempo(480, 90)))])  # fmt: skip
    message = caught.value.failures[0].message
    assert "no issue of encode, yet tempo: expected [(20.0, '0')], got [(50.0, '0')]" in message
    assert "score: Score(tempos=[Tempo(0, 20)])" in message
