/** Layers that PyTorch has not, or has otherwise, as Python. Values are [n, channels, h, w]. */
export const layerText = `
class Residual(nn.Sequential):
    """x + f(x), where f is the modules one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for module in self:
            y = module(y)
        return x + y


class Rescale(nn.Module):
    """x * scale + offset; nothing is learnt."""

    def __init__(self, scale: float, offset: float = 0) -> None:
        super().__init__()
        self.scale = scale
        self.offset = offset

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale + self.offset


def both_axes(sides: int | tuple[int, int]) -> tuple[int, int]:
    """One number for both axes, or one of the height and one of the width."""
    return (sides, sides) if isinstance(sides, int) else sides


class ReflectPad(nn.ReflectionPad2d):
    """Mirrored rows above and below, and mirrored columns left and right."""

    def __init__(self, pad: tuple[int, int]) -> None:
        rows, columns = pad
        super().__init__((columns, columns, rows, rows))


class ZeroPad(nn.ZeroPad2d):
    """Zeros around an image: pad above and on the left, after below and on the right."""

    def __init__(
        self,
        pad: int | tuple[int, int],
        after: int | tuple[int, int] | None = None,
    ) -> None:
        (top, left), (bottom, right) = both_axes(pad), both_axes(pad if after is None else after)
        super().__init__((left, right, top, bottom))


class Upsample(nn.Module):
    """Bilinear upsampling, or nearest-neighbour."""

    def __init__(self, scale_factor: int | tuple[int, int], bilinear: bool = True) -> None:
        super().__init__()
        self.factor = [float(factor) for factor in both_axes(scale_factor)]
        self.mode = "bilinear" if bilinear else "nearest"

    def forward(self, x: Tensor) -> Tensor:
        return functional.interpolate(x, scale_factor=self.factor, mode=self.mode)


class PRelu(nn.Module):
    """x where it is positive, a learnt slope times x elsewhere (He et al. 2015)."""

    def __init__(self, channels: int, shared: bool = True) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.full((1 if shared else channels,), 0.25))

    def forward(self, x: Tensor) -> Tensor:
        positive = functional.relu(x)
        return positive + self.slope[:, None, None] * (x - positive)


class Exp(nn.Module):
    """e^x."""

    def forward(self, x: Tensor) -> Tensor:
        return x.exp()


class Sin(nn.Module):
    """The sine of x, in radians."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sin()


class Cos(nn.Module):
    """The cosine of x, in radians."""

    def forward(self, x: Tensor) -> Tensor:
        return x.cos()


class PixelNorm(nn.Module):
    """Channels of each place over the root of their mean square (Karras et al. 2018)."""

    def __init__(self, eps: float = 1e-8) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + self.eps).rsqrt()


class LayerNorm(nn.GroupNorm):
    """Layer normalisation of the channels of each place, or of all numbers of a sample."""

    def __init__(
        self,
        groups: int,
        channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        pixelwise: bool = True,
    ) -> None:
        super().__init__(groups, channels, eps=eps, affine=affine)
        self.pixelwise = pixelwise

    def forward(self, x: Tensor) -> Tensor:
        if not self.pixelwise:
            return super().forward(x)
        places = x.permute(0, 2, 3, 1)
        shape = (self.num_channels,)
        y = functional.layer_norm(places, shape, self.weight, self.bias, self.eps)
        return y.permute(0, 3, 1, 2)


def for_each(x: Tensor, values: Tensor) -> Tensor:
    """Values [channels, h, w] for every sample of x, which they depend on by 0."""
    return values.to(x.device, x.dtype) + 0 * x[:, :1, :1, :1]


class Learnt(nn.Module):
    """The same learnt numbers for every sample, whatever comes in."""

    def __init__(self, height: int, width: int, channels: int, zero: bool = False) -> None:
        super().__init__()
        shape = (height, width, channels)
        self.constant = None if zero else nn.Parameter(torch.randn(shape))
        self.gain = nn.Parameter(torch.zeros(shape)) if zero else None

    def forward(self, x: Tensor) -> Tensor:
        values = self.gain if self.constant is None else self.constant
        assert values is not None
        return for_each(x, values.permute(2, 0, 1))


class Coordinates(nn.Module):
    """The row and the column of each place, from -1 to 1 (Liu et al. 2018)."""

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (
            torch.linspace(-1, 1, side) if side > 1 else torch.zeros(1) for side in x.shape[2:]
        )
        return for_each(x, torch.stack(torch.meshgrid(rows, columns, indexing="ij")))


class Sinusoids(nn.Module):
    """Sines and cosines of the row and of the column of each place (Vaswani et al. 2017)."""

    def forward(self, x: Tensor) -> Tensor:
        _, channels, height, width = x.shape
        half = channels // 2
        steps = 10_000.0 ** (-torch.arange(0, half, 2) / half)

        def waves(side: int) -> Tensor:
            angles = steps[:, None] * torch.arange(side)
            return torch.stack((angles.sin(), angles.cos()), 1).flatten(0, 1)

        rows = waves(height)[:, :, None].expand(half, height, width)
        columns = waves(width)[:, None, :].expand(half, height, width)
        return for_each(x, torch.cat((rows, columns)))


class TakeChannels(nn.Module):
    """Some neighbouring channels."""

    def __init__(self, first: int, count: int) -> None:
        super().__init__()
        self.part = slice(first, first + count)

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.part]


class Crop(nn.Module):
    """A rectangle of an image."""

    def __init__(self, top: int, left: int, height: int, width: int | None = None) -> None:
        super().__init__()
        self.rows = slice(top, top + height)
        self.columns = slice(left, left + (height if width is None else width))

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, self.rows, self.columns]


class Dense(nn.Linear):
    """All numbers of a sample, row by row with the channels of each pixel together, weighted."""

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x.permute(0, 2, 3, 1).flatten(1))
        return y[:, :, None, None]


class Flatten(nn.Module):
    """All numbers of a sample as channels, row by row with the channels of each pixel together."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]


class Reshape(nn.Module):
    """The same numbers in the same order, in another shape."""

    def __init__(self, height: int, width: int, channels: int) -> None:
        super().__init__()
        self.shape = (height, width, channels)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.permute(0, 2, 3, 1)
        return rows.reshape(len(x), *self.shape).permute(0, 3, 1, 2)


class Dropout(nn.Module):
    """Drops numbers by what a step draws (Srivastava et al. 2014); elsewhere nothing is dropped."""

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        self.rate = rate
        self.uniform: Callable[[Tensor], Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.uniform is None:
            return x
        return x * (self.uniform(x) > self.rate) / (1 - self.rate)


def dropouts(net: nn.Module) -> list[Dropout]:
    """What drops in a network, and in networks inside of it."""
    found = []
    for module in net.modules():
        if isinstance(module, Dropout):
            found.append(module)
        for inner in getattr(module, "inner", ()):
            found.extend(dropouts(inner))
    return found


def dropping(net: nn.Module, masks: Masks, *values: Tensor) -> Tensor:
    """Applies a network; what drops i-th drops by the uniform numbers masks(i, x) of x's shape."""
    order = itertools.count()
    layers = dropouts(net)
    for layer in layers:
        layer.uniform = lambda x: masks(next(order), x)
    try:
        return cast(Tensor, net(*values))
    finally:
        for layer in layers:
            layer.uniform = None


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation that keeps running statistics, and goes by them but in \`training\`."""

    application: ClassVar[tuple[str, object] | None] = None

    def __init__(
        self, channels: int, eps: float = 1e-5, affine: bool = True, running: bool = True
    ) -> None:
        super().__init__(channels, eps=eps, affine=affine, track_running_stats=running)
        self.is_settled = False
        self.seen: dict[str, tuple[object, list[tuple[Tensor, Tensor]]]] = {}

    def forward(self, x: Tensor) -> Tensor:
        application = BatchNorm.application
        mean, variance = self.running_mean, self.running_var
        if mean is not None and (application is None or self.is_settled):
            return functional.batch_norm(x, mean, variance, self.weight, self.bias, eps=self.eps)
        if mean is not None and application is not None:
            self.note(*application, x)
        return self.over_batch(x)

    def over_batch(self, x: Tensor) -> Tensor:
        """Normalises by the batch at hand."""
        weight, bias = self.weight, self.bias
        return functional.batch_norm(x, None, None, weight, bias, training=True, eps=self.eps)

    def moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The mean and the unbiased variance of each channel in the batch at hand."""
        size = x.numel() // x.shape[1]
        variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=min(1, size - 1))
        return mean, variance

    @torch.no_grad()
    def note(self, application: str, run: object, x: Tensor) -> None:
        """Notes statistics of a batch; an application forgets what one of its name has noted."""
        before, seen = self.seen.get(application, (run, []))
        self.seen[application] = (run, [*(seen if before is run else []), self.moments(x)])

    @torch.no_grad()
    def move(self) -> None:
        """Moves the running statistics a tenth of the way to the mean of those noted."""
        seen = [both for _, noted in self.seen.values() for both in noted]
        self.seen.clear()
        for i, kept in enumerate((self.running_mean, self.running_var)):
            if kept is not None and seen:
                kept.lerp_(torch.stack([both[i] for both in seen]).mean(0), 0.1)


def training(application: str, apply: Callable[..., Tensor], *values: Any) -> Tensor:
    """Applies a network in a step: BatchNorm goes by the batch at hand, and notes what it sees."""
    BatchNorm.application = (application, object())
    try:
        return apply(*values)
    finally:
        BatchNorm.application = None


def move_statistics(*nets: nn.Module) -> None:
    """Moves the running statistics of nets, by what \`training\` has noted since."""
    for net in nets:
        for module in net.modules():
            if isinstance(module, BatchNorm):
                module.move()


def settle(net: nn.Module) -> None:
    """Has a net that nobody trains go by its running statistics in \`training\` too."""
    for module in net.modules():
        if isinstance(module, BatchNorm):
            module.is_settled = True


class SelfAttention(nn.Module):
    """x + gain * attention over all places (Zhang et al. 2019, SAGAN)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = max(1, channels // 8)
        self.query = nn.Parameter(torch.zeros(channels, narrow))
        self.key = nn.Parameter(torch.zeros(channels, narrow))
        self.value = nn.Parameter(torch.zeros(channels, channels))
        self.gain = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        places = x.flatten(2).transpose(1, 2)
        agreement = (places @ self.query) @ (places @ self.key).transpose(1, 2)
        seen = agreement.softmax(dim=2) @ (places @ self.value)
        return x + self.gain * seen.transpose(1, 2).reshape(x.shape)


class CrossAttention(nn.Module):
    """Multi-head attention of the places of x to those of y (Vaswani et al. 2017)."""

    def __init__(self, channels: int, seen: int, heads: int, bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Parameter(torch.empty(channels, channels))
        self.key = nn.Parameter(torch.empty(seen, channels))
        self.value = nn.Parameter(torch.empty(seen, channels))
        self.out = nn.Parameter(torch.empty(channels, channels))
        for weight in (self.query, self.key, self.value, self.out):
            nn.init.xavier_uniform_(weight)
        self.bias = nn.Parameter(torch.zeros(3 * channels)) if bias else None
        self.shift = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        places, others = x.flatten(2).transpose(1, 2), y.flatten(2).transpose(1, 2)
        projected = [places @ self.query, others @ self.key, others @ self.value]
        if self.bias is not None:
            projected = [z + b for z, b in zip(projected, self.bias.chunk(3), strict=True)]
        query, key, value = (
            z.reshape(*z.shape[:2], self.heads, -1).transpose(1, 2) for z in projected
        )
        agreement = (query / math.sqrt(query.shape[-1])) @ key.transpose(2, 3)
        seen = (agreement.softmax(dim=3) @ value).transpose(1, 2).flatten(2) @ self.out
        if self.shift is not None:
            seen = seen + self.shift
        return seen.transpose(1, 2).reshape(x.shape)


class Attention(CrossAttention):
    """Multi-head self-attention over all places (Vaswani et al. 2017)."""

    def __init__(self, channels: int, heads: int, bias: bool = True) -> None:
        super().__init__(channels, channels, heads, bias)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return super().forward(x, x if y is None else y)


class ModulatedConv(nn.Module):
    """A convolution whose filters a style s scales, and keeps to one length (Karras et al. 2020).

    Scaling what comes in and what goes out makes no weights for each sample.
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        demodulate: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.stride = stride
        self.padding = padding
        self.demodulate = demodulate
        self.weight = nn.Parameter(torch.randn(filters, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(filters)) if bias else None

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        y = functional.conv2d(x * s, self.weight, None, self.stride, self.padding)
        if self.demodulate:
            squares = s.flatten(1).square() @ self.weight.square().sum((2, 3)).T
            y = y * (squares + 1e-8).rsqrt()[:, :, None, None]
        return y if self.bias is None else y + self.bias[:, None, None]


class MinibatchStddev(nn.Module):
    """One more channel: how much the samples of a group differ (Karras et al. 2018)."""

    def __init__(self, group: int = 4) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        n, _, h, w = x.shape
        group = next(size for size in range(min(self.group, n), 0, -1) if n % size == 0)
        variance = x.reshape(group, n // group, -1).var(0, unbiased=False)
        told = (variance + 1e-8).sqrt().mean(1)
        return torch.cat([x, told.repeat(group)[:, None, None, None].expand(n, 1, h, w)], dim=1)


class AvgPool(nn.Module):
    """The mean of each window, with zeros around the image; PyTorch's own pads less."""

    def __init__(
        self,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        pad: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        rows, columns = both_axes(pad)
        self.pad = (columns, columns, rows, rows)

    def forward(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(functional.pad(x, self.pad), self.kernel, self.stride)


class MaxPool(AvgPool):
    """The greatest value of each window of the image."""

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, self.pad, value=-math.inf)
        return functional.max_pool2d(padded, self.kernel, self.stride)


class BlurPool(nn.Module):
    """A binomial filter, and every stride-th pixel of it (Zhang 2019); the border is mirrored."""

    def __init__(self, kernel: int = 3, stride: int = 2) -> None:
        super().__init__()
        row = torch.tensor([float(math.comb(kernel - 1, i)) for i in range(kernel)])
        self.filter: Tensor
        self.register_buffer("filter", torch.outer(row, row) / 4 ** (kernel - 1), persistent=False)
        before, after = (kernel - 1) // 2, kernel // 2
        self.border = (before, after, before, after)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        weight = self.filter.expand(channels, 1, -1, -1)
        padded = functional.pad(x, self.border, mode="reflect")
        return functional.conv2d(padded, weight, stride=self.stride, groups=channels)


class GaussianBlur(nn.Module):
    """A Gaussian filter of each channel, cut off at its window and scaled to a sum of 1."""

    def __init__(self, kernel: int, sigma: float, pad: int = 0) -> None:
        super().__init__()
        places = torch.arange(kernel) - (kernel - 1) / 2
        row = torch.exp(-places.square() / (2 * sigma**2))
        row = row / row.sum()
        self.filter: Tensor
        self.register_buffer("filter", torch.outer(row, row), persistent=False)
        self.pad = pad

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        weight = self.filter.expand(channels, 1, -1, -1)
        return functional.conv2d(x, weight, padding=self.pad, groups=channels)


class SpectralNorm(nn.Module):
    """A weight over its largest singular value (Miyato et al. 2018), which u tracks by steps."""

    def __init__(self, outputs: int, axis: int) -> None:
        super().__init__()
        self.axis = axis
        self.u: Tensor
        self.register_buffer("u", torch.randn(outputs))
        self.next = self.u

    def forward(self, weight: Tensor) -> Tensor:
        matrix = weight.movedim(self.axis, 0).flatten(1)
        with torch.no_grad():
            v = matrix.T @ self.u
            v = v / (v.square().sum() + 1e-12).sqrt()
            self.next = matrix @ v
            self.next = self.next / (self.next.square().sum() + 1e-12).sqrt()
        value: Tensor = self.next @ (matrix @ v)
        return weight / value


def spectral_norm(block: nn.Module) -> nn.Module:
    """Divides every weight in a block by its largest singular value."""
    for module in list(block.modules()):
        weight = getattr(module, "weight", None)
        if isinstance(weight, nn.Parameter) and weight.dim() > 1:
            axis = 1 if isinstance(module, nn.ConvTranspose2d) else 0
            norm = SpectralNorm(weight.shape[axis], axis)
            parametrize.register_parametrization(module, "weight", norm, unsafe=True)
    return block


class Scaled(nn.Module):
    """A parameter times a number, where it is used."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, weight: Tensor) -> Tensor:
        return weight * self.factor


def equalized(block: nn.Module, gain: float = 1, rate: float = 1) -> nn.Module:
    """Draws the weights in a block alike, and scales them where they are used (Karras et al. 2018).

    By rate gain / sqrt(inputs); learnt constants, and what begins as 0, such as biases, by rate.
    """
    for module in list(block.modules()):
        for name, parameter in list(module.named_parameters(recurse=False)):
            factor = rate
            if parameter.dim() > 1 and name != "gain":
                nn.init.normal_(parameter, std=1 / rate)
                inputs_first = isinstance(module, nn.ConvTranspose2d) or name != "weight"
                outputs = parameter.shape[1 if inputs_first else 0]
                if name != "constant":
                    factor *= gain / math.sqrt(parameter.numel() / outputs)
            elif name not in ("bias", "shift", "gain"):
                continue
            if factor != 1:
                parametrize.register_parametrization(module, name, Scaled(factor))
    return block


@torch.no_grad()
def power_step(*nets: nn.Module) -> None:
    """Moves on what tracks the singular values, at the weights that the nets were applied with."""
    for net in nets:
        for module in net.modules():
            if isinstance(module, SpectralNorm):
                module.u.copy_(module.next)
`;
