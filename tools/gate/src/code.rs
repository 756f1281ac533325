//! The code in a chapter: where it stands, and fenced blocks with their colours.

use std::ops::Range;

use pages::Language;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced code block of a Markdown text.
pub struct Block {
    pub range: Range<usize>,
    /// What stands behind the opening fence: `rust,ignore`.
    pub info: String,
    pub text: String,
}

pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                inside = true;
                found.push(Block {
                    range,
                    info: info.into_string(),
                    text: String::new(),
                });
            }
            Event::Text(text) if inside => {
                if let Some(block) = found.last_mut() {
                    block.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            _ => {}
        }
    }
    found
}

/// The places of a text that lie in code: there, HTML would be shown as text.
pub fn places(text: &str) -> Vec<Range<usize>> {
    let events = Parser::new(text).into_offset_iter();
    events
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)))
        .map(|(_, range)| range)
        .collect()
}

/// Makes each fenced block of a language of the book the HTML that a reader
/// gets. mdBook would leave the colours to a script of 137 kB, and hide lines of
/// Rust that begin with `# `. Other blocks stay what they are.
pub fn highlight(chapter: &str) -> String {
    let mut html = String::with_capacity(chapter.len());
    let mut done = 0;
    for block in blocks(chapter) {
        let Some(element) = element(&block) else {
            continue;
        };
        html.push_str(&chapter[done..block.range.start]);
        html.push_str(&element);
        done = block.range.end;
    }
    html.push_str(&chapter[done..]);
    html
}

/// One line of HTML: it may stand in a list. A block that scrolls can have the
/// focus, so that the keyboard can scroll it. `None` for a language
/// that the book does not use.
pub fn element(block: &Block) -> Option<String> {
    let word = block.info.split([',', ' ']).next().unwrap_or_default();
    let language = Language::named(word)?;
    let code = language.lines(&block.text).join("&#10;");
    Some(format!(
        "<pre class=\"code\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><code class=\"nohighlight\">{code}&#10;</code></pre>",
        language.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn a_fenced_block_gets_its_colours() {
        let html = highlight("One.\n\n```rust,ignore\nlet a = &b;\n\nlet c;\n```\n\nTwo.\n");
        assert_eq!(
            html,
            "One.\n\n<pre class=\"code\" tabindex=\"0\" role=\"group\" aria-label=\"Rust\">\
             <code class=\"nohighlight\"><span class=\"k\">let</span> a = &amp;b;&#10;&#10;\
             <span class=\"k\">let</span> c;&#10;</code></pre>\n\nTwo.\n"
        );
    }

    #[test]
    fn a_block_in_a_list_or_a_quotation_stays_there() {
        let html = highlight(
            "1. One:\n\n   ```sh\n   a\n\n   b\n   ```\n\n   Two.\n\n> ```text\n> <c>\n> ```\n",
        );
        let lines: Vec<&str> = html.lines().collect();
        assert!(lines[2].starts_with("   <pre class=\"code\""), "{html}");
        assert!(lines[2].ends_with("</code></pre>"), "{html}");
        assert_eq!(lines[4], "   Two.");
        assert!(
            lines[6].starts_with("> <pre") && lines[6].contains("&lt;c&gt;"),
            "{html}"
        );
    }

    #[test]
    fn other_blocks_and_code_in_other_code_stay() {
        for chapter in [
            "```python\npass\n```\n",
            "````markdown\n```rust\nlet a;\n```\n````\n",
            "    ```rust\n    indented\n",
            "`let a;`\n",
        ] {
            assert_eq!(highlight(chapter), chapter);
        }
    }
}
