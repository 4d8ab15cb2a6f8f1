"""MUNIT (Huang et al., ECCV 2018) from the paper and its supplement: its losses at given weights."""

import torch
from papers import Weights, answer, image, norm, whole_norm
from torch.nn import functional as F


def content(name, x):
    w = Weights(name)
    x = F.relu(norm(w.conv(x, 7)))
    for _ in range(2):
        x = F.relu(norm(w.conv(x, 4, 2)))
    for _ in range(4):
        h = F.relu(norm(w.conv(x, 3)))
        x = x + norm(w.conv(h, 3))
    return w.done(x)


def style(name, x):
    w = Weights(name)
    x = F.relu(w.conv(x, 7))
    for _ in range(4):
        x = F.relu(w.conv(x, 4, 2))
    x = w.conv(x.mean(dim=(2, 3), keepdim=True), 1, pad=False)
    return w.done(x)


def decoder(name, h, z):
    w = Weights(name)
    s = F.relu(w.dense(z.flatten(1)))
    s = F.relu(w.dense(s))

    def adain(x):
        scale, shift = w.dense(s), w.dense(s)
        return norm(x) * scale[:, :, None, None] + shift[:, :, None, None]

    for _ in range(4):
        inner = F.relu(adain(w.conv(h, 3)))
        h = h + adain(w.conv(inner, 3))
    for _ in range(2):
        h = whole_norm(w.conv(F.interpolate(h, scale_factor=2), 5))
        h = F.relu(h * w.take()[:, None, None] + w.take()[:, None, None])
    h = torch.tanh(w.conv(h, 7))
    return w.done(h)


def scores(name, x):
    """One map for each of three scales."""
    w = Weights(name)
    maps = []
    for _ in range(3):
        h = x
        for _ in range(4):
            h = F.leaky_relu(w.conv(h, 4, 2), 0.2)
        maps.append(w.conv(h, 1, pad=False))
        x = F.avg_pool2d(F.pad(x, [1] * 4, mode="reflect"), 3, 2)
    return w.done(maps)


def towards(maps, target):
    return sum(((each - target) ** 2).mean() for each in maps)


x, y, z = image("X"), image("Y"), image("Style")


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
answer(
    {
        "fool(G, D_Y)": forth["fool"],
        "fool(F, D_X)": back["fool"],
        "judge(D_Y, G)": forth["judge"],
        "judge(D_X, F)": back["judge"],
        "image_back(C_X, S_X, A)": forth["image_back"],
        "image_back(C_Y, S_Y, B)": back["image_back"],
        "codes_back(C_X, B, C_Y, S_Y)": forth["codes_back"],
        "codes_back(C_Y, A, C_X, S_X)": back["codes_back"],
    }
)
