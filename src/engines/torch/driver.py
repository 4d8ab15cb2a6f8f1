"""Trains and translates with a module that ganc wrote, as a process that ganc talks to.

Messages go both ways over standard input and output. Each has the length of its header (4 bytes,
little-endian), a header of JSON, and the numbers of its tensors (float32), one tensor after the
other, as the header's `tensors` lists them: [name, shape]. ganc's tensors are [n, h, w, c] and its
weights [h, w, in, out]; this process turns them into PyTorch's and back.

ganc sends a request and reads one reply, `{"ok": ...}` or `{"error": ..., "kind": ...}`. While it
computes a step, this process may ask for random numbers before it replies: `{"ask": ...}`.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import ParametrizationList

Header = dict[str, Any]
Tensors = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


class Channel:
    """The two pipes to ganc."""

    def __init__(self, read: BinaryIO, write: BinaryIO) -> None:
        self.read = read
        self.write = write

    def _exactly(self, count: int) -> bytes:
        data = self.read.read(count)
        if len(data) < count:
            # ganc has ended.
            sys.exit(0)
        return data

    def receive(self) -> tuple[Header, Tensors]:
        (length,) = struct.unpack("<I", self._exactly(4))
        header = json.loads(self._exactly(length))
        tensors: Tensors = {}
        for name, shape in header.get("tensors", []):
            count = int(np.prod(shape, dtype=np.int64))
            data = np.frombuffer(self._exactly(4 * count), dtype="<f4")
            tensors[name] = data.reshape(shape)
        return header, tensors

    def send(self, header: Header, tensors: Mapping[str, Tensor] | None = None) -> None:
        arrays = {name: to_array(tensor) for name, tensor in (tensors or {}).items()}
        listed = [[name, list(array.shape)] for name, array in arrays.items()]
        text = json.dumps({**header, "tensors": listed}).encode()
        self.write.write(struct.pack("<I", len(text)) + text)
        for array in arrays.values():
            self.write.write(array.tobytes())
        self.write.flush()


def to_array(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    on_host = tensor.detach().to("cpu", torch.float32).contiguous()
    array: np.ndarray[Any, np.dtype[np.float32]] = on_host.numpy()
    return array


def images_in(array: np.ndarray[Any, Any], device: torch.device) -> Tensor:
    """[n, h, w, c] as [n, c, h, w].

    Not merely as another view, which PyTorch calls channels last: with such a gradient, and a batch
    of one, PyTorch 2.15 differentiates instance norm wrongly on a CPU, and says nothing.
    """
    return torch.tensor(array).to(device).permute(0, 3, 1, 2).contiguous()


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
    if hasattr(module, "parametrizations"):
        own["weight"] = cast(nn.Parameter, parametrized(module).original)
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


class Chance:
    """Random numbers from ganc, which draws them."""

    def __init__(self, channel: Channel, k: int, parts: int, device: torch.device) -> None:
        self.channel = channel
        self.k = k
        self.part = k % parts
        self.device = device

    def ask(self, what: Header) -> np.ndarray[Any, Any]:
        self.channel.send({"ask": {**what, "k": self.k}})
        header, tensors = self.channel.receive()
        if "failed" in header:
            raise RuntimeError(header["failed"])
        return tensors["drawn"]

    def recall(self, history: str) -> Callable[[int], tuple[float, float]]:
        def draw(slot: int) -> tuple[float, float]:
            drawn = self.ask({"what": "recall", "history": history, "slot": slot})
            return float(drawn[0]), float(drawn[1])

        return draw

    def masks(self, application: str) -> Callable[[int, Tensor], Tensor]:
        def draw(i: int, x: Tensor) -> Tensor:
            asked = {"what": "masks", "application": application, "i": i, "count": x.numel()}
            return torch.tensor(self.ask(asked)).to(x.device).reshape(x.shape)

        return draw

    def places(self, height: int, width: int, count: int) -> Tensor:
        asked = {"what": "places", "height": height, "width": width, "count": count}
        return torch.tensor(self.ask(asked)).to(self.device, torch.int64)


class Worker:
    """The module with its state."""

    def __init__(self, channel: Channel, opened: Header) -> None:
        self.channel = channel
        self.device = torch.device(opened["device"])
        self.code = load(opened["module"])
        self.nets = self.code.networks()
        self.fields: dict[str, str] = opened["fields"]
        for name in self.fields:
            self.net(name).to(self.device)
        self.memory = self.code.memory(self.nets)
        listed = opened["networks"]
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
        self.slots: dict[str, dict[str, str]] = opened["slots"]
        self.counters: dict[str, str] = opened["counters"]
        self.updates = dict.fromkeys(self.counters, 0)
        #: How often a step moves each network.
        self.moves: dict[str, int] = opened["moves"]
        self.average: dict[str, Tensor] | None = None
        if opened["average"]:
            self.average = {w.key: w.tensor.detach().clone() for w in self.all_weights()}
        self.parts: int = opened["parts"]

    def net(self, name: str) -> nn.Module:
        return cast(nn.Module, getattr(self.nets, self.fields[name]))

    def all_weights(self) -> list[Weight]:
        return [weight for weights in self.weights.values() for weight in weights]

    def step(self, header: Header, tensors: Tensors) -> tuple[Header, dict[str, Tensor]]:
        def draws(k: int) -> Any:
            fields = self.code.DOMAINS
            values = {
                field: images_in(tensors[f"{k}/{domain}"], self.device)
                for field, domain in fields.items()
            }
            return self.code.Draws(**values)

        def chance(k: int) -> Chance:
            return Chance(self.channel, k, self.parts, self.device)

        step = self.code.step
        several = header["several"]
        args = [self.nets, self.memory, draws if several else draws(0), header["rate"]]
        if "chance" in inspect.signature(step).parameters:
            args.append(chance if several else chance(0))
        terms = step(*args)
        for name, times in self.moves.items():
            self.updates[name] += times
        self.follow(header["decay"])
        values = torch.stack([term.float() for term in terms.values()]).cpu().tolist()
        return {"terms": dict(zip(terms, values, strict=True))}, {}

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        if self.average is None:
            return
        for weight in self.all_weights():
            average = self.average[weight.key]
            average.mul_(decay).add_(weight.tensor * (1 - decay))

    @torch.no_grad()
    def translate(self, header: Header, tensors: Tensors) -> tuple[Header, dict[str, Tensor]]:
        name = header["network"]
        inputs = [images_in(tensors[str(i)], self.device) for i in range(header["count"])]
        restored = self.enter_average()
        try:
            output = self.net(name)(*inputs)
        finally:
            for weight, own in restored:
                weight.tensor.copy_(own)
        return {}, {"output": images_out(output)}

    def enter_average(self) -> list[tuple[Weight, Tensor]]:
        """Puts the averages in the place of the weights, and gives these."""
        if self.average is None:
            return []
        kept = []
        for weight in self.all_weights():
            kept.append((weight, weight.tensor.detach().clone()))
            weight.tensor.copy_(self.average[weight.key])
        return kept

    def get_state(self, *_: Any) -> tuple[Header, dict[str, Tensor]]:
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
        return {}, state

    @torch.no_grad()
    def set_state(self, _: Header, state: Tensors) -> tuple[Header, dict[str, Tensor]]:
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
        return {}, {}

    @torch.no_grad()
    def set_weights(self, _: Header, state: Tensors) -> tuple[Header, dict[str, Tensor]]:
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
        return {}, {}

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


def load(path: str) -> Any:
    """The module at a path."""
    spec = importlib.util.spec_from_file_location("ganc_module", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules["ganc_module"] = module
    spec.loader.exec_module(module)
    return module


def failure(error: BaseException) -> Header:
    """An error as ganc tells it."""
    text = str(error)
    is_memory = isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and "not enough memory" in text
    )
    traceback.print_exc(file=sys.stderr)
    return {"error": text or type(error).__name__, "kind": "memory" if is_memory else "internal"}


def main() -> None:
    # What code prints is not for ganc: it goes to the log.
    channel = Channel(
        os.fdopen(os.dup(0), "rb", buffering=1 << 20), os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    )
    os.dup2(2, 1)
    worker: Worker | None = None
    while True:
        header, tensors = channel.receive()
        try:
            if header["op"] == "open":
                if header["threads"]:
                    torch.set_num_threads(header["threads"])
                worker = Worker(channel, header)
                channel.send({"ok": True})
                continue
            if worker is None:
                raise ValueError("nothing is open")
            reply, answer = getattr(worker, header["op"])(header, tensors)
            channel.send({"ok": True, **reply}, answer)
        except Exception as error:
            channel.send(failure(error))


if __name__ == "__main__":
    main()
