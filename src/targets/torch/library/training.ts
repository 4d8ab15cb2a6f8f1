/** What a step of training needs, as Python. */
export const trainingText = `
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
        """What an application of a network, named \`G(X)\`, drops by."""
        ...

    def places(self, height: int, width: int, count: int) -> Tensor:
        """Different places of an image, row * width + column."""
        ...


class ImageHistory:
    """Up to \`capacity\` images for each place of the batch (Shrivastava et al. 2017)."""

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


def decayed(net: nn.Module, decay: float) -> list[dict[str, Any]]:
    """The net's parameters for an optimizer: those of one axis, biases and scales, do not decay."""
    weights = [each for each in net.parameters() if each.dim() > 1]
    others = [each for each in net.parameters() if each.dim() <= 1]
    groups = [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]


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


def clip_by_norm(most: float, *nets: nn.Module) -> None:
    """Shortens the gradient of each net, all its parameters' as one vector, to this length."""
    for net in nets:
        nn.utils.clip_grad_norm_(net.parameters(), most)


def clip_by_value(most: float, *nets: nn.Module) -> None:
    """Keeps each number of the nets' gradients in [-most, most]."""
    for net in nets:
        nn.utils.clip_grad_value_(net.parameters(), most)


def update(optimizer: optim.Optimizer, rate: float) -> None:
    """Moves weights against their gradients, at a learning rate, and forgets these."""
    for group in optimizer.param_groups:
        group["lr"] = rate
        for parameter in group["params"]:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()


@torch.no_grad()
def clip(bound: float, *nets: nn.Module) -> None:
    """Keeps all weights in [-bound, bound]."""
    for parameter in parameters(*nets):
        parameter.clamp_(-bound, bound)


def from_part(of: Callable[[int], Any], first: int) -> Callable[[int], Any]:
    """What is drawn for the parts of a run, whose draws begin at that number."""
    return lambda part: of(first + part)


def mean_terms(batches: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of each term over the batches of an update."""
    return {name: torch.stack([terms[name] for terms in batches]).mean() for name in batches[0]}
`;
