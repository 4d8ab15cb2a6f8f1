"""DDIM (Song, Meng, Ermon, ICLR 2021), equation 12 with sigma 0, in 16 steps: an image of noise, at given weights of DDPM."""

import json

import torch
from ddpm import kept_at, predicted
from papers import asked, image

STEPS = 16

ch = asked["weights"]["Eps"][0]["shape"][0]
times = torch.linspace(1, 0, STEPS + 1, dtype=torch.float64)
x = image("N")
for now, then in zip(times, times[1:], strict=False):
    a, b = kept_at(now), kept_at(then)
    noise = predicted("Eps", x, (1000 * now).expand(len(x)), ch)
    clean = (x - (1 - a).sqrt() * noise) / a.sqrt()
    x = b.sqrt() * clean + (1 - b).sqrt() * noise
print(json.dumps(x.permute(0, 2, 3, 1).flatten().tolist()))
