/** Functions of losses that PyTorch has not, or has otherwise, as Python. */
export const functionText = `
def norm(v: Tensor) -> Tensor:
    """The Euclidean length of each sample; its derivative at 0 is 0."""
    return root(v.square().sum(dim=(1, 2, 3), keepdim=True))


def apply_layer(layer: nn.Module, x: Tensor) -> Tensor:
    """Applies a layer without weights."""
    y = cast(Tensor, layer.to(x.device)(x))
    if y.requires_grad:
        # PyTorch differentiates instance norm wrongly where its gradient is channels last.
        y.register_hook(lambda gradient: gradient.contiguous())
    return y


def root(x: Tensor) -> Tensor:
    """The root of what is at least 0; its derivative at 0 is 0."""
    is_zero = x == 0
    return (x + is_zero).sqrt() - is_zero.to(x.dtype)


def cross_entropy(logits: Tensor, c: Tensor) -> Tensor:
    """-log of the probability that softmax(logits) gives the class c; the mean over positions."""
    return -(c * logits.log_softmax(dim=1)).sum(dim=1, keepdim=True).mean(dim=(2, 3), keepdim=True)


def mix(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """t a + (1 - t) b"""
    return t * a + (1 - t) * b


def clamp(v: Tensor, low: float, high: float) -> Tensor:
    """v, or the nearer of low and high; its derivative is 0 at both and outside."""
    return torch.where((v > low) & (v < high), v, v.detach().clamp(low, high))


def gram(v: Tensor) -> Tensor:
    """The inner products of channels over all places, divided by the count of numbers."""
    rows = v.flatten(2)
    return (rows @ rows.mT / rows[0].numel()).unsqueeze(1)


def shift(v: Tensor, down: Tensor | float, right: Tensor | float) -> Tensor:
    """v moved by parts of its height and width. Zeros come in; pixels are mixed between two."""

    def taken(side: int, by: Tensor | float) -> Tensor:
        places = torch.arange(side, device=v.device, dtype=v.dtype)
        looks = torch.as_tensor(by, device=v.device, dtype=v.dtype).reshape(-1, 1, 1, 1) * side
        return (1 - (places[:, None] - places - looks).abs()).relu()

    return taken(v.shape[2], down) @ v @ taken(v.shape[3], right).mT


def unit(v: Tensor) -> Tensor:
    """The channels of each position over their length; 0 stays 0."""
    return v / (root(v.square().sum(dim=1, keepdim=True)) + 1e-7)


def variation(v: Tensor) -> Tensor:
    """Total variation: the mean absolute differences of neighbours, down and across, added."""
    down = (v[:, :, 1:] - v[:, :, :-1]).abs().mean(dim=(1, 2, 3), keepdim=True)
    across = (v[:, :, :, 1:] - v[:, :, :, :-1]).abs().mean(dim=(1, 2, 3), keepdim=True)
    return down + across


def positions(v: Tensor, n: int, chance: Chance) -> Tensor:
    """The channels at n places of each sample, the same for values of one height and width."""
    places = chance.places(v.shape[2], v.shape[3], n)
    return v.flatten(2)[:, :, places][..., None]


def contrast(q: Tensor, k: Tensor, temperature: float = 0.07) -> Tensor:
    """InfoNCE (van den Oord et al. 2018): how badly positions of q find their own in k."""
    queries, keys = q.flatten(2), k.flatten(2)
    products = queries.transpose(1, 2) @ keys / temperature
    matches = (queries * keys).sum(dim=1) / temperature
    return (products.logsumexp(dim=2) - matches).mean(dim=1)[:, None, None, None]


def join(*values: Tensor) -> Tensor:
    """Values along the channels; a vector of one number for each channel is at every place."""
    height = max(value.shape[2] for value in values)
    width = max(value.shape[3] for value in values)
    return torch.cat([value.expand(-1, -1, height, width) for value in values], dim=1)


def gradient(f: Callable[[Tensor], Tensor], at: Tensor) -> Tensor:
    """The gradient of the sum of f at a value, which can be differentiated again."""
    with torch.enable_grad():
        v = at.view_as(at) if at.requires_grad else at.detach().requires_grad_()
        (slope,) = torch.autograd.grad(f(v).sum(), v, create_graph=True)
    return slope
`;
