//! The table as a picture: each figure as a part of its goal.

use std::fmt::Write;

use super::table::Row;

const WIDTH: f64 = 720.0;
const LABELS: f64 = 250.0;
const STEP: f64 = 34.0;
const TOP: f64 = 34.0;

/// An SVG, readable on a light and on a dark page. The line is the goal; a bar
/// that stays left of it has met it.
pub fn svg(rows: &[Row]) -> String {
    let part = |row: &Row| row.measured / row.goal;
    let most = rows.iter().map(part).fold(1.25, f64::max);
    let scale = (WIDTH - LABELS - 110.0) / most;
    let height = TOP + STEP * rows.len() as f64 + 8.0;
    let goal = LABELS + scale;
    let mut body = String::new();
    for (number, row) in rows.iter().enumerate() {
        let y = TOP + STEP * number as f64;
        let (width, text) = (part(row) * scale, y + 16.0);
        let class = if row.is_met() { "met" } else { "missed" };
        let _ = write!(
            body,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LABELS}\" y=\"{}\" width=\"{width:.1}\" height=\"20\"/>\
             <text x=\"{:.1}\" y=\"{text}\">{}</text>",
            LABELS - 8.0,
            escape(&row.figure),
            y + 2.0,
            LABELS + width + 6.0,
            escape(&value(row)),
        );
    }
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{}: {}, goal {:.2}.", row.figure, value(row), row.goal))
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title\" aria-describedby=\"desc\" font-family=\"system-ui,sans-serif\" font-size=\"13\">\n\
         <title id=\"title\">Each figure of the bench as a part of its goal</title>\n\
         <desc id=\"desc\">{}</desc>\n\
         <style>svg{{background:#fff;fill:#1a1a1a}}.met{{fill:#2f7d5b}}.missed{{fill:#b4532a}}.goal{{stroke:#1a1a1a}}\
         @media(prefers-color-scheme:dark){{svg{{background:#16181c;fill:#e8e8e8}}.met{{fill:#5fb08c}}.missed{{fill:#e08a5f}}.goal{{stroke:#e8e8e8}}}}</style>\n\
         {body}\n\
         <line class=\"goal\" x1=\"{goal:.1}\" x2=\"{goal:.1}\" y1=\"{TOP}\" y2=\"{height}\" stroke-dasharray=\"4 3\"/>\
         <text x=\"{goal:.1}\" y=\"22\" text-anchor=\"middle\">goal</text>\n</svg>\n",
        escape(&told.join(" "))
    )
}

fn value(row: &Row) -> String {
    format!("{:.2} {}", row.measured, row.unit)
        .trim_end()
        .to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_part_of_the_goal() {
        let row = |figure: &str, measured| Row {
            figure: figure.to_owned(),
            measured,
            goal: 2.0,
            unit: "× F",
            note: String::new(),
        };
        let svg = svg(&[row("a < b", 1.0), row("c", 4.0)]);
        // 360 px are twice the goal.
        assert!(
            svg.contains("<rect class=\"met\" x=\"250\" y=\"36\" width=\"90.0\""),
            "{svg}"
        );
        assert!(
            svg.contains("<rect class=\"missed\" x=\"250\" y=\"70\" width=\"360.0\""),
            "{svg}"
        );
        assert!(svg.contains("x1=\"430.0\""), "{svg}");
        assert!(
            svg.contains("a &lt; b: 1.00 × F, goal 2.00. c: 4.00 × F, goal 2.00."),
            "{svg}"
        );
    }
}
