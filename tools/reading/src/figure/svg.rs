//! SVG on one line: shapes below, text above them.

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

/// A round marker around the point where a path is.
pub const DOT: &str = "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0";

/// How a text looks: a name.
pub const STRONG: &str = "font-size=\"13\" font-weight=\"600\"";
/// Addresses and permissions, as the kernel prints them.
pub const MONO: &str = "font-family=\"var(--mono-font,monospace)\"";
/// Ticks, units, gaps.
pub const SMALL: &str = "fill=\"var(--quiet-text,currentColor)\"";

/// Which end of a text its x is: what an element needs for that.
pub const START: &str = "";
pub const MIDDLE: &str = " text-anchor=\"middle\"";
pub const END: &str = " text-anchor=\"end\"";

/// A picture under construction.
#[derive(Debug, Default)]
pub struct Canvas {
    /// SVG: elements with no text of the record's in them.
    pub shapes: String,
    texts: String,
}

impl Canvas {
    /// Text with its baseline at `y`.
    pub fn text(&mut self, style: &str, anchor: &str, x: f64, y: f64, text: &str) {
        let text = escape(text);
        self.texts += &format!("<text {style} x=\"{x:.1}\" y=\"{y:.1}\"{anchor}>{text}</text>");
    }

    /// The element, `height` units high, each `scale` pixels, with its text
    /// alternative.
    pub fn finish(self, title: &str, said: &[String], height: f64, scale: f64) -> String {
        format!(
            "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height:.1}\" width=\"{:.0}\" height=\"{:.0}\" font-size=\"12\" fill=\"currentColor\">\
             <title>{}</title><desc>{}</desc>{}{}</svg>",
            WIDTH * scale,
            height * scale,
            escape(title),
            escape(&said.join(" ")),
            self.shapes,
            self.texts
        )
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
    fn a_long_name_keeps_its_two_ends() {
        assert_eq!(shortened("libc.so.6", 9), "libc.so.6");
        assert_eq!(shortened("ld-linux-x86-64.so.2", 11), "ld-li….so.2");
    }

    #[test]
    fn what_was_captured_is_never_markup() {
        let mut canvas = Canvas::default();
        canvas.text(STRONG, END, 1.0, 2.0, "<a>&{{#\"");
        let image = canvas.finish("<t>", &["{d}".to_owned()], 9.0, 2.0);
        for part in [
            " x=\"1.0\" y=\"2.0\" text-anchor=\"end\">&lt;a&gt;&amp;&#123;&#123;#&quot;</text>",
            "<title>&lt;t&gt;</title><desc>&#123;d}</desc>",
            "viewBox=\"0 0 340 9.0\" width=\"680\" height=\"18\"",
        ] {
            assert!(image.contains(part), "{part} in {}", image);
        }
    }
}
