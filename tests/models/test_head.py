"""Embeddings are the input of the last classification layer, whatever the architecture."""

import pytest
import torch
from torch import nn

from enigma.models import classifier, zoo
from enigma.models.classifier import embed
from enigma.models.head import find_head
from enigma.models.preprocess import Preprocess
from enigma.spec.errors import InputError

# Family, model, the layer its authors call the classifier, and the smallest size it runs at.
FAMILIES = [
    ("ResNet", "resnet18", "fc", 32),
    ("ResNeXt", "resnext50_32x4d", "fc", 32),
    ("WideResNet", "wide_resnet50_2", "fc", 32),
    ("DenseNet", "densenet121", "classifier", 32),
    ("EfficientNet", "efficientnet_b0", "classifier.1", 32),
    ("MobileNetV2", "mobilenet_v2", "classifier.1", 32),
    ("MobileNetV3", "mobilenet_v3_small", "classifier.3", 32),
    ("MNASNet", "mnasnet0_5", "classifier.1", 32),
    ("ShuffleNet", "shufflenet_v2_x0_5", "fc", 32),
    ("ConvNeXt", "convnext_tiny", "classifier.2", 32),
    ("RegNet", "regnet_y_400mf", "fc", 32),
    ("Swin", "swin_t", "head", 64),
    ("GoogLeNet", "googlenet", "fc", 64),
    ("Inception", "inception_v3", "fc", 80),
]
# So large that drawing their random weights, or one pass at the size they need, takes a second or more.
LARGE = [
    ("ViT", "vit_b_16", "heads.head", 224),
    ("MaxViT", "maxvit_t", "classifier.5", 224),
    ("VGG", "vgg11_bn", "classifier.6", 32),
]


@pytest.mark.parametrize(
    ("family", "name", "layer", "size"),
    [*FAMILIES, *(pytest.param(*family, marks=pytest.mark.slow) for family in LARGE)],
    ids=[family[1] for family in FAMILIES + LARGE],
)
def test_logits_are_the_found_layer_applied_to_the_embedding(family: str, name: str, layer: str, size: int) -> None:
    network = zoo.find_network("torchvision", name, "random", 7, seed=0).network
    model = classifier.assembled(network, Preprocess(size), None)
    assert model.head.name == layer
    assert model.head.is_exact
    assert model.head.outputs == len(model.classes) == 7
    with torch.no_grad():
        embeddings, logits = embed(model.module, torch.rand(2, 3, size, size))
        again = network.get_submodule(layer)(embeddings)
    assert embeddings.shape == (2, model.head.features)
    # Bits may differ where the layer is given a copy; nothing else may.
    torch.testing.assert_close(again, logits)


def test_convolution_that_classifies_gives_its_input_averaged_over_the_picture() -> None:
    network = zoo.find_network("torchvision", "squeezenet1_1", "random", 7, seed=0).network
    model = classifier.assembled(network, Preprocess(64), None)
    assert model.head.name == "classifier.1"
    assert not model.head.is_exact
    x = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        embeddings, logits = embed(model.module, x)
        features = network.features(x)
    torch.testing.assert_close(embeddings, features.mean((2, 3)))
    torch.testing.assert_close(logits, torch.relu(network.classifier[1](features)).mean((2, 3)))


class Tokens(nn.Module):
    """Classifies each token, then averages; and has a layer of the same size that comes to nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(4, 5)
        self.tokens, self.head, self.never = nn.Conv2d(3, 4, 8, 8), nn.Linear(4, 5), nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.tokens(x).flatten(2).transpose(1, 2)
        self.unused(tokens.mean(1))
        return self.head(tokens).mean(1)


def test_tokens_are_averaged_and_layers_that_do_not_make_the_logits_are_passed_over() -> None:
    network = Tokens()
    model = classifier.assembled(network, Preprocess(32), None)
    assert model.head.name == "head"
    embeddings, logits = embed(model.module, torch.rand(2, 3, 32, 32))
    torch.testing.assert_close(network.head(embeddings), logits)


def test_user_can_name_the_layer_and_a_wrong_name_is_explained() -> None:
    network = zoo.find_network("torchvision", "mobilenet_v3_small", "random", 7, seed=0).network
    head = find_head(network, 32, "classifier.0")
    assert (head.name, head.features, head.is_exact) == ("classifier.0", 576, False)
    with pytest.raises(InputError, match=r"`layer`.*classifier\.3.*'classifer'"):
        find_head(network, 32, "classifer")


def test_network_without_a_classification_layer_and_a_wrong_size_are_explained() -> None:
    body = nn.Sequential(nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(InputError, match="`layer`"):
        find_head(body, 32)
    with pytest.raises(InputError, match="64x64.*`input_size`"):
        find_head(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 5)), 64)
