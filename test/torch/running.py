"""Batch normalisation with running statistics by torch.nn.BatchNorm2d, trained for several steps, in float64.

Reads {weights, steps, rate, images} as JSON from standard input: weights by their names in the spec, each {shape, data} as ganc
keeps it; for each step its applications, a list of images [n, h, w, c]; images to translate at the end. Each step lowers the sum
over the applications of the mean of (D(x) - 1)^2 by plain descent. Where a step applies the network more than once, its
statistics are the mean of what PyTorch's layer makes of each application from those before the step. Writes {losses, state,
translated}: the loss of each step, all weights and statistics behind the last, and D(images) in evaluation mode.
"""

import json
import sys
from copy import deepcopy

import torch
from torch import Tensor, nn


def tensor(given: dict) -> Tensor:
    return torch.tensor(given["data"], dtype=torch.float64).reshape(given["shape"])


def written(t: Tensor) -> dict:
    return {"shape": list(t.shape), "data": t.flatten().tolist()}


def main() -> None:
    given = json.load(sys.stdin)
    torch.set_default_dtype(torch.float64)
    conv, bn, last, plain = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 2), nn.BatchNorm2d(1, eps=1e-3, affine=False)
    net = nn.Sequential(conv, bn, nn.LeakyReLU(0.2), last, plain, nn.Tanh())
    # ganc's name, PyTorch's tensor, and PyTorch's order of ganc's axes
    names = {
        "D.conv.weight": (conv.weight, (3, 2, 0, 1)),
        "D.conv.bias": (conv.bias, (0,)),
        "D.batch_norm.scale": (bn.weight, (0,)),
        "D.batch_norm.shift": (bn.bias, (0,)),
        "D.conv_2.weight": (last.weight, (3, 2, 0, 1)),
        "D.conv_2.bias": (last.bias, (0,)),
        "D.batch_norm.mean": (bn.running_mean, (0,)),
        "D.batch_norm.variance": (bn.running_var, (0,)),
        "D.batch_norm_2.mean": (plain.running_mean, (0,)),
        "D.batch_norm_2.variance": (plain.running_var, (0,)),
    }
    with torch.no_grad():
        for name, weight in given["weights"].items():
            to, order = names[name]
            to.copy_(tensor(weight).permute(order))
    descent = torch.optim.SGD(net.parameters(), lr=given["rate"])
    losses = []
    for applications in given["steps"]:
        before = deepcopy(dict(net.named_buffers()))
        moved, loss = [], 0.0
        descent.zero_grad()
        for x in applications:
            net.load_state_dict(before, strict=False)
            part = (net(tensor(x).permute(0, 3, 1, 2)) - 1).square().mean()
            part.backward()
            loss += part.item()
            moved.append(deepcopy(dict(net.named_buffers())))
        kept = (name for name in before if "running" in name)
        net.load_state_dict({name: torch.stack([m[name] for m in moved]).mean(0) for name in kept}, strict=False)
        descent.step()
        losses.append(loss)
    net.eval()
    translated = net(tensor(given["images"]).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    state = {
        name: written(t.detach().permute([order.index(i) for i in range(len(order))])) for name, (t, order) in names.items()
    }
    json.dump({"losses": losses, "state": state, "translated": written(translated)}, sys.stdout)


main()
