"""Made by ganc from specs/emoji.gan. Change the spec and compile it again rather than this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, cast

import torch
from torch import Tensor, distributed, nn, optim
from torch.func import functional_call


class Masks(Protocol):
    """Draws uniform numbers in [0, 1) of x's shape for what drops i-th in a network."""

    def __call__(self, i: int, x: Tensor) -> Tensor: ...


class Chance(Protocol):
    """What is drawn for a step beside its batch. Equal names give equal draws."""

    @property
    def part(self) -> int:
        """Number of the batch within an update, from 0."""
        ...

    def recall(self, history: str) -> Callable[[int], tuple[float, float]]:
        """For each place of the batch: a number, below 1/2 to recall, and which image it is."""
        ...

    def masks(self, application: str) -> Masks:
        """What an application of a network, named `G(X)`, drops by."""
        ...

    def places(self, height: int, width: int, count: int) -> Tensor:
        """Different places of an image, row * width + column."""
        ...


class ImageHistory:
    """Up to `capacity` images for each place of the batch (Shrivastava et al. 2017)."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.slots: list[list[Tensor]] = []

    def recall(
        self, images: Tensor, draw: Callable[[int], tuple[float, float]], part: int = 0
    ) -> Tensor:
        """Exchanges images [n, c, h, w] for such as were held; no gradient passes."""
        first = part * len(images)
        each = enumerate(images.detach().split(1), first)
        return torch.cat([self._recall_one(image, slot, draw) for slot, image in each])

    def _recall_one(
        self, image: Tensor, slot: int, draw: Callable[[int], tuple[float, float]]
    ) -> Tensor:
        while len(self.slots) <= slot:
            self.slots.append([])
        held = self.slots[slot]
        if len(held) < self.capacity:
            held.append(image)
            return image
        chance, which = draw(slot)
        if chance >= 0.5:
            return image
        place = int(self.capacity * which)
        recalled, held[place] = held[place], image
        return recalled


def parameters(*nets: nn.Module) -> list[nn.Parameter]:
    """All that the nets learn."""
    return [parameter for net in nets for parameter in net.parameters()]


def frozen(net: nn.Module, *inputs: Tensor) -> Tensor:
    """Applies the net for a player that does not train it: gradients pass to its inputs alone."""
    weights = {name: weight.detach() for name, weight in net.named_parameters()}
    return cast(Tensor, functional_call(net, weights, inputs))


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


size = 64
"""param size : Int. specs/emoji.gan:7"""


ndf = 32
"""param ndf : Int. specs/emoji.gan:9"""


lambda_ = 10
"""param lambda : Real. specs/emoji.gan:11"""


Noto = (size, size, 3)
"""domain Noto: images (height, width, channels) in [-1, 1]. specs/emoji.gan:13"""


Fluent = (size, size, 3)
"""domain Fluent: images (height, width, channels) in [-1, 1]. specs/emoji.gan:14"""


def C(channels: int, k: int, stride: int = 2) -> nn.Sequential:
    """let C(k, stride = 2) = conv(4, k, stride: stride, pad: 1) >> instance_norm >>
    leaky_relu(0.2). specs/cyclegan.gan:27
    """
    return nn.Sequential(
        nn.Conv2d(channels, k, 4, stride=stride, padding=1),
        nn.InstanceNorm2d(k),
        nn.LeakyReLU(0.2, inplace=True),
    )


def patches(channels: int) -> nn.Sequential:
    """let patches = conv(4, ndf, stride: 2, pad: 1) >> leaky_relu(0.2) >> C(2 * ndf) >> C(4 *
    ndf, stride: 1) >> conv(4, 1, pad: 1). specs/emoji.gan:28
    """
    return nn.Sequential(
        nn.Conv2d(channels, ndf, 4, stride=2, padding=1),
        nn.LeakyReLU(0.2, inplace=True),
        C(ndf, 2 * ndf),
        C(2 * ndf, 4 * ndf, 1),
        nn.Conv2d(4 * ndf, 1, 4, padding=1),
    )


class NetworkG(nn.Module):
    """net G : Noto -> Fluent, [n, 3, 64, 64] -> [n, 3, 64, 64] in [-1, 1], 275,763 parameters,
    receptive field 69. specs/emoji.gan:32
    Layer by layer: no row of blocks is `x => finish(concat(painting(x), x))`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c7s1_reflect_pad = nn.ReflectionPad2d(3)
        self.c7s1_conv = nn.Conv2d(3, 16, 7)
        self.c7s1_instance_norm = nn.InstanceNorm2d(16)
        self.c7s1_relu = nn.ReLU()
        self.d_conv = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.d_instance_norm = nn.InstanceNorm2d(32)
        self.d_relu = nn.ReLU()
        self.d_2_conv = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.d_2_instance_norm = nn.InstanceNorm2d(64)
        self.d_2_relu = nn.ReLU()
        self.R_reflect_pad = nn.ReflectionPad2d(1)
        self.R_conv = nn.Conv2d(64, 64, 3)
        self.R_instance_norm = nn.InstanceNorm2d(64)
        self.R_relu = nn.ReLU()
        self.R_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_instance_norm_2 = nn.InstanceNorm2d(64)
        self.R_2_reflect_pad = nn.ReflectionPad2d(1)
        self.R_2_conv = nn.Conv2d(64, 64, 3)
        self.R_2_instance_norm = nn.InstanceNorm2d(64)
        self.R_2_relu = nn.ReLU()
        self.R_2_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_2_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_2_instance_norm_2 = nn.InstanceNorm2d(64)
        self.R_3_reflect_pad = nn.ReflectionPad2d(1)
        self.R_3_conv = nn.Conv2d(64, 64, 3)
        self.R_3_instance_norm = nn.InstanceNorm2d(64)
        self.R_3_relu = nn.ReLU()
        self.R_3_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_3_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_3_instance_norm_2 = nn.InstanceNorm2d(64)
        self.up_upsample = nn.Upsample(scale_factor=2)
        self.up_reflect_pad = nn.ReflectionPad2d(1)
        self.up_conv = nn.Conv2d(64, 32, 3)
        self.up_instance_norm = nn.InstanceNorm2d(32)
        self.up_relu = nn.ReLU()
        self.up_2_upsample = nn.Upsample(scale_factor=2)
        self.up_2_reflect_pad = nn.ReflectionPad2d(1)
        self.up_2_conv = nn.Conv2d(32, 16, 3)
        self.up_2_instance_norm = nn.InstanceNorm2d(16)
        self.up_2_relu = nn.ReLU()
        self.reflect_pad = nn.ReflectionPad2d(1)
        self.conv = nn.Conv2d(19, 32, 3)
        self.relu = nn.ReLU()
        self.conv_2 = nn.Conv2d(32, 3, 1)
        self.tanh = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        y_1: Tensor = self.c7s1_reflect_pad(x)
        y_2: Tensor = self.c7s1_conv(y_1)
        y_3: Tensor = self.c7s1_instance_norm(y_2)
        y_4: Tensor = self.c7s1_relu(y_3)
        y_5: Tensor = self.d_conv(y_4)
        y_6: Tensor = self.d_instance_norm(y_5)
        y_7: Tensor = self.d_relu(y_6)
        y_8: Tensor = self.d_2_conv(y_7)
        y_9: Tensor = self.d_2_instance_norm(y_8)
        y_10: Tensor = self.d_2_relu(y_9)
        y_11: Tensor = self.R_reflect_pad(y_10)
        y_12: Tensor = self.R_conv(y_11)
        y_13: Tensor = self.R_instance_norm(y_12)
        y_14: Tensor = self.R_relu(y_13)
        y_15: Tensor = self.R_reflect_pad_2(y_14)
        y_16: Tensor = self.R_conv_2(y_15)
        y_17: Tensor = self.R_instance_norm_2(y_16)
        y_18 = y_10 + y_17
        y_19: Tensor = self.R_2_reflect_pad(y_18)
        y_20: Tensor = self.R_2_conv(y_19)
        y_21: Tensor = self.R_2_instance_norm(y_20)
        y_22: Tensor = self.R_2_relu(y_21)
        y_23: Tensor = self.R_2_reflect_pad_2(y_22)
        y_24: Tensor = self.R_2_conv_2(y_23)
        y_25: Tensor = self.R_2_instance_norm_2(y_24)
        y_26 = y_18 + y_25
        y_27: Tensor = self.R_3_reflect_pad(y_26)
        y_28: Tensor = self.R_3_conv(y_27)
        y_29: Tensor = self.R_3_instance_norm(y_28)
        y_30: Tensor = self.R_3_relu(y_29)
        y_31: Tensor = self.R_3_reflect_pad_2(y_30)
        y_32: Tensor = self.R_3_conv_2(y_31)
        y_33: Tensor = self.R_3_instance_norm_2(y_32)
        y_34 = y_26 + y_33
        y_35: Tensor = self.up_upsample(y_34)
        y_36: Tensor = self.up_reflect_pad(y_35)
        y_37: Tensor = self.up_conv(y_36)
        y_38: Tensor = self.up_instance_norm(y_37)
        y_39: Tensor = self.up_relu(y_38)
        y_40: Tensor = self.up_2_upsample(y_39)
        y_41: Tensor = self.up_2_reflect_pad(y_40)
        y_42: Tensor = self.up_2_conv(y_41)
        y_43: Tensor = self.up_2_instance_norm(y_42)
        y_44: Tensor = self.up_2_relu(y_43)
        y_45 = torch.cat([y_44, x], dim=1)
        y_46: Tensor = self.reflect_pad(y_45)
        y_47: Tensor = self.conv(y_46)
        y_48: Tensor = self.relu(y_47)
        y_49: Tensor = self.conv_2(y_48)
        y_50: Tensor = self.tanh(y_49)
        return y_50


class NetworkF(nn.Module):
    """net F : Fluent -> Noto, [n, 3, 64, 64] -> [n, 3, 64, 64] in [-1, 1], 275,763 parameters,
    receptive field 69. specs/emoji.gan:33
    Layer by layer: no row of blocks is `x => finish(concat(painting(x), x))`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c7s1_reflect_pad = nn.ReflectionPad2d(3)
        self.c7s1_conv = nn.Conv2d(3, 16, 7)
        self.c7s1_instance_norm = nn.InstanceNorm2d(16)
        self.c7s1_relu = nn.ReLU()
        self.d_conv = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.d_instance_norm = nn.InstanceNorm2d(32)
        self.d_relu = nn.ReLU()
        self.d_2_conv = nn.Conv2d(32, 64, 3, stride=2, padding=1)
        self.d_2_instance_norm = nn.InstanceNorm2d(64)
        self.d_2_relu = nn.ReLU()
        self.R_reflect_pad = nn.ReflectionPad2d(1)
        self.R_conv = nn.Conv2d(64, 64, 3)
        self.R_instance_norm = nn.InstanceNorm2d(64)
        self.R_relu = nn.ReLU()
        self.R_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_instance_norm_2 = nn.InstanceNorm2d(64)
        self.R_2_reflect_pad = nn.ReflectionPad2d(1)
        self.R_2_conv = nn.Conv2d(64, 64, 3)
        self.R_2_instance_norm = nn.InstanceNorm2d(64)
        self.R_2_relu = nn.ReLU()
        self.R_2_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_2_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_2_instance_norm_2 = nn.InstanceNorm2d(64)
        self.R_3_reflect_pad = nn.ReflectionPad2d(1)
        self.R_3_conv = nn.Conv2d(64, 64, 3)
        self.R_3_instance_norm = nn.InstanceNorm2d(64)
        self.R_3_relu = nn.ReLU()
        self.R_3_reflect_pad_2 = nn.ReflectionPad2d(1)
        self.R_3_conv_2 = nn.Conv2d(64, 64, 3)
        self.R_3_instance_norm_2 = nn.InstanceNorm2d(64)
        self.up_upsample = nn.Upsample(scale_factor=2)
        self.up_reflect_pad = nn.ReflectionPad2d(1)
        self.up_conv = nn.Conv2d(64, 32, 3)
        self.up_instance_norm = nn.InstanceNorm2d(32)
        self.up_relu = nn.ReLU()
        self.up_2_upsample = nn.Upsample(scale_factor=2)
        self.up_2_reflect_pad = nn.ReflectionPad2d(1)
        self.up_2_conv = nn.Conv2d(32, 16, 3)
        self.up_2_instance_norm = nn.InstanceNorm2d(16)
        self.up_2_relu = nn.ReLU()
        self.reflect_pad = nn.ReflectionPad2d(1)
        self.conv = nn.Conv2d(19, 32, 3)
        self.relu = nn.ReLU()
        self.conv_2 = nn.Conv2d(32, 3, 1)
        self.tanh = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        y_1: Tensor = self.c7s1_reflect_pad(x)
        y_2: Tensor = self.c7s1_conv(y_1)
        y_3: Tensor = self.c7s1_instance_norm(y_2)
        y_4: Tensor = self.c7s1_relu(y_3)
        y_5: Tensor = self.d_conv(y_4)
        y_6: Tensor = self.d_instance_norm(y_5)
        y_7: Tensor = self.d_relu(y_6)
        y_8: Tensor = self.d_2_conv(y_7)
        y_9: Tensor = self.d_2_instance_norm(y_8)
        y_10: Tensor = self.d_2_relu(y_9)
        y_11: Tensor = self.R_reflect_pad(y_10)
        y_12: Tensor = self.R_conv(y_11)
        y_13: Tensor = self.R_instance_norm(y_12)
        y_14: Tensor = self.R_relu(y_13)
        y_15: Tensor = self.R_reflect_pad_2(y_14)
        y_16: Tensor = self.R_conv_2(y_15)
        y_17: Tensor = self.R_instance_norm_2(y_16)
        y_18 = y_10 + y_17
        y_19: Tensor = self.R_2_reflect_pad(y_18)
        y_20: Tensor = self.R_2_conv(y_19)
        y_21: Tensor = self.R_2_instance_norm(y_20)
        y_22: Tensor = self.R_2_relu(y_21)
        y_23: Tensor = self.R_2_reflect_pad_2(y_22)
        y_24: Tensor = self.R_2_conv_2(y_23)
        y_25: Tensor = self.R_2_instance_norm_2(y_24)
        y_26 = y_18 + y_25
        y_27: Tensor = self.R_3_reflect_pad(y_26)
        y_28: Tensor = self.R_3_conv(y_27)
        y_29: Tensor = self.R_3_instance_norm(y_28)
        y_30: Tensor = self.R_3_relu(y_29)
        y_31: Tensor = self.R_3_reflect_pad_2(y_30)
        y_32: Tensor = self.R_3_conv_2(y_31)
        y_33: Tensor = self.R_3_instance_norm_2(y_32)
        y_34 = y_26 + y_33
        y_35: Tensor = self.up_upsample(y_34)
        y_36: Tensor = self.up_reflect_pad(y_35)
        y_37: Tensor = self.up_conv(y_36)
        y_38: Tensor = self.up_instance_norm(y_37)
        y_39: Tensor = self.up_relu(y_38)
        y_40: Tensor = self.up_2_upsample(y_39)
        y_41: Tensor = self.up_2_reflect_pad(y_40)
        y_42: Tensor = self.up_2_conv(y_41)
        y_43: Tensor = self.up_2_instance_norm(y_42)
        y_44: Tensor = self.up_2_relu(y_43)
        y_45 = torch.cat([y_44, x], dim=1)
        y_46: Tensor = self.reflect_pad(y_45)
        y_47: Tensor = self.conv(y_46)
        y_48: Tensor = self.relu(y_47)
        y_49: Tensor = self.conv_2(y_48)
        y_50: Tensor = self.tanh(y_49)
        return y_50


def build_D_Noto() -> nn.Module:
    """net D_Noto : Noto -> Scores, [n, 3, 64, 64] -> [n, 1, 14, 14], 167,649 parameters,
    receptive field 34. specs/emoji.gan:34
    """
    return patches(3)


def build_D_Fluent() -> nn.Module:
    """net D_Fluent : Fluent -> Scores, [n, 3, 64, 64] -> [n, 1, 14, 14], 167,649 parameters,
    receptive field 34. specs/emoji.gan:35
    """
    return patches(3)


def lsgan_fool(DGx: Tensor) -> Tensor:
    """fool(min G : a -> b, max D : b -> Scores) = E[x ~ a] l2(D(G(x)), 1). std/losses.gan:21"""
    return (DGx - 1).square().mean()


def cycle(FGx: Tensor, x: Tensor, GFy: Tensor, y: Tensor) -> Tensor:
    """cycle(G : a -> b, F : b -> a) = E[x ~ a] l1(F(G(x)), x) + E[y ~ b] l1(G(F(y)), y).
    specs/cyclegan.gan:46
    """
    return (FGx - x).abs().mean() + (GFy - y).abs().mean()


def identity(Gy: Tensor, y: Tensor, Fx: Tensor, x: Tensor) -> Tensor:
    """identity(min G : a -> b, min F : b -> a) = E[y ~ b] l1(G(y as a), y) + E[x ~ a] l1(F(x as
    b), x). std/losses.gan:64
    """
    return (Gy - y).abs().mean() + (Fx - x).abs().mean()


def lsgan_judge(Dy: Tensor, DpastGx: Tensor) -> Tensor:
    """judge(min D : b -> Scores, max G : a -> b, history : Int = 0) = 0.5 * (E[y ~ b] l2(D(y),
    1) + E[x ~ a] l2(D(replay(G(x), history)), 0)). std/losses.gan:23
    """
    return 0.5 * ((Dy - 1).square().mean() + (DpastGx - 0).square().mean())


@dataclass
class Networks:
    """The networks, by the names of the spec."""

    G: nn.Module
    F: nn.Module
    D_Noto: nn.Module
    D_Fluent: nn.Module


class Draws(NamedTuple):
    """One draw of every domain: every expectation of a step shares it."""

    noto: Tensor
    """[n, 3, 64, 64], drawn from Noto"""
    fluent: Tensor
    """[n, 3, 64, 64], drawn from Fluent"""


DOMAINS = {"noto": "Noto", "fluent": "Fluent"}
"""The domain that each draw is of."""


@dataclass
class Memory:
    """What a run carries from step to step beside the weights."""

    optimizers: dict[str, optim.Optimizer]
    histories: dict[str, ImageHistory]


def memory(nets: Networks) -> Memory:
    """A memory at the start of training."""
    return Memory(
        optimizers={
            "G": optim.Adam(
                nets.G.parameters(), lr=0.0004, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
            "F": optim.Adam(
                nets.F.parameters(), lr=0.0004, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
            "D_Noto": optim.Adam(
                nets.D_Noto.parameters(), lr=0.0004, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
            "D_Fluent": optim.Adam(
                nets.D_Fluent.parameters(), lr=0.0004, betas=(0.5, 0.999), eps=1e-8, fused=True
            ),
        },
        histories={"minD_Fluent/G_noto": ImageHistory(50), "minD_Noto/F_fluent": ImageHistory(50)},
    )


def step(
    nets: Networks, memory: Memory, draws: Draws, rate: float, chance: Chance
) -> dict[str, Tensor]:
    """One step at the learning rate `rate`. Gives the values of all objectives and losses."""
    G, F, D_Noto, D_Fluent = nets.G, nets.F, nets.D_Noto, nets.D_Fluent
    noto, fluent = draws.noto, draws.fluent
    G_noto = G(noto)
    D_Fluent_G_noto = frozen(D_Fluent, G_noto)
    F_fluent = F(fluent)
    D_Noto_F_fluent = frozen(D_Noto, F_fluent)
    F_G_noto = F(G_noto)
    G_F_fluent = G(F_fluent)
    G_fluent = G(fluent)
    F_noto = F(noto)
    lsgan_fool_G_D_Fluent = lsgan_fool(DGx=D_Fluent_G_noto)
    lsgan_fool_F_D_Noto = lsgan_fool(DGx=D_Noto_F_fluent)
    cycle_G_F = cycle(FGx=F_G_noto, x=noto, GFy=G_F_fluent, y=fluent)
    identity_G_F = identity(Gy=G_fluent, y=fluent, Fx=F_noto, x=noto)

    # min[G, F] lsgan.fool(G, D_Fluent) + lsgan.fool(F, D_Noto) + lambda * cycle(G, F) + 0.5 *
    # lambda * identity(G, F). specs/emoji.gan:40.
    min_GF = (
        lsgan_fool_G_D_Fluent
        + lsgan_fool_F_D_Noto
        + lambda_ * cycle_G_F
        + 0.5 * lambda_ * identity_G_F
    )
    min_GF.backward(inputs=parameters(G, F))
    D_Fluent_fluent = D_Fluent(fluent)
    past_G_noto = memory.histories["minD_Fluent/G_noto"].recall(
        G_noto, chance.recall("minD_Fluent/G_noto")
    )
    D_Fluent_past_G_noto = D_Fluent(past_G_noto)
    lsgan_judge_D_Fluent_G = lsgan_judge(Dy=D_Fluent_fluent, DpastGx=D_Fluent_past_G_noto)

    # min[D_Fluent] lsgan.judge(D_Fluent, G, history: 50). specs/emoji.gan:42.
    min_D_Fluent = lsgan_judge_D_Fluent_G
    min_D_Fluent.backward(inputs=parameters(D_Fluent))
    D_Noto_noto = D_Noto(noto)
    past_F_fluent = memory.histories["minD_Noto/F_fluent"].recall(
        F_fluent, chance.recall("minD_Noto/F_fluent")
    )
    D_Noto_past_F_fluent = D_Noto(past_F_fluent)
    lsgan_judge_D_Noto_F = lsgan_judge(Dy=D_Noto_noto, DpastGx=D_Noto_past_F_fluent)

    # min[D_Noto] lsgan.judge(D_Noto, F, history: 50). specs/emoji.gan:43.
    min_D_Noto = lsgan_judge_D_Noto_F
    min_D_Noto.backward(inputs=parameters(D_Noto))

    # Every player was differentiated at the weights held so far; now all of them move.
    average_gradients(nets.G, nets.F, nets.D_Fluent, nets.D_Noto)
    update(memory.optimizers["G"], rate)
    update(memory.optimizers["F"], rate)
    update(memory.optimizers["D_Fluent"], rate)
    update(memory.optimizers["D_Noto"], rate)
    return {
        "min[G, F]": min_GF.detach(),
        "lsgan.fool(G, D_Fluent)": lsgan_fool_G_D_Fluent.detach(),
        "lsgan.fool(F, D_Noto)": lsgan_fool_F_D_Noto.detach(),
        "cycle(G, F)": cycle_G_F.detach(),
        "identity(G, F)": identity_G_F.detach(),
        "lsgan.judge(D_Fluent, G, history: 50)": lsgan_judge_D_Fluent_G.detach(),
        "lsgan.judge(D_Noto, F, history: 50)": lsgan_judge_D_Noto_F.detach(),
    }


def networks() -> Networks:
    """All networks, new, with PyTorch's own first weights: load or draw others."""
    G = NetworkG()
    F = NetworkF()
    D_Noto = build_D_Noto()
    D_Fluent = build_D_Fluent()
    return Networks(G=G, F=F, D_Noto=D_Noto, D_Fluent=D_Fluent)
