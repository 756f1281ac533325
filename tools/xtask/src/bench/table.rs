//! The rows of the table, and how they are written.

/// One figure with its goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub figure: String,
    pub measured: f64,
    /// What it should be at the most.
    pub goal: f64,
    /// Behind both numbers: `× F`.
    pub unit: &'static str,
    /// Absolute times and the like.
    pub note: String,
}

impl Row {
    pub fn is_met(&self) -> bool {
        self.measured <= self.goal
    }
}

/// A table in Markdown, with a line before it and some after it.
pub fn markdown(before: &str, rows: &[Row], after: &[String]) -> String {
    let head = "| Figure | measured | goal | | for information |\n|---|---|---|---|---|\n";
    let rows: String = rows.iter().map(|row| line(row) + "\n").collect();
    let after: String = after.iter().map(|line| format!("\n{line}\n")).collect();
    format!("{before}\n\n{head}{rows}{after}")
}

/// Shows what is known so far.
pub fn print(rows: &[Row]) {
    for row in rows {
        println!("{}", line(row));
    }
}

fn line(row: &Row) -> String {
    let met = if row.is_met() { "met" } else { "**not met**" };
    let (figure, unit, note) = (&row.figure, row.unit, &row.note);
    let line = format!(
        "| {figure} | {:.2} {unit} | ≤ {:.2} {unit} | {met} | {note} |",
        row.measured, row.goal
    );
    line.replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_tells_whether_its_goal_is_met() {
        let row = |measured| Row {
            figure: "full build".to_owned(),
            measured,
            goal: 1.3,
            unit: "× F",
            note: "0.2 s".to_owned(),
        };
        assert_eq!(
            markdown("Before.", &[row(1.0), row(1.31)], &["After.".to_owned()]),
            "Before.\n\n| Figure | measured | goal | | for information |\n|---|---|---|---|---|\n\
             | full build | 1.00 × F | ≤ 1.30 × F | met | 0.2 s |\n\
             | full build | 1.31 × F | ≤ 1.30 × F | **not met** | 0.2 s |\n\nAfter.\n"
        );
    }
}
