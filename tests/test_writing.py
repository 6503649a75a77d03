"""Models that write: limits, priming, provenance, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import pytest
from music import tab_folder, tab_text

import textmusic
from textmusic.controls import Controls
from textmusic.errors import CheckpointError, ConfigError, EncodeError
from textmusic.grammar import first_error
from textmusic.writing import Model


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tunes = tab_folder(folder / "tunes")
    textmusic.train("guitartab", [tunes], folder / "run", steps=40, hidden=32, batch=8, window=64)
    return folder / "run"


def test_samples_are_whole_and_the_same_for_the_same_seed(run: Path) -> None:
    model = textmusic.load(run)
    first = list(model.sample(3, seed=7, characters=200))
    again = list(model.sample(2, seed=7, characters=200))
    assert [s.text for s in first[:2]] == [s.text for s in again]
    assert all(not sample.issues for sample in first)
    assert [sample.number for sample in first] == [1, 2, 3]


def test_length_in_bars_and_seconds(run: Path) -> None:
    model = textmusic.load(run)
    head = tab_text(0).splitlines()[0] + "\n"
    for sample in model.sample(2, bars=3, seed=1, prime=head):
        assert len(sample.score.bars()) <= 3
        assert not sample.issues
        assert model.codec.decode(sample.text).tracks == sample.score.tracks
    for sample in model.sample(2, seconds=9, seed=1, prime=head):
        assert 6 <= sample.score.seconds(sample.score.end) <= 9
    for sample in model.sample(2, seconds=1, seed=1, prime=head):
        assert sample.score.seconds(sample.score.end) <= 1


def test_a_piece_has_as_many_bars_as_asked_for(run: Path) -> None:
    model = textmusic.load(run)
    common = Controls(meter=(4, 4))
    for sample in model.sample(3, bars=3, seed=1, characters=2000, controls=common):
        assert len(sample.score.bars()) == 3
        assert not sample.issues


def test_what_is_asked_for_holds_from_start_to_end(run: Path) -> None:
    model = textmusic.load(run)
    asked = Controls(meter=(3, 4), tempo=90, low=45, high=70, tuning=(38, 45, 50, 55, 57, 62))
    for sample in model.sample(3, controls=asked, characters=300):
        assert asked.broken(sample.score) == ()
        assert not sample.issues
    text = "".join(model.stream(controls=asked, characters=200))
    assert asked.broken(model.codec.decode(text)) == ()
    with pytest.raises(ConfigError, match="cannot be asked for key; they can for"):
        next(model.sample(1, controls=Controls(key=(0, "major"))))
    with pytest.raises(ConfigError, match="without a grammar"):
        next(model.sample(1, controls=asked, free=True))
    with pytest.raises(ConfigError, match="longest"):
        next(model.sample(1, longest=3))


def test_characters_are_forbidden_and_required(run: Path) -> None:
    model = textmusic.load(run)
    for sample in model.sample(3, forbid="3h", require="s", characters=300, temperature=1.5):
        assert "s" in sample.text
        assert not {"3", "h"} & set(sample.text)


def test_the_best_of_several_is_kept(run: Path, tmp_path: Path) -> None:
    model = textmusic.load(run)
    every = list(model.sample(6, seed=3, characters=150))
    kept = list(model.sample(2, seed=3, characters=150, best_of=3, by=lambda s: len(s.text)))
    assert [s.number for s in kept] == [
        max(every[:3], key=lambda s: len(s.text)).number,
        max(every[3:], key=lambda s: len(s.text)).number,
    ]
    (likely,) = model.sample(1, seed=3, characters=150, best_of=6)
    assert likely.bits / likely.drawn == min(s.bits / s.drawn for s in every)
    critic = tmp_path / "critic.py"
    critic.write_text("def height(score):\n    return max(n.pitch for n in score.notes())\n")
    (high,) = model.sample(1, seed=3, characters=150, best_of=6, by=f"{critic}:height")
    tops = [max((n.pitch for n in s.score.notes()), default=0) for s in every]
    assert max(n.pitch for n in high.score.notes()) == max(tops)
    with pytest.raises(ConfigError, match="best_of"):
        next(model.sample(1, best_of=0))


def test_a_kind_of_piece_is_asked_for_by_its_name(run: Path, tmp_path: Path) -> None:
    for kind, first in (("jigs", 0), ("reels", 8)):
        folder = tmp_path / "tunes" / kind
        folder.mkdir(parents=True)
        for number in range(first, first + 8):
            (folder / f"{number}.tab").write_text(tab_text(number))
    textmusic.train(
        "guitartab", [tmp_path / "tunes"], tmp_path / "run", steps=30, hidden=32, condition="folder"
    )
    model = textmusic.load(tmp_path / "run")
    assert model.arrangement.tags == ("jigs", "reels")
    texts = {
        kind: [(s.text, s.bits) for s in model.sample(2, condition=kind, characters=120)]
        for kind in ("jigs", "REELS", None)
    }
    assert len({str(found) for found in texts.values()}) == 3
    assert all(first_error(model.codec.grammar(), t) is None for f in texts.values() for t, _ in f)
    with pytest.raises(ConfigError, match="it knows jigs, reels"):
        next(model.sample(1, condition="waltz"))
    with pytest.raises(ConfigError, match="trained without --condition"):
        next(textmusic.load(run).sample(1, condition="waltz"))


def test_priming_with_a_music_file_keeps_its_first_bars(run: Path, tmp_path: Path) -> None:
    model = textmusic.load(run)
    piece = model.codec.decode(tab_text(3))
    textmusic.write(piece, tmp_path / "piece.mid")
    textmusic.write(piece, tmp_path / "piece.gp5")
    for name in ("piece.mid", "piece.gp5"):
        prime = model.opening(tmp_path / name, bars=2)
        (sample,) = model.sample(1, prime=prime, characters=300)
        assert sample.text.startswith(prime)
        wanted = [n for n in piece.notes() if n.onset < 8 * piece.tpq]
        got = [n for n in sample.score.notes() if n.onset < 8 * sample.score.tpq]
        ratio = sample.score.tpq // piece.tpq
        assert [(n.onset * ratio, n.pitch) for n in wanted] == [(n.onset, n.pitch) for n in got]


def test_a_stream_is_the_sample_of_the_same_seed(run: Path) -> None:
    model = textmusic.load(run)
    (sample,) = model.sample(1, seed=5, characters=120)
    assert "".join(model.stream(seed=5, characters=120)) == sample.text


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8", "auto"])
def test_a_seed_writes_the_same_in_a_precision(run: Path, precision: str) -> None:
    model = textmusic.load(run)
    first, again = (
        list(model.sample(2, seed=3, characters=200, precision=precision)) for _ in range(2)
    )
    assert [piece.text for piece in first] == [piece.text for piece in again]
    streamed = model.stream(seed=3, characters=200, precision=precision)
    assert "".join(streamed) == first[0].text
    said = first[0].score.get("provenance")
    assert "precision=auto" not in said
    if precision != "auto":
        assert f"precision={precision}" in said


def test_an_unknown_precision_is_refused(run: Path) -> None:
    with pytest.raises(ConfigError, match="auto, float32"):
        list(textmusic.load(run).sample(precision="int4"))


def test_provenance_is_in_the_file(run: Path, tmp_path: Path) -> None:
    model = textmusic.load(run)
    (sample,) = model.sample(1, seed=9, characters=120)
    sample.write(tmp_path / "a.mid")
    texts = [
        m.text for t in mido.MidiFile(tmp_path / "a.mid").tracks for m in t if hasattr(m, "text")
    ]
    assert any(model.digest in text and "seed=9" in text for text in texts)
    sample.write(tmp_path / "a.gp5")
    assert model.digest in str(textmusic.read(tmp_path / "a.gp5").scores[0].meta)


def test_options_are_checked(run: Path) -> None:
    model = textmusic.load(run)
    for options in ({"temperature": -1}, {"topp": 1}, {"bars": 1, "seconds": 1}):
        with pytest.raises(ConfigError):
            list(model.sample(1, **options))
    with pytest.raises(EncodeError, match="priming"):
        list(model.sample(1, prime="zzz"))


def test_a_checkpoint_of_an_absent_codec_names_its_distribution(run: Path, tmp_path: Path) -> None:
    _rewrite(run, tmp_path / "alien.safetensors", name="drums", distribution="textmusic-drums")
    with pytest.raises(CheckpointError, match="pip install textmusic-drums"):
        Model.load(tmp_path / "alien.safetensors")


def test_a_checkpoint_of_a_newer_text_is_refused(run: Path, tmp_path: Path) -> None:
    _rewrite(run, tmp_path / "new.safetensors", format_version=99)
    with pytest.raises(CheckpointError, match="version 99"):
        Model.load(tmp_path / "new.safetensors")


def _rewrite(run: Path, target: Path, **codec: object) -> None:
    data = (run / "model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    meta = json.loads(header["__metadata__"]["textmusic"])
    meta["codec"].update(codec)
    header["__metadata__"]["textmusic"] = json.dumps(meta)
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    target.write_bytes(len(head).to_bytes(8, "little") + head + data[8 + size :])


def test_what_shares_too_much_with_the_training_set_is_drawn_anew(run: Path) -> None:
    from textmusic.corpus import Corpus
    from textmusic.originals import overlap_index

    model = textmusic.load(run)
    index = overlap_index(Corpus.open(run / "corpus"), model.codec, run / "overlap")
    free = list(model.sample(12, seed=7, characters=400))
    limit = max(index.audit(sample.score).notes for sample in free) - 1
    kept = list(model.sample(12, seed=7, characters=400, max_overlap=limit))
    assert len(kept) == 12
    assert all(index.audit(sample.score).notes <= limit for sample in kept)
    texts = {sample.number: sample.text for sample in free}
    assert all(texts.get(sample.number, sample.text) == sample.text for sample in kept)
    assert [sample.number for sample in kept] != list(range(1, 13))


def test_a_limit_that_no_sample_keeps_is_said(run: Path, tmp_path: Path) -> None:
    model = textmusic.load(run)
    prime = model.codec.opening(tab_text(3))
    with pytest.raises(ConfigError, match="share more than 2 notes"):
        list(model.sample(1, prime=prime, characters=len(prime) + 20, max_overlap=2))
    (tmp_path / "model.safetensors").write_bytes((run / "model.safetensors").read_bytes())
    with pytest.raises(ConfigError, match="no training set"):
        next(textmusic.load(tmp_path).sample(1, max_overlap=9))
