"""What std.similarity measures, in float64, from the papers' formulas. Images come as [n, h, w, c] in [-1, 1]."""

import json
import sys

import torch
from torch.nn import functional as F

asked = json.load(sys.stdin)
u, v = (torch.tensor(asked[name], dtype=torch.float64).permute(0, 3, 1, 2) for name in ("u", "v"))


def window(x):
    places = torch.arange(11, dtype=x.dtype) - 5
    row = torch.exp(-(places**2) / (2 * 1.5**2))
    kernel = torch.outer(row, row) / row.sum() ** 2
    return torch.stack([F.conv2d(each[:, None], kernel[None, None])[:, 0] for each in x])


def parts(u, v):
    """Luminance and structure of each place; the range of values is 2."""
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    mu, nu = window(u), window(v)
    uu, vv, uv = window(u * u) - mu**2, window(v * v) - nu**2, window(u * v) - mu * nu
    return (2 * mu * nu + c1) / (mu**2 + nu**2 + c1), (2 * uv + c2) / (uu + vv + c2)


def ssim(u, v):
    luminance, structure = parts(u, v)
    return (luminance * structure).mean(dim=(1, 2, 3))


def ms_ssim(u, v):
    weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
    value = torch.ones(len(u), dtype=u.dtype)
    for weight in weights[:-1]:
        value = value * parts(u, v)[1].mean(dim=(1, 2, 3)) ** weight
        u, v = F.avg_pool2d(u, 2), F.avg_pool2d(v, 2)
    return value * ssim(u, v) ** weights[-1]


def histogram(x):
    """[n, channels x 16]: the levels of -15/16, -13/16, …, each over all channels."""
    levels = [(2 * i - 15) / 16 for i in range(16)]
    return torch.cat([F.relu(1 - 8 * (x - level).abs()).mean(dim=(2, 3)) for level in levels], 1)


def gram(x):
    rows = x.flatten(2)
    return rows @ rows.mT / rows[0].numel()


answer = {
    "ssim": ssim(u, v).mean().item(),
    "histogram": (histogram(u) - histogram(v)).abs().mean().item(),
    "style": (gram(u) - gram(v)).square().mean().item(),
}
if u.shape[-1] >= 176:
    answer["ms_ssim"] = ms_ssim(u, v).mean().item()
print(json.dumps(answer))
