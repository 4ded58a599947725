# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Colours that keep their differences for colour-blind readers."""

from __future__ import annotations

import math

#: Red, green and blue, from 0 to 255.
Colour = tuple[int, int, int]

#: Colours that differ by 0.08 or more in OKLab, seen normally and with each of the three kinds of
#: colour blindness (simulated); text in `ink_on` has a contrast of 4.5:1 or more on each.
PALETTE: tuple[Colour, ...] = (
    (0x92, 0xC1, 0xFD),
    (0xEC, 0xBE, 0x24),
    (0xA7, 0x90, 0xA4),
    (0xB4, 0xFB, 0xFA),
    (0xD2, 0x83, 0x3B),
    (0xFF, 0xF7, 0x8B),
    (0x72, 0x90, 0xFA),
    (0xBA, 0xC2, 0xA5),
    (0x20, 0x70, 0xB0),
    (0xD0, 0x28, 0x10),
    (0x70, 0x08, 0x40),
    (0x88, 0x20, 0xF8),
    (0x80, 0x48, 0x68),
    (0x00, 0x00, 0xC8),
    (0x98, 0x00, 0x00),
    (0x58, 0x20, 0x80),
)
INK: Colour = (0x1F, 0x23, 0x28)
WHITE: Colour = (0xFF, 0xFF, 0xFF)


def of_group(group: int) -> Colour:
    """Give one of 16 colours, another one for the neighbours at any power of 2."""
    total = 0
    while group:
        group, digit = divmod(group, len(PALETTE))
        total += digit
    return PALETTE[total % len(PALETTE)]


def luminance(colour: Colour) -> float:
    """Give how light a colour is, from 0 to 1: the relative luminance of WCAG 2."""
    red, green, blue = (
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        for x in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour: Colour) -> Colour:
    """Give what text is readable in on a colour, dark or white: that of more contrast."""
    light = luminance(colour) + 0.05
    dark = light / (luminance(INK) + 0.05)
    return INK if dark >= 1.05 / light else WHITE


def of_rank(part: float) -> Colour:
    """From light yellow at 0 to blue at 1, darker all the way; given in OKLCh."""
    lightness, chroma = 0.97 - 0.33 * part, 0.07 + 0.05 * part
    hue = math.radians(105 + 160 * part)
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    # Björn Ottosson, "A perceptual color space for image processing".
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )

    def encode(x: float) -> int:
        x = min(max(x, 0.0), 1.0)
        return round(255 * (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055))

    red, green, blue = map(encode, linear)
    return red, green, blue


def of_256(colour: Colour) -> int:
    """The nearest colour of a terminal with 256 of them."""
    steps = (0, 95, 135, 175, 215, 255)
    nearest = [min(range(6), key=lambda i, c=c: abs(steps[i] - c)) for c in colour]  # type: ignore[misc]
    return 16 + 36 * nearest[0] + 6 * nearest[1] + nearest[2]
