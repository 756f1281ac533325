//! `capture run`: terminal 1.

use super::{Excerpt, Row, Terminal};
use crate::record::{Moment, Record, RecordError};

/// What the listing printed and where Return was pressed, up to a checkpoint or
/// to the end.
pub fn run(record: &Record, until: Option<&str>) -> Result<Excerpt, RecordError> {
    if let Some(name) = until {
        record.at(name)?;
    }
    // Behind the command, cargo's own lines: whether it compiles depends on
    // the reader's folder, not on the listing.
    let mut rows = vec![
        Row::Command(format!("cargo run -p {}", record.listing)),
        Row::Elided,
    ];
    for moment in &record.transcript {
        match moment {
            Moment::Printed(text) => rows.push(Row::Line {
                text: text.clone(),
                pressed: false,
                note: None,
            }),
            Moment::Pressed(name) if Some(name.as_str()) == until => break,
            Moment::Pressed(_) => {
                if let Some(Row::Line { pressed, .. }) = rows.last_mut() {
                    *pressed = true;
                }
            }
        }
    }
    let caption = match until {
        Some(name) => format!("the listing, up to {name}"),
        None => "the listing".to_owned(),
    };
    Ok(Excerpt::Terminal(Terminal {
        number: 1,
        caption,
        rows,
    }))
}
