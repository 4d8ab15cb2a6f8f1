"""Official architectures, written from their published description, with random weights.

Reads a list of cases from standard input, writes a .pth file for each and, beside it, an input and
the network's output in translation (`eval`, or `train` for batch norms without statistics).
"""
import json
import os
import sys

import torch
from torch import nn

NORMS = {
    "instance": lambda n: nn.InstanceNorm2d(n),
    "affine": lambda n: nn.InstanceNorm2d(n, affine=True),
    "batch": lambda n: nn.BatchNorm2d(n),
    "none": lambda n: nn.Identity(),
}


def kernel(row):
    a = torch.tensor(row, dtype=torch.float64)
    k = torch.outer(a, a)
    return k / k.sum()


class Down(nn.Module):
    """Blurs by 1 2 1 and keeps every other pixel, the border mirrored."""

    def __init__(self, n):
        super().__init__()
        self.register_buffer("filt", kernel([1, 2, 1]).float().repeat(n, 1, 1, 1))

    def forward(self, x):
        x = nn.functional.pad(x, (1, 1, 1, 1), mode="reflect")
        return nn.functional.conv2d(x, self.filt, stride=2, groups=x.shape[1])


class Up(nn.Module):
    """Twice the side by a filter of 1 3 3 1, the border repeated."""

    def __init__(self, n):
        super().__init__()
        self.register_buffer("filt", (4 * kernel([1, 3, 3, 1])).float().repeat(n, 1, 1, 1))

    def forward(self, x):
        n = x.shape[1]
        x = nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")
        x = nn.functional.conv_transpose2d(x, self.filt, stride=2, padding=2, groups=n)
        return x[:, :, 1:-1, 1:-1]


class Block(nn.Module):
    def __init__(self, n, norm, bias, dropout):
        super().__init__()
        half = lambda: [nn.ReflectionPad2d(1), nn.Conv2d(n, n, 3, bias=bias), norm(n)]
        drop = [nn.Dropout(0.5)] if dropout else []
        self.conv_block = nn.Sequential(*half(), nn.ReLU(), *drop, *half())

    def forward(self, x):
        return x + self.conv_block(x)


class Resnet(nn.Module):
    def __init__(self, inputs, outputs, n, norm, bias, blocks, dropout=False, blur=False):
        super().__init__()
        m = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, n, 7, bias=bias), norm(n), nn.ReLU()]
        for k in (n, 2 * n):
            stride = 1 if blur else 2
            m += [nn.Conv2d(k, 2 * k, 3, stride=stride, padding=1, bias=bias), norm(2 * k), nn.ReLU()]
            m += [Down(2 * k)] if blur else []
        m += [Block(4 * n, norm, bias, dropout) for _ in range(blocks)]
        for k in (4 * n, 2 * n):
            if blur:
                m += [Up(k), nn.Conv2d(k, k // 2, 3, padding=1, bias=bias)]
            else:
                m += [nn.ConvTranspose2d(k, k // 2, 3, 2, 1, output_padding=1, bias=bias)]
            m += [norm(k // 2), nn.ReLU()]
        m += [nn.ReflectionPad2d(3), nn.Conv2d(n, outputs, 7), nn.Tanh()]
        self.model = nn.Sequential(*m)

    def forward(self, x):
        return self.model(x)


class Level(nn.Module):
    """One level of the U-Net; `below` is what lies deeper."""

    def __init__(self, outer, inner, norm, bias, below=None, inputs=None, dropout=False):
        super().__init__()
        self.outermost = inputs is not None
        down = nn.Conv2d(inputs or outer, inner, 4, 2, 1, bias=bias)
        up = lambda k, b: nn.ConvTranspose2d(k, outer, 4, 2, 1, bias=b)
        if self.outermost:
            m = [down, below, nn.ReLU(), up(2 * inner, True), nn.Tanh()]
        elif below is None:
            m = [nn.LeakyReLU(0.2), down, nn.ReLU(), up(inner, bias), norm(outer)]
        else:
            m = [nn.LeakyReLU(0.2), down, norm(inner), below]
            m += [nn.ReLU(), up(2 * inner, bias), norm(outer)]
            m += [nn.Dropout(0.5)] if dropout else []
        self.model = nn.Sequential(*m)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class Unet(nn.Module):
    def __init__(self, inputs, outputs, n, norm, bias, levels):
        super().__init__()
        block = Level(8 * n, 8 * n, norm, bias)
        for _ in range(levels - 5):
            block = Level(8 * n, 8 * n, norm, bias, block, dropout=True)
        for k in (4, 2, 1):
            block = Level(k * n, 2 * k * n, norm, bias, block)
        self.model = Level(outputs, n, norm, bias, block, inputs=inputs)

    def forward(self, x):
        return self.model(x)


class Patch(nn.Module):
    def __init__(self, inputs, n, norm, bias, layers, blur=False):
        super().__init__()
        stride = 1 if blur else 2
        m = [nn.Conv2d(inputs, n, 4, stride, 1), nn.LeakyReLU(0.2)] + ([Down(n)] if blur else [])
        for i in range(1, layers + 1):
            a, b = n * min(2 ** (i - 1), 8), n * min(2**i, 8)
            last = i == layers
            m += [nn.Conv2d(a, b, 4, 1 if last else stride, 1, bias=bias), norm(b), nn.LeakyReLU(0.2)]
            m += [Down(b)] if blur and not last else []
        m += [nn.Conv2d(n * min(2**layers, 8), 1, 4, 1, 1)]
        self.model = nn.Sequential(*m)

    def forward(self, x):
        return self.model(x)


class Pixel(nn.Module):
    def __init__(self, inputs, n, norm, bias):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(inputs, n, 1), nn.LeakyReLU(0.2), nn.Conv2d(n, 2 * n, 1, bias=bias), norm(2 * n),
            nn.LeakyReLU(0.2), nn.Conv2d(2 * n, 1, 1, bias=bias),
        )

    def forward(self, x):
        return self.net(x)


KINDS = {"resnet": Resnet, "unet": Unet, "patch": Patch, "pixel": Pixel}


def build(case):
    norm = case["norm"]
    options = {k: v for k, v in case["options"].items()}
    net = KINDS[case["kind"]](norm=NORMS[norm], bias=norm in ("instance", "affine"), **options)
    torch.manual_seed(case["seed"])
    for name, value in net.state_dict().items():
        if name.endswith("filt"):
            continue
        if name.endswith("num_batches_tracked"):
            value.fill_(case["seed"] + 12345)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 2)
        else:
            value.normal_(0, 0.3 if value.dim() == 1 else 0.1)
            if value.dim() == 1 and name.endswith("weight"):
                value.add_(1)
    return net


def written(tensor):
    nhwc = tensor.permute(0, 2, 3, 1).contiguous()
    return {"shape": list(nhwc.shape), "data": nhwc.flatten().tolist()}


def save(case):
    net = build(case)
    state = net.state_dict()
    if case.get("old"):
        # PyTorch before 0.4 kept statistics for instance norms.
        for name, module in net.named_modules():
            if isinstance(module, nn.InstanceNorm2d):
                state[f"{name}.running_mean"] = torch.zeros(module.num_features)
                state[f"{name}.running_var"] = torch.ones(module.num_features)
    if case.get("parallel"):
        state = type(state)((f"module.{name}", value) for name, value in state.items())
    torch.save(state, case["path"], _use_new_zipfile_serialization=not case.get("legacy", False))
    x = torch.rand(1, case["options"]["inputs"], case["side"], case["side"]) * 2 - 1
    net.eval()
    with torch.no_grad():
        y = net(x)
    return {"x": written(x), "y": written(y)}


def load(case):
    """Whether a file has the state of the case, bit for bit, and the official network takes it."""
    theirs = build(case)
    ours = torch.load(case["exported"], weights_only=True)
    net = KINDS[case["kind"]](
        norm=NORMS[case["norm"]], bias=case["norm"] in ("instance", "affine"), **case["options"]
    )
    net.load_state_dict(ours, strict=True)
    wanted = theirs.state_dict()
    found = net.state_dict()
    same = all(
        torch.equal(wanted[k], found[k]) and wanted[k].dtype == ours[k].dtype for k in wanted
    )
    return {"same": same, "order": list(ours) == list(wanted)}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    torch.set_num_threads(2)
    act = {"save": save, "load": load}[sys.argv[1]]
    json.dump([act(case) for case in asked], sys.stdout)
