"""The step that ganc writes for specs/cyclegan-lsgan.gan, with the interface of cyclegan.py."""

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from ganc_run.precision import Computing
from ganc_run.run_state import RunState
from torch import Tensor

CAPACITY = 50
"""Images of a history."""


class Places:
    """The histories' decisions, as the module asks for them."""

    part = 0

    def __init__(self, places: Mapping[str, Sequence[int]]) -> None:
        self.places = places

    def recall(self, history: str) -> Callable[[int], tuple[float, float]]:
        def draw(slot: int) -> tuple[float, float]:
            # `minD_Y/Gx`: by the judge that sees it.
            [judge] = [name for name in self.places if f"{name}/" in history]
            place = self.places[judge][slot]
            return (1.0, 0.0) if place < 0 else (0.0, (place + 0.5) / CAPACITY)

        return draw


class Written:
    """A CycleGAN by the module at `about["module"]`."""

    def __init__(
        self, about: Mapping[str, Any], weights: Mapping[str, Any], *, rate: float, compiled: bool
    ) -> None:
        spec = importlib.util.spec_from_file_location("written_module", about["module"])
        self.code = importlib.util.module_from_spec(spec)
        # Its dataclasses look their module up by name.
        sys.modules["written_module"] = self.code
        spec.loader.exec_module(self.code)
        computing = Computing(compiled=compiled, bf16=about["bf16"])
        self.state = RunState(self.code, about["form"], torch.device("cpu"), computing)
        self.state.set_weights({name: np.asarray(one) for name, one in weights.items()})
        self.rate = rate

    def step(self, x: Tensor, y: Tensor, places: Mapping[str, Sequence[int]]) -> dict[str, float]:
        draws = self.code.Draws(**{"x": x, "y": y})
        return self.state.step(self.rate, 0.0, lambda _: draws, lambda _: Places(places), 0)
