//! Excerpts as HTML that stands in Markdown.
//!
//! Markdown ends an HTML block at a blank line, and a list item ends it at a line
//! that is not indented; mdBook reads `{{#`. An excerpt is therefore one line,
//! with `& < > {` and every line feed encoded. What was captured can never
//! become markup or a directive.

use text::escape;

use super::{Excerpt, Row, Table, Terminal, proc_line};
use session::Environment;

pub fn write(excerpt: &Excerpt) -> String {
    match excerpt {
        Excerpt::Terminal(terminal) => write_terminal(terminal),
        Excerpt::Steps(table) => write_steps(table),
        Excerpt::Drawing(drawing) => drawing.to_html(),
        Excerpt::Inline(words) => {
            format!("<span class=\"captured\">{}</span>\n", escape_inline(words))
        }
        Excerpt::Environment { fresh, stored } => {
            let machines = |machines: &[Environment]| {
                let lines = machines.iter().map(|machine| escape(&machine.to_string()));
                lines.collect::<Vec<_>>().join("; ")
            };
            let lines = [
                ("Captured while this page was built", fresh),
                ("Recorded earlier", stored),
            ];
            let lines = lines.iter().filter(|(_, of)| !of.is_empty());
            let lines = lines.map(|(when, of)| format!("{when}: {}.", machines(of)));
            format!(
                "<p class=\"environment\">{}</p>\n",
                lines.collect::<Vec<_>>().join(" ")
            )
        }
        Excerpt::Nothing => String::new(),
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
         <pre data-captured tabindex=\"0\" role=\"group\" aria-label=\"Terminal {number}: {caption}\"><code class=\"nohighlight\">"
    );
    // Terminal 2 is where the kernel speaks.
    let write_line = match number {
        2 => proc_line::write,
        _ => escape,
    };
    for (index, row) in terminal.rows.iter().enumerate() {
        let end = if index + 1 < terminal.rows.len() {
            "&#10;"
        } else {
            ""
        };
        let line = write_row(row, end, write_line);
        html.push_str(&if columns(row) > PAPER {
            format!("<span class=\"long\">{line}</span>")
        } else {
            line
        });
    }
    html.push_str("</code></pre></figure>\n");
    html
}

/// So many columns fit a sheet of paper. A longer row says so, with its line
/// feed, for what wraps on paper is indented.
const PAPER: usize = 80;

fn columns(row: &Row) -> usize {
    match row {
        Row::Command(command) => command.chars().count() + 2,
        Row::Line { text, note, .. } => {
            let note = note.as_ref().map_or(0, |note| note.chars().count() + 4);
            text.chars().count() + note
        }
        Row::Ended(how) => how.chars().count() + 2,
        Row::Elided => 3,
    }
}

/// A row and the line feed that ends it. A note holds its line feed: on a narrow
/// screen it is a block below its row, and leaves no empty line behind.
fn write_row(row: &Row, end: &str, write_line: fn(&str) -> String) -> String {
    match row {
        Row::Command(command) => format!(
            "<span class=\"prompt\">$ </span><kbd>{}</kbd>{end}",
            escape(command)
        ),
        Row::Line {
            text,
            pressed,
            note,
        } => {
            let mut html = write_line(text);
            if *pressed {
                html.push_str("<span class=\"pressed\"> <kbd class=\"return\" title=\"Return was pressed here\">⏎</kbd></span>");
            }
            match note {
                Some(note) => format!(
                    "<mark>{html}</mark><span class=\"note\">  ← {}{end}</span>",
                    escape(note)
                ),
                None => html + end,
            }
        }
        Row::Ended(how) => format!("<span class=\"ended\">({})</span>", escape(how)),
        Row::Elided => {
            format!("<span class=\"elided\" title=\"lines left out\">...</span>{end}")
        }
    }
}

/// All steps are there, side by side: a script only shows one at a time. The
/// class `shown` is on the step that it begins with.
fn write_steps(table: &Table) -> String {
    let id = escape(&table.id);
    let mut html = format!(
        "<figure class=\"steps\" id=\"{id}\" data-listing=\"{}\"><figcaption>{}</figcaption>",
        escape(&table.listing),
        escape(&table.caption)
    );
    if table.columns.len() > 1 {
        // A script puts the controls here, so that none is there that does nothing.
        html.push_str("<div class=\"stepper\"></div>");
    }
    html.push_str("<div class=\"beside\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Fields, step by step\"><table><thead><tr><th scope=\"col\">Field</th>");
    for (number, column) in (1..).zip(&table.columns) {
        html.push_str(&format!(
            "<th scope=\"col\" id=\"{id}-step-{number}\"{}><code>{}</code></th>",
            class(number == 1, false),
            escape(column)
        ));
    }
    html.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        let cells = cells(&row.field);
        html.push_str(&if table.pages.is_empty() || cells.is_empty() {
            "<tr>".to_owned()
        } else {
            format!("<tr data-cells=\"{cells}\">")
        });
        html.push_str(&format!(
            "<th scope=\"row\"><code>{}</code></th>",
            escape(&row.field)
        ));
        for (index, cell) in row.cells.iter().enumerate() {
            let text = escape(&cell.text);
            let class = class(index == 0, cell.changed);
            html.push_str(&if cell.changed {
                format!("<td{class}><mark>{text}</mark></td>")
            } else {
                format!("<td{class}>{text}</td>")
            });
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    if !table.pages.is_empty() {
        html.push_str("<div class=\"pages\">");
        for (index, image) in table.pages.iter().enumerate() {
            html.push_str(&format!("<div{}>", class(index == 0, false)));
            html.push_str(&image.svg);
            html.push_str("</div>");
        }
        html.push_str("</div>");
    }
    html.push_str("</div></figure>\n");
    html
}

fn class(shown: bool, changed: bool) -> &'static str {
    match (shown, changed) {
        (true, true) => " class=\"shown changed\"",
        (true, false) => " class=\"shown\"",
        (false, true) => " class=\"changed\"",
        (false, false) => "",
    }
}

/// The kinds of cells that a field of smaps counts, by the letters of
/// `data-cell`: x exclusive, s shared, w in swap, e empty.
fn cells(field: &str) -> &'static str {
    match field {
        "Size" => "x s w e",
        "Rss" | "Pss" | "present" => "x s",
        "Private_Clean" | "Private_Dirty" => "x",
        "Shared_Clean" | "Shared_Dirty" => "s",
        "Swap" | "SwapPss" => "w",
        _ => "",
    }
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
