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
at least `margin` times the root mean square of their tensor away from 0. The gradient of a judge's
last bias is one number in which true and false pull against each other. Images are also drawn
again until it and its moment keep at least `share` of the absolute sum of their summands: what is
left of a sum that cancels is rounding.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from canonical import images_to_canonical, images_to_torch, load_weights, named, to_canonical, to_torch
from cyclegan import CycleGan, Sizes

State = dict[str, Tensor]

MAX_DRAWS = 1000


class Margin:
    """Least distance from a kink in a step, relative to the root mean square of its tensor."""

    def __init__(self, gan: CycleGan) -> None:
        self.least = float("inf")
        modules = [module for net in gan.nets.values() for module in net.modules()]
        for module in modules:
            if isinstance(module, (nn.ReLU, nn.LeakyReLU)):
                module.register_forward_pre_hook(lambda _, inputs: self._see(inputs[0]))
        gan.l1.register_forward_pre_hook(lambda _, inputs: self._see(inputs[0] - inputs[1]))

    @torch.no_grad()
    def _see(self, z: Tensor) -> None:
        distance = z.abs().min() / z.square().mean().sqrt()
        self.least = min(self.least, distance.item())


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
            held = images_to_torch(state[f"history/{key}/0"]).to(self.dtype)
            gan.pools[judge].images = list(held.split(1))

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
            state[f"history/{key}/0"] = images_to_canonical(torch.cat(self.gan.pools[judge].images))
        return state

    def share(self, before: State) -> float:
        lasts = {net: before[f"adam.m/{self.parameters[net][-1]}"] for net in ("D_X", "D_Y")}
        return self.cancellation.share({net: moment.item() for net, moment in lasts.items()})

    def step(self, before: State, batch: State, places: dict[str, int]) -> tuple[State, State]:
        """Returns the state after, and the compared losses, gradients, updates and histories."""
        self.load(before)
        self.margin.least = float("inf")
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


def draw(request: dict, step: int, number: int) -> State:
    generator = torch.Generator().manual_seed((request["seed"] * 1000 + step) * MAX_DRAWS + number)
    size = request["sizes"]["size"]
    return {domain: 2 * torch.rand(1, size, size, 3, generator=generator) - 1 for domain in ("X", "Y")}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    request = json.loads((folder / "request.json").read_text())
    reference, single = Stepper(request, torch.float64), Stepper(request, torch.float32)
    before = load_file(folder / "initial.safetensors")
    for step, places in enumerate(request["places"]):
        for number in range(MAX_DRAWS):
            batch = draw(request, step, number)
            after, compared = reference.step(before, batch, places)
            if reference.margin.least >= request["margin"] and reference.share(before) >= request["share"]:
                break
        else:
            sys.exit(f"step {step}: none of {MAX_DRAWS} pairs of images keeps away from kinks and from cancellation")
        if step >= request["unseen"]:
            _, compared32 = single.step(before, batch, places)
            save_file(
                rounded(before, "before/")
                | rounded(batch, "batch/")
                | rounded(compared, "reference/")
                | rounded(compared32, "float32/"),
                folder / f"{step}.safetensors",
                metadata={"draws": str(number + 1), "margin": str(reference.margin.least)},
            )
        before = rounded(after)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
