"""The folder of a run, as ganc writes and reads it: its manifest, log and checkpoints."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from .jsons import js, opened, sealed
from .problem import Problem

Array = np.ndarray[Any, np.dtype[np.float32]]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Position:
    """The next step to make. All count from 0."""

    epoch: int = 0
    step_in_epoch: int = 0
    step: int = 0
    #: Milliseconds of training, over all processes.
    elapsed: float = 0.0


def write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    beside = path.with_name(f"{path.name}.unfinished")
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{path} cannot be written: {error.strerror}") from error


def write_json(path: Path, value: dict[str, Any]) -> None:
    # The layout is for people: a fingerprint is that of the values.
    write(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())


def _started(pid: int) -> str | None:
    """When a process began, in the kernel's count: numbers of processes are used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat[stat.rindex(")") + 2 :].split(" ")[19]


class Lock:
    """The file `lock`: while it is there, a process trains in the folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        own = {"pid": os.getpid(), "host": socket.gethostname(), "started": _started(os.getpid())}
        self.text = json.dumps({**own, "token": secrets.token_hex(4)})
        for _ in range(2):
            try:
                with open(self.path, "x") as file:
                    file.write(self.text)
                return
            except FileExistsError:
                self._refuse_living()
                self.path.unlink(missing_ok=True)
        raise Problem(f"{folder}: another process took the run at the same moment.")

    def _refuse_living(self) -> None:
        try:
            holder = json.loads(self.path.read_text())
            pid, host, started = holder["pid"], holder["host"], holder["started"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        # Windows knows no signal that only asks.
        if host == socket.gethostname() and os.name == "posix":
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            except PermissionError:
                pass
            if started is not None and started != _started(pid):
                return
        raise Problem(
            f"{self.path.parent}: process {pid} on {host} trains in it. Wait until it has ended; "
            f"if it has, remove {self.path}."
        )

    def is_held(self) -> bool:
        try:
            return self.path.read_text() == self.text
        except OSError:
            return False

    def release(self) -> None:
        if self.is_held():
            self.path.unlink(missing_ok=True)


class RunFolder:
    """A run that exists."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self.checkpoints = path / "checkpoints"
        self.metrics = path / "metrics.jsonl"
        #: Steps whose checkpoints this process wrote.
        self.written: list[int] = []
        self.log = hashlib.sha256()

    @staticmethod
    def create(path: Path, manifest: dict[str, Any]) -> RunFolder:
        """A new run, in a folder that is empty or not there."""
        if path.exists() and any(path.iterdir()):
            is_run = (path / "manifest.json").exists()
            cure = "Add --resume to go on with the run in it, or choose" if is_run else "Choose"
            raise Problem(f"{path} is not empty. {cure} another folder with --out.")
        for folder in (path / "samples", path / "checkpoints"):
            folder.mkdir(parents=True)
        write_json(path / "manifest.json", sealed(manifest))
        return RunFolder(path, manifest)

    @staticmethod
    def open(path: Path, spec: str) -> RunFolder:
        """A run that was trained by the spec of that fingerprint."""
        try:
            text = (path / "manifest.json").read_text(encoding="utf-8")
        except OSError as error:
            raise Problem(f"{path} holds no run: it has no manifest.json") from error
        manifest = opened(text)
        if manifest is None:
            raise Problem(f"{path}: its manifest.json was changed or is cut off.")
        if manifest.get("format") not in (2, 3):
            raise Problem(
                f"{path}: its format is {manifest.get('format')}, and 2 and 3 are read here."
            )
        if manifest["spec"]["hash"] != spec:
            raise Problem(
                f"{path} holds a run of another spec, or of other params, than this project."
            )
        return RunFolder(path, manifest)

    def known_images(self) -> dict[str, list[str]]:
        """Names of the images that the run began with and trains on, by domain, where it says."""
        try:
            images = opened((self.path / "images.json").read_text(encoding="utf-8"))
        except OSError:
            return {}
        if images is None or images.get("run") != self.manifest["run"]:
            return {}
        return {
            domain: [line.split(" ", 2)[2] for line in lines]
            for domain, lines in images["train"].items()
        }

    def steps(self) -> list[int]:
        """Steps of the checkpoints, the newest first."""
        names = (re.fullmatch(r"step-(\d{8,})\.json", p.name) for p in self.checkpoints.glob("*"))
        return sorted((int(found.group(1)) for found in names if found), reverse=True)

    def _load(self, step: int) -> tuple[Position, dict[str, Array]] | None:
        """A checkpoint; nothing where it is damaged or foreign."""
        name = self.checkpoints / f"step-{step:08d}"
        try:
            counters = opened(name.with_suffix(".json").read_text(encoding="utf-8"))
            data = name.with_suffix(".safetensors").read_bytes()
        except OSError:
            return None
        if counters is None or counters.get("run") != self.manifest["run"]:
            return None
        if hashlib.sha256(data).hexdigest() != counters["tensors"]["sha256"]:
            return None
        try:
            tensors = load_tensors(data)
        except SafetensorError:
            return None
        position = Position(
            counters["epoch"], counters["stepInEpoch"], counters["step"], counters["elapsed"]
        )
        return position, tensors

    def load(self, step: int | None = None) -> tuple[Position, dict[str, Array], list[str]]:
        """The newest checkpoint that is whole, or that of a step, and what was passed over."""
        passed: list[str] = []
        for one in self.steps() if step is None else [step]:
            found = self._load(one)
            if found is not None:
                return *found, passed
            passed.append(f"the checkpoint of step {one} is damaged, and passed over")
        which = "a checkpoint that is whole" if step is None else f"a whole checkpoint of {step}"
        raise Problem(f"{self.path} has not {which}.")

    def begin_log(self, step: int) -> None:
        """Keeps the lines of the log before a step, and takes their fingerprint."""
        kept = []
        try:
            lines = self.metrics.read_bytes().split(b"\n")[:-1]
        except OSError:
            lines = []
        for line in lines:
            try:
                if json.loads(line)["step"] < step:
                    kept.append(line + b"\n")
            except (ValueError, KeyError, TypeError):
                continue
        for line in kept:
            self.log.update(line)
        write(self.metrics, b"".join(kept))

    def note(self, position: Position, rate: float, metrics: Mapping[str, float]) -> None:
        """Adds the line of a step that was made."""
        line = {
            "step": position.step,
            "epoch": position.epoch,
            "rate": rate,
            "elapsed": position.elapsed,
            "metrics": dict(metrics),
        }
        data = (js(line) + "\n").encode()
        self.log.update(data)
        with open(self.metrics, "ab") as file:
            file.write(data)

    def save(
        self,
        position: Position,
        steps_per_epoch: int,
        state: Mapping[str, Array],
        engine: str,
    ) -> Path:
        """Writes a checkpoint. Of those that this process wrote, the newest three stay."""
        if not (self.path / "manifest.json").exists():
            raise Problem(f"{self.path} was moved or removed: nothing is saved in its old place.")
        run, spec = self.manifest["run"], self.manifest["spec"]["hash"]
        name = f"step-{position.step:08d}"
        about = {"format": "ganc state 1", "run": run, "spec": spec, "step": str(position.step)}
        data = save_tensors({key: np.asarray(one, order="C") for key, one in state.items()}, about)
        write(self.checkpoints / f"{name}.safetensors", data)
        digest = hashlib.sha256(data).hexdigest()
        counters = {
            "format": 2,
            "run": run,
            "spec": spec,
            "epoch": position.epoch,
            "stepInEpoch": position.step_in_epoch,
            "step": position.step,
            "elapsed": position.elapsed,
            "seed": self.manifest["seed"],
            "stepsPerEpoch": steps_per_epoch,
            "tensors": {"file": f"{name}.safetensors", "bytes": len(data), "sha256": digest},
            "engine": engine,
            "log": self.log.hexdigest(),
        }
        write_json(self.checkpoints / f"{name}.json", sealed(counters))
        pointer = {
            "step": position.step,
            "tensors": f"{name}.safetensors",
            "counters": f"{name}.json",
        }
        write_json(self.checkpoints / "latest.json", pointer)
        write_json(
            self.path / "saved.json", sealed({"format": 1, "run": run, "step": position.step})
        )
        self._prune(position.step)
        return self.checkpoints / f"{name}.safetensors"

    def _prune(self, step: int) -> None:
        self.written.append(step)
        keep = self.manifest.get("keep") or {}
        last = keep.get("last", 3)
        while len(self.written) > max(1, last):
            old = self.checkpoints / f"step-{self.written.pop(0):08d}"
            old.with_suffix(".json").unlink(missing_ok=True)
            old.with_suffix(".safetensors").unlink(missing_ok=True)

    def session(self, line: Mapping[str, Any]) -> None:
        """Adds a line about a process that begins or ends."""
        with open(self.path / "sessions.jsonl", "ab") as file:
            file.write((js(dict(line)) + "\n").encode())


def begin_line(
    command: list[str], ganc: str, engine: str, threads: int, step: int
) -> dict[str, Any]:
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        memory = 0
    return {
        "kind": "begin",
        "at": now(),
        "pid": os.getpid(),
        "command": command,
        "versions": {"ganc": ganc, "node": "none"},
        "engine": engine,
        "threads": threads,
        "platform": f"{platform.system().lower()} {platform.machine()}",
        "cpu": platform.processor() or "unknown",
        "cores": os.cpu_count() or 1,
        "memory": memory,
        "step": step,
    }


def end_line(ending: str, position: Position, reason: str | None = None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "kind": "end",
        "at": now(),
        "ending": ending,
        "step": position.step,
        "epoch": position.epoch,
    }
    return line if reason is None else {**line, "reason": reason}
