//! Excerpts as plain text, for a terminal.

use super::{Excerpt, Row, Table, Terminal};

pub fn write(excerpt: &Excerpt) -> String {
    match excerpt {
        Excerpt::Terminal(terminal) => write_terminal(terminal),
        Excerpt::Steps(table) => write_steps(table),
        Excerpt::Drawing(drawing) => drawing.to_text(),
        Excerpt::Inline(words) => format!("{words}\n"),
        Excerpt::Environment { fresh, stored } => fresh
            .iter()
            .chain(stored)
            .map(|machine| format!("{machine}\n"))
            .collect(),
        Excerpt::Nothing => String::new(),
        Excerpt::Skipped { listing, reason } => format!("skipped: `{listing}`: {reason}\n"),
    }
}

fn write_terminal(terminal: &Terminal) -> String {
    let mut text = String::new();
    for row in &terminal.rows {
        match row {
            Row::Command(command) => text.push_str(&format!("$ {command}")),
            Row::Line {
                text: line,
                pressed,
                note,
            } => {
                text.push_str(line);
                if *pressed {
                    text.push_str(" ⏎");
                }
                if let Some(note) = note {
                    text.push_str(&format!("  <- {note}"));
                }
            }
            Row::Elided => text.push_str("..."),
            Row::Ended(how) => text.push_str(&format!("({how})")),
        }
        text.push('\n');
    }
    text
}

fn write_steps(table: &Table) -> String {
    let mut rows = vec![{
        let mut head = vec!["Field".to_owned()];
        head.extend(table.columns.iter().cloned());
        head
    }];
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| {
            let mark = if cell.changed { " *" } else { "" };
            format!("{}{mark}", cell.text)
        });
        rows.push(std::iter::once(row.field.clone()).chain(cells).collect());
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..=table.columns.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}
