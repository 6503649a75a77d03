"""Model files: the header without torch, and every way to be damaged."""

import json
import pickle
import subprocess
import sys

import pytest
import torch
from lm_toys import ALPHABET, toy_ids

from textmusic.errors import CheckpointError
from textmusic.lm import Checkpoint, fit, stored_configs


def rewritten(data: bytes, change) -> bytes:
    """Return the file with its textmusic header changed."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    meta = json.loads(header["__metadata__"]["textmusic"])
    change(meta)
    header["__metadata__"]["textmusic"] = json.dumps(meta)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + size :]


def with_header(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


def test_the_header_says_all_about_the_model(toy_run):
    meta = Checkpoint.header(toy_run[0] / "model.safetensors")
    assert meta["alphabet"] == ALPHABET.chars
    assert meta["codec"] == {"name": "toy", "version": 1}
    assert meta["model"]["hidden"] == 24
    assert meta["train"]["steps"] == 250
    assert meta["scores"]["step"] == 250
    assert meta["data"]["train_chars"] == len(toy_ids(800, 0)) - 1


def test_headers_are_read_without_torch(toy_run):
    code = (
        "import sys; from textmusic.lm import Checkpoint, stored_configs, SampleConfig\n"
        "Checkpoint.header(sys.argv[1] + '/model.safetensors')['codec']\n"
        "stored_configs(sys.argv[1])[1].steps\n"
        "sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'safetensors')))"
    )
    subprocess.run([sys.executable, "-c", code, str(toy_run[0])], check=True)


def test_a_loaded_model_is_the_trained_one(toy_run, toy_checkpoint):
    assert toy_checkpoint.alphabet == ALPHABET
    assert not toy_checkpoint.model.training
    trained = toy_run[1][-1].model.state_dict()
    for name, value in toy_checkpoint.model.state_dict().items():
        assert torch.equal(value, trained[name])


DAMAGE = {
    "empty": (lambda data: b"", "no safetensors file"),
    "half": (lambda data: data[: len(data) // 2], "cut off"),
    "within the header": (lambda data: data[:300], "cut off"),
    "one byte more": (lambda data: data + b"\0", "cut off or damaged"),
    "a huge header": (lambda data: b"\xff" * 7 + b"\x7f" + data[8:], "no safetensors file"),
    "a text": (lambda data: b"X:1\nK:C\nabc" * 9, "no safetensors file"),
    "a pickle": (lambda data: pickle.dumps({"weight": 1}), "is a pickle"),
    "an older pickle": (lambda data: b"\x80\x04\0\0\0\0\0\0" + data, "is a pickle"),
    "a torch file": (lambda data: b"PK\x03\x04" + data, "is a pickle"),
    "no JSON": (lambda data: with_header(b"{nonsense}"), "header is damaged"),
    "deep JSON": (lambda data: with_header(b'{"a":' * 100_000), "header is damaged"),
    "a list": (lambda data: with_header(b"[]"), "no safetensors"),
    "odd entries": (lambda data: with_header(b'{"a": {"data_offsets": "x"}}'), "header is damaged"),
    "a stranger": (lambda data: with_header(b'{"__metadata__": {}}'), "not written by textmusic"),
    "odd metadata": (lambda data: with_header(b'{"__metadata__": []}'), "header is damaged"),
    "the future": (
        lambda data: rewritten(data, lambda m: m.update(format="textmusic model 9")),
        "another version",
    ),
    "no alphabet": (lambda data: rewritten(data, lambda m: m.pop("alphabet")), "incomplete"),
    "another alphabet": (
        lambda data: rewritten(data, lambda m: m.update(alphabet="abc")),
        "alphabet does not fit",
    ),
    "another shape": (
        lambda data: rewritten(data, lambda m: m["model"].update(hidden=16000)),
        "tensors do not fit",
    ),
    "an odd shape": (
        lambda data: rewritten(data, lambda m: m.update(model="large")),
        "incomplete",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_named_in_one_line(toy_run, tmp_path, kind):
    damage, word = DAMAGE[kind]
    path = tmp_path / "model.safetensors"
    path.write_bytes(damage((toy_run[0] / "model.safetensors").read_bytes()))
    for read in (Checkpoint.header, Checkpoint.load):
        with pytest.raises(CheckpointError, match=word) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_missing_files_and_training_states_are_no_models(toy_run, tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read"):
        Checkpoint.load(tmp_path / "none.safetensors")
    with pytest.raises(CheckpointError, match="cannot be read"):
        Checkpoint.load(tmp_path)
    with pytest.raises(CheckpointError, match="another file of the run"):
        Checkpoint.load(toy_run[0] / "state.safetensors")


@pytest.mark.parametrize("keep", [0, 100, 3000])
def test_a_damaged_state_is_not_resumed(toy_run, tmp_path, keep):
    whole = (toy_run[0] / "state.safetensors").read_bytes()
    (tmp_path / "state.safetensors").write_bytes(whole[:keep])
    model, train = stored_configs(toy_run[0])
    with pytest.raises(CheckpointError, match=r"state\.safetensors"):
        stored_configs(tmp_path)
    header = {"alphabet": ALPHABET.chars, "codec": {"name": "toy", "version": 1}}
    with pytest.raises(CheckpointError, match=r"state\.safetensors"):
        fit(model, train, toy_ids(800, 0), toy_ids(150, 1), tmp_path, header, resume=True)


def test_a_state_that_lacks_a_tensor_is_not_resumed(toy_run, tmp_path):
    from safetensors.torch import load_file, save_file

    path = toy_run[0] / "state.safetensors"
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + size])["__metadata__"]
    tensors = load_file(path)
    del tensors["exp_avg.output.bias"]
    save_file(tensors, tmp_path / "state.safetensors", metadata)
    model, train = stored_configs(tmp_path)
    header = {"alphabet": ALPHABET.chars, "codec": {"name": "toy", "version": 1}}
    with pytest.raises(CheckpointError, match="incomplete"):
        fit(model, train, toy_ids(800, 0), toy_ids(150, 1), tmp_path, header, resume=True)


def test_a_run_without_a_state_has_no_configs(tmp_path):
    assert stored_configs(tmp_path) is None
