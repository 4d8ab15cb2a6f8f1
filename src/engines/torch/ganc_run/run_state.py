"""The state of a run: a module of ganc's with its weights, as checkpoints hold them.

ganc's tensors are [n, h, w, c] and its weights [h, w, in, out]; a state has these, and PyTorch's
are turned into them and back.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import ParametrizationList

from .precision import Computing, compile_step, prepare

Array = np.ndarray[Any, np.dtype[np.float32]]


def to_array(tensor: Tensor) -> Array:
    on_host = tensor.detach().to("cpu", torch.float32).contiguous()
    array: Array = on_host.numpy()
    return array


def images_in(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    """[n, h, w, c] as [n, c, h, w].

    Not merely as another view, which PyTorch calls channels last: with such a gradient, and a batch
    of one, PyTorch 2.15 differentiates instance norm wrongly on a CPU, and says nothing.
    """
    images = torch.tensor(array).to(device).permute(0, 3, 1, 2)
    # `contiguous` would leave images of one channel as they are, which count as laid out both ways.
    return images.clone(memory_format=torch.contiguous_format)


def images_out(tensor: Tensor) -> Tensor:
    return tensor.permute(0, 2, 3, 1)


def in_place(module: nn.Module, tensor: Tensor, inwards: bool) -> Tensor:
    """A weight of ganc's as PyTorch's, or back; the same for what has no more than one axis."""
    if tensor.dim() == 4:
        return tensor.permute(3, 2, 0, 1) if inwards else tensor.permute(2, 3, 1, 0)
    return tensor.t() if isinstance(module, nn.Linear) and tensor.dim() == 2 else tensor


def layers_of(net: nn.Module) -> list[nn.Module]:
    """Modules with weights or running statistics of their own, in the order they were made in."""
    return [
        module
        for module in net.modules()
        if not isinstance(module, ParametrizationList)
        and (own_parameters(module) or getattr(module, "running_mean", None) is not None)
    ]


def own_parameters(module: nn.Module) -> dict[str, nn.Parameter]:
    own = dict(module.named_parameters(recurse=False))
    lists = cast(Any, getattr(module, "parametrizations", {}))
    for name, parametrization in lists.items():
        own[name] = cast(nn.Parameter, parametrization.original)
    return own


def parametrized(module: nn.Module) -> ParametrizationList:
    """What stands in for the weight of a module under spectral normalisation."""
    return cast(ParametrizationList, cast(Any, module).parametrizations.weight)


@dataclass
class Weight:
    """A tensor of the state: a parameter or a buffer of a network."""

    key: str
    module: nn.Module
    tensor: Tensor


def weights_of(net: nn.Module, listed: list[list[Any]]) -> list[Weight]:
    """The weights that ganc lists: [name, number of the layer, name in PyTorch]."""
    layers = layers_of(net)
    found = [
        Weight(key, layers[layer], own_parameters(layers[layer])[name])
        for key, layer, name in listed
    ]
    if len(found) != sum(len(own_parameters(layer)) for layer in layers):
        raise ValueError("the module has other weights than the spec")
    return found


def spectral_of(net: nn.Module, listed: list[list[Any]]) -> list[Weight]:
    layers = layers_of(net)
    found = []
    for key, layer, _ in listed:
        norm = parametrized(layers[layer])[0]
        found.append(Weight(key, norm, cast(Tensor, norm.u)))
    return found


def statistics_of(net: nn.Module, listed: list[list[Any]]) -> list[Weight]:
    layers = layers_of(net)
    return [
        Weight(key, layers[layer], cast(Tensor, getattr(layers[layer], name)))
        for key, layer, name in listed
    ]


def with_plain_gradients(net: nn.Module) -> None:
    """Has instance norms differentiated rightly whatever stands behind them: see images_in.

    Layers that turn the axes of an image, such as Dense, hand such gradients back.
    """

    def lay_out(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        if output.requires_grad:
            output.register_hook(lambda gradient: gradient.contiguous())

    for module in net.modules():
        if isinstance(module, nn.InstanceNorm2d):
            module.register_forward_hook(lay_out)


class RunState:
    """Networks and their memory, with what a state says of them."""

    def __init__(
        self,
        code: Any,
        form: Mapping[str, Any],
        device: torch.device,
        computing: Computing | None = None,
    ) -> None:
        """`form` tells the fields of networks, the names of their tensors, and what moves them."""
        self.code = code
        self.device = device
        self.nets = code.networks()
        self.fields: dict[str, str] = form["fields"]
        for name in self.fields:
            self.net(name).to(device)
            with_plain_gradients(self.net(name))
        chosen = computing or Computing()
        nets = {name: self.net(name) for name in self.fields}
        prepare(nets.values(), chosen, device)
        parameters = inspect.signature(code.step).parameters
        self._takes_chance = "chance" in parameters
        self._takes_count = "count" in parameters
        self._step = compile_step(code, nets, form["compilable"]) if chosen.compiled else code.step
        self.memory = code.memory(self.nets)
        listed = form["networks"]
        self.weights = {
            name: weights_of(self.net(name), listed[name]["parameters"]) for name in self.fields
        }
        self.buffers = [
            weight
            for name in self.fields
            for weight in (
                *spectral_of(self.net(name), listed[name]["spectral"]),
                *statistics_of(self.net(name), listed[name]["statistics"]),
            )
        ]
        #: How the state calls the tensors that each network's optimizer keeps, and PyTorch.
        self.slots: dict[str, dict[str, str]] = form["slots"]
        self.counters: dict[str, str] = form["counters"]
        self.updates = dict.fromkeys(self.counters, 0)
        #: Whether a step of the module takes the draws of its k-th repetition.
        self.several: bool = form["several"]
        #: How often every n-th step moves each network: [n, times].
        self.moves: dict[str, list[list[int]]] = form["moves"]
        self.average: dict[str, Tensor] | None = None
        if form["average"]:
            self.average = {w.key: w.tensor.detach().clone() for w in self.all_weights()}

    def net(self, name: str) -> nn.Module:
        return cast(nn.Module, getattr(self.nets, self.fields[name]))

    def all_weights(self) -> list[Weight]:
        return [weight for weights in self.weights.values() for weight in weights]

    def step(
        self,
        rate: float,
        decay: float,
        draws: Callable[[int], Any],
        chance: Callable[[int], Any],
        count: int,
    ) -> dict[str, float]:
        """Makes step `count`, from 0, at a learning rate.

        Gives the values of the objectives and losses.

        `draws` and `chance` give what the k-th repetition draws; `decay` is that of the averages.
        """
        several = self.several
        args = [self.nets, self.memory, draws if several else draws(0), rate]
        if self._takes_chance:
            args.append(chance if several else chance(0))
        if self._takes_count:
            args.append(count)
        terms: dict[str, Tensor] = self._step(*args)
        self.moved(decay, count)
        values = torch.stack([term.float() for term in terms.values()]).cpu().tolist()
        return dict(zip(terms, values, strict=True))

    @torch.no_grad()
    def moved(self, decay: float, count: int) -> None:
        """Notes that step `count`, from 0, was made, and lets the averages follow the weights."""
        for name, moves in self.moves.items():
            self.updates[name] += sum(times for every, times in moves if count % every == 0)
        if self.average is None:
            return
        for weight in self.all_weights():
            average = self.average[weight.key]
            average.mul_(decay).add_(weight.tensor * (1 - decay))

    @torch.no_grad()
    def translate(self, network: str, inputs: list[Tensor]) -> Tensor:
        """Applies a network, with the averages in the place of its weights where there are any."""
        own = self.enter_average()
        try:
            return cast(Tensor, self.net(network)(*inputs))
        finally:
            for weight, tensor in own:
                weight.tensor.copy_(tensor)

    def enter_average(self) -> list[tuple[Weight, Tensor]]:
        """Puts the averages in the place of the weights, and gives these."""
        if self.average is None:
            return []
        kept = []
        for weight in self.all_weights():
            kept.append((weight, weight.tensor.detach().clone()))
            weight.tensor.copy_(self.average[weight.key])
        return kept

    def get(self) -> dict[str, Tensor]:
        """All tensors of the state, by name."""
        state: dict[str, Tensor] = {}
        for weight in self.all_weights():
            state[f"param/{weight.key}"] = in_place(weight.module, weight.tensor, False)
            if self.average is not None:
                average = in_place(weight.module, self.average[weight.key], False)
                state[f"average/{weight.key}"] = average
        for buffer in self.buffers:
            state[f"buffer/{buffer.key}"] = buffer.tensor
        for name, counter in self.counters.items():
            if self.updates[name] == 0:
                continue
            state[counter] = torch.tensor(float(self.updates[name]))
            if name not in self.memory.optimizers:
                continue
            kept = self.memory.optimizers[name].state
            for weight in self.weights[name]:
                for slot, python in self.slots[name].items():
                    value = kept[weight.tensor][python]
                    state[f"{slot}/{weight.key}"] = in_place(weight.module, value, False)
        for key, history in getattr(self.memory, "histories", {}).items():
            for place, images in enumerate(history.slots):
                state[f"history/{key}/{place}"] = images_out(torch.cat(images))
        return state

    @torch.no_grad()
    def set(self, state: Mapping[str, Array]) -> None:
        """Takes all tensors of a state."""

        def value(key: str) -> Tensor:
            return torch.tensor(state[key]).to(self.device)

        for weight in self.all_weights():
            weight.tensor.copy_(in_place(weight.module, value(f"param/{weight.key}"), True))
            if self.average is not None:
                average = in_place(weight.module, value(f"average/{weight.key}"), True)
                self.average[weight.key].copy_(average)
        for buffer in self.buffers:
            buffer.tensor.copy_(value(f"buffer/{buffer.key}"))
        for network, counter in self.counters.items():
            self.updates[network] = int(state[counter].item()) if counter in state else 0
            self.set_moments(network, value)
        histories = cast(dict[str, Any], getattr(self.memory, "histories", {}))
        for named, history in histories.items():
            history.slots = []
            while f"history/{named}/{len(history.slots)}" in state:
                images = state[f"history/{named}/{len(history.slots)}"]
                history.slots.append(list(images_in(images, self.device).split(1)))

    @torch.no_grad()
    def set_weights(self, state: Mapping[str, Array]) -> None:
        """Sets what translations read, of as many weights as are given."""
        for weight in self.all_weights():
            given = state.get(f"param/{weight.key}")
            if given is not None:
                tensor = torch.tensor(given).to(self.device)
                weight.tensor.copy_(in_place(weight.module, tensor, True))
        for buffer in self.buffers:
            given = state.get(f"buffer/{buffer.key}")
            if given is not None:
                buffer.tensor.copy_(torch.tensor(given).to(self.device))

    def set_moments(self, name: str, value: Callable[[str], Tensor]) -> None:
        if name not in self.memory.optimizers:
            return
        optimizer = self.memory.optimizers[name]
        optimizer.state.clear()
        if self.updates[name] == 0:
            return
        for weight in self.weights[name]:
            kept = optimizer.state[weight.tensor]
            kept["step"] = torch.tensor(float(self.updates[name]))
            for slot, python in self.slots[name].items():
                moved = in_place(weight.module, value(f"{slot}/{weight.key}"), True)
                kept[python] = torch.empty_like(weight.tensor).copy_(moved)
