# ruff: noqa: RUF001  (words of many scripts)
"""The names of common units in other languages; what they are worth stands in core/sums/units.py.

By the unit's label there. The names of the first table belong to languages that write a decimal comma (German,
Spanish, French, Italian, Portuguese, Dutch, Polish, Russian), those of the second to ones that write a point
(Chinese, Japanese, Korean). A name that means a number, another unit or an English thing is left out: "mil", "pies".
"""

from __future__ import annotations

from typing import Final

WITH_COMMA: Final = {
    "m": "metro(s)|mètre(s)|metri|metrów|metry|metra|метр|метра|метров|метры|метрах",
    "km": (
        "kilómetro(s)|quilômetro(s)|quilómetro(s)|kilomètre(s)|chilometro|chilometri|kilometrów|kilometry|kilometrach"
        "|kilometra|kilometern|км|километр|километра|километров|километры|километрах"
    ),
    "cm": (
        "zentimeter|zentimetern|centímetro(s)|centimètre(s)|centimetro|centimetri|centymetr|centymetrów|centymetry"
        "|centymetrach|см|сантиметр|сантиметра|сантиметров|сантиметры|сантиметрах"
    ),
    "mm": (
        "millimetern|milímetro(s)|millimètre(s)|millimetro|millimetri|milimetr|milimetrów|milimetry|мм|миллиметр"
        "|миллиметра|миллиметров|миллиметры|миллиметрах"
    ),
    "in": ("zoll|pulgada(s)|pouce(s)|pollice|pollici|polegada(s)|duim|дюйм|дюйма|дюймов|дюймы|дюймах"),
    "ft": "fuß|pied(s)|piede|piedi|pés|voet|stóp|stopa|stopy|stopach|фут|фута|футов|футы|футах",
    "yd": "yarda(s)|iarde|jarda(s)|ярд|ярда|ярдов|ярды|ярдах",
    "mile(s)": "meile|meilen|milla(s)|miglio|miglia|milha(s)|mijl|mijlen|миля|мили|миль|милях",
    "nautical mile(s)": "seemeile|seemeilen|milla(s) náutica(s)|mille(s) marin(s)|zeemijl|zeemijlen",
    "m²": (
        "quadratmeter|quadratmetern|metro(s) cuadrado(s)|mètre(s) carré(s)|metri quadrati|metro quadrato"
        "|metro(s) quadrado(s)|vierkante meter|metrów kwadratowych|кв. м|квадратных метров|квадратные метры"
    ),
    "km²": "quadratkilometer|kilómetros cuadrados|kilomètres carrés|chilometri quadrati|quilômetros quadrados",
    "hectare(s)": "hektar|hectárea(s)|ettaro|ettari|hektarów|hektary|hektarach|га|гектар|гектара|гектаров|гектары",
    "acre(s)": "acri|akr|akrów|акр|акра|акров|акры|акрах",
    "L": "litro(s)|litri|litr|litrów|litry|litrach|litern|л|литр|литра|литров|литры|литрах",
    "mL": "mililitro(s)|millilitri|mililitr|mililitrów|мл|миллилитр|миллилитров|миллилитры|миллилитрах",
    "US gal": "gallone|gallonen|galón|galones|galão|galões|галлон|галлона|галлонов|галлоны",
    "kg": (
        "kilogramo(s)|quilo(s)|quilograma(s)|chilo|chilogrammo|chilogrammi|kilogramm|kilogramów|kilogramy"
        "|kilogramach|кг|килограмм|килограмма|килограммов|килограммы|килограммах"
    ),
    "g": "gramm|gramo(s)|grammi|grammo|grama(s)|gramów|gramy|г|грамм|грамма|граммов|граммы|граммах",
    "t": "tonelada(s)|tonnellata|tonnellate|tonn|тонна|тонны|тонн|тоннах",
    "lb": "libra(s)|libbra|libbre|funt|funtów|funty|funtach|фунт|фунта|фунтов|фунты|фунтах",
    "oz": "onza(s)|oncia|onça(s)|uncja|uncji|uncje|унция|унции|унций|унциях",
    "s": (
        "sekunde|sekunden|segundo(s)|seconde|secondes|secondi|secondo|seconden|sekunda|sekund|sekundy|sekundach|сек"
        "|секунда|секунды|секунд|секундах"
    ),
    "minute(s)": "minuten|minuto(s)|minuti|minuut|minuta|minut|minuty|minutach|мин|минута|минуты|минут|минутах",
    "hour(s)": (
        "std|stunde|stunden|hora(s)|heure(s)|ora|ore|uur|uren|godzina|godzin|godziny|godzinach|час|часа|часов|часы"
        "|часах"
    ),
    "day(s)": ("tag|tage|tagen|día(s)|jour(s)|giorno|giorni|dia(s)|dagen|dzień|dni|dniach|день|дня|дней|дни|днях"),
    "week(s)": (
        "woche|wochen|semana(s)|semaine(s)|settimana|settimane|weken|tydzień|tygodni|tygodnie|tygodniach|неделя|недели"
        "|недель|неделю|неделях"
    ),
    "°C": "grad celsius|grados celsius|degrés celsius|gradi celsius|graus celsius|graden celsius|stopni celsjusza"
    "|stopnie celsjusza|градусов цельсия|градусы цельсия|градусах цельсия|цельсия|цельсий",
    "°F": "grad fahrenheit|grados fahrenheit|degrés fahrenheit|gradi fahrenheit|graus fahrenheit|graden fahrenheit"
    "|stopni fahrenheita|stopnie fahrenheita|градусов фаренгейта|градусы фаренгейта|фаренгейта|фаренгейт",
    "km/h": (
        "stundenkilometer|kilometer pro stunde|kilómetros por hora|kilomètres par heure|kilomètres heure"
        "|chilometri all'ora|chilometri orari|quilômetros por hora|kilometer per uur|kilometrów na godzinę|км/ч"
        "|километров в час"
    ),
    "mph": "meilen pro stunde|millas por hora|miglia all'ora|milhas por hora|mijl per uur|mil na godzinę|миль в час",
    "m/s": "meter pro sekunde|metros por segundo|mètres par seconde|metri al secondo|м/с|метров в секунду",
    "°": "grad|grados|degrés|gradi|graus|graden|stopni|градусов",
    "kWh": "kilowattstunde|kilowattstunden|квтч|квт·ч",
    "metric hp": "pferdestärken|chevaux|caballos de vapor",
}
WITH_POINT: Final = {
    "m": "米|公尺|メートル|미터",
    "km": "公里|千米|キロメートル|킬로미터",
    "cm": "厘米|公分|センチメートル|センチ|센티미터|센치",
    "mm": "毫米|ミリメートル|밀리미터",
    "in": "英寸|吋|インチ|인치",
    "ft": "英尺|呎|フィート|피트",
    "yd": "码|ヤード|야드",
    "mile(s)": "英里|マイル|마일",
    "nautical mile(s)": "海里|해리",
    "m²": "平方米|平方メートル|제곱미터",
    "km²": "平方公里|平方キロメートル|제곱킬로미터",
    "hectare(s)": "公顷|ヘクタール|헥타르",
    "acre(s)": "英亩|エーカー|에이커",
    "L": "升|公升|リットル|리터",
    "mL": "毫升|ミリリットル|밀리리터",
    "US gal": "加仑|ガロン|갤런",
    "kg": "公斤|千克|キログラム|킬로그램",
    "g": "克|グラム|그램",
    "lb": "磅|ポンド|파운드",
    "oz": "盎司|オンス|온스",
    "t": "公吨|トン",
    "s": "秒|秒钟|초",
    "minute(s)": "分钟|分間|분",
    "hour(s)": "小时|個小時|个小时|時間|시간",
    "day(s)": "天|日間",
    "week(s)": "周|星期|週間",
    "°C": "摄氏度|摄氏|攝氏|℃|度摄氏|摂氏|섭씨",
    "°F": "华氏度|华氏|華氏|℉|화씨",
    "km/h": "公里每小时|公里/小时|キロ毎時",
}
