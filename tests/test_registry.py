"""Registry: distributions on disk, found by their entry points."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from textmusic import Codec
from textmusic.errors import (
    DuplicatePluginError,
    FormatError,
    MissingDependencyError,
    PluginError,
    UnknownPluginError,
)
from textmusic.format import Format, Loaded
from textmusic.registry import Origin, Registry, codecs, formats
from textmusic.score import Score

GROUP = "textmusic.test_plugins"
Install = Callable[..., Path]


class Plugin:
    """What the plugins of these tests derive from."""


class OwnPlugin(Plugin):
    """One that is registered by hand."""


@pytest.fixture
def registry() -> Registry[Plugin]:
    return Registry(GROUP, "plugin", Plugin)


@pytest.fixture
def install(tmp_path, monkeypatch) -> Install:
    """Put a distribution with one module and its entry points on the path, as pip does."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(
        distribution: str, version: str, points: dict[str, str], code: str = "", group: str = GROUP
    ) -> Path:
        module = f"mod_{distribution.replace('-', '_')}"
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata)
        lines = [f"{name} = {target}" for name, target in points.items()]
        (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]) + "\n")
        (tmp_path / f"{module}.py").write_text(code)
        monkeypatch.delitem(sys.modules, module, raising=False)
        return tmp_path

    return installed


GOOD = "from test_registry import Plugin\nclass A(Plugin):\n    pass\n"


def test_a_plugin_is_found_loaded_and_named(install, registry) -> None:
    install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, GOOD)
    assert registry.names() == ("songs",)
    assert "songs" in registry
    assert registry.origin("songs") == Origin("song-kit", "1.2")
    assert str(registry.origin("songs")) == "song-kit 1.2"
    assert registry.get("songs").__name__ == "A"
    assert registry.get("songs") is registry.get("songs")


def test_a_name_claimed_twice_is_an_error_that_names_both(install, registry) -> None:
    install("song-kit", "1.2", {"songs": "mod_song_kit:A", "mine": "mod_song_kit:A"}, GOOD)
    install("other-kit", "0.1", {"songs": "mod_other_kit:A"}, GOOD)
    assert registry.names() == ("mine", "songs")
    for use in (registry.get, registry.origin):
        with pytest.raises(DuplicatePluginError) as caught:
            use("songs")
        assert str(caught.value) == (
            "plugin 'songs' is claimed by other-kit 0.1 and by song-kit 1.2; uninstall one"
        )
    assert registry.get("mine").__name__ == "A"


def test_a_distribution_seen_twice_on_the_path_claims_its_name_once(install, registry) -> None:
    folder = install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, GOOD)
    sys.path.append(str(folder) + "/.")
    try:
        assert registry.get("songs").__name__ == "A"
    finally:
        sys.path.pop()


def test_an_unknown_name_lists_near_ones(install, registry) -> None:
    points = dict.fromkeys(("guitartab", "pianoroll"), "mod_song_kit:A")
    install("song-kit", "1.2", points, GOOD)
    with pytest.raises(UnknownPluginError) as caught:
        registry.get("gitartab")
    assert caught.value.near == ("guitartab",)
    assert str(caught.value) == "unknown plugin 'gitartab': did you mean 'guitartab'?"
    with pytest.raises(UnknownPluginError, match="known: guitartab, pianoroll"):
        registry.get("zzz")
    with pytest.raises(LookupError):
        registry.origin("zzz")


@pytest.mark.parametrize(
    ("code", "target", "said"),
    [
        ("1 / 0", "A", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "A", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def (", "A", "SyntaxError"),
        ("B = 1", "A", "AttributeError"),
    ],
)
def test_a_broken_plugin_names_its_distribution(install, registry, code, target, said) -> None:
    install("song-kit", "1.2", {"songs": f"mod_song_kit:{target}"}, code)
    with pytest.raises(PluginError) as caught:
        registry.get("songs")
    assert str(caught.value).startswith("plugin 'songs' of song-kit 1.2 cannot be loaded: ")
    assert said in str(caught.value)
    assert isinstance(caught.value.__cause__, Exception)


@pytest.mark.parametrize("value", ["7", "dict", "lambda: None"])
def test_a_plugin_of_another_kind_is_refused(install, registry, value) -> None:
    install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, f"A = {value}")
    with pytest.raises(PluginError, match=r"of song-kit 1\.2 is not a subclass of Plugin"):
        registry.get("songs")


def test_a_missing_dependency_keeps_its_pip_line(install, registry) -> None:
    code = (
        "from textmusic.errors import MissingDependencyError\n"
        "raise MissingDependencyError('plugin songs', 'lilypond', 'scores')"
    )
    install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, code)
    with pytest.raises(
        MissingDependencyError, match=r"pip install 'textmusic\[scores\]'"
    ) as caught:
        registry.get("songs")
    assert caught.value.package == "lilypond"


def test_a_plugin_registered_by_hand_is_gone_after_the_block(registry) -> None:
    with registry.register("own", OwnPlugin) as plugin:
        assert registry.names() == ("own",)
        assert registry.get("own") is plugin is OwnPlugin
        assert str(registry.origin("own")) == "registered by hand"
    assert "own" not in registry
    with pytest.raises(UnknownPluginError, match="known: none"):
        registry.get("own")


def test_a_plugin_registered_by_hand_cannot_hide_another(install, registry) -> None:
    install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, GOOD)
    with (
        pytest.raises(DuplicatePluginError, match=r"already provided by song-kit 1\.2"),
        registry.register("songs", OwnPlugin),
    ):
        pass
    with (
        registry.register("own", OwnPlugin),
        pytest.raises(DuplicatePluginError, match="registered by hand"),
        registry.register("own", OwnPlugin),
    ):
        pass


def test_a_failing_block_still_unregisters(registry) -> None:
    with pytest.raises(RuntimeError), registry.register("own", OwnPlugin):
        raise RuntimeError
    assert "own" not in registry


def test_refresh_sees_what_was_installed_since(install, registry) -> None:
    assert registry.names() == ()
    install("song-kit", "1.2", {"songs": "mod_song_kit:A"}, GOOD)
    assert registry.names() == ()
    registry.refresh()
    assert registry.names() == ("songs",)


def test_the_first_party_is_found_through_entry_points() -> None:
    assert {"abc", "guitartab"} <= set(codecs.names())
    assert {"abc", "gp5", "mid", "tab", "txt"} <= set(formats.names())
    assert {codecs.origin(name).distribution for name in ("abc", "guitartab")} == {"textmusic"}


def test_listing_imports_no_plugin() -> None:
    code = (
        "import sys\n"
        "from textmusic import codecs, formats\n"
        "names = codecs.names() + formats.names()\n"
        "origins = [str(codecs.origin(name)) for name in codecs.names()]\n"
        "assert len(names) > 4 and 'abc' in codecs and origins\n"
        "print(sorted(m for m in sys.modules if m.startswith('textmusic_')))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_strangers_codec_is_found_like_any_other(install) -> None:
    code = (
        "from textmusic import Alphabet, Codec, Parsed, Score\n"
        "class Mine(Codec):\n"
        "    name = 'mine'\n"
        "    alphabet = Alphabet('a')\n"
        "    def encode(self, score): return 'a'\n"
        "    def parse(self, text): return Parsed(Score())\n"
    )
    install("strange", "3", {"mine": "mod_strange:Mine"}, code, group="textmusic.codecs")
    fresh = Registry(codecs.group, "codec", Codec)  # type: ignore[type-abstract]
    assert fresh.get("mine")().encode(None) == "a"
    assert {"abc", "mine"} <= set(fresh.names())
    assert str(fresh.origin("mine")) == "strange 3"


class Lines(Format):
    """Files that begin with LINES."""

    name = "lines.demo"
    title = "Lines"
    reads = writes = is_text = True

    @classmethod
    def recognises(cls, data: bytes) -> bool:
        return data.startswith(b"LINES")

    def decode(self, data: bytes) -> Loaded:
        return Loaded((Score(meta=(("read by", "lines"),)),))


class Plain(Lines):
    """Any other file of that suffix."""

    name = "demo"
    title = "Plain"
    max_bytes = 10

    def decode(self, data: bytes) -> Loaded:
        return Loaded((Score(meta=(("read by", "plain"),)),))


def read_by(kind: Format, data: bytes) -> str:
    return kind.decode(data).scores[0].get("read by")


def test_the_longest_known_suffix_counts() -> None:
    with formats.register("lines.demo", Lines), formats.register("demo", Plain):
        assert formats.suffix("a/B.Lines.DEMO") == "lines.demo"
        assert formats.suffix("my.song.demo") == "demo"
        assert formats.sharing("demo") == ("lines.demo",)
        assert "demo" in formats.plain_suffixes()
    assert formats.suffix("x.tar.gz") == "gz"
    assert not formats.suffix("x")


def test_formats_that_share_a_suffix_are_told_apart_by_content() -> None:
    with formats.register("lines.demo", Lines), formats.register("demo", Plain):
        reader = formats.reader("demo")
        assert read_by(reader, b"LINES of any length") == "lines"
        assert read_by(reader, b"else") == "plain"
        assert (reader.is_text, reader.reads, reader.title) == (True, True, "Lines or Plain")
        with pytest.raises(FormatError, match="the limit for Plain"):
            reader.decode(b"longer than ten bytes")
        assert type(formats.reader("lines.demo")) is Lines


def test_a_shared_suffix_without_an_owner_names_what_it_knows() -> None:
    with formats.register("lines.demo", Lines):
        assert read_by(formats.reader("demo"), b"LINES") == "lines"
        with pytest.raises(FormatError, match="not recognised as Lines"):
            formats.reader("demo").decode(b"else")
    with pytest.raises(UnknownPluginError):
        formats.reader("demo")
