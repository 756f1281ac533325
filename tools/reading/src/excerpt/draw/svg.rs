//! SVG on one line: shapes below, text above them.

use std::fmt::Write;

use text::escape;

/// Width of a picture in its own units: at a page width of 360 px one unit is
/// about one pixel.
pub const WIDTH: f64 = 340.0;
/// Advance of a character, at most: a unit of the proportional font at size 13,
/// and of the monospaced one at size 12.
pub const CHARACTER: f64 = 7.2;

/// The theme's colours, with what they are where the theme is missing.
pub const QUIET: &str = "var(--quiet-text,currentColor)";
pub const FRAME: &str = "var(--frame-line,currentColor)";
pub const FIRST: &str = "var(--terminal-1-edge,currentColor)";
pub const SECOND: &str = "var(--terminal-2-edge,currentColor)";
pub const THIRD: &str = "var(--note-text,currentColor)";

/// One picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The accessible name.
    pub title: String,
    /// The text alternative, a sentence each.
    pub description: Vec<String>,
    /// Width and height, in units and in pixels.
    units: (String, String),
    pixels: (String, String),
    pub(super) body: String,
}

impl Image {
    pub fn write(&self, html: &mut String) {
        html.push_str(&format!(
            "<svg role=\"img\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" font-size=\"12\" fill=\"currentColor\">\
             <title>{}</title><desc>{}</desc>{}</svg>",
            self.units.0,
            self.units.1,
            self.pixels.0,
            self.pixels.1,
            escape(&self.title),
            escape(&self.description.join(" ")),
            self.body
        ));
    }
}

/// An id for a part of a picture that no other picture of the page has: a hash
/// of what it shows and says.
pub fn id<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in words.flat_map(|word| word.bytes().chain([0])) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    format!("draw-{hash:08x}")
}

/// Where a text's x is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// A name.
    Strong,
    /// Addresses and permissions, as the kernel prints them.
    Mono,
    /// Ticks, units, gaps.
    Quiet,
    /// A name in the colour of its curve.
    Series(usize),
}

/// A picture under construction.
#[derive(Debug, Default)]
pub struct Canvas {
    shapes: String,
    texts: Vec<(Style, String)>,
}

impl Canvas {
    /// Raw SVG: elements with no text of the record's in them.
    pub fn shape(&mut self, element: &str) {
        self.shapes.push_str(element);
    }

    /// Text with its baseline at `y`.
    pub fn text(&mut self, style: Style, anchor: Anchor, (x, y): (f64, f64), text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let element = format!(
            "<text x=\"{}\" y=\"{}\"{anchor}>{}</text>",
            n(x),
            n(y),
            escape(text)
        );
        match self.texts.iter_mut().find(|(other, _)| *other == style) {
            Some((_, texts)) => texts.push_str(&element),
            None => self.texts.push((style, element)),
        }
    }

    /// The picture, `height` units high, each `scale` pixels.
    pub fn finish(self, title: String, description: Vec<String>, height: f64, scale: f64) -> Image {
        let mut body = self.shapes;
        for (style, texts) in &self.texts {
            let attributes = match style {
                Style::Strong => "font-size=\"13\" font-weight=\"600\"".to_owned(),
                Style::Mono => "font-family=\"var(--mono-font,monospace)\"".to_owned(),
                Style::Quiet => format!("fill=\"{QUIET}\""),
                Style::Series(number) => {
                    // With a rim that keeps the lines of the grid off.
                    format!(
                        "font-weight=\"600\" stroke=\"var(--bg,none)\" stroke-width=\"3\" paint-order=\"stroke\" fill=\"{}\"",
                        colour(*number)
                    )
                }
            };
            // Writing to a String cannot fail.
            let _ = write!(body, "<g {attributes}>{texts}</g>");
        }
        Image {
            title,
            description,
            units: (n(WIDTH), n(height)),
            pixels: (n((WIDTH * scale).round()), n((height * scale).round())),
            body,
        }
    }
}

/// The colour of the curve of that number.
pub fn colour(number: usize) -> &'static str {
    [FIRST, SECOND, THIRD, "currentColor"][number % 4]
}

/// How its line is broken.
pub fn dashes(number: usize) -> &'static str {
    [
        "",
        " stroke-dasharray=\"6 3\"",
        " stroke-dasharray=\"2 3\"",
        " stroke-dasharray=\"9 3 2 3\"",
    ][number % 4]
}

/// Its marker, as a path around a point.
pub fn marker(number: usize, (x, y): (f64, f64)) -> String {
    let shape = [
        "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
        "m-3.2-3.2h6.4v6.4h-6.4z",
        "m0-4.4l4.2 7.4h-8.4z",
        "m0-4.6l4.6 4.6l-4.6 4.6l-4.6-4.6z",
    ][number % 4];
    format!("M{} {}{shape}", n(x), n(y))
}

/// A number with at most one decimal.
pub fn n(number: f64) -> String {
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// At most so many characters, the middle left out.
pub fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = (most - 1) / 2;
    let head: String = text.chars().take(most - 1 - tail).collect();
    let tail: String = text.chars().skip(count - tail).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_where_pictures_do() {
        let id = |words: &[&str]| id(words.iter().copied());
        let one = id(&["mmap-anon", "At mapped"]);
        assert_eq!(one, id(&["mmap-anon", "At mapped"]));
        assert_ne!(one, id(&["mmap-anon", "at mapped"]));
        assert_ne!(one, id(&["mmap-anonAt", " mapped"]));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [n(1.0), n(0.04), n(-0.04), n(1.25), n(10.0)],
            ["1", "0", "0", "1.2", "10"]
        );
    }

    #[test]
    fn a_long_name_keeps_its_two_ends() {
        assert_eq!(shortened("libc.so.6", 9), "libc.so.6");
        assert_eq!(shortened("ld-linux-x86-64.so.2", 11), "ld-li….so.2");
    }

    #[test]
    fn what_was_captured_is_never_markup() {
        let mut canvas = Canvas::default();
        canvas.text(Style::Strong, Anchor::End, (1.0, 2.0), "<a>&{{#\"");
        let image = canvas.finish("<t>".to_owned(), vec!["{d}".to_owned()], 9.0, 2.0);
        let mut html = String::new();
        image.write(&mut html);
        assert!(
            html.contains(
                "<text x=\"1\" y=\"2\" text-anchor=\"end\">&lt;a&gt;&amp;&#123;&#123;#&quot;</text>"
            ),
            "{html}"
        );
        assert!(
            html.contains("<title>&lt;t&gt;</title><desc>&#123;d}</desc>"),
            "{html}"
        );
        assert!(
            html.contains("viewBox=\"0 0 340 9\" width=\"680\" height=\"18\""),
            "{html}"
        );
    }
}
