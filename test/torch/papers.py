"""What references of papers' models share: weights as ganc hands them over, in the order of its layers.

Images come as [n, h, w, c], weights of convolutions as [h, w, in, out], of dense layers as [in, out].
"""

import json
import sys

import torch
from torch.nn import functional as F

asked = json.load(sys.stdin)


def tensor(t):
    return torch.tensor(t["data"], dtype=torch.float64).reshape(t["shape"])


def image(name):
    return tensor(asked["batch"][name]).permute(0, 3, 1, 2)


def norm(x):
    return F.instance_norm(x, eps=1e-5)


def whole_norm(x):
    """Layer normalisation over all numbers of a sample."""
    flat = x.flatten(1)
    mean, var = flat.mean(1), flat.var(1, unbiased=False)
    return (x - mean[:, None, None, None]) / (var[:, None, None, None] + 1e-5).sqrt()


class Weights:
    """A network's weights, taken in the order in which its layers stand."""

    def __init__(self, name):
        self.rest = list(asked["weights"][name])

    def take(self):
        return tensor(self.rest.pop(0))

    def conv(self, x, side, stride=1, pad=True, bias=True, spectral=False):
        """With mirrored borders, so that the side is kept or divided by the stride."""
        if pad:
            x = F.pad(x, [(side - stride + 1) // 2] * 4, mode="reflect")
        given = self.rest.pop(0)
        weight = tensor(given).permute(3, 2, 0, 1)
        assert weight.shape[2:] == (side, side), weight.shape
        if spectral:
            weight = weight / self.singular(weight, torch.tensor(given["u"], dtype=torch.float64))
        return F.conv2d(x, weight, self.take() if bias else None, stride=stride)

    def singular(self, weight, u):
        """The largest singular value after one step of power iteration (Miyato et al. 2018)."""
        matrix = weight.flatten(1)
        v = F.normalize(matrix.T @ u, dim=0)
        return F.normalize(matrix @ v, dim=0) @ (matrix @ v)

    def dense(self, v, bias=True):
        weight = self.take()
        return v @ weight + (self.take() if bias else 0)

    def done(self, value):
        assert not self.rest, [t["shape"] for t in self.rest]
        return value


def answer(losses):
    print(json.dumps({name: value.item() for name, value in losses.items()}))
