"""Layers and their derivatives by PyTorch, in float64.

Reads a list of cases as JSON from standard input: {layer, x, weights, kept, dy, options}, where `layer` is Python of an image `x`
[n, c, h, w], weights `w` by name, those that are kept without being learnt among them, and the options by name, and a tensor is
{shape, data}. Writes for each the value, and the
gradients of the sum of value times dy: {value, x, weights}.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import Tensor

Json = dict[str, list]


def tensor(given: Json) -> Tensor:
    return torch.tensor(given["data"], dtype=torch.float64).reshape(given["shape"])


def written(t: Tensor) -> Json:
    return {"shape": list(t.shape), "data": t.flatten().tolist()}


def both(sides: int | list[int]) -> list[int]:
    return [sides, sides] if isinstance(sides, int) else sides


def border(pad: int | list[int], after: int | list[int] | None = None) -> tuple[int, ...]:
    """Left, right, above and below, as F.pad wants it."""
    (top, left), (bottom, right) = both(pad), both(pad if after is None else after)
    return (left, right, top, bottom)


def answer(case: dict) -> dict:
    x = tensor(case["x"]).requires_grad_()
    w = {name: tensor(t).requires_grad_() for name, t in case["weights"].items()}
    kept = {name: tensor(t) for name, t in case["kept"].items()}
    names = {"x": x, "w": {**w, **kept}, "F": F, "torch": torch, "math": math, "both": both, "border": border, **case["options"]}
    value = eval(case["layer"], names)
    (value * tensor(case["dy"])).sum().backward()
    return {
        "value": written(value),
        "x": written(x.grad),
        "weights": {name: written(t.grad) for name, t in w.items()},
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
