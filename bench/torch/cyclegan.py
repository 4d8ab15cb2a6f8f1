"""CycleGAN in PyTorch, as an expert would write it by hand.

It has the networks, losses and order of work of the official implementation
(junyanz/pytorch-CycleGAN-and-pix2pix) with least squares, identity loss and image history.

The generators descend first. The discriminators then judge the translations from the generators'
update, detached, or older ones from the history. The caller decides which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Sizes:
    """Sizes of images in pixels and of networks in filters and residual blocks.

    `lambda_` weighs the cycle loss.
    """

    size: int
    ngf: int
    ndf: int
    blocks: int
    lambda_: float = 10.0


def _norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=False, track_running_stats=False)


class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            _norm(channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            _norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def generator(ngf: int, blocks: int) -> nn.Module:
    layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, ngf, 7), _norm(ngf), nn.ReLU(inplace=True)]
    for channels in (ngf, 2 * ngf):
        layers += [
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            _norm(2 * channels),
            nn.ReLU(inplace=True),
        ]
    layers += [ResidualBlock(4 * ngf) for _ in range(blocks)]
    for channels in (4 * ngf, 2 * ngf):
        layers += [
            nn.ConvTranspose2d(channels, channels // 2, 3, stride=2, padding=1, output_padding=1),
            _norm(channels // 2),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Tanh())


def discriminator(ndf: int) -> nn.Module:
    """The 70 x 70 PatchGAN."""
    layers: list[nn.Module] = [nn.Conv2d(3, ndf, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
    for channels, stride in ((ndf, 2), (2 * ndf, 2), (4 * ndf, 1)):
        layers += [
            nn.Conv2d(channels, 2 * channels, 4, stride=stride, padding=1),
            _norm(2 * channels),
            nn.LeakyReLU(0.2, inplace=True),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * ndf, 1, 4, padding=1))


class ImagePool:
    """Up to `capacity` single images of the past."""

    def __init__(self, capacity: int = 50) -> None:
        self.capacity = capacity
        self.images: list[Tensor] = []

    def query(self, image: Tensor, place: int) -> Tensor:
        """Stores the image while there is space.

        After that, swaps it for the one at `place`, unless that is negative.
        """
        if len(self.images) < self.capacity:
            self.images.append(image)
            return image
        if place < 0:
            return image
        old, self.images[place] = self.images[place], image
        return old


def _requires_grad(nets: tuple[nn.Module, ...], wanted: bool) -> None:
    for net in nets:
        net.requires_grad_(wanted)


class CycleGan:
    """A CycleGAN. `compiled`: both losses and their networks go through torch.compile.

    Each of the `batch` samples of a step has an image pool of its own. The official code has one
    for them all, which at a batch of 1 is the same.
    """

    def __init__(
        self,
        sizes: Sizes,
        *,
        batch: int = 1,
        rate: float = 2e-4,
        beta1: float = 0.5,
        compiled: bool = False,
        fused: bool = True,
    ) -> None:
        self.lambda_ = sizes.lambda_
        self.G = generator(sizes.ngf, sizes.blocks)
        self.F = generator(sizes.ngf, sizes.blocks)
        self.D_X = discriminator(sizes.ndf)
        self.D_Y = discriminator(sizes.ndf)
        self.l1 = nn.L1Loss()
        self.mse = nn.MSELoss()
        self.pools = {judge: [ImagePool() for _ in range(batch)] for judge in ("D_X", "D_Y")}
        self._adam = dict(lr=rate, betas=(beta1, 0.999), fused=fused)
        self.restart()
        wrap = torch.compile if compiled else lambda function: function
        self._generators_loss = wrap(self.generators_loss)
        self._judge_loss = wrap(self.judge_loss)

    @property
    def nets(self) -> dict[str, nn.Module]:
        return {"G": self.G, "F": self.F, "D_X": self.D_X, "D_Y": self.D_Y}

    def restart(self) -> None:
        """Makes optimizers without moments. Call it again after replacing parameters."""
        self.generators_adam = torch.optim.Adam(chain(self.G.parameters(), self.F.parameters()), **self._adam)
        self.discriminators_adam = torch.optim.Adam(chain(self.D_X.parameters(), self.D_Y.parameters()), **self._adam)

    def _real(self, scores: Tensor) -> Tensor:
        return self.mse(scores, torch.ones_like(scores))

    def _fake(self, scores: Tensor) -> Tensor:
        return self.mse(scores, torch.zeros_like(scores))

    def generators_loss(self, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, ...], Tensor, Tensor]:
        """Returns the objective; the losses fool D_Y, fool D_X, cycle, identity; fakes of X, Y."""
        fake_y, fake_x = self.G(x), self.F(y)
        fool_y, fool_x = self._real(self.D_Y(fake_y)), self._real(self.D_X(fake_x))
        cycle = self.l1(self.F(fake_y), x) + self.l1(self.G(fake_x), y)
        identity = self.l1(self.G(y), y) + self.l1(self.F(x), x)
        whole = fool_y + fool_x + self.lambda_ * cycle + 0.5 * self.lambda_ * identity
        return whole, (fool_y, fool_x, cycle, identity), fake_x, fake_y

    def judge_loss(self, judge: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        return 0.5 * (self._real(judge(real)) + self._fake(judge(fake)))

    def _old(self, judge: str, fakes: Tensor, places: Mapping[str, Sequence[int]]) -> Tensor:
        """Fakes from this step or older ones, each sample by its own pool."""
        samples = zip(self.pools[judge], fakes.detach().split(1), places[judge], strict=True)
        return torch.cat([pool.query(fake, place) for pool, fake, place in samples])

    def step(self, x: Tensor, y: Tensor, places: Mapping[str, Sequence[int]]) -> dict[str, float]:
        """Updates all networks once on images [batch, 3, size, size].

        `places` are the pools' decisions by judge, one for each sample (ImagePool).
        """
        judges = (self.D_X, self.D_Y)
        _requires_grad(judges, False)
        self.generators_adam.zero_grad(set_to_none=True)
        whole, terms, fake_x, fake_y = self._generators_loss(x, y)
        whole.backward()
        self.generators_adam.step()

        _requires_grad(judges, True)
        self.discriminators_adam.zero_grad(set_to_none=True)
        judge_y = self._judge_loss(self.D_Y, y, self._old("D_Y", fake_y, places))
        judge_y.backward()
        judge_x = self._judge_loss(self.D_X, x, self._old("D_X", fake_x, places))
        judge_x.backward()
        self.discriminators_adam.step()

        values = torch.stack([t.detach() for t in (whole, *terms, judge_y, judge_x)]).tolist()
        return dict(zip(LOSSES, values, strict=True))


LOSSES = (
    "min[G, F]",
    "lsgan.fool(G, D_Y)",
    "lsgan.fool(F, D_X)",
    "cycle(G, F)",
    "identity(G, F)",
    "lsgan.judge(D_Y, G, history: 50)",
    "lsgan.judge(D_X, F, history: 50)",
)
"""ganc's names for the values of `step`, in order."""
