"""WGAN-GP's penalty E[(||grad_x D(x)||_2 - 1)^2] and its gradients, by PyTorch's double backward, in float64.

Reads tensors by name as JSON, {name: {shape, data}}, from standard input: images x, weights w1, b1, w2, b2 of the critic;
writes penalty and the gradients of the weights, by their names, in the same form.
"""

import json
import sys

import torch
import torch.nn.functional as nn
from torch import Tensor


def critic(x: Tensor, w: dict[str, Tensor]) -> Tensor:
    y = nn.conv2d(x, w["w1"], w["b1"], stride=2, padding=1)
    y = nn.leaky_relu(nn.instance_norm(y, eps=1e-5), 0.2)
    return nn.conv2d(y, w["w2"], w["b2"], padding=1)


def main() -> None:
    given = json.load(sys.stdin)
    tensors = {name: torch.tensor(t["data"], dtype=torch.float64).reshape(t["shape"]) for name, t in given.items()}
    x = tensors.pop("x").requires_grad_()
    for weight in tensors.values():
        weight.requires_grad_()
    (slope,) = torch.autograd.grad(critic(x, tensors).sum(), x, create_graph=True)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    penalty.backward()
    # A weight that the slope does not depend on has no gradient at all.
    result = {name: torch.zeros_like(w) if w.grad is None else w.grad for name, w in tensors.items()}
    result["penalty"] = penalty.detach()
    json.dump({name: {"shape": list(t.shape), "data": t.flatten().tolist()} for name, t in result.items()}, sys.stdout)


main()
