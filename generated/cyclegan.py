"""Made by ganc from specs/cyclegan.gan. Change the spec and compile it again rather than this
file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, distributed, nn, optim
from torch.nn import functional


def parameters(*nets: nn.Module) -> list[nn.Parameter]:
    """All that the nets learn."""
    return [parameter for net in nets for parameter in net.parameters()]


def average_gradients(*nets: nn.Module) -> None:
    """Takes the mean gradients of all processes where several share a step, as under torchrun."""
    if not distributed.is_initialized():
        return
    for net in nets:
        slopes = [each.grad for each in net.parameters() if each.grad is not None]
        if not slopes:
            continue
        flat = torch.cat([slope.flatten() for slope in slopes])
        distributed.all_reduce(flat)
        means = (flat / distributed.get_world_size()).split([slope.numel() for slope in slopes])
        for slope, mean in zip(slopes, means, strict=True):
            slope.copy_(mean.view_as(slope))


def update(optimizer: optim.Optimizer, rate: float) -> None:
    """Moves weights against their gradients, at a learning rate, and forgets these."""
    for group in optimizer.param_groups:
        group["lr"] = rate
        for parameter in group["params"]:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()


class Residual(nn.Sequential):
    """x + f(x), where f is the modules one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for module in self:
            y = module(y)
        return x + y


size = 256
"""param size : Int. specs/cyclegan.gan:5"""


ngf = 64
"""param ngf : Int. specs/cyclegan.gan:6"""


blocks = 9
"""param blocks : Int. specs/cyclegan.gan:8"""


ndf = 64
"""param ndf : Int. specs/cyclegan.gan:7"""


lambda_ = 10
"""param lambda : Real. specs/cyclegan.gan:9"""


X = (size, size, 3)
"""domain X: images (height, width, channels) in [-1, 1]. specs/cyclegan.gan:11"""


Y = (size, size, 3)
"""domain Y: images (height, width, channels) in [-1, 1]. specs/cyclegan.gan:12"""


def c7s1(channels: int, k: int) -> nn.Sequential:
    """let c7s1(k) = reflect_pad(3) >> conv(7, k) >> instance_norm >> relu. specs/cyclegan.gan:15"""
    return nn.Sequential(
        nn.ReflectionPad2d(3),
        nn.Conv2d(channels, k, 7),
        nn.InstanceNorm2d(k),
        nn.ReLU(inplace=True),
    )


def d(channels: int, k: int) -> nn.Sequential:
    """let d(k) = conv(3, k, stride: 2, pad: 1) >> instance_norm >> relu. specs/cyclegan.gan:16"""
    return nn.Sequential(
        nn.Conv2d(channels, k, 3, stride=2, padding=1), nn.InstanceNorm2d(k), nn.ReLU(inplace=True)
    )


def R(channels: int, k: int) -> nn.Sequential:
    """let R(k) = residual( reflect_pad(1) >> conv(3, k) >> instance_norm >> relu >>
    reflect_pad(1) >> conv(3, k) >> instance_norm). specs/cyclegan.gan:17
    """
    return nn.Sequential(
        Residual(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, k, 3),
            nn.InstanceNorm2d(k),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(k, k, 3),
            nn.InstanceNorm2d(k),
        )
    )


def u(channels: int, k: int) -> nn.Sequential:
    """let u(k) = conv_transpose(3, k, stride: 2, pad: 1, output_pad: 1) >> instance_norm >>
    relu. specs/cyclegan.gan:20
    """
    return nn.Sequential(
        nn.ConvTranspose2d(channels, k, 3, stride=2, padding=1, output_padding=1),
        nn.InstanceNorm2d(k),
        nn.ReLU(inplace=True),
    )


def resnet(channels: int) -> nn.Sequential:
    """let resnet = c7s1(ngf) >> d(2 * ngf) >> d(4 * ngf) >> R(4 * ngf) * blocks >> u(2 * ngf) >>
    u(ngf) >> reflect_pad(3) >> conv(7, 3) >> tanh. specs/cyclegan.gan:22
    """
    return nn.Sequential(
        c7s1(channels, ngf),
        d(ngf, 2 * ngf),
        d(2 * ngf, 4 * ngf),
        *(R(4 * ngf, 4 * ngf) for _ in range(blocks)),
        u(4 * ngf, 2 * ngf),
        u(2 * ngf, ngf),
        nn.ReflectionPad2d(3),
        nn.Conv2d(ngf, 3, 7),
        nn.Tanh(),
    )


def C(channels: int, k: int, stride: int = 2) -> nn.Sequential:
    """let C(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >>
    leaky_relu(0.2). specs/cyclegan.gan:27
    """
    return nn.Sequential(
        nn.Conv2d(channels, k, 4, stride=stride, padding=1),
        nn.InstanceNorm2d(k),
        nn.LeakyReLU(0.2, inplace=True),
    )


def patchgan(channels: int) -> nn.Sequential:
    """let patchgan = conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >> C(2 * ndf) >> C(4 *
    ndf) >> C(8 * ndf, stride: 1) >> conv(4, 1, pad: 1). specs/cyclegan.gan:28
    """
    return nn.Sequential(
        nn.Conv2d(channels, ndf, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        C(ndf, 2 * ndf),
        C(2 * ndf, 4 * ndf),
        C(4 * ndf, 8 * ndf, 1),
        nn.Conv2d(8 * ndf, 1, 4, padding=1),
    )


def build_G() -> nn.Module:
    """net G : X -> Y, [n, 3, 256, 256] -> [n, 3, 256, 256] in [-1, 1], 11,378,179 parameters,
    receptive field 169. specs/cyclegan.gan:32
    """
    return resnet(3)


def build_F() -> nn.Module:
    """net F : Y -> X, [n, 3, 256, 256] -> [n, 3, 256, 256] in [-1, 1], 11,378,179 parameters,
    receptive field 169. specs/cyclegan.gan:33
    """
    return resnet(3)


def build_D_X() -> nn.Module:
    """net D_X : X -> Scores, [n, 3, 256, 256] -> [n, 1, 30, 30], 2,764,737 parameters, receptive
    field 70. specs/cyclegan.gan:34
    """
    return patchgan(3)


def build_D_Y() -> nn.Module:
    """net D_Y : Y -> Scores, [n, 3, 256, 256] -> [n, 1, 30, 30], 2,764,737 parameters, receptive
    field 70. specs/cyclegan.gan:35
    """
    return patchgan(3)


def gan(Dy: Tensor, DGx: Tensor) -> Tensor:
    """gan(G : a -> b, D : b -> Scores) = E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 -
    sigmoid(D(G(x)))). specs/cyclegan.gan:43
    """
    return functional.logsigmoid(Dy).mean() + functional.logsigmoid(-DGx).mean()


def cycle(FGx: Tensor, x: Tensor, GFy: Tensor, y: Tensor) -> Tensor:
    """cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y).
    specs/cyclegan.gan:46
    """
    return (FGx - x).abs().mean() + (GFy - y).abs().mean()


@dataclass
class Networks:
    """The networks, by the names of the spec."""

    G: nn.Module
    F: nn.Module
    D_X: nn.Module
    D_Y: nn.Module


class Draws(NamedTuple):
    """One draw of every domain: every expectation of a step shares it."""

    x: Tensor
    """[n, 3, 256, 256], drawn from X"""
    y: Tensor
    """[n, 3, 256, 256], drawn from Y"""


DOMAINS = {"x": "X", "y": "Y"}
"""The domain that each draw is of."""


@dataclass
class Memory:
    """What a run carries from step to step beside the weights."""

    optimizers: dict[str, optim.Optimizer]


def memory(nets: Networks) -> Memory:
    """A memory at the start of training."""
    return Memory(
        optimizers={
            "G": optim.Adam(
                nets.G.parameters(), lr=0.0002, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
            "F": optim.Adam(
                nets.F.parameters(), lr=0.0002, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
            "D_X": optim.Adam(
                nets.D_X.parameters(),
                lr=0.0002,
                betas=(0.5, 0.999),
                eps=1e-8,
                maximize=True,
                fused=True,
            ),
            "D_Y": optim.Adam(
                nets.D_Y.parameters(),
                lr=0.0002,
                betas=(0.5, 0.999),
                eps=1e-8,
                maximize=True,
                fused=True,
            ),
        }
    )


def step(nets: Networks, memory: Memory, draws: Draws, rate: float) -> dict[str, Tensor]:
    """One step at the learning rate `rate`. Gives the values of all objectives and losses."""
    G, F, D_X, D_Y = nets.G, nets.F, nets.D_X, nets.D_Y
    y, x = draws.y, draws.x
    D_Yy = D_Y(y)
    Gx = G(x)
    D_YGx = D_Y(Gx)
    D_Xx = D_X(x)
    Fy = F(y)
    D_XFy = D_X(Fy)
    FGx = F(Gx)
    GFy = G(Fy)
    gan_G_D_Y = gan(Dy=D_Yy, DGx=D_YGx)
    gan_F_D_X = gan(Dy=D_Xx, DGx=D_XFy)
    cycle_G_F = cycle(FGx=FGx, x=x, GFy=GFy, y=y)

    # min[G, F] gan(G, D_Y) + gan(F, D_X) + lambda * cycle(G, F). specs/cyclegan.gan:51.
    min_GF = gan_G_D_Y + gan_F_D_X + lambda_ * cycle_G_F
    min_GF.backward(inputs=parameters(G, F, D_X, D_Y))

    # max[D_X, D_Y] gan(G, D_Y) + gan(F, D_X) + lambda * cycle(G, F). specs/cyclegan.gan:51. That
    # pass gave its gradients, too; the optimizers ascend them.

    # Every player was differentiated at the weights held so far; now all of them move.
    average_gradients(nets.G, nets.F, nets.D_X, nets.D_Y)
    update(memory.optimizers["G"], rate)
    update(memory.optimizers["F"], rate)
    update(memory.optimizers["D_X"], rate)
    update(memory.optimizers["D_Y"], rate)
    return {
        "min[G, F]": min_GF.detach(),
        "gan(G, D_Y)": gan_G_D_Y.detach(),
        "gan(F, D_X)": gan_F_D_X.detach(),
        "cycle(G, F)": cycle_G_F.detach(),
        "L": min_GF.detach(),
    }


def networks() -> Networks:
    """All networks, new, with PyTorch's own first weights: load or draw others."""
    G = build_G()
    F = build_F()
    D_X = build_D_X()
    D_Y = build_D_Y()
    return Networks(G=G, F=F, D_X=D_X, D_Y=D_Y)
