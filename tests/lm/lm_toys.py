"""A toy language of known entropy."""

from __future__ import annotations

import math

import numpy as np

from textmusic.alphabet import Alphabet

ALPHABET = Alphabet("abcd|")
STAY = 0.9
END = 0.04


def toy_ids(documents: int, seed: int) -> np.ndarray:
    """Documents that go round `abcd`, jump at times, and end at times."""
    rng = np.random.default_rng(seed)
    ids = [0]
    for _ in range(documents):
        char = int(rng.integers(4))
        while True:
            ids.append(char + 1)
            if rng.random() < END:
                break
            char = (char + 1) % 4 if rng.random() < STAY else int(rng.integers(4))
        ids.append(0)
    return np.array(ids, np.uint16)


def toy_entropy() -> float:
    """Bits a prediction of the toy language: of its first character 2, then of each step."""
    right, other = STAY + (1 - STAY) / 4, (1 - STAY) / 4
    shares = [END, (1 - END) * right, *[(1 - END) * other] * 3]
    step = -sum(p * math.log2(p) for p in shares)
    steps = 1 / END
    return (2 + steps * step) / (1 + steps)
