"""Measures of images by published implementations: scikit-image, SciPy, torchmetrics, and clean-fid's resizer.

Reads JSON from standard input, {"task": …, and what the task takes}; writes JSON. Images are [n, h, w, c] in [0, 1].
"""

import json
import sys

import numpy as np
from scipy import ndimage, spatial, stats
from skimage import metrics


def array(given) -> np.ndarray:
    return np.asarray(given["data"], dtype=np.float64).reshape(given["shape"])


def paired(made: np.ndarray, partners: np.ndarray) -> dict:
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    n = len(made)
    distances = spatial.distance.cdist(made.reshape(n, -1), partners.reshape(n, -1), "cityblock")
    hits = int((distances.argmin(axis=1) == np.arange(n)).sum())
    ci = stats.binomtest(hits, n).proportion_ci(method="wilson")
    pairs = list(zip(made, partners))
    return {
        "l1": [np.abs(a - b).mean() for a, b in pairs],
        "psnr": [metrics.peak_signal_noise_ratio(b, a, data_range=1) for a, b in pairs],
        "ssim": [metrics.structural_similarity(a, b, data_range=1, channel_axis=-1, **window) for a, b in pairs],
        "hits": hits,
        "wilson": [ci.low, ci.high],
    }


def levels(images: np.ndarray) -> np.ndarray:
    return np.rint(images * 255) / 255


def unpaired(made: np.ndarray, real: np.ndarray) -> dict:
    channels = range(made.shape[-1])
    a, b = levels(made), levels(real)

    def diverse(x: np.ndarray) -> float:
        return spatial.distance.pdist(x.reshape(len(x), -1), "cityblock").mean()

    return {
        "colour_mean": np.mean([abs(a[..., c].mean() - b[..., c].mean()) for c in channels]),
        "colour_spread": np.mean([abs(a[..., c].std() - b[..., c].std()) for c in channels]),
        "colour_histogram": np.mean(
            [stats.wasserstein_distance(a[..., c].ravel(), b[..., c].ravel()) for c in channels]
        ),
        "diversity": diverse(made) / diverse(real),
    }


GAUSSIAN = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def smooth(x: np.ndarray, gain: float) -> np.ndarray:
    return ndimage.convolve(x, gain * GAUSSIAN[None, :, :, None], mode="mirror")


def pyramid(images: np.ndarray) -> list[np.ndarray]:
    """As the description of Karras et al. 2018 has it."""
    out = [images]
    while min(out[-1].shape[1:3]) >= 32:
        fine = out[-1]
        coarse = smooth(fine, 1)[:, ::2, ::2]
        up = np.zeros_like(fine)
        up[:, ::2, ::2] = coarse
        out[-1] = fine - smooth(up, 4)
        out.append(coarse)
    return out


def sliced(made: np.ndarray, real: np.ndarray, places: list, directions: np.ndarray) -> dict:
    found = []
    for level, (a, b) in enumerate(zip(pyramid(made), pyramid(real))):
        sets = []
        for images, at in ((a, places[0][level]), (b, places[1][level])):
            cut = np.stack([images[k, y : y + 7, x : x + 7] for k, y, x in at])
            cut = (cut - cut.mean(axis=(0, 1, 2))) / cut.std(axis=(0, 1, 2))
            sets.append(cut.reshape(len(cut), -1) @ directions.T)
        each = [stats.wasserstein_distance(sets[0][:, p], sets[1][:, p]) for p in range(len(directions))]
        found.append(np.mean(each))
    return {"levels": found, "swd": 1000 * np.mean(found), "lists": [s[:, 0].tolist() for s in sets]}


def features(made: np.ndarray, real: np.ndarray, subset: int) -> dict:
    import torch
    from torchmetrics.image.fid import FrechetInceptionDistance
    from torchmetrics.image.kid import KernelInceptionDistance

    class Given(torch.nn.Module):
        """Features are given in the place of images."""

        num_features = made.shape[1]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    fid = FrechetInceptionDistance(feature=Given(), input_img_size=(3, 8, 8)).set_dtype(torch.float64)
    kid = KernelInceptionDistance(feature=Given(), subsets=1, subset_size=subset)
    for metric in (fid, kid):
        metric.update(torch.tensor(real), real=True)
        metric.update(torch.tensor(made), real=False)
    return {"fid": float(fid.compute()), "kid": float(kid.compute()[0])}


def resized(image: np.ndarray, size: list[int]) -> dict:
    from cleanfid.resize import make_resizer

    resize = make_resizer("PIL", False, "bicubic", tuple(size))
    return {"resized": resize(image.astype(np.uint8)).ravel().tolist()}


TASKS = {"paired": paired, "unpaired": unpaired, "sliced": sliced, "features": features, "resized": resized}


def main() -> None:
    given = json.load(sys.stdin)
    arrays = {name: array(value) for name, value in given["arrays"].items()}
    json.dump(TASKS[given["task"]](**arrays, **given["rest"]), sys.stdout)


main()
