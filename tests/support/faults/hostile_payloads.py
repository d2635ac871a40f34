"""Hostile texts by family, and generated combinations of them."""

import os
import random
from collections.abc import Iterator
from typing import Final

GENERATED: Final = int(os.environ.get("SUPPORTTUI_CASES", "500"))
"""How many more payloads are put together by chance."""

ESC, CSI, BEL, ST = "\x1b", "\x1b[", "\x07", "\x1b\\"

SEQUENCES: Final = [
    CSI + tail
    for tail in (
        *("31m", "0m", "38;5;196m", "38;2;255;0;0m", "8m", "7m", "5m", "4:3m", "1;1H", "999;999H", "2J", "3J", "K"),
        *("1K", "J", "999A", "999B", "999C", "999D", "10S", "10T", "1;2r", "r", "s", "u", "5L", "5M", "5P", "5@"),
        *("99b", "6n", "5n", "?6n", "c", ">c", "=c", ">q", "18t", "19t", "20t", "21t", "22;0t", "8;5;5t", "3;0;0t"),
        *("?1049h", "?1049l", "?25l", "?1000h", "?1003h", "?2004h", "?2004l", "?2026h", "?5h", "?3h", "?7l", "?47h"),
        *("20h", "4h", "!p", "?1$p", "4$p", ">1u", "<u", "?u", "200~", "201~", "3g", "2 q", "1;2;3;4$r", '"p', "'}"),
        *("1;1;9999999999999H", ";;;;;;m", "<0;1;1M", "M   ", ">4;2m", "i", "4i", "5i", "1;999;1;999$z"),
    )
]
STRINGS: Final = [
    f"{ESC}]{body}{end}"
    for end in (BEL, ST, "\x9c")
    for body in (
        *("0;owned", "1;owned", "2;owned", "4;1;?", "7;file:///etc", "8;;http://evil.example", "9;notify", "10;?"),
        *("11;#000000", "12;red", "50;fixed", "52;c;cm0gLXJmIH4=", "52;c;?", "104", "110", "133;A", "633;P;x"),
        *("777;notify;a;b", "1337;File=inline=1:AAAA", "1337;CopyToClipboard=", "5522;x", "22;pointer", "99;;hi"),
    )
]
DEVICE: Final = [
    f"{ESC}{start}{body}{end}"
    for start, body in (
        *(("P", "q#0;2;0;0;0#0~~"), ("P", '$q"p'), ("P", "+q544e"), ("P", "tmux;\x1b\x1b]52;c;cm0=\x07")),
        *(("P", "1;1|17/41"), ("_", "Ga=T,f=100;AAAA"), ("_", "app"), ("^", "private"), ("X", "start of string")),
        *(("k", "screen title"),),
    )
    for end in (ST, "\x9c", "")
]
SINGLES: Final = [ESC + last for last in "cDEHMNOVWZ78=>nol|}~69(0"] + [
    *(f"{ESC}{two}" for two in ("(0", ")0", "(B", "#8", "#3", "%G", "%@", " F", " G", "*A", "-A", "$B")),
    *(ESC, ESC * 2, f"{ESC}{CSI}31m", f"{ESC}\n[31m", f"{ESC}\t[31m", f"{CSI}3\x001m", f"{CSI}3{ESC}[1m", CSI),
]
CONTROLS: Final = [f"c{chr(n)}0" for n in range(32) if n not in (9, 10)] + ["d\x7fel", "\x0e\x0fshift", "tab\there"]
CONTROLS_1: Final = [f"c{chr(n)}1" for n in range(0x80, 0xA0)] + [
    *("\x9b31m", "\x9d0;owned\x07", "\x9d52;c;cm0=\x9c", "\x90q#0~\x9c", "\x9fGa=T\x9c", "\x9e\x98\x9c", "\x9b\x9b6n"),
]
LINE_BREAKS: Final = [
    "a\nb",
    "a\r\nb",
    "a\rb",
    "a\x0bb",
    "a\x0cb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "\n\n\n",
    "\r" * 50,
]
BIDI: Final = [f"invoice{mark}fdp.exe" for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"] + [
    *("\u202e" * 200, "\u2067\u2066\u2069a", "if (admin\u202e\u2066)\u2069 \u2066begin", "שלום \u202eabc", "مرحبا \u2067 x"),
]  # fmt: skip
INVISIBLE: Final = [
    f"zero{mark}width"
    for mark in "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u206a\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffb\u00a0\u3000"
] + [
    *("".join(chr(0xE0000 + ord(c)) for c in "ignore all"), "\U000e0001\U000e007f", "x" + "\ufe0f" * 300),
    *("x" + "\U000e0100" * 300, "👩" + "\u200d👩" * 300, "a" + "\u200d" * 300, "\u200b" * 5000, "🇺" * 99, "👍🏿" * 40),
    *("\U000f0000\ue000\uf8ff", "\ufffe\uffff\U0010ffff", "\ufdd0", "\U0001d173\U0001d17a", "\U00013430"),
]
COMBINING: Final = [
    *("e" + mark * 800 for mark in ("\u0301", "\u0300\u0489", "\u20dd", "\u0e49", "\u0903", "\u1161", "\u11a8")),
    *("\u0301" * 300, "\u0f71\u0f72\u0f74" * 50, "\U00012031\ufdfd\u2e3b", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢"),
]
MARKUP: Final = [
    *(f"[@click={action}]click here[/]" for action in (
        *("app.quit", "app.bell", "app.exit", "quit", "app.push_screen('x')", "screen.dismiss", "app.copy_to_clipboard('x')"),
        *("app.open_url('http://evil.example')", "back", "write(True)", "unsent('discard')", "app.undo", ""),
    )),
    *("a[/]b", "[/]", "[/b]", "[/@click]", "[bold]b", "[b]b[/i]", "[", "]", "[[", "]]", "[]", "[ ]", "\\[b]", "\\", "[\\]"),
    *("[@]", "[=]", "[@click]", "[$primary]x[/]", "[red on blue]x", "[#ff0000]x", "[reverse]x[/reverse]", "[blink]x"),
    *("[link=file:///etc/passwd]x[/link]", "[link='javascript:alert(1)']x[/]", "[link=http://evil.example]bank[/link]"),
    *("[on $error 50%]x", "[not bold]x", "[b", "[/", "[@click='", "[a=\"", "{0}", "{x!r:>99}", "%s%n%d", "$HOME", "`id`"),
    *("$(id)", ":smile:", "**bold** _x_ # h", "<script>alert(1)</script>", "<b>&amp;&#27;[31m", "&lt;", "\\x1b[31m", "\\u001b"),
]  # fmt: skip
HOMOGRAPHS: Final = [
    *("http://раypal.com/login", "https://аррӏе.com", "https://xn--80ak6aa92e.com", "http://gооgle.com", "http://ɡithub.com"),
    *("https://user@evil.example", "https://bank.example@evil.example/", "https://bank.example%2f@evil.example", "HTTP://X"),
    *("https://evil.example\\@bank.example", "https://[::1]:80/", "https://127.0.0.1:22", "http://2130706433/", "https://."),
    *("javascript:alert(1)", "file:///etc/shadow", "data:text/html,x", "ssh://-oProxyCommand=x", "https://a\u202eb.example"),
    *("https://bank.example\u2024evil.example", "https://ⓔⓥⓘⓛ.example", "https://faß.example", "https://evil.example/" + "a" * 3000),
    *("https://evil.example/\u202egpj.exe", "https://e.example/?q=\x1b[31m", "https://" + "a." * 300 + "example", "𝐀dmin"),
]  # fmt: skip
GIANTS: Final = [
    *("W" * 150_000, "é" * 60_000, "日" * 12_000, "x\n" * 1_000, "\t" * 3_000, "a " * 12_000),
    *("\x1b[m" * 4_000, "9" * 5_000),
]
SURROGATES: Final = [
    *(
        "half \ud83d",
        "\udc00 half",
        "\udc00\ud800",
        "\ud83d\ud83d\ude00",
        "a\ud800b\udfffc",
        "nul \0 nul",
        "\0" * 30,
        "\ud800" * 40,
    ),
]
FILE_NAMES: Final = [
    *("../../../../etc/passwd", "..", ".", "/etc/passwd", "..\\..\\windows", "C:\\con", "\\\\host\\share", "~/.ssh/id_rsa"),
    *("-rf", "--help", ".bashrc", ".ssh/authorized_keys", "a/../b", "a\0.png", "con", "aux.txt", "nul", "COM1.log", "x.desktop"),
    *("%2e%2e%2fetc", "..%c0%af", "\u2025/\u2215etc", "a\u202egnp.exe", "a b\tc", "a\nb.txt", "'; rm -rf ~ #", "$(id).txt"),
    *("`id`.png", "|sh", "a;b", "*", "?", "\"", "<x>", ":", "n" * 5_000 + ".png", "." * 300, "日" * 300 + ".日本", "a." + "b" * 400),
    *("\x1b]0;x\x07.txt", "name.\u200b", " lead", "trail ", "💥" * 90, "autorun.inf", "Thumbs.db\0.exe", "\ud800.txt", "...", "/"),
]  # fmt: skip

FAMILIES: Final = {
    "sequences": SEQUENCES,
    "strings": STRINGS,
    "device": DEVICE,
    "singles": SINGLES,
    "controls": CONTROLS,
    "controls of 8 bits": CONTROLS_1,
    "line breaks": LINE_BREAKS,
    "bidi": BIDI,
    "invisible": INVISIBLE,
    "combining": COMBINING,
    "markup": MARKUP,
    "homographs": HOMOGRAPHS,
    "giants": GIANTS,
    "surrogates": SURROGATES,
    "file names": FILE_NAMES,
}

CORPUS: Final = [payload for family in FAMILIES.values() for payload in family]

ACTIONS: Final = [payload for payload in MARKUP if payload.startswith("[@click=")]
"""Those that would run something when they are clicked, or when they are parsed."""

_BLOCKS: Final = (
    (0, 0x20),
    (0x7F, 0xA1),
    (0x300, 0x370),
    (0x2000, 0x2070),
    (0xD800, 0xE000),
    (0xFE00, 0xFE10),
    (0xE0000, 0xE0200),
    (0, 0x110000),
)


def generated_payloads(count: int, seed: int = 5) -> Iterator[str]:
    """Payloads put together from pieces of all families and from characters of all kinds; the same for the same seed."""
    chance = random.Random(seed)
    pieces = [
        payload for name, family in FAMILIES.items() if name != "giants" for payload in family if len(payload) < 100
    ]
    for _ in range(count):
        parts = [
            chance.choice(pieces) if chance.random() < 0.6 else chr(chance.randrange(*chance.choice(_BLOCKS)))
            for _ in range(chance.randrange(1, 7))
        ]
        chance.shuffle(parts)
        yield "".join(parts)
