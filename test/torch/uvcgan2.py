"""UVCGANv2 (Torbunov et al., 2023) from the paper: its losses at given weights.

Modulated convolutions have weights of each sample, as equations 1 to 3 of StyleGAN2 have them.
"""

import math

import torch
from papers import Weights, answer, asked, image, norm, tensor
from torch.nn import functional as F

HEADS = 6
# As many as the test sets: no weight tells.
BLOCKS = 2


def act(x):
    return F.leaky_relu(x, 0.01)


def conv(w, x, side=3, stride=1, spectral=False):
    """With zeros around, so that the side is kept, or halved by 4 x 4 windows."""
    pad = 0 if side == stride else (side - 1) // 2
    return w.conv(F.pad(x, [pad] * 4), side, stride, pad=False, spectral=spectral)


def pixelwise(w, x):
    return F.layer_norm(x, x.shape[-1:], w.take(), w.take(), eps=1e-5)


def one(w, x):
    """A 1 x 1 convolution of tokens: [n, places, channels]."""
    weight = w.take()
    return x @ weight.flatten(0, 2) + w.take()


def attention(w, x):
    n, places, k = x.shape
    into = [w.take() for _ in range(4)]
    bias, shift = w.take(), w.take()

    def parts(m, b):
        return (x @ m + b).reshape(n, places, HEADS, k // HEADS).transpose(1, 2)

    q, key, v = (parts(m, b) for m, b in zip(into[:3], bias.chunk(3), strict=True))
    seen = (q @ key.transpose(2, 3) / math.sqrt(k // HEADS)).softmax(3) @ v
    return seen.transpose(1, 2).reshape(n, places, k) @ into[3] + shift


def block(w, x):
    strength = w.take().flatten()
    x = x + strength * attention(w, pixelwise(w, x))
    return x + strength * one(w, F.gelu(one(w, pixelwise(w, x)), approximate="tanh"))


def transformer(w, x):
    """What it makes of all places, in their shape, and of the token behind them."""
    n, k, height, width = x.shape
    rows, columns = torch.linspace(-1, 1, height), torch.linspace(-1, 1, width)
    where = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), 2).reshape(-1, 2).double()
    place = one(w, where).sin().expand(n, -1, -1)
    tokens = one(w, torch.cat([place, x.flatten(2).transpose(1, 2)], 2))
    extra = w.take().reshape(1, 1, -1).expand(n, -1, -1)
    tokens = torch.cat([tokens, extra], 1)
    for _ in range(BLOCKS):
        tokens = block(w, tokens)
    places = one(w, tokens[:, :-1])
    return places.transpose(1, 2).reshape(n, k, height, width), tokens[:, -1]


def styled(w, x, style):
    scales = 1 + w.take().flatten() * w.dense(style)
    weight = w.take().permute(3, 2, 0, 1)[None] * scales[:, None, :, None, None]
    weight = weight / (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    y = [F.conv2d(one_x[None], one_w, padding=1) for one_x, one_w in zip(x, weight, strict=True)]
    return act(torch.cat(y) + w.take()[:, None, None])


def generator(name, x):
    w = Weights(name)
    x, kept = act(conv(w, x)), []
    for _ in range(4):
        x = act(conv(w, act(conv(w, x))))
        kept.append(x)
        x = conv(w, x, 2, 2)
    x, style = transformer(w, x)
    while kept:
        x = torch.cat([conv(w, F.interpolate(x, scale_factor=2)), kept.pop()], 1)
        x = styled(w, styled(w, x, style), style)
    return w.done(torch.sigmoid(conv(w, x, 1)))


def discriminator(name, x):
    w = Weights(name)
    x = F.leaky_relu(conv(w, x, 4, 2, spectral=True), 0.2)
    for stride in (2, 2, 1):
        x = F.leaky_relu(norm(conv(w, x, 4, stride, spectral=True)), 0.2)
    spread = (x.var(0, unbiased=False) + 1e-8).sqrt().mean()
    x = torch.cat([x, spread.expand(len(x), 1, *x.shape[2:])], 1)
    return w.done(conv(w, act(conv(w, x))))


def small(x):
    return F.adaptive_avg_pool2d(x, 32)


def flat(name, real, made, t):
    """How steep the mean score is between the real and the made."""
    v = (t * real + (1 - t) * made).detach().requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(name, v).mean((1, 2, 3)).sum(), v)
    return slope.square().sum((1, 2, 3)).mean()


def towards(scores, wanted):
    return (scores - wanted).square().mean()


x, y = image("X"), image("Y")
(drawn,) = (key for key in asked["batch"] if key not in ("X", "Y"))
t = tensor(asked["batch"][drawn])
made_y, made_x = generator("G", x), generator("F", y)


def judge(name, real, made):
    return (towards(discriminator(name, real), 1) + towards(discriminator(name, made), 0)) / 2


answer(
    {
        "lsgan.fool(G, D_Y)": towards(discriminator("D_Y", made_y), 1),
        "lsgan.fool(F, D_X)": towards(discriminator("D_X", made_x), 1),
        "cycle(G, F)": (generator("F", made_y) - x).abs().mean() + (generator("G", made_x) - y).abs().mean(),
        "identity(G, F)": (generator("G", y) - y).abs().mean() + (generator("F", x) - x).abs().mean(),
        "consist(G)": (small(made_y) - small(x)).abs().mean(),
        "consist(F)": (small(made_x) - small(y)).abs().mean(),
        "lsgan.judge(D_Y, G)": judge("D_Y", y, made_y),
        "lsgan.judge(D_X, F)": judge("D_X", x, made_x),
        "penalty(D_Y, G)": flat("D_Y", y, made_y, t),
        "penalty(D_X, F)": flat("D_X", x, made_x, t),
    }
)
