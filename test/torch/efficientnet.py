"""EfficientNet-Lite0 in PyTorch, written from its published description, and its features.

Tan and Le, ICML 2019, table 1, and the release of its Lite form in 2020: without squeeze-and-excitation, with relu6, the stem and the
head of fixed width. Convolutions pad as TensorFlow's SAME does, and batch norms have its epsilon of 1e-3.

Reads JSON from standard input, {weights: a .pth, images: [n, 3, h, w] as nested lists in [-1, 1], sides multiples of 32}; writes
{features: [n, 1280], early: the numbers of stage 3, classes: parameters of all}.
"""

import json
import sys
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# repetitions, kernel, stride of the first, expansion, channels
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]


class Same(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        border = []
        for side in (x.shape[3], x.shape[2]):
            step, kernel = self.stride[0], self.kernel_size[0]
            total = max((-(-side // step) - 1) * step + kernel - side, 0)
            border += [total // 2, total - total // 2]
        return super().forward(F.pad(x, border))


def norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class Block(nn.Module):
    def __init__(self, kernel: int, stride: int, expansion: int, inner: int, outer: int) -> None:
        super().__init__()
        wide = inner * expansion
        self.adds = stride == 1 and inner == outer
        if expansion != 1:
            self._expand_conv = Same(inner, wide, 1, bias=False)
            self._bn0 = norm(wide)
        self._depthwise_conv = Same(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = norm(wide)
        self._project_conv = Same(wide, outer, 1, bias=False)
        self._bn2 = norm(outer)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        if hasattr(self, "_expand_conv"):
            y = F.relu6(self._bn0(self._expand_conv(y)))
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class Lite0(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = Same(3, 32, 3, 2, bias=False)
        self._bn0 = norm(32)
        blocks, channels, self.early = [], 32, 5
        for count, kernel, stride, expansion, outer in STAGES:
            for i in range(count):
                blocks.append(Block(kernel, stride if i == 0 else 1, expansion, channels, outer))
                channels = outer
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = Same(channels, 1280, 1, bias=False)
        self._bn1 = norm(1280)
        self._fc = nn.Linear(1280, 1000)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        # Levels of 0 to 255, less 127 and over 128, as it was trained.
        y = ((x + 1) * 127.5 - 127) / 128
        y = F.relu6(self._bn0(self._conv_stem(y)))
        early = y
        for i, block in enumerate(self._blocks):
            y = block(y)
            early = y if i < self.early else early
        return F.relu6(self._bn1(self._conv_head(y))).mean((2, 3)), early


asked = json.load(sys.stdin)
net = Lite0()
state: "OrderedDict[str, Tensor]" = torch.load(asked["weights"], weights_only=True)
net.load_state_dict(state, strict=True)
net.eval()
with torch.no_grad():
    features, early = net(torch.tensor(asked["images"]))
    json.dump(
        {
            "features": features.tolist(),
            "early": early.flatten().tolist(),
            "parameters": sum(p.numel() for p in net.parameters()),
        },
        sys.stdout,
    )
