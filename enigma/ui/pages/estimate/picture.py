"""The points of the adapted model, coloured by how likely each image, or each predicted class, is right."""

import numpy as np
import streamlit as st

from enigma.analysis.estimators.by_image import of_classes, of_images, predictions
from enigma.analysis.estimators.calibration import Calibration
from enigma.analysis.projection.names import DEFAULT
from enigma.figures.screen.estimated import estimated_figure
from enigma.spec.shares import percent
from enigma.store.run_folder import Run
from enigma.ui.session import load

WAYS = ("Images", "Classes")


@st.fragment
def picture(run: Run, calibration: Calibration) -> None:
    """Drawn only when it is asked for, because it needs the projection."""
    way = st.segmented_control(
        "Colour the images by the estimate", WAYS, key="estimate.picture",
        help="How likely the adapted model is right: image by image, or over all images predicted as the same class.",
    )  # fmt: skip
    if way is None:
        return
    trajectory, classes = load(run, DEFAULT), of_classes(run, calibration)
    names, predicted = run.facts["classes"], predictions(run)
    if way == WAYS[0]:
        shares, told = of_images(run, calibration), [""] * len(predicted)
    else:
        shares = np.array([classes[names[number]][1] for number in predicted])
        told = [f"of {classes[names[number]][0]:,} images predicted so" for number in predicted]
    st.plotly_chart(estimated_figure(trajectory, shares, told), width="stretch", key=f"estimate.picture.{way}")
    said = ", ".join(f"{name} {percent(share)} of {count:,}" for name, (count, share) in classes.items())
    st.caption(
        f"{trajectory.projection.title}, step {run.frame_steps[-1]:,}. Estimated right, by predicted class: {said}. "
        "These have no interval."
    )
