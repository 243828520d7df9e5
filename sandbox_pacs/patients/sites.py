"""The hospitals of the sandbox. None exists; the wording is what such hospitals write."""

from __future__ import annotations

from readingroom.sandbox_pacs.patients.identifiers import (
    Kind,
    Site,
    Wording,
    accession,
    grouped,
    leading_zeros,
    lettered,
    plain,
    slashed,
    spaced,
    trailing_letter,
)
from readingroom.sandbox_pacs.patients.people import Device


def _wording(
    kind: Kind, code: str, study: str, series: str, body_part: str = ""
) -> tuple[Kind, Wording]:
    """One line of a table: alternatives are parted by "|"; an empty one is allowed."""
    return kind, Wording(
        tuple(study.split("|")), tuple(series.split("|")), tuple(body_part.split("|")), code
    )


def _devices(institution: str, *rows: str) -> tuple[Device, ...]:
    """Rows of manufacturer, model, software, serial and station, parted by "|"."""
    made = []
    for row in rows:
        manufacturer, model, software, serial, station = row.split("|")
        made.append(Device(manufacturer, model, software, serial, station, institution))
    return tuple(made)


_NORTHMERE = "Northmere General Hospital"
_LAKESHORE = "Lakeshore Regional Medical Center"
_SHANTI = "Shantivan Hospital"
_AARE = "Kantonsspital Aaretal"
_HEIDE = "Klinikum Heideland"
_VALLON = "Centre hospitalier du Vallon"
_OLIVAR = "Hospital Universitario El Olivar"
_CASALE = "Ospedale San Casale"
_SERRA = "Hospital Serra Verde"
_MIDORI = "みどり丘病院"

SITES: tuple[Site, ...] = (
    Site(
        key="northmere",
        institution=_NORTHMERE,
        language="en",
        issuer="NORTHMERE",
        patient_id=spaced,
        accession=accession("RNM"),
        reports="ORU",
        wording=dict(
            (
                _wording("pa", "XCHES", "XR Chest|XR Chest PA", "PA|Chest PA erect", "CHEST"),
                _wording("pa_ll", "XCHEL", "XR Chest PA and lateral", "PA|LAT", "CHEST"),
                _wording("portable", "XCHEM", "CXR ptbl|XR Chest mobile", "AP mobile", "|CHEST"),
                _wording("supine", "XCHES", "CXR supine|XR Chest AP resus", "AP supine", "CHEST|"),
                _wording("ct", "CTHOC", "CT Thorax with contrast", "THORAX 5.0|LUNG 1.5", "CHEST"),
                _wording("knee", "XKNEL", "XR Knee Lt", "AP", "KNEE"),
            )
        ),
        rooms=_devices(
            _NORTHMERE,
            "Philips Medical Systems|DigitalDiagnost|3.1.2|98000112|NMXR1",
            "Samsung Electronics|GC85A|V1.04.50|B3K002|NMXR2",
        ),
        portables=_devices(_NORTHMERE, "Carestream Health|DRX-Revolution|5.7.412|22018|NMMOB3"),
        scanners=_devices(_NORTHMERE, "TOSHIBA|Aquilion ONE|V8.4ER004|2CB13|NMCT1"),
        room_modality="DX",
        referrers=("Whitcombe^Fiona^^Dr", "Bassi^Harjit^^Mr", "GP Elmfield Surgery", "A&E Majors"),
        radiologists=("Okonkwo^Adaeze^^Dr", "Tarrant^Miles^^Dr", "Lindqvist^Ebba^^Dr"),
        name_groups=("english", "irish", "english", "polish", "african", "hindi"),
        native_script=False,
    ),
    Site(
        key="lakeshore",
        institution=_LAKESHORE,
        language="en",
        issuer="LRMC",
        patient_id=lettered("MRN"),
        accession=accession("A", "-"),
        reports="SR",
        wording=dict(
            (
                _wording("pa", "71045", "XR CHEST PA|XR CHEST 1 VIEW", "PA", "CHEST"),
                _wording("pa_ll", "71046", "XR CHEST PA/LAT|XR CHEST 2 VWS", "PA|LATERAL", "CHEST"),
                _wording("portable", "71045", "XR CHEST PORTABLE|PORT CXR", "AP PORT", "CHEST|"),
                _wording("supine", "71045", "XR CHEST 1 VIEW TRAUMA", "AP SUPINE", "CHEST"),
                _wording(
                    "ct", "71260", "CT CHEST W IV CONTRAST|CTA CHEST PE", "AXIAL CHEST", "CHEST"
                ),
                _wording("knee", "73560", "XR KNEE RIGHT 1-2 VIEWS", "AP", "KNEE"),
            )
        ),
        rooms=_devices(
            _LAKESHORE,
            "GE HEALTHCARE|Discovery XR656|dm_Platform_release_3-FW20|1013987|LRDX01",
            "GE HEALTHCARE|Optima XR646|dm_Platform_release_2|998120|LRDX04",
        ),
        portables=_devices(_LAKESHORE, "GE HEALTHCARE|Optima XR240amx|dm_1.4|77120|LRPORT2"),
        scanners=_devices(_LAKESHORE, "GE MEDICAL SYSTEMS|Revolution EVO|gmp_rele.42|0|LRCT03"),
        room_modality="DX",
        referrers=("Delgado^Teresa^M^^MD", "Kowalczyk^Brian^^^DO", "HOSPITALIST^ONCALL"),
        radiologists=("Abernathy^June^^^MD", "Feng^Howard^^^MD", "Castellanos^Iris^^^MD"),
        name_groups=("english", "spanish", "english", "korean", "african", "vietnamese"),
        native_script=False,
    ),
    Site(
        key="shantivan",
        institution=_SHANTI,
        language="en",
        issuer="SHANTIVAN",
        patient_id=lettered("UHID"),
        accession=accession("SV/"),
        reports="ORU",
        wording=dict(
            (
                _wording("pa", "XR-CHEST", "X-RAY CHEST PA VIEW|CHEST PA", "CHEST PA", "CHEST|"),
                _wording("pa_ll", "XR-CHEST2", "X-RAY CHEST PA & LAT", "CHEST PA|CHEST LAT", ""),
                _wording("portable", "XR-CHESTP", "X RAY CHEST AP PORTABLE", "CHEST AP", ""),
                _wording("supine", "XR-CHESTP", "CHEST AP (SUPINE)", "CHEST AP", "CHEST"),
                _wording("ct", "HRCT", "HRCT THORAX|CT CHEST PLAIN", "HRCT 1.25", "CHEST"),
                _wording("knee", "XR-KNEE", "X-RAY KNEE AP", "KNEE AP", "KNEE"),
            )
        ),
        rooms=_devices(_SHANTI, "FUJIFILM Corporation|FCR PRIMA II|A08|6541207|FCR1"),
        portables=_devices(_SHANTI, "FUJIFILM Corporation|FCR PRIMA II|A08|6541209|FCR2"),
        scanners=_devices(_SHANTI, "SIEMENS|SOMATOM Scope|syngo CT VC30|91554|CT1"),
        room_modality="CR",
        referrers=("Iyer^Padma^^Dr.", "OPD CHEST MEDICINE", "Bhandari^Rohit^^Dr."),
        radiologists=("Menon^Geetha^^Dr.", "Qureshi^Salman^^Dr."),
        name_groups=("hindi", "hindi", "arabic", "indonesian"),
    ),
    Site(
        key="aaretal",
        institution=_AARE,
        language="de",
        issuer="KSAT",
        patient_id=leading_zeros,
        accession=accession("AT"),
        reports="SR",
        wording=dict(
            (
                _wording("pa", "RXTHP", "Thorax p.a. stehend|Rx Thorax pa", "Thorax pa", "THORAX"),
                _wording(
                    "pa_ll", "RXTH2", "Thorax 2 Ebenen|Rx Thorax pa/lat", "Thorax pa|Thorax lat", ""
                ),
                _wording("portable", "RXTHB", "Thorax a.p. Bett|Thorax im Bett", "Thorax ap", ""),
                _wording("supine", "RXTHL", "Thorax a.p. liegend", "Thorax ap liegend", "THORAX|"),
                _wording("ct", "CTTHO", "CT Thorax nativ|CT Thorax mit KM", "Thorax Bf40", "CHEST"),
                _wording("knee", "RXKNI", "Knie li ap", "Knie ap", "KNEE"),
            )
        ),
        rooms=_devices(_AARE, "Siemens Healthineers|YSIO Max|VE20T|40117|THORAX1"),
        portables=_devices(_AARE, "Siemens|MOBILETT Mira Max|VE10|21776|MOB02"),
        scanners=_devices(_AARE, "Siemens Healthineers|SOMATOM X.cite|VA40|130221|CT02"),
        room_modality="DX",
        referrers=("Brönnimann^Urs^^Dr. med.", "Notfall", "Wälti^Corinne^^Dr. med."),
        radiologists=("Zumstein^Regula^^Dr. med.", "Pfenninger^Adrian^^PD Dr."),
        name_groups=("german", "german", "italian", "portuguese", "turkish", "thai"),
    ),
    Site(
        key="heideland",
        institution=_HEIDE,
        language="de",
        issuer="KHEIDE",
        patient_id=plain,
        accession=accession("H", "."),
        reports="ORU",
        wording=dict(
            (
                _wording("pa", "3405", "Röntgen Thorax p.a.|THORAX", "THORAX PA", "|THORAX"),
                _wording("pa_ll", "3406", "Röntgen Thorax in 2 Ebenen", "THORAX PA|THORAX LAT", ""),
                _wording("portable", "3407", "Thorax Bettaufnahme ITS", "THORAX AP BETT", ""),
                _wording("supine", "3408", "Thorax Schockraum", "THORAX AP", "CHEST"),
                _wording("ct", "3521", "CT-Thorax", "Thorax 5.0 B31f", "THORAX"),
                _wording("knee", "3322", "Kniegelenk rechts", "KNIE AP", "KNEE"),
            )
        ),
        rooms=_devices(_HEIDE, "Agfa|DX-D 600|NX 3.0.8900|A9911|XR-RAUM3"),
        portables=_devices(_HEIDE, "Agfa|DX-D 100|NX 3.0.8900|A5512|XR-ITS"),
        scanners=_devices(_HEIDE, "Philips|Brilliance 64|4.1.10|9015|CT-1"),
        room_modality="CR",
        referrers=("Zentrale Notaufnahme", "Petersen^Anke^^Dr.", "Yıldız^Deniz^^Dr."),
        radiologists=("Tiedemann^Holger^^Prof. Dr.", "Radtke^Svenja^^Dr."),
        name_groups=("german", "german", "turkish", "polish", "russian", "arabic"),
        native_script=False,
    ),
    Site(
        key="vallon",
        institution=_VALLON,
        language="fr",
        issuer="CHVALLON",
        patient_id=lettered("IPP"),
        accession=accession("V"),
        reports="ORU",
        wording=dict(
            (
                _wording("pa", "ZBQK002", "RX THORAX FACE|Thorax face", "THORAX FACE", "THORAX|"),
                _wording("pa_ll", "ZBQK002", "THORAX FACE+PROFIL", "FACE|PROFIL", ""),
                _wording("portable", "ZBQK002", "THORAX AU LIT|RP lit", "THORAX LIT", ""),
                _wording("supine", "ZBQK002", "Thorax couché déchocage", "COUCHE", "THORAX"),
                _wording("ct", "ZBQH001", "TDM THORACIQUE|SCANNER THORAX", "THORAX 1.25", "THORAX"),
                _wording("knee", "NFQK001", "GENOU GAUCHE FACE", "GENOU", "KNEE"),
            )
        ),
        rooms=_devices(_VALLON, "Primax|Inside|2.4|P0098|RX2", "DMS|Platinum dRF|1.9|4471|RX1"),
        portables=_devices(_VALLON, "Shimadzu|MobileDaRt Evolution|7.02|MDR88|MOBILE"),
        scanners=_devices(_VALLON, "GE MEDICAL SYSTEMS|Optima CT660|12HW14.6|0|SCAN1"),
        room_modality="DX",
        referrers=("LEMOINE^Agnès^^Dr", "URGENCES", "Berthelot^Damien^^Dr"),
        radiologists=("SAINT-CYR^Hélène^^Dr", "Ouedraogo^Issa^^Dr"),
        name_groups=("french", "french", "arabic", "african", "portuguese", "vietnamese"),
    ),
    Site(
        key="olivar",
        institution=_OLIVAR,
        language="es",
        issuer="HUEO",
        patient_id=trailing_letter,
        accession=accession("O"),
        reports="SR",
        wording=dict(
            (
                _wording("pa", "70102", "TORAX PA|RX TORAX (PA)", "TORAX PA", "|TORAX"),
                _wording(
                    "pa_ll", "70103", "TORAX 2 PROY|RX TORAX PA Y LAT", "TORAX PA|TORAX LAT", ""
                ),
                _wording("portable", "70104", "TORAX PORTATIL|RX TORAX AP UCI", "AP PORTATIL", ""),
                _wording("supine", "70105", "TORAX AP DECUBITO", "AP", "TORAX"),
                _wording("ct", "70501", "TC TORAX CON CIV|TC TORAX SIN CIV", "TORAX 3.0", "TORAX"),
                _wording("knee", "70420", "RODILLA AP", "RODILLA", ""),
            )
        ),
        rooms=_devices(_OLIVAR, "Sedecal|SHF-835|7.11|SE4410|TORAX_A"),
        portables=_devices(_OLIVAR, "Sedecal|Easy Moving Plus|7.02|SE1120|PORT_1"),
        scanners=_devices(_OLIVAR, "SIEMENS|SOMATOM Definition AS|syngo CT VA48A|66770|TC_2"),
        room_modality="CR",
        referrers=("Quintana Rey^Marisol", "URGENCIAS GENERALES", "Arrizabalaga^Jon"),
        radiologists=("Valdivieso Luna^Teresa", "Campoy^Ernesto"),
        name_groups=("spanish", "spanish", "spanish", "arabic", "chinese"),
    ),
    Site(
        key="casale",
        institution=_CASALE,
        language="it",
        issuer="OSCAS",
        patient_id=slashed,
        accession=accession("SC", "-"),
        reports="SR",
        wording=dict(
            (
                _wording("pa", "87.44.1", "RX TORACE|RX TORACE 1P", "TORACE PA", "TORACE|"),
                _wording("pa_ll", "87.44.1", "RX TORACE 2 PROIEZIONI", "TORACE PA|TORACE LL", ""),
                _wording("portable", "87.44.1", "RX TORACE A LETTO", "TORACE LETTO", ""),
                _wording("supine", "87.44.1", "RX TORACE SUPINO PS", "TORACE AP", "TORACE"),
                _wording("ct", "87.41.1", "TC TORACE CON MDC|TC TORACE", "TORACE 2.5", "CHEST"),
                _wording("knee", "88.27", "RX GINOCCHIO SN", "GINOCCHIO AP", "KNEE"),
            )
        ),
        rooms=_devices(_CASALE, "GMM|Calypso|3.2.0|GM118|RXPS1"),
        portables=_devices(_CASALE, "Villa Sistemi Medicali|Visitor T30|1.8|V0931|RXLETTO"),
        scanners=_devices(_CASALE, "Philips|Incisive CT|5.0.0|880120|TC1"),
        room_modality="DX",
        referrers=("PRONTO SOCCORSO", "Bellandi^Marta^^Dott.ssa", "Ruggeri^Dino^^Dott."),
        radiologists=("Cattaneo^Silvia^^Dott.ssa", "Morabito^Enzo^^Dott."),
        name_groups=("italian", "italian", "italian", "czech", "hungarian", "greek"),
    ),
    Site(
        key="serra",
        institution=_SERRA,
        language="pt",
        issuer="HSERRA",
        patient_id=grouped,
        accession=accession("HSV"),
        reports="ORU",
        wording=dict(
            (
                _wording("pa", "40805018", "RX TORAX PA|Radiografia de tórax", "TORAX PA", "TORAX"),
                _wording("pa_ll", "40805026", "RX TORAX PA E PERFIL", "PA|PERFIL", "|TORAX"),
                _wording("portable", "40805018", "RX TORAX NO LEITO", "AP LEITO", ""),
                _wording("supine", "40805018", "RX TORAX AP TRAUMA", "AP", ""),
                _wording("ct", "41001079", "TC DE TORAX", "TORAX 2.0", "TORAX"),
                _wording("knee", "40804054", "RX JOELHO", "JOELHO AP", "KNEE"),
            )
        ),
        rooms=_devices(_SERRA, "KONICA MINOLTA|REGIUS SIGMA2|V1.20R00|K00912|RX01"),
        portables=_devices(_SERRA, "VMI|Aquila Plus 300|2.1|VM551|RXLEITO"),
        scanners=_devices(_SERRA, "TOSHIBA|Alexion|V4.61|1AB22|TC01"),
        room_modality="CR",
        referrers=("Figueiredo^Nair^^Dra.", "PRONTO ATENDIMENTO"),
        radiologists=("Bittencourt^Caio^^Dr.", "Seixas^Lorena^^Dra."),
        name_groups=("portuguese", "portuguese", "italian", "japanese", "german"),
    ),
    Site(
        key="midori",
        institution=_MIDORI,
        language="ja",
        issuer="MIDORI",
        patient_id=lettered("0"),
        accession=accession("202"),
        reports="SR",
        wording=dict(
            (
                _wording("pa", "XCH01", "胸部正面|胸部単純X線", "胸部正面 立位", "CHEST"),
                _wording("pa_ll", "XCH02", "胸部2方向", "胸部正面|胸部側面", "CHEST|"),
                _wording("portable", "XCH03", "胸部ポータブル", "胸部 P", ""),
                _wording("supine", "XCH04", "胸部正面 臥位", "胸部 臥位", "CHEST"),
                _wording("ct", "CCH01", "胸部CT|胸部～上腹部CT", "肺野 1mm|縦隔 5mm", "CHEST"),
                _wording("knee", "XKN01", "膝関節 正面", "膝 正面", "KNEE"),
            )
        ),
        rooms=_devices(_MIDORI, "Canon Inc.|CXDI Control Software NE|2.19|C40188|CXDI-1"),
        portables=_devices(_MIDORI, "FUJIFILM Corporation|CALNEO AQRO|V12.1|FA0091|AQRO"),
        scanners=_devices(_MIDORI, "Canon Medical Systems|Aquilion Prime SP|V10.11|8CB20|CT-A"),
        room_modality="DX",
        referrers=("Morita^Akira=森田^晃=もりた^あきら", "内科外来", "救急外来"),
        radiologists=("Hoshino^Rei=星野^玲=ほしの^れい", "Kuze^Tomoko=久世^智子=くぜ^ともこ"),
        name_groups=("japanese", "japanese", "japanese", "korean", "chinese"),
    ),
)
"""A site's place is part of what is drawn, so new ones go to the end."""

BY_KEY = {site.key: site for site in SITES}
