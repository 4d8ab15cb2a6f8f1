"""Turned and recoloured images by PyTorch and by Python's own conversion of colours.

Reads a list of cases as JSON from standard input and writes the levels of each.
"""

import colorsys
import json
import math
import sys

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def rotated(image: Tensor, degrees: float, fill: bool, nearest: bool) -> Tensor:
    """As torchvision's `rotate` does, by a grid of the places that pixels come from."""
    _, height, width = image.shape
    angle = math.radians(degrees)
    rows = torch.arange(height, dtype=torch.float64) + 0.5 - height / 2
    columns = torch.arange(width, dtype=torch.float64) + 0.5 - width / 2
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    u = math.cos(angle) * x - math.sin(angle) * y
    v = math.sin(angle) * x + math.cos(angle) * y
    # Of corner pixels at -1 and 1, which reflection is about.
    grid = torch.stack([u / ((width - 1) / 2), v / ((height - 1) / 2)], dim=2)
    return grid_sample(
        image[None],
        grid[None],
        mode="nearest" if nearest else "bilinear",
        padding_mode="zeros" if fill else "reflection",
        align_corners=True,
    )[0]


def recoloured(image: Tensor, kind: int, by: float) -> Tensor:
    if kind == 3:
        pixels = (image / 255).permute(1, 2, 0).reshape(-1, 3).tolist()
        turned = []
        for pixel in pixels:
            hue, saturation, value = colorsys.rgb_to_hsv(*pixel)
            turned.append(colorsys.hsv_to_rgb((hue + by) % 1, saturation, value))
        made = torch.tensor(turned, dtype=torch.float64).reshape(*image.shape[1:], 3)
        return 255 * made.permute(2, 0, 1)
    weights = torch.tensor([0.2989, 0.587, 0.114], dtype=torch.float64)
    grey = (weights[:, None, None] * image).sum(0, keepdim=True)
    other = [torch.zeros_like(image), grey.mean(), grey][kind]
    return (by * image + (1 - by) * other).clamp(0, 255)


answers = []
for case in json.load(sys.stdin):
    height, width, channels = case["shape"]
    image = torch.tensor(case["data"], dtype=torch.float64).reshape(height, width, channels)
    image = image.permute(2, 0, 1)
    if "degrees" in case:
        made = rotated(image, case["degrees"], case["fill"], case["nearest"])
    else:
        made = recoloured(image, case["kind"], case["by"])
    answers.append(made.permute(1, 2, 0).reshape(-1).tolist())
json.dump(answers, sys.stdout)
