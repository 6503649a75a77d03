"""MusicNet label files: note values and bars, or real time; instruments kept."""

from __future__ import annotations

from fractions import Fraction

import pytest

from textmusic.errors import FormatError
from textmusic.registry import formats
from textmusic.score import Meter, Score
from textmusic_musicnet import MusicNetLabels, MusicNetSeconds

HEADER = "start_time,end_time,instrument,note,start_beat,end_beat,note_value\n"


def rows(*labels: tuple[float, float, int, int], tempo: float = 60.0, lasting: float = 1.0) -> str:
    """Label rows of (beat, length, instrument, note), played evenly after half a second."""
    second = 44_100 * 60 / tempo
    names = {0.25: "Sixteenth", 0.5: "Eighth", 1.0: "Quarter", 2.0: "Half", 4.0: "Whole"}
    return "".join(
        f"{round(22_050 + beat * second)},{round(22_050 + (beat + length * lasting) * second)},"
        f"{instrument},{note},{beat},{length * lasting},{names.get(length, 'Unknown')}\n"
        for beat, length, instrument, note in labels
    )


SCALE = [(i, 1.0, 41, 60 + i) for i in range(8)]


def read(text: str) -> Score:
    (score,) = MusicNetLabels().decode(text.encode()).scores
    return score


def sounds(score: Score) -> list[tuple[Fraction, Fraction, int]]:
    return [
        (Fraction(n.onset, score.tpq), Fraction(n.duration, score.tpq), n.pitch)
        for n in score.notes()
    ]


def test_beats_become_note_values_and_instruments_tracks():
    score = read(HEADER + rows(*SCALE, (0, 4.0, 43, 40), (4, 4.0, 43, 38)))
    assert [(t.name, t.program) for t in score.tracks] == [("Violin", 40), ("Cello", 42)]
    assert sounds(score)[:8] == [(i, 1, 60 + i) for i in range(8)]
    assert sounds(score)[8:] == [(0, 4, 40), (4, 4, 38)]


def test_gaps_of_articulation_close_and_long_rests_stay():
    labels = [*SCALE, (9, 1.0, 41, 72)]
    assert sounds(read(HEADER + rows(*labels, lasting=0.9))) == [
        *((i, 1, 60 + i) for i in range(8)),
        (9, 1, 72),
    ]


def test_triplets_and_quintuplets_come_out():
    third, fifth = 1 / 3, 0.2
    labels = [(i * third, third, 1, 60 + i) for i in range(3)]
    labels += [(1 + i * fifth, fifth, 1, 70 + i) for i in range(5)]
    labels = [(round(b, 9), round(d, 9), i, n) for b, d, i, n in labels]
    assert sounds(read(HEADER + rows(*labels, *((2 + i, 1.0, 1, 50) for i in range(4)))))[:8] == [
        *((Fraction(i, 3), Fraction(1, 3), 60 + i) for i in range(3)),
        *((1 + Fraction(i, 5), Fraction(1, 5), 70 + i) for i in range(5)),
    ]


def test_onsets_sound_when_the_labels_say():
    text = HEADER + rows(*SCALE[:4], tempo=60) + rows(*[(8.0, 1.0, 41, 50)], tempo=40)
    score = read(text)
    starts = [score.seconds(n.onset) for n in score.tracks[0].notes]
    first = starts[0]
    assert [round(s - first, 3) for s in starts] == [0, 1, 2, 3, 12]


def test_a_beat_of_an_eighth_is_told_from_the_note_values():
    eighths = "".join(
        f"{i * 1000},{i * 1000 + 900},1,{60 + i},{float(i)},1.0,Eighth\n" for i in range(8)
    )
    assert sounds(read(eighths))[:2] == [
        (0, Fraction(1, 2), 60),
        (Fraction(1, 2), Fraction(1, 2), 61),
    ]


def test_bars_of_three_are_told_by_their_heavy_beats():
    waltz = [(3 * i, 3.0, 43, 40) for i in range(8)] + [(b, 1.0, 41, 60) for b in range(24)]
    assert read(HEADER + rows(*waltz)).meters == (Meter(0, 3, 4),)


def test_files_without_header_and_with_other_line_ends_read_the_same():
    text = rows(*SCALE)
    assert read(text) == read((HEADER + text).replace("\n", "\r\n"))


def test_real_time_is_exact_to_the_sample():
    (score,) = MusicNetSeconds().decode((HEADER + rows(*SCALE)).encode()).scores
    first, second = score.tracks[0].notes[:2]
    assert (first.onset, first.duration, second.onset) == (22_050, 44_100, 66_150)
    assert score.seconds(first.onset) == 0.5


def test_rows_that_are_no_labels_are_left_out_and_counted():
    loaded = MusicNetLabels().decode(
        (HEADER + rows(*SCALE) + "x,y\n5,3,41,60,0,1,Quarter\n").encode()
    )
    (issue,) = loaded.issues
    assert issue.message.startswith("2 rows")
    assert len(loaded.scores[0].tracks[0].notes) == 8


@pytest.mark.parametrize("data", [b"", b"0, 1, 4, 60\n", b"a,b,c\n", b"\0\1", HEADER.encode()])
def test_other_tables_get_one_line(data):
    with pytest.raises(FormatError) as caught:
        MusicNetLabels().decode(data)
    assert "\n" not in str(caught.value)
    assert not MusicNetLabels.recognises(data) or data == HEADER.encode()


def test_label_files_are_recognised_by_content():
    assert MusicNetLabels.recognises((HEADER + rows(*SCALE)).encode())
    assert MusicNetLabels.recognises(rows(*SCALE).encode())


def test_plain_csv_files_are_labels_in_beats(tmp_path):
    path = tmp_path / "1.csv"
    path.write_text(HEADER + rows(*SCALE))
    assert formats.reader("csv").read(path).scores == (read(HEADER + rows(*SCALE)),)


def test_every_label_file_of_real_music_reads_with_all_its_notes(data):
    files = sorted((data / "musicnet" / "labels").glob("*.csv"))
    for path in files[::8]:
        loaded = MusicNetLabels().read(path)
        lines = [line for line in path.read_text().splitlines() if line[:1].isdecimal()]
        assert sum(1 for _ in loaded.scores[0].notes()) == len(lines), path.name
        assert not loaded.issues
