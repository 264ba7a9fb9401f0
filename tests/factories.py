"""Made-up runs, as large as a test wants them: everything that is drawn, without a model or an image."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from enigma.analysis.phases.evidence import CENTROIDS, RESAMPLES, Evidence, evidence
from enigma.analysis.trajectory import Projection, Trajectory

CLASSES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
SIZE = 32


def trajectory(
    probes: int = 1000,
    frames: int = 16,
    *,
    references: int = 1000,
    classes: tuple[str, ...] = CLASSES,
    last_step: int = 1000,
    warning: str = "",
    run_id: str = "synthetic",
    projection: str = "joint-umap",
    seed: int = 0,
) -> Trajectory:
    """A run that behaves as in the paper: clusters approach their training clusters, then leave them.

    Its accuracy rises until a few dozen steps and then falls.
    """
    rng = np.random.default_rng(seed)
    steps = recorded_steps(frames, last_step)
    count = len(classes)
    angle = np.arange(count) * 2 * np.pi / count
    means = np.stack([6 * np.cos(angle), 4.5 * np.sin(angle * 1.0 + 0.2)], axis=1) + rng.normal(0, 0.5, (count, 2))
    reference_labels = rng.integers(0, count, references)
    labels = rng.integers(0, count, probes)
    reference_points = means[reference_labels] + rng.normal(0, 0.45, (references, 2)) * (1.0, 0.6)
    positions, wrong = moving_points(rng, means, labels, steps)
    confidences, entropies, predictions = answers(rng, labels, wrong, steps, count)
    accuracy = (predictions == labels).mean(axis=1)
    time = np.log1p(steps) / np.log1p(1000)
    metrics = {
        "accuracy": accuracy,
        "entropy": entropies.mean(axis=1),
        "silhouette": 0.2 + 0.14 * time + 0.004 * rng.normal(size=frames),
        "shift_distance": 1.85 - 0.6 * time + 8.0 * np.clip(time - 0.48, 0, None) ** 2 * 2.6,
    }
    made_up = build(
        classes=classes,
        steps=steps,
        labels=labels,
        reference_labels=reference_labels,
        predictions=predictions,
        confidences=confidences,
        entropies=entropies,
        positions=positions,
        references=reference_points,
        means=means,
        metrics=metrics,
        phase_boundary=int(steps[int(np.argmax(accuracy))]),
    )
    return replace(
        made_up,
        run_id=run_id,
        source_accuracy=0.132,
        projection=replace(made_up.projection, name=projection, warning=warning, trustworthiness=0.94),
        thumbnails=sprite(labels, classes),
        thumbnail_columns=columns_for(probes),
        thumbnail_size=SIZE,
    )


def small() -> Trajectory:
    """Sixty images of three classes at five steps; round numbers, no pictures."""
    rng = np.random.default_rng(0)
    steps, probes, references = np.array([0, 1, 10, 30, 100]), 60, 45
    labels, reference_labels = np.arange(probes) % 3, np.arange(references) % 3
    means = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]], dtype=np.float32)
    drift = np.array([2.0, 1.0, 0.5, 1.0, 3.0])[:, None, None]
    positions = means[labels] + drift * rng.normal(size=(len(steps), probes, 2))
    return build(
        classes=("cat", "dog", "bird"),
        steps=steps,
        labels=labels,
        reference_labels=reference_labels,
        predictions=np.stack([np.where(rng.random(probes) < 0.3, (labels + 1) % 3, labels) for _ in steps]),
        confidences=rng.uniform(0.4, 1, (len(steps), probes)),
        entropies=rng.uniform(0, 1, (len(steps), probes)),
        positions=positions,
        references=means[reference_labels] + rng.normal(0, 0.3, (references, 2)),
        means=means,
        metrics={
            "accuracy": np.array([0.62, 0.65, 0.7, 0.72, 0.6]),
            "entropy": np.array([0.9, 0.8, 0.6, 0.4, 0.1]),
            "silhouette": np.array([0.2, 0.22, 0.3, 0.33, 0.4]),
            "shift_distance": np.array([1.8, 1.6, 1.2, 1.5, 4.0]),
        },
        phase_boundary=30,
        measured=evidence_of(np.array([0.62, 0.65, 0.7, 0.72, 0.6]), np.array([2.0, 1.6, 1.2, 1.5, 4.0])),
    )


def evidence_of(
    accuracies: np.ndarray, distances: np.ndarray, *, images: int = 20_000, error: float = 0.01, classes: int = 3
) -> Evidence:
    """As if so many images had been measured, a tenth of which become right and another tenth wrong at each frame.

    None of them has a label where an accuracy is NaN.
    """
    known = images if np.isfinite(accuracies).all() else 0
    order = (np.arange(known) + known // 10 * np.arange(len(accuracies))[:, None]) % max(known, 1)
    right = order < np.round(np.nan_to_num(accuracies) * known)[:, None]
    # Each frame errs on its own, so that no two of them can be told apart better than by their errors.
    noise = np.random.default_rng(0).normal(0, error, (len(distances), RESAMPLES))
    samples = distances[:, None] + noise - noise.mean(1, keepdims=True)
    of_classes = np.repeat(distances[:, None], classes, 1).astype(float)
    measure = CENTROIDS if np.isfinite(distances).all() else ""
    return Evidence(
        measure, distances.astype(float), distances.astype(float), samples.astype(np.float32), right, of_classes,
        np.full_like(of_classes, error), images,
    )  # fmt: skip


def build(
    *,
    classes: tuple[str, ...],
    steps: np.ndarray,
    labels: np.ndarray,
    reference_labels: np.ndarray,
    predictions: np.ndarray,
    confidences: np.ndarray,
    entropies: np.ndarray,
    positions: np.ndarray,
    references: np.ndarray,
    means: np.ndarray,
    metrics: dict[str, np.ndarray],
    phase_boundary: int,
    measured: Evidence | None = None,
) -> Trajectory:
    """A run with these numbers, each in the precision in which a recorded one has it."""
    return Trajectory(
        run_id="0123456789ab",
        title="Tent · Gaussian noise 3",
        classes=classes,
        steps=steps,
        labels=labels,
        reference_labels=reference_labels,
        predictions=predictions,
        confidences=confidences.astype(np.float32),
        entropies=entropies.astype(np.float32),
        distances=np.linalg.norm(positions - means[labels], axis=-1).astype(np.float32),
        distance_classes=np.tile(labels.astype(np.int32), (len(steps), 1)),
        reference_distances=np.linalg.norm(references - means[reference_labels], axis=-1).astype(np.float32),
        projection=Projection(
            name="umap",
            title="UMAP, fitted jointly",
            fitted_on="reference and all frames",
            warning="",
            steps=steps,
            probes=positions.astype(np.float32),
            references=references.astype(np.float32),
            means=means.astype(np.float32),
            trustworthiness=0.8,
        ),
        metrics=metrics,
        source_accuracy=0.6,
        phase_boundary=phase_boundary,
        evidence=measured or evidence(positions, predictions, labels, means),
        thumbnails=b"",
        thumbnail_columns=1,
        thumbnail_size=SIZE,
    )


def recorded_steps(frames: int, last_step: int) -> np.ndarray:
    """Whole steps from 0 to `last_step`, close together at first."""
    if frames == 1:
        return np.array([0])
    steps = np.rint(np.expm1(np.linspace(0, np.log1p(last_step), frames))).astype(np.int64)
    return np.maximum(steps, np.arange(frames))


def moving_points(rng, means, labels, steps):
    """Positions of every probe at every step, and which class each one is drawn to in the end."""
    count = len(means)
    time = (np.log1p(steps) / np.log1p(1000))[:, None, None]
    lost = rng.random(len(labels)) < 0.35
    wrong = np.where(lost, (labels + rng.integers(1, 3, len(labels))) % count, labels)
    start = means[labels] + rng.normal(0, 1.35, (len(labels), 2))
    target = means[wrong] + rng.normal(0, 0.4, (len(labels), 2))
    direction = means[wrong] / np.linalg.norm(means[wrong], axis=1, keepdims=True)
    turned = direction @ np.array([[np.cos(0.7), np.sin(0.7)], [-np.sin(0.7), np.cos(0.7)]])
    approach = 1 - np.exp(-3.2 * time)
    leave = np.clip(time - 0.5, 0, None) ** 1.5 * 9
    jitter = np.cumsum(rng.normal(0, 0.05, (len(steps), len(labels), 2)), axis=0) / np.sqrt(max(len(steps), 1)) * 4
    return start + (target - start) * approach + turned * leave + jitter, wrong


def answers(rng, labels, wrong, steps, count):
    """Confidence, entropy and prediction of every probe: sure of itself in the end, right or not."""
    time = (np.log1p(steps) / np.log1p(1000))[:, None]
    unsure = rng.random((1, len(labels)))
    entropy = 0.05 + 2.0 * unsure * np.exp(-3.5 * time * (0.6 + unsure)) * np.exp(rng.normal(0, 0.04, (len(steps), 1)))
    entropy *= np.exp(rng.normal(0, 0.03, (len(steps), len(labels))))
    turns = 0.25 + 0.6 * rng.random((1, len(labels)))
    found = 0.35 * rng.random((1, len(labels)))
    start_wrong = rng.random((1, len(labels))) < 0.33
    other = (labels + rng.integers(1, count, len(labels)) if count > 1 else labels) % count
    predictions = np.where(start_wrong & (time < found), other, labels)
    predictions = np.where((wrong != labels) & (time > turns), wrong, predictions)
    entropy = np.clip(entropy, 0, np.log(max(count, 2)))
    return np.clip(np.exp(-0.7 * entropy), 0, 1), entropy, predictions.astype(np.int64)


def columns_for(probes: int) -> int:
    """A roughly square sprite."""
    return int(np.ceil(np.sqrt(probes)))


def sprite(labels: np.ndarray, classes: tuple[str, ...]) -> bytes:
    """Grey noisy squares with a simple shape that depends on the class."""
    columns = columns_for(len(labels))
    rows = int(np.ceil(len(labels) / columns))
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 70, (rows * SIZE, columns * SIZE), dtype=np.uint8)
    picture = Image.fromarray(noise, "L")
    draw = ImageDraw.Draw(picture)
    for index, label in enumerate(labels):
        left, top = index % columns * SIZE, index // columns * SIZE
        inset = 4 + int(label) % 5 * 2
        box = (left + inset, top + 12 - inset // 2, left + SIZE - inset, top + SIZE - 6)
        (draw.ellipse if label % 2 else draw.rectangle)(box, fill=120 + int(label) * 11 % 120)
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=60)
    return stream.getvalue()
