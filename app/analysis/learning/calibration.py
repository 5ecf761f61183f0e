"""How sure the model should be among this brand's posts: a factor and three constants.

The main error of a good model on a new kind of post is the share of tones it expects. A factor for
all its decisions and a constant a tone mend that. They are fitted to the model's own decisions, which
have never seen the lessons, so no training error is learnt; every post counts alike here, for it is
shares that are sought. What the n-grams then learn stands on top.

The factor stays between SOFTEST and SHARPEST: posts that were left because nobody looked closely would
otherwise tell that the model is never wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from app.analysis.learning.examples import Example, balanced, softmax
from app.domain.learning import Row, Three

ENOUGH = 200
"""Labels from which on there is a calibration."""
AGAINST = 20
"""Among them so many at least contradict the model, and a third agrees with it."""
SOFTEST, SHARPEST = 0.3, 1.2
FURTHEST = 3.0
"""A constant is at most this."""
PRIOR = 5.0
"""How hard the parameters are held at "as it is": about as so many labels."""
DIGITS = 4
_STEPS = 20
_SETTLED = 1e-6

Calibration = tuple[Row, Row, Row]
Settings = tuple[float, float, float]
"""The factor, and the constants of negative and positive; that of neutral is zero."""
AS_IT_IS: Settings = (1.0, 0.0, 0.0)


def enough(examples: Sequence[Example]) -> bool:
    against = sum(not each.agrees for each in examples)
    return len(examples) >= ENOUGH and against >= AGAINST and balanced(examples)


def settings(examples: Sequence[Example]) -> Settings:
    """The likeliest factor and constants, rounded and within bounds."""
    factor, negative, positive = _newton(examples, AS_IT_IS, held=False)
    if not SOFTEST <= factor <= SHARPEST:
        factor = min(max(factor, SOFTEST), SHARPEST)
        factor, negative, positive = _newton(examples, (factor, 0.0, 0.0), held=True)
    low, high = (min(max(each, -FURTHEST), FURTHEST) for each in (negative, positive))
    return round(factor, DIGITS), round(low, DIGITS), round(high, DIGITS)


def applied(chosen: Settings, decisions: Three) -> Three:
    factor, negative, positive = chosen
    low, middle, high = decisions
    return factor * low + negative, factor * middle, factor * high + positive


def table(chosen: Settings) -> Calibration:
    """As a layer takes it."""
    factor, negative, positive = chosen
    return (factor, 0.0, 0.0, negative), (0.0, factor, 0.0, 0.0), (0.0, 0.0, factor, positive)


def _newton(examples: Sequence[Example], start: Settings, *, held: bool) -> Settings:
    """Newton's steps, halved until they help; `held`: the factor stays where it starts."""
    now, loss = start, _loss(examples, start, start)
    for _step in range(_STEPS):
        step = _step_from(examples, now, start, held=held)
        share = 1.0
        while share > _SETTLED:
            trial = (now[0] - share * step[0], now[1] - share * step[1], now[2] - share * step[2])
            trial_loss = _loss(examples, trial, start)
            if trial_loss <= loss:
                break
            share /= 2
        else:
            break
        now, loss = trial, trial_loss
        if max(map(abs, step)) * share < _SETTLED:
            break
    return now


def _loss(examples: Sequence[Example], chosen: Settings, start: Settings) -> float:
    ridge = PRIOR / 2 * sum((a - b) ** 2 for a, b in zip(chosen, start, strict=True))
    return ridge - sum(
        log(max(softmax(applied(chosen, each.decisions))[each.tone], 1e-300)) for each in examples
    )


def _step_from(examples: Sequence[Example], now: Settings, start: Settings, *, held: bool) -> Settings:
    """The inverse curvature times the slope, for a problem of three numbers (or, `held`, two)."""
    f, a, b = (PRIOR * (each - first) for each, first in zip(now, start, strict=True))
    ff = aa = bb = PRIOR
    fa = fb = ab = 0.0
    for each in examples:
        low, middle, high = each.decisions
        p, q, r = softmax(applied(now, each.decisions))
        mean = p * low + q * middle + r * high
        f += mean - each.decisions[each.tone]
        a += p - (each.tone == 0)
        b += r - (each.tone == 2)
        ff += p * low * low + q * middle * middle + r * high * high - mean * mean
        aa += p * (1 - p)
        bb += r * (1 - r)
        fa += p * (low - mean)
        fb += r * (high - mean)
        ab -= p * r
    if held:
        f, ff, fa, fb = 0.0, 1.0, 0.0, 0.0
    return _solved((ff, aa, bb), (fa, fb, ab), (f, a, b))


def _solved(
    diagonal: tuple[float, float, float], off: tuple[float, float, float], slope: Settings
) -> Settings:
    """The symmetric three by three system by Cramer's rule; positive definite through PRIOR."""
    (a, b, c), (d, e, f), (x, y, z) = diagonal, off, slope
    aa, ab, ac = b * c - f * f, e * f - c * d, d * f - b * e
    bb, bc, cc = a * c - e * e, d * e - a * f, a * b - d * d
    whole = a * aa + d * ab + e * ac
    return (
        (aa * x + ab * y + ac * z) / whole,
        (ab * x + bb * y + bc * z) / whole,
        (ac * x + bc * y + cc * z) / whole,
    )
