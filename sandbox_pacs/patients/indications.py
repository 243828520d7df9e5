"""Why a film was asked for, in the words of those who ask: by theme and language.

At most 64 characters each, as the work list holds no more.
"""

from __future__ import annotations

from readingroom.sandbox_pacs.patients.dice import Dice

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "ja")


def indication(dice: Dice, theme: str, language: str) -> str:
    """One way to ask for a film.

    Raises:
        KeyError: nobody asks for that, or not in that language.
    """
    return dice.pick(_INDICATIONS[theme][language])


def _by_language(*texts: str) -> dict[str, tuple[str, ...]]:
    """One text for each language, with alternatives parted by "|"."""
    pairs = zip(_LANGUAGES, texts, strict=True)
    return {language: tuple(text.split("|")) for language, text in pairs}


_INDICATIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "check_up": _by_language(
        "Annual check, works with silica dust.|Visa medical.|New employee screen|"
        "Well. Screening before biologic treatment.|TB contact, no symptoms",
        "Vorsorge, beschwerdefrei.|Tbc-Umgebungsuntersuchung, keine Symptome|Vor Biologikum",
        "Visite d'embauche.|Bilan avant anti-TNF|Dépistage tuberculose, asymptomatique",
        "Reconocimiento laboral.|Contacto TBC, asintomático|Previo a tratamiento biológico",
        "Visita di idoneità.|Screening pre biologico, asintomatico|Contatto TBC",
        "Exame admissional.|Check-up, sem queixas|Contactante de TB",
        "健康診断|入職時検診、自覚症状なし|生物学的製剤投与前スクリーニング",
    ),
    "pre_op": _by_language(
        "Pre-op, right hip replacement.|Before cataract surgery, anaesthetist asks.|"
        "preop cholecystectomy|ASA II, hernia repair tomorrow",
        "Präop. Hüft-TEP.|OP-Vorbereitung Leistenhernie, Narkosefähigkeit?|präop",
        "Bilan préopératoire, PTH.|Pré-op cholécystectomie|Avant chirurgie de la main",
        "Preoperatorio, prótesis de rodilla.|Preanestesia|Preop. colecistectomía",
        "Preoperatorio, ernia inguinale.|Pre-op protesi anca|Valutazione anestesiologica",
        "Pré-operatório, colecistectomia.|Risco cirúrgico|Pré-op. hérnia",
        "術前検査(白内障)|術前 胆嚢摘出術予定|全身麻酔前",
    ),
    "unclear": _by_language(
        "Cough 3/52, no fever. ?infection|Chest pain on breathing in, D-dimer low.|"
        "SOB, ?cause|Feels unwell, CRP 12. Anything to see?|Palpitations, anxious. Exclude.",
        "Husten seit 3 Wochen, Infiltrat?|Thorakale Schmerzen, Pathologie?|Dyspnoe unklar",
        "Toux depuis 3 semaines, foyer ?|Douleur thoracique, PNO ?|Dyspnée, bilan",
        "Tos de 3 semanas. ¿Condensación?|Dolor torácico, descartar patología|Disnea",
        "Tosse da 3 settimane. Focolai?|Dolore toracico, escludere PNX|Dispnea ndd",
        "Tosse há 3 semanas. Foco?|Dor torácica, a/e|Dispneia a esclarecer",
        "咳嗽3週間 肺炎疑い|胸痛 気胸の有無|呼吸苦 精査",
    ),
    "pneumonia": _by_language(
        "Fever 39, productive cough, crackles.|?pneumonia, CRP 210|"
        "Cough, rigors, sats 91% on air.|Not better after 5 days of amoxicillin.",
        "Fieber, Husten, CRP 180. Pneumonie?|V. a. Pneumonie|Infiltrat? Rasselgeräusche",
        "Fièvre 39, toux, crépitants. Pneumopathie ?|Foyer ?|Sepsis à point de départ pulm.",
        "Fiebre y tos. ¿Neumonía?|Crepitantes, PCR 18. Condensación?|Sat 90%, fiebre",
        "Febbre e tosse produttiva. Polmonite?|Focolaio? PCR elevata|Crepitii basali",
        "Febre e tosse produtiva. Pneumonia?|PCR elevada, crepitações|Foco pulmonar?",
        "発熱・咳嗽 肺炎疑い|CRP高値 肺炎?|湿性咳嗽、SpO2低下",
    ),
    "pneumonia_after": _by_language(
        "Follow-up of pneumonia, 6 weeks. Cleared?|Pneumonia treated, well now. Resolution?|"
        "f/u consolidation as advised",
        "Verlauf nach Pneumonie, Rückbildung?|Kontrolle nach Antibiose|VK Infiltrat",
        "Contrôle à 6 semaines d'une pneumopathie.|Suivi de foyer, nettoyage ?|Contrôle",
        "Control de neumonía. ¿Resolución?|Control radiológico 6 semanas|Neumonía tratada",
        "Controllo dopo polmonite.|Follow-up focolaio, risoluzione?|Controllo a 6 settimane",
        "Controle de pneumonia tratada.|Resolução?|Controle após antibiótico",
        "肺炎治療後フォロー|肺炎像の改善は?|抗菌薬治療後 経過観察",
    ),
    "heart_failure": _by_language(
        "Leg oedema, orthopnoea. CCF?|Known HFrEF, weight up 4 kg.|?fluid overload|"
        "Heart failure on IV furosemide, progress?",
        "Herzinsuffizienz, Stauung?|Dyspnoe, Beinödeme, BNP 4200|Rekompensation, Verlauf",
        "Insuffisance cardiaque, OAP ?|OMI, orthopnée|Suivi après diurétiques IV",
        "ICC, ¿descompensación?|Edemas, ortopnea. BNP alto|Control tras diuréticos",
        "Scompenso cardiaco?|Dispnea, edemi declivi|Controllo dopo diuretico",
        "ICC descompensada?|Edema e ortopneia|Controle após furosemida",
        "心不全疑い 下腿浮腫|心不全増悪?|利尿薬投与後 経過",
    ),
    "nodule": _by_language(
        "Follow-up of lung nodule.|Nodule on earlier film, growth?|"
        "Ex-smoker 45 pack-years. Interval change of nodule?|Surveillance, as advised",
        "Rundherd, Verlauf?|Bekannter Rundherd, Größenzunahme?|Raucher, Kontrolle Rundherd",
        "Suivi de nodule pulmonaire.|Nodule connu, croissance ?|Tabac 40 PA, contrôle",
        "Control de nódulo pulmonar.|Nódulo conocido, ¿crecimiento?|Fumador, control",
        "Follow-up nodulo polmonare.|Nodulo noto, crescita?|Fumatore, controllo",
        "Seguimento de nódulo.|Nódulo conhecido, cresceu?|Tabagista, controle",
        "肺結節 経過観察|結節影 増大の有無|喫煙者 結節フォロー",
    ),
    "mass": _by_language(
        "Haemoptysis, weight loss 8 kg.|Hoarse, smoker. Mass?|Known lung ca, before chemo.|"
        "Clubbing and cough for months",
        "Hämoptysen, Gewichtsverlust. RF?|B-Symptomatik, Raucher|Bronchial-Ca vor Chemo",
        "Hémoptysies, AEG.|Amaigrissement, tabac. Masse ?|Cancer bronchique, bilan",
        "Hemoptisis y pérdida de peso.|Fumador, síndrome constitucional|Ca pulmón, control",
        "Emottisi, calo ponderale.|Fumatore, massa?|Neoplasia polmonare, controllo",
        "Hemoptise e perda de peso.|Tabagista, massa?|Neoplasia de pulmão, controle",
        "血痰、体重減少|肺癌疑い|肺癌 化学療法前",
    ),
    "icu": _by_language(
        "Intubated, ventilated. Tubes and lines?|Daily film, ITU.|?tube position after turning|"
        "Sats dropping on vent. Collapse?",
        "Intubiert, Tubuslage? Verlauf|ITS Verlaufskontrolle|Lage ZVK/Tubus, Infiltrate?",
        "Patient intubé, position sonde ?|Contrôle quotidien réa|Désaturation, atélectasie ?",
        "Intubado. Posición de tubo y vía.|Control UCI|Desaturación. ¿Atelectasia?",
        "Intubato, controllo tubo e CVC.|Controllo TI|Desaturazione, atelettasia?",
        "Intubado, posição de TOT e CVC?|Controle UTI|Queda de saturação",
        "挿管中 チューブ位置確認|ICU 定時撮影|SpO2低下 無気肺?",
    ),
    "trauma": _by_language(
        "Fall from ladder, rib pain.|RTC, trauma call. PTX? Ribs?|Fell on stairs, tender chest.|"
        "Chest trauma, f/u",
        "Sturz von Leiter, Rippenfraktur?|Polytrauma, Schockraum|Thoraxprellung, Pneu?",
        "AVP, PNO ? fractures ?|Chute, douleur costale|Trauma thoracique",
        "Accidente de tráfico, ¿fracturas?|Caída, dolor costal|Politrauma",
        "Trauma stradale, PNX? fratture?|Caduta, dolore costale|Politrauma",
        "Acidente de moto, PNX? fraturas?|Queda, dor torácica|Politrauma",
        "交通外傷 気胸・肋骨骨折?|転落 胸部打撲|外傷",
    ),
    "pneumothorax": _by_language(
        "Sudden pleuritic pain, tall young.|?PTX|Pneumothorax, expanding?|"
        "Follow-up of pneumothorax, conservative",
        "Plötzlicher Thoraxschmerz, Pneu?|Pneumothorax Verlauf|Atemabh. Schmerz",
        "Douleur brutale, PNO ?|Contrôle de PNO|PNO, réexpansion ?",
        "Dolor súbito. ¿Neumotórax?|Control neumotórax|¿Reexpansión?",
        "Dolore improvviso, PNX?|Controllo PNX|PNX, riespansione?",
        "Dor súbita, PNX?|Controle de pneumotórax|Reexpansão?",
        "突然の胸痛 気胸疑い|気胸 経過観察|肺の拡張は?",
    ),
    "copd": _by_language(
        "COPD exacerbation.|Infective exac COPD, ?focus|Emphysema, more breathless.|"
        "60 pack years, wheeze",
        "COPD, Exazerbation. Infiltrat?|Emphysem, Dyspnoe|AECOPD",
        "BPCO exacerbée, foyer ?|Emphysème, majoration dyspnée|BPCO",
        "EPOC agudizado. ¿Infiltrado?|EPOC, más disnea|Enfisema, control",
        "BPCO riacutizzata.|Enfisema, dispnea|BPCO, focolai?",
        "DPOC exacerbado.|Enfisema, piora da dispneia|DPOC, foco?",
        "COPD急性増悪|肺気腫 呼吸苦増強|COPD 肺炎合併?",
    ),
    "pacemaker": _by_language(
        "Post pacemaker. Leads? PTX?|PPM this morning, check.|Day 1 after device, leads?|"
        "pacemaker check",
        "Nach SM-Implantation. Sonden? Pneu?|SM-Kontrolle|Postinterventionell, Sondenlage",
        "Contrôle post PM, sondes ? PNO ?|Pose de PM ce jour|PM, position des sondes",
        "Control tras marcapasos.|MP: electrodos, ¿neumotórax?|Post MCP",
        "Controllo post PM.|PM oggi, elettrodi? PNX?|Controllo elettrocateteri",
        "Pós marca-passo. Eletrodos? PNX?|Controle MP|MP hoje",
        "ペースメーカ植込み後 リード位置|PM術後 気胸の有無|PM植込み翌日",
    ),
    "aorta": _by_language(
        "Tearing chest pain to the back.|BP differs between arms. Aorta?|"
        "Known thoracic aneurysm, f/u",
        "Thoraxschmerz, Aorta?|Vernichtungsschmerz, RR-Differenz|Mediastinum breit?",
        "Douleur thoracique dorsale, aorte ?|Asymétrie TA|Élargissement médiastinal ?",
        "Dolor torácico a espalda. ¿Aorta?|HTA, dolor interescapular|Mediastino?",
        "Dolore toracico al dorso. Aorta?|Aneurisma noto, controllo|Mediastino?",
        "Dor torácica p/ dorso. Aorta?|Aneurisma, controle|Mediastino?",
        "背部痛 大動脈解離疑い|血圧左右差|縦隔拡大?",
    ),
    "post_op": _by_language(
        "Day 2 after laparotomy, sats 92%.|Post-op fever. Atelectasis?|POD1 sleeve, SOB|"
        "Poor cough after surgery",
        "2. Tag postop., Sättigung schlecht|Postop. Fieber, Dystelektasen?|Z. n. Laparotomie",
        "J2 laparotomie, désaturation.|Fièvre post-op, atélectasie ?|Post-op",
        "2º día postop., fiebre.|¿Atelectasia postoperatoria?|Desaturación postop.",
        "II giornata post-op, febbre.|Atelettasie?|Desaturazione post laparotomia",
        "2º PO, febre.|Atelectasia? PO laparotomia|PO, dessaturação",
        "術後2日目 発熱|術後 無気肺疑い|開腹術後 SpO2低下",
    ),
    "effusion": _by_language(
        "Breast ca, breathless. Effusion?|Malignant effusion, before tap.|"
        "Effusion, larger?|Dull base on percussion",
        "Pleuraerguss, Verlauf?|Mamma-Ca, Dyspnoe, Erguss?|Vor Punktion",
        "Épanchement pleural, évolution ?|K sein, dyspnée|Avant ponction",
        "Derrame pleural, ¿ha aumentado?|Ca mama, disnea|Previo a toracocentesis",
        "Versamento pleurico, evoluzione?|K mammario, dispnea|Prima di toracentesi",
        "Derrame pleural, aumentou?|Ca de mama, dispneia|Antes da toracocentese",
        "胸水 増加の有無|乳癌 呼吸苦 胸水?|胸腔穿刺前",
    ),
    "hilum": _by_language(
        "Erythema nodosum. Hila?|Night sweats, nodes?|Uveitis. Sarcoid?",
        "Erythema nodosum, Sarkoidose?|Nachtschweiß, LK?|Uveitis",
        "Érythème noueux, sarcoïdose ?|Sueurs nocturnes, ADP ?|Uvéite",
        "Eritema nodoso. ¿Sarcoidosis?|Sudoración nocturna, adenopatías?|Uveítis",
        "Eritema nodoso, sarcoidosi?|Sudorazioni, linfonodi?|Uveite",
        "Eritema nodoso. Sarcoidose?|Sudorese noturna, linfonodos?|Uveíte",
        "サルコイドーシス疑い|ぶどう膜炎 肺門?|寝汗 リンパ節腫大?",
    ),
    "line": _by_language(
        "Central line placed. Tip? PTX?|New CVC, ok to use?|PICC/CVC position",
        "ZVK-Lage? Pneu?|Z. n. ZVK-Anlage|ZVK-Kontrolle",
        "Contrôle VVC.|Pose de KT central, PNO ?|Position KTC",
        "Control vía central.|CVC: punta? neumotórax?|Posición CVC",
        "Controllo CVC.|CVC posizionato, PNX?|Punta CVC?",
        "Controle CVC.|Posição do CVC? PNX?|Pós punção",
        "CV挿入後 先端位置|CVC 気胸の有無|中心静脈カテーテル確認",
    ),
}

THEMES = tuple(_INDICATIONS)
"""What a film may be asked for."""
