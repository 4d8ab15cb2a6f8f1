"""How networks are computed: in float32 as written, in bfloat16, compiled, with channels last."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

#: Layers that normalise: their means and variances want more than the eight bits of bfloat16.
NORMS = (_NormBase, nn.GroupNorm, nn.LayerNorm)


@dataclass(frozen=True)
class Computing:
    """What differs from the module as it is written."""

    #: `torch.compile` compiles the step, or its networks; the first steps wait for that.
    compiled: bool = False
    #: Products and convolutions are computed in bfloat16. Weights, norms, losses and updates stay
    #: in float32.
    bf16: bool = False
    #: Weights and images of graphics cards are laid out as [n, h, w, c].
    channels_last: bool = False

    @property
    def words(self) -> str:
        """For the name of an engine: `, bfloat16, compiled`; nothing for plain float32."""
        chosen = [
            (self.bf16, "bfloat16"),
            (self.compiled, "compiled"),
            (self.channels_last, "channels last"),
        ]
        return "".join(f", {word}" for is_chosen, word in chosen if is_chosen)


def fault(computing: Computing, device: torch.device) -> str | None:
    """Why a device cannot compute so, as a sentence; nothing where it can."""
    compilers = (os.environ.get("CXX", ""), "c++", "g++", "clang++")
    if computing.compiled and device.type == "cpu" and not any(map(shutil.which, compilers)):
        return (
            "torch.compile needs a C++ compiler on a processor, and there is none: install g++, or "
            "leave out compiling."
        )
    if computing.channels_last and device.type == "cpu":
        return (
            "PyTorch differentiates instance norm wrongly on a processor where a batch of one is "
            "laid out with its channels last: leave out channels last, which speeds up graphics "
            "cards."
        )
    return None


def prepare(nets: Iterable[nn.Module], computing: Computing, device: torch.device) -> None:
    """Lets networks compute so, in place; their weights and names stay as they are.

    Compiling is left to `compile_step`.
    """
    for net in nets:
        if computing.channels_last:
            net.to(memory_format=torch.channels_last)
        if computing.bf16:
            _in_bfloat16(net, device)


#: What a step does beside its networks and losses.
UNCOMPILED = ("update", "average_gradients", "power_step", "clip", "clip_by_norm", "clip_by_value")


def compile_step(
    code: Any, nets: Mapping[str, nn.Module], parts: Mapping[str, Any]
) -> Callable[..., dict[str, Tensor]]:
    """The step of a module, compiled: as a whole where `parts` says so, else some of its networks.

    One function is faster: networks and losses of a player share a graph, and what a network's
    applications have in common is computed once.
    """
    step: Callable[..., dict[str, Tensor]] = code.step
    if not parts["step"]:
        for name in parts["networks"]:
            nets[name].compile()
        return step
    # Lists of images, and optimizers, which are compiled already.
    for name in UNCOMPILED:
        if hasattr(code, name):
            setattr(code, name, _uncompiled(getattr(code, name)))
    if hasattr(code, "ImageHistory"):
        code.ImageHistory.recall = _uncompiled(code.ImageHistory.recall)
    # Who calls the module's own step, as a project's train.py does, has the compiled one, too.
    code.step = torch.compile(step)
    return cast(Callable[..., dict[str, Tensor]], code.step)


def _uncompiled(function: Any) -> Any:
    return torch.compiler.disable(function)


def _in_bfloat16(net: nn.Module, device: torch.device) -> None:
    for module in net.modules():
        if isinstance(module, NORMS):
            _replace_forward(module, _in_float32(module.forward, device))
    forward = net.forward

    def lowered(*inputs: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            output: Tensor = forward(*inputs)
        # Losses are taken of it, and those are sums of many small numbers.
        return output.float()

    _replace_forward(net, lowered)


def _in_float32(forward: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    def whole(x: Tensor) -> Any:
        with torch.autocast(device.type, enabled=False):
            return forward(x.float())

    return whole


def _replace_forward(module: nn.Module, forward: Callable[..., Any]) -> None:
    # Set on the module itself: a network stays of its class, with its own names of weights.
    object.__setattr__(module, "forward", forward)
