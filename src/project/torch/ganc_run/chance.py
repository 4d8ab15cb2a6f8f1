"""What a step draws beside its batch, the same as ganc draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .processes import Group
from .randomness import Stream


class Chance:
    """The draws of the k-th repetition of a step, as the generated module asks for them."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        seed: int,
        step: int,
        k: int,
        device: torch.device,
        group: Group,
    ) -> None:
        """`facts` are the project's. A sample has the draws that it would have in one process."""
        self.drops: Mapping[str, list[str]] = facts["drops"]
        self.parts: int = facts["accumulate"]
        self.seed = seed
        self.step = step
        self.part = k % self.parts
        self.group = group
        self.repetition = k // self.parts
        self.device = device

    @property
    def _again(self) -> str:
        return "" if self.repetition == 0 else f"/{self.repetition}"

    def recall(self, history: str) -> Callable[[int], tuple[float, float]]:
        def draw(slot: int) -> tuple[float, float]:
            place = self.group.slot(slot)
            stream = Stream(self.seed, f"history/{history}/{place}{self._again}")
            # float32, as the numbers of ganc's tensors.
            chance, which = stream.uniforms(2 * self.step, 2).astype(np.float32)
            return float(chance), float(which)

        return draw

    def masks(self, application: str) -> Callable[[int, Tensor], Tensor]:
        # An application is named by its network first: `G(X)`.
        found = re.match(r"\w+", application)
        paths = self.drops[found.group() if found else ""]

        def draw(i: int, x: Tensor) -> Tensor:
            count = x.numel()
            stream = Stream(self.seed, f"mask/{application}/{paths[i]}{self._again}")
            # Of all batches of an update, and of all processes.
            part = (self.step * self.parts + self.part) * self.group.world + self.group.rank
            uniforms = stream.uniforms(part * count, count)
            return torch.tensor(uniforms.astype(np.float32)).to(x.device).reshape(x.shape)

        return draw

    def places(self, height: int, width: int, count: int) -> Tensor:
        name = f"places/{height}x{width}/{self.step}/{self.repetition}"
        order = Stream(self.seed, name).permutation(height * width)
        return torch.tensor(order[:count], dtype=torch.int64, device=self.device)
