"""The batches of a run: which images it draws, and what is drawn without images.

As in the official code of CycleGAN, an epoch passes once over the largest domain, in an order drawn
anew each epoch, and draws from a smaller one at random with replacement.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from . import augment, images
from .folders import Source, pairs_of
from .images import Array, Pixels
from .problem import Problem
from .randomness import Stream

#: Samples of an epoch where a spec draws no images.
WITHOUT_IMAGES = 1000


@dataclass
class Group:
    """Draws that are made together: of one domain, or of partners."""

    #: The first draw's key, after which its streams are named.
    lead: str
    members: list[tuple[str, str]]
    #: Draws of the classes of these images.
    labels: list[tuple[str, str]]
    #: For each sample, the image of each member.
    samples: list[tuple[int, ...]]


def one_hot(labels: Sequence[int], count: int) -> Array:
    """[n, 1, 1, count]"""
    array = np.zeros((len(labels), 1, 1, count), dtype=np.float32)
    array[np.arange(len(labels)), 0, 0, list(labels)] = 1
    return array


class Feed:
    """The batches of all epochs; each depends on the seed, the epoch and the step alone."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        sources: Mapping[str, Source],
        seed: int,
        share: slice = slice(None),
    ) -> None:
        """`facts` are the project's `data`; `share` says which samples of a batch are drawn."""
        self.seed = seed
        self.share = share
        self.sources = sources
        self.batch: int = facts["batch"]
        self.repetitions: int = facts["repetitions"]
        self.augment: dict[str, list[augment.Stage]] = facts["augment"]
        self.domains = {domain["name"]: domain for domain in facts["domains"]}
        draws = facts["draws"]
        self.groups = self._groups(draws)
        filed = {key for group in self.groups for key, _ in group.labels}
        self.free = [
            (draw["key"], self.domains[draw["domain"]])
            for draw in draws
            if self.domains[draw["domain"]]["kind"] != "image" and draw["key"] not in filed
        ]
        sizes = [len(group.samples) for group in self.groups]
        self.largest = max(sizes) if sizes else WITHOUT_IMAGES
        self.steps_per_epoch: int = max(1, self.largest // (self.batch * self.repetitions))
        self._kept: dict[tuple[str, int], Image.Image] = {}
        self._free_bytes = _memory() // 10
        self.skipped: list[str] = []

    def _groups(self, draws: Sequence[Mapping[str, Any]]) -> list[Group]:
        groups: list[Group] = []
        for draw in draws:
            if self.domains[draw["domain"]]["kind"] != "image":
                continue
            joint = draw.get("joint") or []
            found = next((group for group in groups if group.lead in joint), None)
            if found is None:
                groups.append(Group(draw["key"], [(draw["key"], draw["domain"])], [], []))
            else:
                found.members.append((draw["key"], draw["domain"]))
        for group in groups:
            group.labels = [
                (draw["key"], draw["domain"])
                for draw in draws
                if self.domains[draw["domain"]]["kind"] == "labels"
                and group.lead in (draw.get("joint") or [])
            ]
            sources = [self.sources[domain] for _, domain in group.members]
            few = any(draw.get("isPartial", False) for draw in draws if draw["key"] == group.lead)
            group.samples = pairs_of(sources, few)
        return groups

    def epoch(self, epoch: int, first: int) -> Iterator[list[dict[str, Array]]]:
        """The draws of each step of an epoch from step `first` on, by key."""
        pickers = [self._picker(group, epoch) for group in self.groups]
        total = self.steps_per_epoch * self.repetitions
        with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
            waiting: list[Future[dict[str, Array]]] = []
            following = iter(range(first * self.repetitions, total))

            def top(count: int) -> None:
                for _, n in zip(range(count), following, strict=False):
                    waiting.append(pool.submit(self._draw, pickers, epoch, n))

            top(4)
            for _ in range(first, self.steps_per_epoch):
                drawn = []
                for _ in range(self.repetitions):
                    top(1)
                    drawn.append(waiting.pop(0).result())
                yield drawn

    def _picker(self, group: Group, epoch: int) -> Callable[[int], int]:
        stream = Stream(self.seed, f"data/{group.lead}/{epoch}")
        size = len(group.samples)
        if size < self.largest:
            return lambda slot: stream.pick(slot, size)
        order = stream.permutation(size)
        return lambda slot: order[slot % size]

    def _draw(
        self, pickers: Sequence[Callable[[int], int]], epoch: int, n: int
    ) -> dict[str, Array]:
        """The n-th draw of an epoch."""
        arrays: dict[str, Array] = {}
        slots = range(n * self.batch, (n + 1) * self.batch)[self.share]
        for group, picker in zip(self.groups, pickers, strict=True):
            samples = [self._sample(group, picker(slot), epoch, slot) for slot in slots]
            for m, (key, domain) in enumerate(group.members):
                low, high = self.domains[domain]["range"]
                arrays[key] = images.to_array([made[m] for made, _ in samples], low, high)
            for key, domain in group.labels:
                count = self.domains[domain]["shape"][2]
                arrays[key] = one_hot([label for _, label in samples], count)
        for key, domain in self.free:
            arrays[key] = numbers(domain, key, self.batch, self.seed, epoch, n)[self.share]
        return arrays

    def _sample(self, group: Group, i: int, epoch: int, slot: int) -> tuple[list[Pixels], int]:
        """A sample; where its image cannot be read, the next one that can."""
        size = len(group.samples)
        said = ""
        for k in range(size):
            try:
                return self._read(group, (i + k) % size, epoch, slot)
            except Problem as problem:
                said = str(problem)
                if said not in self.skipped:
                    self.skipped.append(said)
        raise Problem(f"None of the {size} images can be used: {said}")

    def _read(self, group: Group, i: int, epoch: int, slot: int) -> tuple[list[Pixels], int]:
        made = []
        label = 0
        for (key, name), at in zip(group.members, group.samples[i], strict=True):
            stages = self.augment.get(name, [])
            # Partners read the same streams, so that they get the same crop and flip.
            draws = augment.Draws(self.seed, group.lead, key, f"{epoch}/{slot}")
            image = self._loaded(name, at, stages)
            try:
                whole = augment.augmented(image, stages, draws)
                made.append(images.in_domain(whole, self.domains[name]))
            except Problem as problem:
                raise Problem(f"{self.sources[name].file(at)}: {problem}") from problem
            labels = self.sources[name].labels
            label = max(label, labels[at] if labels else 0)
        return made, label

    def _loaded(self, domain: str, i: int, stages: Sequence[augment.Stage]) -> Image.Image:
        """An image behind the stages that draw nothing, which is kept while there is room."""
        kept = self._kept.get((domain, i))
        if kept is not None:
            return kept
        image = augment.fixed(self.sources[domain].load(i), stages)
        size = image.width * image.height * len(image.getbands())
        if size <= self._free_bytes:
            self._free_bytes -= size
            self._kept[domain, i] = image
        return image


def numbers(
    domain: Mapping[str, Any], key: str, batch: int, seed: int, epoch: int, n: int
) -> Array:
    """The n-th draw without images of an epoch, [batch, h, w, c]."""
    stream = Stream(seed, f"draw/{key}/{epoch}")
    shape = domain["shape"]
    if domain["kind"] == "labels":
        slots = range(n * batch, (n + 1) * batch)
        return one_hot([stream.pick(slot, shape[2]) for slot in slots], shape[2])
    if domain["kind"] == "scheduled":
        share = domain["shares"][min(epoch, len(domain["shares"]) - 1)]
        return np.full((batch, *shape), share, np.float32)
    size = batch * int(np.prod(shape))
    # With an odd size, the next draw starts at a new pair.
    first = n * (size + size % 2)
    if domain["kind"] == "noise":
        values = stream.normals(first, size)
    else:
        low, high = domain["range"]
        values = low + (high - low) * stream.uniforms(first, size)
    return values.astype(np.float32).reshape(batch, *shape)


def _memory() -> int:
    """Bytes of the machine's memory; a guess where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**33
