"""Every formula of the page: what the article says, and what was verified, with the test that does."""

from dataclasses import dataclass

BINARY, LAYER, ADAPT, LAYERWISE = (
    "tests/functionals/test_binary.py",
    "tests/functionals/test_layer.py",
    "tests/adapt/test_functional.py",
    "tests/test_layerwise.py",
)


@dataclass(frozen=True)
class Formula:
    """One formula from both sides; formulas are LaTeX, sentences Markdown.

    Attributes:
        article: what the article writes; empty where it is silent.
        verified: what holds.
        test: the file whose tests show it.
    """

    name: str
    article: str
    says: str
    verified: str
    holds: str
    test: str


UNIT = (
    Formula(
        "The functional",
        r"H = -\frac{1}{\ln 2} \int z \, dD, \qquad D = \frac{1}{1 + e^{-z}}",
        "Called a novel functional. The integral has no limits, so a constant is left open.",
        r"-\frac{1}{\ln 2} \int_{-\infty}^{z} z' \, dD = -D \log_2 D - (1 - D) \log_2 (1 - D)",
        "It is Shannon's binary entropy of $D$ in bits. From $z = 0$ the integral gives $H - 1$: the constant matters "
        "to the value, never to the gradient.",
        BINARY,
    ),
    Formula(
        "Its slope",
        r"\frac{dH}{dz} = -\frac{1}{\ln 2} \, z \, D (1 - D)",
        "Used in every gradient.",
        r"\max_z \left| \frac{dH}{dz} \right| = 0.32298 \;\text{ at }\; z \tanh \frac{z}{2} = 1, \; |z| = 1.5434",
        "Right to $10^{-12}$. Beyond $|z| = 1.54$ it fades: at $z = 10$ it is 0.0007: a certain unit hardly moves.",
        BINARY,
    ),
    Formula(
        "The middle",
        "",
        "The article does not mention it.",
        r"\left. \frac{dH}{dz} \right|_{0} = 0, \qquad \left. \frac{d^2H}{dz^2} \right|_{0} = -\frac{1}{4 \ln 2}",
        "$z = 0$ is stationary and unstable: a unit exactly there never moves, any other leaves. On one sample descent "
        "never changes the sign of $z$.",
        BINARY,
    ),
)

NEURON = (
    Formula(
        "The unit",
        r"z_i = \sum_j (w_{ij} + G_{ij}) \, x_j + b_i",
        "$G$ is “an additional degree of freedom”.",
        r"\Delta (w + G) = -2 \eta \, \frac{\partial H}{\partial w}, \qquad \Delta (w - G) = 0",
        "With one learning rate it is none: $w + G$ moves twice as fast and $w - G$ is conserved. $G$ becomes useful "
        "when $w$ is frozen: then it is a correction to a trained weight.",
        LAYER,
    ),
    Formula(
        "Gradients",
        r"\frac{\partial H}{\partial w_{ij}} = \frac{\partial H}{\partial G_{ij}} = "
        r"-\frac{1}{\ln 2} z D (1 - D) \, x_j, \quad \frac{\partial H}{\partial b_i} = -\frac{1}{\ln 2} z D (1 - D)",
        "Derived for one sample by the chain rule.",
        r"\max \left| \nabla_{\text{article}} - \nabla_{\text{autograd}} \right| < 10^{-12}",
        "Right. The batch, which the article leaves out, is the mean over samples here.",
        LAYER,
    ),
    Formula(
        "Update",
        r"\theta \leftarrow \theta - \eta \, \frac{\partial H}{\partial \theta}, \quad \theta \in \{w, G, b\}",
        "Descent on $H$ with learning rate $\\eta$; labels play no part.",
        r"\Delta z = \frac{\eta}{\ln 2} \, z D (1 - D) \left( 2 \lVert x \rVert^2 + 1 \right)",
        "Plain gradient descent. On one sample its step has the sign of $z$: the start, not the data's meaning, "
        "decides the answer.",
        LAYER,
    ),
)

BATCH = (
    Formula(
        "The smallest value",
        "",
        "The article says minimising $H$ makes a model “more adaptable and robust”; it has no experiment.",
        r"\inf_{w, b} \frac{1}{n} \sum_i H(z_i) = 0 \quad \text{at} \quad b = \pm \infty",
        "A constant, certain answer is optimal on any data: the same collapse as Tent's.",
        BINARY,
    ),
    Formula(
        "A remedy",
        "",
        "None in the article.",
        r"\min \; \frac{1}{n} \sum_i H(z_i) - \lambda \, H_b\!\left( \frac{1}{n} \sum_i D_i \right)",
        "The entropy of the mean output holds the batch on both sides. It presumes balanced answers.",
        BINARY,
    ),
    Formula(
        "Two classes",
        "",
        "The article sets itself apart from cross-entropy training.",
        r"H(l_1 - l_2) = \frac{1}{\ln 2} \, H_{\text{softmax}}(l_1, l_2)",
        "Descent on $H$ is two-class Tent, divided by $\\ln 2$: the same steps with a scaled rate.",
        ADAPT,
    ),
)

LAYERS = (
    Formula(
        "The trace",
        r"H^{(l)} = -\frac{1}{\ln 2} \sum_k z_k \cdot \Delta D_k",
        "The author's later papers plot the terms of this sum, which are negative, as “entropy”.",
        r"\sum_k -\frac{1}{\ln 2} z_k \cdot \Delta D_k \;\to\; H_K - H_0 \quad (\eta \to 0)",
        "A right-end Riemann sum of the change of $H$; at the published rate it overstates the fall. True entropy lies "
        "in [0, 1].",
        LAYERWISE,
    ),
    Formula(
        "The update",
        r"\nabla H = -\frac{1}{\ln 2} \left[ z D (1 - D) + \Delta D \right]",
        "Presented as learning without backpropagation.",
        r"\nabla H = -\frac{1}{\ln 2} \, z D (1 - D) \quad \text{per layer}",
        "It is gradient descent, layer by layer; $\\Delta D$ is not part of the gradient of $H$.",
        LAYERWISE,
    ),
)
