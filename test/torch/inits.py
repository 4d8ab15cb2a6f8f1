"""How PyTorch's nn.init begins weights.

Reads {module, init, normals} as JSON from standard input, a list of them: `module` is Python of a layer, `init` of a call for its
weight `w`, and `normals`, where there are any, stand in for what the call draws of normal numbers. Writes for each {std, bound} of the
distribution that it draws from, of a large weight with the same fans, or {values}.
"""

import json
import sys
from unittest.mock import patch

import torch
from torch import Tensor, nn


def drawn(case: dict) -> dict:
    """The arguments with which the rule calls the generator."""
    weight = eval(case["module"], {"nn": nn}).weight
    seen: dict = {}

    def normal(tensor: Tensor, mean: float, std: float, generator: object = None) -> Tensor:
        seen["std"] = std
        return tensor

    def uniform(tensor: Tensor, low: float, high: float, generator: object = None) -> Tensor:
        seen["low"], seen["high"] = low, high
        return tensor

    with patch("torch.Tensor.normal_", normal), patch("torch.Tensor.uniform_", uniform):
        eval(case["init"], {"init": nn.init, "w": weight})
    return seen


def made(case: dict) -> dict:
    """What the rule makes of given normal numbers."""
    weight = eval(case["module"], {"nn": nn}).weight.double()
    numbers = torch.tensor(case["normals"], dtype=torch.float64)

    def normal(tensor: Tensor, *_: object, **__: object) -> Tensor:
        return tensor.copy_(numbers.reshape(tensor.shape))

    with patch("torch.Tensor.normal_", normal):
        eval(case["init"], {"init": nn.init, "w": weight})
    return {"values": weight.flatten().tolist()}


cases = json.load(sys.stdin)
json.dump([made(case) if "normals" in case else drawn(case) for case in cases], sys.stdout)
