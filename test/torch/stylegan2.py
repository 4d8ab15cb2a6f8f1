"""StyleGAN2 (Karras et al., CVPR 2020) at 64 x 64 from the paper: its losses at given weights.

Weights are those of each sample, as equations 1 to 3 have them, and every resampling is the filter 1 3 3 1.
"""

import torch
from papers import Weights, answer, image
from torch.nn import functional as F


def act(x):
    return F.leaky_relu(x, 0.2) * 2**0.5


def linear(w, x, rate=1.0):
    """A dense layer with the learning rate equalised (Karras et al. 2018)."""
    weight, bias = w.take(), w.take()
    return x @ weight * (rate / weight.shape[0] ** 0.5) + bias * rate


def scaled(weight):
    weight = weight.permute(3, 2, 0, 1)
    return weight / weight[0].numel() ** 0.5


def conv(w, x, bias=True, stride=1):
    weight = scaled(w.take())
    return F.conv2d(x, weight, w.take() if bias else None, stride, weight.shape[2] // 2)


def filtered(x, scale, **how):
    row = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype)
    f = (torch.outer(row, row) / 64 * scale).expand(x.shape[1], 1, 4, 4)
    return how.pop("by")(x, f, groups=x.shape[1], **how)


def up(x):
    x = F.pad(x, [1] * 4, mode="replicate")
    return filtered(x, 4, by=F.conv_transpose2d, stride=2)[:, :, 3:-3, 3:-3]


def blurred(x, stride=1):
    return filtered(F.pad(x, [1, 2, 1, 2], mode="reflect"), 1, by=F.conv2d, stride=stride)


def modulated(w, x, style, demodulate=True):
    s = 1 + linear(w, style)
    weight = scaled(w.take())[None] * s[:, None, :, None, None]
    if demodulate:
        weight = weight / (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    n, outputs, inputs, side, _ = weight.shape
    together = x.reshape(1, n * inputs, *x.shape[2:])
    y = F.conv2d(together, weight.flatten(0, 1), None, padding=side // 2, groups=n)
    return y.reshape(n, outputs, *y.shape[2:]) + w.take()[:, None, None]


def generator(z, noise):
    w = Weights("G")
    style = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for _ in range(8):
        style = act(linear(w, style, 0.01))
    rest = noise

    def layer(x):
        nonlocal rest
        y, side = modulated(w, x, style), x.shape[2]
        own, rest = rest[:, : side * side], rest[:, side * side :]
        return act(y + own.reshape(-1, 1, side, side) * w.take())

    x = layer(w.take().permute(2, 0, 1).expand(len(z), -1, -1, -1))
    values = [x]
    for _ in range(4):
        x = layer(layer(up(x)))
        values.append(x)
    # The images of the sizes, the largest first, as ganc has their weights.
    images = [modulated(w, value, style, demodulate=False) for value in reversed(values)]
    total = images.pop()
    while images:
        total = images.pop() + up(total)
    assert rest.shape[1] == 0
    return w.done(torch.tanh(total))


def differing(x, group=4):
    n, c, h, w = x.shape
    y = x.reshape(group, n // group, c, h, w)
    y = ((y - y.mean(0)).square().mean(0) + 1e-8).sqrt().mean((1, 2, 3))
    return torch.cat([x, y.repeat(group).reshape(n, 1, 1, 1).expand(n, 1, h, w)], 1)


def discriminator(x):
    w = Weights("D")
    x = act(conv(w, x))
    for _ in range(4):
        y = blurred(act(conv(w, x)))
        weight = scaled(w.take())
        y = act(F.conv2d(y, weight, w.take(), 2, 1))
        x = (y + conv(w, blurred(x, 2), bias=False)) / 2**0.5
    x = act(conv(w, differing(x)))
    x = act(linear(w, x.permute(0, 2, 3, 1).flatten(1)))
    return w.done(linear(w, x))


real = image("X").requires_grad_()
scores = discriminator(real)
(slope,) = torch.autograd.grad(scores.sum(), real)
fakes = discriminator(generator(image("Z").flatten(1), image("N").flatten(1)))
answer(
    {
        "fool": F.softplus(-fakes).mean(),
        "judge": F.softplus(-scores).mean() + F.softplus(fakes).mean(),
        "r1(D)": slope.square().sum((1, 2, 3)).mean() / 2,
    }
)
