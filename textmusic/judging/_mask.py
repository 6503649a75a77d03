"""What a grammar costs a model."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from textmusic.alphabet import BOUNDARY, Alphabet
from textmusic.grammar import Grammar
from textmusic.lm import CharRNN

__all__ = ["mask_bits"]

_MOST = 50


def mask_bits(
    model: CharRNN, alphabet: Alphabet, grammar: Grammar[Any], texts: list[str]
) -> float | None:
    """Return the likelihood that a grammar takes from a model, in bits a character.

    At each character of texts drawn under the grammar it is -log2 of the probability that the
    model gives to all that the grammar allows: 0 where the model would not break the rules anyway.
    The mean is the divergence of the constrained model from the free one, a character.

    Args:
        model: its alphabet's is `alphabet`.
        alphabet: of the texts.
        grammar: a text that it refuses is passed over.
        texts: at most 50 are read.
    """
    known: dict[frozenset[str], NDArray[np.bool_]] = {}
    total, count = 0.0, 0
    for text in texts[:_MOST]:
        masks = _masks(alphabet, grammar, text, known)
        if masks is None:
            continue
        ids = np.concatenate(([BOUNDARY], alphabet.encode(text))).astype(np.int64)
        with torch.inference_mode():
            logits, _ = model(torch.from_numpy(ids)[:, None], model.zero_state(1))
            scores = logits[:, 0].double().cpu()
            allowed = scores.masked_fill(~torch.from_numpy(masks), -math.inf)
            lost = scores.logsumexp(1) - allowed.logsumexp(1)
        total += float(lost.sum()) / math.log(2)
        count += len(ids)
    return total / count if count else None


def _masks(
    alphabet: Alphabet,
    grammar: Grammar[Any],
    text: str,
    known: dict[frozenset[str], NDArray[np.bool_]],
) -> NDArray[np.bool_] | None:
    """What is allowed before each character and at the end, (T+1, V); None for a refused text."""
    rows = np.zeros((len(text) + 1, alphabet.size), np.bool_)
    state = grammar.start()
    for offset in range(len(text) + 1):
        allowed = grammar.allowed(state)
        if allowed not in known:
            mask = np.zeros(alphabet.size, np.bool_)
            mask[alphabet.encode("".join(sorted(allowed)))] = True
            known[allowed] = mask
        rows[offset] = known[allowed]
        rows[offset, BOUNDARY] = grammar.accepting(state)
        if offset < len(text):
            if text[offset] not in allowed:
                return None
            state = grammar.step(state, text[offset])
    return rows if rows[-1].any() else None
