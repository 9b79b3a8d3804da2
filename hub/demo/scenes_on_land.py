"""Demo scenes on land: map, fire station, class, yard, market, orchard, street."""

from __future__ import annotations

import math

from hub.demo.canvas import HEIGHT, WIDTH, Canvas, boat, crown, leaf, person, shimmer, stars, wheel


def map_of_drains(c: Canvas) -> None:
    c.band(0, HEIGHT, "#d7e3e2", "#eef0e4", "#f5ead2")
    c.band(0, 800, "#efe2c4", "#f3e8d0", "#ead7b4")
    c.box("#c9a878", 0, 792, WIDTH, 26)
    c.band(818, HEIGHT, "#b98f62", "#a57d54")
    c.soft("#fffbe8", 0.75, 60, (0, 0), (420, 0), (1050, 800), (500, 800))
    c.soft("#7a5c3c", 0.45, 14, (470, 130), (1370, 130), (1370, 730), (470, 730))
    c.box("#faf6ea", 450, 100, 900, 600, 6)
    c.polygon("#bcdde6", (450, 560), (640, 520), (860, 590), (1100, 540), (1350, 600), (1350, 700), (450, 700))
    for x in range(520, 1340, 118):
        c.line("#c9c3b4", 10, (x, 130), (x + 34, 560))
    for y in (180, 285, 390, 490):
        c.line("#c9c3b4", 10, (480, y + 18), (900, y - 8), (1320, y + 22))
    for x in range(520, 1330, 59):
        for y in (180, 230, 285, 337, 390, 440, 490):
            if c.random.random() < 0.68:
                color = c.random.choices(("#4fa46b", "#ee9b3a", "#d8503f"), (70, 16, 17))[0]
                c.oval(color, x + (y - 130) * 0.08 + c.random.uniform(-6, 6), y + c.random.uniform(-5, 9), 10)
    for n, color in enumerate(("#4fa46b", "#ee9b3a", "#d8503f")):
        c.oval(color, 500, 612 + n * 28, 9)
        c.box("#9fb9be", 522, 608 + n * 28, 90 - n * 14, 8, 4)
    for x in (466, 1334):
        c.oval("#d8503f", x, 116, 9)
    c.box("#8b6a45", 1110, 800, 380, 26, 6)
    for x in (1130, 1450):
        c.box("#74563a", x, 824, 20, 180)
    for n, color in enumerate(("#4fa46b", "#ee9b3a", "#d8503f", "#3f7fc4")):
        c.polygon(color, (1160 + n * 34, 800), (1172 + n * 34, 800), (1190 + n * 26, 730), (1180 + n * 26, 728))
    c.box("#5b7f95", 1150, 752, 130, 50, 8)
    c.box("#fff8e6", 1320, 782, 120, 10, 3)
    c.box("#e8d9b6", 1326, 772, 110, 10, 3)
    c.soft("#6d5136", 0.5, 12, (250, 1000), (460, 1000), (460, 1024), (250, 1024))
    person(c, 345, 1010, 540, "#f7f7f2", "#31506e", reach="1")
    c.polygon("#cf4636", (308, 612), (382, 612), (372, 640), (345, 652), (318, 640))
    c.polygon("#b93b2d", (340, 645), (352, 645), (372, 716), (348, 704))
    c.polygon("#cf4636", (338, 645), (350, 645), (342, 704), (316, 716))
    c.line("#ee9b3a", 9, (515, 770), (560, 700))


def rescue_truck(c: Canvas) -> None:
    c.band(0, 780, "#101d33", "#1d3350", "#3a5470")
    c.ridge("#14263c", 560, 40, 620)
    for x in range(0, WIDTH, 150):
        c.box("#1a2d44", x + c.random.uniform(0, 40), 470 + c.random.uniform(0, 90), 110, 330)
    c.band(780, HEIGHT, "#2b3d52", "#1a2838", "#111c2a")
    c.box("#5d6b78", 0, 300, 620, 490)
    c.box("#49555f", 0, 276, 640, 36)
    c.glow("#ffdf9c", 300, 560, 520, 0.55)
    c.box("#ffe3a8", 60, 420, 480, 370)
    c.box("#f3c987", 60, 420, 480, 34)
    for x in (130, 200, 270, 340, 410):
        c.box("#8a5a36", x - 20, 520, 40, 6)
        c.oval("#c93a2e", x, 512, 24, 16)
        c.box("#b98a3e", x - 22, 534, 44, 96, 10)
        c.box("#efe9d0", x - 22, 574, 44, 9)
        c.box("#2f3238", x - 18, 640, 14, 60, 4)
        c.box("#2f3238", x + 4, 640, 14, 60, 4)
    c.soft("#ffe9b0", 0.5, 26, (1388, 764), (1720, 690), (1720, 900), (1388, 788))
    c.soft("#04080f", 0.75, 16, (650, 868), (1440, 868), (1400, 905), (690, 905))
    c.box("#c8342b", 660, 540, 480, 300, 14)
    c.polygon("#d63c31", (1130, 840), (1130, 590), (1150, 566), (1300, 566), (1370, 700), (1400, 720), (1400, 840))
    c.polygon("#a9cbd9", (1170, 596), (1285, 596), (1336, 696), (1170, 696))
    c.polygon("#d4e8ee90", (1170, 596), (1216, 596), (1190, 696), (1170, 696))
    c.box("#f3efe2", 660, 742, 740, 22)
    c.box("#e7b93c", 660, 770, 740, 10)
    for x in (700, 845, 990):
        c.box("#9c2721", x, 580, 120, 140, 8)
        for slat in range(5):
            c.line("#b5342b", 5, (x + 10, 602 + slat * 24), (x + 110, 602 + slat * 24))
    c.line("#c9ced1", 9, (670, 516), (1120, 498))
    c.line("#c9ced1", 9, (670, 532), (1120, 516))
    for x in range(690, 1120, 44):
        c.line("#c9ced1", 6, (x, 515 - (x - 690) * 0.038), (x, 532 - (x - 690) * 0.038))
    c.glow("#5aa8ff", 1210, 545, 230, 0.85)
    c.box("#bfe0ff", 1165, 540, 92, 28, 10)
    for x in (790, 1270):
        c.oval("#15181d", x, 842, 66)
        c.oval("#8b9499", x, 842, 34)
        c.oval("#3a4046", x, 842, 14)
    c.oval("#fff6d0", 1388, 774, 17, 22)
    c.glow("#fff1c0", 1390, 774, 170, 0.9)
    shimmer(c, "#ffdf9c48", 300, 800, 1030, 200, 70)
    shimmer(c, "#5aa8ff40", 1210, 880, 1050, 200, 60)
    for _ in range(170):
        left, y = c.random.uniform(0, WIDTH + 60), c.random.uniform(0, HEIGHT)
        c.line("#cfe2f530", 1.6, (left, y), (left - 12, y + 42))


def night_class(c: Canvas) -> None:
    c.band(0, 660, "#111d3d", "#20325c", "#44527e", "#6d6a8c")
    stars(c, 130, 430)
    c.glow("#f4ecc8", 1290, 190, 230, 0.6)
    c.oval("#f8f1d3", 1290, 190, 50)
    c.band(650, 830, "#3c4a76", "#2b3962", "#22305a")
    shimmer(c, "#f4ecc880", 1290, 656, 820, 40, 50)
    boat(c, 1240, 740, 84, "#2a2f4a", "#6e5a5c", "#7a7284")
    boat(c, 1470, 716, 60, "#2a2f4a", "#5e5a68", "#6a6a80")
    c.ridge("#55483f", 820, 10, 900)
    c.glow("#ffc873", 600, 640, 760, 0.6)
    c.box("#a87a4c", 140, 390, 900, 480)
    c.band(420, 840, "#f7cd87", "#e9ad66", left=170, wide=840)
    for x in (150, 1010):
        c.box("#6d4a2f", x, 380, 24, 500)
    c.polygon("#4b3a33", (60, 400), (240, 250), (950, 250), (1120, 400))
    for x in range(90, 1100, 40):
        c.line("#5d493f", 5, (x, 398), (240 + (x - 60) * 0.67, 252))
    c.line("#4b3a33", 3, (590, 400), (590, 452))
    c.oval("#fff3c4", 590, 466, 15, 19)
    c.glow("#fff3c4", 590, 466, 220, 0.8)
    c.polygon("#2c2a2b", (300, 498), (560, 486), (566, 628), (296, 634))
    c.line("#6b5138", 8, (300, 498), (560, 486), (566, 628), (296, 634), (300, 498))
    for row, words in enumerate(((40, 34, 52), (60, 38), (30, 56, 40))):
        pen = 326.0
        for word in words:
            stroke = [(pen + t * word / 9, 530 + row * 36 + 7 * math.sin(t * 2.3 + word)) for t in range(10)]
            c.line("#e9e4d4", 4, *stroke)
            pen += word + 18
    person(c, 640, 850, 350, "#4f6b45", "#3f5639", head="cap", cap="#3f5639", reach="-1")
    c.soft("#8a5a30", 0.6, 12, (180, 858), (1000, 858), (1000, 884), (180, 884))
    shirts = ("#7d4a57", "#3f6687", "#8a6a3a", "#5a6f52")
    for n, shirt in enumerate(shirts):
        x = 740 + (n % 2) * 150 if n < 2 else 250 + (n - 2) * 150
        head = ("bare", "cone", "bare", "cone")[n]
        person(
            c,
            x,
            905,
            250,
            shirt,
            "#3a3340",
            pose="sit",
            head=head,
            hair=("#cfcac4", "#2a211f")[n % 2],
            reach="1" if x < 600 else "-1",
        )
    for x in (310, 460, 700, 850):
        c.box("#7a5434", x - 40, 872, 96, 14, 3)
        c.box("#fbf4e0", x - 16, 864, 46, 9, 2)
    c.ridge("#3b332f", 960, 8, 1300)


def bicycle_yard(c: Canvas) -> None:
    c.band(0, 750, "#bfe3ea", "#e3f0e0", "#fbeccb")
    c.glow("#fff6d0", 250, 130, 520, 0.9)
    c.box("#e9c993", 640, 150, 960, 610)
    c.box("#d9b57c", 640, 150, 960, 24)
    c.box("#cfa56a", 640, 560, 960, 200)
    for x in (740, 1290):
        c.box("#6f9a94", x, 260, 170, 220, 6)
        c.box("#88b3ab", x + 12, 272, 68, 196, 4)
        c.box("#88b3ab", x + 90, 272, 68, 196, 4)
    for n, color in enumerate(("#d8694f", "#4f88b5", "#e0b23f", "#6a9a5c")):
        c.line("#7a6a58", 5, (1010 + n * 62, 330), (1010 + n * 62, 352))
        c.ring(color, 9, 1010 + n * 62, 386, 32)
    c.line("#7a6a58", 8, (980, 330), (1240, 330))
    c.box("#77583d", 230, 330, 52, 440, 20)
    crown(c, ("#4a7d4b", "#5c9256", "#78aa62", "#95c076"), 260, 290, 260, 90)
    c.band(750, HEIGHT, "#dcc29a", "#c7a97d", "#b5956a")
    c.soft("#8a6d48", 0.55, 20, (330, 960), (1360, 960), (1400, 1010), (280, 1010))
    wheel(c, 1180, 850, 118, "#33383d")
    wheel(c, 1440, 850, 118, "#33383d")
    for line in (
        ((1180, 850), (1262, 690), (1330, 850), (1180, 850)),
        ((1262, 690), (1412, 690)),
        ((1440, 850), (1406, 668)),
        ((1330, 850), (1412, 700)),
        ((1330, 850), (1250, 664)),
    ):
        c.line("#2f7f8a", 12, *line)
    c.line("#33383d", 11, (1372, 650), (1408, 664), (1440, 640))
    c.box("#4a3a33", 1212, 648, 78, 16, 8)
    c.line("#33383d", 14, (560, 560), (600, 575), (620, 800))
    c.line("#33383d", 10, (620, 800), (770, 800), (800, 930), (850, 930))
    c.box("#2f6f9c", 610, 570, 26, 210, 10)
    c.box("#2f6f9c", 620, 758, 170, 30, 12)
    c.line("#8b9499", 10, (640, 670), (770, 670), (776, 760))
    wheel(c, 660, 840, 150, "#2c3136", 24)
    c.oval("#33383d", 796, 948, 42)
    c.oval("#c9ced1", 796, 948, 24)
    person(c, 400, 985, 440, "#2b6fc0", "#33405a", pose="kneel", reach="1")
    person(c, 960, 985, 440, "#2b6fc0", "#33405a", pose="kneel", reach="-1", head="cap", cap="#1f5699")
    c.box("#c2472f", 1010, 930, 150, 66, 8)
    c.line("#7d2d1e", 8, (1050, 930), (1050, 908), (1120, 908), (1120, 930))
    c.line("#aab2b6", 12, (490, 1000), (590, 1016))
    c.ring("#aab2b6", 8, 604, 1018, 15)


def market_gate(c: Canvas) -> None:
    c.band(0, 640, "#a9d8dc", "#dbeedb", "#fdebc4")
    c.glow("#fff4c8", 1180, 260, 520, 0.9)
    c.ridge("#a9c9a4", 520, 26, 700)
    for n in range(9):
        crown(c, ("#5f9660", "#7db073", "#95c07f"), 90 + n * 190, 520 + c.random.uniform(-16, 16), 110, 30)
    c.band(640, HEIGHT, "#ddb98a", "#c99f6d", "#b88a5a")
    for n, (x, color) in enumerate(((40, "#d9654b"), (330, "#3f8f8a"), (1130, "#e0a83c"), (1400, "#4f7fb0"))):
        c.box("#7a5a3e", x + 16, 430, 12, 280)
        c.box("#7a5a3e", x + 228, 430, 12, 280)
        c.box("#9b7048", x, 600, 256, 24)
        c.box("#8a6240", x + 8, 624, 240, 100)
        for stripe in range(6):
            left = x - 20 + stripe * 49.5
            c.polygon(
                color if stripe % 2 else "#fbf3e0", (left + 8, 380), (left + 52, 380), (left + 50, 452), (left, 452)
            )
        for fruit in range(7):
            c.oval(("#e2703a", "#7fae4c", "#d8b13c", "#c94f4f")[(fruit + n) % 4], x + 30 + fruit * 33, 590, 19)
        for n_leaf in range(5):
            leaf(c, ("#4c8a4a", "#66a457")[n_leaf % 2], x + 128, 462, 96, 0.75 + n_leaf * 0.42, 0.17)
    c.box("#8a5f3d", 560, 210, 40, 640, 6)
    c.box("#8a5f3d", 1060, 210, 40, 640, 6)
    c.polygon("#b4563f", (500, 230), (600, 150), (1060, 150), (1160, 230))
    c.box("#94432f", 500, 226, 660, 18, 4)
    c.box("#7a4f31", 580, 330, 500, 12)
    for n in range(7):
        _basket(c, 632 + n * 66, 352, 25)
    c.soft("#8a6238", 0.6, 16, (590, 900), (1240, 900), (1240, 940), (590, 940))
    c.box("#a87748", 600, 690, 230, 30, 6)
    c.box("#936437", 612, 718, 206, 190, 4)
    for n, x in enumerate((640, 710, 784)):
        _basket(c, x, 622, 30 - (n % 2) * 3)
    person(c, 880, 915, 440, "#7a4a8c", "#2c2836", head="cone", reach="1")
    _basket(c, 1046, 690, 46)
    person(c, 1190, 915, 440, "#3f8a6a", "#33303c", reach="-1")


def _basket(c: Canvas, x: float, y: float, size: float) -> None:
    """A rush basket that hangs from (x, y)."""
    c.ring("#a87a40", size * 0.14, x, y + size * 0.75, size * 0.75)
    c.polygon(
        "#d3a75f",
        (x - size, y + size * 0.75),
        (x + size, y + size * 0.75),
        (x + size * 0.76, y + size * 2.1),
        (x - size * 0.76, y + size * 2.1),
    )
    for n in range(1, 4):
        c.line(
            "#b98b47",
            size * 0.08,
            (x - size * (1 - n * 0.06), y + size * (0.75 + n * 0.33)),
            (x + size * (1 - n * 0.06), y + size * (0.75 + n * 0.33)),
        )


def well_in_the_orchard(c: Canvas) -> None:
    c.band(0, 620, "#f2a766", "#f9cf8d", "#fdecc2")
    c.glow("#fff2c0", 1180, 380, 560, 0.95)
    c.oval("#fff7dc", 1180, 380, 62)
    c.ridge("#e0b27acc", 520, 44, 820)
    c.ridge("#c9a468", 570, 26, 600)
    for row, (y, size, dark) in enumerate(((610, 62, "#7f9a55"), (655, 84, "#6a8f4e"), (720, 116, "#547f45"))):
        for n in range(13 - row * 3):
            x = n * (140 + row * 52) + row * 40 + c.random.uniform(-12, 12)
            c.box("#6d5238", x - size * 0.07, y - size * 0.2, size * 0.14, size * 0.75)
            crown(c, (dark, "#8fb062", "#a9c474"), x, y - size * 0.55, size * 0.62, 26)
            for _ in range(5):
                c.oval(
                    "#e08a3a",
                    x + c.random.uniform(-0.45, 0.45) * size,
                    y - size * c.random.uniform(0.3, 0.9),
                    size * 0.05,
                )
        c.ridge(("#cba969", "#c09a5b", "#b58d50")[row], y + size * 0.45, 8, 1000)
    for n in range(5):
        c.line("#3f4a4a", 7, (560 + n * 40, 840), (300 + n * 330, 1060))
    for _ in range(26):
        c.oval("#8fc7d8d0", c.random.uniform(450, 1400), c.random.uniform(880, 1040), 4, 6)
    c.soft("#5d4424", 0.55, 18, (500, 985), (960, 985), (930, 1026), (540, 1026))
    c.polygon("#a89a8a", (560, 800), (880, 800), (860, 990), (580, 990))
    for row in range(4):
        for n in range(6):
            x = 572 + n * 50 + (row % 2) * 22
            c.box(("#b8aa98", "#9c8e7e", "#c3b5a2")[(n + row) % 3], x, 812 + row * 44, 44, 36, 8)
    c.oval("#c9bcaa", 720, 800, 162, 42)
    c.oval("#2c3a40", 720, 802, 132, 31)
    c.oval("#5b8ea0", 720, 812, 104, 18)
    c.box("#6d4e33", 572, 480, 24, 330, 4)
    c.box("#6d4e33", 844, 480, 24, 330, 4)
    c.polygon("#8a4f36", (520, 500), (640, 410), (800, 410), (920, 500))
    c.box("#5d4029", 560, 560, 320, 20, 8)
    c.line("#d9c08c", 5, (720, 570), (720, 720))
    c.polygon("#8f9aa0", (690, 716), (750, 716), (742, 778), (698, 778))
    c.ring("#6f7a80", 4, 720, 716, 29)
    c.box("#7a5434", 1000, 958, 120, 18, 5)
    for x in (1008, 1096):
        c.box("#634225", x, 972, 14, 34)
    person(c, 1060, 1008, 450, "#6b7f8f", "#3c3a3f", pose="sit", head="cap", cap="#a08a5c", hair="#8b8680", reach="-1")
    c.polygon("#fbf4e0", (880, 872), (938, 858), (956, 886), (898, 902))
    c.line("#c94f3f", 3, (908, 872), (930, 866))


def street_at_night(c: Canvas) -> None:
    c.band(0, 720, "#0f1a33", "#1b2b4a", "#33405e", "#4d4c62")
    stars(c, 60, 260)
    for n in range(13):
        x, top = n * 130 - 40, 330 + c.random.uniform(-90, 110)
        c.box(("#1a2740", "#202e48", "#172338")[n % 3], x, top, 126, 500)
        for row in range(5):
            for column in range(3):
                lit = c.random.random() < 0.16
                c.box("#f2c46fd0" if lit else "#2b3a56", x + 16 + column * 36, top + 26 + row * 62, 20, 30, 2)
    c.band(720, HEIGHT, "#3a4254", "#2b3244", "#1d2434")
    c.box("#565c6a", 0, 712, WIDTH, 16)
    c.polygon("#4a5162", (0, 728), (WIDTH, 728), (WIDTH, 762), (0, 762))
    for n, x in enumerate((180, 640, 1100, 1560)):
        c.soft("#ffd58a", 0.34, 34, (x - 26, 262), (x + 26, 262), (x + 210, 900), (x - 210, 900))
        c.soft("#ffd58a", 0.4, 26, (x - 200, 880), (x + 200, 880), (x + 130, 940), (x - 130, 940))
        c.line("#0f1626", 13, (x + 90, 740), (x + 90, 250))
        c.line("#0f1626", 9, (x + 90, 256), (x + 60, 236), (x - 18, 244))
        c.box("#fff0c4", x - 34, 246, 60, 14, 7)
        c.glow("#ffdf9c", x, 254, 170, 0.85)
        if n % 2 == 0:
            c.box("#3a3030", x + 280, 560, 22, 180, 8)
            crown(c, ("#1c3430", "#264239", "#315046"), x + 290, 500, 120, 44)
    for x in range(-60, WIDTH, 230):
        c.polygon("#cfc9b060", (x, 1000), (x + 110, 1000), (x + 96, 1014), (x - 14, 1014))
    c.box("#3f6a6a", 1330, 560, 150, 200, 8)
    c.box("#4f7f7d", 1342, 574, 58, 172, 4)
    c.box("#4f7f7d", 1410, 574, 58, 172, 4)
    c.oval("#ffe3a0", 1396, 660, 6)
    c.oval("#ffe3a0", 1414, 660, 6)
    c.soft("#0a0f1a", 0.7, 14, (500, 934), (1020, 934), (1000, 962), (520, 962))
    c.line("#b08a4c", 8, (930, 760), (985, 560))
    c.polygon("#d3b06a", (972, 572), (998, 578), (1036, 500), (968, 486))
    c.polygon("#2f7f5c", (770, 690), (1010, 690), (985, 890), (800, 890))
    c.box("#25694b", 760, 676, 262, 22, 6)
    c.box("#e8e2c0", 782, 752, 216, 16)
    c.line("#8b9499", 10, (778, 720), (700, 730))
    for x in (830, 960):
        c.oval("#14181f", x, 908, 36)
        c.oval("#7d868c", x, 908, 15)
    person(c, 610, 940, 440, "#e2762c", "#2c3a52", head="cone", reach="1")
    for y in (690, 745):
        c.box("#f4f2d8", 554, y, 112, 12)
