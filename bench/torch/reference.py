"""Reference for the training step of specs/cyclegan-lsgan.gan.

It computes a trajectory of steps, each from a state that fits into float32, in float64 and again
in float32.

    python reference.py <folder>

reads <folder>/request.json and <folder>/initial.safetensors, a canonical state, and writes
<folder>/<step>.safetensors:

    before/<key>     the complete state before the step
    batch/<domain>   its images
    <precision>/loss/<name>, <precision>/gradient/<parameter>, <precision>/update/<parameter>,
    <precision>/history/<key>          for the precisions reference (float64) and float32

The next step begins at the state after the reference's step, rounded to float32. The first
`unseen` steps are not written: from moments of zero, Adam's update is the sign of the gradient,
even if the gradient is only rounding.

If a relu, a leaky relu or an absolute value gets an input that is 0 up to rounding, another
rounding gives another gradient. So images are drawn again until all those inputs, in float64, are
at least `margin` times the root mean square of their tensor away from 0; in a batch, those of the
samples that are nearer. The gradient of a judge's last bias is one number in which true and false
pull against each other. All images are also drawn again until it and its moment keep at least
`share` of the absolute sum of their summands: what is left of a sum that cancels is rounding.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from canonical import images_to_canonical, images_to_torch, load_weights, named, to_canonical, to_torch
from cyclegan import CycleGan, Sizes

State = dict[str, Tensor]

MAX_DRAWS = 100
"""Draws of a step's images. A sample keeps away from kinks at every tenth to twentieth."""


class NearKink(Exception):
    """Other images have to be drawn, so the rest of the step says nothing."""


class Margin:
    """Least distance of each sample from a kink in a step, relative to the root mean square of its
    tensor.
    """

    def __init__(self, gan: CycleGan) -> None:
        self.forget()
        modules = [module for net in gan.nets.values() for module in net.modules()]
        for module in modules:
            if isinstance(module, (nn.ReLU, nn.LeakyReLU)):
                module.register_forward_pre_hook(lambda _, inputs: self._see(inputs[0]))
        gan.l1.register_forward_pre_hook(lambda _, inputs: self._see(inputs[0] - inputs[1]))

    def forget(self, limit: float = 0.0, asked: list[bool] | None = None) -> None:
        """Begins a step, which ends by NearKink once all samples `asked` for are below the limit."""
        self.least = torch.tensor(torch.inf)
        self.limit, self.asked = limit, asked

    @torch.no_grad()
    def _see(self, z: Tensor) -> None:
        distances = z.abs().flatten(1).amin(1) / z.square().mean().sqrt()
        self.least = torch.minimum(self.least, distances)
        if self.asked is not None and all(self.near[torch.tensor(self.asked)]):
            raise NearKink

    @property
    def near(self) -> Tensor:
        """Whether each sample is."""
        return self.least < self.limit


class Cancellation:
    """Measures how far the gradient of a judge's last bias, and its first moment, cancel.

    Each is a single number, divided by the sum of the absolute values of its summands.
    """

    def __init__(self, gan: CycleGan) -> None:
        self.beta1, _ = gan.discriminators_adam.defaults["betas"]
        self.sums = {}
        for name in ("D_X", "D_Y"):
            last = gan.nets[name][-1]
            last.register_forward_hook(lambda module, _, scores, name=name: self._watch(module, scores, name))

    def _watch(self, module: nn.Module, scores: Tensor, name: str) -> None:
        if module.bias.requires_grad:
            scores.register_hook(lambda gradient: self._see(gradient, name))

    def _see(self, gradient: Tensor, name: str) -> None:
        signed, absolute = self.sums.get(name, (0.0, 0.0))
        self.sums[name] = (signed + gradient.sum().item(), absolute + gradient.abs().sum().item())

    def share(self, moments: Mapping[str, float]) -> float:
        """Returns the least share of the step; `moments` are those before it, by network."""
        shares = []
        for name, (signed, absolute) in self.sums.items():
            old, new = self.beta1 * moments[name], 1 - self.beta1
            shares += [abs(signed) / absolute, abs(old + new * signed) / (abs(old) + new * absolute)]
        return min(shares)


class Stepper:
    """Makes steps from canonical states in one precision, with PyTorch's own optimizer."""

    def __init__(self, request: dict, dtype: torch.dtype) -> None:
        sizes = request["sizes"]
        self.parameters = request["parameters"]
        self.histories = request["histories"]
        self.dtype = dtype
        self.gan = CycleGan(
            Sizes(sizes["size"], sizes["ngf"], sizes["ndf"], sizes["blocks"], sizes["lambda"]),
            batch=request["batch"],
            rate=request["rate"],
            fused=False,
        )
        for net in self.gan.nets.values():
            net.to(dtype)
        self.margin = Margin(self.gan)
        self.cancellation = Cancellation(self.gan)

    def _adams(self) -> dict[str, torch.optim.Adam]:
        judges, generators = self.gan.discriminators_adam, self.gan.generators_adam
        return {"G": generators, "F": generators, "D_X": judges, "D_Y": judges}

    def load(self, state: State) -> None:
        gan = self.gan
        load_weights(gan.nets, self.parameters, state)
        gan.restart()
        adams = self._adams()
        for name, parameter in named(gan.nets, self.parameters):
            net = name.split(".")[0]
            adams[net].state[parameter] = {
                "step": state[f"adam.t/{net}"].to(torch.float32).clone(),
                "exp_avg": to_torch(state[f"adam.m/{name}"]).to(self.dtype).clone(),
                "exp_avg_sq": to_torch(state[f"adam.v/{name}"]).to(self.dtype).clone(),
            }
        for judge, key in self.histories.items():
            for slot, pool in enumerate(gan.pools[judge]):
                held = images_to_torch(state[f"history/{key}/{slot}"]).to(self.dtype)
                pool.images = list(held.split(1))

    def state(self) -> State:
        adams, state = self._adams(), {}
        for name, parameter in named(self.gan.nets, self.parameters):
            net = name.split(".")[0]
            moments = adams[net].state[parameter]
            state[f"param/{name}"] = to_canonical(parameter.detach())
            state[f"adam.m/{name}"] = to_canonical(moments["exp_avg"])
            state[f"adam.v/{name}"] = to_canonical(moments["exp_avg_sq"])
            state[f"adam.t/{net}"] = moments["step"]
        for judge, key in self.histories.items():
            for slot, pool in enumerate(self.gan.pools[judge]):
                state[f"history/{key}/{slot}"] = images_to_canonical(torch.cat(pool.images))
        return state

    def share(self, before: State) -> float:
        lasts = {net: before[f"adam.m/{self.parameters[net][-1]}"] for net in ("D_X", "D_Y")}
        return self.cancellation.share({net: moment.item() for net, moment in lasts.items()})

    def step(self, before: State, batch: State, places: dict[str, list[int]]) -> tuple[State, State]:
        """Returns the state after, and the compared losses, gradients, updates and histories."""
        self.load(before)
        self.cancellation.sums.clear()
        x, y = (images_to_torch(batch[domain]).to(self.dtype) for domain in ("X", "Y"))
        losses = self.gan.step(x, y, places)
        after = self.state()
        compared = {f"loss/{name}": torch.tensor(value, dtype=self.dtype) for name, value in losses.items()}
        for name, parameter in named(self.gan.nets, self.parameters):
            compared[f"gradient/{name}"] = to_canonical(parameter.grad)
            compared[f"update/{name}"] = after[f"param/{name}"] - before[f"param/{name}"].to(self.dtype)
        compared |= {key: value for key, value in after.items() if key.startswith("history/")}
        return after, compared


def rounded(tensors: Mapping[str, Tensor], prefix: str = "") -> State:
    return {prefix + key: value.to(torch.float32).contiguous() for key, value in tensors.items()}


@dataclass(frozen=True)
class Found:
    """A step of the reference."""

    numbers: list[int]
    """How often the images of each sample were drawn before."""
    batch: State
    after: State
    compared: State
    margin: float


def draw(request: dict, step: int, numbers: list[int]) -> State:
    """Images by domain, those of sample `s` drawn for the `numbers[s]`-th time."""
    size = request["sizes"]["size"]
    images: dict[str, list[Tensor]] = {"X": [], "Y": []}
    for slot, number in enumerate(numbers):
        seed = ((slot * 1000 + request["seed"]) * 1000 + step) * 1000 + number
        generator = torch.Generator().manual_seed(seed)
        for drawn in images.values():
            drawn.append(2 * torch.rand(1, size, size, 3, generator=generator) - 1)
    return {domain: torch.cat(drawn) for domain, drawn in images.items()}


def found(request: dict, reference: Stepper, before: State, step: int, first: list[int]) -> Found | None:
    """The step on the first images, from those draws on, that keep away from kinks and cancellation."""
    numbers, redrawn = first, [True] * len(first)
    margin = reference.margin
    while max(numbers) < MAX_DRAWS:
        batch = draw(request, step, numbers)
        margin.forget(request["margin"], redrawn)
        try:
            after, compared = reference.step(before, batch, request["places"][step])
        except NearKink:
            redrawn = margin.near.tolist()
        else:
            redrawn = margin.near.tolist()
            if not any(redrawn):
                if reference.share(before) >= request["share"]:
                    return Found(numbers, batch, after, compared, margin.least.min().item())
                redrawn = [True] * len(numbers)
        numbers = [number + again for number, again in zip(numbers, redrawn, strict=True)]
    return None


def trajectory(request: dict, reference: Stepper, initial: State) -> list[tuple[State, Found]]:
    """All steps, each with the state before it.

    An image that a pool recalls is drawn no more. Where it is near a kink of its judge, the step
    before is made with other images, which moves the judge.
    """
    steps: list[tuple[State, Found]] = []
    before, first = initial, [0] * request["batch"]
    for _ in range(10 * len(request["places"])):
        if len(steps) == len(request["places"]):
            return steps
        made = found(request, reference, before, len(steps), first)
        if made is not None:
            steps.append((before, made))
            before, first = rounded(made.after), [0] * request["batch"]
        elif steps:
            before, last = steps.pop()
            first = [number + 1 for number in last.numbers]
        else:
            break
    sys.exit(f"step {len(steps)}: no images keep away from kinks and from cancellation")


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    request = json.loads((folder / "request.json").read_text())
    reference, single = Stepper(request, torch.float64), Stepper(request, torch.float32)
    steps = trajectory(request, reference, load_file(folder / "initial.safetensors"))
    for step, (before, made) in enumerate(steps):
        if step >= request["unseen"]:
            _, compared32 = single.step(before, made.batch, request["places"][step])
            save_file(
                rounded(before, "before/")
                | rounded(made.batch, "batch/")
                | rounded(made.compared, "reference/")
                | rounded(compared32, "float32/"),
                folder / f"{step}.safetensors",
                metadata={"draws": str(max(made.numbers) + 1), "margin": str(made.margin)},
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
