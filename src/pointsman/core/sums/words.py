"""How operators, functions and numbers are spelled: what core/tokens.py looks words up in.

Each operator has its English words, those of languages that write a decimal comma (German, Spanish, French, Italian,
Portuguese, Dutch, Polish, Russian), and those of languages that write a point (Chinese, Japanese, Korean).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

SPELLED: Final = {
    "+": ("plus|added to", "más|più|mais|плюс|mit zusammen", "加|加上|足す|たす|더하기"),
    "-": ("minus|less", "menos|moins|meno|минус", "减|減|减去|引く|ひく|빼기"),
    "*": (
        "times|multiplied by|per",
        (
            "mal|multipliziert mit|por|multiplicado por|fois|multiplié par|moltiplicato per|vezes|keer|maal|razy"
            "|умножить на"
        ),
        "乘以|乘|かける|掛ける|곱하기",
    ),
    "x": ("x", "", ""),
    "/": (
        "divided by|over",
        (
            "geteilt durch|durch|dividido entre|dividido por|entre|divisé par|diviso per|diviso|gedeeld door"
            "|podzielić przez|разделить на|делить на"
        ),
        "除以|割る|わる|나누기",
    ),
    "mod": ("modulo|mod", "", ""),
    "^": (
        "raised to the power of|to the power of|to the power|raised to",
        "hoch|elevado a|puissance|alla|do potęgi|в степени",
        "",
    ),
    "²": ("squared", "al cuadrado|au carré|al quadrato|ao quadrado|zum quadrat|в квадрате", ""),
    "³": ("cubed", "al cubo|au cube|ao cubo|в кубе", ""),
    "√": (
        "the square root of|square root of|square root|the sqrt of|sqrt of|sqrt",
        (
            "quadratwurzel aus|wurzel aus|raíz cuadrada de|racine carrée de|radice quadrata di|raiz quadrada de"
            "|wortel van|pierwiastek z|корень из"
        ),
        "",
    ),
    "∛": ("the cube root of|cube root of|cube root|cbrt", "kubikwurzel aus|raíz cúbica de|racine cubique de", ""),
    "!": ("factorial", "fakultät|factorielle|fattoriale|fatorial|silnia", ""),
    "percent": (
        "percent|per cent",
        "prozent|por ciento|por cento|pour cent|per cento|procent|процентов|процента",
        "パーセント|퍼센트",
    ),
    "of": ("of|of the", "von|de|di|van|от", ""),
    "off": ("off|off of", "", ""),
    "in": (
        "to|into|as|be in|is how many|are how many|is equal to how many|equals how many|makes how many",
        "nach|zu|en|à|em|para|na|naar|в|на|sind wie viele|son cuántos|son cuántas|cuántos|cuántas",
        "是多少|等于多少|是几|等于几|换算成|转换成|转换为|转成|は何|を|は|은 몇|는 몇|몇|을|를|은|는",
    ),
    # Words that are units, too: which of the two, their neighbours tell.
    "inch?": ("in", "", ""),
    "watt?": ("", "w", ""),
    # Between a unit that stands first and what it is to count: "cups are in 2 liters".
    "are": ("are|is|are there in|are in|is in|are there|equal|equals|make|makes|will make|make up", "", ""),
    "and": ("and|&", "und|y|et|и", ""),
    "a": ("a|an", "", ""),
    # What follows a unit to convert to, and a number of degrees.
    "into": ("", "", "に|で|로|으로"),
    "degrees": ("", "", "度|도"),
    # What follows a percentage and says only what it is for.
    "noun": (
        "vat|tax|sales tax|gst|tip|discount|service|service charge|gratuity|interest",
        "mwst|mehrwertsteuer|iva|tva|btw|rabatt|trinkgeld",
        "",
    ),
    # Functions of one number.
    "sin": ("sin|sine of|the sine of|sin of", "", ""),
    "cos": ("cos|cosine of|the cosine of|cos of", "", ""),
    "tan": ("tan|tangent of|the tangent of|tan of", "", ""),
    "asin": ("asin|arcsin|arcsine of", "", ""),
    "acos": ("acos|arccos", "", ""),
    "atan": ("atan|arctan", "", ""),
    "ln": ("ln|ln of|natural log of|natural logarithm of|the natural log of", "", ""),
    "log": ("log|log of|the log of", "", ""),
    "log10": ("log10|log base 10 of", "", ""),
    "log2": ("log2|log base 2 of", "", ""),
    "exp": ("exp", "", ""),
    "abs": ("abs|absolute value of|the absolute value of", "", ""),
    "floor": ("floor|floor of", "", ""),
    "ceil": ("ceil|ceiling of", "", ""),
    # Functions of several.
    "average": (
        "average of|the average of|mean of|the mean of|average|mean|avg|avg of",
        (
            "mittelwert von|durchschnitt von|media de|la media de|moyenne de|la moyenne de|media di|la media di"
            "|média de|gemiddelde van|średnia z"
        ),
        "",
    ),
    "median": ("median of|the median of|median", "médiane de|mediana de|mediana di", ""),
    "sum": (
        "sum of|the sum of|total of|the total of|sum",
        "summe von|die summe von|suma de|la suma de|somme de|la somme de|somma di|soma de|som van",
        "",
    ),
    "product": ("product of|the product of", "produkt von|producto de|produit de|prodotto di|produto de", ""),
    "min": ("min of|the minimum of|minimum of|smallest of|the smallest of|lowest of|least of", "", ""),
    "max": ("max|max of|the maximum of|maximum of|largest of|the largest of|biggest of|highest of", "", ""),
    "gcd": ("gcd|gcd of|the gcd of|greatest common divisor of|hcf of", "ggt von|mcd de|pgcd de|nwd", ""),
    "lcm": ("lcm|lcm of|the lcm of|least common multiple of", "kgv von|mcm de|ppcm de|nww", ""),
    "difference": ("difference between|the difference between|difference of", "", ""),
}  # fmt: skip
PREFIXES: Final = frozenset(
    {"√", "∛", "sin", "cos", "tan", "asin", "acos", "atan", "ln", "log", "log10", "log2", "exp", "abs", "floor", "ceil"}
)
LISTS: Final = frozenset({"average", "median", "sum", "product", "min", "max", "gcd", "lcm", "difference"})
# Another way to write a result, after "in".
FORMS: Final = {
    "binary": "binary|base 2|binär|binario|binaire|binário",
    "octal": "octal|base 8",
    "decimal": "decimal|base 10|a decimal|decimals|dezimal|décimal",
    "hexadecimal": "hexadecimal|hex|base 16",
    "roman": "roman numerals|roman|a roman numeral",
    "fraction": "a fraction|fraction|fractions",
    "percent": "percent|a percent|a percentage|percentage|per cent",
}
# What multiplies the number before it, on the short scale.
SCALES: Final = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "dozens": 12, "tausend": 1000, "millionen": 10**6, "mln": 10**6, "bn": 10**9,
    "millones": 10**6, "millions": 10**6, "milioni": 10**6, "milhões": 10**6, "miljoen": 10**6, "миллионов": 10**6,
    "万": 10**4, "億": 10**8, "亿": 10**8, "만": 10**4,
}  # fmt: skip
# Parts of what follows: "a third of 90", "half a cup".
SHARES: Final = {
    "half": Fraction(1, 2), "third": Fraction(1, 3), "thirds": Fraction(1, 3), "quarter": Fraction(1, 4),
    "quarters": Fraction(1, 4), "fifth": Fraction(1, 5), "fifths": Fraction(1, 5), "sixth": Fraction(1, 6),
    "eighth": Fraction(1, 8), "eighths": Fraction(1, 8), "tenth": Fraction(1, 10), "tenths": Fraction(1, 10),
    "hundredth": Fraction(1, 100), "thousandth": Fraction(1, 1000), "double": Fraction(2), "twice": Fraction(2),
    "triple": Fraction(3), "thrice": Fraction(3), "die hälfte": Fraction(1, 2), "la mitad": Fraction(1, 2),
    "la moitié": Fraction(1, 2), "la metà": Fraction(1, 2), "metade": Fraction(1, 2), "de helft": Fraction(1, 2),
}  # fmt: skip
ONES: Final = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen"
)
TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"


def numbers() -> dict[str, int]:
    """The numbers below a hundred, as English spells them."""
    found = {word: value for value, word in enumerate(ONES.split("|"))}
    for place, ten in enumerate(TENS.split("|"), start=2):
        found[ten] = 10 * place
        for one in ONES.split("|")[1:10]:
            found[f"{ten}-{one}"] = found[f"{ten} {one}"] = 10 * place + found[one]
    return found
