"""Language models of symbolic music written as text.

Public names are resolved on first use: ``import textmusic`` imports neither torch nor music21
nor numba, and reads no entry points.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textmusic.alphabet import Alphabet as Alphabet
    from textmusic.api import convert as convert
    from textmusic.api import encode as encode
    from textmusic.api import get_codec as get_codec
    from textmusic.api import read as read
    from textmusic.api import validate as validate
    from textmusic.api import write as write
    from textmusic.codec import Codec as Codec
    from textmusic.codec import Document as Document
    from textmusic.codec import Feature as Feature
    from textmusic.codec import Parsed as Parsed
    from textmusic.controls import Controls as Controls
    from textmusic.drawing import Sample as Sample
    from textmusic.errors import DecodeError as DecodeError
    from textmusic.errors import EncodeError as EncodeError
    from textmusic.errors import FormatError as FormatError
    from textmusic.errors import InputError as InputError
    from textmusic.errors import Issue as Issue
    from textmusic.errors import TextmusicError as TextmusicError
    from textmusic.filling import Gap as Gap
    from textmusic.filling import fill as fill
    from textmusic.format import Format as Format
    from textmusic.format import Loaded as Loaded
    from textmusic.format import Written as Written
    from textmusic.grammar import Grammar as Grammar
    from textmusic.judging import Judgement as Judgement
    from textmusic.judging import judge as judge
    from textmusic.listening import listen as listen
    from textmusic.plan import Plan as Plan
    from textmusic.registry import codecs as codecs
    from textmusic.registry import formats as formats
    from textmusic.runs import Training as Training
    from textmusic.runs import train as train
    from textmusic.score import Bar as Bar
    from textmusic.score import Key as Key
    from textmusic.score import Meter as Meter
    from textmusic.score import Note as Note
    from textmusic.score import Score as Score
    from textmusic.score import Tempo as Tempo
    from textmusic.score import Track as Track
    from textmusic.writing import Model as Model
    from textmusic.writing import load as load

__version__ = "0.1.0"

_HOMES = {
    "Controls": "controls",
    "Gap": "filling",
    "Judgement": "judging",
    "Model": "writing",
    "Plan": "plan",
    "Sample": "drawing",
    "Training": "runs",
    "convert": "api",
    "encode": "api",
    "fill": "filling",
    "get_codec": "api",
    "judge": "judging",
    "listen": "listening",
    "load": "writing",
    "read": "api",
    "train": "runs",
    "validate": "api",
    "write": "api",
    "Alphabet": "alphabet",
    "Bar": "score",
    "Codec": "codec",
    "DecodeError": "errors",
    "Document": "codec",
    "EncodeError": "errors",
    "Feature": "codec",
    "Format": "format",
    "FormatError": "errors",
    "Grammar": "grammar",
    "InputError": "errors",
    "Issue": "errors",
    "Key": "score",
    "Loaded": "format",
    "Meter": "score",
    "Note": "score",
    "Parsed": "codec",
    "Score": "score",
    "Tempo": "score",
    "TextmusicError": "errors",
    "Track": "score",
    "Written": "format",
    "codecs": "registry",
    "formats": "registry",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one table of names; a test holds it to the imports above


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"textmusic.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'textmusic' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
