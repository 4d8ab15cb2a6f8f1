"""The processes that torchrun starts, which share each step.

The generated module takes the mean of their gradients, network by network. What each of them draws
is what its samples would draw in one process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

import torch
from torch import distributed

from .problem import Problem
from .processes import WAIT, Group

A = TypeVar("A")


def count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def device_of(name: str | None = None) -> torch.device:
    """The device of that name; unless it is given, a graphics card where PyTorch has one.

    Of several processes, each has a card of its own.
    """
    if name is None:
        # Processes talk by gloo or NCCL, which know nothing of Apple's graphics.
        has_mps = torch.backends.mps.is_available() and count() == 1
        name = "cuda" if torch.cuda.is_available() else "mps" if has_mps else "cpu"
    if name == "cuda" and count() > 1:
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise Problem(f"--device: PyTorch has no device {name}") from error
    if device.type == "mps" and count() > 1:
        raise Problem("--device: processes cannot share Apple's graphics; take cpu, or start one.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise Problem(f"--device: PyTorch has no {name}; it has {torch.cuda.device_count()} cards.")
    return device


def join(facts: Mapping[str, Any], device: torch.device) -> Group:
    """Joins the others, of which each has its samples of every batch.

    Raises Problem where they cannot make the steps that one process makes.
    """
    world, batch = count(), facts["data"]["batch"]
    if world == 1:
        return Group(samples=batch)
    if facts["unshared"] is not None:
        raise Problem(facts["unshared"])
    if batch % world != 0:
        raise Problem(
            f"A batch of {batch} cannot be shared by {world} processes, which get the same number "
            f"of samples each: give the spec a batch that {world} divides, and write the project "
            "anew."
        )
    backend = "gloo"
    if device.type == "cuda":
        torch.cuda.set_device(device)
        backend = "cpu:gloo,cuda:nccl"
    try:
        distributed.init_process_group(backend, timeout=WAIT)
    except ValueError as error:
        raise Problem(f"WORLD_SIZE is {world}, but not by torchrun: {error}") from error
    return Group(distributed.get_rank(), world, batch // world)


def told(group: Group, value: A) -> A:
    """What the first process says."""
    if group.world == 1:
        return value
    values = [value]
    distributed.broadcast_object_list(values, src=0, device=torch.device("cpu"))
    return values[0]


def leave(group: Group) -> None:
    if group.world > 1:
        distributed.destroy_process_group()
