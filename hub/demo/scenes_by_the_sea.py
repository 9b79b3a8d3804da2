"""Demo scenes by the water: harbour, island, dunes, estuary, embankment."""

from __future__ import annotations

import math

from hub.demo.canvas import HEIGHT, WIDTH, Canvas, boat, casuarina, cloud, house, leaf, person, shimmer, stars


def harbour_before_dawn(c: Canvas) -> None:
    c.band(0, 620, "#22345c", "#4a5c8c", "#b8839a", "#f2b48c", "#fbd9a5")
    stars(c, 50, 190)
    c.glow("#ffe9b8", 1060, 585, 520, 0.75)
    c.oval("#fff3cf", 1060, 580, 52)
    c.ridge("#7b6a8cc0", 560, 46, 900)
    c.ridge("#5a5a80", 596, 22, 520)
    c.band(610, HEIGHT, "#f0b995", "#a9809a", "#4d5b86", "#243556")
    shimmer(c, "#ffe7bda0", 1060, 622, 980, 90, 150)
    boat(c, 640, 690, 90, "#3d4f74", "#c7795a")
    boat(c, 1330, 655, 60, "#46557a", "#b98a6a")
    boat(c, 950, 868, 210, "#24507e", "#e0694a")
    c.soft("#16213a", 0.4, 14, (740, 876), (1180, 876), (1120, 906), (800, 906))
    for x in (40, 150, 260, 370, 470):
        c.line("#2a2430", 13, (x, 770), (x, HEIGHT))
    c.box("#3c3038", 0, 758, 520, 24)
    c.glow("#ffcf7a", 215, 650, 330, 0.7)
    c.box("#4b3b3e", 70, 560, 300, 200)
    c.polygon("#2f2a36", (36, 566), (90, 490), (370, 490), (410, 566))
    c.box("#ffd98a", 120, 610, 110, 90, 4)
    c.line("#4b3b3e", 6, (175, 610), (175, 700))
    c.line("#2f2a36", 5, (330, 490), (330, 330))
    c.line("#2f2a36", 3, (306, 360), (354, 360))
    c.line("#2f2a36", 3, (314, 385), (346, 385))
    person(c, 425, 760, 170, "#4d6b86", "#2b3040", head="cap", cap="#8a7a5c", reach="1")


def island_veranda(c: Canvas) -> None:
    c.band(0, 560, "#7cc3df", "#b5dfe6", "#f3ecd2")
    c.glow("#fff6d8", 1230, 210, 380, 0.9)
    cloud(c, "#eaf5f4", 420, 190, 80)
    cloud(c, "#d8ecef", 960, 130, 55)
    c.band(540, HEIGHT, "#58aeb9", "#2f8ea3", "#1f7590")
    shimmer(c, "#ffffff70", 1180, 552, 760, 260, 110)
    c.polygon("#5f9a86", (560, 552), (650, 470), (760, 430), (850, 452), (930, 505), (1040, 530), (1100, 552))
    c.polygon("#4a8474", (640, 552), (760, 480), (860, 510), (980, 552))
    boat(c, 1330, 610, 62, "#2c5d86", "#e4b04b")
    for n, angle in enumerate((-2.6, -2.2, -1.75, -1.2, -0.8, -0.35, 0.1)):
        leaf(c, ("#3f7a4c", "#54925a")[n % 2], 1440, 330, 260, angle + 0.25, 0.09)
    c.line("#7a5f45", 26, (1470, 800), (1452, 560), (1440, 330))
    c.polygon("#e3c79d", (0, 800), (WIDTH, 800), (WIDTH, HEIGHT), (0, HEIGHT))
    for x in range(-200, 1900, 170):
        c.line("#cdaa7c", 4, (800 + (x - 800) * 0.72, 800), (x, HEIGHT))
    c.box("#8b5e3c", 0, 0, WIDTH, 66)
    c.box("#774d30", 0, 66, WIDTH, 14)
    c.box("#96683f", 180, 66, 40, 830, 4)
    for x in (262, 418):
        c.line("#7a5a3a", 3, (340, 80), (x, 265), (x, 620))
    for n, color in enumerate(("#f2c230", "#3f7fc4", "#8656a8")):
        top = 265 + n * 130
        c.polygon("#c89a5b", (252, top), (428, top), (408, top + 96), (272, top + 96))
        for line in range(4):
            c.line("#a97c42", 3, (256 + line * 5, top + 18 + line * 22), (424 - line * 5, top + 18 + line * 22))
        for packet in range(3):
            c.box("#fbf7ec", 280 + packet * 44, top - 34, 36, 40, 5)
            c.box(color, 280 + packet * 44, top - 20, 36, 14)
    c.soft("#8f6f47", 0.5, 16, (560, 985), (1090, 985), (1090, 1015), (560, 1015))
    c.box("#8a5d3b", 560, 880, 500, 30, 8)
    c.box("#74492c", 590, 905, 26, 90)
    c.box("#74492c", 1004, 905, 26, 90)
    person(c, 690, 980, 470, "#8d6f9e", "#4a3d52", pose="sit", hair="#d9d6d2", reach="1")
    person(c, 960, 980, 490, "#fbfbf6", "#e6ebee", pose="sit", hair="#2a2322", reach="-1")
    c.box("#f2c230", 806, 805, 40, 32, 5)


def sea_pines(c: Canvas) -> None:
    c.band(0, 640, "#86bfd9", "#bfdfe2", "#f6ecd0")
    c.glow("#fff6d4", 300, 300, 480, 0.9)
    cloud(c, "#e6f1f2", 1080, 170, 90)
    cloud(c, "#d6e9ec", 620, 110, 56)
    c.band(520, 640, "#4f9fb5", "#7cc0c6")
    shimmer(c, "#ffffff90", 320, 526, 610, 160, 60)
    c.ridge("#f1dcb0", 610, 36, 1100)
    for n in range(22):
        casuarina(
            c,
            660 + n * 44 + c.random.uniform(-8, 8),
            640 + c.random.uniform(-8, 8),
            210,
            "#5f8a76",
            "#7aa488",
            "#6d9880",
        )
    c.ridge("#ecd09a", 700, 34, 1000)
    for n in range(11):
        casuarina(
            c,
            560 + n * 100 + c.random.uniform(-14, 14),
            790 + c.random.uniform(-8, 8),
            370,
            "#3f6f58",
            "#5d8f6c",
            "#4d7f62",
        )
    c.ridge("#e4c084", 830, 40, 1300)
    for x, y, high in ((800, 960, 560), (1080, 985, 640), (1370, 970, 600)):
        c.soft("#a57f48", 0.5, 16, (x - 190, y - 4), (x + 20, y - 4), (x + 20, y + 22), (x - 210, y + 26))
        casuarina(c, x, y, high, "#2c5844", "#3d6e50", "#4c8159", "#6a9c70")
    for n in range(9):
        x = 40 + n * 62
        c.line("#a9854e", 6, (x, 905 - n * 3), (x + 4, 985 - n * 2))
        c.line("#c9a766", 5, (x - 30, 930 - n * 3), (x + 34, 950 - n * 3))
    for n, x in enumerate((250, 430, 610)):
        casuarina(c, x, 990 + n * 16, 130, "#4c8159", "#7fb37a", "#5d9468")
        c.line("#8a6b43", 5, (x + 28, 1000 + n * 16), (x + 28, 930 + n * 16))
        c.box("#e8d2a0", x + 12, 930 + n * 16, 34, 24, 3)
    c.soft("#a57f48", 0.5, 12, (80, 1010), (400, 1010), (400, 1030), (80, 1030))
    person(
        c, 345, 1020, 400, "#5a6f4c", "#46533c", hair="#d8d5cf", skin="#a8714e", reach="1", head="cap", cap="#7d8a62"
    )
    for _ in range(60):
        c.oval("#c79e6080", c.random.uniform(0, WIDTH), c.random.uniform(940, HEIGHT), c.random.uniform(8, 26), 1.4)


def office_on_a_boat(c: Canvas) -> None:
    c.band(0, 560, "#8ccbe0", "#c4e4e2", "#fbe9c2")
    c.glow("#fff3c6", 380, 330, 480, 0.95)
    cloud(c, "#eaf5f4", 1120, 160, 84)
    c.ridge("#9fbfae", 500, 46, 860)
    c.ridge("#7fa892", 530, 26, 560)
    for n in range(7):
        house(
            c,
            930 + n * 100,
            560,
            70,
            42,
            ("#f0dcb8", "#e8c9a8", "#dfe3da")[n % 3],
            ("#b65a43", "#8f5a48")[n % 2],
            "#7fb0bd",
        )
    c.band(552, HEIGHT, "#a9d6d2", "#62b0b8", "#3a8fa2", "#2a7488")
    shimmer(c, "#fff3c6a0", 380, 560, 900, 120, 120)
    boat(c, 330, 640, 84, "#3f6f9a", "#d8694f")
    boat(c, 1380, 650, 96, "#3a7f78", "#e0a83c")
    boat(c, 1060, 625, 62, "#5a6f9a", "#c95f4a")
    c.soft("#123f50", 0.5, 22, (250, 900), (1400, 900), (1330, 960), (330, 960))
    curve = [(200 + 1220 * t / 24, 742 - 96 * (abs(t - 11) / 13) ** 3) for t in range(25)]
    c.polygon("#8a5334", *curve, (1300, 900), (1180, 925), (440, 925), (290, 890))
    c.line("#5b3421", 16, *curve)
    c.line("#c98a4f", 9, *[(x, y + 42) for x, y in curve[1:-1]])
    c.line("#6f4027", 5, *[(x + (800 - x) * 0.06, y + 104) for x, y in curve[2:-2]])
    for x in (470, 800, 1130):
        c.box("#6d4a2f", x, 430, 16, 310)
    c.polygon("#e9d9b0", (410, 452), (480, 376), (1130, 376), (1200, 452))
    c.polygon("#d3bd8a", (410, 452), (1200, 452), (1200, 472), (410, 472))
    for x in range(470, 1180, 60):
        c.line("#d8c596", 4, (x, 450), (800 + (x - 800) * 0.86, 378))
    c.box("#2f7fa0", 690, 486, 240, 62, 8)
    c.box("#f6f0da", 716, 504, 188, 9, 4)
    c.box("#f6f0da", 746, 524, 128, 8, 4)
    c.box("#a87748", 560, 660, 480, 20, 4)
    for x in (580, 1000):
        c.box("#8a5f3a", x, 680, 18, 74)
    c.polygon("#3c444c", (620, 658), (640, 588), (742, 588), (730, 658))
    c.polygon("#bfe0ea", (632, 650), (648, 596), (732, 596), (722, 650))
    c.box("#e6e8e6", 830, 604, 150, 54, 10)
    c.box("#c2c8c8", 842, 622, 126, 10, 4)
    c.polygon("#ffffff", (856, 606), (954, 606), (946, 556), (864, 556))
    for n in range(4):
        c.box("#b9c4c8", 876, 566 + n * 9, 58 - n * 8, 4)
    c.line("#c9a766", 6, (1390, 690), (1520, 760), (1600, 770))
    shimmer(c, "#ffffff60", 800, 940, 1050, 420, 50)


def tide_whistle(c: Canvas) -> None:
    c.band(0, 600, "#16284a", "#2b4370", "#5f6f95", "#a9a0a8")
    stars(c, 70, 300)
    c.glow("#f8efcf", 1180, 230, 330, 0.75)
    c.oval("#fbf4da", 1180, 230, 74)
    c.oval("#ece2c0", 1162, 214, 14)
    c.oval("#ece2c0", 1204, 250, 20)
    c.ridge("#2d4163", 560, 30, 760)
    for n in range(14):
        x = 40 + n * 120 + c.random.uniform(-20, 20)
        house(c, x, 588, 66, 36, "#2a3a58", "#22304c", "#f5c978" if n % 3 else "#33466a")
    c.band(584, HEIGHT, "#7f88a6", "#45608a", "#2a466c", "#1c3354")
    shimmer(c, "#f8efcfb0", 1180, 592, 960, 60, 120)
    for n in range(9):
        y = 640 + n * n * 5.2
        wave = [(x, y + 5 * math.sin(x / 90 + n * 1.7)) for x in range(-20, WIDTH + 30, 15)]
        c.line("#c9d4e640", 2 + n * 0.4, *wave)
    c.polygon("#6d7078", (0, 700), (470, 800), (560, HEIGHT), (0, HEIGHT))
    c.polygon("#8b8e94", (0, 672), (470, 776), (470, 806), (0, 706))
    for n in range(8):
        c.line("#5a5d66", 4, (n * 70, 712 + n * 13.5), (n * 84, HEIGHT))
    c.line("#7d6a50", 14, (520, 1030), (520, 560))
    c.line("#7d6a50", 14, (860, 1050), (860, 560))
    c.box("#8f7a5c", 490, 600, 400, 20, 4)
    c.box("#f2eee0", 842, 660, 38, 330, 4)
    for n in range(11):
        c.box("#2c3a52", 842, 676 + n * 28, 22 if n % 2 else 34, 6)
    c.box("#d8402f", 836, 790, 50, 12, 2)
    for n, (x, top) in enumerate(((640, 330), (690, 380), (740, 430))):
        c.box(("#b9a455", "#c8b566", "#a8954c")[n], x - 21, top, 42, 930 - top, 14)
        c.box("#e2d48c90", x - 14, top + 8, 10, 910 - top, 5)
        for y in range(top + 80, 920, 118):
            c.box("#8a7838", x - 24, y, 48, 10, 5)
        c.oval("#5d5026", x, top + 4, 21, 8)
        c.oval("#3a3320", x, top + 46, 9, 13)
    c.line("#d9c9a0", 9, (606, 660), (776, 660))
    c.line("#d9c9a0", 9, (606, 820), (776, 820))
    c.line("#c9ced1", 8, (690, 900), (690, 960))
    c.oval("#e8842e", 690, 968, 120, 42)
    c.oval("#f3a75a", 676, 954, 84, 20)
    c.box("#fbf3e0", 572, 962, 236, 12, 4)
    c.soft("#1c3354", 0.75, 14, (520, 988), (880, 988), (900, 1030), (500, 1030))
    for n in range(3):
        spread = 70 + n * 52
        arc = [(640 + math.cos(a / 10) * spread, 330 + math.sin(a / 10) * spread) for a in range(-25, -5)]
        c.line("#fbf4da" + ("c0", "80", "50")[n], 6, *arc)
    shimmer(c, "#c9d4e670", 690, 1000, 1060, 200, 40)
