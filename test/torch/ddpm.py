"""DDPM (Ho, Jain, Abbeel, NeurIPS 2020), section 3 and appendix B: its loss at given weights, dropout left out."""

import math

import torch
from papers import Weights, answer, asked, image, tensor
from torch.nn import functional as F

GROUPS = 32
MULTIPLES = (1, 2, 2, 2)
BLOCKS = 2
# Of four resolutions, the one of 16 x 16 pixels where images have 32.
ATTENDED = 1


def group_norm(w, x):
    return F.group_norm(x, GROUPS, w.take(), w.take(), eps=1e-6)


def conv(w, x, stride=1):
    """As TensorFlow pads it: a stride of 2 has its zeros below and on the right."""
    return w.conv(F.pad(x, [0, 1, 0, 1] if stride == 2 else [1] * 4), 3, stride, pad=False)


def waves(t, k):
    """A time in steps, [n], as sines and cosines: [n, k]."""
    each = torch.exp(-math.log(10_000) * torch.arange(k // 2, dtype=t.dtype) / (k // 2 - 1))
    angle = t[:, None] * each[None, :]
    return torch.cat([angle.sin(), angle.cos()], 1)


def block(w, x, temb, k):
    shortcut = x if x.shape[1] == k else w.conv(x, 1, pad=False)
    h = conv(w, F.silu(group_norm(w, x)))
    h = h + w.dense(F.silu(temb))[:, :, None, None]
    return shortcut + conv(w, F.silu(group_norm(w, h)))


def attention(w, x):
    n, c, height, width = x.shape
    places = group_norm(w, x).flatten(2).transpose(1, 2)
    into = [w.take() for _ in range(4)]
    bias, shift = w.take(), w.take()
    q, k, v = (places @ m + b for m, b in zip(into[:3], bias.chunk(3), strict=True))
    seen = (q @ k.transpose(1, 2) / math.sqrt(c)).softmax(2) @ v
    y = seen @ into[3] + shift
    return x + y.transpose(1, 2).reshape(n, c, height, width)


def predicted(name, x, t, ch):
    """The noise in x at the time t, in steps of 1,000."""
    w = Weights(name)
    temb = w.dense(F.silu(w.dense(waves(t, ch))))
    kept = [conv(w, x)]
    for level, multiple in enumerate(MULTIPLES):
        for _ in range(BLOCKS):
            h = block(w, kept[-1], temb, multiple * ch)
            kept.append(attention(w, h) if level == ATTENDED else h)
        if level < len(MULTIPLES) - 1:
            kept.append(conv(w, kept[-1], 2))
    h = block(w, kept[-1], temb, MULTIPLES[-1] * ch)
    h = block(w, attention(w, h), temb, MULTIPLES[-1] * ch)
    for level, multiple in reversed(list(enumerate(MULTIPLES))):
        for _ in range(BLOCKS + 1):
            h = block(w, torch.cat([h, kept.pop()], 1), temb, multiple * ch)
            h = attention(w, h) if level == ATTENDED else h
        if level > 0:
            h = conv(w, F.interpolate(h, scale_factor=2))
    assert not kept
    return w.done(conv(w, F.silu(group_norm(w, h))))


def kept_at(t):
    """alpha-bar: the product of 1 - beta over 1,000 steps, from 1e-4 to 0.02, as steps become short."""
    return torch.exp(-(0.1 * t + (20 - 0.1) * t**2 / 2))


if __name__ == "__main__":
    x, noise = image("X"), image("N")
    t = tensor(asked["batch"]["T"]).flatten()
    ch = asked["weights"]["Eps"][0]["shape"][0]
    a = kept_at(t)[:, None, None, None]
    made = predicted("Eps", a.sqrt() * x + (1 - a).sqrt() * noise, 1000 * t, ch)
    answer({"simple(Eps)": ((made - noise) ** 2).mean()})
