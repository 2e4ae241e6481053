//! Whatever a document or an import holds, the HTML that leaves has no script, no foreign address and no style but ours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

use crdt::content::{Format, parse, render};
use serde_json::{Value, json};

/// HTML that is known to run scripts, or to send the reader's address away, where a filter is careless.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<img src=\"data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+\">",
    "<img src=`javascript:alert(1)`>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\" \u{1}javascript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"java&#10;script:alert(1)\">x</a>",
    "<a href=\"&#106;&#97;vascript&colon;alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"file:///etc/passwd\">x</a>",
    "<a href=\"blob:https://example.org/1\">x</a>",
    "<a href=https://example.org onclick=alert(1) style=\"position:fixed\">x</a>",
    "<a href='https://example.org/\" onmouseover=\"alert(1)'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<iframe src=\"javascript:alert(1)\"></iframe><iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object><embed src=\"javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><button formaction=\"javascript:alert(1)\">x</button></form>",
    "<p style=\"background:url(javascript:alert(1))\">x</p>",
    "<span style=\"color: expression(alert(1))\">x</span>",
    "<span style=\"color: red; background-image: url(https://evil.example/a.png)\">x</span>",
    "<span style=\"color: var(--x)\">x</span>",
    "<span style=\"color: rgb(0,0,0);}*{display:none\">x</span>",
    "<span style=\"color: red\\22 onclick=alert(1)\">x</span>",
    "<mark data-color=\"red;background:url(//evil.example)\">x</mark>",
    "<table background=\"javascript:alert(1)\"><td style=\"background-color: url(//evil.example)\">x</table>",
    "<td bgcolor=\"red\" onclick=alert(1)>x</td>",
    "<link rel=stylesheet href=//evil.example/x.css><style>@import '//evil.example/x.css';</style>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\"><base href=\"javascript:/\">",
    "<pre><code class=\"language-js&quot; onload=&quot;alert(1)\">x</code></pre>",
    "<ol start='1\" onload=\"alert(1)' type='a\" x'><li>x</ol>",
    "<span data-type=mention data-id='\"><script>alert(1)</script>' data-label='<img src=x onerror=alert(1)>'></span>",
    "<div data-type=callout data-kind='x\" onload=\"alert(1)'>x</div>",
    "<p align='\" onload=\"' dir='\" onload=\"' data-indent='\" onload=\"'>x</p>",
    "<b title='\"><script>'>&lt;script&gt;alert(1)&lt;/script&gt;</b>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>",
    "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]>",
    "<x/onclick=alert(1)>x</x><custom-element onfocus=alert(1)>x</custom-element>",
];

const TAGS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "div",
    "input",
    "blockquote",
    "aside",
    "table",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
    "pre",
    "code",
    "img",
    "strong",
    "em",
    "u",
    "s",
    "sub",
    "sup",
    "a",
    "span",
    "mark",
    "br",
];
const ATTRIBUTES: &[&str] = &[
    "style",
    "data-indent",
    "dir",
    "start",
    "type",
    "data-type",
    "data-checked",
    "disabled",
    "checked",
    "data-kind",
    "colspan",
    "rowspan",
    "colwidth",
    "class",
    "src",
    "alt",
    "title",
    "width",
    "height",
    "href",
    "target",
    "rel",
    "data-color",
    "data-id",
    "data-label",
];
const STYLES: &[&str] = &["text-align", "margin-inline-start", "background-color", "color", "break-after"];
/// Every tag of our HTML, as `html_render` can write it.
fn assert_safe(html: &str, from: &str) {
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("an open tag in {html} from {from}"));
        if let Some(name) = tag.strip_prefix('/') {
            assert!(TAGS.contains(&name), "</{name}> in {html} from {from}");
            continue;
        }
        let name = tag.split(' ').next().unwrap();
        assert!(TAGS.contains(&name), "<{name}> in {html} from {from}");
        // Name="value" pairs; no value holds a quote, for they are escaped.
        let mut rest = tag[name.len()..].trim_start();
        while !rest.is_empty() {
            let end = rest.find(['=', ' ']).unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(end);
            assert!(ATTRIBUTES.contains(&attribute), "{attribute} in {html} from {from}");
            let Some(quoted) = after.strip_prefix("=\"") else {
                rest = after.trim_start();
                continue;
            };
            let (value, after) = quoted.split_once('"').unwrap();
            assert_safe_value(attribute, value, html, from);
            rest = after.trim_start();
        }
    }
}

fn assert_safe_value(attribute: &str, value: &str, html: &str, from: &str) {
    match attribute {
        "href" | "src" => {
            let scheme = value.split(['/', '?', '#']).next().unwrap().split_once(':').map(|(scheme, _)| scheme);
            assert!(
                scheme.is_none_or(|scheme| ["http", "https", "mailto", "tel"].contains(&scheme)),
                "{html} from {from}"
            );
        }
        "style" => {
            for declaration in value.split("; ") {
                let (name, value) = declaration.split_once(": ").unwrap();
                assert!(STYLES.contains(&name) && !value.contains(['\\', ':', '}', ';']), "{html} from {from}");
                assert!(
                    !value.contains("url") && !value.contains("expression") && !value.contains("var"),
                    "{html} from {from}"
                );
            }
        }
        _ => {}
    }
}

#[test]
fn hostile_html_comes_out_harmless() {
    let mut tags = 0;
    for source in HOSTILE {
        for format in [Format::Html, Format::Markdown] {
            let doc = parse(format, source).unwrap();
            let html = render(&doc, Format::Html);
            tags += html.matches('<').count();
            assert_safe(&html, source);
            // Markdown is safe when what GitHub's parser makes of it is.
            assert_safe(
                &render(&parse(Format::Markdown, &render(&doc, Format::Markdown)).unwrap(), Format::Html),
                source,
            );
        }
    }
    assert!(tags > 2 * HOSTILE.len(), "the cases left nothing to look at: {tags}");
}

const NAMES: [&str; 26] = [
    "href",
    "src",
    "color",
    "backgroundColor",
    "language",
    "kind",
    "textAlign",
    "dir",
    "align",
    "type",
    "start",
    "level",
    "indent",
    "colspan",
    "rowspan",
    "colwidth",
    "width",
    "height",
    "alt",
    "title",
    "id",
    "label",
    "target",
    "rel",
    "class",
    "checked",
];
const NODES: [&str; 19] = [
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "listItem",
    "taskList",
    "taskItem",
    "blockquote",
    "callout",
    "codeBlock",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "image",
    "mention",
    "hardBreak",
    "onload=x",
    "script",
];
const MARKS: [&str; 7] = ["link", "textStyle", "highlight", "bold", "code", "onload=x", "script"];
const VALUES: [&str; 7] = [
    "javascript:alert(1)",
    "\" onload=\"alert(1)",
    "<script>alert(1)</script>",
    "red;background:url(//evil.example)",
    "data:text/html,x",
    "\u{0}java\u{0}script:alert(1)",
    "&#106;avascript:alert(1)",
];
/// A stored document may hold anything: a client writes it without asking us.
#[test]
fn hostile_documents_are_rendered_harmless() {
    let mut rendered = 0;
    for value in VALUES {
        let attrs: Value =
            NAMES.iter().map(|name| (name.to_string(), Value::from(value))).collect::<serde_json::Map<_, _>>().into();
        let mark = |name: &str| json!({"type": name, "attrs": attrs});
        let text = json!({"type": "text", "text": value, "marks": MARKS.map(mark)});
        for node in NODES {
            let doc = json!({"type": "doc", "content": [{"type": node, "attrs": attrs, "content": [text, {"type": "mention", "attrs": attrs}]}]});
            let html = render(&doc, Format::Html);
            assert_safe(&html, &doc.to_string());
            assert_safe(
                &render(&parse(Format::Markdown, &render(&doc, Format::Markdown)).unwrap(), Format::Html),
                &doc.to_string(),
            );
            rendered += usize::from(!html.is_empty());
        }
    }
    assert!(rendered > 100, "{rendered}");
}

#[test]
fn addresses_and_colours() {
    let href = |url: &str| {
        let doc = parse(Format::Html, &format!("<a href=\"{url}\">x</a>")).unwrap();
        doc.pointer("/content/0/content/0/marks/0/attrs/href").and_then(Value::as_str).map(str::to_string)
    };
    let allowed = [
        "https://a.example/b?c=d#e",
        "http://a",
        "HTTPS://A",
        "mailto:a@b.example",
        "tel:+491",
        "/a:b",
        "#c",
        "?q=a:b",
        "a/b.html",
        "//a.example",
    ];
    for url in allowed {
        assert_eq!(href(url).as_deref(), Some(url));
    }
    for url in ["javascript:x", "data:x", "ftp://a", "x:y", "a:b/c", "", " ", ":x"] {
        assert_eq!(href(url), None, "{url}");
    }
    let color = |color: &str| {
        let doc = parse(Format::Html, &format!("<span style=\"color: {color}\">x</span>")).unwrap();
        doc.pointer("/content/0/content/0/marks/0/attrs/color").and_then(Value::as_str).map(str::to_string)
    };
    for value in [
        "#fff",
        "#a1b2c3",
        "#a1b2c3d4",
        "red",
        "rgb(1, 2, 3)",
        "rgba(1,2,3,.5)",
        "hsl(120 50% 50% / 0.3)",
        "rebeccapurple",
    ] {
        assert_eq!(color(value).as_deref(), Some(value));
    }
    for value in [
        "#ff",
        "#ggg",
        "rgb(1",
        "rgb(calc(1))",
        "url(x)",
        "var(--x)",
        "inherit",
        "currentcolor",
        "red blue",
        "expression(1)",
    ] {
        assert_eq!(color(value), None, "{value}");
    }
}
