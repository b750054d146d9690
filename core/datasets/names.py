"""What a column's name says of whole numbers in it: amounts, names of things, ranks, rows, or whose a row is.

English words and some of other languages, in no particular order, without accents; nothing here looks at cells.
"""

from __future__ import annotations

import re
import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What says that a thing's number or code follows, or stood before, in several languages.
CODE_WORDS = _words(
    "code codes cd cod codigo codice kod kode kodu koodi cve clave sifra kennung код коду קוד كود رمز κωδικος 코드 รหัส"
)
NUMBER_WORDS = _words(
    "no nr nro num numero nummer nomor numer numara numarasi cislo номер מספר رقم αριθμος 번호 number"
)
# Digits that are a name whatever they look like.
CODE_NAMES = _words(
    "zip zipcode zip4 postal postcode postalcode plz phone telephone tel fax mobile account acct iban bic isbn"
    " issn ean upc gtin sku barcode ssn fips icd sic naics cusip isin imei vin serial licence license"
    " passport cas nhs npi cik permno gvkey ticker codigo kod kode"
    " schlussel schluessel kennziffer ags ibge insee siren siret nif cnpj cpf cedula ico psc cep cvr orgnr kommunenr regno regnr regnum"
    " csp teryt simc regon pesel nip krs telefon telefono telefone telefoon telefonnummer rufnummer tlf celular pmid pmcid imo mmsi orcid oclc lccn uprn usrn ring"
)
LONG_CODES = _words(
    "phone telephone tel fax mobile telefon telefono telefone celular account acct iban ring imei vin passport"
)
# Of the rows of an experiment, one after the other.
RUN_NAMES = _words("run runorder run_order order stdorder std_order runno run_no")
CODE_ENDS = ("fips", "zipcode", "postcode", "isbn", "iban")
ROW_NAMES = _words(
    "rownames rowname row.names row_names row_name rownum row_number rownumber index idx unnamed:_0 unnamed obs"
    " obsno obs_no observation observations case caseno caseid casenum no nr num # rec record recno entry seq"
    " seqno sl_no slno s.no sno serial number fid oid gid udi objectid sl lfd lfdnr lfd_nr nro registro participants 序号 序號"
)
# Whose rows these are: the same one has several.
WHOSE_NAMES = _words(
    "id ids subject subjects subj sub patient pat ptid person pers pid participant respondent student pupil"
    " child_id household hh hhid hhno animal rat mouse dog cow calf sheep pig lamb bird fish rabbit monkey horse"
    " worker employee customer client user player firm company individual indiv uid userid idnum idno idcode nid"
    " tag bib casenum caseno subids newpid hogar vivienda mouseid ratid subjid subjectid patientid studentid personid customerid caseid schoolid chick"
    " seqn empno custno acctno studno memberno"
)
NOMINAL_NAMES = _words(
    "season iso pair chick brood rail school group grp treatment treat trt trtmt tx block blk plot subplot site sex"
    " gender race ethnicity ethnic eth region reg state county country district province zone city town village"
    " type typ code category categ cluster cohort batch lot family fam litter dam sire tree lab laboratory"
    " operator machine instrument device analyst technician variety cultivar genotype gen strain species spp"
    " stratum strata psu clinic center centre ward doctor physician surgeon rater judge observer interviewer"
    " reader inspector teacher team driver method diet drug medication arm marital marstat married religion relig"
    " party sector brand product store shop market channel origin color colour shape carrier language dialect"
    " muni categorical bracket source location loc station quadrant replicate replicates replication rep reps specimen vendor supplier factor cask"
    " setting protocol department dept division branch agency bank industry indus ethgrp institution wafer tool"
    " chamber seed host clone provenance farm farmer field herd flock pen barn cage tank aquarium pond nest colony community comm"
    " neighborhood neighbourhood tract precinct parish chain panel circuit route platform browser segment labels"
    " label fac facility hist histology tray pot bench greenhouse strip plate slide well array transect quadrat quad"
    " habitat vegetation veg soil island lake river watershed basin forest stand biome reef trap net bait referee ref"
    " league conference tournament course major program programme curriculum track stream crew mould mold furnace oven"
    " reactor heating roof wall fuel housing borough caste tribe nationality citizenship surgeon nurse"
    " therapist payer relation relationship disease diagnosis dx tumor tumour abo phenotype haplotype taster"
    " panelist assessor juror stimulus stim item list version booklet scenario vignette hand side eye limb regime"
    " government coalition campaign promo make maker manufacturer transmission therapy vaccine material"
    " landuse zoning constituency municipality journal publisher venue"
    " sexo sexe sesso geschlecht kjonn provincia provincias estado departamento departement municipio comuna comune"
    " commune canton kanton distrito distrikt barrio zona regione bundesland kreis landkreis wahlkreis bezirk gemeinde"
    " stadtteil ortsteil okres kraj obec fylke kommune tipo gruppe grupo groupe klasse kategorie categoria categorie"
    " partei partido konto schule escuela ecole"
    " task speaker listener viewer narrator actor initials justice clus clust hid cid sid famid ciudad cidade citta ville stadt"
    " kota pais pays paese estacion"
    " shelf box cabinet drawer rack crate elk"
    " paddock orchard vineyard allotment parcel compartment hut cabin"
    " dorm dormitory campus faculty university college squad club franchise stadium arena courthouse"
    " lawyer attorney senator representative politician mayor ministry embassy"
    " topic theme genre subcategory subclass subtype subgroup subfamily"
    " sensor logger probe gauge meter antenna beacon buoy tower mast turbine pump valve gearbox bearing robot nozzle spindle"
    " lathe extruder mill kiln boiler hopper conveyor vessel barge train tram"
    " airline airport terminal gate runway port harbour harbor dock pier berth junction intersection crossroad"
    " electorate riding oblast rayon raion powiat gmina wojewodztwo voivodeship judet"
    " mauza caza kecamatan kabupaten kelurahan barangay upazila mandal tehsil taluk taluka panchayat woreda kebele"
    " gemeente wijk buurt provincie lansi maakunta kunta kommun landsdel regencia aldea caserio manzana cuadra ilce mahalle"
    " geslacht sukupuoli cinsiyet plec zanr genero familienstand zivilstand beruf branche abteilung"
    " filiale standort farbe marke modell fach kurs behandlung parzelle sorte betrieb stall rasse religia religione religiao"
    " profesion ocupacion ocupacao estadocivil parentesco nacionalidad raza etnia carrera facultad asignatura turno sede bodega sucursal"
    " tienda producto rubro sectores profissao raca racacor cor bairro objetivo curso disciplina couleur marque filiere"
    " metier secteur domaine statut nationalite situation sitfam traitement parcelle bloc"
    " reparto settore titolo scuola"
)
# Words run together end like these: agegrp, celltype, jobcode.
NOMINAL_ENDS = ("group", "grp", "type", "code", "categ", "species", "district", "region", "stelle", "zona")
RANKED_ENDS = ("educ", "medu", "fedu", "pedu")
# Mostly names, but amounts often enough to be asked for.
MAYBE_NOMINAL_NAMES = _words(
    "status stat position occupation occup occ mode line section cell die hospital condition cond form role job"
    " cause reason class inst cat classroom plant model shift pos unit sample series lane sess"
    " conditions circumstances lighting surface manoeuvre"
    " experiment expt quarter qtr seas mth subset flag choice alternative action vote purpose"
    " reference impact movement object detail sequence sheet urbanicity urbanization urbanisation"
    " bag bottle jar vial tube dish flask beaker cup hive queen goat deer turtle frog snake spider beetle larva pupa"
    " fly mosquito worm snail mussel crab shrimp salmon trout seedling sapling bush hedge branch twig shoot bud"
    " flower fruit pod ear tuber bulb rosette tent seat court ship boat bus truck lorry pallet container book verse"
    " wagon aircraft airplane president engine motor chapter leaf shrub bull bitch mare foal piglet candidate"
)
RANKED_NAMES = _words(
    "stage grade level lvl tier severity rank rating quality satisfaction likert agreement pclass education educ"
    " edu degree weekday wday dow priority risk opinion attitude importance performance ps ecog"
)
AMOUNT_NAMES = _words(
    "n num number count counts freq frequency total sum age ages year yr day week month hour hr minute min second"
    " sec time t date dose conc concentration size length len width height weight wt ht score mark rank value"
    " price cost income salary wage wages amt amount rate pct percent perc percentage ratio temp temperature speed"
    " distance depth area volume vol mass population pop experience exper tenure duration dur period trial"
    " order range x y z lag interval term round wave visit session rainfall rain pressure"
    " intensity density power cyl gear carb carburetors cylinders horsepower hp mpg siblings sibs sibsp parch kids"
    " kid children boys girls rooms bedrooms beds bathrooms baths garage floors stories storeys bath bed room"
    " lotsize visits accidents births deaths cases wins losses goals points runs hits errors absences parity"
    " gravidity pregnant pregnancies response yield latitude longitude lat lon lng quantity qty sold units degrees"
    " frame frames cycle cycles epoch epochs iteration iterations iter step tick ticks generation"
    " steps cigs cigarettes drinks died alive dead survived infected events successes failures trials male female"
    " males females"
    " anzahl betrag summe menge preis wert jahr monat stunde woche alter gewicht hohe hoehe lange laenge breite dauer"
    " flache flaeche einwohner umsatz kosten punkte antall valor cantidad precio importe monto edad mes dia poblacion"
    " superficie montant prix quantite annee mois jour taux effectif quantidade preco idade ano anno eta prezzo pocet"
    " zeitpunkt messzeitpunkt cena rok belop aantal prijs jaar lap laps weeks semaine semana settimana woche uke vecka tyden weken tour"
)
# Amounts that are hardly 1, 2, 3 of something: whole numbers in a row under such a name are brackets.
AGES = _words("age ages alter edad idade eta")
BRACKETED = AGES | _words(
    " income salary wage wages price cost revenue earnings einkommen gehalt lohn umsatz kosten preis ingreso ingresos renta"
    " inc incm hhinc hhninc faminc"
    " salario precio revenu salaire prix reddito stipendio prezzo renda receita"
)
BANDS = _words("band bands bracket brackets quintile quartile decile tercile")
BANDS_GLUED = re.compile(
    r"(age|inc|income|price|salary|edad|alter|bmi)(range|gr|grp|group|cat|categ|band|break|bin|cl|class|quint|q)\d?$"
)
SIZED = _words("town city village community municipality settlement firm company business organisation organization")
ENDS_IN_NUMBER = re.compile(r"[a-z]+(?:num|number|nbr)$")
NUMBER_GLUED = re.compile(r"(\w{3,})(?:no|nr|nro|number|numb)$")
OF_WHAT = NOMINAL_NAMES | MAYBE_NOMINAL_NAMES | RANKED_NAMES | BANDS  # what such a name is of says nothing of it
MEASURED = AMOUNT_NAMES - NUMBER_WORDS - CODE_WORDS  # what makes of a code's name an amount: account length
NOT_PLURAL = _words(
    "conditions circumstances replicates class status series species mass gas bias press dress ss us loss gross ps process"
)
CODE_FIRST = re.compile(r"^(?:code_|tp_|cd_|(?:cod|codigo|kod|kode)[ _.])\w", re.I)  # CODE_POSTAL, cod. regione, TP_COR
CODE_GLUED_LAST = ("코드", "コード", "代码", "代碼", "编码")
CODE_GLUED = re.compile(r"(?:codigo|codice)(?=\w{3})")  # codigoentidad
# How names end in Chinese, Japanese and Korean, where nothing stands between words: 件数, 負傷者数; 当事者種別, 性别.
AMOUNT_ENDS = tuple(
    _words(
        "数 數 量 額 额 率 价格 価格 價格 面積 面积 人口 年齢 年龄 年齡 年 月 日 時 时 年度 年份 月份 距離 距离 時間 时间"
        " 수 율 금액 년 월 연도"
    )
)
NAME_ENDS = tuple(_words("別 别 区分 區分 種類 种类 類型 类型 分類 分类 コード 代碼 代码 구분 유형 코드 종류"))
# Words that end in “id” or begin with it and say nothing of an id.
NO_IDS = _words(
    "acid acrid afraid aid aphid arid avid bid braid candid covid cupid david did druid"
    " eyelid fluid forbid geoid grid hominid humid hybrid invalid kid laid"
    " lid lipid liquid lucid lurid madrid maid medicaid mid morbid nucleotid orchid overpaid paid placid"
    " plaid plasmid prepaid pyramid raid rapid rigid solid sordid splendid squalid squid stupid"
    " timid unpaid valid vivid"
    " idea ideal ideale ideally ideas identified identity idiom idiot idle idling idol idoneidad idioma idiomas idade"
)
JOINS = _words("of de di da do d des du del della von der den af av")
COUNTED_FIRST = _words("n num no nr number count total nb numof nof tot sum avg mean log")
# Questions for an amount.
HOW_MANY = re.compile(
    r"\b(how (many|much|often|long|old)|number of|combien|cu[aá]nt[oa]s?|quant[oiae]s?|wie ?(viele?|oft|lange)|hoeveel|ile (razy|lat))\b",
    re.I,
)
# “Nº expediente” is one thing's number; “Nº de hijos” says how many.
NUMBER_OF = re.compile(r"^n[º°]\.? *(?!.*\b(?:de|di|da|do|d|des|of|von)\b)\w*[a-z]", re.I)
CUT_OFF = 10  # letters: where old formats end a name
NUMBERED_LAST = _words("no nr num number code id name label")
AMOUNT_FIRST = _words(
    "pct percent perc percentage share mpg size dist distance price cost pop population rate mean avg total time dose yrs years"
)
UNNAMED = _words("x v c f var col column variable field feature")  # what numbered columns are called for want of a name
YEARLY = _words("season version edition release vintage cohort model issue census election budget")
DATE_PARTS = _words("day days month hour hr minute min second sec week doy yday jday julian dom mon mm dd hh")
# Words for a date where the day stands before the month, also those that forms write in front of answers.
DAY_FIRST = _words(
    "fecha datum dato dia horodateur jour marca zeitstempel carimbo cronologiche tarih tarihi damgasi tanggal waktu"
    " tijdstempel znacznik sygnatura czasowa дата отметка pvm paivamaara dag ngay tidsstampel"
)
THINGS = _words("owner order transaction invoice payment item post tweet message event session record parent response")
PLACES = _words("zip zipcode zips postcode postal postalcode plz cp cap")
# What says of a row whether it is an anomaly, or what shall be foretold: as the whole name, its last word, any of its words;
# and what may stand behind it.
LABEL_WHOLE = _words("y class target outcome outcomes label labels ground_truth groundtruth gt diagnosis y_true")
LABEL_LAST = _words("label labels target outcome bad anomalie ausreisser betrug fraude defekt ausfall")
LABEL_WORDS = _words(
    "outlier anomaly anomalous abnormal fault faulty defect defective fraud fraudulent failure failed fail attack"
    " malicious malware intrusion suspicious spam scam churn churned default defaulted"
)
FLAG_WORDS = _words("flag indicator ind yn bool binary")
COUNTED_LAST = _words("count counts rate ratio score number")
BATTERY = re.compile(r"^(.*?[A-Za-z])[._ ]?(\d{1,3})[a-z]?$")


def tokens(name: str) -> list[str]:
    """A column's name as its words: “numKids”, “num.kids” and “NUM_KIDS” are num, kids."""
    apart = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    plain = unicodedata.normalize("NFC", apart)  # Korean letters were taken apart as well
    parts = re.sub(r"[(\[].*?[)\]]", " ", plain.replace("ß", "ss"))
    parts = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", parts)
    parts = re.sub(r"([A-Za-z])(\d)", r"\1 \2", parts)
    return [part for part in re.split(r"[^\w#]+|_", parts.lower()) if part]


def says_label(name: str) -> bool:
    """Whether the name is one of a label: fraud_flag, isBad, outcome. How many there are is none: failed_count."""
    words = tokens(name)
    while len(words) > 1 and words[-1] in FLAG_WORDS:
        words.pop()
    if not words or words[0] in COUNTED_FIRST or words[-1] in COUNTED_LAST:
        return False
    whole = "_".join(words) in LABEL_WHOLE or words[-1] in LABEL_LAST
    return whole or not LABEL_WORDS.isdisjoint(words)


def says_place(name: str) -> bool:
    """Whether the name says that its codes are of places, which many may share: zip."""
    words = tokens(name)
    return not PLACES.isdisjoint((*words, "".join(words)))


def says_code_of_letters(name: str) -> bool:
    """Whether the name says that its short words are codes: country_code, ISO3."""
    return not {"code", "codes", "iso", "abbr", "kod", "cod", "codigo", "kode"}.isdisjoint(tokens(name))


def says_day_first(name: str) -> bool:
    """Whether the name is in a language in which the day comes before the month: fecha, Datum; “date” is not."""
    words = tokens(name)
    data = words[:1] == ["data"] and (len(words) == 1 or not JOINS.isdisjoint(words)) and "of" not in words
    return data or not DAY_FIRST.isdisjoint(words)


def says_how_many(name: str) -> bool:
    """Whether the name asks for an amount, or begins with the word for a count: n_groups."""
    words = tokens(name)
    return bool(HOW_MANY.search(name)) or (len(words) > 1 and words[0] in COUNTED_FIRST)


def says_bracketed(name: str) -> bool:
    """Whether the name is that of an amount which tables often give in brackets: income, price, age, size of the town."""
    words = _without_bands(name)
    sized = len(words) > 1 and "size" in (words[0], words[-1]) and not SIZED.isdisjoint(words)
    return sized or not BRACKETED.isdisjoint(words[-1:])


def says_age(name: str) -> bool:
    """Whether the name is that of an age."""
    return not AGES.isdisjoint(tokens(name)[-1:])


def says_money(name: str) -> bool:
    """Whether the name is that of an amount of money which tables often give in brackets."""
    return not (BRACKETED - AGES).isdisjoint(_without_bands(name)[-1:])


def _without_bands(name: str) -> list[str]:
    """The name's words, of income_bracket and income_2 “income”."""
    words = tokens(name)
    while len(words) > 1 and (words[-1] in BANDS or words[-1].isdigit()):
        words.pop()
    return words


def is_plural(name: str) -> bool:
    """Whether nothing but a plural says that the name is one of amounts: familiares, eyes."""
    words = tokens(name)
    return bool(words) and AMOUNT_NAMES.isdisjoint(words) and not says_how_many(name) and _plural(words[-1])


def says_year(name: str) -> bool:
    """Whether the name says that years are years, as yearID does."""
    return not {"year", "years", "jahr", "ano", "anno", "annee"}.isdisjoint(tokens(name)[:1])


def says_part_of_a_date(name: str) -> bool:
    """Whether the name is that of a part of dates and times: day, month, hour."""
    words = tokens(name)
    return bool(words) and words[-1] in DATE_PARTS and not (words[0] == "day" and words[-1] == "week")


def says_code(name: str) -> bool:
    """Whether the name says that its digits are a name: zip, phone, account."""
    words = tokens(name)
    counted = bool(words) and (words[0] in COUNTED_FIRST or words[-1] in MEASURED)
    joined = "".join(words)
    known = any(word in CODE_NAMES or word.endswith(CODE_ENDS) for word in words) or joined in CODE_NAMES
    return not counted and known


def says_long_code(name: str) -> bool:
    """Whether the name has the word for a code that has more than one digit, as a phone's."""
    return not LONG_CODES.isdisjoint(tokens(name))


def ends_in_code(name: str) -> bool:
    """Whether the name ends in the word for a code, and says nothing of an amount: dept_code."""
    words = tokens(name)
    code = bool(words) and (words[-1] in CODE_WORDS or words[-1].endswith(CODE_GLUED_LAST))
    return bool(words) and (code or CODE_GLUED.match(words[0]) is not None) and about(name) == "name"


def says_yearly(name: str) -> bool:
    """Whether the name is of what comes out or begins each year, and is told by it: season, model."""
    return not YEARLY.isdisjoint(tokens(name)[-1:])


def says_version(name: str) -> bool:
    """Whether the name ends in the word for a version."""
    words = tokens(name)
    return bool(words) and words[-1] in ("version", "versions", "ver", "versao", "release", "revision", "firmware")


def says_row(name: str) -> bool:
    """Whether the name is one that writers give to the numbers or names of the rows."""
    return says_nothing(name) or not ROW_NAMES.isdisjoint((_bare(name), _bare(name).rstrip(".:")))


def says_run(name: str) -> bool:
    """Whether the name is one that plans of experiments give to the numbers of their rows."""
    return _bare(name) in RUN_NAMES


def says_nothing(name: str) -> bool:
    """Whether the first column has no name, or what readers call it then."""
    return _bare(name) in ("", "col_1", "x.1", "...1", "_1", "unnamed:_0", "unnamed")


def says_column(name: str) -> bool:
    """Whether the name is only what columns without one are called: col_3, V2, 4."""
    words = tokens(name)
    return not name.strip() or all(word in UNNAMED or word.isdigit() for word in words)


def _bare(name: str) -> str:
    return re.sub(r"[\s]+", "_", name.strip().lower())


NUMBER_OF_A_THING = ("番号", "番號", "番", "编号", "編號", "号码", "號碼", "コード")


def says_id(name: str) -> bool:
    """Whether the name ends in “id”, or in what says number of a thing in Chinese or Japanese."""
    words = tokens(name)
    if name.strip().endswith(NUMBER_OF_A_THING):
        return True
    if len(words) > 1 and words[0] in ("id", "identifier", "fk", "pk"):
        return True
    last = words[-1] if words else ""
    if last.endswith("#") and last[:-1] in ("id", *WHOSE_NAMES):
        return True
    run_together = last.endswith("id") and (last in WHOSE_NAMES or last[:-2] in WHOSE_NAMES | NOMINAL_NAMES | THINGS)
    return last in ("id", "ids", "cod", "codigo") or run_together


def may_say_id(name: str) -> bool:
    """Whether “id” stands at an end of the name, run together with a word that is not known: reportid, idcliente."""
    words = tokens(name)
    if not words or not NO_IDS.isdisjoint(words):
        return False
    last = words[-1]
    return (len(last) > 2 and last.endswith("id") and not last.endswith("oid")) or (
        len(words[0]) > 5 and words[0].startswith("id")
    )


def says_whose(name: str) -> bool:
    """Whether the name says whom a row is about, as “subject” or “patient_id” do."""
    words = tokens(name)
    if not words or words[0] in COUNTED_FIRST or len(words) > 2:
        return False
    if words[-1] in ("id", "ids"):
        return words[0] in WHOSE_NAMES
    if len(words) == 1 and re.sub("(no|nr|num)$", "", words[0]) in WHOSE_NAMES:
        return True  # patno
    if len(words) == 2 and words[1] in ("no", "nr", "number") and words[0] in WHOSE_NAMES:
        return True
    return words[-1] in WHOSE_NAMES and (len(words) == 1 or words[0] not in AMOUNT_NAMES)  # income_hh is no household


def ends_in_number(name: str) -> bool:
    """Whether the name is one word that ends in “number”: snum, profnumber."""
    words = tokens(name)
    return len(words) == 1 and ENDS_IN_NUMBER.fullmatch(words[0]) is not None


def numbers_things(name: str) -> bool:
    """Whether the name says one thing's number: car_number, NoControl, numero de empleado; not number of cars."""
    words = tokens(name)
    if len(words) < 2:
        return False
    if words[0] in NUMBER_WORDS:
        thing = words[-1]
        english = words[0] == "number" or "of" in words
        return not english and not _plural(thing) and not AMOUNT_NAMES.intersection(words[1:])
    return words[-1] in NUMBERED_LAST | NUMBER_WORDS and words[0] not in COUNTED_FIRST and "of" not in words


def about(name: str) -> str:
    """What the name says of whole numbers: “amount”, “name”, “maybe name”, “rank”, or nothing.

    The last word decides; “number” and the like behind it don't count.
    """
    if HOW_MANY.search(name):
        return "amount"
    words = _head(tokens(name))
    if not words or words in (["number"], ["num"]):
        return ""  # how many there are, or which one it is
    if words[-1].endswith((*AMOUNT_ENDS, *NAME_ENDS)):
        return "amount" if words[-1].endswith(AMOUNT_ENDS) else "name"
    if NUMBER_OF.match(name):
        return "name"
    if numbers_things(name) and words[0] in NUMBER_WORDS - {"num"}:
        return ""
    if words[0] in COUNTED_FIRST and len(words) > 1:
        return "amount"
    if len(words) == 2 and (len(words[0]) == 1 or words[0] in UNNAMED) and words[1].isdigit():
        return ""  # x1, V2, col_3: what a column without a name is called
    if words[-1] in CODE_WORDS and "of" not in words:
        return "name"
    first = words[0] in CODE_WORDS - {"code", "codes", "cd"} or CODE_FIRST.match(name) or CODE_GLUED.match(words[0])
    if first and not AMOUNT_NAMES.intersection(words):
        return "name"
    if _says_band(words):
        return "name"
    if (words[0] == "day" and "week" in words[1:]) or words == ["dayofweek"]:
        return "rank"
    named, numbered = words[-1] in ("label", "code", "id", "name"), words[-1] in ("no", "nr", "nro", "number")
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in NUMBERED_LAST):
        words.pop()
    last = _whole(words[-1]) if len(name.strip()) == CUT_OFF else words[-1]
    if glued := NUMBER_GLUED.match(last):  # tankno
        if glued[1] in NOMINAL_NAMES | MAYBE_NOMINAL_NAMES:
            last = glued[1]
        else:
            numbered = numbered or last.endswith(("number", "numb"))
    if named and re.sub("ies$", "y", last).removesuffix("s") in NOMINAL_NAMES:
        return "name"
    senses = (
        ("name", NOMINAL_NAMES | CODE_NAMES | (WHOSE_NAMES if len(words) < 3 else frozenset())),
        ("maybe name", MAYBE_NOMINAL_NAMES),
        ("rank", RANKED_NAMES),
    )
    of_last = next((sense for sense, known in senses if last in known), "")
    of_last = of_last or ("name" if last.endswith(NOMINAL_ENDS) else "rank" if last.endswith(RANKED_ENDS) else "")
    if of_last and not AMOUNT_FIRST.intersection(words[:-1]):
        return of_last
    plural = _plural(last)
    if plural and len(words) > 1 and last[:-1] in NOMINAL_NAMES and not AMOUNT_NAMES.intersection(words):
        return "maybe name"  # police districts: which, rather than how many
    if may_say_id(name):
        return "maybe name"
    if numbered and last in WHOSE_NAMES:
        return "name"
    if plural or AMOUNT_NAMES.intersection(words):
        return "amount"
    return "maybe name" if numbered else ""


def _head(words: list[str]) -> list[str]:
    """The words that say what it is, without those that say of what: “type of vehicle”, “reason for absence”."""
    for at, word in enumerate(words[1:], 1):
        if word in ("for", "per") or (word == "of" and words[at - 1] in OF_WHAT):
            return words[:at]
    return words[:-1] if len(words) > 1 and words[-1] == "unique" else words


def _says_band(words: list[str]) -> bool:
    """Whether the name is that of bands of an amount: age_band_of_driver, agegrp, income_cat."""
    return words[-1] in BANDS or BANDS_GLUED.match("".join(words)) is not None


def _plural(word: str) -> bool:
    return (
        len(word) > 3
        and word.endswith(("s", "ים", "ות"))
        and word not in NOT_PLURAL
        and not word.endswith(("ss", "us", "is"))
    )


def _whole(word: str) -> str:
    """The word for a thing that was cut off at its end, where that can only be one."""
    meant = {known for known in NOMINAL_NAMES if len(word) >= 8 and known.startswith(word)}
    return meant.pop() if len(meant) == 1 else word


def stem(name: str) -> str:
    """What a name shares with its neighbours of a battery of questions: “q” of q1, q2, q3; empty where none."""
    found = BATTERY.match(name.strip())
    shared = found[1].lower() if found else ""
    return "" if shared in UNNAMED else shared
