// What is lost when editors open our output of their examples, and whose doing that is: the lines of the original, what
// is read instead, and why.
const row = (...cells) => ['    tablerow', ...cells.flatMap(([head, word]) => [`      tablecell${head}`, '        paragraph', `          text "${word}"`])]

const lexicalTable = ['  table', ...row([' 1', 'A'], [' 1', 'B']), ...row(['', '1'], ['', '2'])]

const lexical = {
  html: [
    {
      why: 'Lexical reads no colours and sizes, unless its users add that',
      was: ['    text color: #ff0000; font-size: 20px; "rouge"', '    text " "'],
      now: ['    text "rouge "'],
    },
    {
      why: 'Lexical puts paragraphs into quotes when it reads HTML, words when it writes them',
      was: ['  quote', '    text "cité"'],
      now: ['  quote', '    paragraph', '      text "cité"'],
    },
    {
      why: 'Lexical takes <pre> and <code> for a block each',
      was: ['    text "int x;"', '    linebreak', '    text "return;"'],
      now: ['    code', '      text "int x;"', '      linebreak', '      text "return;"'],
    },
  ],
  md: [
    {
      why: 'Lexical reads no HTML in Markdown; a backslash breaks the line and stays',
      was: ['    text " "', '    text 8 "d"', '    text " "', '    text 16 "e"', '    text " "', '    text 32 "f"', '    text 64 "g"'],
      now: ['    text " <u>d</u> "', '    text 16 "e"', '    text " <sub>f</sub><sup>g</sup>\\\\"'],
    },
    {
      why: 'the same',
      was: ['    text color: #ff0000; font-size: 20px; "rouge"', '    text " "'],
      now: ['    text "<span style=\\"color:#ff0000;font-size:20px\\">rouge</span> "'],
    },
    {
      why: 'the same',
      was: ['  paragraph center', '    text "au centre"'],
      now: ['  paragraph', '    text "<p style=\\"text-align:center\\">au centre</p>"'],
    },
    {
      why: 'Lexical wants four spaces below an item; CommonMark the width of its marker',
      was: ['    listitem', '      list ol number', '        listitem', '          text "un un"', '        listitem', '          text "un deux"', '    listitem', '      text "deux"'],
      now: ['  list ol number', '    listitem', '      text "un un"', '    listitem', '      text "un deux"', '  list ul bullet', '    listitem', '      text "deux"'],
    },
    {
      why: 'Lexical takes two lists that touch for one, whatever their markers',
      was: ['  list ul check', '    listitem true', '      text "fait"', '    listitem false', '      text "à faire"'],
      now: ['    listitem', '      text "[x] fait"', '    listitem', '      text "[ ] à faire"'],
    },
    {
      why: 'Lexical keeps the lines of code in one text until its highlighter has run',
      was: ['    text "int x;"', '    linebreak', '    text "return;"'],
      now: ['    text "int x;\\nreturn;"'],
    },
    {
      why: 'Lexical reads no tables in Markdown, unless its users add that',
      was: lexicalTable,
      now: ['  paragraph', '    text "| A   | B   |"', '    linebreak', '    text "| --- | --- |"', '    linebreak', '    text "| 1   | 2   |"'],
    },
  ],
}

const blocknote = [
  {
    why: 'colours come back as their values; BlockNote does not know <mark>',
    was: ['paragraph "bold:true gras| |textColor:red rouge| |backgroundColor:yellow jaune| |[lien](https://example.org)"'],
    now: ['paragraph "bold:true gras| |textColor:rgb(224, 62, 62) rouge| jaune |[lien](https://example.org)"'],
  },
  {
    why: 'blocks below a paragraph follow it: HTML and Markdown know no other nesting than that of lists',
    was: ['paragraph "parent"', '  paragraph "en retrait"'],
    now: ['paragraph "parent"', 'paragraph "en retrait"'],
  },
  {
    why: 'a file is a link',
    was: ['file name=f.pdf url=/f.pdf ""'],
    now: ['paragraph "[f.pdf](/f.pdf)"'],
  },
]

export const losses = {
  tiptap: {
    md: [
      {
        why: 'the colour comes back as a browser says it',
        was: ['    text highlight:#ffff00 "jaune"'],
        now: ['    text highlight:rgb(255, 255, 0) "jaune"'],
      },
      {
        why: 'Tiptap reads the HTML before the first empty line alone',
        was: ['    detailsContent', '      paragraph', '        text "caché"'],
        now: ['    detailsContent', '      paragraph', '  paragraph', '    text "caché"', '  paragraph'],
      },
      {
        why: 'mentions and emoji are words in Markdown',
        was: ['    mention id=7 label=Léa mentionSuggestionChar=@', '    text " "', '    inlineMath latex=x^2', '    text " "', '    emoji name=smile'],
        now: ['    text "@Léa "', '    inlineMath latex=x^2', '    text " :smile:"'],
      },
    ],
  },
  lexical,
  blocknote: {
    html: [
      ...blocknote,
      {
        why: 'the caption is the alternative text, too, since BlockNote has none, and BlockNote takes that for the name',
        was: ['image name=a.png url=/a.png caption=Le lac ""'],
        now: ['image name=Le lac url=/a.png caption=Le lac ""'],
      },
      {
        why: 'a name is shown below a player without a caption',
        was: ['audio name=s.mp3 url=/s.mp3 ""'],
        now: ['audio url=/s.mp3 caption=s.mp3 ""'],
      },
    ],
    md: [
      ...blocknote,
      {
        why: 'BlockNote drops images that stand in a line with others',
        was: ['image name=a.png url=/a.png caption=Le lac ""'],
        now: ['paragraph "|italic:true Le lac"'],
      },
      {
        why: 'Markdown knows no players',
        was: ['audio name=s.mp3 url=/s.mp3 ""'],
        now: ['paragraph "[s.mp3](/s.mp3)"'],
      },
    ],
  },
  quill: {
    html: [
      {
        why: 'the space between a box and its task',
        was: ['"fait" {}', '"\\n" {"list":"checked"}', '"à faire" {}'],
        now: ['" fait" {}', '"\\n" {"list":"checked"}', '" à faire" {}'],
      },
      {
        why: 'Quill takes <pre> and <code> for a format each',
        was: ['"int x;" {}', '"\\n" {"code-block":"c"}', '"\\n" {"code-block":"c"}', '"return;" {}'],
        now: ['"int x;" {"code":true}', '"\\n" {"code-block":"c"}', '"\\n" {"code-block":"c"}', '"return;" {"code":true}'],
      },
      {
        why: 'Quill reads formulas only in its own notation, and counts the rows of tables anew',
        was: ['{"image":"https://example.org/a.png"} {}', '" " {}', '{"formula":"x^2"} {}'],
        now: ['{"image":"https://example.org/a.png"} {"alt":""}', '" x^2" {}'],
      },
      ...['row-1', 'row-1', 'row-2', 'row-2'].map((id) => ({
        why: 'the same',
        was: [`"\\n" {"table":"${id}"}`],
        now: [`"\\n" {"table":${id.at(-1)}}`],
      })),
    ],
  },
}
