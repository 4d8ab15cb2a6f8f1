"""Functions that have kinks, and their derivatives by PyTorch, in float64.

Reads images [1, 1, 4, 4] by the name of a function as JSON, {name: [16 numbers]}, from standard input; writes for each name the values
of that function and the derivative of their sum, {name: {values, derivative}}.
"""

import json
import sys
from collections.abc import Callable

import torch
import torch.nn.functional as nn
from torch import Tensor

functions: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": nn.relu,
    "relu of a loss": nn.relu,
    "relu6": nn.relu6,
    "leaky_relu": lambda x: nn.leaky_relu(x, 0.2),
    "elu": nn.elu,
    "swish": nn.silu,
    "gelu": lambda x: nn.gelu(x, approximate="tanh"),
    "softplus": nn.softplus,
    "abs": torch.abs,
    "l1": lambda x: nn.l1_loss(x, torch.ones_like(x)),
    "clamp": lambda x: x.clamp(-1, 1),
    "norm": torch.linalg.vector_norm,
    "max_pool": lambda x: nn.max_pool2d(x, 2),
    "max of the graph": lambda x: x.amax((2, 3)),
}


def both(name: str, numbers: list[float]) -> dict[str, list[float]]:
    x = torch.tensor(numbers, dtype=torch.float64).reshape(1, 1, 4, 4).requires_grad_()
    y = functions[name](x)
    y.sum().backward()
    return {"values": y.flatten().tolist(), "derivative": x.grad.flatten().tolist()}


json.dump({name: both(name, numbers) for name, numbers in json.load(sys.stdin).items()}, sys.stdout)
