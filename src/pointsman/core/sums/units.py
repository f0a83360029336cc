"""Units of measure: what each is worth, exactly, and how it is called in English and in symbols.

To add one, add a line to its dimension; its names in other languages stand in core/sums/units_abroad.py. A name written
"mile(s)" stands for "mile" and "miles". Case counts only in the names under `CASED`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

# What is said of a unit whose bare name means several things; what it was taken for.
US: Final = "US measures"
YEAR: Final = "a year of 365 days"
MONTH: Final = "a month of 365/12 days"
TON: Final = "a US ton of 2,000 lb"
HORSE: Final = "mechanical horsepower"
THOUSAND: Final = "1 kB is 1000 bytes, 1 KiB is 1024"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a quantity is counted in: `factor` of its dimension's base unit, from a zero that lies `offset` of it away.

    `inverse` units count the base unit's reciprocal (litres for 100 km, against km for a litre):
    `factor` is then what both multiply to. `told` says what an
    ambiguous name was taken for. `exact` is False where the factor is irrational. `parts` names the two units in
    which a mixed one is shown: feet and inches.
    """

    label: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)
    told: str = ""
    inverse: bool = False
    exact: bool = True
    parts: tuple[str, ...] = ()

    def labelled(self, value: Fraction) -> str:
        """Its name beside a number: one mile, two miles."""
        return plurals(self.label)[abs(value) != 1 and "(s)" in self.label]


def plurals(name: str) -> tuple[str, ...]:
    """Both forms of a name in which the plural's ending is marked, or the name."""
    return (name.replace("(s)", ""), name.replace("(s)", "s")) if "(s)" in name else (name,)


F = Fraction

# Length. The international yard is 0.9144 m (international yard and pound agreement, 1959); the nautical mile is
# 1852 m (1929); the astronomical unit 149 597 870 700 m (IAU resolution B2, 2012); the light-year is what light goes
# in a Julian year of 365.25 days, at 299 792 458 m/s (SI Brochure, 9th edition).
YARD: Final = F("0.9144")
FOOT: Final = YARD / 3
INCH: Final = YARD / 36
MILE: Final = YARD * 1760
NAUTICAL: Final = F(1852)
LIGHT: Final = F(299_792_458)
# Mass. The international pound is 0.45359237 kg (1959); a stone is 14 lb; the troy ounce is 480 grains of 7000 to
# the pound.
POUND: Final = F("0.45359237")
# Volume. The US gallon is 231 cubic inches (NIST Handbook 44, appendix C); the imperial gallon is 4.54609 l (Weights
# and Measures Act 1985).
LITRE: Final = F("0.001")
GALLON: Final = 231 * INCH**3
IMPERIAL: Final = F("4.54609") * LITRE
# Time. What a year is taken for is told.
DAY: Final = F(86_400)
YEARS: Final = 365 * DAY
# Force and pressure. Standard gravity is 9.80665 m/s2 (CGPM 1901); the atmosphere is 101 325 Pa (CGPM 1954); the
# conventional millimetre of mercury is 133.322387415 Pa (BS 350).
GRAVITY: Final = F("9.80665")
PSI: Final = POUND * GRAVITY / INCH**2
# Energy. The thermochemical calorie is 4.184 J; the international table Btu 1055.05585262 J (ISO 31-4).
CALORIE: Final = F("4.184")
BTU: Final = F("1055.05585262")
# To 50 digits; the first that are shown are right, whatever is done with the rest.
PI: Final = F("3.14159265358979323846264338327950288419716939937510")

# For each dimension: the label, the factor, the names, and what an ambiguous name is taken for.
Row = tuple[str, Fraction, str] | tuple[str, Fraction, str, str]
# Data, in bytes: decimal prefixes as in the SI, binary ones as in IEC 80000-13.
PREFIXES: Final = (("k", "kilo"), ("M", "mega"), ("G", "giga"), ("T", "tera"), ("P", "peta"), ("E", "exa"))
BINARY: Final = (("Ki", "kibi"), ("Mi", "mebi"), ("Gi", "gibi"), ("Ti", "tebi"), ("Pi", "pebi"))
SIZES: Final = (
    *((sign, name, F(1000) ** (place + 1)) for place, (sign, name) in enumerate(PREFIXES)),
    *((sign, name, F(1024) ** (place + 1)) for place, (sign, name) in enumerate(BINARY)),
)
DATA: Final[tuple[Row, ...]] = (
    *((f"{s}B", size, f"{s}b|{name}byte(s)", THOUSAND if size % 10 == 0 else "") for s, name, size in SIZES),
    *((f"{sign}bit", size / 8, f"{sign}bit(s)|{name}bit(s)") for sign, name, size in SIZES),
)
RATES: Final[tuple[Row, ...]] = (
    *((f"{sign}B/s", size, f"{sign}b/s|{name}bytes per second") for sign, name, size in SIZES),
    *((f"{sign}bit/s", size / 8, f"{sign}bps|{sign}bit/s|{name}bits per second") for sign, name, size in SIZES),
)
TABLE: Final[dict[str, tuple[Row, ...]]] = {
    "length": (
        ("m", F(1), "m|meter(s)|metre(s)"),
        ("km", F(1000), "km|kms|kilometer(s)|kilometre(s)"),
        ("dm", F("0.1"), "dm|decimeter(s)|decimetre(s)"),
        ("cm", F("0.01"), "cm|cms|centimeter(s)|centimetre(s)"),
        ("mm", F("0.001"), "mm|millimeter(s)|millimetre(s)"),
        ("µm", F(1, 10**6), "µm|um|micrometer(s)|micrometre(s)|micron(s)"),
        ("nm", F(1, 10**9), "nm|nanometer(s)|nanometre(s)"),
        ("in", INCH, "inch|inches|\"|''"),
        ("ft", FOOT, "ft|foot|feet|'"),
        ("yd", YARD, "yd|yds|yard(s)"),
        ("mile(s)", MILE, "mi|mile(s)"),
        ("nautical mile(s)", NAUTICAL, "nmi|nautical mile(s)|sea mile(s)"),
        ("furlong(s)", MILE / 8, "furlong(s)"),
        ("au", F(149_597_870_700), "au|astronomical unit(s)"),
        ("light-year(s)", LIGHT * F("365.25") * DAY, "ly|light year(s)|light-year(s)|lightyear(s)"),
    ),
    "area": (
        ("m²", F(1), ""),  # the names of squares and cubes are made from those of lengths
        ("km²", F(10**6), ""),
        ("cm²", F(1, 10**4), ""),
        ("mm²", F(1, 10**6), ""),
        ("in²", INCH**2, ""),
        ("ft²", FOOT**2, "sqft"),
        ("yd²", YARD**2, ""),
        ("square mile(s)", MILE**2, ""),
        ("hectare(s)", F(10**4), "ha|hectare(s)"),
        ("are(s)", F(100), "ares"),
        ("acre(s)", 4840 * YARD**2, "ac|acre(s)"),  # a chain by a furlong, of international yards
    ),
    "volume": (
        ("m³", F(1), ""),
        ("cm³", F(1, 10**6), "cc|ccm"),
        ("mm³", F(1, 10**9), ""),
        ("in³", INCH**3, ""),
        ("ft³", FOOT**3, ""),
        ("yd³", YARD**3, ""),
        ("L", LITRE, "l|liter(s)|litre(s)"),
        ("dL", LITRE / 10, "dl|deciliter(s)|decilitre(s)"),
        ("cL", LITRE / 100, "cl|centiliter(s)|centilitre(s)"),
        ("mL", LITRE / 1000, "ml|mls|milliliter(s)|millilitre(s)"),
        ("US gal", GALLON, "us gal|us gallon(s)"),
        ("US gal", GALLON, "gal|gals|gallon(s)", US),
        ("US qt", GALLON / 4, "us qt|us quart(s)"),
        ("US qt", GALLON / 4, "qt|qts|quart(s)", US),
        ("US pt", GALLON / 8, "us pint(s)"),
        ("US pt", GALLON / 8, "pint(s)", US),
        ("US cup(s)", GALLON / 16, "us cup(s)"),
        ("US cup(s)", GALLON / 16, "cup(s)", US),
        ("US fl oz", GALLON / 128, "us fl oz|us fluid ounce(s)"),
        ("US fl oz", GALLON / 128, "fl oz|fl. oz|fl. oz.|floz|fluid ounce(s)|fluid oz", US),
        ("US tbsp", GALLON / 256, "us tbsp|us tablespoon(s)"),
        ("US tbsp", GALLON / 256, "tbsp|tbsps|tablespoon(s)", US),
        ("US tsp", GALLON / 768, "us tsp|us teaspoon(s)"),
        ("US tsp", GALLON / 768, "tsp|tsps|teaspoon(s)", US),
        ("imperial gal", IMPERIAL, "imperial gal|imperial gallon(s)|uk gallon(s)|uk gal|imp gal"),
        ("imperial qt", IMPERIAL / 4, "imperial quart(s)|uk quart(s)"),
        ("imperial pt", IMPERIAL / 8, "imperial pint(s)|uk pint(s)"),
        ("imperial fl oz", IMPERIAL / 160, "imperial fl oz|uk fl oz|imperial fluid ounce(s)|uk fluid ounce(s)"),
        ("oil barrel(s)", 42 * GALLON, "oil barrel(s)|barrel(s) of oil"),
    ),
    "mass": (
        ("kg", F(1), "kg|kgs|kilo(s)|kilogram(s)|kilogramme(s)"),
        ("g", F("0.001"), "g|gram(s)|gramme(s)|gms"),
        ("mg", F(1, 10**6), "mg|milligram(s)|milligramme(s)"),
        ("µg", F(1, 10**9), "µg|ug|mcg|microgram(s)"),
        ("t", F(1000), "t|tonne(s)|metric ton(s)"),
        ("lb", POUND, "lb|lbs|pound(s)"),
        ("oz", POUND / 16, "oz|ounce(s)"),
        ("troy oz", POUND * 480 / 7000, "troy oz|troy ounce(s)|ozt"),
        ("stone", 14 * POUND, "st|stone(s)"),
        ("US ton(s)", 2000 * POUND, "us ton(s)|short ton(s)"),
        ("US ton(s)", 2000 * POUND, "ton(s)", TON),
        ("long ton(s)", 2240 * POUND, "long ton(s)|imperial ton(s)|uk ton(s)"),
    ),
    "time": (
        ("s", F(1), "s|sec|secs|second(s)"),
        ("ms", F(1, 1000), "ms|millisecond(s)|msec"),
        ("µs", F(1, 10**6), "µs|microsecond(s)"),
        ("ns", F(1, 10**9), "ns|nanosecond(s)"),
        ("minute(s)", F(60), "min|mins|minute(s)"),
        ("hour(s)", F(3600), "h|hr|hrs|hour(s)"),
        ("day(s)", DAY, "d|day(s)"),
        ("week(s)", 7 * DAY, "wk|wks|week(s)"),
        ("fortnight(s)", 14 * DAY, "fortnight(s)"),
        ("month(s)", YEARS / 12, "month(s)", MONTH),
        ("year(s)", YEARS, "yr|yrs|year(s)", YEAR),
        ("decade(s)", 10 * YEARS, "decade(s)", YEAR),
        ("centuries", 100 * YEARS, "century|centuries", YEAR),
    ),
    "data": (("byte(s)", F(1), "byte(s)"), ("bit(s)", F(1, 8), "bit(s)"), *DATA),
    "data rate": RATES,
    "speed": (
        ("m/s", F(1), "m/s|mps|meters per second|metres per second|meter per second|metre per second"),
        (
            "km/h",
            F(1000, 3600),
            "km/h|kmh|kph|kmph|kilometers per hour|kilometres per hour|kilometers an hour|km per hour",
        ),
        ("mph", MILE / 3600, "mph|mi/h|mile(s) per hour|mile(s) an hour"),
        ("ft/s", FOOT, "ft/s|fps|feet per second"),
        ("knot(s)", NAUTICAL / 3600, "kn|kt|kts|knot(s)"),
    ),
    "energy": (
        ("J", F(1), "j|joule(s)"),
        ("kJ", F(1000), "kj|kilojoule(s)"),
        ("MJ", F(10**6), "megajoule(s)"),
        ("Wh", F(3600), "wh|watt hour(s)|watt-hour(s)"),
        ("kWh", F(3_600_000), "kwh|kilowatt hour(s)|kilowatt-hour(s)"),
        ("MWh", F(3_600_000_000), "megawatt hour(s)|megawatt-hour(s)"),
        ("cal", CALORIE, "cal|small calorie(s)"),
        ("kcal", 1000 * CALORIE, "kcal|kcals|kilocalorie(s)|food calorie(s)"),
        ("BTU", BTU, "btu|btus"),
        ("eV", F("1.602176634e-19"), "ev|electronvolt(s)"),  # exact since the SI of 2019
    ),
    "power": (
        ("W", F(1), "w|watt(s)"),
        ("kW", F(1000), "kw|kilowatt(s)"),
        ("MW", F(10**6), "megawatt(s)"),
        ("mW", F(1, 1000), "milliwatt(s)"),
        ("hp", 550 * FOOT * POUND * GRAVITY, "hp|horsepower", HORSE),
        ("metric hp", 75 * GRAVITY, "metric hp|metric horsepower"),
        ("BTU/h", BTU / 3600, "btu/h|btu/hr|btu per hour"),
    ),
    "pressure": (
        ("Pa", F(1), "pa|pascal(s)"),
        ("hPa", F(100), "hpa|hectopascal(s)|millibar(s)|mbar"),
        ("kPa", F(1000), "kpa|kilopascal(s)"),
        ("MPa", F(10**6), "megapascal(s)"),
        ("bar", F(10**5), "bar|bars"),
        ("psi", PSI, "psi|pounds per square inch"),
        ("atm", F(101_325), "atm|atmosphere(s)"),
        ("mmHg", F("133.322387415"), "mmhg|mm hg"),
        ("inHg", F("3386.38864034"), "inhg|in hg|inches of mercury"),
        ("torr", F(101_325, 760), "torr"),
    ),
    "angle": (  # turns
        ("°", F(1, 360), "deg|degs|degree(s)|°"),
        ("rad", 1 / (2 * PI), "rad|rads|radian(s)"),
        ("gon", F(1, 400), "gon|gradian(s)"),
        ("turn(s)", F(1), "turn(s)|revolution(s)"),
    ),
    "fuel economy": (  # metres for a cubic metre
        ("km/L", F(10**6), "km/l|kilometers per liter|kilometres per litre|km per liter|km per litre"),
        ("L/100 km", F(10**8), "l/100km|l/100 km|liters per 100 km|litres per 100 km"),
        ("US mpg", MILE / GALLON, "us mpg"),
        ("US mpg", MILE / GALLON, "mpg|miles per gallon", US),
        ("imperial mpg", MILE / IMPERIAL, "imperial mpg|uk mpg"),
    ),
}
# Factor, offset, in kelvin; the ice point is 273.15 K (CGPM 1954), and 32 degrees Fahrenheit.
TEMPERATURES: Final = (
    ("°C", F(1), F("273.15"), "c|°c|degrees c|deg c|celsius|centigrade|degree(s) celsius|deg celsius"),
    ("°F", F(5, 9), F("459.67") * 5 / 9, "f|°f|degrees f|deg f|fahrenheit|degree(s) fahrenheit|deg fahrenheit"),
    ("K", F(1), F(0), "kelvin|kelvins"),
)
# Names whose case tells.
CASED: Final = {
    "K": "K", "MW": "MW", "mW": "mW", "MJ": "MJ", "MPa": "MPa", "MWh": "MWh", "Mb": "Mbit",
    "Gb": "Gbit", "Kb": "kbit", "Tb": "Tbit", "Mb/s": "Mbit/s", "Gb/s": "Gbit/s", "kb/s": "kbit/s", "B": "byte(s)",
}  # fmt: skip
# Money is added and multiplied, and never exchanged: rates are no definitions.
MONEY: Final = {
    "$": "$|dollar(s)|usd|buck(s)", "€": "€|euro(s)|eur", "£": "£|gbp|quid", "¥": "¥|yen|jpy", "₹": "₹|rupee(s)|inr",
}  # fmt: skip
# What is shown in two units: the larger in whole numbers, the rest in the smaller.
MIXED: Final = {
    "feet and inches": ("ft", "in"), "foot and inches": ("ft", "in"), "ft and in": ("ft", "in"),
    "pounds and ounces": ("lb", "oz"), "lb and oz": ("lb", "oz"), "stone and pounds": ("stone", "lb"),
    "hours and minutes": ("hour(s)", "minute(s)"), "minutes and seconds": ("minute(s)", "s"),
    "weeks and days": ("week(s)", "day(s)"), "days and hours": ("day(s)", "hour(s)"),
}  # fmt: skip
SQUARES: Final = {
    "m²": "m", "km²": "km", "cm²": "cm", "mm²": "mm", "in²": "in", "ft²": "ft", "yd²": "yd",
    "square mile(s)": "mile(s)",
}  # fmt: skip
CUBES: Final = {"m³": "m", "cm³": "cm", "mm³": "mm", "in³": "in", "ft³": "ft", "yd³": "yd"}


def units() -> Iterator[tuple[Unit, str]]:
    """Every unit, with its names as the table has them."""
    for dimension, rows in TABLE.items():
        for label, factor, names, *told in rows:
            unit = Unit(label, dimension, factor, told="".join(told), inverse=label == "L/100 km", exact=label != "rad")
            yield unit, names
    for label, factor, offset, names in TEMPERATURES:
        yield Unit(label, "temperature", factor, offset), names
    for label, names in MONEY.items():
        yield Unit(label, f"money in {label}", F(1)), names
