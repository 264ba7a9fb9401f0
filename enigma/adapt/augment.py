"""Random views of images, as the methods that need them use them.

All randomness comes from torch's generator on the CPU, whose state a checkpoint holds, whatever the device.
"""

import torch
import torchvision.transforms.v2.functional as tv
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms.v2 import AugMix, RandomCrop, RandomHorizontalFlip


def view(
    images: Float[Tensor, "batch channels height width"], *, padding: str = "edge", blur_and_noise: bool = True
) -> Float[Tensor, "batch channels height width"]:
    """CoTTA's augmentation: one random change of colour and place, the same for the whole batch.

    Brightness, contrast, saturation, hue and gamma in random order; rotation by up to 15 degrees, translation by up
    to an eighth and scale 0.9 to 1.1; a flip; with `blur_and_noise` also a slight blur and noise.

    Source: Wang et al. 2022, arXiv:2203.13591, appendix; reference code qinenergy/cotta. ROID's is the same with
    `padding` 'reflect' and without blur and noise.
    """
    height, width = images.shape[-2:]
    images = _jitter(images.clamp(0, 1))
    images = tv.pad(images, [width // 2, height // 2], padding_mode=padding)
    shift = [round(_uniform(-1 / 8, 1 / 8) * width), round(_uniform(-1 / 8, 1 / 8) * height)]
    images = tv.affine(
        images, _uniform(-15, 15), shift, _uniform(0.9, 1.1), [0.0, 0.0], interpolation=tv.InterpolationMode.BILINEAR
    )
    if blur_and_noise:
        images = tv.gaussian_blur(images, [5, 5], [_uniform(0.001, 0.5)] * 2)
    images = tv.center_crop(images, [height, width])
    if torch.rand(()) < 0.5:
        images = tv.horizontal_flip(images)
    if blur_and_noise:
        images = images + 0.005 * torch.randn(images.shape).to(images)
    return images.clamp(0, 1)


def augmix_views(
    image: Float[Tensor, "channels height width"], count: int
) -> Float[Tensor, "count channels height width"]:
    """MEMO's augmentation: `count` views of one image, each a random crop, a flip and AugMix.

    Source: Hendrycks et al. 2020, arXiv:1912.02781, as used by Zhang et al. 2022, arXiv:2110.09506, section 4.
    """
    height, width = image.shape[-2:]
    crop, flip, mix = RandomCrop((height, width), padding=height // 8), RandomHorizontalFlip(), AugMix()
    # AugMix draws on the device of its input, and knows no double precision.
    on_cpu = image.detach().clamp(0, 1).cpu().float()
    return torch.stack([mix(flip(crop(on_cpu))) for _ in range(count)]).clamp(0, 1).to(image)


def _jitter(images: Tensor) -> Tensor:
    changes = [
        lambda x: tv.adjust_brightness(x, _uniform(0.6, 1.4)),
        lambda x: tv.adjust_contrast(x, _uniform(0.7, 1.3)),
        lambda x: tv.adjust_gamma(x.clamp(1e-8, 1), _uniform(0.7, 1.3)),
    ]
    if images.shape[1] == 3:
        changes.append(lambda x: tv.adjust_saturation(x, _uniform(0.5, 1.5)))
        changes.append(lambda x: tv.adjust_hue(x, _uniform(-0.06, 0.06)))
    for position in torch.randperm(len(changes)).tolist():
        images = changes[position](images)
    return images


def _uniform(low: float | int, high: float | int) -> float:
    return torch.empty(()).uniform_(low, high).item()
