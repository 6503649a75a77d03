"""A run is judged: what it predicts, what it writes, whom it copies."""

from __future__ import annotations

import builtins
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from music import tab_folder, tab_text

import textmusic
from textmusic.corpus import Corpus, Progress
from textmusic.errors import ConfigError, CorpusError, FormatError, MissingDependencyError
from textmusic.judging import draw_picture, judge
from textmusic.judging._mask import mask_bits
from textmusic.lm import character_bits
from textmusic.originals import names, overlap_index, pieces
from textmusic.transforms import transpose


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judged")
    tunes = tab_folder(folder / "tunes")
    textmusic.train("guitartab", [tunes], folder / "run", steps=60, hidden=32, batch=8, window=64)
    return folder / "run"


def trained_tune(run: Path) -> tuple[str, str]:
    document = next(Corpus.open(run / "corpus").documents("train"))
    return document.text, document.file


def test_held_out_documents_are_predicted_beside_the_baselines(run: Path) -> None:
    found = judge(run)
    assert found.prediction is not None
    assert [row.name for row in found.prediction.predictors] == [
        "model", "uniform", "order 0", "n-gram", "xz"
    ]  # fmt: skip
    model, uniform = found.prediction.predictors[:2]
    scores = json.loads((run / "scores.json").read_text())
    assert model.bits_per_char == pytest.approx(scores["bits_per_char"], rel=1e-4)
    assert model.bits_per_note == pytest.approx(scores["bits_per_note"], rel=1e-4)
    assert model.bits_per_char < uniform.bits_per_char
    assert 0 < model.accuracy < 1
    documents = found.prediction.documents
    assert sum(one.bits for one in documents) == pytest.approx(model.bits)
    assert {Path(one.name).suffix for one in documents} == {".tab"}
    assert "does not beat" in found.prediction.verdict


def test_the_likelihood_of_any_file_is_given(run: Path, tmp_path: Path) -> None:
    model = textmusic.load(run)
    score = model.codec.decode(tab_text(77))
    textmusic.write(score, tmp_path / "new.gp5")
    found = judge(run, [tmp_path / "new.gp5"])
    assert found.prediction is not None
    (document,) = found.prediction.documents
    text = textmusic.encode(tmp_path / "new.gp5", model.codec)[0]
    ids = np.array([0, *model.codec.alphabet.encode(text), 0], np.int64)
    bits = character_bits(model.checkpoint.model, ids)
    assert document.bits == pytest.approx(float(bits.sum()), rel=1e-4)
    assert document.name == str(tmp_path / "new.gp5")
    assert document.n_gram_bits > 0


def test_a_model_that_learnt_kinds_is_told_them(tmp_path: Path) -> None:
    for kind, first in (("jigs", 0), ("reels", 15)):
        (tmp_path / "tunes" / kind).mkdir(parents=True)
        for number in range(first, first + 15):
            (tmp_path / "tunes" / kind / f"{number}.tab").write_text(tab_text(number))
    size = {"steps": 40, "hidden": 32, "batch": 8, "window": 64}
    run = tmp_path / "run"
    textmusic.train("guitartab", [tmp_path / "tunes"], run, condition="folder", **size)
    found = judge(run).prediction
    assert found is not None
    scores = json.loads((run / "scores.json").read_text())
    assert found.predictors[0].bits_per_char == pytest.approx(scores["bits_per_char"], rel=1e-4)
    assert found.told == len(found.documents)
    assert sum(one.bits for one in found.documents) == pytest.approx(found.predictors[0].bits)
    assert judge(run).to_json()["prediction"]["told"] == found.told

    model = textmusic.load(run)
    tags, alphabet = model.arrangement, model.codec.alphabet
    text = model.codec.canonical(tab_text(77))
    for folder, lead in (("jigs", tags.tag(alphabet, "jigs")), ("waltzes", [])):
        (tmp_path / "more" / folder).mkdir(parents=True)
        (tmp_path / "more" / folder / "new.tab").write_text(text)
        told = judge(run, [tmp_path / "more" / folder]).prediction
        assert told is not None
        ids = np.array([0, *lead, *alphabet.encode(text), 0], np.int64)
        bits = character_bits(model.checkpoint.model, ids)[len(lead) :]
        assert told.told == len(lead)
        assert told.documents[0].bits == pytest.approx(float(bits.sum()), rel=1e-4)


def test_a_model_without_its_run_is_judged_by_files_only(run: Path, tmp_path: Path) -> None:
    shutil.copy(run / "model.safetensors", tmp_path)
    with pytest.raises(ConfigError, match="name music files"):
        judge(tmp_path / "model.safetensors")
    (tmp_path / "new.tab").write_text(tab_text(77))
    found = judge(tmp_path / "model.safetensors", [tmp_path / "new.tab"], samples=1, characters=80)
    assert found.prediction is not None
    assert [row.name for row in found.prediction.predictors] == ["model", "uniform"]
    assert found.samples is not None
    assert (found.samples.overlaps, found.samples.yardstick) == ((), None)
    assert list(found.samples.statistics) == ["samples"]


def test_samples_are_judged_with_and_without_the_grammar(run: Path) -> None:
    seen: list[Progress] = []
    found = judge(run, samples=4, characters=300, seed=3, progress=seen.append).samples
    assert found is not None
    with_grammar, free = found.validity
    assert (with_grammar.how, with_grammar.clean, with_grammar.sound) == ("grammar", 1, 1)
    assert (free.how, free.samples) == ("free", 4)
    assert free.clean < 1
    assert found.mask_bits > 0
    assert set(found.statistics) == {"samples", "training", "held out"}
    assert set(found.distances["interval"]) == {"samples", "held out"}
    assert [name for name, _ in found.overlaps] == [f"sample {n}" for n in range(1, 5)]
    assert {"writing music (free)", "reading held-out music"} <= {one.message for one in seen}


def test_a_copy_among_the_samples_is_named(run: Path, tmp_path: Path) -> None:
    text, file = trained_tune(run)
    codec = textmusic.load(run).codec
    copy = codec.encode(codec.project(transpose(codec.decode(text), 2)))
    (tmp_path / "01.guitartab.txt").write_text(copy)
    (tmp_path / "02.guitartab.txt").write_text(tab_text(99))
    found = judge(run, samples=tmp_path).samples
    assert found is not None
    copied, own = (one for _, one in found.overlaps)
    assert copied.source == file
    assert copied.share > 0.9
    assert own.notes < copied.notes
    assert found.copying >= 1


def test_the_yardstick_is_the_longest_run_where_few_pieces_are_held_out(run: Path) -> None:
    found = judge(run, samples=1, characters=80).samples
    assert found is not None
    assert found.yardstick is not None
    model = textmusic.load(run)
    corpus = Corpus.open(run / "corpus")
    index = overlap_index(corpus, model.codec, run / "overlap")
    runs = [index.audit(one).notes for one in pieces(corpus, model.codec, "valid", 1000)]
    assert found.yardstick.pieces == len(runs) < 99
    assert found.yardstick.percentile_99 == max(runs)
    assert not found.yardstick.enough


def test_music_files_are_judged_where_there_are_no_texts(run: Path, tmp_path: Path) -> None:
    textmusic.write(textmusic.load(run).codec.decode(trained_tune(run)[0]), tmp_path / "a.mid")
    found = judge(run, samples=tmp_path).samples
    assert found is not None
    assert found.validity[0].bits_per_char is None
    assert found.overlaps[0][1].source == trained_tune(run)[1]


def test_folders_without_samples_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no folder of samples"):
        judge(run, samples=tmp_path / "nowhere")
    with pytest.raises(FormatError, match="neither texts named"):
        judge(run, samples=tmp_path)
    with pytest.raises(ConfigError, match="leave out free"):
        judge(run, samples=2, free=True)
    with pytest.raises(CorpusError):
        judge(run, [tmp_path])


def test_the_index_is_kept_and_built_anew_for_another_corpus(run: Path, tmp_path: Path) -> None:
    codec = textmusic.load(run).codec
    corpus = Corpus.open(run / "corpus")
    overlap_index(corpus, codec, tmp_path)
    made = (tmp_path / "order.npy").stat().st_mtime_ns
    overlap_index(corpus, codec, tmp_path)
    assert (tmp_path / "order.npy").stat().st_mtime_ns == made
    corpus.hash = "another"
    overlap_index(corpus, codec, tmp_path)
    assert (tmp_path / "order.npy").stat().st_mtime_ns != made


def test_documents_of_one_file_are_told_apart(tmp_path: Path) -> None:
    from textmusic.corpus import build

    codec = textmusic.get_codec("abc")
    head = "X:{0}\nT:tune {0}\nM:4/4\nL:1/4\nK:C\n"
    tunes = [head.format(n) + "CDEF|G" + "ABcd"[:n] * 2 + "|\n\n" for n in range(1, 4)]
    (tmp_path / "tunes.abc").write_text("".join(tunes))
    corpus = build([tmp_path / "tunes.abc"], codec, tmp_path / "corpus", valid=0, workers=1)
    found = names(list(corpus.documents()), codec)
    assert len(set(found)) == 3
    assert all("tunes.abc, character " in name for name in found)


def test_the_mask_costs_nothing_where_it_forbids_nothing(run: Path) -> None:
    class Anything:
        def __init__(self, chars: str) -> None:
            self.chars = frozenset(chars)

        def start(self) -> int:
            return 0

        def allowed(self, _state: int) -> frozenset[str]:
            return self.chars

        def step(self, state: int, _char: str) -> int:
            return state

        def accepting(self, _state: int) -> bool:
            return True

    model = textmusic.load(run)
    args = model.checkpoint.model, model.codec.alphabet
    text = tab_text(5)
    assert mask_bits(*args, Anything(model.codec.alphabet.chars), [text]) == pytest.approx(0)
    assert mask_bits(*args, Anything(text), [text]) > 0
    assert mask_bits(*args, Anything("@"), [text]) is None


def test_a_judgement_is_plain_json(run: Path) -> None:
    found = judge(run, samples=2, characters=120)
    stored = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert stored["codec"] == "guitartab"
    assert stored["prediction"]["verdict"]
    assert len(stored["samples"]["overlaps"]) == 2


def test_a_picture_is_drawn_where_matplotlib_is(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = judge(run, samples=2, characters=120).samples
    assert found is not None
    with pytest.raises(ConfigError, match="pictures are"):
        draw_picture(found, tmp_path / "a.doc")
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", without)
        with pytest.raises(MissingDependencyError, match=r"textmusic\[plot\]"):
            draw_picture(found, tmp_path / "a.svg")
    draw_picture(found, tmp_path / "a.svg")
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()
