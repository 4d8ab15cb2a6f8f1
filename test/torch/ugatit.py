"""U-GAT-IT (Kim et al., ICLR 2020), light, from the paper and its supplement: its losses at given weights."""

import torch
from papers import Weights, answer, image, norm, whole_norm
from torch.nn import functional as F


def block(w, x):
    h = F.relu(norm(w.conv(x, 3, bias=False)))
    return x + norm(w.conv(h, 3, bias=False))


def encoder(name, x):
    w = Weights(name)
    x = F.relu(norm(w.conv(x, 7, bias=False)))
    for _ in range(2):
        x = F.relu(norm(w.conv(x, 3, 2, bias=False)))
    for _ in range(4):
        x = block(w, x)
    return w.done(x)


def halves(name):
    """The weights after means, and those after greatest values: [k, 1, 1] each."""
    w = Weights(name)
    both = w.done(w.take().flatten())
    k = len(both) // 2
    return both[:k, None, None], both[k:, None, None]


def told(h, a, m):
    """The two logits of the classifier: [n, 2]."""
    means, greatest = h.mean(dim=(2, 3), keepdim=True), h.amax(dim=(2, 3), keepdim=True)
    return torch.cat([(means * a).sum(1), (greatest * m).sum(1)], 1).flatten(1)


def shares(w, x, start):
    rho = (start + w.take().flatten()[:, None, None]).clamp(0, 1)
    return rho * norm(x) + (1 - rho) * whole_norm(x)


def decoder(name, h, a, m):
    w = Weights(name)
    x = F.relu(w.conv(torch.cat([h * a, h * m], 1), 1, pad=False))
    s = x.mean(dim=(2, 3))
    for _ in range(2):
        s = F.relu(w.dense(s, bias=False))
    scale, shift = (w.dense(s, bias=False)[:, :, None, None] for _ in range(2))
    for _ in range(4):
        i = F.relu(shares(w, w.conv(x, 3, bias=False), 0.9) * scale + shift)
        x = x + shares(w, w.conv(i, 3, bias=False), 0.9) * scale + shift
    for _ in range(2):
        x = w.conv(F.interpolate(x, scale_factor=2), 3, bias=False)
        mixed = shares(w, x, 0)
        x = F.relu(mixed * (1 + w.take().flatten()[:, None, None]) + w.take().flatten()[:, None, None])
    return w.done(torch.tanh(w.conv(x, 7, bias=False)))


def scores(name, x, halvings):
    """The map of patches, and the two logits."""
    w = Weights(name)
    for stride in [2] * halvings + [1]:
        if stride == 1:
            x = F.pad(x, [1] * 4, mode="reflect")
        x = F.leaky_relu(w.conv(x, 4, stride, pad=stride == 2, spectral=True), 0.2)
    # Spectral norm makes a row of weights 1 long.
    a, m = (F.normalize(w.take().flatten(), dim=0)[:, None, None] for _ in range(2))
    f = F.leaky_relu(w.conv(torch.cat([x * a, x * m], 1), 1, pad=False), 0.2)
    patches = w.conv(F.pad(f, [1] * 4, mode="reflect"), 4, pad=False, bias=False, spectral=True)
    return w.done((patches, told(x, a, m)))


def towards(maps, target):
    return sum(((each - target) ** 2).mean() for each in maps)


x, y = image("X"), image("Y")


class Way:
    """From one domain to the other."""

    def __init__(self, x, own, other):
        self.x, self.own, self.other = x, own, other
        self.a, self.m = halves(f"W_{own}")

    def apply(self, x):
        return decoder(f"R_{self.other}", encoder(f"E_{self.own}", x), self.a, self.m)

    def cam(self, theirs):
        own = told(encoder(f"E_{self.own}", self.x), self.a, self.m)
        other = told(encoder(f"E_{self.own}", theirs), self.a, self.m)
        return F.softplus(-own).mean() + F.softplus(other).mean()


forth, back = Way(x, "X", "Y"), Way(y, "Y", "X")
made_y, made_x = forth.apply(x), back.apply(y)


def fool(made, domain):
    return towards(scores(f"D_{domain}", made, 5), 1) + towards(scores(f"P_{domain}", made, 3), 1)


def judge(name, real, made, halvings):
    return towards(scores(name, real, halvings), 1) + towards(scores(name, made, halvings), 0)


answer(
    {
        "fool(G, D_Y, P_Y)": fool(made_y, "Y"),
        "fool(F, D_X, P_X)": fool(made_x, "X"),
        "judge(D_Y, G)": judge("D_Y", y, made_y, 5),
        "judge(D_X, F)": judge("D_X", x, made_x, 5),
        "judge(P_Y, G)": judge("P_Y", y, made_y, 3),
        "judge(P_X, F)": judge("P_X", x, made_x, 3),
        "cycle(G, F)": (back.apply(made_y) - x).abs().mean() + (forth.apply(made_x) - y).abs().mean(),
        "identity(G, F)": (forth.apply(y) - y).abs().mean() + (back.apply(x) - x).abs().mean(),
        "cam_X": forth.cam(y),
        "cam_Y": back.cam(x),
    }
)
