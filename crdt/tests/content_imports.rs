//! HTML and Markdown from elsewhere become what a reader of them would expect, in our schema.
//!
//! The expected documents are written as our own HTML, which says all that the schema says.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::content::{Format, parse, render};

fn assert_imports(format: Format, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let html = render(&parse(format, source).unwrap(), Format::Html);
        assert_eq!(html.replace('\n', ""), expected.replace('\n', ""), "{source}");
    }
}

#[test]
fn paragraphs_and_white_space() {
    assert_imports(
        Format::Html,
        &[
            ("", "<p></p>"),
            ("plain", "<p>plain</p>"),
            (" a \n\t b<b> c </b> d ", "<p>a b<strong> c </strong>d</p>"),
            ("<p>a</p>\n  <p> b </p>", "<p>a</p><p>b</p>"),
            ("<p></p><p><br></p><p>x</p>", "<p></p><p></p><p>x</p>"),
            ("a<br>b<br>", "<p>a<br>b</p>"),
            ("<p>a<br><br></p>", "<p>a<br><br></p>"),
            ("a<div>b<p>c</p>d</div>e", "<p>a</p><p>b</p><p>c</p><p>d</p><p>e</p>"),
            ("a&nbsp;&nbsp;b", "<p>a\u{a0}\u{a0}b</p>"),
            ("<section><article><main><unknown-tag>x</unknown-tag></main></article></section>", "<p>x</p>"),
            ("<html><head><title>t</title><style>p{}</style></head><body><p>x</p></body></html>", "<p>x</p>"),
            ("<p>x</p><script>y</script><!-- z --><noscript>n</noscript>", "<p>x</p><p>n</p>"),
            (
                "<dl><dt>a</dt><dd>b</dd></dl><details><summary>s</summary>d</details>",
                "<p>a</p><p>b</p><p>s</p><p>d</p>",
            ),
            (
                "<p style='text-align:RIGHT' dir=rtl data-indent=3>x</p>",
                "<p style=\"text-align: right; margin-inline-start: 6em\" data-indent=\"3\" dir=\"rtl\">x</p>",
            ),
            ("<p>one<img src=a.png>two</p>", "<p>one</p><img src=\"a.png\" alt=\"\"><p>two</p>"),
            (
                "<figure><img src='https://e.example/a.png' alt='A' width=20 height=10px><figcaption>c</figcaption></figure>",
                "<img src=\"https://e.example/a.png\" alt=\"A\" width=\"20\" height=\"10\"><p>c</p>",
            ),
        ],
    );
}

#[test]
fn headings_marks_and_links() {
    assert_imports(
        Format::Html,
        &[
            ("<h1>1</h1><h4>4</h4><h5>5</h5><h6>6</h6>", "<h1>1</h1><h4>4</h4><h4>5</h4><h4>6</h4>"),
            (
                "<b>b</b><strong>b</strong> <i>i</i> <em>e</em> <u>u</u> <ins>n</ins> <s>s</s> <del>d</del> <sub>1</sub> <sup>2</sup> <kbd>k</kbd> <mark>m</mark>",
                "<p><strong>bb</strong> <em>i</em> <em>e</em> <u>u</u> <u>n</u> <s>s</s> <s>d</s> <sub>1</sub> <sup>2</sup> <code>k</code> <mark>m</mark></p>",
            ),
            (
                "<span style='font-weight:700;font-style:italic;text-decoration:underline line-through;color:#F00'>x</span>",
                "<p><span style=\"color: #f00\"><strong><em><s><u>x</u></s></em></strong></span></p>",
            ),
            ("<b style='font-weight:normal'>Google <b>Docs</b></b>", "<p>Google <strong>Docs</strong></p>"),
            (
                "<span style='background-color: yellow'>x</span>",
                "<p><mark data-color=\"yellow\" style=\"background-color: yellow; color: inherit\">x</mark></p>",
            ),
            ("<font color=blue>x</font>", "<p><span style=\"color: blue\">x</span></p>"),
            ("<b><p>one</p><p>two</p></b>", "<p><strong>one</strong></p><p><strong>two</strong></p>"),
            (
                "<a href=https://e.example><b>x</b> y</a>",
                "<p><a href=\"https://e.example\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"><strong>x</strong> y</a></p>",
            ),
            ("<a href='javascript:x'>text stays</a>", "<p>text stays</p>"),
            ("<code>a <b>b</b></code>", "<p><code>a b</code></p>"),
            ("<a href=#x><code>c</code></a>", "<p><code>c</code></p>"),
            (
                "<span data-type=mention data-id=7 data-label=Ada>@Ada</span>!",
                "<p><span data-type=\"mention\" data-id=\"7\" data-label=\"Ada\">@Ada</span>!</p>",
            ),
        ],
    );
}

#[test]
fn lists() {
    assert_imports(
        Format::Html,
        &[
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ul>",
            ),
            (
                "<ul><li>a</li><ul><li>nested wrongly</li></ul></ul>",
                "<ul><li><p>a</p><ul><li><p>nested wrongly</p></li></ul></li></ul>",
            ),
            ("<ol start=4 type=a><li>x</ol>", "<ol start=\"4\" type=\"a\"><li><p>x</p></li></ol>"),
            ("<ol start=-1><li>x</ol>", "<ol><li><p>x</p></li></ol>"),
            ("<ul><li><h2>h</h2></li><li></li></ul>", "<ul><li><p></p><h2>h</h2></li><li><p></p></li></ul>"),
            ("<ul>stray<li>x</ul><li>alone</li>", "<ul><li><p>stray</p></li><li><p>x</p></li></ul><p>alone</p>"),
            ("<ul></ul>", "<p></p>"),
            (
                "<ul><li><input type=checkbox checked> a</li><li><label><input type=checkbox>b</label></li><li>c</li></ul>",
                "<ul data-type=\"taskList\"><li data-type=\"taskItem\" data-checked=\"true\"><input type=\"checkbox\" disabled checked><div><p>a</p></div></li><li data-type=\"taskItem\" data-checked=\"false\"><input type=\"checkbox\" disabled><div><p>b</p></div></li></ul><ul><li><p>c</p></li></ul>",
            ),
            (
                "<ul data-type=taskList><li data-type=taskItem data-checked=true><label><input type=checkbox checked><span></span></label><div><p>t</p></div></li></ul>",
                "<ul data-type=\"taskList\"><li data-type=\"taskItem\" data-checked=\"true\"><input type=\"checkbox\" disabled checked><div><p>t</p></div></li></ul>",
            ),
        ],
    );
}

#[test]
fn blocks() {
    assert_imports(
        Format::Html,
        &[
            ("<blockquote>q<p>r</p></blockquote>", "<blockquote><p>q</p><p>r</p></blockquote>"),
            (
                "<pre><code class='hljs language-rust'>fn <span>main</span>() {\n  1 &lt; 2\n}\n</code></pre>",
                "<pre><code class=\"language-rust\">fn main() {  1 &lt; 2}</code></pre>",
            ),
            ("<pre>\nplain\n\n</pre>", "<pre><code>plain</code></pre>"),
            ("<pre class='lang-c++'>a<br>b</pre>", "<pre><code class=\"language-c++\">ab</code></pre>"),
            (
                "<hr><div data-type=page-break></div>",
                "<hr><div data-type=\"page-break\" style=\"break-after: page\"></div>",
            ),
            (
                "<div data-type=callout data-kind=warning>w</div><aside>just text</aside>",
                "<aside data-type=\"callout\" data-kind=\"warning\"><p>w</p></aside><p>just text</p>",
            ),
        ],
    );
    let code = parse(Format::Html, "<pre>\n a\n\n b\n\n</pre>").unwrap();
    assert_eq!(code.pointer("/content/0/content/0/text").unwrap(), " a\n\n b\n");
}

#[test]
fn tables_are_made_rectangular() {
    assert_imports(
        Format::Html,
        &[
            (
                "<table><caption>c</caption><thead><tr><th>h<tbody><tr><td>d</table>",
                "<p>c</p><table><tbody><tr><th><p>h</p></th></tr><tr><td><p>d</p></td></tr></tbody></table>",
            ),
            (
                "<table><tr><td>a<td>b<tr><td>c</table>",
                "<table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td><p>c</p></td><td><p></p></td></tr></tbody></table>",
            ),
            (
                "<table><tr><td rowspan=9>a<td colspan=2>b<tr><td>c</table>",
                "<table><tbody><tr><td rowspan=\"2\"><p>a</p></td><td colspan=\"2\"><p>b</p></td></tr><tr><td><p>c</p></td><td><p></p></td></tr></tbody></table>",
            ),
            (
                "<table><tr><td>a<td rowspan=2>b<tr><td colspan=3>c</table>",
                "<table><tbody><tr><td><p>a</p></td><td rowspan=\"2\"><p>b</p></td></tr><tr><td><p>c</p></td></tr></tbody></table>",
            ),
            (
                "<table><tr><th align=center style='background-color:#eee' colwidth=40>a</table>",
                "<table><tbody><tr><th colwidth=\"40\" style=\"background-color: #eee; text-align: center\"><p>a</p></th></tr></tbody></table>",
            ),
            ("<table></table><table><tr></tr></table>x", "<p>x</p>"),
            (
                "<table><tr><td><table><tr><td>in</table></table>",
                "<table><tbody><tr><td><table><tbody><tr><td><p>in</p></td></tr></tbody></table></td></tr></tbody></table>",
            ),
        ],
    );
}

#[test]
fn markdown() {
    assert_imports(
        Format::Markdown,
        &[
            (
                "# A\n\ntext *i* **b** ~~s~~ `c`\nsame line  \nnext",
                "<h1>A</h1><p>text <em>i</em> <strong>b</strong> <s>s</s> <code>c</code> same line<br>next</p>",
            ),
            ("###### six", "<h4>six</h4>"),
            (
                "- a\n  - b\n\n1. x\n2. y",
                "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul><ol><li><p>x</p></li><li><p>y</p></li></ol>",
            ),
            (
                "- [x] done\n- [ ] open",
                "<ul data-type=\"taskList\"><li data-type=\"taskItem\" data-checked=\"true\"><input type=\"checkbox\" disabled checked><div><p>done</p></div></li><li data-type=\"taskItem\" data-checked=\"false\"><input type=\"checkbox\" disabled><div><p>open</p></div></li></ul>",
            ),
            (
                "| a | b |\n|---|:-:|\n| 1 | 2 |",
                "<table><tbody><tr><th><p>a</p></th><th style=\"text-align: center\"><p>b</p></th></tr><tr><td><p>1</p></td><td style=\"text-align: center\"><p>2</p></td></tr></tbody></table>",
            ),
            ("```rust\nlet a = 1;\n```", "<pre><code class=\"language-rust\">let a = 1;</code></pre>"),
            ("    indented", "<pre><code>indented</code></pre>"),
            ("> [!CAUTION]\n> hot", "<aside data-type=\"callout\" data-kind=\"danger\"><p>hot</p></aside>"),
            ("![alt](https://e.example/a.png \"t\")", "<img src=\"https://e.example/a.png\" alt=\"alt\" title=\"t\">"),
            ("H<sub>2</sub>O <script>x</script><u>u</u>", "<p>H<sub>2</sub>O <u>u</u></p>"),
            (
                "https://e.example",
                "<p><a href=\"https://e.example\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">https://e.example</a></p>",
            ),
            ("**強調。**また", "<p><strong>強調。</strong>また</p>"),
            ("\\*not\\* &amp; &lt;b&gt;", "<p>*not* &amp; &lt;b&gt;</p>"),
        ],
    );
}

/// What Markdown has no sign for, and where its signs would not be read.
#[test]
fn markdown_that_we_write() {
    let cases = [
        ("<p><u>u</u><sub>1</sub><mark>m</mark></p>", "<u>u</u><sub>1</sub><mark>m</mark>\n"),
        ("<p>a<b>.</b>b <i>i</i>n <b> spaced </b>x</p>", "a<strong>.</strong>b *i*n **spaced** x\n"),
        ("<p><b>a<i>b</i></b><i>c</i></p>", "**a<em>b</em>**_c_\n"),
        ("<p>1. no list<br>- nor this<br># nor this</p>", "1\\. no list\\\n\\- nor this\\\n\\# nor this\n"),
        (
            "<p>a_b_c __d__ *e* [f] &lt;g&gt; `h` &amp;amp; i!</p>",
            "a_b_c \\_\\_d\\_\\_ \\*e\\* \\[f\\] \\<g> \\`h\\` \\&amp; i!\n",
        ),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b\n"),
        ("<ol start=9><li>a<li>b<p>c</ol>", "9. a\n\n10. b\n\n    c\n"),
        (
            "<table><tr><td colspan=2>a|b<tr><td>c<br>d<td><ul><li>e<li>f</ul></table>",
            "| a\\|b |  |\n| --- | --- |\n| c<br>d | e<br>f |\n",
        ),
        ("<pre>```\ncode</pre>", "````\n```\ncode\n````\n"),
        ("<a href='https://e.example/'>https://e.example/</a>", "<https://e.example/>\n"),
    ];
    for (html, markdown) in cases {
        let written = render(&parse(Format::Html, html).unwrap(), Format::Markdown);
        assert_eq!(written, markdown, "{html}");
        let again = render(&parse(Format::Markdown, &written).unwrap(), Format::Markdown);
        assert_eq!(again, written, "{html}");
    }
}

#[test]
fn text_of_every_block() {
    let html = "<h1>T 🦀</h1><p>a<br>b</p><ul><li>x<ul><li>y</ul></ul><table><tr><td>1<td>2<tr><td>שלום<td>漢字</table><pre>c\nd</pre><img src=a.png alt=Alt><blockquote>q</blockquote>";
    let text = render(&parse(Format::Html, html).unwrap(), Format::Text);
    assert_eq!(text, "T 🦀\na\nb\nx\ny\n1\t2\nשלום\t漢字\nc\nd\nAlt\nq");
}
