"""What the processes that share a step do together.

Each has its share of every batch: `samples` samples of each. All have the same weights. Slot s of
an image history is of the s-th sample of a step, over all processes and all batches of an update.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import torch
from torch import Tensor, distributed, nn

from .precision import Computing
from .run_state import Array, RunState, to_array

#: How long a process waits for the others. ganc notices sooner that one is lost, and ends all.
WAIT = timedelta(minutes=5)


class Sum(torch.autograd.Function):
    """The sum of a tensor over all processes; its gradient, of any order, is one, too."""

    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        total = x.detach().clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, *gradients: Tensor) -> Tensor:
        return summed(gradients[0])


def summed(x: Tensor) -> Tensor:
    return cast(Tensor, Sum.apply(x))


@dataclass
class Group:
    """This process among those that share a step."""

    rank: int = 0
    world: int = 1
    #: Samples of a batch that are this process's.
    samples: int = 1
    #: Whether a step is being made: elsewhere the first process computes alone.
    is_stepping: bool = False

    @property
    def is_first(self) -> bool:
        """Whether this process speaks and writes for all."""
        return self.rank == 0

    @property
    def share(self) -> slice:
        """Which samples of a batch are this process's."""
        return slice(self.rank * self.samples, (self.rank + 1) * self.samples)

    @staticmethod
    def join(opened: Mapping[str, Any]) -> Group:
        """Joins the processes that `open` names, at the store through which they meet."""
        world: int = opened["world"]
        if world == 1:
            return Group()
        if not distributed.is_initialized():
            backend = "gloo"
            if opened["device"].startswith("cuda"):
                if opened["card"] >= torch.cuda.device_count():
                    raise ValueError(
                        f"there are {torch.cuda.device_count()} graphics cards for "
                        f"{opened['card'] + 1} processes or more: start fewer with --nproc"
                    )
                torch.cuda.set_device(opened["card"])
                backend = "cpu:gloo,cuda:nccl"
            distributed.init_process_group(
                backend, store=store_of(opened), rank=opened["rank"], world_size=world, timeout=WAIT
            )
        return Group(opened["rank"], world, opened["samples"])

    def mean(self, values: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.world == 1:
            return values
        distributed.all_reduce(values)
        return values / self.world

    def slot(self, own: int) -> int:
        """The number among all slots of a history's slot of this process."""
        part, place = divmod(own, self.samples)
        return (part * self.world + self.rank) * self.samples + place

    def own_slot(self, slot: int) -> int | None:
        """The number among this process's slots of one among all, if it is one of them."""
        part, place = divmod(slot, self.samples)
        own = (part // self.world) * self.samples + place
        return own if part % self.world == self.rank else None

    def hand_out(self, state: Mapping[str, Array]) -> Mapping[str, Array]:
        """The state, which the first process has."""
        if self.world == 1:
            return state
        listed = [[(name, list(array.shape)) for name, array in state.items()]]
        distributed.broadcast_object_list(listed, src=0, device=torch.device("cpu"))
        handed: dict[str, Array] = {}
        for name, shape in listed[0]:
            tensor = torch.tensor(state[name]) if self.rank == 0 else torch.empty(shape)
            distributed.broadcast(tensor, src=0)
            handed[name] = tensor.numpy()
        return handed

    def collect(self, own: list[Tensor]) -> list[Tensor]:
        """The slots of a history, of all processes, in order; the first process gets them."""
        slots = {self.slot(i): images.cpu() for i, images in enumerate(own)}
        gathered: list[Any] | None = [None] * self.world if self.rank == 0 else None
        distributed.gather_object(slots, gathered, dst=0)
        every = {slot: images for part in gathered or [] for slot, images in part.items()}
        return [every[slot] for slot in sorted(every)]

    def check_equal(self, arrays: Mapping[str, Array]) -> None:
        """Raises where the processes have come to different numbers."""
        sums = {name: zlib.crc32(array.tobytes()) for name, array in arrays.items()}
        every: list[Any] = [None] * self.world
        distributed.all_gather_object(every, sums)
        for name, own in sums.items():
            if any(other[name] != own for other in every):
                raise RuntimeError(f"the processes have come to different numbers of {name}")

    def share_norms(self, net: nn.Module) -> None:
        """Has batch normalisation look at the batches of all processes in a step."""
        for module in net.modules():
            if self.world > 1 and isinstance(module, nn.BatchNorm2d):
                self._share(module)

    def _share(self, norm: nn.BatchNorm2d) -> None:
        # The class of a module that ganc writes, which keeps running statistics, has a method for
        # each of the two; PyTorch's own layer does nothing but normalise.
        keeps = hasattr(norm, "over_batch")
        alone: Callable[[Tensor], Tensor] = cast(Any, norm).over_batch if keeps else norm.forward

        def over_batch(x: Tensor) -> Tensor:
            if not self.is_stepping:
                return alone(x)
            x = x.float()
            mean, variance = shared_moments(x)
            y = (x - of_channels(mean)) * of_channels((variance + norm.eps).rsqrt())
            if norm.weight is None:
                return y
            return y * of_channels(norm.weight) + of_channels(norm.bias)

        def moments(x: Tensor) -> tuple[Tensor, Tensor]:
            mean, variance = shared_moments(x)
            size = self.world * x.numel() // x.shape[1]
            return mean, variance * (size / max(1, size - 1))

        if keeps:
            vars(norm).update(over_batch=over_batch, moments=moments)
        else:
            vars(norm).update(forward=over_batch)


def of_channels(v: Tensor) -> Tensor:
    return v[:, None, None]


def shared_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance of each channel, over the batches of all processes."""
    world = distributed.get_world_size()
    mean = summed(x.mean(dim=(0, 2, 3))) / world
    variance = summed((x - of_channels(mean)).square().mean(dim=(0, 2, 3))) / world
    return mean, variance


#: PyTorch does not export the types of its stores.
stores = cast(Any, distributed)

#: The store that this process holds for the others.
held: list[Any] = []


def hold_store() -> int:
    """Makes the store for processes on several machines, and gives its port."""
    store = stores.TCPStore("0.0.0.0", 0, is_master=True, timeout=WAIT, wait_for_workers=False)
    held.append(store)
    return int(store.port)


def store_of(opened: Mapping[str, Any]) -> Any:
    if held:
        return held[0]
    if "file" in opened:
        return stores.FileStore(opened["file"], opened["world"])
    return stores.TCPStore(opened["host"], opened["port"], is_master=False, timeout=WAIT)


def is_of_others(error: BaseException) -> bool:
    """Whether an error says that another process is gone, or did not come."""
    return isinstance(error, distributed.DistError) or (
        isinstance(error, RuntimeError) and "gloo" in str(error)
    )


class SharedState(RunState):
    """The state of a run whose steps several processes share, or one makes alone."""

    def __init__(
        self,
        code: Any,
        form: Mapping[str, Any],
        device: torch.device,
        group: Group,
        computing: Computing | None = None,
    ) -> None:
        super().__init__(code, form, device, computing)
        self.group = group
        for name in self.fields:
            group.share_norms(self.net(name))

    def step(
        self,
        rate: float,
        decay: float,
        draws: Callable[[int], Any],
        chance: Callable[[int], Any],
        count: int,
    ) -> dict[str, float]:
        """Makes a step together with the others, each on its samples."""
        self.group.is_stepping = True
        try:
            terms = super().step(rate, decay, draws, chance, count)
        finally:
            self.group.is_stepping = False
        if self.group.world == 1:
            return terms
        values = self.group.mean(torch.tensor([*terms.values()], device=self.device))
        return dict(zip(terms, values.tolist(), strict=True))

    def get(self) -> dict[str, Tensor]:
        """The whole state, in the first process; the others get nothing."""
        state = super().get()
        if self.group.world == 1:
            return state
        own = {name: images for name, images in state.items() if name.startswith("history/")}
        same = {name: tensor for name, tensor in state.items() if name not in own}
        self.group.check_equal({name: to_array(tensor) for name, tensor in same.items()})
        for key in getattr(self.memory, "histories", {}):
            slots = self.group.collect(
                [
                    images
                    for name, images in own.items()
                    if name.rpartition("/")[0] == f"history/{key}"
                ]
            )
            same |= {f"history/{key}/{slot}": images for slot, images in enumerate(slots)}
        return same if self.group.rank == 0 else {}

    def set(self, state: Mapping[str, Array]) -> None:
        """Takes what is this process's of the state, which the first one is given."""
        own: dict[str, Array] = {}
        for name, array in self.group.hand_out(state).items():
            key, _, slot = name.rpartition("/")
            if not name.startswith("history/"):
                own[name] = array
            elif (number := self.group.own_slot(int(slot))) is not None:
                own[f"{key}/{number}"] = array
        super().set(own)
