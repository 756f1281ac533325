//! Excerpts as HTML that stands in Markdown.
//!
//! Markdown ends an HTML block at a blank line, and a list item ends it at a line
//! that is not indented; mdBook reads `{{#`. An excerpt is therefore one line,
//! with `& < > {` and every line feed encoded. What was captured can never
//! become markup or a directive.

use super::{Excerpt, Row, Table, Terminal};

pub fn write(excerpt: &Excerpt) -> String {
    match excerpt {
        Excerpt::Terminal(terminal) => write_terminal(terminal),
        Excerpt::Steps(table) => write_steps(table),
        Excerpt::Inline(words) => {
            format!("<span class=\"captured\">{}</span>\n", escape_inline(words))
        }
        Excerpt::Environment(machines) => {
            let lines: Vec<String> = machines.iter().map(|m| escape(&m.to_string())).collect();
            format!(
                "<p class=\"environment\">Captured while this page was built: {}.</p>\n",
                lines.join("; ")
            )
        }
        Excerpt::Skipped { listing, reason } => format!(
            "<p class=\"skipped\"><strong>Skipped.</strong> The machine that built this page could not run <code>{}</code>: {}.</p>\n",
            escape(listing),
            escape(reason)
        ),
    }
}

fn write_terminal(terminal: &Terminal) -> String {
    let number = terminal.number;
    let caption = escape(&terminal.caption);
    let mut html = format!(
        "<figure class=\"terminal terminal-{number}\"><figcaption><b>Terminal {number}</b> {caption}</figcaption>\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"Terminal {number}: {caption}\"><code class=\"nohighlight\">"
    );
    for (index, row) in terminal.rows.iter().enumerate() {
        if index > 0 {
            html.push_str("&#10;");
        }
        html.push_str(&write_row(row));
    }
    html.push_str("</code></pre></figure>\n");
    html
}

fn write_row(row: &Row) -> String {
    match row {
        Row::Command(command) => format!(
            "<span class=\"prompt\">$ </span><kbd>{}</kbd>",
            escape(command)
        ),
        Row::Line {
            text,
            pressed,
            note,
        } => {
            let mut html = escape(text);
            if *pressed {
                html.push_str("<kbd class=\"return\" title=\"Return was pressed here\"> ⏎</kbd>");
            }
            if let Some(note) = note {
                html = format!(
                    "<mark>{html}</mark><span class=\"note\">  ← {}</span>",
                    escape(note)
                );
            }
            html
        }
        Row::Elided => "<span class=\"elided\" title=\"lines left out\">...</span>".to_owned(),
    }
}

fn write_steps(table: &Table) -> String {
    let mut html = format!(
        "<figure class=\"steps\"><figcaption>{}</figcaption><table><thead><tr><th scope=\"col\">Field</th>",
        escape(&table.caption)
    );
    for column in &table.columns {
        html.push_str(&format!(
            "<th scope=\"col\"><code>{}</code></th>",
            escape(column)
        ));
    }
    html.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        html.push_str(&format!(
            "<tr><th scope=\"row\"><code>{}</code></th>",
            escape(&row.field)
        ));
        for cell in &row.cells {
            let text = escape(&cell.text);
            html.push_str(&if cell.changed {
                format!("<td class=\"changed\"><mark>{text}</mark></td>")
            } else {
                format!("<td>{text}</td>")
            });
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></figure>\n");
    html
}

/// Text inside an HTML block.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '{' => html.push_str("&#123;"),
            _ => html.push(c),
        }
    }
    html
}

/// Text inside a sentence, where Markdown still reads punctuation.
fn escape_inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            html.push_str(&format!("&#{};", u32::from(c)));
        } else if c == ' ' {
            // A number and its unit stay together.
            html.push_str("&nbsp;");
        } else {
            html.push(c);
        }
    }
    html
}
