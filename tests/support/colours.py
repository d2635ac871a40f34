"""Colours as the eye has them: contrast, what dichromats see of them, and how far apart they are.

Contrast is that of WCAG 2.1. The dichromacies are those of Viénot, Brettel and Mollon (1999) for red and green and
of Brettel, Viénot and Mollon (1997) for blue, with the matrices of libDaltonLens, and beside them those of Machado,
Oliveira and Fernandes (2009) at full severity; all apply to linear RGB. The distance is CIEDE2000.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

Colour = tuple[float, float, float]
"""Linear RGB, from 0 to 1."""
_Matrix = tuple[Colour, Colour, Colour]


def linear(colour: str) -> Colour:
    """`#rrggbb` in linear RGB."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted(map(_luminance, (linear(one), linear(other))))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_VIENOT_RED: Final[_Matrix] = ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1))
_VIENOT_GREEN: Final[_Matrix] = ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1))
_BRETTEL_BLUE: Final[tuple[_Matrix, _Matrix]] = (
    ((1.01277, 0.13548, -0.14826), (-0.01243, 0.86812, 0.14431), (0.07589, 0.80500, 0.11911)),
    ((0.93678, 0.18979, -0.12657), (0.06154, 0.81526, 0.12320), (-0.37562, 1.12767, 0.24796)),
)
_BRETTEL_PLANE: Final[Colour] = (0.03901, -0.02788, -0.01113)
_MACHADO: Final[Mapping[str, _Matrix]] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _applied(matrix: _Matrix, colour: Colour) -> Colour:
    red, green, blue = (
        min(1.0, max(0.0, sum(one * part for one, part in zip(row, colour, strict=True)))) for row in matrix
    )
    return red, green, blue


def _brettel_blue(colour: Colour) -> Colour:
    side = sum(one * part for one, part in zip(_BRETTEL_PLANE, colour, strict=True))
    return _applied(_BRETTEL_BLUE[0 if side >= 0 else 1], colour)


SIGHTS: Final[Mapping[str, Callable[[Colour], Colour]]] = {
    "all cones": lambda colour: colour,
    "protanopia, Viénot": lambda colour: _applied(_VIENOT_RED, colour),
    "deuteranopia, Viénot": lambda colour: _applied(_VIENOT_GREEN, colour),
    "tritanopia, Brettel": _brettel_blue,
    "protanopia, Machado": lambda colour: _applied(_MACHADO["protanopia"], colour),
    "deuteranopia, Machado": lambda colour: _applied(_MACHADO["deuteranopia"], colour),
    "tritanopia, Machado": lambda colour: _applied(_MACHADO["tritanopia"], colour),
}
"""What is seen of a colour."""


def seen_distance(one: str, other: str, sight: str) -> float:
    """CIEDE2000 between what is seen of two colours; about 2 is just noticed side by side."""
    see = SIGHTS[sight]
    return ciede2000(_lab(see(linear(one))), _lab(see(linear(other))))


def _lab(colour: Colour) -> Colour:
    red, green, blue = colour
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = map(_lab_part, (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _lab_part(part: float) -> float:
    return math.cbrt(part) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116


def ciede2000(one: Colour, other: Colour) -> float:
    """The distance of two colours in CIELAB, as in Sharma, Wu and Dalal (2005)."""
    (light1, a1, b1), (light2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    grey = 1.5 - 0.5 * math.sqrt(mean**7 / (mean**7 + 25**7))
    chroma1, chroma2 = math.hypot(a1 * grey, b1), math.hypot(a2 * grey, b2)
    hue1, hue2 = (math.degrees(math.atan2(b, a * grey)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (hue2 - hue1 + 180) % 360 - 180 if chroma1 * chroma2 else 0.0
    hue_step = 2 * math.sqrt(chroma1 * chroma2) * math.sin(math.radians(turn / 2))
    light, chroma = (light1 + light2) / 2, (chroma1 + chroma2) / 2
    hue = (hue1 + turn / 2) % 360 if chroma1 * chroma2 else hue1 + hue2
    weight = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.2 * _cos(4 * hue - 63)
    blue = 30 * math.exp(-(((hue - 275) / 25) ** 2))
    twist = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7)) * math.sin(math.radians(2 * blue))
    in_light = (light2 - light1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    in_chroma = (chroma2 - chroma1) / (1 + 0.045 * chroma)
    in_hue = hue_step / (1 + 0.015 * chroma * weight)
    return math.sqrt(in_light**2 + in_chroma**2 + in_hue**2 + twist * in_chroma * in_hue)


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))
