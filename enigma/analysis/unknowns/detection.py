"""How well a score tells unknown images from known ones.

Two opposite conventions are in use for '95 %', and they are not complements. That of pytorch-ood and OpenOOD: unknown
is positive, the threshold catches 95 % of the unknown, and FPR@95 is the share of known images that are rejected with
them. That of IsoMax: known is positive, the threshold keeps 95 % of the known, and TNR@TPR95 is the share of unknown
images that are rejected. AUROC is the same in both. Every name here says which it is.

All scores are larger for images that are less known.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import auc, precision_recall_curve, roc_auc_score, roc_curve

KEPT = 0.95

Known = Float[np.ndarray, " known"]
Unknown = Float[np.ndarray, " unknown"]

TITLES: dict[str, str] = {
    "auroc": "AUROC",
    "aupr_known": "AUPR, known positive",
    "aupr_unknown": "AUPR, unknown positive",
    "fpr95_unknown_positive": "FPR@95 (unknown positive: known rejected when 95 % of unknown are caught)",
    "tnr_at_tpr95_known_positive": "TNR@TPR95 (known positive: unknown rejected when 95 % of known are kept)",
    "dtacc": "DTACC",
}


@dataclass(frozen=True)
class Detection:
    """All in [0, 1]; NaN where there are no known or no unknown images, or a score is not a number.

    Attributes:
        auroc: the chance that an unknown image scores above a known one, ties counting half.
        aupr_known: area under precision and recall with known images as positive ("AUPR-in"), by trapezia.
        aupr_unknown: the same with unknown images as positive ("AUPR-out").
        fpr95_unknown_positive: share of known images rejected by the threshold that catches 95 % of the unknown.
        tnr_at_tpr95_known_positive: share of unknown images rejected by the threshold that keeps 95 % of the known.
        dtacc: largest mean of the shares of known kept and unknown rejected, over all thresholds.
    """

    auroc: float = math.nan
    aupr_known: float = math.nan
    aupr_unknown: float = math.nan
    fpr95_unknown_positive: float = math.nan
    tnr_at_tpr95_known_positive: float = math.nan
    dtacc: float = math.nan

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def detection(known: Known, unknown: Unknown) -> Detection:
    """All metrics of one score.

    Sources: Hendrycks & Gimpel 2017, arXiv:1610.02136 (AUROC, AUPR); Liang et al. 2018, arXiv:1706.02690 (the
    95 % thresholds and detection accuracy); Macêdo et al. 2022, arXiv:2006.04005 (TNR@TPR95, DTACC).
    """
    if not (len(known) and len(unknown) and np.isfinite(known).all() and np.isfinite(unknown).all()):
        return Detection()
    scores, is_unknown = _together(known, unknown)
    false, true, _ = roc_curve(is_unknown, scores, drop_intermediate=False)
    kept, passed, _ = roc_curve(~is_unknown, -scores, drop_intermediate=False)
    return Detection(
        auroc=float(roc_auc_score(is_unknown, scores)),
        aupr_known=_aupr(~is_unknown, -scores),
        aupr_unknown=_aupr(is_unknown, scores),
        fpr95_unknown_positive=float(false[true >= KEPT].min()),
        tnr_at_tpr95_known_positive=float(1 - kept[passed >= KEPT].min()),
        dtacc=float(((true + 1 - false) / 2).max()),
    )


def oscr(known: Known, is_right: Bool[np.ndarray, " known"], unknown: Unknown) -> float:
    """Open-set classification rate: area under correct classifications against unknown images accepted, in [0, 1].

    At a threshold t, of the known images those count that are accepted (score <= t) and classified right. At most the
    accuracy, which a perfect detector reaches.

    Source: Dhamija et al. 2018, arXiv:1811.04110, section 4.
    """
    if not (len(known) and len(unknown)):
        return math.nan
    thresholds = np.unique(np.concatenate([known, unknown]))
    accepted = np.searchsorted(np.sort(known[is_right]), thresholds, side="right") / len(known)
    wrongly = np.searchsorted(np.sort(unknown), thresholds, side="right") / len(unknown)
    return float(np.trapezoid(np.r_[0.0, accepted], np.r_[0.0, wrongly]))


def h_score(accuracy: float, auroc: float) -> float:
    """Harmonic mean of accuracy on the known images and AUROC, in [0, 1].

    Source: Yu et al. 2024 (STAMP), arXiv:2407.15773, section 4.

    >>> round(h_score(0.5, 1.0), 3)
    0.667
    """
    total = accuracy + auroc
    return 2 * accuracy * auroc / total if total > 0 else math.nan


def threshold(known: Known, keep: float = KEPT) -> float:
    """The smallest score that at least a share `keep` of these known images does not exceed.

    >>> threshold(np.arange(100.0), keep=0.95)
    94.0
    """
    return float(np.sort(known)[max(0, math.ceil(keep * len(known) - 1e-9) - 1)])


def roc(known: Known, unknown: Unknown, most: int = 200) -> list[tuple[float, float]]:
    """Points (known rejected, unknown rejected) for every threshold, at most `most` of them; unknown is positive."""
    scores, is_unknown = _together(known, unknown)
    false, true, _ = roc_curve(is_unknown, scores)
    chosen = np.unique(np.linspace(0, len(false) - 1, min(most, len(false))).round().astype(int))
    return [(float(false[i]), float(true[i])) for i in chosen]


def _aupr(is_positive: Bool[np.ndarray, " all"], scores: Float[np.ndarray, " all"]) -> float:
    precision, recall, _ = precision_recall_curve(is_positive, scores)
    return float(auc(recall, precision))


def _together(known: Known, unknown: Unknown) -> tuple[Float[np.ndarray, " all"], Bool[np.ndarray, " all"]]:
    return np.concatenate([known, unknown]), np.repeat([False, True], [len(known), len(unknown)])
