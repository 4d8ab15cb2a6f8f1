"""Converts between PyTorch's tensors and the canonical ones of ganc's engines.

Canonical images are NHWC, weights HWIO (transposed: HWOI).
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

Parameters = Mapping[str, list[str]]
"""Canonical names of the parameters of each network, in the order of its layers."""


def named(nets: Mapping[str, nn.Module], parameters: Parameters) -> Iterator[tuple[str, nn.Parameter]]:
    for net, module in nets.items():
        yield from zip(parameters[net], module.parameters(), strict=True)


def to_torch(canonical: Tensor) -> Tensor:
    """Returns [out, in, h, w], or [in, out, h, w] for transposed convolutions; biases unchanged."""
    return canonical.permute(3, 2, 0, 1).contiguous() if canonical.dim() == 4 else canonical


def to_canonical(tensor: Tensor) -> Tensor:
    return tensor.permute(2, 3, 1, 0).contiguous() if tensor.dim() == 4 else tensor


def images_to_torch(images: Tensor) -> Tensor:
    return images.permute(0, 3, 1, 2).contiguous()


def images_to_canonical(images: Tensor) -> Tensor:
    return images.permute(0, 2, 3, 1).contiguous()


@torch.no_grad()
def load_weights(nets: Mapping[str, nn.Module], parameters: Parameters, state: Mapping[str, Tensor]) -> None:
    """Sets every parameter to the state's `param/<name>`."""
    for name, parameter in named(nets, parameters):
        parameter.copy_(to_torch(state[f"param/{name}"]))
