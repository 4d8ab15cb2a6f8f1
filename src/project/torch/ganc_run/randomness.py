"""Counter-based random numbers with named streams, the same as ganc's.

The number at (seed, stream, counter) depends on nothing else, so a run that stops and goes on draws
what a straight run draws. The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel
random numbers: as easy as 1, 2, 3", SC 2011): the seed is its key; a hash of the stream's name and
the number of the block of four words are its counter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Words = np.ndarray[Any, np.dtype[np.uint64]]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def _hash(name: str) -> int:
    """FNV-1a over UTF-8, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def philox(block: Words, name: int, seed: int) -> Words:
    """Blocks of four words, [n, 4], by their numbers."""
    c0, c1 = block & _LOW, block >> _HALF
    c2 = np.full_like(block, name & 0xFFFFFFFF)
    c3 = np.full_like(block, name >> 32)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        first = c0 * np.uint64(0xD2511F53)
        second = c2 * np.uint64(0xCD9E8D57)
        c0 = (second >> _HALF) ^ c1 ^ np.uint64(k0)
        c1 = second & _LOW
        c2 = (first >> _HALF) ^ c3 ^ np.uint64(k1)
        c3 = first & _LOW
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1)


class Stream:
    """The uniform numbers of a seed (from 0) under a name, in [0, 1) with 32 bits."""

    def __init__(self, seed: int, name: str) -> None:
        self.seed = seed
        self.name = _hash(name)

    def uniforms(self, first: int, count: int) -> Floats:
        """Those at the counters `first`, `first + 1`, …"""
        block = first // 4
        blocks = np.arange(block, (first + count + 3) // 4, dtype=np.uint64)
        words = philox(blocks, self.name, self.seed).reshape(-1)
        at = first - 4 * block
        uniforms: Floats = words[at : at + count].astype(np.float64) / 2.0**32
        return uniforms

    def __call__(self, counter: int) -> float:
        return float(self.uniforms(counter, 1)[0])

    def normals(self, first: int, count: int) -> Floats:
        """Standard normals by Box and Muller, from an even counter on."""
        pairs = (count + 1) // 2
        uniforms = self.uniforms(first, 2 * pairs).reshape(pairs, 2)
        radius = np.sqrt(-2 * np.log(1 - uniforms[:, 0]))
        angle = 2 * np.pi * uniforms[:, 1]
        both: Floats = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return both.reshape(-1)[:count]

    def pick(self, counter: int, n: int) -> int:
        """An integer in [0, n)."""
        return min(n - 1, int(self(counter) * n))

    def permutation(self, n: int) -> list[int]:
        """An order of 0 … n - 1 (Fisher and Yates), from counters 0 … n - 2."""
        order = list(range(n))
        uniforms = self.uniforms(0, max(0, n - 1))
        for i in range(n - 1, 0, -1):
            j = min(i, int(uniforms[n - 1 - i] * (i + 1)))
            order[i], order[j] = order[j], order[i]
        return order
