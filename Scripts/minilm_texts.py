"""Texts of the MiniLM goldens, written for this project: questions, statements, paragraphs, code, many scripts, odd and empty input."""

SHORT = [
    '', ' ', '\n\t  \n', 'a', '?', '42', 'hello', 'HELLO', 'Swift', 'sourdough', 'antidisestablishmentarianism', 'x' * 120,
    'How do I cook pasta?', 'a spaghetti recipe', 'What is the capital of Iceland?', 'Reykjavik is the capital of Iceland.',
    'The train to the coast leaves at half past six.', 'When does the next train to the seaside depart?',
    'My invoice shows the wrong amount.', 'I was billed twice this month, please refund one payment.',
    'The cat slept on the warm windowsill.', 'A kitten is napping in the sun.', 'Bond yields rose after the rate decision.',
    'The goalkeeper saved a penalty in the last minute.', 'Photosynthesis turns light, water and carbon dioxide into sugar.',
    'Water boils at a lower temperature on a mountain.', 'Do not open this door while the alarm is sounding!',
    'This film was a complete waste of two hours.', 'I have not laughed this much in a cinema for years.',
    'The battery lasts all day, but the screen scratches easily.', 'Nothing works.', 'Everything works.', 'Nothing does not work.',
    'The dog chased the cat.', 'The cat chased the dog.', 'Is it going to rain in Lisbon tomorrow?',
    'She sells handmade candles at the Saturday market.', 'Please restart the router and wait for the green light.',
    'best running shoes wide feet', 'cheap flights oslo to rome in may', 'error 0x80070057 when formatting disk',
    'weather', 'nearest pharmacy open now', 'python list comprehension vs map speed', 'symptoms of iron deficiency',
    'how long to boil an egg', 'convert 72 fahrenheit to celsius', 'meaning of the word petrichor', 'c++ move constructor example',
    'difference between tcp and udp', 'who discovered the electron', 'restaurants with vegan options near the old harbour',
]

MEDIUM = [
    'The museum reopened in spring after a renovation of three years. Its new wing holds a collection of early maps, some drawn by sailors '
    'who had never seen the coasts that they described.',
    'To replace the filter, switch off the pump, open the two clamps on the housing, lift out the cartridge and rinse the seat before the '
    'new one goes in. Run the pump for a minute and check for leaks.',
    'Our team measured the response of the sensor at eleven temperatures. The error grew linearly up to sixty degrees and then levelled off, '
    'which suggests that the adhesive, not the chip, limits the range.',
    'Grandfather kept bees behind the orchard. In June he would lift a frame to the light and let us count the cells that were sealed, and '
    'we believed that the bees knew our names.',
    'A hash join reads the smaller table into memory and probes it with each row of the larger one; a merge join needs both inputs sorted, '
    'but then streams through them once.',
    'The council voted by nine to four to close the bridge to lorries. Shop owners on the east bank fear that deliveries will be late, '
    'while residents look forward to quieter nights.',
    'Knead the dough for ten minutes until it is smooth, cover the bowl and let it rise in a warm place. After an hour it should have '
    'doubled; fold it twice, shape a loaf and bake it on a hot stone.',
    'Patients who walked for half an hour on five days of the week slept better after six weeks than those who did not. The difference was '
    'small in the young group and clear in the old one.',
    'The contract ends on the last day of the quarter unless one of the parties extends it in writing. Payments that are due remain due, '
    'and the duty of secrecy holds for two more years.',
    'Two moons were up when the caravan stopped. Nobody spoke of the third, though every driver had counted the shadows on the sand and had '
    'found one too many.',
    'If the build fails with a missing header, install the development package of the library and configure again. A stale cache can hide '
    'the fix, so remove the build folder first.',
    'The violin part enters in the fourth bar, softly, an octave above the cello. Keep the bow close to the bridge and let the phrase grow '
    'without getting faster.',
    'Electric buses now serve every route in the valley. The operator says that braking downhill returns a third of the energy used on the '
    'climb, and that the depot draws most of its power from its roof.',
    'Dear neighbour, the water will be cut off on Thursday between nine and noon while the pipes in the cellar are replaced. Please keep '
    'a bucket ready and close your taps.',
    'Version 4.2 reads the old files, writes the new ones and warns when a field would be lost. Set strict mode to make that warning an '
    'error in your pipeline.',
    'In chess the rook moves along ranks and files, the bishop along diagonals, and the queen along both. Only the knight jumps.',
    'The lake froze early that year. By the first week of December the children were skating to school, and the ferry lay on the shore '
    'with a tarpaulin over its deck.',
    'Interest is compounded monthly: a loan of 10,000 at six percent costs about 616.78 in its first year if nothing is repaid.',
    'The lighthouse keeper wrote the weather into a book three times a day for thirty-one years, and his handwriting hardly changed.',
    'Turn the dial to II, hold the button until the lamp blinks (about 5 s), and release it. The device is then ready to pair.',
    'Mitochondria have a genome of their own, inherited almost always from the mother, which is why they help to trace family lines.',
    'An index speeds up reading and slows down writing. Before you add a second one, look at the plan that the database already uses.',
    'We regret that your parcel was damaged. Send us a picture of the box and its content, and we will ship a replacement tomorrow.',
    'Rust on the hinge is only on the surface. Brush it off, wipe the metal with oil, and the gate will swing for another decade.',
]

TECHNICAL = [
    'func add(_ a: Int, _ b: Int) -> Int { a + b }', 'def mean(xs):\n    return sum(xs) / len(xs)',
    'SELECT name, count(*) FROM orders WHERE total > 99.5 GROUP BY name ORDER BY 2 DESC;', 'git rebase --onto main topic~3 topic',
    'for (size_t i = 0; i < n; ++i) y[i] += a * x[i];', '{"id": 17, "tags": ["red", "blue"], "ok": true, "note": null}',
    '<a href="https://example.org/path?q=1&r=2#top">link</a>', 'https://example.com/a/b/c.html?user=me&lang=en', 'me.too@mail.example.org',
    'E = m c^2 and e^{i pi} + 1 = 0', '192.168.0.17:8080', '2024-02-29T23:59:60Z', '+49 (0)30 1234-567', '$1,234.56 or €99 or £7 or ¥8000',
    'C:\\Users\\me\\file (1).txt', '#!/bin/sh\nset -eu\nls -l | grep "^d" > dirs.txt', 'x1 = [0.1, -2.5e-3, 7]; y <- x1 %*% t(x1)',
    '^(?:[a-z0-9]+-)*[a-z0-9]+$', 'ERROR 2031 [worker-7] connection reset by peer after 30.0s (attempt 3/5)', 'ÄÖÜ äöü ß', '- [ ] buy milk\n- [x] call mum',
]

MANY_SCRIPTS = [
    'Wo finde ich den nächsten Bahnhof?', 'Où est la bibliothèque la plus proche ?', '¿Cuánto cuesta un billete de ida y vuelta?',
    'O gato dormiu no telhado a noite inteira.', 'Kahvi on pöydällä, mutta kuppi on tyhjä.', 'Zażółć gęślą jaźń', 'Příliš žluťoučký kůň',
    'İstanbul’da yağmur yağıyor.', 'Где находится вокзал?', 'Το τρένο φεύγει στις έξι.', 'איפה תחנת הרכבת?', 'أين تقع محطة القطار؟',
    'रेलवे स्टेशन कहाँ है?', 'สถานีรถไฟอยู่ที่ไหน', '駅はどこですか。', '火车站在哪里?', '기차역이 어디에 있어요?', 'Ga tàu ở đâu?',
    'naïve café, re\u0301sume\u0301, ﬁne ﬂow, ＦＵＬＬ ｗｉｄｔｈ', '🙂 😀 👩‍👩‍👧‍👦 🇫🇮 👍🏽 ❤️', 'great job 🎉🎉 see you soon 👋', 'a\u200bb\u200dc\u00add\ufeffe',
    'null \u0000 byte and \u0007 bell', '[CLS] literal [SEP] tokens [MASK] in [UNK] text [PAD]', '“quotes” ‘single’ – dash — em… ellipsis', '½ ² ³ ™ © ° № ℃ ∑ √ ∞ ≈ ≠',
]

LONG = [
    ' '.join(MEDIUM[:5]), ' '.join(MEDIUM[5:11]), ' '.join(MEDIUM[::2]), ' '.join(MEDIUM), 'again and ' * 400, ' '.join(str(i) for i in range(300)),
]

TEXTS = SHORT + MEDIUM[:14] + TECHNICAL + MANY_SCRIPTS + LONG
