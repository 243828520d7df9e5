"""Words and patterns that chat requests are grown from; data only.

"(a|b)" picks one, "{name}" fills a slot. The held-out requests (`planner_heldout`) were written
first and share no sentence with them.
"""

# ruff: noqa: E501  (a sentence pattern stays on one line)

from __future__ import annotations

from readingroom.inference.planner.layout import ANSWER, CANNOT

FINDING_WORDS: dict[str, tuple[str, ...]] = {
    "nodule": (
        "a nodule",
        "nodules",
        "a coin lesion",
        "a round spot",
        "a pulmonary nodule",
        "a suspicious spot",
        "a small round opacity",
        "a lesion",
    ),
    "consolidation": (
        "consolidation",
        "an infiltrate",
        "pneumonia",
        "airspace disease",
        "an opacity",
        "an infection",
        "lobar pneumonia",
        "a chest infection",
        "airspace opacity",
        "infiltrates",
        "a patch of consolidation",
    ),
    "pleural_effusion": (
        "an effusion",
        "pleural effusion",
        "pleural fluid",
        "fluid at the base",
        "effusions",
        "a blunted angle",
        "fluid in the pleural space",
        "water on the lung",
        "hydrothorax",
        "fluid",
        "blunting of the costophrenic angle",
    ),
    "pneumothorax": (
        "a pneumothorax",
        "pneumothorax",
        "PTX",
        "air in the pleural space",
        "a pneumo",
        "an apical pneumothorax",
        "a pleural line",
        "a dropped lung",
        "a collapsed lung",
        "free air in the pleura",
        "a tension pneumothorax",
    ),
    "cardiomegaly": (
        "cardiomegaly",
        "an enlarged heart",
        "a big heart",
        "heart enlargement",
        "a large cardiac silhouette",
        "an enlarged cardiac shadow",
        "a dilated heart",
        "heart failure with a big heart",
        "an oversized heart",
    ),
    "wide_mediastinum": (
        "a wide mediastinum",
        "mediastinal widening",
        "a widened mediastinum",
        "a broad mediastinum",
        "a mediastinal mass",
        "an enlarged mediastinum",
        "an aortic bulge",
    ),
    "tracheal_tube": (
        "a tracheal tube",
        "an endotracheal tube",
        "the ETT",
        "a breathing tube",
        "the tube",
        "an ET tube",
        "an airway device",
        "the tube tip",
        "an intubation tube",
    ),
    "bone_lesion": (
        "a bone lesion",
        "a lytic lesion",
        "bone metastases",
        "a sclerotic lesion",
    ),
    "mass": ("a mass", "a lung mass", "a tumour", "a bronchial carcinoma", "a big lump"),
    "atelectasis": (
        "atelectasis",
        "a collapsed lobe",
        "lobar collapse",
        "volume loss",
        "plate atelectasis",
    ),
    "interstitial_oedema": (
        "interstitial oedema",
        "pulmonary edema",
        "Kerley lines",
        "fluid overload",
        "vascular congestion",
        "signs of failure",
    ),
    "emphysema": ("emphysema", "hyperinflation", "COPD changes", "bullae", "flat diaphragms"),
    "hilar_enlargement": (
        "hilar enlargement",
        "a big hilum",
        "hilar nodes",
        "bulky hila",
        "hilar adenopathy",
    ),
    "rib_fracture": (
        "a rib fracture",
        "broken ribs",
        "a fracture",
        "rib fractures",
        "a cracked rib",
    ),
    "central_line": (
        "a central line",
        "the CVC",
        "a PICC line",
        "a port catheter",
        "the jugular line",
    ),
    "chest_tube": ("a chest tube", "the drain", "a chest drain", "a pigtail drain"),
    "pacemaker": ("a pacemaker", "an ICD", "pacing leads", "a pacemaker wire"),
    "free_air": (
        "free air under the diaphragm",
        "pneumoperitoneum",
        "air below the diaphragm",
        "subdiaphragmatic air",
        "a perforation",
    ),
}

CHAT: dict[str, str] = {
    "worklist": """(show|display|open|print|list|see|give me) (the|my|our) (worklist|work list|list|queue|reading list)
what (is|do I have) on (my|the) (list|worklist) (today|now|)
(which|what) (studies|films|exams|cases) are (waiting|open|pending|unread|unreported|left)
(list|show) (all|the) (open|pending|unread|waiting) (studies|films|cases|exams)
what (should|do) I (read|report|do) (next|today|now)
anything (new|urgent|pending|unread|to read|to report)
how many (studies|cases|exams) (are waiting|are pending|do I have|are left)
(worklist|work list|the list|today's list|the queue) (please|)
(go back|return) to the (list|worklist)
what is (waiting|pending|outstanding) (for me|today|)
do I have (any|more) (cases|work|films) (today|left|)""",
    "open_study": """(open|load|bring up|pull up|go to|show me|get|take|start|switch to) {a}
(open|load|get|pull up) (study|case|accession|exam|the exam|the study|accession number|acc) {a}
(open|load) the (study|film|case) with (accession|the number|accession number) {a}
(I want|I need|I would like|let me have|let's take|let's do) {a}
(next|now) (case|study|one|) {a}
{a} (please|next|)
(can you|could you) (open|load|fetch|find) {a}
(switch|change|move|jump) to (case|study|) {a}
(where is|find) (study|accession|) {a}
(accession|study) {a}, (open it|load it|bring it up)
close this and (open|load) {a}""",
    "find_priors": """(find|look for|search|search for|check for|get|list|show) (the|any|all|his|her|) (priors|prior studies|previous studies|old films|earlier films|comparison studies|older exams|previous exams)
(are|were) there (any|) (priors|previous films|prior exams|old images|older films|earlier studies)
(does|did) (he|she|the patient|this patient) have (any|) (priors|old films|previous imaging|earlier x-rays|prior CTs|other studies)
(what|which) (priors|old studies|previous exams|earlier films) (are there|exist|do we have|does he have|are available)
(has|was) (he|she|the patient|this man|this woman) (been here before|imaged before|had an x-ray before|ever scanned|examined earlier)
any (old|older|previous|prior|comparison|former) (films|studies|images|CT|exams|imaging)
(search|query|ask|look in) the (PACS|archive) for (priors|old studies|previous films|earlier exams|history)
(priors|priors please|previous imaging|history of imaging|imaging history)
is there (something|anything|a film|a study) to compare (with|to|against)""",
    "retrieve_prior": """(get|fetch|retrieve|download|pull|load|bring|transfer|move) {p}
(get|fetch|retrieve|download|pull|bring over) (the prior|prior|study|the old film|the images of|all of) {p}
(get|fetch|retrieve|download|pull) {p} (from the PACS|from the archive|over here|to this station)
(I need|I want|let me have|we need) {p} (here|retrieved|from the archive|downloaded|locally)
(can you|could you|please) (retrieve|fetch|get|download|pull) {p}
(retrieve|fetch|get) the (last|previous|latest|most recent|older|old) (prior|study|film|exam)
(copy|import) {p} (from the PACS|)""",
    "look_at_film": """(look at|check|inspect|examine|assess|analyse|evaluate|study|scan|screen) (the|this) (film|image|x-ray|radiograph|picture|chest film)
what (is|can you see|do you see|is seen|can be seen) (on|in) (the|this) (film|image|x-ray|picture)
(what are|list|give me|tell me) (the|your) (findings|abnormalities|observations)
(is there|do you see|are there|see) (anything|something) (abnormal|wrong|unusual|remarkable|pathological) (here|on the film|)
(is|does) (the film|this|the chest|the image|it) (normal|look normal|look ok|look clear|fine)
(detect|find|spot|mark) (the|all|any) (abnormalities|findings|lesions|pathology)
(any|) (findings|abnormalities|pathology) (here|on this film|)
(how is|what about|assess|check) the (quality|exposure|technique) (of the film|of this image|)
is the film (adequate|readable|good enough|well exposed|underexposed)
(take|have) a (look|first look|quick look) (at it|at this|at the chest|)
(are|do) the lungs (clear|ok|look clear|normal)
what do you (see|notice|make of it|find)( here|)
(what is|what's) (going on|there to see) (here|on this one|)
describe (the|this) (film|image|chest|findings)""",
    "ask_region": """(is there|do you see|can you see|do we have|are you sure there is no) {f} (here|on the film|on the left|on the right|)
(check|look|look again|look closely|look once more) for {f}
(rule out|exclude|confirm|verify) {f}
(could|might|may) (this|it|that) be {f}
(any|any sign of|any signs of|any evidence of|evidence of|signs of) {f} (here|)
(does|has) (he|she|the patient) (have|got) {f}
I (think|suspect|believe) there is {f}, (check|look again|do you agree|what do you think)
(take a second look|second look|zoom in and look|look carefully) for {f}
(what about|how about) {f}
(where is|is) {f} (present|visible|still there|in place|)
I am (worried|concerned) about {f}
is (the heart|the cardiac silhouette|the heart shadow) (enlarged|big|too large|dilated|wide|within normal size)=cardiomegaly
does the heart look (big|enlarged|too large|normal in size)=cardiomegaly
is the mediastinum (wide|widened|broad|too wide|enlarged|normal)=wide_mediastinum
(is|was) (he|she|the patient) (intubated|on a ventilator tube)=tracheal_tube
(where does|where is) the tube (end|tip|lie|sit)=tracheal_tube
is the tube (well placed|in the right place|too deep|too low|in position)=tracheal_tube
is (the lung|a lung|the left lung|the right lung) (collapsed|down|fully expanded)=pneumothorax
(is|are) the (angles|costophrenic angles|base) (clear|sharp|blunted|free)=pleural_effusion
is there (air|gas) (around the lung|at the apex|outside the lung)=pneumothorax""",
    "measure": """(measure|calculate|compute|determine|give me|get|what is|estimate) the (cardiothoracic ratio|CTR|heart size|cardio-thoracic ratio|heart to chest ratio|cardiothoracic index|heart width|ratio of heart to thorax)=cardiothoracic_ratio
(CTR|cardiothoracic ratio|ctr please|CT ratio)=cardiothoracic_ratio
how (big|large|wide) is the (heart|cardiac silhouette|heart shadow) (in numbers|compared with the chest|)=cardiothoracic_ratio
(quantify|measure) (the heart|heart size|cardiac size|the heart width)=cardiothoracic_ratio
(measure|calculate|give me|what is|tell me|estimate) the (nodule diameter|diameter of the nodule|size of the nodule|nodule size|lesion size|size of the mass|diameter of the lesion|nodule width)=nodule_diameter
how (big|large|many mm|wide) is the (nodule|mass|lesion|spot)=nodule_diameter
(measure|size) (the nodule|the mass|that nodule|the lesion|this spot)=nodule_diameter
(measure|calculate|give me|what is|estimate) the (effusion depth|depth of the effusion|thickness of the effusion|amount of fluid|effusion size|fluid depth|height of the fluid)=effusion_depth
how (deep|thick|large|big|much) is the (effusion|fluid|pleural fluid)=effusion_depth
how much (fluid|pleural fluid|effusion) is there=effusion_depth
(measure|quantify) (the effusion|the fluid|the pleural fluid)=effusion_depth""",
    "compare_prior": """(compare|compare it|compare this|compare the film) (with|to|against) {p}
(what|anything) (changed|is different|is new|has changed) (since|from|compared with|against|versus) {p}
(is|has) (it|the effusion|the nodule|this|the pneumothorax|the opacity) (larger|smaller|better|worse|new|stable|unchanged|grown|resolved) (than in|since|compared with|versus|relative to) {p}
(change|changes|progression|interval change|difference|improvement) (since|from|to|versus) {p}
{p} (comparison|versus today|against the current film)
(compare|comparison) (with|to) the (last|previous|prior|old|earlier) (film|study|exam|one|image|x-ray)
(any|is there|what is the) (change|interval change|difference|improvement|worsening) (since|from|compared to|against) the (last|previous|prior|old|earlier) (film|study|exam|one)
(is|has) (it|this|the finding) (new|changed|grown|better|worse|stable|progressed) (since last time|compared with before|compared to the previous film|against the old one)
(put|set) (it|this|the current film) against {p} and (tell me what changed|compare)
did (it|the effusion|the nodule|things) (grow|improve|get worse|get better|change) since {p}""",
    "draft_report": """(write|draft|prepare|make|create|compose|generate|start|produce) (the|a|my) (report|draft|draft report|findings and impression|impression)
(write|draft|prepare|make) (a|the) (report|draft) (for this|of this study|for this case|now|from the findings)
(dictate|report) (this|it|the film|this study)
(give me|show me|I need|let me have) (a|the) (draft|report|report text|written report|preliminary report)
(summarise|sum up|summarize) (this|the findings|everything) in a report
(type|write) (it|this|everything) (up|down) (as a report|)
(document|write down) (the findings|everything|what you saw)
turn (this|that|the findings) into (a report|text|a draft)
(can we|could you) (have|do) the (report|write-up|text)""",
    "show_image": """(show|display|open|view|see) (me|) (the|) {v}
(show|display|put up|bring up|let me see) {v} (again|on screen|please|in the window|)
(I want|I would like|I'd like) to (see|view|look at|check) {v} (myself|)
(can I|could I|may I) (see|have a look at|view) {v}
(zoom|zoom in|focus) (on|into|to) {v}
(enlarge|magnify|render|draw) {v}
(picture|image|view) (of|) {v}""",
    "show_evidence": """(show|display|give me) (the|) (evidence|proof|source|basis|support|region) (for|of|behind) (sentence|line|statement|claim|number) {s}
why (do you say|did you write|is there|do you think) (sentence|line|statement|number|claim) {s}
what (is|does) (sentence|line|statement|claim) {s} (rest on|based on|come from|supported by)
where (does|did) (sentence|line|statement|number|claim) {s} come from
(justify|explain|back up|support|prove|verify) (sentence|line|statement|claim|number) {s}
(evidence|source|proof) {s}
(how do you know|what supports) (sentence|line|number|claim) {s}
(what is the|show the) (evidence|source|proof) (for|of) the {o} (sentence|line|statement|claim)
(justify|explain|prove|support) the {o} (sentence|line|statement|claim)
why the {o} (sentence|line)
show where (sentence|line|claim) {s} (is|lies) on the (film|image)""",
    "read_study": """(read|interpret|report|do|go through|work up) (study|accession|case|exam|) {a}
(read|interpret|work up|report) {a} (with its priors|with priors|completely|from scratch|end to end|for me|fully)
(do|make|run|start|perform) (a|the) (full|complete|whole|entire) (read|reading|workflow|interpretation) (of {a}|of this study|of this case|)
(read|interpret|report) (this|the|the open|the current) (study|case|exam) (with its priors|with priors|from start to finish|completely|for me|fully|)
(read|interpret) (it|this one|the whole thing) (with its priors|and compare with the priors|completely|from beginning to end|for me)
(full|complete) (read|workup|reading) (of {a}|for {a}|please|)
(read|process) the (whole|entire|complete) (study|case) (and the priors|with everything|)
(please|) (give me|I need) a (full|complete) (read|reading|interpretation) (of {a}|of this|)""",
    ANSWER: """(hello|hi|hey|good morning|good evening|good afternoon|hi there|hello again|howdy)
(thanks|thank you|thanks a lot|many thanks|great|perfect|well done|nice|ok|okay|cool|good job|nice work|excellent|super)
(bye|goodbye|see you|see you tomorrow|that is all|nothing else|I am done|done for today)
(who are you|what are you|are you a doctor|are you human|which model are you|what is your name)
(help|what are your capabilities|how do you work|how can you help|what can I ask you|what commands are there|how does this work)
(what were you trained on|can I trust you|is this a medical device|are you certified)
(yes|no|maybe|never mind|forget it|sorry|all right|fine|understood|I see)
(how are you|are you there|are you online|tell me about yourself)""",
    CANNOT: """(sign|approve|finalise|finalize|authorise|release) (it|the report|this|the draft) (now|for me|as Dr Smith|in my name|)
(send|forward|mail|email|fax|submit|deliver|store) (it|the report|the draft|this) (to the PACS|to the RIS|to the clinic|to the GP|to the referrer|to the ward|by mail|)
(delete|erase|remove|overwrite|wipe) (the|this|that) (study|patient|report|film|image|draft)
(book|schedule|order|arrange|request|plan) (a|an|the) (CT|MRI|ultrasound|follow-up|appointment|PET|biopsy|blood test) (of the knee|for tomorrow|next week|of the head|in six weeks|)
(what|which) (drug|antibiotic|treatment|therapy|medication|dose) (should he get|do you recommend|is best|should I give|would you prescribe)
(call|page|phone|ring|text|message) (the|) (doctor|ward|clinician|surgeon|patient|family|emergency room)
(what is|tell me) (the weather|the time|the news|the capital of France|a joke|the football result)
(write|tell) me a (poem|story|joke|song|letter to my boss)
(change|edit|modify|correct) the (patient's name|birth date|accession number|patient ID)
(how long|will) (does he have to live|he survive|will he be in hospital|she recover)
(read|segment|look at|interpret) the (MRI of the knee|brain MRI|mammogram|bone scan|echo|ECG|EEG|blood count)
(translate|read out|speak) (this|it|the report) (into German|into French|aloud|to me in Spanish|)
(print|burn) (the report|a CD|the film|the images) (for the patient|)
(buy|sell|install|update|restart|shut down) (the computer|this program|windows|shares|a coffee)
(who will win|who is|what happened in) (the election|the president|the world cup|history)""",
}

SENTENCES = {
    "1": ("1", "one"),
    "2": ("2", "two"),
    "3": ("3", "three"),
    "4": ("4", "four"),
    "5": ("5", "five"),
    "6": ("6", "six"),
    "7": ("7", "seven"),
    "8": ("8", "eight"),
    "9": ("9", "nine"),
    "10": ("10", "ten"),
    "11": ("11",),
    "12": ("12",),
    "17": ("17",),
}
ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "2nd",
    "3rd",
    "4th",
    "last",
)
VIEW_WORDS = {
    "current": (
        "the current film",
        "the current image",
        "the film",
        "the image",
        "this film",
        "today's film",
        "the x-ray",
        "the radiograph",
        "the picture",
        "current",
        "the chest film",
        "the new film",
        "the current study",
    ),
    "prior": (
        "the prior",
        "the old film",
        "the previous film",
        "the prior image",
        "prior",
        "the earlier film",
        "the last film",
        "the old one",
        "the comparison film",
        "the previous study",
    ),
}
PREFIX = (
    "",
    "",
    "",
    "",
    "",
    "please ",
    "can you ",
    "could you ",
    "hey, ",
    "ok, ",
    "now ",
    "pls ",
    "would you ",
    "I'd like you to ",
    "well, ",
    "so ",
    "and ",
    "next, ",
    "doc here, ",
)
SUFFIX = ("", "", "", "", "", "?", ".", "!", " please", " pls", " thanks", " now", " for me", "..")
CASES = (
    "XR chest PA M 63",
    "XR chest AP F 71",
    "XR chest PA F 34",
    "CR-20931 XR chest PA M 55",
    "XR chest M 48",
    "CR chest AP M 80",
    "DX CHEST PA F 29",
    "XR chest",
    "A1002 XR chest PA F 66",
)

RESULTS: dict[str, tuple[str, ...]] = {
    "worklist": ("12 studies", "no studies", "3 studies", "1 study"),
    "open_study": (
        "open: CR-20931 XR chest",
        "failed: no study with this accession",
        "failed: two studies match",
    ),
    "find_priors": (
        "found 2: P1 XR 2024-03-02, P2 CT 2023-01-10",
        "none",
        "found 1: P1 XR 2021-11-30",
    ),
    "retrieve_prior": (
        "P1 complete: 1 image, 1 report",
        "P2 partial: 3 of 5",
        "P1 failed: not reachable",
    ),
    "look_at_film": (
        "film adequate; seen: pleural effusion left 0.93",
        "film adequate; seen: nothing",
        "film poor (noisy); seen: nothing",
        "cannot judge: unlike the films it knows",
    ),
    "ask_region": (
        "tracheal tube present 0.91: tip at (512, 300)",
        "pneumothorax absent 0.03",
        "nodule uncertain 0.41",
        "free air not assessed",
    ),
    "measure": ("cardiothoracic ratio 0.56", "not measurable: no spacing", "nodule diameter 14 mm"),
    "compare_prior": (
        "P1: pleural effusion larger; nodule new",
        "P1: no finding to compare",
        "P1: not retrieved",
    ),
    "draft_report": ("draft 1: 9 sentences", "drafted"),
    "show_image": ("shown", "no such image"),
    "show_evidence": ("shown", "failed: no draft yet"),
    "read_study": (
        "draft ready for approval",
        "failed: no study with this accession",
        "read: approval pending",
    ),
}
