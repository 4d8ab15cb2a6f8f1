"""MUNIT from the paper and its supplement, in PyTorch: parameters of the published widths, and losses at given weights."""

import json
import sys

import torch
from torch.nn import functional as F

asked = json.load(sys.stdin)


def tensor(t):
    return torch.tensor(t["data"], dtype=torch.float64).reshape(t["shape"])


def image(t):
    return tensor(t).permute(0, 3, 1, 2)


class Weights:
    """A network's weights, taken in the order in which its layers stand."""

    def __init__(self, listed):
        self.rest = [tensor(t) for t in listed]

    def conv(self, x, side, stride=1, pad=True):
        if pad:
            x = F.pad(x, [(side - stride) // 2] * 4, mode="reflect")
        weight, bias = self.rest.pop(0), self.rest.pop(0)
        assert weight.shape[:2] == (side, side), weight.shape
        return F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride=stride)

    def dense(self, v):
        weight, bias = self.rest.pop(0), self.rest.pop(0)
        return v @ weight + bias

    def layer_norm(self, x):
        scale, shift = self.rest.pop(0), self.rest.pop(0)
        flat = x.flatten(1)
        mean, var = flat.mean(1), flat.var(1, unbiased=False)
        x = (x - mean[:, None, None, None]) / (var[:, None, None, None] + 1e-5).sqrt()
        return x * scale[:, None, None] + shift[:, None, None]


def norm(x):
    return F.instance_norm(x, eps=1e-5)


def of(name):
    return Weights(asked["weights"][name])


def content(name, x):
    w = of(name)
    x = F.relu(norm(w.conv(x, 7)))
    for _ in range(2):
        x = F.relu(norm(w.conv(x, 4, 2)))
    for _ in range(4):
        h = F.relu(norm(w.conv(x, 3)))
        x = x + norm(w.conv(h, 3))
    assert not w.rest
    return x


def style(name, x):
    w = of(name)
    x = F.relu(w.conv(x, 7))
    for _ in range(4):
        x = F.relu(w.conv(x, 4, 2))
    x = w.conv(x.mean(dim=(2, 3), keepdim=True), 1, pad=False)
    assert not w.rest
    return x


def decoder(name, h, z):
    w = of(name)
    s = F.relu(w.dense(z.flatten(1)))
    s = F.relu(w.dense(s))

    def adain(x):
        scale, shift = w.dense(s), w.dense(s)
        return norm(x) * scale[:, :, None, None] + shift[:, :, None, None]

    for _ in range(4):
        inner = F.relu(adain(w.conv(h, 3)))
        h = h + adain(w.conv(inner, 3))
    for _ in range(2):
        h = F.relu(w.layer_norm(w.conv(F.interpolate(h, scale_factor=2), 5)))
    h = torch.tanh(w.conv(h, 7))
    assert not w.rest
    return h


def scores(name, x):
    """One map for each of three scales."""
    w = of(name)
    maps = []
    for _ in range(3):
        h = x
        for _ in range(4):
            h = F.leaky_relu(w.conv(h, 4, 2), 0.2)
        maps.append(w.conv(h, 1, pad=False))
        x = F.avg_pool2d(F.pad(x, [1] * 4, mode="reflect"), 3, 2)
    assert not w.rest
    return maps


def towards(maps, target):
    return sum(((each - target) ** 2).mean() for each in maps)


x, y, z = image(asked["x"]), image(asked["y"]), image(asked["z"])


def losses(x, ours, other, theirs, style_of, own_style, decode, own_decode, judge):
    """Of translating x by the style z, and of coming back."""
    code = content(ours, x)
    made = decoder(decode, code, z)
    image_back = (decoder(own_decode, code, style(own_style, x)) - x).abs().mean()
    codes_back = (content(other, made) - code).abs().mean() + (style(style_of, made) - z).abs().mean()
    return {
        "fool": towards(scores(judge, made), 1),
        "judge": towards(scores(judge, theirs), 1) + towards(scores(judge, made), 0),
        "image_back": image_back,
        "codes_back": codes_back,
    }


forth = losses(x, "C_X", "C_Y", y, "S_Y", "S_X", "B", "A", "D_Y")
back = losses(y, "C_Y", "C_X", x, "S_X", "S_Y", "A", "B", "D_X")
print(json.dumps([{name: value.item() for name, value in each.items()} for each in (forth, back)]))
