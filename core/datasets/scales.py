"""Scales that people answer on, as surveys, schools and hospitals write them."""

from __future__ import annotations

# Lowest first; words of one entry stand at the same place.
SCALES: tuple[tuple[str, ...], ...] = (
    (
        *("none|no|zero|absent", "minimal|trace", "extremely low", "very low|v low", "low|lo|mild|light|slight|minor"),
        *("medium low", "medium|med|mid|middle|moderate|intermediate|average|normal|avg", "medium high"),
        *("high|hi|severe|strong|heavy|major|marked", "very high|v high|very severe|critical|very heavy"),
        *("extremely high|extreme",),
    ),
    ("tiny|extra small", "very small", "small|s", "medium|m|mid|average|moderate", "large|big|l", "very large|huge|xl"),
    ("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl|2xl", "xxxl|3xl", "4xl"),
    (
        *("strongly disagree|completely disagree|totally disagree", "disagree|mostly disagree", "somewhat disagree"),
        *("slightly disagree", "neutral|neither|neither agree nor disagree|undecided|not sure|no opinion|uncertain"),
        *("slightly agree", "somewhat agree", "agree|mostly agree"),
        *("strongly agree|completely agree|totally agree",),
    ),
    (
        *("never|not at all", "almost never|hardly ever|very rarely", "rarely|seldom", "occasionally", "sometimes"),
        *("regularly", "often|frequently", "usually|very often|most of the time", "almost always|nearly always"),
        *("always|all the time",),
    ),
    (
        *("terrible|awful|horrible|extremely poor", "very poor|very bad", "poor|bad", "fair|mediocre|below average"),
        *("typical|average|ok|okay|acceptable|satisfactory|normal", "above average", "good", "very good|great"),
        *("excellent|ideal|outstanding|superb|exceptional",),
    ),
    ("fair", "good", "very good", "premium", "ideal"),
    (
        *("very dissatisfied", "dissatisfied", "somewhat dissatisfied|slightly dissatisfied"),
        *("neutral|neither satisfied nor dissatisfied", "somewhat satisfied|slightly satisfied", "satisfied"),
        "very satisfied",
    ),
    ("very unlikely|extremely unlikely", "unlikely", "neutral", "likely", "very likely|extremely likely"),
    (
        *("not important|not at all important|unimportant", "slightly important", "somewhat important"),
        *("moderately important", "important", "very important", "extremely important"),
    ),
    ("not at all", "a little|slightly", "somewhat|moderately", "quite a bit|very much|very", "extremely"),
    ("not at all", "not very", "somewhat|fairly", "very"),
    ("worse|much worse", "somewhat worse", "same|no change|about the same", "somewhat better", "better|much better"),
    ("bottom", "middle", "top"),
    ("beginner|novice", "elementary", "intermediate", "advanced", "expert"),
    ("primary", "secondary", "tertiary"),
    (
        *("no schooling|no education", "primary|primary school|elementary|elementary school"),
        *("secondary|middle school", "some high school|less than high school|less than high school degree"),
        "high school|hs|hs grad|high school graduate|high school degree|high school diploma",
        *("vocational", "some college|some college or associate degree", "associate|associate's degree|assoc"),
        "bachelor|bachelors|bachelor's|bachelor's degree|bachelor degree|bachelors degree|college|undergraduate",
        "graduate|postgraduate|graduate degree|graduate or professional degree",
        *("master|masters|master's|master's degree", "phd|doctorate|doctoral|doctor"),
    ),
    ("bronze", "silver", "gold", "platinum|diamond"),
    (
        "child|children|infant",
        "teen|teenager|adolescent",
        "young|young adult",
        "adult|middle aged",
        "old|elderly|senior",
    ),
    ("cold|cool", "mild|warm", "hot"),
    ("early", "mid|middle", "late"),
    ("baseline", "mid", "end"),
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    (
        "mon|monday",
        "tue|tues|tuesday",
        "wed|wednesday",
        "thu|thur|thurs|thursday",
        "fri|friday",
        "sat|saturday",
        "sun|sunday",
    ),
    (
        *("jan|january", "feb|february", "mar|march", "apr|april", "may", "jun|june", "jul|july", "aug|august"),
        *("sep|sept|september", "oct|october", "nov|november", "dec|december"),
    ),
)

# German, French and Spanish ones.
SCALES += (
    (
        *("keine|kein|keiner", "sehr gering|sehr niedrig", "gering|niedrig|leicht|schwach"),
        *("mittel|mäßig|moderat|normal|durchschnittlich", "hoch|stark|schwer", "sehr hoch|sehr stark|sehr schwer"),
        "extrem",
    ),
    ("sehr klein", "klein", "mittel|mittelgroß", "groß", "sehr groß"),
    (
        *("stimme überhaupt nicht zu|stimme gar nicht zu|lehne voll ab", "stimme nicht zu|lehne ab"),
        *("stimme eher nicht zu|lehne eher ab", "teils teils|teils/teils|weder noch|neutral|unentschieden"),
        *("stimme eher zu", "stimme zu", "stimme voll zu|stimme voll und ganz zu|stimme völlig zu"),
    ),
    (
        *("trifft überhaupt nicht zu|trifft gar nicht zu", "trifft nicht zu", "trifft eher nicht zu"),
        *("teils teils|teils/teils|trifft teilweise zu|weder noch|neutral", "trifft eher zu", "trifft zu"),
        "trifft voll zu|trifft voll und ganz zu|trifft völlig zu",
    ),
    (
        *("nie|niemals", "fast nie", "selten", "gelegentlich", "manchmal", "regelmäßig", "oft|häufig"),
        *("sehr oft|sehr häufig|meistens", "fast immer", "immer"),
    ),
    ("ungenügend", "mangelhaft", "ausreichend", "befriedigend", "gut", "sehr gut"),
    (
        *("sehr schlecht", "schlecht", "mittel|mittelmäßig|durchschnittlich|okay", "gut", "sehr gut"),
        "ausgezeichnet|hervorragend",
    ),
    (
        *("sehr unzufrieden", "unzufrieden", "eher unzufrieden", "neutral|weder noch|teils teils|teils/teils"),
        *("eher zufrieden", "zufrieden", "sehr zufrieden"),
    ),
    (
        *("gar nicht wichtig|völlig unwichtig", "unwichtig", "eher unwichtig", "neutral|teils teils|teils/teils"),
        *("eher wichtig", "wichtig", "sehr wichtig"),
    ),
    ("mo|montag", "di|dienstag", "mi|mittwoch", "do|donnerstag", "fr|freitag", "sa|samstag|sonnabend", "so|sonntag"),
    (
        *("jan|januar|jänner", "feb|februar", "mär|mrz|märz", "apr|april", "mai", "jun|juni", "jul|juli"),
        *("aug|august", "sep|sept|september", "okt|oktober", "nov|november", "dez|dezember"),
    ),
    (
        *("aucun|aucune|nul", "très faible", "faible|léger|bas|basse", "moyen|moyenne|modéré|normal"),
        *("élevé|élevée|fort|forte|haut|haute|grave", "très élevé|très élevée|très fort"),
    ),
    (
        *("jamais", "presque jamais", "rarement", "parfois|quelquefois", "souvent", "très souvent"),
        *("presque toujours", "toujours"),
    ),
    (
        *("pas du tout d'accord", "pas d'accord|en désaccord", "plutôt pas d'accord"),
        *("neutre|ni d'accord ni pas d'accord|sans opinion", "plutôt d'accord", "d'accord", "tout à fait d'accord"),
    ),
    ("très mauvais", "mauvais", "passable|moyen", "bon", "très bon", "excellent"),
    ("petit", "moyen", "grand", "très grand"),
    ("lun|lundi", "mar|mardi", "mer|mercredi", "jeu|jeudi", "ven|vendredi", "sam|samedi", "dim|dimanche"),
    (
        *("janv|janvier", "févr|février", "mars", "avr|avril", "mai", "juin", "juil|juillet", "août"),
        *("sept|septembre", "oct|octobre", "nov|novembre", "déc|décembre"),
    ),
    (
        *("ninguno|ninguna|nulo", "muy bajo|muy baja", "bajo|baja|leve", "medio|media|moderado|moderada|normal"),
        *("alto|alta|grave|severo|severa", "muy alto|muy alta"),
    ),
    (
        *("nunca", "casi nunca", "rara vez|raramente", "a veces|algunas veces", "a menudo|frecuentemente"),
        *("casi siempre", "siempre"),
    ),
    (
        *("totalmente en desacuerdo|muy en desacuerdo", "en desacuerdo", "neutral|indiferente"),
        *("de acuerdo", "totalmente de acuerdo|muy de acuerdo"),
    ),
    ("muy malo|muy mala", "malo|mala", "regular", "bueno|buena", "muy bueno|muy buena", "excelente"),
    ("pequeño", "mediano", "grande", "muy grande"),
    ("lun|lunes", "mar|martes", "mié|miércoles", "jue|jueves", "vie|viernes", "sáb|sábado", "dom|domingo"),
    (
        *("ene|enero", "feb|febrero", "mar|marzo", "abr|abril", "may|mayo", "jun|junio", "jul|julio"),
        *("ago|agosto", "sep|sept|septiembre", "oct|octubre", "nov|noviembre", "dic|diciembre"),
    ),
)
