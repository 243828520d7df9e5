"""Names of people who never lived, in the scripts that hospitals meet, as DICOM PN.

Family and given names are usual where they come from; who has which is drawn, so nobody is meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from readingroom.sandbox_pacs.patients.dice import Dice

_LONGEST = 64
"""Characters of one component group. Source: PS3.5 6.2, PN."""


@dataclass(frozen=True)
class NameGroup:
    """Names of one origin. An entry may have groups: "Yamada=山田=やまだ".

    Attributes:
        family, family_female: the same where women have no form of their own.
        ideographic: an entry's groups are PN's own; else the second is the name in its script,
            which stands in the first group where the hospital keeps it.
        second_family: share of people with two surnames.
        single: share of people with one name only.
        middle: share of people with a middle name.
        prefixes, suffixes: PN components 4 and 5, seldom.
    """

    key: str
    family: tuple[str, ...]
    given_male: tuple[str, ...]
    given_female: tuple[str, ...]
    family_female: tuple[str, ...] = ()
    ideographic: bool = False
    second_family: float = 0.0
    single: float = 0.0
    middle: float = 0.0
    prefixes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()

    def families(self, sex: str) -> tuple[str, ...]:
        """Surnames of one sex, "M" or "F"."""
        return self.family_female if sex == "F" and self.family_female else self.family

    def given(self, sex: str) -> tuple[str, ...]:
        """Given names of one sex, "M" or "F"."""
        return self.given_female if sex == "F" else self.given_male


def person_name(dice: Dice, group: NameGroup, sex: str, native: bool = True) -> str:
    """Draw a name.

    Args:
        dice: drawn from.
        group: origin of the name.
        sex: "M" or "F".
        native: kept in its own script, else transliterated.

    Returns:
        DICOM PN, at most 64 characters in each group.
    """
    family = dice.pick(group.families(sex)).split("=")
    given = dice.pick(group.given(sex)).split("=")
    if group.ideographic:
        named = zip(family, given, strict=True)
        return "=".join(f"{surname}^{first}" for surname, first in named)
    form = -1 if native else 0
    surname, first = family[form], given[form]
    if dice.chance(group.second_family):
        other = dice.pick(group.families(sex)).split("=")[form]
        if other != surname:
            surname = f"{surname} {other}"
    middle = ""
    if dice.chance(group.middle):
        middle = dice.pick(group.given(sex)).split("=")[form]
    prefix = dice.pick(group.prefixes) if group.prefixes and dice.chance(0.06) else ""
    suffix = dice.pick(group.suffixes) if group.suffixes and dice.chance(0.05) else ""
    if dice.chance(group.single):
        return first
    full = "^".join((surname, first, "" if middle == first else middle, prefix, suffix))
    return full.rstrip("^") if len(full) <= _LONGEST else f"{surname}^{first}"[:_LONGEST]


def group_by_key(key: str) -> NameGroup:
    """The group of that name.

    Raises:
        KeyError: there is none.
    """
    return _BY_KEY[key]


def _list(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(","))


GROUPS: tuple[NameGroup, ...] = (
    NameGroup(
        "english",
        _list(
            "Ashworth, Blackwood-Hale, Carmichael, Dunmore, Eddlestone, Featherstonehaugh, "
            "Garside, Hollingbourne, Iveson, Kettlewell, Lockhart, Marchbanks, Norcliffe, "
            "Ormerod, Pemberton, Rushbrooke, Smith, Thistlewood, Jones, Cholmondeley-Warrington"
        ),
        _list("Alan, Colin, Daniel, Edward, George, Jack, Leonard, Oliver, Peter, Ross, Stuart"),
        _list("Alice, Beth, Catherine, Doreen, Eleanor, Gemma, Harriet, Joan, Mary, Olive, Ruth"),
        middle=0.35,
        prefixes=("Dr.", "Rev.", "Sir"),
        suffixes=("Jr.", "III", "PhD"),
    ),
    NameGroup(
        "irish",
        _list(
            "O'Brien, O'Sullivan, Ní Dhomhnaill, Mac Giolla Phádraig, Ó Súilleabháin, McNamara, "
            "Fitzgerald, Kavanagh, D'Arcy, MacGowan, O'Shaughnessy, Byrne, Ua Conchobhair"
        ),
        _list("Seán, Pádraig, Oisín, Cillian, Fionn, Ruairí, Diarmuid, Eoin, Tadhg"),
        _list("Siobhán, Niamh, Aoife, Caoimhe, Gráinne, Róisín, Sinéad, Bláthnaid, Orlaith"),
        middle=0.1,
    ),
    NameGroup(
        "german",
        _list(
            "Müller, Weiß, Groß, Schäfer, Köhler-Brandt, von der Heide, Freiherr von Türkheim, "
            "Zumbühl, Bächtold, Brönnimann, Jäggi, Hofstätter, Öztürk-Lang, Süßmilch, Dörflinger, "
            "Leutheusser-Hagenbuch, Nägeli, Übelacker"
        ),
        _list("Jürgen, Björn, Götz, Karl-Heinz, Matthias, Rüdiger, Uwe, Wolfgang, Lukas, Beat"),
        _list("Käthe, Jördis, Annegret, Bärbel, Heidrun, Ursula, Änne, Vreni, Lena, Sophie"),
        middle=0.1,
        prefixes=("Dr.", "Prof. Dr.", "Dr. med."),
    ),
    NameGroup(
        "nordic",
        _list(
            "Åström, Sjöberg, Bjørnstad, Ødegård, Lindqvist, Hæggernæs, Kjærgaard, Mäkelä, "
            "Hyvärinen, Västerås, Søndergaard, Ångström, Nyström, Aaltonen"
        ),
        _list("Åke, Bjørn, Göran, Håkon, Jörgen, Øyvind, Pär, Väinö, Søren"),
        _list("Åsa, Bodil, Märta, Päivi, Ragnhild, Sigrún, Solveig, Ylva, Øydis"),
        middle=0.15,
    ),
    NameGroup(
        "icelandic",
        _list(
            "Jónsson, Guðmundsson, Sigurðsson, Þórarinsson, Ásgeirsson, Björnsson, Ólafsson, "
            "Friðriksson, Hallgrímsson, Ægisson, Þorsteinsson, Kristjánsson"
        ),
        _list("Guðjón, Þór, Sigurður, Ísak, Hörður, Snæbjörn, Ægir, Jökull"),
        _list("Guðrún, Þórdís, Sigríður, Ásta, Hrafnhildur, Æsa, Jóhanna, Björk"),
        family_female=_list(
            "Jónsdóttir, Guðmundsdóttir, Sigurðardóttir, Þórarinsdóttir, Ásgeirsdóttir, "
            "Björnsdóttir, Ólafsdóttir, Friðriksdóttir, Hallgrímsdóttir, Ægisdóttir, "
            "Þorsteinsdóttir, Kristjánsdóttir"
        ),
    ),
    NameGroup(
        "french",
        _list(
            "Lefèvre, Beauséjour, Façonnet, de La Rochefoucauld, D'Aubigné, Hélias, Noël, Œuvrard, "
            "Guéguen, L'Hermitte, Chênevert, Maréchal-Dubois, Bréchignac, Poincaré-Toussaint"
        ),
        _list("André, Benoît, Clément, François, Jérôme, Loïc, René, Jean-Sébastien, Gaëtan"),
        _list("Anaïs, Zoé, Cécile, Françoise, Héloïse, Maëlys, Noémie, Marie-Thérèse, Léonie"),
        middle=0.1,
    ),
    NameGroup(
        "spanish",
        _list(
            "García, Núñez, Muñoz, Ibáñez, de la Peña, Zúñiga, Echeverría, Güell, Peralta, "
            "Sepúlveda, Ordóñez, Castañeda, Vázquez, Etxeberria"
        ),
        _list("José, Ramón, Íñigo, Joaquín, Ángel, Juan Ramón, Óscar, Martín, Andrés"),
        _list("María José, Concepción, Begoña, Inés, Lucía, Ángela, Nuria, Sofía, Ximena"),
        second_family=0.85,
    ),
    NameGroup(
        "portuguese",
        _list(
            "da Conceição, Guimarães, dos Santos, Magalhães, Simões, Assunção, Araújo, Brandão, "
            "de Albuquerque Cavalcanti, Falcão, Gonçalves, Vasconcelos e Menezes, Leitão"
        ),
        _list("João, António, Estêvão, Luís, Sebastião, Tomé, Otávio, Inácio"),
        _list("Conceição, Mônica, Fátima, Graça, Inês, Lúcia, Antônia, Estefânia"),
        second_family=0.7,
    ),
    NameGroup(
        "italian",
        _list(
            "D'Angelo, Dell'Acqua, De Sanctis, Nicolò, Cantù, Forlì, Brambilla, Lo Presti, "
            "Degl'Innocenti, Mastropietro, Santacroce, Scognamiglio, Quattrocchi"
        ),
        _list("Niccolò, Giosuè, Pasquale, Ettore, Salvatore, Lapo, Gianluigi, Carmelo"),
        _list("Noemi, Letizia, Mariù, Concetta, Fiammetta, Giosetta, Ornella, Assunta"),
    ),
    NameGroup(
        "polish",
        _list(
            "Wójcik, Żółtowski, Śliwiński, Brzęczyszczykiewicz, Łukaszewicz, Gąsiorowski, "
            "Ćwikliński, Dąbrowski, Jabłoński, Źrebiec, Niedźwiecki, Szczęsny"
        ),
        _list("Łukasz, Stanisław, Grzegorz, Wojciech, Zbigniew, Jędrzej, Bolesław, Michał"),
        _list("Małgorzata, Agnieszka, Żaneta, Grażyna, Elżbieta, Bożena, Wisława, Zofia"),
        family_female=_list(
            "Wójcik, Żółtowska, Śliwińska, Brzęczyszczykiewicz, Łukaszewicz, Gąsiorowska, "
            "Ćwiklińska, Dąbrowska, Jabłońska, Źrebiec, Niedźwiecka, Szczęsna"
        ),
    ),
    NameGroup(
        "czech",
        _list(
            "Dvořák, Novotný, Růžička, Šťastný, Křížek, Říha, Zvěřina, Ďurďák, Hřebíček, Ťupa, "
            "Žáček, Vlček"
        ),
        _list("Jiří, Bořivoj, Řehoř, Vojtěch, Zdeněk, Čeněk, Ondřej, Luboš"),
        _list("Jiřina, Božena, Květa, Ludmila, Zdeňka, Růžena, Běla, Ľubica"),
        family_female=_list(
            "Dvořáková, Novotná, Růžičková, Šťastná, Křížková, Říhová, Zvěřinová, Ďurďáková, "
            "Hřebíčková, Ťupová, Žáčková, Vlčková"
        ),
    ),
    NameGroup(
        "hungarian",
        _list(
            "Kovács, Szőllősi, Nagy, Őszi, Hűvös, Gyöngyösi, Csörgő, Székely, Vörösmarti, Zsoldos, "
            "Békési, Fűzfa"
        ),
        _list("Győző, Ödön, Lőrinc, Zsolt, Béla, Ákos, Gergő, Jenő"),
        _list("Zsuzsanna, Erzsébet, Csilla, Györgyi, Ágnes, Ilona, Enikő, Tünde"),
        second_family=0.1,
    ),
    NameGroup(
        "turkish",
        _list(
            "Şahin, Yıldırım, Çelik, Öztürk, Güneş, Kılıçdaroğlu, Işık, Doğan, Müezzinoğlu, "
            "Büyükağaç, Şimşek, Iğdır"
        ),
        _list("Çağrı, İbrahim, Oğuz, Ümit, Yiğit, Göksel, Şükrü, Işıtan"),
        _list("Ayşe, Şule, Gülşen, İpek, Çiğdem, Özlem, Işıl, Büşra"),
        middle=0.1,
    ),
    NameGroup(
        "vietnamese",
        _list("Nguyễn, Trần, Lê, Phạm, Hoàng, Phan, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương"),
        _list(
            "Văn Đức, Hữu Phước, Quốc Việt, Minh Tuấn, Đình Khôi, Bảo Long, Thành Đạt, Xuân Trường"
        ),
        _list(
            "Thị Hoa, Thị Bích Ngọc, Thu Hằng, Ngọc Ánh, Thị Kiều, Diễm My, Thùy Dương, Phương Thảo"
        ),
    ),
    NameGroup(
        "african",
        _list(
            "Ọláńrewájú, Adébáyọ̀, Nkrumah-Owusu, Ng'ang'a, Okonjo, Mwalimu, Diallo, Ɛdusei, "
            "Tshabalala, Gebreselassie, Ndiaye, Odhiambo, Chukwuemeka"
        ),
        _list("Babátúndé, Kwabena, Kamau, Chinedu, Tesfaye, Mamadou, Sipho, Olúṣẹ́gun"),
        _list("Fọláṣadé, Akosua, Wanjiku, Ngozi, Tigist, Aïssatou, Nomvula, Yétúndé"),
        middle=0.15,
    ),
    NameGroup(
        "indonesian",
        _list(
            "Wibisono, Kusumawardhani, Hutagalung, Simatupang, Prawirodirjo, Tanuwidjaja, "
            "Nasution, Siregar, Hardjosoekarto, Lestari, Mangkunegara, Sitompul"
        ),
        _list("Suryadi, Bambang, Wayan, Slamet, Teguh, Joko, Made, Rahmat"),
        _list("Sulastri, Dewi, Ketut, Ningsih, Ratna, Wulandari, Sumiyati, Endang"),
        single=0.5,
    ),
    NameGroup(
        "chinese",
        _list(
            "Wang=王, Li=李, Zhang=张, Liu=刘, Chen=陈, Ouyang=欧阳, Zhao=赵, Huang=黄, Zhou=周, "
            "Sima=司马, Xu=徐, Zhu=朱, Zhuge=诸葛"
        ),
        _list(
            "Jianguo=建国, Weimin=伟民, Zhiqiang=志强, Hao=浩, Mingyuan=明远, Xiaodong=小东, "
            "Guangming=光明, Zihan=子涵"
        ),
        _list(
            "Xiulan=秀兰, Meiling=美玲, Xiaoyan=小燕, Jing=静, Yuzhen=玉珍, Shufen=淑芬, "
            "Lihua=丽华, Yating=雅婷"
        ),
        ideographic=True,
    ),
    NameGroup(
        "japanese",
        _list(
            "Yamada=山田=やまだ, Satou=佐藤=さとう, Suzuki=鈴木=すずき, Takahashi=高橋=たかはし, "
            "Watanabe=渡邊=わたなべ, Saitou=齋藤=さいとう, Kobayashi=小林=こばやし, "
            "Oonishi=大西=おおにし, Hasegawa=長谷川=はせがわ, Kudou=工藤=くどう, "
            "Shibazaki=柴崎=しばざき, Teshigawara=勅使河原=てしがわら, Nii=仁井=にい"
        ),
        _list(
            "Tarou=太郎=たろう, Kenji=健二=けんじ, Shouta=翔太=しょうた, Makoto=誠=まこと, "
            "Hiroshi=浩=ひろし, Ryuunosuke=龍之介=りゅうのすけ, Kazuo=和夫=かずお, "
            "Shinichirou=慎一郎=しんいちろう"
        ),
        _list(
            "Hanako=花子=はなこ, Yumi=由美=ゆみ, Sachiko=幸子=さちこ, Misaki=美咲=みさき, "
            "Keiko=恵子=けいこ, Aoi=葵=あおい, Fumie=文恵=ふみえ, Chizuru=千鶴=ちづる"
        ),
        ideographic=True,
    ),
    NameGroup(
        "korean",
        _list(
            "Kim=金=김, Lee=李=이, Park=朴=박, Choi=崔=최, Jung=鄭=정, Kang=姜=강, Cho=趙=조, "
            "Yoon=尹=윤, Jang=張=장, Lim=林=임, Han=韓=한, Hwangbo=皇甫=황보"
        ),
        _list(
            "Min-jun=民俊=민준, Sung-ho=成浩=성호, Young-soo=榮洙=영수, Ji-hoon=志勳=지훈, "
            "Dong-hyun=東賢=동현, Sang-woo=相宇=상우, Jae-won=在元=재원, Kyung-tae=京泰=경태"
        ),
        _list(
            "Ji-eun=智恩=지은, Soo-jin=秀眞=수진, Eun-ju=恩珠=은주, Hye-won=惠媛=혜원, "
            "Mi-sook=美淑=미숙, Young-hee=英姬=영희, Seo-yeon=瑞姸=서연, Kyung-ja=敬子=경자"
        ),
        ideographic=True,
    ),
    NameGroup(
        "arabic",
        _list(
            "al-Hassan=الحسن, Qabbani=قباني, Haddad=حداد, al-Masri=المصري, "
            "Abd al-Rahman=عبد الرحمن, Mansour=منصور, al-Najjar=النجار, Shaheen=شاهين, "
            "al-Khatib=الخطيب, Saleh=صالح, Darwish=درويش, al-Sayyid=السيد, Bouazizi=بوعزيزي"
        ),
        _list(
            "Ahmad=أحمد, Yusuf=يوسف, Khalid=خالد, Umar=عمر, Abdullah=عبد الله, Tariq=طارق, "
            "Mahmoud=محمود, Faris=فارس"
        ),
        _list(
            "Layla=ليلى, Fatima=فاطمة, Maryam=مريم, Hind=هند, Zaynab=زينب, Noor=نور, Salma=سلمى, "
            "Rania=رانيا"
        ),
        middle=0.2,
    ),
    NameGroup(
        "hebrew",
        _list(
            "Cohen=כהן, Levi=לוי, Mizrahi=מזרחי, Peretz=פרץ, Biton=ביטון, Ben-David=בן-דוד, "
            "Azulay=אזולאי, Friedman=פרידמן, Shapira=שפירא, Golan=גולן, Bar-On=בר-און, Katz=כץ"
        ),
        _list(
            "Yosef=יוסף, Avraham=אברהם, Noam=נועם, Eitan=איתן, Moshe=משה, Uri=אורי, Shlomo=שלמה, "
            "Gil'ad=גלעד"
        ),
        _list(
            "Miriam=מרים, Tamar=תמר, Noa=נועה, Rivka=רבקה, Shira=שירה, Yael=יעל, Esther=אסתר, "
            "Ayelet=איילת"
        ),
    ),
    NameGroup(
        "russian",
        _list(
            "Ivanov=Иванов, Smirnov=Смирнов, Kuznetsov=Кузнецов, Shchukin=Щукин, "
            "Solovyov=Соловьёв, Zhukovsky=Жуковский, Tsvetkov=Цветков, "
            "Shevchenko=Шевченко, Yushchuk=Ющук, Rimsky=Римский, "
            "Chaykovsky=Чайковский, Podyachy=Подъячий"
        ),
        _list(
            "Aleksandr Petrovich=Александр Петрович, Fyodor=Фёдор, "
            "Yury Sergeyevich=Юрий Сергеевич, Ilya=Илья, Nikolay=Николай, "
            "Grigory=Григорий, Andrey Ilyich=Андрей Ильич, Lev=Лев"
        ),
        _list(
            "Anna Ivanovna=Анна Ивановна, Yelena=Елена, Alyona=Алёна, Tatyana=Татьяна, "
            "Nadezhda Pavlovna=Надежда Павловна, Yuliya=Юлия, Ksenia=Ксения, Zoya=Зоя"
        ),
        family_female=_list(
            "Ivanova=Иванова, Smirnova=Смирнова, Kuznetsova=Кузнецова, Shchukina=Щукина, "
            "Solovyova=Соловьёва, Zhukovskaya=Жуковская, Tsvetkova=Цветкова, Shevchenko=Шевченко, "
            "Yushchuk=Ющук, Rimskaya=Римская, Chaykovskaya=Чайковская, Podyachaya=Подъячая"
        ),
    ),
    NameGroup(
        "greek",
        _list(
            "Papadopoulos=Παπαδόπουλος, Nikolaidis=Νικολαΐδης, Georgiou=Γεωργίου, "
            "Oikonomou=Οικονόμου, Vlachos=Βλάχος, Makris=Μακρής, Karagiannis=Καραγιάννης, "
            "Angelopoulos=Αγγελόπουλος, Xenakis=Ξενάκης, Dimitriadis=Δημητριάδης, "
            "Christodoulou=Χριστοδούλου, Tsakalos=Τσάκαλος"
        ),
        _list(
            "Giorgos=Γιώργος, Odysseas=Οδυσσέας, Dimitris=Δημήτρης, Thanasis=Θανάσης, "
            "Ilias=Ηλίας, Spyros=Σπύρος, Kostas=Κώστας, Aris=Άρης"
        ),
        _list(
            "Eleni=Ελένη, Ioanna=Ιωάννα, Foteini=Φωτεινή, Vasiliki=Βασιλική, Chrysoula=Χρυσούλα, "
            "Anthi=Ανθή, Despina=Δέσποινα, Zoi=Ζωή"
        ),
        family_female=_list(
            "Papadopoulou=Παπαδοπούλου, Nikolaidou=Νικολαΐδου, Georgiou=Γεωργίου, "
            "Oikonomou=Οικονόμου, Vlachou=Βλάχου, Makri=Μακρή, Karagianni=Καραγιάννη, "
            "Angelopoulou=Αγγελοπούλου, Xenaki=Ξενάκη, Dimitriadou=Δημητριάδου, "
            "Christodoulou=Χριστοδούλου, Tsakalou=Τσάκαλου"
        ),
    ),
    NameGroup(
        "thai",
        _list(
            "Srisuk=ศรีสุข, Thongchai=ธงชัย, Wongsawat=วงศ์สวัสดิ์, Rattanaporn=รัตนพร, "
            "Chaiyasit=ไชยสิทธิ์, Suwannarat=สุวรรณรัตน์, Boonmee=บุญมี, Phromma=พรหมมา, "
            "Saengthong=แสงทอง, Kaewkla=แก้วกล้า, Charoensuk=เจริญสุข, Intharakamhaeng=อินทรกำแหง"
        ),
        _list(
            "Somchai=สมชาย, Anucha=อนุชา, Prasit=ประสิทธิ์, Wichai=วิชัย, Kittipong=กิตติพงษ์, "
            "Narong=ณรงค์, Surachai=สุรชัย, Thanakorn=ธนากร"
        ),
        _list(
            "Malee=มาลี, Siriporn=ศิริพร, Nonglak=นงลักษณ์, Kanya=กัญญา, Wilai=วิไล, "
            "Ratana=รัตนา, Suda=สุดา, Phensri=เพ็ญศรี"
        ),
    ),
    NameGroup(
        "hindi",
        _list(
            "Sharma=शर्मा, Gupta=गुप्ता, Mishra=मिश्रा, Chaturvedi=चतुर्वेदी, Yadav=यादव, Singh=सिंह, "
            "Agrawal=अग्रवाल, Joshi=जोशी, Tripathi=त्रिपाठी, Deshpande=देशपांडे, Kulkarni=कुलकर्णी, "
            "Shrivastava=श्रीवास्तव"
        ),
        _list(
            "Rajesh=राजेश, Amit=अमित, Suresh=सुरेश, Vikram=विक्रम, Krishna=कृष्ण, Dinesh=दिनेश, "
            "Arjun=अर्जुन, Harish=हरीश"
        ),
        _list(
            "Priya=प्रिया, Sunita=सुनीता, Lakshmi=लक्ष्मी, Anjali=अंजलि, Kavita=कविता, Meena=मीना, "
            "Radha=राधा, Shraddha=श्रद्धा"
        ),
        single=0.05,
        middle=0.15,
    ),
)
"""All groups; a group's place is part of what is drawn, so new ones go to the end."""

_BY_KEY = {group.key: group for group in GROUPS}
