"""Trains and translates with a module that ganc wrote, as a process that ganc talks to.

Messages go both ways over standard input and output. Each has the length of its header (4 bytes,
little-endian), a header of JSON, and the numbers of its tensors (float32), one tensor after the
other, as the header's `tensors` lists them: [name, shape]. ganc's tensors are [n, h, w, c] and its
weights [h, w, in, out]; this process turns them into PyTorch's and back.

ganc sends a request and reads one reply, `{"ok": ...}` or `{"error": ..., "kind": ...}`. While it
computes a step, this process may ask for random numbers before it replies: `{"ask": ...}`.

Several such processes share a step where `open` says so: each has its share of every batch, all
have the same weights, and each request goes to all of them. While a request is answered, they tell
every second that they are alive: `{"beat": true}`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

from ganc_run.precision import Computing, fault
from ganc_run.processes import Group, SharedState, hold_store, is_of_others
from ganc_run.run_state import Array, images_in, images_out, to_array

Header = dict[str, Any]
Tensors = dict[str, Array]


class Channel:
    """The two pipes to ganc."""

    def __init__(self, read: BinaryIO, write: BinaryIO) -> None:
        self.read = read
        self.write = write
        self.sending = threading.Lock()
        self.is_busy = False
        self.is_beating = False

    def start_beating(self) -> None:
        """Tells every second that this process lives, while a request waits for its reply."""
        if not self.is_beating:
            self.is_beating = True
            threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while True:
            time.sleep(1)
            try:
                if self.is_busy:
                    self.send({"beat": True})
            except OSError:
                # ganc has ended; this process may be waiting for another one, which has too.
                os._exit(0)

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
        with self.sending:
            self.write.write(struct.pack("<I", len(text)) + text)
            for array in arrays.values():
                self.write.write(array.tobytes())
            self.write.flush()


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
        group = Group.join(opened)
        self.device = torch.device(opened["device"])
        self.code = load(opened["module"])
        computing = Computing(opened["compiled"], opened["bf16"], opened["channels_last"])
        said = fault(computing, self.device)
        if said is not None:
            raise ValueError(said)
        self.state = SharedState(self.code, opened, self.device, group, computing)
        self.parts: int = opened["parts"]

    def step(self, header: Header, tensors: Tensors) -> tuple[Header, dict[str, Tensor]]:
        def draws(k: int) -> Any:
            values = {
                field: images_in(tensors[f"{k}/{domain}"], self.device)
                for field, domain in self.code.DOMAINS.items()
            }
            return self.code.Draws(**values)

        def chance(k: int) -> Chance:
            return Chance(self.channel, k, self.parts, self.device)

        terms = self.state.step(header["rate"], header["decay"], draws, chance, header["step"])
        return {"terms": terms}, {}

    def translate(self, header: Header, tensors: Tensors) -> tuple[Header, dict[str, Tensor]]:
        inputs = [images_in(tensors[str(i)], self.device) for i in range(header["count"])]
        output = self.state.translate(header["network"], inputs)
        return {}, {"output": images_out(output)}

    def get_state(self, *_: Any) -> tuple[Header, dict[str, Tensor]]:
        return {}, self.state.get()

    def set_state(self, _: Header, state: Tensors) -> tuple[Header, dict[str, Tensor]]:
        self.state.set(state)
        return {}, {}

    def set_weights(self, _: Header, state: Tensors) -> tuple[Header, dict[str, Tensor]]:
        self.state.set_weights(state)
        return {}, {}


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
    is_peer = not is_memory and is_of_others(error)
    kind = "memory" if is_memory else "peer" if is_peer else "internal"
    return {"error": text or type(error).__name__, "kind": kind}


def main() -> None:
    # What code prints is not for ganc: it goes to the log.
    channel = Channel(
        os.fdopen(os.dup(0), "rb", buffering=1 << 20), os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    )
    os.dup2(2, 1)
    worker: Worker | None = None
    while True:
        header, tensors = channel.receive()
        channel.is_busy = True
        try:
            reply: Header = {}
            answer: dict[str, Tensor] = {}
            if header["op"] == "hold_store":
                reply = {"port": hold_store()}
            elif header["op"] == "open":
                if header["world"] > 1:
                    channel.start_beating()
                if header["threads"]:
                    torch.set_num_threads(header["threads"])
                worker = Worker(channel, header)
            elif worker is None:
                raise ValueError("nothing is open")
            else:
                reply, answer = getattr(worker, header["op"])(header, tensors)
            channel.send({"ok": True, **reply}, answer)
        except Exception as error:
            channel.send(failure(error))
        finally:
            channel.is_busy = False


if __name__ == "__main__":
    main()
