"""Gradients of a network that another one applies, in two processes, each network wrapped apart.

Prints by how much those of DistributedDataParallel, and means by hand, differ from those of one
process, as JSON: {"wrapped": …, "by_hand": …}. Its argument is a folder to meet in.
"""

import json
import os
import sys

import torch
from torch import Tensor, distributed, multiprocessing, nn
from torch.nn.parallel import DistributedDataParallel


class Outer(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = (inner,)
        self.last = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.inner[0](x))


def made() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    inner = nn.Linear(4, 4)
    return inner, Outer(inner)


def gradients(*nets: nn.Module) -> Tensor:
    return torch.cat([p.grad.flatten() for net in nets for p in net.parameters()])


def run(rank: int, folder: str) -> None:
    store = distributed.FileStore(os.path.join(folder, "store"), 2)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=2)
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(1))
    own = x[4 * rank : 4 * rank + 4]
    inner, outer = made()
    outer(x).square().mean().backward()
    expected = gradients(inner, outer)
    inner, outer = made()
    outer(own).square().mean().backward()
    mean = gradients(inner, outer)
    distributed.all_reduce(mean)
    inner, outer = made()
    DistributedDataParallel(inner)
    DistributedDataParallel(outer)(own).square().mean().backward()
    wrapped = gradients(inner, outer)
    found = {"wrapped": wrapped, "by_hand": mean / 2}
    if rank == 0:
        print(json.dumps({k: (v - expected).abs().max().item() for k, v in found.items()}))


if __name__ == "__main__":
    multiprocessing.spawn(run, args=(sys.argv[1],), nprocs=2)
