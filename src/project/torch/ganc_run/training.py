"""Trains a generated module, and applies what was trained. The step itself is the project's."""

from __future__ import annotations

import json
import math
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from . import augment, folders, images, torchrun
from .chance import Chance
from .feed import Feed, numbers, one_hot
from .jsons import js
from .precision import Computing, fault
from .problem import Problem
from .processes import SharedState
from .randomness import Floats, Stream
from .run_folder import Lock, Position, RunFolder, begin_line, end_line, now
from .run_state import Array, RunState, images_in, images_out, to_array

#: The project's facts, beside the folder of this library.
FACTS = Path(__file__).parent.parent / "project.json"
#: The weights that the spec takes from files, where it does.
START = FACTS.with_name("start.safetensors")


def facts_of(path: Path = FACTS) -> dict[str, Any]:
    """What the library knows of the spec. An open end of a range is written as null."""
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if facts["format"] != 1:
        raise Problem("Another version of ganc wrote project.json: write the project anew.")
    for domain in facts["data"]["domains"]:
        low, high = domain["range"]
        domain["range"] = [-math.inf if low is None else low, math.inf if high is None else high]
    return facts


@dataclass
class Moment:
    """What a step is made of. `draws` and `chance` are functions of the repetition, from 0, where
    the module's `step` wants them so.
    """

    step: int
    epoch: int
    #: The learning rate, as the recipe's schedule has it for this epoch.
    rate: float
    draws: Any
    chance: Any


@dataclass
class Begun:
    """What a run that goes on has from its beginning."""

    seed: int
    #: Where its images were.
    origin: dict[str, Any]
    #: Their names, by domain.
    images: dict[str, list[str]]

    @staticmethod
    def of(run: RunFolder) -> Begun:
        origin = run.manifest["data"]["origin"]
        return Begun(int(run.manifest["seed"]), origin, run.known_images())


class Training:
    """A run that trains; `with` holds it, and saves it at the end.

    Under torchrun several processes share each step, of which the first keeps the run.
    """

    def __init__(
        self,
        code: ModuleType,
        *,
        out: str,
        data: str | Mapping[str, str] | None = None,
        resume: bool = False,
        seed: int | None = None,
        device: str | None = None,
        bf16: bool = False,
        compiled: bool = False,
        channels_last: bool = False,
    ) -> None:
        """Opens a run.

        `data` is a folder with `trainX` and `trainY` in it, or a folder for each domain; a run that
        is resumed knows where they were. `seed` is that of weights, order, crops, flips and
        histories, 0 unless it is given. Raises Problem where any of it does not fit.
        """
        self.code = code
        self.facts = facts_of()
        self.device = torchrun.device_of(device)
        computing = Computing(compiled, bf16, channels_last)
        said = fault(computing, self.device)
        if said is not None:
            raise Problem(said)
        version = torch.__version__.split("+")[0]
        self.group = torchrun.join(self.facts, self.device)
        many = "" if self.group.world == 1 else f", {self.group.world} processes"
        self.engine = f"PyTorch {version} ({self.device.type}{computing.words}{many})"
        spec = self.facts["manifest"]["spec"]["hash"]
        #: The run's folder, in the process that keeps it.
        self.run = RunFolder.open(Path(out), spec) if resume and self.group.is_first else None
        begun = torchrun.told(self.group, None if self.run is None else Begun.of(self.run))
        self.sources = self._sources(data, begun)
        if begun is not None and seed not in (None, begun.seed):
            raise Problem(
                f"{out} began with seed {begun.seed}, and goes on with it: leave out --seed."
            )
        self.seed = begun.seed if begun is not None else seed or 0
        self.feed = Feed(self.facts["data"], self.sources, self.seed, self.group.share)
        self.state = SharedState(code, self.facts["form"], self.device, self.group, computing)
        self.nets = self.state.nets
        self.memory = self.state.memory
        self.position = Position()
        self.notices: list[str] = []
        state: dict[str, Array] = {}
        if self.group.is_first:
            if self.run is None:
                self.run = self._begin(Path(out), data)
            self.lock = Lock(self.run.path)
            state = self._newest(self.run)
        self.state.set(state)
        self.position = torchrun.told(self.group, self.position)
        self._saved = self.position.step
        self._ending = "steps"
        self._interrupted = False
        self._ends = False

    @property
    def step(self) -> int:
        """Steps that were made."""
        return self.position.step

    @property
    def steps_per_epoch(self) -> int:
        return self.feed.steps_per_epoch

    def _sources(
        self, data: str | Mapping[str, str] | None, begun: Begun | None
    ) -> dict[str, folders.Source]:
        facts = self.facts["data"]
        drawn = [
            domain["name"]
            for domain in facts["domains"]
            if domain["kind"] == "image"
            and any(draw["domain"] == domain["name"] for draw in facts["draws"])
        ]
        if data is None and begun is not None:
            data = begun.origin.get("path", begun.origin.get("paths"))
        if data is None and drawn:
            raise Problem(f"Say where the images are: --data, for the domains {', '.join(drawn)}.")
        if data is None:
            return {}
        places = folders.find(data, drawn)
        known = {} if begun is None else begun.images
        sources = {
            name: folders.open_source(path, facts["classes"].get(name), known.get(name))
            for name, path in places.items()
        }
        own = "" if self.group.world == 1 else folders.hash_of(sources, js)
        if torchrun.told(self.group, own) != own:
            raise Problem("--data: the first process has other images than this one.")
        return sources

    def _begin(self, out: Path, data: str | Mapping[str, str] | None) -> RunFolder:
        origin: dict[str, Any] = {"kind": "folders", "paths": {}}
        if isinstance(data, str):
            origin = {"kind": "folder", "path": str(Path(data).resolve())}
        elif data is not None:
            origin["paths"] = {name: str(Path(path).resolve()) for name, path in data.items()}
        classes = {name: one.classes for name, one in self.sources.items() if one.classes}
        listed = ", ".join(f"{name} {len(one)} images" for name, one in self.sources.items())
        about = {
            "origin": origin,
            "description": f"train: {listed}" if listed else "no images",
            "hash": folders.hash_of(self.sources, js),
            "stepsPerEpoch": self.feed.steps_per_epoch,
            **({"classes": classes} if classes else {}),
        }
        own = {
            "run": secrets.token_hex(8),
            "seed": self.seed,
            "data": about,
            "engine": self.engine,
            "created": now(),
        }
        # In the order of the fields that ganc writes.
        manifest = {name: own.get(name, one) for name, one in self.facts["manifest"].items()}
        return RunFolder.create(out, manifest)

    def _newest(self, run: RunFolder) -> dict[str, Array]:
        """The state that the run goes on with, which is its position, too."""
        if not run.steps():
            return first_state(self.facts, self.seed)
        position, tensors, self.notices = run.load()
        if position.step_in_epoch >= self.feed.steps_per_epoch:
            position.epoch, position.step_in_epoch = position.epoch + 1, 0
        self.position = position
        return tensors

    def __enter__(self) -> Training:
        signal.signal(signal.SIGINT, self._interrupt)
        signal.signal(signal.SIGTERM, self._interrupt)
        if self.run is not None:
            self.run.begin_log(self.position.step)
            self.run.session(
                begin_line(
                    sys.argv,
                    self.facts["ganc"],
                    self.engine,
                    torch.get_num_threads(),
                    self.position.step,
                )
            )
        return self

    def _interrupt(self, *_: Any) -> None:
        """Ctrl-C ends the run behind its step, with a checkpoint; pressed twice, at once."""
        if self._interrupted:
            sys.exit(130)
        self._interrupted = True
        # Alone, it ends before its next step; of several, all end behind the same one.
        self._ends = self.group.world == 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        try:
            if error is None and self.position.step != self._saved:
                self.save()
            if self.run is not None and self.lock.is_held():
                ending = "failed" if error is not None else self._ending
                reason = None if error is None else str(error)
                self.run.session(end_line(ending, self.position, reason))
        finally:
            if self.run is not None:
                self.lock.release()
        if error is None:
            torchrun.leave(self.group)

    def say(self, words: str) -> None:
        """Prints a line, once for all processes."""
        if self.group.is_first:
            print(words, flush=True)

    def moments(self, steps: int | None = None, save_every: int | None = None) -> Iterator[Moment]:
        """The steps of the run up to the end of its schedule, or to so many steps in all.

        Saves every `save_every` steps, at the end of each epoch unless it is given, and at the end.
        """
        rates: list[float] | None = self.facts["rates"]
        if rates is None:
            raise Problem(
                "The schedule has a `plateau`, which goes by scores of held-out images: "
                "`ganc run --engine torch --hold-out 20` measures, and trains by the same step."
            )
        while self.position.epoch < len(rates):
            epoch, first = self.position.epoch, self.position.step_in_epoch
            for drawn in self.feed.epoch(epoch, first):
                if self._ends or (steps is not None and self.position.step >= steps):
                    self._ending = "interrupted" if self._ends else "steps"
                    return
                yield self._moment(drawn, rates[epoch])
                is_end = self.position.step_in_epoch == 0
                due = is_end if save_every is None else self.position.step % save_every == 0
                if due:
                    self.save()
        self._ending = "schedule"

    def _moment(self, drawn: list[dict[str, Array]], rate: float) -> Moment:
        self._began = time.perf_counter()
        self.group.is_stepping = True

        def draws(k: int) -> Any:
            fields: Mapping[str, str] = self.code.DOMAINS
            values = {field: images_in(drawn[k][key], self.device) for field, key in fields.items()}
            return self.code.Draws(**values)

        def chance(k: int) -> Chance:
            step = self.position.step
            return Chance(self.facts, self.seed, step, k, self.device, self.group)

        several = self.state.several
        return Moment(
            self.position.step,
            self.position.epoch,
            rate,
            draws if several else draws(0),
            chance if several else chance(0),
        )

    def made(self, moment: Moment, terms: Mapping[str, Tensor]) -> dict[str, float]:
        """Counts a step that was made: averages follow, the log has its losses.

        Gives the losses of the whole batch as numbers. Raises Problem where one is none: what was
        learnt since the last checkpoint is not saved then.
        """
        self.group.is_stepping = False
        average: float = self.facts["average"]
        self.state.moved(min(average, moment.step / (9 + moment.step)), moment.step)
        own = torch.stack([term.float() for term in terms.values()]).cpu()
        # Whether to end goes with the losses, so that no process waits for one that has ended.
        values = self.group.mean(torch.cat([own, torch.tensor([float(self._interrupted)])]))
        *means, ends = values.tolist()
        self._ends = ends > 0
        losses: dict[str, float] = dict(zip(terms, means, strict=True))
        for name, value in losses.items():
            if not math.isfinite(value):
                raise Problem(
                    f"{name} is {value} at step {moment.step}. The run is saved up to step "
                    f"{self._saved}; a smaller learning rate may mend it."
                )
        place = self.position
        place.elapsed += (time.perf_counter() - self._began) * 1000
        if self.run is not None:
            self.run.note(place, moment.rate, losses)
        place.step += 1
        place.step_in_epoch += 1
        if place.step_in_epoch == self.feed.steps_per_epoch:
            place.epoch, place.step_in_epoch = place.epoch + 1, 0
        return losses

    def save(self) -> Path | None:
        """Writes a checkpoint, which ganc reads; of several processes, which all call it, the
        first one.
        """
        state = {name: to_array(tensor) for name, tensor in self.state.get().items()}
        self._saved = self.position.step
        if self.run is None:
            return None
        return self.run.save(self.position, self.feed.steps_per_epoch, state, self.engine)


def drawn(stream: Stream, shape: list[int], by: Mapping[str, Any]) -> Floats:
    """A weight of a distribution, its numbers in a row."""
    size = int(np.prod(shape, dtype=np.int64))
    if by["kind"] == "uniform":
        low, high = float(by["low"]), float(by["high"])
        return low + (high - low) * stream.uniforms(0, size)
    normals = stream.normals(0, size)
    if by["kind"] == "normal":
        return float(by["mean"]) + float(by["std"]) * normals
    # Of the last axis by all others: the longer vectors of the two are made orthogonal.
    matrix = normals.reshape(-1, shape[-1])
    is_tall = matrix.shape[0] > matrix.shape[1]
    q, r = np.linalg.qr(matrix if is_tall else matrix.T)
    q = q * np.sign(np.diag(r))
    return float(by["gain"]) * np.ascontiguousarray(q if is_tall else q.T).reshape(-1)


def first_state(facts: Mapping[str, Any], seed: int) -> dict[str, Array]:
    """The weights that a run with that seed begins with, as ganc draws them."""
    given: dict[str, Array] = load_file(START) if START.exists() else {}
    state: dict[str, Array] = {}
    for start in facts["starts"]:
        name, shape = start["name"], start["shape"]
        if name in given:
            state[name] = given[name]
        elif "value" in start:
            state[name] = np.full(shape, start["value"], dtype=np.float32)
        else:
            values = drawn(Stream(seed, start["stream"]), shape, start["from"])
            state[name] = values.astype(np.float32).reshape(shape)
        if facts["form"]["average"] and name.startswith("param/"):
            state[name.replace("param/", "average/", 1)] = state[name]
    return state


class Trained:
    """Networks that a run has trained, or that a file of weights holds."""

    def __init__(
        self,
        code: ModuleType,
        source: str,
        *,
        step: int | None = None,
        device: str | None = None,
    ) -> None:
        """`source` is a run's folder, of which a checkpoint is taken, or a .safetensors file."""
        self.facts = facts_of()
        self.device = torchrun.device_of(device)
        form = {**self.facts["form"], "average": False}
        self.state = RunState(code, form, self.device)
        self.state.set_weights(self._weights(source, step))

    def _weights(self, source: str, step: int | None) -> dict[str, Array]:
        path = Path(source)
        if path.is_file():
            try:
                tensors: dict[str, Array] = load_file(path)
            except SafetensorError as error:
                raise Problem(f"{source} is no file of weights: {error}") from error
        else:
            run = RunFolder.open(path, self.facts["manifest"]["spec"]["hash"])
            _, tensors, _ = run.load(step)
        averages = {
            name.replace("average/", "param/", 1): tensor
            for name, tensor in tensors.items()
            if name.startswith("average/")
        }
        weights = {**tensors, **averages}
        for start in self.facts["starts"]:
            shape = weights.get(start["name"], np.zeros(0)).shape
            if list(shape) != start["shape"]:
                raise Problem(
                    f"{source} does not fit: {start['name']} is missing, or of another shape."
                )
        return weights

    def domain(self, name: str) -> dict[str, Any]:
        found = (one for one in self.facts["data"]["domains"] if one["name"] == name)
        return cast(dict[str, Any], next(found))

    def translate(self, network: str, *inputs: Array) -> Array:
        """Applies a network to [n, h, w, c] of its domains' ranges."""
        given = [images_in(array, self.device) for array in inputs]
        return to_array(images_out(self.state.translate(network, given)))

    def translate_file(self, network: str, picture: str, made: str) -> None:
        """Translates a picture, brought to its domain's size, and writes what is made of it."""
        for pair in self.facts["translators"]:
            if pair["network"] == network:
                source, target = self.domain(pair["from"]), self.domain(pair["to"])
                break
        else:
            names = ", ".join(pair["network"] for pair in self.facts["translators"])
            raise Problem(f"{network} makes no image of an image; {names} do.")
        height, width, channels = source["shape"]
        path, part = folders.placed(picture)
        whole = folders.cut(images.read(path), part, path)
        image = augment.resized(whole, height, width, source.get("nearest", False))
        given = images.to_array([images.pixels(image, channels)], *source["range"])
        try:
            images.from_array(self.translate(network, given)[0], *target["range"]).save(made)
        except (OSError, ValueError) as error:
            raise Problem(f"{made} cannot be written: {error}") from error

    def generate_files(self, network: str, folder: str, count: int, seed: int = 0) -> list[str]:
        """Writes images of noise and classes; the same seed makes the same ones."""
        pair = next(one for one in self.facts["generators"] if one["network"] == network)
        target = self.domain(pair["to"])
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"{folder} cannot be made: {error.strerror}") from error
        batch: int = self.facts["data"]["batch"]
        paths: list[str] = []
        while len(paths) < count:
            inputs = [
                self._drawn(self.domain(name), f"generate/{network}/{place}", batch, seed, paths)
                for place, name in enumerate(pair["from"])
            ]
            for made in self.translate(network, *inputs)[: count - len(paths)]:
                path = str(Path(folder) / f"{len(paths) + 1:04d}.png")
                images.from_array(made, *target["range"]).save(path)
                paths.append(path)
        return paths

    @staticmethod
    def _drawn(
        domain: dict[str, Any], key: str, batch: int, seed: int, made: Sequence[str]
    ) -> Array:
        """A batch for the images behind those that were made; classes take turns."""
        if domain["kind"] == "labels":
            count = domain["shape"][2]
            return one_hot([(len(made) + i) % count for i in range(batch)], count)
        return numbers(domain, key, batch, seed, 0, len(made) // batch)
